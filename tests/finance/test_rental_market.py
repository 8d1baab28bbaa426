"""What a rental market changes: closed forms of pooling and entry, prices, and the hand-over."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.finance.portfolio_prices import Deal, context_known, deal_known, own_cost
from overbuild.finance.rental_market import Channels, channels, pooled_lognormal, pooled_normal
from overbuild.games.asked import Asked
from overbuild.games.contest import dissipation
from overbuild.locations import data_dir

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
    assert more.with_market[0] == pytest.approx(more.without[0] * more.entry[0] * more.pool[0])


def test_without_renting_only_entry_is_left() -> None:
    found = one(0.8, 0.3, cost=1.0, share=0.0)
    assert found.level[0] == found.pool[0] == 1


def test_a_contender_that_would_not_take_part_does_not_enter() -> None:
    found = one(1.17, 0.3)
    assert not found.exists[0]
    assert found.entry[0] == 1


def test_prices_of_the_contract() -> None:
    deal = deal_known(data_dir(), TODAY, 76_000)
    assert deal.rent_price == pytest.approx(2.91, abs=0.005)
    plain = {"recovered": 1.0, "opex_share": 0.0, "cost_of_capital": 1e-9}
    cost = own_cost(deal, shell=2500.0, years=5.0, **plain)
    assert cost == pytest.approx(5800e6 / 5 / 76_000 / 8760, rel=1e-5)
    assert own_cost(deal, shell=2500.0, years=5.0, **plain | {"cost_of_capital": 0.08}) > cost
    assert {r["grade"] for r in context_known(data_dir(), TODAY)["prices"]} <= {"A", "B", "C"}


def test_what_was_not_known_is_refused() -> None:
    with pytest.raises(InputError, match="2025-11-03"):
        deal_known(data_dir(), date(2025, 11, 2), 76_000)
    assert context_known(data_dir(), date(2020, 1, 1)) == {"commitments": {}, "prices": []}
    with pytest.raises(InputError, match="gpus"):
        Deal(1.0, 1.0, 0.0)


@pytest.mark.slow
def test_the_result_is_small_plain_and_hands_on_draws() -> None:
    from overbuild.finance.portfolio_results import QUICK, rental_draws, result

    asked = Asked(data_dir(), TODAY, quick=True)
    found = result(asked)
    assert len(json.dumps(found)) < 200_000
    assert sum(found["cases"].values()) == pytest.approx(1.0)
    draws = rental_draws(asked)[0]
    assert set(draws) == {"rented_share", "pooled_over_separate_capacity", "cost_of_idle_saved"}
    assert all(d.values.shape == (QUICK,) and d.as_of == TODAY for d in draws.values())
    assert found["handed"]["rented_share"]["q50"] == found["share"]["q50"]
