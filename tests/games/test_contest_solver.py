"""Unequal firms: closed forms, far starts, limits, firms that stay out, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.games.contest import Contest, most_decisive, symmetric
from overbuild.games.contest_file import read_firms
from overbuild.games.contest_solver import Firms, solve, undamped

LEVEL = 0.81 / 5
"""Capacity of each of five firms at r = 1, eta = 0.5."""


def equal(n: int, r: float, eta: float) -> Firms:
    return Firms(np.ones(n), np.ones(n), np.full(n, np.inf), r, eta)


def differing(cost: list[float], r: float, eta: float, **changed: list[float]) -> Firms:
    n = len(cost)
    return Firms(
        np.array(cost),
        np.array(changed.get("weight", [1.0] * n)),
        np.array(changed.get("limit", [np.inf] * n)),
        r,
        eta,
    )


class TestEqualFirms:
    def test_it_converges_from_one_per_cent_off_where_best_replies_diverge(self):
        firms, off = equal(5, 1.0, 0.5), np.full(5, LEVEL * 1.01)
        found = solve(firms, off)
        assert found.found and found.capacity == pytest.approx(np.full(5, LEVEL), rel=1e-9)
        path = undamped(firms, off, 8)[:, 0] / LEVEL - 1
        assert np.all(np.abs(path[1:]) > 1.4 * np.abs(path[:-1]))

    @pytest.mark.parametrize("seed", range(5))
    def test_it_converges_from_far(self, seed):
        start = LEVEL * np.exp(np.random.default_rng(seed).normal(0, 4, 5))
        assert solve(equal(5, 1.0, 0.5), start).capacity == pytest.approx(np.full(5, LEVEL), rel=1e-9)

    @given(st.integers(2, 12), st.floats(0.01, 0.9), st.floats(0.05, 0.98))
    @settings(max_examples=40, deadline=None)
    def test_it_is_the_closed_form(self, n, eta, share):
        r = share * float(most_decisive(n, eta))
        found, closed = solve(equal(n, r, eta)), symmetric(Contest(n, r, eta))
        assert found.found
        assert found.capacity.sum() == pytest.approx(closed.capacity["equilibrium"], rel=1e-8)
        assert found.dissipation == pytest.approx(closed.dissipation, rel=1e-8)
        assert found.reaction == pytest.approx(np.full(n, closed.reaction_slope), rel=1e-6, abs=1e-8)


class TestUnequalFirms:
    def test_two_bidders(self):
        """Two bidders, r = 1, a fixed prize: shares are inverse to cost, k_i = V c_j / (c_i + c_j)^2."""
        found = solve(differing([1.0, 3.0], 1.0, 0.0))
        assert found.capacity == pytest.approx([3 / 16, 1 / 16])
        assert found.share == pytest.approx([0.75, 0.25])

    @given(st.lists(st.floats(1.0, 1.15), min_size=3, max_size=6), st.floats(0.05, 0.8))
    @settings(max_examples=25, deadline=None)
    def test_proportional_shares(self, cost, eta):
        """For r = 1 all face one price, P = sum c / (N - 1 + eta), and s_i = (1 - c_i / P) / (1 - eta)."""
        found = solve(differing(cost, 1.0, eta))
        price = sum(cost) / (len(cost) - 1 + eta)
        expected = (1 - np.array(cost) / price) / (1 - eta)
        if expected.min() > 1e-6:
            assert found.found and found.share == pytest.approx(expected, abs=1e-8)
            assert found.capacity.sum() == pytest.approx(price ** (-1 / (1 - eta)), rel=1e-8)

    def test_a_costly_firm_stays_out_when_shares_are_proportional(self):
        found = solve(differing([1.0, 1.0, 3.0], 1.0, 0.2))
        assert found.found and found.out.tolist() == [False, False, True]
        assert found.capacity[:2].sum() == pytest.approx(
            symmetric(Contest(2, 1.0, 0.2)).capacity["equilibrium"]
        )
        assert found.capacity[2] == 0 and found.reaction[2] == 0

    def test_one_that_was_out_comes_back(self):
        firms = differing([1.0, 1.0, 1.1], 1.0, 0.2)
        assert solve(firms, np.array([5.0, 5.0, 1e-12])).capacity == pytest.approx(solve(firms).capacity)

    def test_with_a_high_decisiveness_the_weakest_are_left_out(self):
        found = solve(differing([1.0, 1.1, 1.2, 0.9, 1.0], 1.2, 0.3, weight=[1, 1, 1.5, 1, 1]))
        assert found.found and found.out.sum() == 3

    def test_where_none_exists_none_is_returned(self):
        found = solve(equal(2, 5.0, 0.1))
        content = found.to_dict()
        assert not found.found and found.message
        assert content["firms"] == [] and "capacity" not in content

    def test_reactions_are_those_of_solved_best_replies(self):
        firms = differing([1.0, 1.1, 0.9], 0.8, 0.4, weight=[1, 1.3, 0.8])
        found = solve(firms)
        for i in range(3):
            step = 1e-3 * found.capacity[i] * (np.arange(3) != i)
            up, down = (firms.best_reply(i, found.capacity + s)[0] for s in (step, -step))
            moved = (up - down) / (2e-3 * found.capacity[i])
            assert moved == pytest.approx(found.reaction[i], rel=5e-3, abs=1e-4)

    def test_scale_of_weights_and_money_does_not_matter(self):
        one = solve(differing([1.0, 1.1, 0.9], 0.7, 0.5, weight=[1, 2, 3]))
        two = solve(differing([1.0, 1.1, 0.9], 0.7, 0.5, weight=[10, 20, 30]))
        assert one.capacity == pytest.approx(two.capacity)


class TestLimits:
    def test_a_limit_that_binds_has_a_price_and_ends_reactions(self):
        free = solve(equal(3, 1.0, 0.5))
        limit = [0.6 * free.capacity[0], np.inf, np.inf]
        firms = differing([1.0] * 3, 1.0, 0.5, limit=limit)
        found = solve(firms)
        assert found.found and found.binding.tolist() == [True, False, False]
        assert found.capacity[0] == limit[0] and found.reaction[0] == 0
        step = 1e-6
        own = np.array([limit[0] - step, limit[0] + step])
        low, high = firms.payoffs(own, 0, found.capacity)
        assert found.shadow_price[0] == pytest.approx((high - low) / (2 * step), rel=1e-5)
        assert (found.shadow_price[1:] == 0).all() and (found.reaction[1:] != 0).all()
        assert found.capacity[1] > free.capacity[1]

    def test_a_limit_that_is_wide_changes_nothing(self):
        free = solve(differing([1.0, 1.2], 0.6, 0.3))
        wide = solve(differing([1.0, 1.2], 0.6, 0.3, limit=list(free.capacity * 1.01)))
        assert wide.capacity == pytest.approx(free.capacity) and not wide.binding.any()

    def test_all_limits_may_bind(self):
        found = solve(differing([1.0, 1.0], 0.6, 0.3, limit=[0.01, 0.02]))
        assert found.found and found.binding.all() and (found.shadow_price > 0).all()

    def test_the_price_falls_to_nought_as_the_limit_loosens(self):
        free = float(solve(equal(3, 0.8, 0.5)).capacity[0])
        prices = [
            float(solve(differing([1.0] * 3, 0.8, 0.5, limit=[s * free, np.inf, np.inf])).shadow_price[0])
            for s in (0.3, 0.6, 0.9, 1.1)
        ]
        assert prices == sorted(prices, reverse=True) and prices[-1] == 0 < prices[-2]


class TestInput:
    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"cost": np.array([1.0])}, "2 or more"),
            ({"cost": np.array([1.0, -1.0])}, "cost of firm 2 = -1: expected a number above 0"),
            ({"weight": np.array([1.0, np.inf])}, "weight of firm 2"),
            ({"limit": np.array([1.0, np.nan])}, "limit of firm 2"),
            ({"weight": np.ones(3)}, "weight of 3 firms: expected 2"),
            ({"elasticity": 1.0}, "below 1"),
            ({"decisiveness": 0.0}, "above 0"),
        ],
    )
    def test_numbers_outside_their_range(self, changed, message):
        given_ = {"cost": np.ones(2), "weight": np.ones(2), "limit": np.full(2, np.inf)}
        with pytest.raises(InputError, match=message):
            Firms(**{**given_, "decisiveness": 1.0, "elasticity": 0.5, **changed})

    def test_a_file_is_read(self, tmp_path: Path):
        file = tmp_path / "firms.toml"
        file.write_text(
            "decisiveness = 1\nelasticity = 0.5\n"
            '[[firm]]\nname = "A"\ncost = 1\n[[firm]]\nname = "B"\ncost = 2\nweight = 3\nfunds = 5\n'
        )
        firms = read_firms(file)
        assert firms.names == ("A", "B") and firms.limit.tolist() == [np.inf, 2.5]
        assert firms.weight.tolist() == [1.0, 3.0]

    def test_every_fault_of_a_file_is_told(self, tmp_path: Path):
        file = tmp_path / "firms.toml"
        file.write_text(
            'elasticity = 1\nplanner = 2\n[[firm]]\nname = "A"\ncost = -1\n[[firm]]\nname = "A"\nmoney = 3\n'
        )
        with pytest.raises(InputError) as refusal:
            read_firms(file)
        told = str(refusal.value)
        for part in (
            "lacks 'decisiveness'",
            "elasticity = 1",
            "'planner'",
            "cost = -1",
            "as another is",
            "'money'",
            "lacks 'cost'",
        ):
            assert part in told

    @pytest.mark.parametrize(
        "content", ["a = [", 'decisiveness = 1\nelasticity = 0.5\n[[firm]]\nname = "A"\ncost = 1']
    )
    def test_what_is_not_two_firms_is_refused(self, tmp_path: Path, content):
        file = tmp_path / "firms.toml"
        file.write_text(content)
        with pytest.raises(InputError, match=r"TOML|two or more"):
            read_firms(file)
        with pytest.raises(InputError, match="cannot be read"):
            read_firms(tmp_path / "none.toml")


@pytest.mark.parametrize("seed", range(6))
def test_firms_that_differ_with_limits_have_one_whatever_the_start(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 7))
    firms = Firms(
        np.exp(rng.normal(0, 0.2, n)),
        np.exp(rng.normal(0, 0.2, n)),
        np.where(rng.random(n) < 0.3, rng.uniform(0.01, 0.1, n), np.inf),
        float(rng.uniform(0.3, 1.0)),
        float(rng.uniform(0.1, 0.6)),
    )
    near, far = solve(firms), solve(firms, np.exp(rng.normal(-2, 3, n)))
    assert near.found and far.found and near.capacity == pytest.approx(far.capacity, rel=1e-6)
    assert (near.capacity <= firms.limit * (1 + 1e-9)).all()
    assert (near.shadow_price[~near.binding] == 0).all() and (near.shadow_price >= -1e-9).all()
