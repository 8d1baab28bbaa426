"""Events on simulated paths: layers, learnt shares and dependence against cases with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from overbuild.core import Paths
from overbuild.core.periods import label, ordinal
from overbuild.probability.definitions import events_for
from overbuild.simulation import InsideView, simulate
from overbuild.simulation.dependence import joint
from overbuild.simulation.forecasts import deciding, learnt_shares

from .steady import ALONE, LAST, STATES, inputs

BY = "2028Q4"


def test_layers_carry_the_history_and_what_decides_each_event() -> None:
    made = simulate(InsideView(horizons=(BY,)), inputs(5, common=0.2), 50, np.random.default_rng(0))
    paths = made.paths()
    assert paths.time[0] == made.inputs.history.time[0] and paths.time[-1] == BY
    past = len(made.inputs.history.time)
    assert paths.layer("capex")[:, past:] == pytest.approx(made.layers["capex"])
    assert paths.layer("value_over_cost")[:, -1] == pytest.approx(made.expected[:, 0])
    assert np.isnan(paths.layer("value_over_cost")[:, :-1]).all()
    for event in events_for("ai", by=BY).values():
        verdicts = event[0].judge(paths)
        assert np.isfinite(verdicts.holds).mean() > 0.9, event[0].name


def test_a_steady_price_over_cost_falls_no_faster_than_cost() -> None:
    made = simulate(ALONE, inputs(use_now=0.8), 1, np.random.default_rng(0))
    assert made.paths().layer("excess_price_fall")[0, -10:] == pytest.approx(np.zeros(10), abs=1e-9)


def test_annual_paths_add_what_is_inferred_of_the_first_year() -> None:
    given = inputs()
    annual = Paths(
        ("2024", "2025"), {"capex": np.array([[3.0, 3.5]])}, {"capex": "x"}, "history", given.as_of
    )
    half = replace(given, history=annual, nowcast=(0.9, 1.0))
    made = simulate(ALONE, half, 2, np.random.default_rng(0))
    paths = made.paths()
    assert paths.time == ("2024", "2025", "2026", "2027", "2028")
    first = 0.9 + 1.0 + made.layers["capex"][0, :2].sum()
    assert paths.layer("capex")[0].tolist()[:3] == pytest.approx([3.0, 3.5, first])
    assert paths.layer("capital_gap")[0, -1] == pytest.approx(0.0, abs=1e-8)


def test_nothing_is_learnt_from_the_same_draws_and_much_from_narrower_ones() -> None:
    rng = np.random.default_rng(1)
    wide = rng.uniform(0.5, 1.5, 200)
    events = [events_for("ai", by=BY)[n][0] for n in ("O1", "O2", "O3", "O4", "composite")]
    prior, narrow = (inputs(200, use_now=u) for u in (wide, 1 + (wide - 1) / 4))
    after = [simulate(ALONE, i, 600, np.random.default_rng(2)) for i in (prior, narrow)]
    same, less = (learnt_shares(a, after[0], events) for a in after)
    assert {r["event"]: r["learnt"] for r in same if r["event"] != "O1"}["O4"] == pytest.approx(0.0)
    assert {r["event"]: r["learnt"] for r in less}["O4"] > 0.9
    composite = next(r for r in less if r["event"] == "composite")
    assert composite["low"] is None


def test_dependence_of_events_that_are_one_and_of_independent_ones() -> None:
    rng = np.random.default_rng(3)
    made = simulate(InsideView(horizons=(BY,), ratio=False), inputs(100, common=0.3), 4000, rng)
    events = {n: events_for("ai", by=BY)[n][0] for n in ("O3", "O4")}
    same = {"O1": events["O4"], "O2": replace(events["O4"]), "O3": events["O3"]}
    found = joint(made, same, rng)
    assert found["pairs"][0]["phi"] == pytest.approx(1.0)
    assert found["pairs"][0]["within"] == pytest.approx(1.0)
    assert sum(found["cells"]) == 4000
    p = found["probability"]
    assert found["independent"] == pytest.approx(p[0] * (p[1] + p[2] - p[1] * p[2]))
    assert found["composite"] >= found["independent"]


def test_low_use_is_decided_by_the_emptiest_year() -> None:
    time = tuple(label(ordinal(LAST) + k, "Q") for k in range(1, 9))
    use = np.array([[1.0, 0.4, 0.45, 0.3, 0.48, 0.9, 1.0, 1.0]])
    paths = Paths(
        time, {"utilisation_activated": use}, {"utilisation_activated": "x"}, "simulated", inputs().as_of
    )
    event = events_for("ai", by=time[-1])["O2"][0]
    assert np.exp(deciding(event, paths)) == pytest.approx([0.48])
    assert event.judge(paths).holds.tolist() == [1.0]


def test_a_state_that_is_certain_is_the_first_regime() -> None:
    state = np.zeros((1, STATES))
    state[:, -1] = 1
    made = simulate(InsideView(horizons=(BY,)), inputs(state=state), 200, np.random.default_rng(0))
    assert (made.layers["regime"] == 2).all()
