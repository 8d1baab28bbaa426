"""The likelihood of any emission: equal to a sum over all paths, to statsmodels, to differences."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_t, norm
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

from overbuild.models import switching as sw
from overbuild.models.quarterly_chain import exit_hazard, log_density, quarterly_moves
from overbuild.models.switching_joint import joint_forward, joint_gradient, joint_smoothed

gradient: Any = joint_gradient
forward: Any = joint_forward
smoothed: Any = joint_smoothed
one_series: Any = sw.panel_gradient
AGES = 3


def chain(periods: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hazards, moves and starting shares that differ by period."""
    hazard = rng.uniform(0.05, 0.6, (periods, AGES))
    moves = rng.dirichlet([2.0, 1, 1], (periods, 3))
    moves[:, 1, 1] = 0
    moves[:, 1] /= moves[:, 1].sum(axis=1, keepdims=True)
    return hazard, moves, sw.initial_states((0.6, 0.3, 0.1), AGES)


def full(hazard: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return the chances of every state from every state: normal, ages, bust."""
    states = hazard.size + 2
    out = np.zeros((states, states))
    for state, row in ((0, moves[0]), (states - 1, moves[2])):
        out[state, [0, 1, states - 1]] = row
    for a in range(1, states - 1):
        out[a, 0], out[a, -1] = hazard[a - 1] * moves[1, 0], hazard[a - 1] * moves[1, 2]
        out[a, min(a + 1, states - 2)] += 1 - hazard[a - 1]
    return out


def over_all_paths(
    density: np.ndarray, hazard: np.ndarray, moves: np.ndarray, initial: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the log-likelihood and P(regime | everything), summed over every path of the states."""
    periods, states = density.shape[0], initial.size
    regimes = [0, *[1] * (states - 2), 2]
    matrices = [full(h, m) for h, m in zip(hazard, moves, strict=True)]
    total, shares = 0.0, np.zeros((periods, 3))
    for path in np.ndindex(*(states,) * (periods + 1)):
        weight = initial[path[0]]
        for t, (q, r) in enumerate(pairwise(path)):
            weight *= matrices[t][q, r] * np.exp(density[t, regimes[q], regimes[r]])
        total += weight
        for t, state in enumerate(path[1:]):
            shares[t, regimes[state]] += weight
    return float(np.log(total)), shares / total


def test_it_is_the_sum_over_all_paths_and_so_are_the_regimes() -> None:
    rng = np.random.default_rng(1)
    hazard, moves, initial = chain(5, rng)
    density = rng.normal(0, 2, (5, 3, 3))
    total, shares = over_all_paths(density, hazard, moves, initial)
    value, filtered, scaled, scale = forward(density, hazard, moves, initial)
    assert value == pytest.approx(total, abs=1e-10)
    np.testing.assert_allclose(smoothed(filtered, scaled, scale, hazard, moves), shares, atol=1e-12)
    np.testing.assert_allclose(filtered[-1, [0, -1]], shares[-1, [0, 2]], atol=1e-12)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_gradient_is_that_of_finite_differences(place: int) -> None:
    rng = np.random.default_rng(2)
    hazard, moves, initial = chain(30, rng)
    given = [rng.normal(0, 2, (30, 3, 3)), hazard, moves]
    exact = gradient(*given, initial)[place + 1]
    numeric = np.zeros(exact.shape)
    for at in np.ndindex(exact.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = [x.copy() for x in given]
            moved[place][at] += step
            ends.append(gradient(*moved, initial)[0])
        numeric[at] = (ends[0] - ends[1]) / 2e-6
    np.testing.assert_allclose(exact, numeric, atol=1e-6)


def test_with_one_series_it_is_the_likelihood_of_one_series() -> None:
    rng = np.random.default_rng(3)
    g = rng.normal(0.02, 0.1, 40)
    mu, log_sigma, phi = np.array([0.2, 0.8, -1.0]), np.log(0.1 * np.array([1.0, 1.2, 1.5])), 0.3
    base, age = rng.normal(-2, 0.3, 40), 0.4 * np.log(np.arange(1, AGES + 1))
    _, moves, initial = chain(40, rng)
    still = np.repeat(moves[:1], 40, axis=0)
    bounds = np.zeros(1), np.array([40.0])
    old = one_series(
        g[None], *bounds, mu[None] / 4, log_sigma[None], phi, base[None], age, moves[0], initial, 5.0
    )
    hazard = 1 / (1 + np.exp(-(base[:, None] + age)))
    density = log_density(
        np,
        as_data(g[:, None]),
        mu,
        log_sigma[:1],
        log_sigma - log_sigma[0],
        np.array([phi]),
        np.zeros((1, 4)),
        0.0,
        5.0,
        1,
    )
    new = gradient(density, hazard, still, initial)
    assert new[0] == pytest.approx(old[0], abs=1e-9)
    np.testing.assert_allclose(new[3].sum(axis=0), old[6], atol=1e-8)


def as_data(growth: np.ndarray) -> dict[str, np.ndarray]:
    seasons = np.eye(4)[np.arange(len(growth)) % 4]
    known = np.ones(len(growth))
    known[0] = 0
    before = np.vstack([np.zeros((1, growth.shape[1])), growth[:-1]])
    return {
        "growth": growth,
        "before": before,
        "known": known,
        "season": seasons,
        "season_before": np.roll(seasons, 1, axis=0),
    }


def test_without_age_slack_and_persistence_it_is_the_markov_switching_regression() -> None:
    growth = np.random.default_rng(4).normal(0.02, 0.08, 70)
    mu, sigma = np.array([0.05, 0.2, -0.2]), 0.08 * np.array([1.0, 1.2, 1.5])
    ones = np.ones(70)
    moves = quarterly_moves(np, np.array([0.85, 0.1, 0.05]), 0.4, np.array([0.5, 0.1, 0.4]), 0.0, 0 * ones)
    hazard = exit_hazard(np, -1.5, 0.0, 0.0, 0 * ones, 1)
    chain = full(hazard[0], moves[0])
    values, vectors = np.linalg.eig(chain.T)
    start = np.real(vectors[:, np.argmax(np.real(values))])
    density = log_density(
        np,
        as_data(growth[:, None]),
        mu,
        np.log(sigma[:1]),
        np.log(sigma / sigma[0]),
        np.zeros(1),
        np.zeros((1, 4)),
        0.0,
        1e9,
        1,
    )
    model = MarkovRegression(growth, k_regimes=3, switching_variance=True)
    named = {f"p[{q}->{r}]": chain[q, r] for q in range(3) for r in range(2)}
    named |= {f"const[{r}]": mu[r] / 4 for r in range(3)} | {f"sigma2[{r}]": sigma[r] ** 2 for r in range(3)}
    reference = model.loglike(np.array([named[n] for n in model.param_names]))
    exact = np.repeat(norm.logpdf(growth[:, None], mu / 4, sigma)[:, None, :], 3, axis=1)
    initial = start / start.sum()
    assert gradient(exact, hazard, moves, initial)[0] == pytest.approx(reference, abs=1e-9)
    assert gradient(density, hazard, moves, initial)[0] == pytest.approx(reference, abs=1e-4)


def test_the_density_of_two_series_is_the_multivariate_t() -> None:
    rng = np.random.default_rng(5)
    growth, season = rng.normal(0, 0.1, (6, 2)), rng.normal(0, 0.05, (2, 4))
    mu, phi, rho = np.array([0.05, 0.2, -0.3]), np.array([-0.3, 0.1]), 0.6
    sigma, ratio = np.array([0.08, 0.05]), np.array([1.0, 1.2, 1.5])
    data = as_data(growth)
    found = log_density(np, data, mu, np.log(sigma), np.log(ratio), phi, season, rho, 5.0, 2)
    for t in range(6):
        now, before = season[:, t % 4], season[:, (t - 1) % 4]
        for q in range(3):
            gap = growth[t - 1] - mu[q] / 4 - before if t else np.zeros(2)
            for r in range(3):
                scale = sigma * ratio[r]
                shape: Any = np.outer(scale, scale) * np.array([[1, rho], [rho, 1]])
                expected = multivariate_t.logpdf(growth[t], mu[r] / 4 + now + phi * gap, shape, df=5)
                assert found[t, q, r] == pytest.approx(expected, abs=1e-10)


def test_four_quarters_make_the_chances_of_the_year() -> None:
    slack = np.array([0.0, 3.0])
    hazard = exit_hazard(np, -1.7, 0.5, 0.2, slack, 12)
    for year in range(3):
        eta = -1.7 + 0.5 * np.log(year + 1) + 0.2 * slack
        stays = np.prod(1 - hazard[:, 4 * year : 4 * year + 4], axis=1)
        np.testing.assert_allclose(1 - stays, 1 / (1 + np.exp(-eta)), rtol=1e-12)
    normal, bust = np.array([0.85, 0.1, 0.05]), np.array([0.5, 0.1, 0.4])
    moves = quarterly_moves(np, normal, 0.4, bust, 0.3, slack)
    np.testing.assert_allclose(moves.sum(axis=2), 1.0, atol=1e-12)
    np.testing.assert_allclose([moves[0, 0, 0] ** 4, moves[0, 2, 2] ** 4], [0.85, 0.4], rtol=1e-12)
    odds = moves[:, 0, 2] / moves[:, 0, 1], moves[:, 1, 2] / moves[:, 1, 0]
    for pair in odds:
        assert pair[1] / pair[0] == pytest.approx(np.exp(0.9))
