"""Models of paths as forecasters: what they say of the events of an episode, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.forecast import forecast_from_paths
from overbuild.core.periods import period_end
from overbuild.episodes import load_episode
from overbuild.errors import InputError, UnknownNameError
from overbuild.models.prior_file import FILE as PRIORS
from overbuild.models.prior_file import read_priors
from overbuild.models.regime_posterior import RegimePosterior
from overbuild.models.regimes import RegimeModel
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import definitions_of, events_for, read_definitions
from overbuild.probability.horizons import horizon_of
from overbuild.randomness import stream
from overbuild.settings import SEED

INSIDE = ("regimes",)


@dataclass(frozen=True)
class RegimeForecaster:
    """Forecasts O3 from paths of capex regimes; abstains from what its paths do not hold.

    A fit that failed a diagnostic still speaks, with status ``failed``, and is given no weight.

    Attributes
    ----------
    sampling
        How much to sample.
    data
        A data folder; None: the project's own.
    """

    sampling: Sampling = field(default_factory=Sampling)
    data: Path | None = None
    name: str = "regimes"

    @property
    def needs(self) -> tuple[str, ...]:
        """Layers without which it abstains."""
        return ("capex",)

    def model(self, as_of: date) -> RegimeModel:
        """Return the specification with the priors that could be held on a day."""
        section = read_definitions(definitions_of(self.data))["baserate"]
        own = self.data / PRIORS if self.data and (self.data / PRIORS).is_file() else None
        return RegimeModel.of(section, read_priors(own).at(as_of), self.sampling)

    def fit(self, snapshot: Snapshot, seed: int = SEED) -> RegimePosterior:
        """Return what the model learns from a snapshot; the stream is the episode's."""
        return self.model(snapshot.as_of).fit(snapshot, stream(f"regimes/fit/{snapshot.episode}", seed=seed))

    def forecast(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event, in the order given."""
        return forecasts_from(self.fit(snapshot), snapshot, events, rng, self.name)


def forecasts_from(
    posterior: RegimePosterior,
    snapshot: Snapshot,
    events: Sequence[Event],
    rng: np.random.Generator,
    name: str = "regimes",
) -> tuple[Forecast, ...]:
    """Judge events on paths of a posterior, to the last of their dates."""
    until = max((e.by for e in events if e.by), key=period_end, default="")
    if not until:
        raise InputError("No event has a date to simulate to; give one with --by, such as 2028.")
    paths = posterior.paths(until, {}, rng)
    made = forecast_from_paths(name, snapshot, events, paths, posterior.parameter_draw)
    if posterior.sampled.diagnostics.passed:
        return made
    return tuple(replace(f, status="failed") for f in made)


def asked(
    episode: str, as_of: date | None, by: str | None, data: Path | None
) -> tuple[Snapshot, list[Event]]:
    """Return the snapshot of an episode, and its primary events at one horizon or at each of the definitions.

    Raises
    ------
    InputError
        If a horizon does not lie after the day.
    """
    file = definitions_of(data)
    shown = load_episode(episode, as_of, data)
    day = shown.snapshot.as_of
    horizons = [horizon_of(by)] if by else list(read_definitions(file)["horizons"])
    early = [h for h in horizons if period_end(h) <= day]
    if early:
        raise InputError(f"The horizon {early[0]} does not lie after {day}. Give a later one with --by.")
    events = [found[0] for h in horizons for found in events_for(shown.name, by=h, path=file).values()]
    return shown.snapshot, events


def forecasts_of(
    name: str,
    episode: str = "ai",
    *,
    as_of: date | None = None,
    by: str | None = None,
    data: Path | None = None,
) -> tuple[tuple[Forecast, ...], Snapshot]:
    """Return what a model of paths says of every primary event, and the snapshot that it saw.

    Parameters
    ----------
    name
        ``regimes``.
    episode, as_of, by, data
        As for `overbuild.probability.outside.forecasts_of`.

    Raises
    ------
    UnknownNameError
        If there is no such model or episode.
    InputError
        If the horizon is not a period after the day, or too little is known.
    """
    if name not in INSIDE:
        raise UnknownNameError("model", name, INSIDE)
    snapshot, events = asked(episode, as_of, by, data)
    made = RegimeForecaster(data=data).forecast(snapshot, events, stream(f"{name}/forecast"))
    return made, snapshot
