"""The recursion against closed forms: steady growth, values at long-run cost, direction of feedback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.simulation import InsideView, simulate
from overbuild.simulation.cohort import nested
from overbuild.simulation.inputs import clipped_ratio, shuffled
from overbuild.simulation.run import RATIO_BOUNDS, continued, fixed_price, prepared, randomness

from .steady import ALONE, GROWTH, PAST, SCRAPPED, STATES, inputs


def test_steady_growth_is_the_closed_form_and_use_stays() -> None:
    found = simulate(ALONE, inputs(), 3, np.random.default_rng(0)).layers
    quarters = np.arange(1, 11)
    spending = np.exp(GROWTH / 4 * quarters)
    assert found["capex"][0] == pytest.approx(spending)
    stock = spending * np.exp(-SCRAPPED / 8) / (1 - np.exp(-(GROWTH + SCRAPPED) / 4))
    assert found["capital"][0] == pytest.approx(stock, rel=1e-9)
    assert found["use"] == pytest.approx(np.ones_like(found["use"]), rel=1e-8)
    assert found["cover"] == pytest.approx(np.ones_like(found["cover"]), rel=1e-8)


def test_the_charge_of_a_constant_scrapping_rate_is_its_user_cost() -> None:
    found = simulate(ALONE, inputs(opex=0.0), 1, np.random.default_rng(0)).layers
    rent = found["required"][0] / found["capital"][0]
    assert rent == pytest.approx(np.full(10, np.log(1.1) + SCRAPPED), rel=1e-4)


@pytest.mark.parametrize("lag", [1e-9, 1.5])
def test_a_cohort_that_earns_long_run_cost_is_worth_its_cost(lag: float) -> None:
    made = simulate(ALONE, inputs(completion_lag=lag), 2, np.random.default_rng(0))
    assert made.realised == pytest.approx(np.ones((2, 1)), rel=1e-6)
    poorer = simulate(
        replace(ALONE, discount_rate=0.12), inputs(completion_lag=lag), 2, np.random.default_rng(0)
    )
    assert (poorer.realised < 1).all()


def test_less_demand_lowers_use_price_and_value_and_opens_the_gap() -> None:
    full, slack = (simulate(ALONE, inputs(use_now=u), 1, np.random.default_rng(0)) for u in (1.0, 0.8))
    assert slack.layers["use"][0] == pytest.approx(0.8 * full.layers["use"][0])
    assert slack.realised < full.realised
    gap = slack.paths().layer("capital_gap")[0, -1]
    assert gap == pytest.approx(-2 * np.log(0.8), rel=1e-6)


@pytest.mark.parametrize("clearing", [True, False])
def test_full_use_is_sold_at_the_price_that_demand_pays_or_at_that_of_full_use(clearing: bool) -> None:
    gamma, epsilon, full = 0.8, 0.5, 0.7
    scarce = inputs(gamma=gamma, epsilon=epsilon, normal_use=full, use_now=1.6, headroom=3.0)
    scarce = scarce.replaced(growth=2.0)
    made = simulate(replace(ALONE, clearing=clearing), scarce, 1, np.random.default_rng(0))
    has = {n: v[0] for n, v in made.layers.items()}
    assert has["use"] == pytest.approx(np.full(10, 1 / full))
    at_cost, capacity = np.exp(has["demand"]), has["required"] / full
    bought = at_cost * has["markup"] ** -epsilon
    if clearing:
        assert bought == pytest.approx(capacity)
        assert has["markup"][-1] > full**-gamma
    else:
        assert has["markup"] == pytest.approx(np.full(10, full**-gamma))
        assert bought[-1] > capacity[-1]


def test_spending_moves_by_the_pace_of_all_that_the_index_moves() -> None:
    from overbuild.models.demand_curve import gain

    def climbed(growth: float) -> Any:
        return np.diff(gain(since + ahead, *(np.array(v) for v in (growth, 2.0, 0.7))))

    given_ = inputs(headroom=2.0, asymmetry=0.7, pace=0.4, ceiling_growth=0.0, demand_deviation=0.5)
    given_ = given_.replaced(growth=1.2, memory=1e-12, common=0.0)
    ahead = np.arange(1, 11) / 4
    since = prepared(ALONE, given_).since_reference
    whole = simulate(ALONE, given_, 1, np.random.default_rng(0)).layers["demand"][0]
    assert np.diff(whole)[1:] == pytest.approx(0.4 * climbed(1.2)[1:], rel=1e-5)
    growth_alone = replace(ALONE, whole_curve=False)
    other = simulate(growth_alone, given_, 1, np.random.default_rng(0)).layers["demand"][0]
    assert np.diff(other)[1:] == pytest.approx(climbed(0.48)[1:], rel=1e-5)


def test_demand_above_its_curve_comes_back_to_it() -> None:
    above = inputs(memory=0.5, common=0.0, demand_deviation=0.3, ceiling_growth=0.0)
    found = simulate(ALONE, above, 1, np.random.default_rng(0)).layers["demand"][0]
    since = prepared(ALONE, above).since_reference
    ahead = since + np.arange(1, 11) / 4
    assert found - found[0] == pytest.approx(0.3 * (0.5**ahead - 0.5 ** ahead[0]), abs=1e-7)


def test_contracts_count_in_the_first_cover() -> None:
    state = np.zeros((1, STATES))
    state[:, 4] = 1
    paid: dict[str, Any] = {"under_contract": 0.8, "cover_exit": 3.0, "slack_exit": 0.0, "exit": -3.0}
    view = replace(ALONE, feedback=1.0, contracts=True, noise=True)
    ends = []
    for premium in (1.3, 0.7):
        made = simulate(
            view, inputs(contract_premium=premium, state=state, **paid), 4000, np.random.default_rng(0)
        )
        ends.append(float(np.mean(made.layers["regime"][:, 0] != 1)))
    assert ends[1] > ends[0] + 0.1


def test_slack_ends_booms_and_the_one_way_view_does_not_see_it() -> None:
    state = np.zeros((1, STATES))
    state[:, 4] = 1
    idle = inputs(state=state, use_now=0.6, from_normal=np.array([[0.85, 0.1, 0.05]]))
    view = InsideView(horizons=("2028Q4",), ratio=False)
    in_boom = {
        f: float(
            (
                simulate(replace(view, feedback=f), idle, 4000, np.random.default_rng(1)).layers["regime"]
                == 1
            ).mean()
        )
        for f in (0.0, 1.0)
    }
    assert in_boom[1.0] < in_boom[0.0] - 0.1


def test_growth_is_pulled_to_what_demand_requires_times_the_ratio() -> None:
    view = replace(ALONE, feedback=1.0, ratio=True)
    ends = [
        simulate(view, inputs(ratio=r), 1, np.random.default_rng(0)).layers["capex"][0, -1]
        for r in (0.5, 1.0, 2.0)
    ]
    assert ends[0] < ends[1] < ends[2]
    assert clipped_ratio(np.array([1e-9, 1.0, 1e9]), RATIO_BOUNDS) == pytest.approx(np.log([0.5, 1.0, 2.0]))


def test_the_pull_is_its_speed_times_the_gap_to_what_expected_demand_requires() -> None:
    from overbuild.models.demand_curve import gain

    speed, lag, use, opex = 0.3, 1.5, 0.9, 0.05
    given_ = inputs(speed=speed, completion_lag=lag, use_now=use, opex=opex, headroom=3.0)
    given_ = given_.replaced(growth=0.8)
    view = replace(ALONE, feedback=1.0)
    made = prepared(view, given_)
    charge, book, _, _, waiting, to_come = made.past[0, :, :, 0].sum(axis=0)
    required = charge + opex * book
    full = required + to_come + opex * waiting
    since = made.since_reference
    ends = np.array([since - 1, since])
    over_the_year = np.diff(gain(ends, *(np.array(v) for v in (0.8, 3.0, 1.0))))[0]
    spent_at_cost = np.log(required) + 2 * np.log(use)
    gap = spent_at_cost + over_the_year * lag - np.log(full)
    found = simulate(view, given_, 1, np.random.default_rng(0)).layers
    assert found["anticipated"][0, 0] == pytest.approx(gap)
    assert np.log(found["capex"][0, 0]) == pytest.approx(GROWTH / 4 + speed / 4 * gap)
    alone = simulate(ALONE, given_, 1, np.random.default_rng(0)).layers
    assert np.log(alone["capex"][0, 0]) == pytest.approx(GROWTH / 4)


def test_the_games_ratio_moves_nothing_in_the_primary_view() -> None:
    given_ = inputs(2, common=0.2)
    one, two = (
        simulate(InsideView(horizons=("2028Q4",)), given_.replaced(ratio=r), 6, np.random.default_rng(0))
        for r in (0.5, 2.0)
    )
    assert (one.layers["capex"] == two.layers["capex"]).all()


def test_a_fixed_price_is_worth_the_falling_one_and_contracts_do_not_make_value() -> None:
    rate, discount, fall = 0.25, 0.1, 0.2
    t = np.linspace(0, 200, 400_001)
    alive = np.exp(-(rate + discount) * t)
    k = np.trapezoid(alive * np.exp(-fall * t), t) / np.trapezoid(alive, t)
    assert fixed_price(np.array(rate), np.array(discount), np.array(fall)) == pytest.approx(k, rel=1e-5)
    falling = inputs(price_fall=0.2, under_contract=0.9, contract_premium=1.0)
    view = replace(ALONE, contracts=True)
    steady = simulate(view, falling, 1, np.random.default_rng(0)).layers["value_served"][0]
    spot = simulate(ALONE, falling, 1, np.random.default_rng(0)).layers["value_served"][0]
    assert (steady / spot)[-1] == pytest.approx(1.0, abs=0.1)


def test_contracts_keep_their_price_until_renewal() -> None:
    falling = inputs(use_now=0.7, contract_premium=1.5, under_contract=0.8)
    with_, without = (
        simulate(replace(ALONE, contracts=c), falling, 1, np.random.default_rng(0)).layers["value_served"][0]
        for c in (True, False)
    )
    ratio = with_ / without
    assert (ratio > 1).all() and (np.diff(ratio) < 0).all()


numbers = st.floats(0.05, 3.0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    gamma=numbers, epsilon=numbers, use=st.floats(0.3, 2.0), lag=st.floats(0.3, 3.0), seed=st.integers(0, 99)
)
def test_books_balance_whatever_the_parameters(
    gamma: float, epsilon: float, use: float, lag: float, seed: int
) -> None:
    given_ = inputs(
        gamma=gamma, epsilon=epsilon, use_now=use, completion_lag=lag, deviation=0.1, common=0.3, opex=0.1
    )
    made = simulate(InsideView(horizons=("2028Q4",), continued=2), given_, 4, np.random.default_rng(seed))
    assert max(made.accounting().values()) < 1e-9


def test_what_is_left_of_the_past_is_what_the_inventory_leaves() -> None:
    from overbuild.models.inventory import inventory, make_kernels

    given_ = inputs(completion_lag=1.2, weibull_shape=2.5)
    made = prepared(ALONE, given_)
    spent = given_.draws["spent"]
    one = np.ones((1, 1))
    kernels = make_kernels(
        given_.draws["life"], 2.5 * one, 1.2 * one, lag_shape=2.0, periods=PAST, per_year=4
    )
    kept = inventory(spent, kernels)
    assert made.past[0, :, 1, 0].sum() == pytest.approx(kept.capital[0, -1, 0], rel=1e-9)
    assert made.past[0, :, 4, 0].sum() == pytest.approx(kept.in_progress[0, -1, 0], rel=1e-9)


def test_expected_value_agrees_with_nested_paths() -> None:
    rng = np.random.default_rng(3)
    given_ = inputs(40, common=0.3, deviation=0.08, use_now=rng.uniform(0.7, 1.3, 40))
    view = InsideView(horizons=("2028Q4",), ratio=False)
    made = prepared(view, given_)
    which = np.repeat(np.arange(40), 25)
    drawn = randomness(view, made, which, rng)
    outer = continued(view, given_, made, which, drawn)
    chosen = np.arange(0, 1000, 20)
    mean, error = nested(outer, drawn, 0, chosen, 80, rng)
    fitted = outer.expected[chosen, 0]
    assert np.corrcoef(fitted, mean)[0, 1] > 0.95
    assert np.median(np.abs(fitted - mean)) < 0.1
    assert abs(np.mean(fitted - mean)) < 0.05
    assert np.median(error) < 0.05


def test_draws_put_together_anew_keep_their_distribution() -> None:
    draws = {"a": np.arange(10.0), "b": np.arange(10.0) ** 2}
    found = shuffled(draws, 1000, np.random.default_rng(0))
    assert np.bincount(found["a"].astype(int)).tolist() == [100] * 10
    assert (found["b"] == found["a"] ** 2).all()


def test_more_paths_are_dealt_evenly_and_the_same_seed_gives_the_same() -> None:
    given_ = inputs(7, common=0.2)
    one, two = (simulate(ALONE, given_, 30, np.random.default_rng(5)) for _ in range(2))
    assert (one.layers["cover"] == two.layers["cover"]).all()
    assert set(np.bincount(one.draw)) <= {4, 5}


def test_refusals_are_plain() -> None:
    with pytest.raises(InputError, match="does not lie after"):
        simulate(InsideView(horizons=("2026Q2",)), inputs(), 1, np.random.default_rng(0))
    with pytest.raises(InputError, match="1 or more"):
        simulate(ALONE, inputs(), 0, np.random.default_rng(0))
    for name in ("life_scale", "ceiling_scale", "demand_scale"):
        with pytest.raises(InputError, match=name):
            replace(InsideView(), **{name: 0.0})
    with pytest.raises(InputError, match="quarters"):
        InsideView(horizons=("2028",))
