"""Regret on top of the contest, and the newsvendor's insurance."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from overbuild.errors import InputError
from overbuild.games.asked import Asked
from overbuild.games.contest import Contest, most_decisive
from overbuild.games.newsvendor import FRACTILES, log_shares, pooling, result
from overbuild.games.regret import linear, smooth, unexplained
from overbuild.randomness import stream

CONTEST = Contest(5, 1.0, 0.5)


def best(c: Contest, rival: float, near: float, regret) -> float:
    """Return the best reply to rivals who all build the same, with regret over the gap to them."""

    def loss(k: float) -> float:
        return float(regret(max(rival - k, 0.0)) - c.payoff(k, rival))

    found: Any = minimize_scalar(
        loss, bounds=(0.7 * near, 1.3 * near), method="bounded", options={"xatol": 1e-12}
    )
    return float(found.x)


class TestSmoothRegret:
    @pytest.mark.parametrize("kappa", [0.0, 0.5, 3.0, 20.0])
    def test_reactions_are_those_of_best_replies_and_the_level_stays(self, kappa):
        level, step = 0.81 / 5, 2e-4
        found = smooth(CONTEST, kappa)
        at = [best(CONTEST, level + s, level, lambda gap: kappa / 2 * gap**2) for s in (-step, 0.0, step)]
        assert at[1] == pytest.approx(level, rel=1e-5)
        assert (at[2] - level) / step == pytest.approx(found.up, abs=0.02)
        assert (level - at[0]) / step == pytest.approx(found.down, abs=0.02)

    @given(st.integers(2, 40), st.floats(0.0, 50.0), st.floats(0.01, 1.0), st.floats(0.01, 0.9))
    @settings(deadline=None)
    def test_it_raises_the_upward_slope_alone_and_never_to_one(self, n, kappa, share, eta):
        contest = Contest(n, share * float(most_decisive(n, eta)), eta)
        own, found = smooth(contest, 0.0), smooth(contest, kappa)
        assert found.down == own.down == pytest.approx(own.up)
        assert own.up - 1e-12 <= found.up < 1

    @given(st.floats(-1.6, 0.95))
    @settings(deadline=None)
    def test_what_a_slope_leaves_unexplained(self, slope):
        assert smooth(CONTEST, unexplained(CONTEST, slope)).up == pytest.approx(slope)

    def test_a_slope_that_the_contest_explains_needs_none(self):
        assert unexplained(CONTEST, -1.8) == 0

    def test_refusals(self):
        with pytest.raises(InputError, match="kappa = -1"):
            smooth(CONTEST, -1.0)
        with pytest.raises(InputError, match="below 1"):
            unexplained(CONTEST, 1.0)
        with pytest.raises(InputError, match="does not exist"):
            smooth(Contest(5, 1.2, 0.5), 1.0)


class TestLinearRegret:
    def test_both_ends(self):
        found = linear(CONTEST, 0.1)
        assert found.low == pytest.approx(0.81)
        assert found.high == pytest.approx((0.9 / 0.9) ** 2)

    @pytest.mark.parametrize(
        ("share", "holds"), [(-0.02, False), (0.0, True), (0.5, True), (1.0, True), (1.05, False)]
    )
    def test_inside_the_interval_nobody_moves_and_outside_somebody_does(self, share, holds):
        kappa = 0.2
        found = linear(CONTEST, kappa)
        level = (found.low + share * (found.high - found.low)) / 5
        grid = np.concatenate([[0.0], np.linspace(1e-6, 4 * level, 40_001)])
        worth = CONTEST.payoff(grid, level) - kappa * np.maximum(level - grid, 0)
        gain = worth.max() - float(CONTEST.payoff(level, level))
        assert (gain <= 1e-7) == holds

    def test_no_regret_leaves_one_and_much_leaves_no_end(self):
        one = linear(CONTEST, 0.0)
        assert one.low == pytest.approx(one.high)
        assert linear(CONTEST, 1.0).high == np.inf
        with pytest.raises(InputError, match="kappa"):
            linear(CONTEST, -0.1)


class TestNewsvendor:
    def test_unpooled_over_pooled(self):
        found = result(Asked(Path(), date(2026, 11, 22), quick=True))
        ratios = [row["ratio"] for row in found["rows"]]
        assert ratios == pytest.approx([0.99, 1.03, 1.05, 1.13], abs=0.006)
        assert all(row["error"] < 0.002 for row in found["rows"])

    def test_shares_add_up_to_one_and_vary_as_asked(self):
        logs = log_shares(5, 0.45, 4000, stream("test/newsvendor"))
        assert np.exp(logs).sum(axis=1) == pytest.approx(np.ones(4000))
        assert logs.std() == pytest.approx(0.45, abs=1e-5)

    def test_one_firm_holding_a_fixed_share_gains_nothing_by_pooling(self):
        fixed = np.full((2000, 5), np.log(0.2))
        for q in FRACTILES:
            found = pooling(q, fixed)
            assert found.ratio == pytest.approx(1.0, abs=1e-9)
            assert found.idle_unpooled == pytest.approx(found.idle_pooled, abs=1e-9)

    def test_the_error_is_no_smaller_than_that_of_repeated_draws(self):
        found = [pooling(0.9, log_shares(5, 0.45, 2000, stream("test/mc", index=k))) for k in range(40)]
        spread = np.std([f.ratio for f in found], ddof=1)
        assert 1 < np.mean([f.error for f in found]) / spread < 6

    def test_idle_share_is_that_of_simulated_demand(self):
        rng = stream("test/idle")
        logs = log_shares(5, 0.45, 200_000, rng)
        found = pooling(0.8, logs)
        demand = np.exp(logs + 0.5 * rng.standard_normal((len(logs), 1)))
        each = found.unpooled / 5
        assert 1 - np.minimum(demand, each).mean() / each == pytest.approx(found.idle_unpooled, abs=0.003)

    @given(st.floats(0.55, 0.95))
    @settings(max_examples=10, deadline=None)
    def test_pooled_capacity_is_the_quantile_of_the_market(self, q):
        from scipy.stats import lognorm

        fixed = np.full((4, 2), np.log(0.5))
        assert pooling(q, fixed).pooled == pytest.approx(lognorm.ppf(q, 0.5))

    def test_refusals(self):
        with pytest.raises(InputError, match="fractile"):
            pooling(1.0, np.zeros((4, 2)))
        with pytest.raises(InputError, match="market"):
            pooling(0.8, np.zeros((4, 2)), market=0.0)
        with pytest.raises(InputError, match="2 or more"):
            log_shares(1, 0.45, 10, stream("x"))
