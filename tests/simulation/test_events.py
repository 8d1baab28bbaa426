"""Events on simulated paths: layers, learnt shares and dependence against cases with known answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from overbuild.core import Paths
from overbuild.core.periods import label, ordinal
from overbuild.probability.definitions import events_for
from overbuild.simulation import Inputs, InsideView, Simulated, simulate
from overbuild.simulation.bounded import bounded, judge
from overbuild.simulation.dependence import joint
from overbuild.simulation.forecasts import (
    ENDING,
    LEAST_LEARNT,
    STOPPING,
    at_priors,
    deciding,
    forecasts_of,
    learnt_shares,
)
from overbuild.simulation.log_odds import spread
from overbuild.simulation.sources import Known
from overbuild.simulation.variants import chances

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
    same, less = (learnt_shares(a, after[0], after[0], after[0], events) for a in after)
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


def test_spread_of_log_odds_is_recovered_where_the_event_is_rare() -> None:
    rng = np.random.default_rng(4)
    for middle, deviation in ((-3.0, 1.2), (0.0, 0.5)):
        eta = middle + deviation * rng.standard_normal(4000)
        held = rng.binomial(40, 1 / (1 + np.exp(-eta))).astype(float)
        assert spread(held, np.full(4000, 40.0)) == pytest.approx(deviation**2, rel=0.12)
    assert np.isnan(spread(np.zeros(5), np.full(5, 40.0)))


def test_growth_learnt_in_ordinary_times_is_no_knowledge_of_how_a_boom_ends() -> None:
    rng = np.random.default_rng(5)
    size, by = 150, InsideView(horizons=(BY,), feedback=0.0, ratio=False, continued=2)
    state = np.zeros((size, STATES))
    state[:, 4] = 1
    always = {"state": state, "deviation": 0.06, "from_bust": np.tile([0.3, 0.0, 0.7], (size, 1))}
    wide = {"exit": rng.normal(-1.7, 1.5, size), "bust_gap": np.abs(rng.normal(0.4, 0.3, size))}
    prior = inputs(size, **always, **wide, normal_growth=rng.normal(0.04, 0.3, size))
    again = {"exit": rng.normal(-1.7, 1.5, size), "bust_gap": np.abs(rng.normal(0.4, 0.3, size))}
    nothing = inputs(size, **always, **again)
    much = inputs(size, **always, exit=-1.7 + 0.1 * again["exit"], bust_gap=0.4)
    event = [events_for("ai", by=BY)["O3"][0]]
    before = simulate(by, prior, 6000, np.random.default_rng(6))
    shares = []
    for given in (nothing, much):
        after = simulate(by, given, 6000, np.random.default_rng(7))
        ending = simulate(by, at_priors(given, prior, ENDING), 6000, np.random.default_rng(8))
        shares.append(learnt_shares(after, before, ending, before, event)[0]["learnt"])
    assert shares[0] < LEAST_LEARNT < 0.5 < shares[1]


def test_growth_learnt_is_no_knowledge_of_where_demand_stops() -> None:
    rng = np.random.default_rng(9)
    size = 150
    ceilings = [np.abs(rng.normal(1.0, 0.8, size)) + 0.05 for _ in range(2)]
    prior = inputs(size, headroom=ceilings[0]).replaced(growth=rng.uniform(0.1, 1.5, size))
    nothing = inputs(size, headroom=ceilings[1]).replaced(growth=1.2)
    much = nothing.replaced(headroom=0.3 + 0.02 * ceilings[1])
    event = [events_for("ai", by=BY)["O4"][0]]

    def run(given: Inputs) -> Simulated:
        return simulate(ALONE, given, 2 * size, np.random.default_rng(0))

    before, shares = run(prior), []
    for given in (nothing, much):
        stopping = run(at_priors(given, prior, STOPPING))
        shares.append(learnt_shares(run(given), before, before, stopping, event)[0]["learnt"])
    assert shares[0] < LEAST_LEARNT < 0.5 < shares[1]


def test_paths_that_start_too_full_to_be_empty_in_time_are_exactly_zero_in_every_table() -> None:
    by = "2027Q4"
    falling = inputs(2, ceiling_growth=-4.0, use_now=np.array([1.0, 0.51]))
    made = simulate(replace(ALONE, horizons=(by,)), falling, 4, np.random.default_rng(0))
    every = events_for("ai", by=by)
    low = every["O2"][0]
    assert low.judge(made.paths()).holds.tolist() == [1, 1, 1, 1]
    assert judge(low, made).holds.tolist() == [0, 0, 1, 1]
    assert every["composite"][0].judge(bounded(every["composite"][0], made)).holds[:2].tolist() == [0, 0]
    assert chances(made, [low])[0]["probability"] == 0.5
    table = joint(made, {"O1": every["O1"][0], "O2": low, "O3": every["O3"][0]}, np.random.default_rng(0))
    assert table["probability"][1] == 0.5
    snapshot = Known("ai", date(2026, 11, 22)).snapshot("capital")
    assert forecasts_of(made, snapshot, [low], {})[0].probability == 0.5


def test_annual_paths_are_bounded_by_years() -> None:
    given = inputs(1, ceiling_growth=-4.0)
    annual = Paths(
        ("2024", "2025"), {"capex": np.array([[3.0, 3.5]])}, {"capex": "x"}, "history", given.as_of
    )
    half = replace(given, history=annual, nowcast=(0.9, 1.0))
    view = replace(ALONE, horizons=("2027Q4", "2030Q4"))
    made = simulate(view, half, 2, np.random.default_rng(0))
    early, late = (replace(events_for("ai", by=b)["O2"][0]) for b in view.horizons)
    assert judge(early, made).holds.tolist() == [0, 0]
    assert judge(late, made).holds.tolist() == [1, 1]
