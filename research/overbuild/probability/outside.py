"""The two outside views on the project's data: each answers its own question and names its event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.core import Event, Forecast, Forecaster, Snapshot
from overbuild.episodes import DataBook, load_episode
from overbuild.episodes.outside import outside_series
from overbuild.probability.analogue_forecaster import AnalogueForecaster
from overbuild.probability.analogue_rate import EVENT, PHYSICAL_OVERBUILD, AnalogueRate, Reading, analogue_rate
from overbuild.probability.baserate import DRAWS, BaseRate, base_rate
from overbuild.probability.baserate_forecaster import BaseRateForecaster
from overbuild.probability.definitions import events_for, read_definitions
from overbuild.probability.rule_grid import Grid
from overbuild.probability.runups import Rule
from overbuild.randomness import stream
from overbuild.settings import SEED

FORECASTERS = ("baserate", "analogues")


@dataclass(frozen=True)
class Outside:
    """An outside view as it is filed: its estimate, and its forecasts for one episode.

    Attributes
    ----------
    estimate
        The rate with everything that moves it.
    forecasts
        One an event; abstentions with their reasons among them.
    snapshot
        What was known.
    """

    estimate: BaseRate | AnalogueRate
    forecasts: tuple[Forecast, ...]
    snapshot: Snapshot


def base_rate_of(*, data: Path | None = None, seed: int | None = None, draws: int = DRAWS, **changed: Any) -> BaseRate:
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
        Parts of the primary rule to change: ``run_up, window_years, fall, horizon_years, floor_usd_million, measure``.

    Returns
    -------
    BaseRate
        Rate, interval, every run-up, and the grid of rules.
    """
    section = read_definitions(data / "definitions.toml" if data else None)["baserate"]
    rule = replace(Rule.of(section), **changed)
    series, gdp = outside_series(DataBook.load(data), section)
    rng = stream("baserate/bootstrap", seed=SEED if seed is None else seed)
    return base_rate(series, gdp, rule, Grid.of(section["grid"]), rng, telecom=section["telecom_series"], draws=draws)


def analogue_rate_of(
    *, data: Path | None = None, seed: int | None = None, reading: Reading | None = None, subset_draws: int = 1000
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
    return analogue_rate(DataBook.load(data).booms, rng, reading, subset_draws)


def forecaster(name: str, data: Path | None = None, draws: int = DRAWS) -> Forecaster:
    """Return a forecaster with the settings of the definitions file."""
    section = read_definitions(data / "definitions.toml" if data else None)["baserate"]
    if name == "analogues":
        return AnalogueForecaster()
    return BaseRateForecaster(tuple(section["series"]), Rule.of(section), draws)


def forecasts_of(
    name: str, episode: str, *, as_of: date | None = None, data: Path | None = None, draws: int = DRAWS, horizons: Sequence[str] = ()
) -> tuple[tuple[Forecast, ...], Snapshot]:
    """Return what one forecaster says of every primary event at every horizon, and the snapshot it saw."""
    definitions = read_definitions(data / "definitions.toml" if data else None)
    snapshot = load_episode(episode, as_of, data).snapshot
    rng = stream(f"{name}/forecast")
    events = [
        found[0]
        for by in horizons or definitions["horizons"]
        for found in events_for(episode, by=by, path=data / "definitions.toml" if data else None).values()
    ]
    if name == "analogues":
        events.append(Event(PHYSICAL_OVERBUILD, "primary", "", "below_level", thresholds={"level": 1.0}, title=EVENT))
    return forecaster(name, data, draws).forecast(snapshot, events, rng), snapshot


def forecast_frame(forecasts: Sequence[Forecast]) -> pd.DataFrame:
    """Return one row a forecast."""
    rows = []
    for f in forecasts:
        low, mid, high = f.spread or (None, None, None)
        rows.append(
            {
                "model": f.model,
                "event": f.event,
                "by": f.by,
                "probability": f.probability,
                "low": low,
                "median": mid,
                "high": high,
                "mc_error": f.mc_error,
                "evidence": f.evidence,
                "abstains": f.abstains,
            }
        )
    return pd.DataFrame(rows)
