"""Bayesian models as forecasters: what they are asked of an episode, with which priors, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.core import Event, Snapshot
from overbuild.core.periods import period_end
from overbuild.episodes import DataBook, load_episode
from overbuild.episodes.model_series import model_series
from overbuild.episodes.own import OWN, beside, own_book
from overbuild.errors import InputError
from overbuild.models.bayesian import BayesianModel
from overbuild.models.prior_file import FILE as PRIORS
from overbuild.models.prior_file import read_priors
from overbuild.models.registry import model_named, module_of
from overbuild.probability.definitions import definitions_of, event_named, events_for, read_definitions
from overbuild.probability.horizons import horizon_of
from overbuild.probability.physical import PHYSICAL

ALSO = {
    ("quarterly", "telecom"): ("O3/supplier_orders", "O3/supplier_shipments"),
    ("analogue_regression", "telecom"): (PHYSICAL.definition,),
    ("analogue_regression", "ai"): (PHYSICAL.definition,),
}
"""Events beyond the primary ones that a model speaks of, by model and episode."""


@dataclass(frozen=True)
class Question:
    """What a model is asked: of which episode, known when, by which dates, with which priors.

    Attributes
    ----------
    model
        Name of the model.
    episode
        ``ai``, ``telecom``, the id of a boom, or the path of a user's file.
    as_of
        The day whose knowledge is used.
    horizons
        Quarters by whose end the events must have happened.
    chains, draws
        How much to sample; None: as much as the model asks for.
    priors, data
        A file of priors and a data folder; None: the project's.
    """

    model: str
    episode: str
    as_of: date
    horizons: tuple[str, ...]
    chains: int | None = None
    draws: int | None = None
    priors: Path | None = None
    data: Path | None = None

    @property
    def definitions(self) -> Mapping[str, Any]:
        """Content of ``definitions.toml``."""
        return read_definitions(definitions_of(self.data))

    def snapshot(self) -> Snapshot:
        """Return what was known on the day, with the series that the model sees beyond the perimeter's."""
        if not own(self.episode):
            also = model_series(self.model, self.episode, self.data)
            return load_episode(self.episode, self.as_of, self.data, also=also).snapshot
        also = model_series(self.model, OWN, self.data)
        book = beside(own_book(Path(self.episode)), DataBook.load(self.data), also)
        return book.at(self.as_of, OWN, also)

    def events(self) -> tuple[Event, ...]:
        """Return the primary events at every horizon, and those that the model alone speaks of."""
        path, name = definitions_of(self.data), OWN if own(self.episode) else self.episode
        made = [found[0] for h in self.horizons for found in events_for(name, by=h, path=path).values()]
        for other in ALSO.get((self.model, name), ()):
            if other == PHYSICAL.definition:
                made.append(PHYSICAL)
            else:
                made += [event_named(other, name, by=h, path=path) for h in self.horizons]
        return tuple(made)

    def prior_values(self) -> dict[str, Any]:
        """Return name to value of the model's priors, as held on the day."""
        return prior_file(self.priors, self.data).at(self.as_of).values(self.model)

    def late_priors(self) -> dict[str, date]:
        """Return name to first day of the model's priors that could not be held yet on the day."""
        later = prior_file(self.priors, self.data).at(self.as_of).of(self.model).later
        return {name.partition(".")[2]: prior.known_from for name, prior in later.items()}

    def specification(self) -> BayesianModel:
        """Return the model with the priors that could be held on the day."""
        priors = prior_file(self.priors, self.data).at(self.as_of)
        model: Any = model_named(self.model, priors, self.definitions)
        wanted = {"chains": self.chains, "draws": self.draws}
        sampling = replace(model.sampling, **{k: v for k, v in wanted.items() if v is not None})
        changed: BayesianModel = replace(model, sampling=sampling)
        return changed


def question(
    model: str,
    episode: str = "ai",
    *,
    as_of: date | None = None,
    by: str | None = None,
    chains: int | None = None,
    draws: int | None = None,
    priors: Path | None = None,
    data: Path | None = None,
) -> Question:
    """Return what a model is asked.

    Parameters
    ----------
    model
        A name of `overbuild.models.registry.MODELS`.
    episode, as_of
        Which era, known when; None: everything on file.
    by
        End of the horizon (``2028`` or ``2028Q4``); None: those of the definitions, or for another era than
        AI the truth table's years after the day.
    chains, draws, priors, data
        As in `Question`.

    Raises
    ------
    UnknownNameError
        If there is no such model.
    InputError
        If a horizon does not lie after the day.
    """
    module_of(model)
    definitions = read_definitions(definitions_of(data))
    day = as_of or _today(episode, definitions, data)
    if by:
        horizons = (horizon_of(by),)
    elif episode == "ai":
        horizons = tuple(h for h in definitions["horizons"] if period_end(h) > day)
    else:
        years = definitions["truth_table"]["horizons_years"]
        horizons = tuple(f"{day.year + years_on}Q4" for years_on in years)
    early = [h for h in horizons if period_end(h) <= day]
    if early or not horizons:
        given = early[0] if early else definitions["horizons"][-1]
        raise InputError(f"The horizon {given} does not lie after {day}. Give a later one with --by.")
    return Question(model, episode, day, horizons, chains, draws, priors, data)


def own(episode: str) -> bool:
    """Return whether an episode is a user's own file."""
    return episode.lower().endswith(".csv")


def prior_file(priors: Path | None, data: Path | None) -> Any:
    """Return the priors of a file, else those of a data folder that has its own, else the project's."""
    own = data / PRIORS if data and (data / PRIORS).is_file() else None
    return read_priors(priors or own)


def _today(episode: str, definitions: Mapping[str, Any], data: Path | None) -> date:
    """Return the day on which all data were known and the definitions were frozen."""
    book = own_book(Path(episode)) if own(episode) else DataBook.load(data)
    return max(book.newest, definitions["frozen"])
