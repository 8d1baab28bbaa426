"""The curve put together from components, with a stand-in for the inside view whose answers are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from overbuild.core import Paths
from overbuild.episodes import load_episode
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.definitions import event_named, read_definitions
from overbuild.probability.outside import priors_of
from overbuild.probability.rate_variants import DEFLATOR, LongView
from overbuild.probability.runups import Rule
from overbuild.probability.specification_curve import NO_BASE_RATE, composite, mixed, summary
from overbuild.probability.specification_runs import Components, Inside, parts_of, possible, share
from overbuild.probability.specification_views import pair_lines, view_of
from overbuild.probability.specifications import axes_of, pair_line, singles, specifications
from overbuild.probability.spending_paths import spending
from overbuild.simulation.view import InsideView

DAY = date(2026, 11, 22)
ROW = {"baserate": 0.2, "regimes": 0.1, "quarterly": 0.04, "simulation": 0.08, "composite": 0.1}
AXES = axes_of(read_definitions()["specification"]["axes"])
PRIMARY = {a.name: a.primary for a in AXES}
RANGES = read_definitions()["specification"]["ranges"]


@pytest.mark.parametrize(
    ("mix", "unknown", "expected"),
    [
        ("baserate", 0.1, 0.2),
        ("with_regimes", 0.0, 0.15),
        ("with_simulation", 0.1, 0.9 * 0.14 + 0.1 * 0.2),
        ("equal", 0.2, 0.8 * 0.105 + 0.2 * 0.2),
        ("headline", 0.1, 0.9 * (0.75 * 0.2 + 0.25 * 0.08) + 0.1 * 0.2),
    ],
)
def test_the_sum_is_that_of_its_terms(mix, unknown, expected):
    assert mixed(ROW, mix, unknown, {"baserate": 3.0, "simulation": 1.0}) == pytest.approx(expected)


def test_silent_components_leave_their_weight_to_the_others():
    silent = {**ROW, "baserate": None}
    assert mixed(silent, "baserate", 0.1, {}) is None
    assert mixed(silent, "with_simulation", 0.1, {}) == pytest.approx(0.9 * 0.08 + 0.1 * NO_BASE_RATE)
    assert composite(ROW, 0.1) == pytest.approx(0.9 * 0.1 + 0.1 * 0.5)
    assert composite({**ROW, "composite": None}, 0.1) is None


def test_shares_of_paths_have_the_error_of_their_draws():
    groups = np.repeat(np.arange(50), 40)
    holds = np.repeat(np.random.default_rng(0).random(50) < 0.3, 40).astype(float)
    p, error = share(holds, groups)
    assert p is not None and p == pytest.approx(holds.mean())
    assert error == pytest.approx(np.sqrt(p * (1 - p) / 49))
    assert share(np.full(4, np.nan), np.arange(4)) == (None, None)


def stand_in(capex: np.ndarray, levels: Mapping[str, Any]) -> Inside:
    """Falls in a share of paths that rises with feedback; half lose, a tenth of all with use below a half."""
    path = np.arange(200)
    falls = path < 200 * 0.1 * (1 + levels["feedback"])
    one = np.ones((1, 18))
    values = {
        "value_over_cost": np.where(path < 100, 0.9, 1.5)[:, None] * one,
        "utilisation_activated": np.where((path >= 80) & (path < 100), 0.45, 0.55)[:, None] * one,
    }
    time = tuple(f"{2026 + (k + 2) // 4}Q{(k + 2) % 4 + 1}" for k in range(18))
    paths = Paths(time, values, dict.fromkeys(values, ""), "simulated", DAY)
    return Inside(
        np.where(falls[:, None], 0.1, 1.1) * capex[None], path, lambda event: event.judge(paths).holds
    )


@pytest.fixture(scope="module")
def components() -> Components:
    definitions = read_definitions()
    section = definitions["baserate"]
    snapshot = load_episode("ai", DAY, also=(DEFLATOR,)).snapshot
    choices = BaseRateChoices.of(priors_of(None).at(DAY), definitions)
    long = LongView(snapshot, tuple(section["series"]), Rule.of(section), choices, draws=100)
    last = snapshot.history("capex").layer("capex")[0]
    capex = np.full(18, last[np.isfinite(last)][-1])
    rising = np.tile(capex, (5, 1))
    return Components(
        long,
        tuple(section["telecom_series"]),
        {"regimes": rising, "quarterly": rising * 0.1},
        lambda levels: stand_in(capex, levels),
        event_named("O3", by="2028Q4"),
        event_named("composite", by="2030Q4"),
    )


def test_a_specification_is_asked_of_every_component(components):
    found = components.ask(PRIMARY)
    assert found["baserate"] == pytest.approx(0.1893018)
    assert found["regimes"] == 0.0 and found["quarterly"] == 1.0
    assert found["simulation"] == pytest.approx(0.2) and found["composite"] == pytest.approx(0.3)
    assert components.ask({**PRIMARY, "feedback": 2.0})["simulation"] == pytest.approx(0.3)
    assert components.ask({**PRIMARY, "models": "equal"}) == found


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"value": 0.8}, 0.0),  # nobody's capital is worth less than 0.8 of its cost
        ({"use": 0.4}, 0.2),  # nothing stands idle: those who lose and fall
        ({"use": 0.5}, 0.3),  # a tenth of those who lose stands idle, and another fifth falls
        ({"use": 0.6}, 0.5),  # all stands idle, half lose
        ({"use": 0.6, "value": 0.8}, 0.0),
    ],
)
def test_the_composite_takes_its_thresholds_from_the_specification(components, changed, expected):
    found = components.ask({**PRIMARY, **changed})
    assert found["composite"] == pytest.approx(expected) and found["simulation"] == pytest.approx(0.2)


def test_a_fall_after_the_headline_s_date_counts_in_the_composite_alone(components):
    capex = np.tile(components.ahead["regimes"][0], (200, 1))
    capex[:, 12:] *= 0.1
    late = replace(components, inside=lambda levels: replace(stand_in(capex[0], levels), capex=capex))
    found = late.ask(PRIMARY)
    assert found["simulation"] == 0 and found["composite"] == pytest.approx(0.5)


def test_the_primary_parts_are_those_of_the_composite(components):
    assert parts_of(components.composite, PRIMARY) == components.composite.parts[:2]


def test_an_impossible_event_is_exactly_nothing(components):
    event = components.spending_event
    history = spending(components.long.snapshot.history("capex"))
    assert possible(event, history) and not possible(event.dated("2026Q3"), history)


def test_the_whole_curve_on_a_stand_in(components):
    design = specifications(AXES, 120, np.random.default_rng(0))
    alone = singles(AXES, RANGES)
    rows = {s.name: components.ask(s.levels) for s in (*design, *alone)}
    lines = pair_lines(AXES, design, rows, RANGES["steps"])
    assert {s.name.split("-")[0] for s in lines} == {"up", "down"}
    rows |= {s.name: components.ask(s.levels) for s in lines}
    weights = {"baserate": 0.5, "regimes": 0.0, "simulation": 0.5}
    found = summary(AXES, design, rows, weights, RANGES, (*alone, *lines))
    shares = {r["axis"]: r["share"] for r in found["shares"]["headline"]["axes"]}
    assert sum(shares.values()) == pytest.approx(1)
    by_feedback = next(b for b in found["believe"]["simulation"] if b["assumption"] == "feedback")
    assert by_feedback["lowest"] == pytest.approx(0.1) and by_feedback["highest"] == pytest.approx(0.5)
    assert {n["target"]: n["value"] for n in by_feedback["needed"]}[0.25] == pytest.approx(1.5, abs=0.01)
    assert [c["component"] for c in found["believe"]["components"]] == ["baserate", "simulation"]
    base = next(c for c in found["believe"]["components"] if c["component"] == "baserate")
    assert base["weight"] == pytest.approx(0.9 * 0.5 + 0.1)
    primary = found["specifications"][0]["headline"]
    whole = primary + base["weight"] * (base["needed"][1]["value"] - base["probability"])
    assert whole == pytest.approx(0.25)


def test_the_project_s_design_is_large_enough_and_every_run_differs():
    section = read_definitions()["specification"]
    made = specifications(AXES, section["together"], np.random.default_rng(0))
    assert len(made) >= 300 + len(AXES) and len({tuple(s.levels.values()) for s in made}) == len(made)


def test_levels_reach_the_inside_view():
    view = view_of({**PRIMARY, "lives": 0.75, "capital_cost": 0.12, "ratio": "on"}, AXES, ("2028Q4",))
    assert (view.life_scale, view.discount_rate, view.cost_of_capital, view.ratio) == (
        0.75,
        0.12,
        0.12,
        True,
    )


def test_the_primary_view_is_the_inside_view_s_own():
    assert view_of(PRIMARY, AXES, ("2028Q4", "2030Q4")) == InsideView(horizons=("2028Q4", "2030Q4"))


def test_a_pair_goes_from_the_primary_values_to_its_ends():
    line = pair_line("up", AXES, {"pace": 0.75, "lives": 1.25}, (0.5, 1.0))
    assert [(s.levels["pace"], s.levels["lives"]) for s in line] == [(0.875, 1.125), (0.75, 1.25)]
