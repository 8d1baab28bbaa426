"""Own or rent: closed forms of the newsvendor, brute force, an independent linear program, and signs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as fixed
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.special import ndtri

from overbuild.errors import InputError
from overbuild.finance.portfolio import (
    OwnOrRent,
    Portfolio,
    Scenarios,
    Shocks,
    benchmark,
    cheapest,
    idle_cost,
    losses,
    only_owning,
    scenarios,
)
from overbuild.finance.portfolio_frontier import cvar, frontier, least, own_or_rent

YEARS = 8
SHOCKS = Shocks.drawn(2000, YEARS, np.random.default_rng(5))
MANY = Shocks.drawn(200_000, 1, np.random.default_rng(6))
USUAL = OwnOrRent(own_cost=2.9, rent_price=2.91)
ONE = OwnOrRent(
    own_cost=2.0, rent_price=2.0, own_years=1, rent_years=1, spot=2.0, spot_found=1.0, spot_fall=0.0,
    spot_elasticity=0.0, bust=0.0, growth=0.0,
)  # fmt: skip


def mean_loss(spec: OwnOrRent, seen: Scenarios, owned: float, rented: float) -> float:
    return float(losses(spec, seen, Portfolio(owned, rented))[0].mean())


@pytest.mark.parametrize(("own", "rent"), [(1.8, 2.0), (2.0, 1.7)])
def test_one_year_at_fixed_prices_is_the_newsvendor(own: float, rent: float) -> None:
    spec = replace(ONE, own_cost=own, rent_price=rent)
    found = cheapest(spec, scenarios(spec, MANY))
    short, idle = min(spec.spot, spec.penalty) * rent, spec.sublet * min(own, rent)
    fractile = (short - min(own, rent)) / (short - idle)
    exact = np.exp(spec.volatility * ndtri(fractile) - spec.volatility**2 / 2)
    assert found.total == pytest.approx(exact, rel=4e-3)
    assert found.case == ("own only" if own < rent else "rent only")


def test_two_critical_fractiles_where_prices_are_fixed() -> None:
    spec = replace(
        USUAL,
        own_cost=3.1,
        own_years=6,
        rent_years=3,
        spot=1.5,
        growth=0.0,
        spot_fall=0.0,
        spot_elasticity=0.0,
    )
    seen = scenarios(spec, SHOCKS)
    found = cheapest(spec, seen)
    d = (1 + spec.discount) ** -np.arange(1.0, 7)
    b, a = seen.short[0, 0], seen.idle[0, 0]
    early = (seen.demand[:, :3] <= found.total).mean(axis=0) @ d[:3] / d[:3].sum()
    late = (seen.demand[:, 3:] <= found.owned).mean(axis=0) @ d[3:] / d[3:].sum()
    dearer = d[:3].sum() / d[3:].sum() * (spec.own_cost - spec.rent_price)
    assert found.case == "both"
    assert early == pytest.approx((b - spec.rent_price) / (b - a), abs=1e-3)
    assert late == pytest.approx((b - spec.own_cost - dearer) / (b - a), abs=1e-3)


def test_demand_is_a_walk_of_known_mean_and_spread() -> None:
    spec = replace(USUAL, bust=0.0, volatility=0.25, growth=0.1)
    many = Shocks.drawn(100_000, 4, np.random.default_rng(8))
    t = np.arange(1, 7)[:4]
    calm = scenarios(replace(spec, own_years=4), many).demand
    assert calm.mean(axis=0) == pytest.approx(np.exp(0.1 * t), rel=5e-3)
    assert np.log(calm).std(axis=0) == pytest.approx(0.25 * np.sqrt(t), rel=1e-2)
    struck = scenarios(replace(spec, own_years=4, bust=0.2, depth=0.3), many).demand
    assert struck.mean(axis=0) == pytest.approx(np.exp(0.1 * t) * (1 - 0.3 * (1 - 0.8**t)), rel=5e-3)


@pytest.mark.parametrize("found", [0.0, 0.4, 1.0])
def test_prices_of_units_short_and_idle_move_with_demand(found: float) -> None:
    spec = replace(USUAL, spot_found=found, spot_elasticity=0.7, spot_fall=0.1, sublet=0.5, penalty=1.6)
    seen = scenarios(spec, SHOCKS)
    t = np.arange(1, 7)
    spot = spec.spot * spec.rent_price * 0.9**t * (seen.demand / np.exp(spec.growth * t)) ** 0.7
    lost = 1.6 * spec.rent_price
    assert seen.short == pytest.approx(np.where(spot < lost, found * spot + (1 - found) * lost, lost))
    assert seen.idle == pytest.approx(0.5 * np.where(spot < spec.cheaper, spot, spec.cheaper))
    assert seen.discount == pytest.approx([1.08**-i for i in range(1, 7)])


def test_losses_and_idle_capacity_by_hand() -> None:
    spec = replace(USUAL, own_cost=2.0, rent_price=3.0, own_years=2, rent_years=1)
    seen = Scenarios(
        demand=np.array([[1.0, 3.0]]),
        short=np.array([[5.0, 6.0]]),
        idle=np.array([[0.5, 1.5]]),
        discount=np.array([0.9, 0.8]),
    )
    # year 1: 2 owned and 1 rented for demand of 1; year 2: 2 owned for demand of 3
    first = 2 * 2.0 + 1 * 3.0 - 2 * 0.5 - 2.0 * 1
    second = 2 * 2.0 + 1 * 6.0 - 2.0 * 3
    loss = losses(spec, seen, Portfolio(2.0, 1.0))[0]
    assert loss == pytest.approx([0.9 * first + 0.8 * second])
    assert idle_cost(spec, seen, Portfolio(2.0, 1.0)) == pytest.approx(0.9 * 2 * (2.0 - 0.5))
    assert benchmark(spec, seen) == pytest.approx(2.0 * (0.9 + 0.8 * 3))


@given(
    premium=st.floats(0.7, 1.4), volatility=st.floats(0.05, 0.7), bust=st.floats(0, 0.3),
    penalty=st.floats(1.5, 6), sublet=st.floats(0, 1), found=st.floats(0, 1), term=st.integers(1, 6),
    elasticity=st.floats(0, 2),
)  # fmt: skip
@fixed(max_examples=40, deadline=None, derandomize=True)
def test_no_portfolio_of_a_grid_costs_less(
    premium: float, volatility: float, bust: float, penalty: float, sublet: float, found: float, term: int,
    elasticity: float,
) -> None:  # fmt: skip
    spec = replace(
        USUAL, own_cost=premium * 2.91, volatility=volatility, bust=bust, penalty=penalty, sublet=sublet,
        spot_found=found, rent_years=term, spot_elasticity=elasticity,
    )  # fmt: skip
    seen = scenarios(spec, Shocks(SHOCKS.normal[:200], SHOCKS.uniform[:200]))
    best = cheapest(spec, seen)
    reached = mean_loss(spec, seen, best.owned, best.rented)
    sides = np.linspace(0, 2.5, 14)
    assert reached <= min(mean_loss(spec, seen, o, r) for o in sides for r in sides) + 1e-9
    near = [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01), (0.01, -0.01), (-0.01, 0.01)]
    for do, dr in near:
        owned, rented = best.owned + do, best.rented + dr
        if owned >= 0 and rented >= 0:
            assert reached <= mean_loss(spec, seen, owned, rented) + 1e-9


def test_without_uncertainty_only_the_cheaper_source_is_used_and_nothing_is_lost() -> None:
    for own, case in ((2.5, "own only"), (3.5, "rent only")):
        spec = replace(
            USUAL, own_cost=own, volatility=0.0, bust=0.0, growth=0.0, rent_years=6, spot_fall=0.0, spot=1.5
        )  # fmt: skip
        seen = scenarios(spec, SHOCKS)
        found = cheapest(spec, seen)
        assert (found.case, found.total) == (case, pytest.approx(1.0))
        assert losses(spec, seen, found)[0] == pytest.approx(0.0, abs=1e-12)


def test_with_full_value_of_idle_hours_there_is_no_risk() -> None:
    spec = replace(USUAL, sublet=1.0, spot=2.0, spot_fall=0.0, spot_elasticity=0.0, own_cost=2.5)
    seen = scenarios(spec, SHOCKS)
    enough = Portfolio(float(seen.demand.max()), 0.0)
    assert losses(spec, seen, enough)[0] == pytest.approx(0.0, abs=1e-9)
    assert least(spec, seen, 1.0).cvar == pytest.approx(0.0, abs=1e-4)


def test_terms_of_the_same_length_leave_the_cheaper_source() -> None:
    for own, case in ((2.8, "own only"), (3.0, "rent only")):
        spec = replace(USUAL, own_cost=own, own_years=5, rent_years=5)
        assert cheapest(spec, scenarios(spec, SHOCKS)).case == case


def shares(values: list[float], **fixed_at: float) -> list[float]:
    (name,) = (n for n, v in fixed_at.items() if v != v)
    other = {n: v for n, v in fixed_at.items() if n != name}
    made = [replace(USUAL, **other, **{name: v}) for v in values]  # pyright: ignore[reportArgumentType]
    return [cheapest(s, scenarios(s, SHOCKS)).rented_share for s in made]


@pytest.mark.parametrize("own_cost", [2.9, 3.1])
def test_more_is_rented_where_demand_is_less_certain(own_cost: float) -> None:
    assert (np.diff(shares([0.1, 0.2, 0.3, 0.4, 0.6], volatility=np.nan, own_cost=own_cost)) > 0).all()
    assert (np.diff(shares([0.0, 0.05, 0.1, 0.15], bust=np.nan, own_cost=own_cost)) > 0).all()


def test_more_is_rented_where_owning_is_dearer_than_the_contract() -> None:
    found = np.array(shares([2.3, 2.6, 2.9, 3.1, 3.4, 4.0], own_cost=np.nan))
    assert (np.diff(found) >= 0).all()
    assert (found[0], found[-1]) == (0, 1)


def test_the_loss_is_convex_and_its_slope_supports_it() -> None:
    seen = scenarios(USUAL, SHOCKS)
    rng = np.random.default_rng(1)
    for _ in range(30):
        one, other = rng.uniform(0, 2.5, (2, 2))
        at, slope = losses(USUAL, seen, Portfolio(*one))
        assert (losses(USUAL, seen, Portfolio(*other))[0] >= at + slope @ (other - one) - 1e-9).all()


def test_cvar_at_level_zero_is_the_mean_and_above_it_no_less() -> None:
    loss = np.random.default_rng(2).normal(size=997)
    assert cvar(loss, 0.0) == pytest.approx(loss.mean())
    found = [cvar(loss, level) for level in (0.0, 0.3, 0.9, 0.95, 0.9995)]
    assert (np.diff(found) > 0).all()
    assert found[-1] == pytest.approx(loss.max())
    exact = np.exp(-(ndtri(0.95) ** 2) / 2) / np.sqrt(2 * np.pi) / 0.05
    assert cvar(ndtri((np.arange(200_000) + 0.5) / 200_000)) == pytest.approx(exact, rel=1e-4)


def test_cutting_planes_reach_what_the_program_of_rockafellar_and_uryasev_does() -> None:
    spec = replace(USUAL, own_years=2, rent_years=1, own_cost=3.0)
    size, weight, level = 60, 0.4, 0.8
    seen = scenarios(spec, Shocks(SHOCKS.normal[:size], SHOCKS.uniform[:size]))
    # unknowns: K_o, K_r, z, tail (size), cost of mismatch (size x 2)
    count = 3 + size + 2 * size
    to_own, to_rent = seen.discount.sum(), seen.discount[:1].sum()
    aim = np.zeros(count)
    aim[:3] = (1 - weight) * to_own * 3.0, (1 - weight) * to_rent * spec.rent_price, weight
    aim[3 : 3 + size] = weight / (1 - level) / size
    rows, limits = [], []
    for s in range(size):
        tail = np.zeros(count)
        tail[[0, 1, 2, 3 + s]] = to_own * 3.0, to_rent * spec.rent_price, -1, -1
        for t in range(2):
            place = 3 + size + 2 * s + t
            aim[place] = (1 - weight) / size * seen.discount[t]
            tail[place] = seen.discount[t]
            for value in (seen.short[s, t], seen.idle[s, t]):
                row = np.zeros(count)
                row[[0, 1, place]] = -value, -value * (t < 1), -1
                rows.append(row)
                limits.append(-value * seen.demand[s, t])
        rows.append(tail)
        limits.append(spec.cheaper * seen.demand[s] @ seen.discount)
    bounds = [(0, None)] * 2 + [(None, None)] + [(0, None)] * size + [(None, None)] * (2 * size)
    exact = linprog(aim, np.array(rows), limits, bounds=bounds).fun
    base = spec.cheaper * (seen.demand @ seen.discount).mean()
    exact -= (1 - weight) * base
    found = least(spec, seen, weight, level)
    loss = losses(spec, seen, Portfolio(found.owned, found.rented))[0]
    assert (1 - weight) * loss.mean() + weight * cvar(loss, level) == pytest.approx(exact, abs=2e-5 * base)


def test_the_frontier_trades_cost_for_risk_and_starts_at_the_least_cost() -> None:
    seen = scenarios(USUAL, SHOCKS)
    points = frontier(USUAL, seen)
    assert (np.diff([p.cost for p in points]) > -1e-4).all()
    assert (np.diff([p.cvar for p in points]) < 1e-4).all()
    assert max(p.gap for p in points) <= 1e-5
    best = cheapest(USUAL, seen)
    base = mean_loss(USUAL, seen, best.owned, best.rented)
    assert mean_loss(USUAL, seen, points[0].owned, points[0].rented) == pytest.approx(base, rel=1e-4)
    alone = only_owning(USUAL, seen)
    assert mean_loss(USUAL, seen, alone.owned, 0.0) >= base


def test_what_is_taken_off_moves_risk_and_not_the_least_cost() -> None:
    seen = scenarios(USUAL, SHOCKS)
    assert least(USUAL, seen, 0.0, taken_off=0.0).owned == least(USUAL, seen, 0.0).owned
    every = least(USUAL, seen, 1.0, taken_off=0.0)
    cost = losses(USUAL, seen, Portfolio(every.owned, every.rented))[0]
    cost = cost + USUAL.cheaper * (seen.demand @ seen.discount)
    unit = (seen.demand @ seen.discount).mean()
    assert every.cvar == pytest.approx(cvar(cost) / unit)
    usual = least(USUAL, seen, 1.0)
    cost = losses(USUAL, seen, Portfolio(usual.owned, usual.rented))[0]
    assert every.cvar < cvar(cost + USUAL.cheaper * (seen.demand @ seen.discount)) / unit


def test_costs_are_those_of_an_hour_of_demand() -> None:
    sure = replace(USUAL, own_cost=2.5, volatility=0.0, bust=0.0, growth=0.0, spot=1.5, spot_fall=0.0)
    found = own_or_rent(sure, np.random.default_rng(3), 20)
    assert found["cheapest"]["cost"] == pytest.approx(2.5)
    assert found["cheapest"]["cvar"] == pytest.approx(0.0, abs=1e-9)


def test_one_call_gives_plain_types() -> None:
    json.dumps(own_or_rent(USUAL, np.random.default_rng(3), 40))
    whole = replace(USUAL, own_years=6.0, rent_years=3.0)  # pyright: ignore[reportArgumentType]
    assert own_or_rent(whole, np.random.default_rng(3), 40)["spec"]["own_years"] == 6

    found = own_or_rent(USUAL, np.random.default_rng(3), 400)
    assert found == own_or_rent(USUAL, np.random.default_rng(3), 400)
    assert found["cheapest"]["cost"] <= found["only_owning"]["cost"]


def test_faults_are_told_together() -> None:
    with pytest.raises(InputError, match=r"sublet = 1\.2.*rent_years = 7.*spot_fall = 1"):
        replace(USUAL, sublet=1.2, rent_years=7, spot_fall=1.0)
    with pytest.raises(InputError, match="penalty"):
        replace(USUAL, penalty=0.5)
    with pytest.raises(InputError, match="years = 1"):
        scenarios(USUAL, MANY)
    with pytest.raises(InputError, match="level"):
        cvar(np.ones(3), 1.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rent_price", 0), ("own_cost", -1.0), ("own_cost", "2"), ("spot", None), ("volatility", np.nan),
        ("volatility", 60.0), ("growth", 500.0), ("growth", -np.inf), ("discount", -0.9999), ("depth", 1.0),
        ("own_years", 5.5), ("own_years", 1000), ("rent_years", 0), ("spot_elasticity", 1e6), ("bust", True),
    ],
)  # fmt: skip
def test_numbers_that_make_no_sense_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=name):
        replace(USUAL, **{name: value})


@pytest.mark.parametrize("draws", [0, 3, -4, 1000.0, "many", None, 10**8])
def test_so_many_scenarios_are_refused(draws: Any) -> None:
    with pytest.raises(InputError, match="scenarios"):
        own_or_rent(USUAL, np.random.default_rng(1), draws)


def test_other_things_than_a_specification_and_a_generator_are_refused() -> None:
    rng: Any = 5
    with pytest.raises(InputError, match="Generator"):
        own_or_rent(USUAL, rng, 20)
    spec: Any = {"own_cost": 2.0}
    with pytest.raises(InputError, match="OwnOrRent"):
        own_or_rent(spec, np.random.default_rng(1), 20)
