"""What the forecasters say of an episode, with what is filed beside it: other ways to ask, and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from overbuild.core import Event, Forecast, Snapshot
from overbuild.probability.baserate import DRAWS
from overbuild.probability.baserate_forecaster import BaseRateForecaster
from overbuild.probability.check_designs import checks_of
from overbuild.probability.definitions import definitions_of, event_named, read_definitions
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
        ``checks``: what the checks found (`overbuild.probability.model_checks`). Of the base rate also
        ``readings``, the headline event at every horizon asked by the other rules of the grid, and
        ``spreads``, its forecasts' 5 %, 50 % and 95 % points by every method.
    checks
        Name of a check to whether it was passed. Where one was not, every forecast is filed as failed.
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
    path = definitions_of(data)
    made, definitions = forecaster(model, snapshot.as_of, data, draws), read_definitions(path)
    found = checks_of(made, snapshot, definitions, path=path)
    spoken = [f for f in forecasts if f.probability is not None]
    checks = {"speaks": bool(spoken), "in_order": all(_in_order(f) for f in spoken), **found.passed}
    if not all(checks.values()):
        forecasts = tuple(replace(f, status="failed") for f in forecasts)
    result: dict[str, Any] = {"checks": found.to_dict()}
    if isinstance(made, BaseRateForecaster):
        result["readings"] = _readings(made, snapshot, definitions, path)
        result["spreads"] = _spreads(made, snapshot, definitions, path)
    return Answer(tuple(plain(asdict(f)) for f in forecasts), result, checks)


def _readings(
    model: BaseRateForecaster, snapshot: Snapshot, definitions: Mapping[str, Any], path: Path | None
) -> list[dict[str, Any]]:
    """Return the headline event's probability under every rule of the grid that speaks (nominal spending)."""
    grid, events = Grid.of(definitions["baserate"]["grid"]), _headlines(snapshot, definitions, path)
    few = replace(model, draws=1)
    found = []
    for run_up, window, floor in product(grid.run_up, grid.window_years, grid.floor_usd_million):
        rule = replace(few.rule, run_up=run_up, window_years=window, floor_usd_million=floor)
        asked = replace(few, rule=rule).forecast(snapshot, events, stream("baserate/readings"))
        axes = {"run_up": run_up, "window_years": window, "floor_usd_million": floor}
        found += [
            {"by": f.by, **axes, "probability": f.probability} for f in asked if f.probability is not None
        ]
    return found


def _spreads(
    model: BaseRateForecaster, snapshot: Snapshot, definitions: Mapping[str, Any], path: Path | None
) -> list[dict[str, Any]]:
    """Return the headline event's spread by every method, at every horizon."""
    return [
        {"by": event.by, "method": method, "spread": list(spread)}
        for event in _headlines(snapshot, definitions, path)
        for method, spread in model.spreads(snapshot, event, stream("baserate/spreads")).items()
    ]


def _headlines(snapshot: Snapshot, definitions: Mapping[str, Any], path: Path | None) -> list[Event]:
    name = definitions["headline"]["event"]
    return [event_named(name, snapshot.episode, by=by, path=path) for by in definitions["horizons"]]


def _in_order(f: Forecast) -> bool:
    """Return whether the points of the spread are in order and hold the probability."""
    assert f.probability is not None
    return f.spread is None or (
        f.spread[0] <= f.spread[1] <= f.spread[2] and f.spread[0] <= f.probability <= f.spread[2]
    )
