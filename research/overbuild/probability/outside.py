"""The two outside views on the project's data: each answers its own question and names its event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.core import Forecast, Snapshot
from overbuild.episodes import DataBook, load_episode
from overbuild.episodes.outside import outside_series
from overbuild.errors import UnknownNameError
from overbuild.models.prior_file import FILE, read_priors
from overbuild.models.priors import Priors
from overbuild.probability.analogue_forecaster import AnalogueForecaster
from overbuild.probability.analogues import (
    AnalogueRate,
    Reading,
    analogue_rate,
)
from overbuild.probability.baserate import DRAWS, BaseRate, base_rate
from overbuild.probability.baserate_forecaster import BaseRateForecaster
from overbuild.probability.choices import AnalogueChoices, BaseRateChoices
from overbuild.probability.definitions import definitions_of, events_for, read_definitions
from overbuild.probability.horizons import horizon_of
from overbuild.probability.physical import PHYSICAL
from overbuild.probability.plain import plain
from overbuild.probability.rule_grid import Grid
from overbuild.probability.runups import Rule
from overbuild.randomness import stream
from overbuild.settings import SEED

FORECASTERS = ("baserate", "analogues")
Outside = BaseRateForecaster | AnalogueForecaster


def base_rate_of(
    *, data: Path | None = None, seed: int | None = None, draws: int = DRAWS, **changed: Any
) -> BaseRate:
    """Count the run-ups of the long series of the data and the falls that followed.

    Parameters
    ----------
    data
        A data folder; None: the project's own.
    seed
        Master seed; None: the project's.
    draws
        Draws of the bootstrap.
    changed
        Parts of the primary rule to change: ``run_up, window_years, fall, horizon_years, floor_usd_million,
        measure``.

    Returns
    -------
    BaseRate
        Rate, interval, every run-up, and the grid of rules.
    """
    definitions = read_definitions(definitions_of(data))
    section = definitions["baserate"]
    rule = replace(Rule.of(section), **changed)
    series, gdp = outside_series(DataBook.load(data), section)
    rng = stream("baserate/bootstrap", seed=SEED if seed is None else seed)
    choices = BaseRateChoices.of(priors_of(data).at(definitions["frozen"]), definitions)
    options = {"telecom": section["telecom_series"], "draws": draws, "choices": choices}
    return base_rate(series, gdp, rule, Grid.of(section["grid"]), rng, **options)


def analogue_rate_of(
    *,
    data: Path | None = None,
    seed: int | None = None,
    reading: Reading | None = None,
    subset_draws: int = 1000,
) -> AnalogueRate:
    """Count the booms of ``history/booms.csv`` that were physically overbuilt.

    Parameters
    ----------
    data, seed
        As for `base_rate_of`.
    reading
        How to count; None: each boom one vote, ``partly`` not counted.
    subset_draws
        Random halves of the list.
    """
    rng = stream("analogue_rate/subsets", seed=SEED if seed is None else seed)
    definitions = read_definitions(definitions_of(data))
    choices = AnalogueChoices.of(priors_of(data).at(definitions["frozen"]), definitions)
    return analogue_rate(DataBook.load(data).booms, rng, reading, subset_draws, choices)


def forecaster(name: str, as_of: date, data: Path | None = None, draws: int = DRAWS) -> Outside:
    """Return a forecaster with the definitions, and with the priors that could be held on a day.

    Raises
    ------
    UnknownNameError
        If there is no such forecaster.
    InputError
        If a prior that it needs could not be held on that day.
    """
    if name not in FORECASTERS:
        raise UnknownNameError("forecaster", name, FORECASTERS)
    definitions, priors = read_definitions(definitions_of(data)), priors_of(data).at(as_of)
    if name == "analogues":
        return AnalogueForecaster(AnalogueChoices.of(priors, definitions, axes=False))
    section = definitions["baserate"]
    choices = BaseRateChoices.of(priors, definitions)
    return BaseRateForecaster(tuple(section["series"]), Rule.of(section), draws, choices)


def priors_of(data: Path | None) -> Priors:
    """Return the priors of a data folder, if it has its own, else the project's."""
    own = data / FILE if data else None
    return read_priors(own if own and own.is_file() else None)


def forecasts_of(
    name: str,
    episode: str = "ai",
    *,
    as_of: date | None = None,
    by: str | None = None,
    data: Path | None = None,
    draws: int = DRAWS,
) -> tuple[tuple[Forecast, ...], Snapshot]:
    """Return what one forecaster says of every primary event, and the snapshot that it saw.

    Parameters
    ----------
    name
        ``baserate`` or ``analogues``.
    episode, as_of, data
        As for `overbuild.load_episode`.
    by
        End of the horizon (``2028`` or ``2028Q4``); None: each horizon of the definitions.
    draws
        Draws of the bootstrap.

    Raises
    ------
    UnknownNameError
        If there is no such forecaster or episode.
    InputError
        If ``by`` is not a period, or the data hold too little.
    """
    if name not in FORECASTERS:
        raise UnknownNameError("forecaster", name, FORECASTERS)
    file = definitions_of(data)
    horizons = [horizon_of(by)] if by else read_definitions(file)["horizons"]
    shown = load_episode(episode, as_of, data)
    events = [found[0] for h in horizons for found in events_for(shown.name, by=h, path=file).values()]
    events.append(PHYSICAL)
    model = forecaster(name, shown.snapshot.as_of, data, draws)
    return model.forecast(shown.snapshot, events, stream(f"{name}/forecast")), shown.snapshot


def to_dict(forecasts: Sequence[Forecast], snapshot: Snapshot) -> dict[str, Any]:
    """Return forecasts as plain types, as ``overbuild forecast --json`` prints them."""
    return {
        "episode": snapshot.episode,
        "as_of": snapshot.as_of.isoformat(),
        "realtime": snapshot.realtime,
        "snapshot": snapshot.digest,
        "forecasts": plain(list(forecasts)),
    }
