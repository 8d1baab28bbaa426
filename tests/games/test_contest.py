"""The contest among equal firms: the paper's values, the theorem on the slope, the algebra done otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar, root_scalar

from overbuild.errors import InputError
from overbuild.games.contest import (
    LEAST_GAIN,
    SAFE_ELASTICITY,
    Contest,
    corrective_tax,
    curvature,
    dissipation,
    interaction,
    most_decisive,
    overbuild_ratio,
    reaction_slope,
    rivalry_ratio,
    symmetric,
    takes_part,
)
from overbuild.games.contest_solver import Firms, solve

firms = st.integers(2, 40)
elasticities = st.floats(0.01, 0.9)
shares = st.floats(0.001, 1.0)
"""Of the largest decisiveness at which firms take part."""


def taking_part(n: int, eta: float, share: float) -> float:
    return share * float(most_decisive(n, eta))


def gradient(c: Contest, own: float, rival: float) -> float:
    """Return the derivative of the own pay-off by a complex step, from the definition of the game."""

    def payoff(k: complex) -> complex:
        others = c.firms - 1
        share = k**c.decisiveness / (k**c.decisiveness + others * rival**c.decisiveness)
        return share * c.value * (k + others * rival) ** c.elasticity - c.cost * k

    return payoff(complex(own, 1e-25)).imag / 1e-25


def reply(c: Contest, rival: float, near: float) -> float:
    ends = (near * 0.98, near * 1.02)
    return root_scalar(lambda k: gradient(c, k, rival), bracket=ends, xtol=1e-14 * near, rtol=1e-14).root


class TestValues:
    @pytest.mark.parametrize(
        ("n", "r", "eta", "rivalry", "spent", "planner"),
        [
            (5, 1.0, 0.5, 3.24, 0.90, 0.81),
            (5, 1.0, 0.3, 4.50, 0.86, 0.81),
            (5, 0.5, 0.5, 1.00, 0.50, 0.25),
            (5, 0.5, 0.8, 0.17, 0.56, 0.06),
            (4, 1.0, 0.5, 3.06, 0.875, 0.77),
        ],
    )
    def test_ratios_and_dissipation(self, n, r, eta, rivalry, spent, planner):
        found = symmetric(Contest(n, r, eta))
        assert found.rivalry_ratio == pytest.approx(rivalry, abs=0.005)
        assert found.dissipation == pytest.approx(spent, abs=1e-9)
        assert found.overbuild_ratio == pytest.approx(planner, abs=0.005)
        assert found.break_even_ratio == found.overbuild_ratio

    @pytest.mark.parametrize(
        ("n", "r", "eta", "slope"),
        [(5, 1, 0, -1.5), (5, 1, 0.5, -1.65), (5, 0.5, 0, -0.43), (5, 0.5, 0.5, -0.19), (5, 0.5, 0.8, 0.29)],
    )
    def test_slopes(self, n, r, eta, slope):
        assert symmetric(Contest(n, r, eta)).reaction_slope == pytest.approx(slope, abs=0.005)

    def test_two_firms_without_expansion_do_not_react(self):
        assert symmetric(Contest(2, 1.3, 0.0)).reaction_slope == 0

    def test_taxes(self):
        assert symmetric(Contest(5, 1.0, 0.5)).corrective_tax == pytest.approx(0.80)
        assert symmetric(Contest(5, 0.6, 0.5)).corrective_tax == pytest.approx(0.16)

    def test_tullock(self):
        """Tullock (1980): each of N bids (N - 1) r / N^2 of the prize."""
        found = symmetric(Contest(7, 0.8, 0.0, cost=2.0, value=3.0))
        assert found.capacity["equilibrium"] == pytest.approx(7 * 0.8 * 6 / 49 * 3.0 / 2.0)
        assert found.rivalry_ratio is None and found.corrective_tax is None
        assert "elasticity of 0" in found.sentence() and found.to_dict()["note"]

    def test_the_sentence_gives_the_ratios(self):
        assert "3.24 times" in symmetric(Contest(5, 1.0, 0.5)).sentence()
        assert "subsidy of 30%" in symmetric(Contest(5, 0.5, 0.8)).sentence()


class TestTheorems:
    @given(st.integers(2, 12), elasticities, st.floats(0.05, 0.98))
    @settings(max_examples=30, deadline=None)
    def test_more_than_joint_profit_iff_decisiveness_exceeds_elasticity(self, n, eta, share):
        """Of the capacity at which Newton's method ends, and of joint profit searched for its maximum."""
        r = taking_part(n, eta, share)
        assume(abs(r - eta) > 1e-3)
        found = solve(Firms(np.ones(n), np.ones(n), np.full(n, np.inf), r, eta))
        assert found.found
        total = float(found.capacity.sum())

        def loss(log_k: float) -> float:
            return float(np.exp(log_k) - np.exp(eta * log_k))

        jointly: Any = minimize_scalar(
            lambda z: loss(z) / abs(loss(np.log(eta) / (1 - eta))),
            bounds=(np.log(eta) / (1 - eta) - 5, np.log(eta) / (1 - eta) + 5),
            method="bounded",
            options={"xatol": 1e-10},
        )
        assert (np.log(total) > float(jointly.x)) == (r > eta)

    @given(firms, st.just(0.0) | elasticities, shares)
    def test_replies_never_rise_where_decisiveness_is_at_least_the_elasticity(self, n, eta, share):
        r = max(taking_part(n, eta, share), eta)
        slope = float(reaction_slope(n, r, eta))
        assert slope <= 0
        assert (slope == 0) == (n == 2 and eta == 0)

    @given(firms, st.floats(0.01, 0.85), st.floats(0.05, 0.99))
    @settings(max_examples=50, deadline=None)
    def test_replies_rise_iff_expansion_outweighs(self, n, eta, share):
        """Of best replies found from the game's definition, to rivals who all have a little more."""
        r = taking_part(n, eta, share)
        left, right = (n - 2) * r * (eta - r), eta * (1 - eta)
        assume(abs(left - right) > 1e-3)
        c = Contest(n, r, eta)
        level = c.capacity(float(dissipation(n, r, eta))) / n
        assert (reply(c, level * (1 + 1e-4), level) > level) == (left > right)

    @given(firms, elasticities, shares)
    def test_never_above_the_planner_without_a_transfer(self, n, eta, share):
        assert overbuild_ratio(n, taking_part(n, eta, share), eta, 0.0) <= 1 + 1e-9

    @given(firms, st.floats(0.0, 0.99), shares)
    def test_the_second_order_condition_holds_wherever_firms_take_part(self, n, eta, share):
        assert curvature(n, taking_part(n, eta, share), eta) > 0

    @given(firms, elasticities, shares)
    def test_the_tax_leads_to_joint_profit(self, n, eta, share):
        r = taking_part(n, eta, share)
        taxed = Contest(n, r, eta, cost=1 + float(corrective_tax(n, r, eta)))
        assert taxed.capacity(float(dissipation(n, r, eta))) == pytest.approx(
            Contest(n, r, eta).capacity(eta)
        )


class TestAlgebra:
    @given(firms, st.floats(0.001, 0.85), st.floats(0.05, 0.99), st.floats(0.1, 10), st.floats(0.1, 10))
    @settings(max_examples=50, deadline=None)
    def test_first_order_condition_and_slope(self, n, eta, share, cost, value):
        c = Contest(n, taking_part(n, eta, share), eta, cost=cost, value=value)
        found = symmetric(c)
        level = (found.capacity["equilibrium"] or 0) / n
        assert gradient(c, level, level) == pytest.approx(0, abs=1e-9 * cost)
        step = 1e-4 * level
        moved = reply(c, level + step, level) - reply(c, level - step, level)
        assert moved / (2 * step) == pytest.approx(found.reaction_slope, rel=1e-4, abs=1e-5)

    def test_benchmarks_are_where_marginal_gain_is_nought(self):
        c = Contest(5, 0.9, 0.4, transfer_share=0.3, cost=2.0, value=7.0)
        k = symmetric(c).capacity
        step = 1e-6

        def slope(worth, at):
            return (worth(at + step) - worth(at - step)) / (2 * step)

        assert slope(lambda x: 7 * x**0.4 - 2 * x, k["joint_profit"]) == pytest.approx(0, abs=1e-6)
        # Users and owners together: the area below demand, V / eta, without the part that is a transfer.
        assert slope(lambda x: 0.7 * 7 * x**0.4 / 0.4 - 2 * x, k["planner"]) == pytest.approx(0, abs=1e-6)
        assert 7 * (k["break_even"] or 0) ** 0.4 == pytest.approx(2 * (k["break_even"] or 0))

    def test_arrays_give_what_numbers_give(self):
        r, eta = np.array([1.0, 0.5]), np.array([0.5, 0.8])
        assert rivalry_ratio(5, r, eta) == pytest.approx([3.24, 0.168], abs=0.001)
        assert interaction(5, r, eta).shape == (2,)
        assert takes_part(5, np.array([1.0, 1.2]), 0.5).tolist() == [True, False]


class TestGlobally:
    @pytest.mark.parametrize("n", [2, 3, 5, 20, 50])
    def test_no_deviation_gains_up_to_the_safe_elasticity(self, n):
        for eta in (0.0, 0.2, 0.5, 0.8, SAFE_ELASTICITY):
            bound = float(most_decisive(n, eta))
            for r in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, bound):
                if r <= bound:
                    gain, _ = Contest(n, r, eta).deviation()
                    assert gain <= LEAST_GAIN, (n, r, eta)

    @pytest.mark.parametrize("n", [2, 5, 50])
    @pytest.mark.parametrize("eta", [0.92, 0.95, 0.99])
    def test_nor_above_it_where_decisiveness_is_at_least_the_elasticity(self, n, eta):
        for r in np.linspace(eta, float(most_decisive(n, eta)), 5):
            assert Contest(n, float(r), eta).deviation()[0] <= LEAST_GAIN

    def test_participation_is_not_enough_near_an_elasticity_of_one(self):
        c = Contest(5, 0.4, 0.95)
        assert takes_part(5, 0.4, 0.95)
        gain, multiple = c.deviation()
        assert gain > 0.01 and multiple > 10
        with pytest.raises(
            InputError, match=r"would gain by building .* up to 0\.9, or with a decisiveness from 0\.95"
        ):
            symmetric(c)

    def test_beyond_the_bound_staying_out_is_better(self):
        c = Contest(5, 1.2, 0.5)
        level = c.capacity(float(dissipation(5, 1.2, 0.5))) / 5
        assert c.payoff(level, level) < 0
        with pytest.raises(InputError, match=r"does not exist; it does above 0 and up to 1\.125"):
            symmetric(c)


class TestRefusals:
    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"firms": 1}, "whole number of 2 or more"),
            ({"firms": 2.5}, "whole number of 2 or more"),
            ({"decisiveness": 0.0}, "above 0"),
            ({"decisiveness": float("nan")}, "above 0"),
            ({"elasticity": 1.0}, "below 1"),
            ({"elasticity": -0.2}, "0 or more"),
            ({"transfer_share": 1.0}, "below 1"),
            ({"cost": -1.0}, "above 0"),
            ({"value": 0.0}, "above 0"),
        ],
    )
    def test_a_number_outside_its_range_is_named_with_the_range(self, changed, message):
        with pytest.raises(InputError, match=message) as refusal:
            Contest(**{"firms": 5, "decisiveness": 1.0, "elasticity": 0.5, **changed})
        assert next(iter(changed)) in str(refusal.value)

    def test_a_capacity_beyond_all_numbers_is_refused(self):
        with pytest.raises(InputError, match="other units"):
            symmetric(Contest(5, 1.0, 0.999, value=100.0))
        with pytest.raises(InputError, match="further from 0 and 1"):
            symmetric(Contest(5, 1.0, 1e-320))
