"""What the forecasters say of an episode, with what is filed beside it: other ways to ask, and checks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from overbuild.core import Event, Forecast, Snapshot
from overbuild.probability.baserate import DRAWS
from overbuild.probability.baserate_forecaster import BaseRateForecaster
from overbuild.probability.definitions import event_named, read_definitions
from overbuild.probability.outside import forecaster, forecasts_of
from overbuild.probability.plain import plain
from overbuild.probability.rule_grid import Grid
from overbuild.randomness import stream

MODELS = ("baserate", "analogues")


@dataclass(frozen=True)
class Answer:
    """One forecaster's answer.

    Attributes
    ----------
    forecasts
        One mapping an event and date, with the fields of `overbuild.core.Forecast`, abstentions among them.
    result
        ``readings``: the headline event at every horizon asked by the other rules of the grid (base rate
        only).
    checks
        Name of a check to whether it was passed.
    """

    forecasts: tuple[dict[str, Any], ...]
    result: dict[str, Any]
    checks: dict[str, bool]


def answer(model: str, episode: str, as_of: date, *, data: Path | None = None, draws: int = DRAWS) -> Answer:
    """Ask one forecaster for every primary event at every horizon.

    Parameters
    ----------
    model
        ``baserate`` or ``analogues``.
    episode, as_of
        Of what, known when.
    data
        A data folder; None: the project's own.
    draws
        Draws of the bootstrap.
    """
    forecasts, snapshot = forecasts_of(model, episode, as_of=as_of, data=data, draws=draws)
    spoken = [f for f in forecasts if f.probability is not None]
    readings = _readings(snapshot, data) if model == "baserate" else []
    return Answer(
        tuple(plain(asdict(f)) for f in forecasts),
        {"readings": readings} if model == "baserate" else {},
        {"speaks": bool(spoken), "in_order": all(_in_order(f) for f in spoken)},
    )


def _readings(snapshot: Snapshot, data: Path | None) -> list[dict[str, Any]]:
    """Return the headline event's probability under every rule of the grid that speaks (nominal spending)."""
    path = data / "definitions.toml" if data else None
    definitions = read_definitions(path)
    grid, model = Grid.of(definitions["baserate"]["grid"]), forecaster("baserate", data, draws=1)
    assert isinstance(model, BaseRateForecaster)
    events = [
        event_named(definitions["headline"]["event"], snapshot.episode, by=by, path=path)
        for by in definitions["horizons"]
    ]
    found = []
    for run_up, window, floor in product(grid.run_up, grid.window_years, grid.floor_usd_million):
        rule = replace(model.rule, run_up=run_up, window_years=window, floor_usd_million=floor)
        asked = _asked(replace(model, rule=rule), snapshot, events)
        axes = {"run_up": run_up, "window_years": window, "floor_usd_million": floor}
        found += [
            {"by": f.by, **axes, "probability": f.probability} for f in asked if f.probability is not None
        ]
    return found


def _asked(model: BaseRateForecaster, snapshot: Snapshot, events: list[Event]) -> tuple[Forecast, ...]:
    return model.forecast(snapshot, events, stream("baserate/readings"))


def _in_order(forecast: Forecast) -> bool:
    return forecast.spread is None or forecast.spread[0] <= forecast.spread[1] <= forecast.spread[2]
