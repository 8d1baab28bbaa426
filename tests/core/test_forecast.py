"""Forecasts: from paths to probabilities, zeros, abstentions and Monte Carlo errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Event, Forecast, Forecaster, Paths, Snapshot, forecast_from_paths
from overbuild.core.forecast import MOST_UNKNOWN, impossible
from overbuild.core.periods import span
from overbuild.randomness import stream

NAN = math.nan
DAY = date(2026, 11, 22)
O1 = Event("O1", "primary", "value_over_cost", "below_level", "2028", {"level": 1.0})
O2 = Event("O2", "primary", "utilisation", "low_utilisation", "2028", {"ratio": 0.5, "years": 1.0})
O3 = Event("O3", "primary", "capex", "drawdown", "2028", {"fall": 0.3, "window_years": 3.0})
CORE = Event("composite", "primary", "", "composite", "2028", parts=(O1, O2, O3))
BUST, BOOM = [10, 11, 12, 6, 5], [10, 11, 12, 14, 16]


def make(first: str, last: str, kind: str = "simulated", day: date = DAY, **layers: Any) -> Paths:
    values = {name: np.atleast_2d(np.array(v, dtype=float)) for name, v in layers.items()}
    return Paths(span(first, last), values, dict.fromkeys(values, ""), kind, day)  # type: ignore[arg-type]


def known(*histories: Paths, realtime: Any = "vintage") -> Snapshot:
    return Snapshot(DAY, realtime, pd.DataFrame({"available_from": [DAY]}), histories=histories)


def sector(held: Sequence[bool]) -> Paths:
    return make("2024", "2028", capex=[BUST if h else BOOM for h in held])


# What a forecast may be ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"probability": 1.01},
        {"probability": -0.01},
        {"probability": NAN},
        {"probability": None},
        {"abstains": "no data"},
        {"mc_error": -0.1},
        {"mc_error": NAN},
        {"spread": (0.2, 0.1, 0.3)},
        {"spread": (0.1, 0.2, 1.1)},
        {"spread": (NAN, 0.2, 0.3)},
    ],
)
def test_what_is_refused(changed: dict[str, Any]) -> None:
    good: dict[str, Any] = {"event": "O3", "by": "2028", "as_of": DAY, "model": "hazard", "probability": 0.2}
    assert Forecast(**good).probability == 0.2
    with pytest.raises(ValueError, match=r"probabilit|abstains|standard error"):
        Forecast(**(good | changed))
    with pytest.raises(AttributeError):
        Forecast(**good).probability = 0.3  # type: ignore[misc]


def test_anything_with_the_three_members_is_a_forecaster() -> None:
    class Constant:
        name = "constant"
        needs: tuple[str, ...] = ()

        def forecast(
            self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
        ) -> tuple[Forecast, ...]:
            return tuple(Forecast(e.definition, e.by, snapshot.as_of, self.name, 0.5) for e in events)

    assert isinstance(Constant(), Forecaster)
    assert not isinstance(object(), Forecaster)
    assert Constant().forecast(known(), (O3,), stream("test"))[0].event == "O3"


# From paths ---------------------------------------------------------------------------------------


def test_the_probability_is_the_share_of_draws() -> None:
    severe = Event("O3", "severe", "capex", "drawdown", "2028", {"fall": 0.55, "window_years": 3.0})
    one, other = forecast_from_paths("simulation", known(), (O3, severe), sector([True] * 3 + [False] * 7))
    assert (one.event, one.by, one.as_of, one.model) == ("O3", "2028", DAY, "simulation")
    assert (one.probability, one.evidence, one.status, one.spread) == (0.3, "paths", "ok", None)
    assert one.mc_error == pytest.approx(math.sqrt(0.3 * 0.7 / 9))
    assert (other.event, other.probability) == ("O3/severe", pytest.approx(0.3))


def test_the_monte_carlo_error_is_the_standard_deviation_over_repetitions() -> None:
    """Draws that share their parameters are worth less than as many independent ones."""
    rng = stream("tests/forecast")
    estimates, errors = [], []
    for _ in range(400):
        rate = np.repeat(rng.beta(2, 4, size=20), 10)
        held = rng.random(200) < rate
        made = forecast_from_paths("m", known(), (O3,), sector(held.tolist()), np.repeat(np.arange(20), 10))[
            0
        ]
        estimates.append(made.probability)
        errors.append(made.mc_error)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.12)


def test_groups_of_unequal_size_and_unordered_labels() -> None:
    held = [True, True, True, False, False, True]
    groups = np.array([70, 70, 70, -3, -3, 5])
    made = forecast_from_paths("m", known(), (O3,), sector(held), groups)[0]
    assert made.probability == pytest.approx(4 / 6)
    assert made.spread == pytest.approx((0.1, 1.0, 1.0))
    deviations = np.array([3 * (1 - 4 / 6), 2 * (0 - 4 / 6), 1 * (1 - 4 / 6)])
    assert made.mc_error == pytest.approx(math.sqrt(1.5 * np.sum(deviations**2)) / 6)


def test_one_group_or_one_draw_has_no_error() -> None:
    assert forecast_from_paths("m", known(), (O3,), sector([True]))[0].mc_error == 0
    made = forecast_from_paths("m", known(), (O3,), sector([True, False]), np.array([1, 1]))[0]
    assert (made.mc_error, made.spread) == (0, (0.5, 0.5, 0.5))
    two = forecast_from_paths("m", known(), (O3,), sector([True, False]), np.array([1, 2]))[0]
    assert two.mc_error == pytest.approx(0.5)


def test_the_order_of_draws_does_not_matter() -> None:
    held, groups = np.array([True, False, True, False, False, True]), np.array([0, 0, 1, 1, 2, 2])
    order = np.array([3, 1, 5, 0, 4, 2])
    one = forecast_from_paths("m", known(), (O3,), sector(list(held)), groups)[0]
    other = forecast_from_paths("m", known(), (O3,), sector(list(held[order])), groups[order])[0]
    assert one.probability == other.probability
    assert one.mc_error == pytest.approx(other.mc_error)
    assert one.spread == other.spread


def test_forecasts_on_revised_data_say_so() -> None:
    revised = known(make("2024", "2027", "history", capex=[10, 11, 12, 14]), realtime="lagged_revised")
    assert forecast_from_paths("m", revised, (O3,), sector([True]))[0].status == "hindcast"
    assert forecast_from_paths("m", revised, (O3.dated("2027"),), sector([True]))[0].status == "hindcast"
    assert forecast_from_paths("m", revised, (O1,), sector([True]))[0].status == "hindcast"


# Zeros --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", [True, False])
def test_an_impossible_event_has_probability_zero_whatever_the_paths(held: bool) -> None:
    """The history excludes it; paths that contradict it, or end early, or lack the layer, cannot help."""
    level = known(make("2025Q1", "2026Q2", "history", capex=[25] * 6, utilisation=[1.0] * 6))
    events = (O3.dated("2026Q3"), O2.dated("2026Q4"), CORE.dated("2026Q3"))
    capex = [25] * 4 + ([0] * 8 if held else [30] * 8)
    use = [0.1 if held else 1.0] * 12
    paths = [
        make("2025Q1", "2027Q4", capex=[capex] * 5, utilisation=[use] * 5, value_over_cost=[[0.1] * 12] * 5),
        make("2025Q1", "2026Q1", capex=[[25] * 5] * 5, utilisation=[[1.0] * 5] * 5),
        make("2025Q1", "2027Q4", price=[[1.0] * 12] * 5),
    ]
    for path in paths:
        for made in forecast_from_paths("m", level, events, path, np.arange(5)):
            assert made.probability == 0.0
            assert (made.mc_error, made.spread, made.abstains) == (0.0, (0.0, 0.0, 0.0), "")
    if held:
        later = forecast_from_paths("m", level, (O3.dated("2026Q4"),), paths[0])[0]
        assert later.probability == 1.0


def test_impossible_names_the_event_without_its_date() -> None:
    made = impossible(O3, known(), "baserate", evidence="rule")
    assert (made.event, made.by, made.probability, made.evidence, made.status) == (
        "O3",
        "2028",
        0.0,
        "rule",
        "ok",
    )


# Abstentions --------------------------------------------------------------------------------------


def test_a_missing_layer_is_an_abstention_with_its_reason() -> None:
    cash, core = forecast_from_paths("m", known(), (O1, CORE), sector([True, False]))
    assert cash.probability is None
    assert cash.abstains == "no layer 'value_over_cost' in these paths"
    assert core.probability is None
    assert core.abstains.startswith("O1: no layer")


def test_paths_without_layers_abstain() -> None:
    empty = Paths(("2028",), {}, {}, "simulated", DAY)
    assert all(f.probability is None for f in forecast_from_paths("m", known(), (O3, CORE), empty))


def test_a_composite_that_is_false_needs_nothing_else() -> None:
    paths = make("2024", "2028", value_over_cost=[[2.0] * 5] * 4)
    assert forecast_from_paths("m", known(), (CORE,), paths)[0].probability == 0.0


@pytest.mark.parametrize(("unknown", "speaks"), [(0, True), (5, True), (6, False), (100, False)])
def test_undecided_draws(unknown: int, speaks: bool) -> None:
    """Up to one draw in twenty may be undecided; they are left out."""
    assert MOST_UNKNOWN == 0.05
    rows = [[10, NAN, 12, 14, 16]] * unknown + [BUST] * ((100 - unknown) // 2)
    rows += [BOOM] * (100 - len(rows))
    made = forecast_from_paths("m", known(), (O3,), make("2024", "2028", capex=rows), np.arange(100))[0]
    if speaks:
        decided = 100 - unknown
        assert made.probability == pytest.approx((decided // 2) / decided)
    else:
        assert made.probability is None
        assert made.abstains == "'capex' is not observed closely enough to decide"


def test_paths_that_stop_before_the_horizon_abstain() -> None:
    made = forecast_from_paths("m", known(), (O3.dated("2030"),), sector([False] * 4))[0]
    assert made.abstains == "'capex' is known to 2028 and the event may happen until 2030"


# What the paths must know -------------------------------------------------------------------------


def test_paths_must_not_know_more_than_the_snapshot() -> None:
    paths = make("2024", "2028", day=date(2026, 11, 23), capex=[BOOM])
    with pytest.raises(ValueError, match="2026-11-23 cannot forecast as of 2026-11-22"):
        forecast_from_paths("m", known(), (O3,), paths)


def test_a_drawdown_needs_the_peak_that_was_before() -> None:
    """Simulated spending that starts at the end of the data has lost its peak; the history goes in front."""
    history = make("2022", "2026", "history", capex=[8, 9, 10, 11, 12])
    future = make("2027", "2028", capex=[[8, 8]] * 4)
    for event in (O3, CORE):
        with pytest.raises(ValueError, match=r"from 2022 and start in 2027.*Paths\.after"):
            forecast_from_paths("m", known(history), (event,), future)
    assert forecast_from_paths("m", known(history), (O3,), future.after(history))[0].probability == 1.0
    padded = make("2022", "2028", capex=[[NAN] * 5 + [8, 8]])
    with pytest.raises(ValueError, match="start in 2027"):
        forecast_from_paths("m", known(history), (O3,), padded)


def test_quarters_before_the_first_whole_year_may_be_left_out() -> None:
    history = make("2017Q3", "2019Q4", "history", capex=[10, NAN] + [10] * 8)
    late = make("2018Q1", "2028Q4", capex=[[10] * 44])
    assert forecast_from_paths("m", known(history), (O3,), late)[0].probability == 0.0
    with pytest.raises(ValueError, match="from 2018Q4 and start in 2019Q1"):
        forecast_from_paths("m", known(history), (O3,), make("2018Q2", "2028Q4", capex=[[10] * 43]))


def test_the_history_may_be_annual_and_the_paths_quarterly() -> None:
    history = make("2024", "2025", "history", capex=[40, 44])
    quarterly = make("2024Q1", "2028Q4", capex=[[10] * 8 + [12] * 12])
    assert forecast_from_paths("m", known(history), (O3,), quarterly)[0].probability == 0.0
