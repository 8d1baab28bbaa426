"""The likelihood of logit equilibria against enumeration, closed cases, finite differences and its limits."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq, root
from scipy.special import expit
from scipy.stats import norm

from overbuild.errors import InputError
from overbuild.games.quantal_kernel import (
    interaction,
    log_likelihood,
    log_likelihood_and_gradient,
    log_likelihood_by_period,
    log_likelihoods,
    payoffs,
    settle,
    shock_nodes,
)

NODES, WEIGHTS = shock_nodes(17)


def panel(periods, firms, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random((periods, firms)) < 0.55).astype(np.int8)
    return y, rng.normal(size=(periods, firms, 2))


def equilibrium(base, delta):
    """Solve by another method: beliefs by enumeration of all rivals' answers, a root finder of SciPy."""
    n = base.size

    def gap(index):
        p = expit(index)
        out = np.zeros(n)
        for i in range(n):
            for answers in product((0, 1), repeat=n):
                if not answers[i]:
                    chances = [p[j] if answers[j] else 1 - p[j] for j in range(n) if j != i]
                    out[i] += np.prod(chances) * delta[sum(answers)]
        return base + out - index

    return expit(root(gap, base, tol=1e-12).x)


def brute_force(delta, coefficients, scale, y, covariates):
    total = 0.0
    for t in range(len(y)):
        chance = 0.0
        for z, w in zip(NODES, WEIGHTS, strict=True):
            p = equilibrium(covariates[t] @ coefficients + scale * z, delta)
            chance += w * np.prod(np.where(y[t] == 1, p, np.where(y[t] == 0, 1 - p, 1.0)))
        total += np.log(chance)
    return total


@pytest.mark.parametrize("delta", [payoffs(0.3, 1.5, 3), payoffs(-0.2, -2.5, 3), np.array([-0.4, 0.5, 0.1])])
def test_three_firms_as_by_enumeration(delta):
    y, x = panel(6, 3)
    y[2, 1] = -1
    c = np.array([0.4, -0.3])
    assert log_likelihood(delta, c, 0.8, y, x, NODES, WEIGHTS) == pytest.approx(
        brute_force(delta, c, 0.8, y, x), abs=1e-8
    )


def test_five_firms_as_by_enumeration():
    y, x = panel(2, 5)
    delta, c = np.array([-0.5, 0.2, 0.1, 0.6, 0.9]), np.array([0.4, 0.3])
    assert log_likelihood(delta, c, 0.8, y, x, NODES, WEIGHTS) == pytest.approx(
        brute_force(delta, c, 0.8, y, x), abs=1e-8
    )


def test_two_firms_as_by_a_scalar_equation_and_adaptive_quadrature():
    y, x = np.array([[1, 0]], dtype=np.int8), np.array([[[0.3], [-0.6]]])
    level, zeta, c, scale = 0.2, 1.8, 0.7, 0.9
    delta = payoffs(level, zeta, 2)

    def answers(u):
        first, second = c * 0.3 + u, -c * 0.6 + u

        def gap(p):
            q = expit(second + level + zeta * (p - 0.5))
            return expit(first + level + zeta * (q - 0.5)) - p

        p = float(brentq(gap, 0, 1, xtol=1e-14))  # pyright: ignore[reportArgumentType]
        q = expit(second + level + zeta * (p - 0.5))
        return p * (1 - q)

    exact = quad(lambda z: answers(scale * z) * norm.pdf(z), -9, 9, epsabs=1e-12)[0]
    found = log_likelihood(delta, np.array([c]), scale, y, x, *shock_nodes(41, 6.0))
    assert found == pytest.approx(np.log(exact), abs=1e-8)


@pytest.mark.parametrize(
    "delta", [payoffs(0.3, 1.5, 5), payoffs(0.0, -3.5, 5), np.array([-0.5, 0.2, 0.1, 0.6, 0.9])]
)
def test_gradient_is_that_of_finite_differences(delta):
    y, x = panel(20, 5)
    y[3, 2] = -1
    point = np.concatenate([delta, [0.4, 0.3, 0.8]])

    def value(at):
        return log_likelihood(at[:5], at[5:7], at[7], y, x, NODES, WEIGHTS)

    total, by_delta, by_coefficients, by_scale = log_likelihood_and_gradient(
        delta, point[5:7], 0.8, y, x, NODES, WEIGHTS
    )
    step = 1e-5
    differences = [(value(point + step * e) - value(point - step * e)) / (2 * step) for e in np.eye(8)]
    assert total == pytest.approx(value(point), abs=1e-10)
    np.testing.assert_allclose([*by_delta, *by_coefficients, by_scale], differences, atol=2e-6)


def test_without_interaction_it_is_a_logit_with_a_random_effect():
    y, x = panel(10, 5)
    c, level, scale = np.array([0.4, 0.3]), 0.2, 0.9

    def quarter(t):
        def chance(u):
            p = expit(level + x[t] @ c + scale * u)
            return np.prod(np.where(y[t] == 1, p, 1 - p)) * norm.pdf(u)

        return np.log(quad(chance, -9, 9, epsabs=1e-13)[0])

    found = log_likelihood_by_period(payoffs(level, 0.0, 5), c, scale, y, x, *shock_nodes(33, 6.0))
    np.testing.assert_allclose(found, [quarter(t) for t in range(10)], atol=1e-8)


def test_without_a_shock_answers_are_independent_given_the_equilibrium():
    y, x = panel(4, 3)
    delta, c = payoffs(0.1, 2.0, 3), np.array([0.4, 0.3])
    p = np.array([equilibrium(x[t] @ c, delta) for t in range(4)])
    plain = np.log(np.where(y == 1, p, 1 - p)).sum()
    assert log_likelihood(delta, c, 0.0, y, x, NODES, WEIGHTS) == pytest.approx(plain, abs=1e-8)
    assert log_likelihood(delta, c, 1e-9, y, x, NODES, WEIGHTS) == pytest.approx(plain, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=4, max_size=4),
    st.floats(0, 2),
    st.integers(0, 10_000),
)
def test_probabilities_of_all_answers_add_up_to_one(delta, scale, seed):
    every = np.array(list(product((0, 1), repeat=4)), dtype=np.int8)
    x = np.repeat(np.random.default_rng(seed).normal(size=(1, 4, 1)), 16, axis=0)
    found = log_likelihood_by_period(np.array(delta), np.ones(1), scale, every, x, NODES, WEIGHTS)
    solved = np.isfinite(found)
    assert solved.all() == solved.any(), "whether games are solved does not depend on the answers"
    if interaction(np.array(delta)) < 1:
        assert solved.all()
    assume(solved.all())
    assert np.exp(found).sum() == pytest.approx(1.0, abs=1e-8)


def test_order_of_firms_does_not_matter_and_batches_equal_single_draws():
    y, x = panel(12, 5)
    rng = np.random.default_rng(1)
    deltas, c = rng.normal(size=(6, 5)), rng.normal(size=(6, 2))
    scales = np.abs(rng.normal(size=6))
    found = log_likelihoods(deltas, c, scales, y, x, NODES, WEIGHTS)
    single = [
        log_likelihood(d, k, s, y, x, NODES, WEIGHTS) for d, k, s in zip(deltas, c, scales, strict=True)
    ]
    np.testing.assert_allclose(found, single, rtol=1e-12)
    order = np.array([3, 1, 4, 0, 2])
    moved = np.ascontiguousarray(y[:, order]), np.ascontiguousarray(x[:, order])
    np.testing.assert_allclose(log_likelihoods(deltas, c, scales, *moved, NODES, WEIGHTS), found, atol=1e-7)


@pytest.mark.parametrize(("level", "rises"), [(0.3, True), (-0.3, False)])
def test_of_several_equilibria_the_first_from_one_half_is_selected(level, rises):
    firms, zeta = 5, 7.0
    delta = payoffs(level, zeta, firms)
    assert interaction(delta) > 1
    index, p = np.zeros(firms), np.zeros(firms)
    assert settle(np.zeros(firms), 0.0, delta, True, False, index, p, np.zeros((5, 5)), np.zeros((3, 6)))
    grid = np.linspace(0.5, 1, 20_001) if rises else np.linspace(0.5, 0, 20_001)
    gap = expit(level + zeta * (grid - 0.5)) - grid
    first = grid[np.flatnonzero(np.sign(gap[1:]) != np.sign(gap[:-1]))[0]]
    np.testing.assert_allclose(p, first, atol=1e-4)


def test_chances_too_small_for_a_number_are_kept_as_logs():
    y, x = np.ones((1, 5), dtype=np.int8), np.zeros((1, 5, 1))
    found = log_likelihood(payoffs(-300.0, 0.0, 5), np.zeros(1), 0.0, y, x, NODES, WEIGHTS)
    assert found == pytest.approx(-1500.0)


def test_the_rule_integrates_steep_choices_better_than_gauss_hermite():
    y, x = panel(60, 5)
    delta, c, scale = payoffs(0.2, 2.5, 5), np.array([0.5, 0.5]), 1.2
    exact = log_likelihood(delta, c, scale, y, x, *shock_nodes(201, 7.0))
    points, mass = np.polynomial.hermite_e.hermegauss(17)
    gauss = log_likelihood(delta, c, scale, y, x, points, mass / mass.sum())
    ours = log_likelihood(delta, c, scale, y, x, NODES, WEIGHTS)
    assert abs(ours - exact) < 0.05 < abs(gauss - exact)


def test_bad_sizes_are_refused():
    with pytest.raises(InputError, match="3 or more"):
        shock_nodes(2)
    with pytest.raises(InputError, match="2 or more"):
        payoffs(0.0, 1.0, 1)
