"""The capacity race against closed forms, independent code, limits and the signs of the literature."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.games.race import RaceSpec, market_levels, rouwenhorst
from overbuild.games.race_lattice import lattice, moves
from overbuild.games.race_market import JOINT, OWN, RESTRAINT, SOCIAL, Aim, earned
from overbuild.games.race_paths import path
from overbuild.games.race_scenarios import corrective, course, planners
from overbuild.games.race_signs import bertrand_edgeworth, price_toughness, signs
from overbuild.games.race_solver import STARTS, Solved, solve

BASE = RaceSpec(smoothing=0.05)
SMALL = RaceSpec(firms=2, levels=4, market=(4.0, 8.0), smoothing=0.1, scrap=0.3, prize=0.1)
APPROXIMATION = 0.05
"""How near the solution by totals must be to the exact one with three firms."""


def brute_force(spec: RaceSpec, policy: np.ndarray, value: np.ndarray, aim: Aim) -> tuple[float, float]:
    """Return by how much a policy and a value fail the Bellman equation, on ordered states of two firms."""
    acts, n = moves(spec), spec.levels
    chain = spec.demand_chain
    worst_p = worst_v = 0.0
    for k, j, d in product(range(n), range(n), range(len(spec.market))):
        made = earned(spec, np.array([[k, j]]), aim)
        income = (made.profit + made.prize)[0, :, d]
        flow = income[0] + aim.rivals * income[1] + aim.users * made.users[0, d]
        p_rival = policy[j, k, d]
        if aim.rivals:
            costs = np.where(
                p_rival > 0, acts.outlay[j] + spec.smoothing * np.log(np.maximum(p_rival, 1e-300)), 0
            )
            flow -= aim.rivals * (p_rival * costs).sum()
        q = np.full(len(acts.orders), -np.inf)
        for a in range(len(acts.orders)):
            if not acts.allowed[k, a]:
                continue
            q[a] = flow - acts.outlay[k, a]
            for b, k2, j2, d2 in product(range(len(acts.orders)), range(n), range(n), range(len(chain))):
                chance = acts.lottery[k, a, k2] * p_rival[b] * acts.lottery[j, b, j2] * chain[d, d2]
                q[a] += spec.discount * chance * value[k2, j2, d2]
        weight = np.exp((q - q.max()) / spec.smoothing)
        worst_p = max(worst_p, np.abs(weight / weight.sum() - policy[k, j, d]).max())
        best = q.max() + spec.smoothing * np.log(weight.sum())
        worst_v = max(worst_v, abs(best - value[k, j, d]) / np.abs(value).max())
    return worst_p, worst_v


def one_firm(spec: RaceSpec) -> tuple[np.ndarray, np.ndarray]:
    """Return value and policy of a single firm by policy iteration with linear algebra."""
    acts, chain = moves(spec), spec.demand_chain
    n, m = spec.levels, len(chain)
    flow = earned(spec, np.arange(n)[:, None]).profit[:, 0] + spec.prize * np.array(spec.market)
    policy = acts.allowed[:, None, :] * np.ones((n, m, len(acts.orders)))
    policy /= policy.sum(axis=-1, keepdims=True)
    reach = np.einsum("kal,de->kadle", acts.lottery, chain)
    expected = np.einsum("kal,ld->kda", acts.lottery, flow) if spec.lag == 0 else flow[:, :, None]
    value = np.zeros((n, m))
    for _ in range(60):
        log = np.where(policy > 0, np.log(np.where(policy > 0, policy, 1)), 0)
        gain = (policy * (expected - acts.outlay[:, None, :] - spec.smoothing * log)).sum(axis=-1)
        step = np.einsum("kda,kadle->kdle", policy, reach).reshape(n * m, n * m)
        value = np.linalg.solve(np.eye(n * m) - spec.discount * step, gain.ravel()).reshape(n, m)
        q = expected - acts.outlay[:, None, :] + spec.discount * np.einsum("kadle,le->kda", reach, value)
        q = np.where(acts.allowed[:, None, :], q, -np.inf)
        policy = np.exp((q - q.max(axis=-1, keepdims=True)) / spec.smoothing)
        policy /= policy.sum(axis=-1, keepdims=True)
    return value, policy


@settings(deadline=None, max_examples=60)
@given(
    depreciation=st.floats(0, 0.95),
    levels=st.integers(2, 9),
    scrap=st.sampled_from([0.0, 0.4]),
    order=st.integers(1, 4),
)
def test_capacity_has_the_right_mean_on_whole_numbers(
    depreciation: float, levels: int, scrap: float, order: int
):
    spec = RaceSpec(
        depreciation=depreciation, levels=levels, scrap=scrap, largest_order=min(order, levels - 1)
    )
    acts = moves(spec)
    mean = acts.lottery @ np.arange(levels)
    kept = (1 - depreciation) * np.arange(levels)
    assert acts.lottery.sum(axis=-1) == pytest.approx(1.0)
    for k, a in zip(*np.nonzero(acts.allowed), strict=True):
        expected = kept[k] + acts.orders[a] if acts.orders[a] >= 0 else max(kept[k] - 1, 0)
        assert mean[k, a] == pytest.approx(expected, abs=1e-9)
    assert acts.allowed[:, acts.orders == 0].all()


@pytest.mark.parametrize("states", [1, 2, 3, 7])
def test_the_demand_chain_has_the_correlation_and_spread_asked_for(states: int):
    chain = rouwenhorst(states, 0.8)
    log = np.log(market_levels(10.0, 0.4, states))
    weights = np.linalg.matrix_power(chain, 500)[0]
    centred = log - weights @ log
    assert chain.sum(axis=1) == pytest.approx(1.0)
    if states > 1:
        assert np.sqrt(weights @ centred**2) == pytest.approx(0.4)
        assert weights @ (centred * (chain @ centred)) / (weights @ centred**2) == pytest.approx(0.8)


@pytest.mark.parametrize("firms", [1, 2, 5])
def test_output_is_cournot_where_capacity_does_not_bind(firms: int):
    spec = RaceSpec(firms=firms, levels=40, market=(12.0,), largest_order=2)
    full = earned(spec, np.full((1, firms), 39))
    free = 12.0 * (1 - spec.operating_cost / spec.intercept)
    assert full.output[0, 0] == pytest.approx(free * firms / (firms + 1))
    assert full.price[0, 0] == pytest.approx((spec.intercept + firms * spec.operating_cost) / (firms + 1))
    scarce = earned(spec, np.ones((1, firms), dtype=np.int64))
    assert scarce.output[0, 0] == pytest.approx(min(firms, free * firms / (firms + 1)))
    social = earned(spec, np.full((1, firms), 39), SOCIAL)
    assert social.price[0, 0] == pytest.approx(spec.operating_cost)
    cartel = earned(spec, np.full((1, firms), 39), JOINT)
    assert cartel.price[0, 0] == pytest.approx((spec.intercept + spec.operating_cost) / 2)


@settings(deadline=None, max_examples=60)
@given(
    capacities=st.lists(st.integers(0, 12), min_size=3, max_size=3),
    substitution=st.floats(0, 1),
    aim=st.sampled_from([OWN, JOINT, SOCIAL]),
)
@example(capacities=[0, 0, 6], substitution=0.99999, aim=JOINT)
def test_no_other_output_serves_a_firms_aim_better(capacities: list[int], substitution: float, aim: Aim):
    spec = RaceSpec(levels=13, substitution=substitution, market=(12.0,))
    slope = spec.intercept / 12.0 * 3 / (1 + 2 * substitution)

    def worth(q: np.ndarray) -> float:
        price = spec.intercept - slope * (q + substitution * (q.sum() - q))
        profit = (price - spec.operating_cost) * q
        users = slope / 2 * ((q**2).sum() + substitution * (q.sum() ** 2 - (q**2).sum()))
        return profit[0] + aim.rivals_in_output * profit[1:].sum() + aim.users_in_output * users

    made = earned(spec, np.array([capacities]), aim)
    own, cross = 2 - aim.users_in_output, substitution * (1 + aim.rivals_in_output - aim.users_in_output)
    k, size = np.array(capacities, dtype=float), (spec.intercept - spec.operating_cost) / slope
    total = made.output[0, 0]
    if own - cross < 1e-6:
        return

    def answers(sum_of_all: float) -> np.ndarray:
        return np.clip((size - cross * sum_of_all) / (own - cross), 0, k)

    # Answers fall as the sum rises, near full substitution very steeply, so that the sum is held between two.
    assert answers(total - 1e-7).sum() >= total - 1e-7 and answers(total + 1e-7).sum() <= total + 1e-7
    q = answers(total)
    for other in np.linspace(0, k[0], 25):
        assert worth(np.array([other, *q[1:]])) <= worth(q) + 1e-9


@pytest.mark.parametrize("lag", [0, 1])
@pytest.mark.parametrize("depreciation", [0.0, 0.25])
def test_one_firm_does_what_policy_iteration_says(lag: int, depreciation: float):
    spec = RaceSpec(
        firms=1, lag=lag, depreciation=depreciation, market=(2.0, 4.0, 8.0), scrap=0.2, smoothing=0.05
    )
    value, policy = one_firm(spec)
    found = solve(spec, tolerance=1e-9).equilibrium
    assert found.value[:, 0] == pytest.approx(value, rel=1e-7)
    assert found.policy[:, 0] == pytest.approx(policy, abs=1e-7)
    joint = solve(spec, JOINT, tolerance=1e-9).equilibrium
    assert joint.value == pytest.approx(found.value, rel=1e-7)


@pytest.mark.parametrize("aim", [OWN, JOINT, SOCIAL, RESTRAINT])
def test_an_equilibrium_solves_bellmans_equation_on_states_with_names(aim: Aim):
    found = solve(SMALL, aim, tolerance=1e-9).equilibrium
    policy_gap, value_gap = brute_force(SMALL, found.policy, found.value, aim)
    assert policy_gap < 1e-7 and value_gap < 1e-7


def test_several_equilibria_are_reported_and_each_is_one():
    spec = RaceSpec(
        firms=2, levels=11, market=(10.0,), persistence=0.0, prize=0.0, smoothing=0.03, toughness=0.9,
        depreciation=0.02, largest_order=3, adjustment=0.0, operating_cost=0.0, intercept=1.0,
    )  # fmt: skip
    solved = solve(spec, tolerance=1e-8)
    assert len(solved.equilibria) == 2
    one, other = solved.equilibria
    assert np.abs(one.policy - other.policy).max() > 0.1
    assert {*one.starts, *other.starts} | set(solved.failed) == set(STARTS)
    for e in solved.equilibria:
        assert max(brute_force(spec, e.policy, e.value, OWN)) < 1e-6


def test_best_responses_that_do_not_settle_give_no_equilibrium():
    solved = solve(BASE, most=25)
    assert not solved.converged and solved.equilibria == () and set(solved.failed) == set(STARTS)
    assert solved.residual > 1e-3
    with pytest.raises(ValueError, match="No equilibrium"):
        _ = solved.equilibrium


@pytest.mark.parametrize("exact", [True, False])
def test_what_owners_get_on_the_path_is_what_they_expected(exact: bool):
    solved = solve(BASE, exact=exact, tolerance=1e-9)
    course_ = path(solved)
    expected = BASE.firms * solved.equilibrium.value[0, 0, BASE.start]
    assert course_.owners == pytest.approx(expected, rel=1e-4 if exact else 0.02)


@pytest.mark.parametrize(
    "spec",
    [
        BASE,
        replace(BASE, depreciation=0.05, scrap=0.1, prize=0.02),
        replace(BASE, depreciation=0.35, substitution=0.6),
        replace(BASE, persistence=0.5, market=(9.0, 12.0, 16.0), toughness=0.5, lag=0),
    ],
    ids=["base", "fibre", "chips", "calm"],
)
def test_three_firms_by_their_totals_are_near_the_exact_ones(spec: RaceSpec):
    for aim in (OWN, JOINT, SOCIAL):
        exact, near = (path(solve(spec, aim, exact=e)) for e in (True, False))
        for name in ("capacity", "orders", "output"):
            assert near.mean[name] == pytest.approx(exact.mean[name], rel=APPROXIMATION)
        for name in ("owners", "users", "society"):
            assert getattr(near, name) == pytest.approx(getattr(exact, name), rel=APPROXIMATION)


def test_with_one_rival_the_total_says_everything():
    exact, near = (solve(SMALL, exact=e, tolerance=1e-9).equilibrium for e in (True, False))
    assert near.policy == pytest.approx(exact.policy, abs=1e-8)


def test_each_planner_does_best_by_its_own_measure():
    race, beside = course(BASE, exact=True)[1], planners(BASE, exact=True)
    assert beside.joint.owners > max(race.owners, beside.social.owners)
    assert beside.social.society > max(race.society, beside.joint.society)
    assert beside.joint.mean["capacity"] < race.mean["capacity"]
    assert beside.joint.mean["price"] > race.mean["price"]


def test_a_planner_without_private_information_does_as_well_as_a_central_one():
    spec = replace(SMALL, smoothing=0.003, scrap=0.0, market=(6.0,), persistence=0.0, adjustment=0.3)
    acts, n = moves(spec), spec.levels
    pairs = np.array(list(product(range(n), range(n))))
    made = earned(spec, pairs, JOINT)
    flow = (made.profit + made.prize).sum(axis=1)[:, 0].reshape(n, n)
    value = np.zeros((n, n))
    cost = np.where(acts.allowed, acts.outlay, np.inf)
    for _ in range(300):
        onward = np.einsum("kal,jbm,lm->kajb", acts.lottery, acts.lottery, value)
        total = spec.discount * onward - cost[:, :, None, None] - cost[None, None]
        value = flow + total.max(axis=(1, 3))
    team = path(solve(spec, JOINT))
    assert team.owners == pytest.approx(value[0, 0], rel=0.03)


def test_without_depreciation_capacity_stays_and_orders_end():
    never, hardly = (
        path(solve(replace(BASE, depreciation=d, smoothing=0.01)), years=60) for d in (0.0, 1e-6)
    )
    assert (np.diff(never.by_year["capacity"]) > -1e-12).all()
    assert never.by_year["orders"][-1] < 0.01 * never.by_year["orders"][0]
    assert hardly.mean["capacity"] == pytest.approx(never.mean["capacity"], rel=1e-3)


def test_prize_tax_subsidy_and_rental_move_capacity_as_they_should():
    def capacity(**changes: Any) -> float:
        return course(replace(BASE, **changes))[1].mean["capacity"]

    base = capacity()
    assert capacity(prize=0.0) < base < capacity(prize=0.2)
    assert capacity(tax=0.3) < base < capacity(subsidy=0.3)
    assert capacity(rental=1.0) == pytest.approx(capacity(prize=0.0), rel=1e-6)
    assert capacity(rental=0.6) < capacity(rental=0.3) < base
    assert capacity(credit=0.0) <= base
    assert course(BASE, RESTRAINT)[1].mean["capacity"] < base


def test_without_a_prize_there_is_no_more_capacity_than_the_planner_wants():
    spec = replace(BASE, prize=0.0)
    assert course(spec)[1].mean["capacity"] < planners(spec).social.mean["capacity"]


@pytest.mark.parametrize("prize", [0.0, 0.2])
def test_the_corrective_tax_brings_capacity_to_the_planners(prize: float):
    spec = replace(BASE, prize=prize)
    target = planners(spec).social.mean["capacity"]
    taxed = corrective(spec, target)
    assert course(taxed)[1].mean["capacity"] == pytest.approx(target, rel=5e-3)
    assert (taxed.tax > 0) == (prize > 0) and (taxed.subsidy > 0) == (prize == 0)


def test_the_signs_of_the_literature():
    found = signs()

    def of(competition: str, parameter: str, what: str) -> list[float]:
        return [getattr(s, what) for s in found if (s.competition, s.parameter) == (competition, parameter)]

    worn = [s for s in found if (s.competition, s.parameter) == ("prices", "depreciation")]
    one, several = ([s for s in worn if (s.equilibria > 1) is more] for more in (False, True))
    assert [s.value for s in one] == [0.02, 0.05, 0.1] and {s.value for s in several} == {0.2, 0.3}
    for what in ("gap", "peak"):
        assert (np.diff([getattr(s, what) for s in one]) > 0).all()
    for s in several:
        assert s.equilibria == 2
        led = "leader" in s.starts
        assert (0.3 < s.gap < 0.4 and s.overshoot > 0.03) if led else (s.gap < 0.2 and s.overshoot < 1e-3)
    for what in ("gap", "overshoot", "peak"):
        assert (np.diff(of("prices", "scrap", what)) > 0).all()
    for parameter in ("depreciation", "scrap"):
        assert max(of("quantities", parameter, "overshoot")) < 0.01
        in_prices = of("prices", parameter, "gap")[:3]  # one equilibrium at each of these values
        assert min(in_prices) > 2 * max(of("quantities", parameter, "gap")[:3])
    assert (np.diff(of("quantities", "substitution", "ratio")) > 0).all()
    assert all(s.equilibria == 1 for s in found if s.competition == "quantities")


def test_two_firms_that_name_prices_earn_what_kreps_and_scheinkman_say():
    spec = RaceSpec(
        firms=2, levels=13, market=(12.0,), intercept=1.0, operating_cost=0.0, prize=0.0, largest_order=1
    )
    earn = {
        pair: bertrand_edgeworth(spec, np.array([pair])).profit[0, :, 0]
        for pair in ((3, 3), (12, 12), (12, 0), (8, 2), (2, 8))
    }
    assert earn[3, 3] == pytest.approx([1.5, 1.5])
    assert earn[12, 12] == pytest.approx([0, 0], abs=1e-12)
    assert earn[12, 0] == pytest.approx([3.0, 0.0])
    assert earn[8, 2][0] == pytest.approx(25 / 12)
    assert earn[8, 2] == pytest.approx(earn[2, 8][::-1])
    assert earn[8, 2][1] < 2 * 0.5
    with pytest.raises(InputError, match="2 firms"):
        bertrand_edgeworth(BASE, np.zeros((1, 3), dtype=np.int64))
    assert price_toughness(2, 0.0) == 0.0 and price_toughness(2, 1.0) == 1.0


def test_the_number_of_states_and_their_tables():
    assert BASE.states == 648 and BASE.reduced_states == 378
    tables = lattice(BASE)
    assert len(tables.rivals) == 21 and len(tables.industries) == 56
    totals = lattice(BASE, exact=False)
    assert (totals.rivals.sum(axis=1) == np.arange(11)).all() and np.ptp(totals.rivals, axis=1).max() == 1
    with pytest.raises(InputError, match="expected at most 60,000"):
        lattice(RaceSpec(firms=8, levels=12))


def test_every_fault_of_a_race_is_told_with_the_range():
    with pytest.raises(InputError) as told:
        RaceSpec(firms=0, depreciation=1.2, market=(3.0, 2.0), discount=1.0, operating_cost=2.0)
    for part in (
        "firms = 0; expected a whole number from 1 to 12",
        "from 0 to 0.999",
        "rising",
        "0.995",
        "0.8",
    ):
        assert part in str(told.value)
    bad: dict[str, Any]
    for bad in ({"lag": 2}, {"scrap": -0.1}, {"levels": True}, {"smoothing": 0.0}, {"prize": float("nan")}):
        with pytest.raises(InputError, match=next(iter(bad))):
            RaceSpec(**bad)


def test_the_same_race_gives_the_same_equilibrium():
    def found() -> Solved:
        return solve(BASE)

    assert np.array_equal(found().equilibrium.policy, found().equilibrium.policy)
