"""What a rental market changes: closed forms of pooling and entry, prices, and the hand-over."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from overbuild.finance.portfolio_prices import contract_known
from overbuild.finance.portfolio_results import (
    PREMIUMS,
    PRIORS,
    QUICK,
    VOLATILITIES,
    drawn,
    draws_of,
    portfolios,
    rental_market,
    result,
    spread_over,
)
from overbuild.finance.rental_market import Channels, channels, pooled_lognormal, pooled_normal
from overbuild.games.asked import Asked
from overbuild.games.contest import dissipation, overbuild_ratio
from overbuild.locations import data_dir
from overbuild.models.prior_file import read_priors

TODAY = date(2026, 11, 22)


def test_pooled_buffer_of_normal_demand() -> None:
    rng = np.random.default_rng(4)
    n, rho, z = 4, 0.3, 1.2816
    covariance = np.full((n, n), rho) + (1 - rho) * np.eye(n)
    demand = 10 + 2 * rng.standard_normal((400_000, n)) @ np.linalg.cholesky(covariance).T
    pooled = np.quantile(demand.sum(axis=1), 0.9)
    separate = np.quantile(demand, 0.9, axis=0).sum()
    assert pooled_normal(n, 10, 2, rho, z) == pytest.approx(pooled / separate, rel=2e-3)
    buffer = pooled_normal(n, 0, 2, rho, z)
    assert buffer == pytest.approx(np.sqrt((1 + (n - 1) * rho) / n))
    assert pooled_normal(n, 10, 2, 1.0, z) == pytest.approx(1.0)


def test_lognormal_pooling_is_worth_more_where_demands_move_apart() -> None:
    found = [pooled_lognormal(5, 0.5, rho, 0.9, np.random.default_rng(1)) for rho in (0.1, 0.5, 0.9)]
    assert (np.diff(found) > 0).all()
    assert found[-1] < 1


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.7])
def test_lognormal_pooling_is_that_of_normal_demand_where_deviations_are_small(rho: float) -> None:
    small, z = 0.05, 1.2816
    found = pooled_lognormal(5, small, rho, 0.9, np.random.default_rng(1))
    assert (1 - found) / (1 - pooled_normal(5, 1.0, small, rho, z)) == pytest.approx(1.0, abs=0.1)


def one(r: float, eta: float, cost: float = 0.9, pooled: float = 0.8, share: float = 0.5) -> Channels:
    made = (np.array([v]) for v in (r, eta, 0.2))
    ratio, pool, rented = (np.array([v]) for v in (cost, pooled, share))
    return channels(5, *made, cost_ratio=ratio, pooled=pool, rented_share=rented)


def test_signs_of_the_channels() -> None:
    assert dissipation(6, 0.8, 0.3) - dissipation(5, 0.8, 0.3) == pytest.approx((0.8 - 0.3) / 30)
    more, less = one(0.8, 0.3), one(0.3, 0.6)
    assert more.entry[0] > 1 > less.entry[0]
    assert more.level[0] == pytest.approx(0.9 ** (-1 / 0.7))
    assert more.pool[0] == pytest.approx(1 - 0.5 * 0.2)
    assert more.without[0] == pytest.approx(overbuild_ratio(5, 0.8, 0.3, 0.2) / 0.8)
    assert more.with_market[0] == pytest.approx(more.without[0] * more.entry[0] * more.pool[0])


def test_without_renting_only_entry_is_left() -> None:
    found = one(0.8, 0.3, cost=1.0, share=0.0)
    assert found.level[0] == found.pool[0] == 1


def test_a_contender_that_would_not_take_part_does_not_enter() -> None:
    found = one(1.17, 0.3)
    assert not found.exists[0]
    assert found.entry[0] == 1


def test_the_spread_over_a_contract_is_that_of_a_walk_at_its_mean_year() -> None:
    assert spread_over(np.array([0.3]), np.array([1.0]))[0] == pytest.approx(0.3)
    mean = (1 + 2 + 3 + 4) / 4
    assert spread_over(np.array([0.3]), np.array([4.0]))[0] == pytest.approx(0.3 * np.sqrt(mean))


def test_optima_over_draws() -> None:
    held = read_priors(data_dir() / "priors.toml").at(TODAY).values(PRIORS)
    values = drawn(held, contract_known(data_dir(), TODAY), 60, np.random.default_rng(2))
    assert (values["rent_years"] <= values["own_years"]).all()
    found = portfolios(values, np.random.default_rng(3))
    assert ((found.cost_ratio > 0.3) & (found.cost_ratio <= 1 + 1e-12)).all()
    own = found.case == "own only"
    assert found.cost_ratio[own] == pytest.approx(1.0)
    assert found.idle_saved[own] == pytest.approx(0.0)
    assert found.cost_ratio[found.case == "both"].max() < 1
    assert found.rented_share[found.case == "rent only"] == pytest.approx(1.0)
    assert found.premium == pytest.approx(values["own_cost"] / values["rent_price"])


@pytest.mark.slow
def test_the_result_is_small_plain_and_hands_on_draws() -> None:
    asked = Asked(data_dir(), TODAY, quick=True)
    found = result(asked)
    assert len(json.dumps(found)) < 200_000
    assert sum(found["cases"].values()) == pytest.approx(1.0)
    market = rental_market(asked)
    handed = {d.name: d for d in draws_of(found)}
    assert set(handed) == {"rented_share", "pooled_over_separate_capacity", "cost_of_idle_saved"}
    for name, draws in handed.items():
        assert draws.as_of == TODAY
        assert draws.values == pytest.approx(market.handed_on[name], abs=1e-4)
    assert found["handed"]["rented_share"]["q50"] == found["share"]["q50"]
    assert len(handed["rented_share"].values) == QUICK


@pytest.mark.slow
def test_what_the_section_says_in_words() -> None:
    found = result(Asked(data_dir(), TODAY, quick=True))
    grid = {(r["volatility"], r["premium"]): r["rented_share"] for r in found["grid"]}
    for p in PREMIUMS:
        assert (np.diff([grid[v, p] for v in VOLATILITIES]) >= 0).all()
    for v in VOLATILITIES:
        assert (np.diff([grid[v, p] for p in PREMIUMS]) >= 0).all()
    points = found["central"]["frontier"]
    assert (np.diff([p["rented_share"] for p in points]) <= 0).all()
    assert (np.diff([p["owned"] for p in points]) > 0).all()
    assert found["all_cost_counts"]["owned"] > points[-1]["owned"]
    assert found["all_cost_counts"]["rented_share"] <= points[-1]["rented_share"]
    thick = found["all_on_spot"]["frontier"]
    assert thick[0]["owned"] == thick[0]["rented"] == 0 == thick[-1]["rented"]
    assert max(p["rented_share"] for p in thick) > 0.1
    names = sorted(found["drivers"], key=lambda n: -abs(found["drivers"][n]))
    assert found["drivers"]["premium"] > 0 > found["drivers"]["own_years"]
    assert names[0] == "premium"
