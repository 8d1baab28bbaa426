"""Could a series without regimes have produced the gain in likelihood? A bootstrap of one against two.

Under the null the transition probabilities are not identified and the likelihood ratio has no chi-squared
distribution (Hansen 1992), so series are drawn from a Gaussian autoregression fitted to the data. Each gets
the same expectation maximisation (Hamilton 1990), compiled, from the same places.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.timeseries.sieve import sieve_of

Array = NDArray[np.float64]
PLACES = ((0.15, 0.85, 0.9), (0.3, 0.7, 0.7), (0.5, 0.5, 0.9), (0.1, 0.6, 0.8), (0.4, 0.9, 0.8))
"""Starts: quantiles that serve as means, and the chance of staying in a regime."""
NORMALS = 20_000
"""Normal variates that stand for the distribution of innovations."""
ROUNDS = 300
FLOOR = 0.01
"""Least variance of a regime, as a share of the series' own: keeps the likelihood bounded."""


def against_linear(y: Array, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return twice the gain in log-likelihood of two regimes over a Gaussian autoregression, and its p-value.

    Parameters
    ----------
    y
        Growth, shape (period,).
    draws
        Series drawn.
    rng
        Generator.

    References
    ----------
    Hansen, B. E. (1992). The likelihood ratio test under nonstandard conditions. Journal of Applied
    Econometrics 7(S1).
    """
    y = np.asarray(y, float)
    sieve = sieve_of(y - y.mean(), 1, 1)
    # Normal and not resampled: values that recur exactly would pass for a regime without variance.
    sieve = replace(sieve, innovations=sieve.innovations.std() * rng.standard_normal(NORMALS))
    drawn = y.mean() + sieve.draws(y.size, draws, rng)
    stat = _gain(y)
    return float(stat), float((sum(_gain(one) >= stat for one in drawn) + 1) / (draws + 1))


def two_regimes(y: Array) -> tuple[float, Array]:
    """Return the log-likelihood of two regimes by expectation maximisation, and (means, variances, stays)."""
    best, place = -np.inf, np.empty(6)
    middle, variance = y.mean(), y.var()
    for low, high, stay in PLACES:
        mu = np.quantile(y, [low, high])
        sigma2 = np.full(2, 0.7 * variance)
        if low == high:  # regimes of variance
            mu, sigma2 = np.full(2, middle), np.array([0.3, 2.0]) * variance
        value, found = _maximise(y, mu, sigma2, np.full(2, stay), FLOOR * variance)
        if value > best:
            best, place = value, found
    return best, place


def _gain(y: Array) -> float:
    u = y - y.mean()
    r = float(u[1:] @ u[:-1] / (u[:-1] @ u[:-1]))
    e = u[1:] - r * u[:-1]
    sigma2 = (e @ e + (1 - r**2) * u[0] ** 2) / y.size
    linear = -0.5 * y.size * (np.log(2 * np.pi * sigma2) + 1) + 0.5 * np.log(1 - r**2)
    return 2 * (two_regimes(y)[0] - linear)


@njit(cache=True, error_model="numpy")
def _maximise(y: Any, mu: Any, sigma2: Any, stay: Any, floor: float) -> tuple[float, Any]:
    n = y.size
    mu, sigma2, stay = mu.copy(), sigma2.copy(), stay.copy()
    ahead, filtered, smoothed = np.empty((n, 2)), np.empty((n, 2)), np.empty((n, 2))
    value = -np.inf
    for _ in range(ROUNDS):
        total = 0.0
        first = (1 - stay[1]) / (2 - stay[0] - stay[1])
        now0, now1 = first, 1 - first
        for t in range(n):
            ahead[t, 0], ahead[t, 1] = now0, now1
            d0 = now0 * np.exp(-0.5 * (y[t] - mu[0]) ** 2 / sigma2[0]) / np.sqrt(2 * np.pi * sigma2[0])
            d1 = now1 * np.exp(-0.5 * (y[t] - mu[1]) ** 2 / sigma2[1]) / np.sqrt(2 * np.pi * sigma2[1])
            s = d0 + d1 + 1e-300
            total += np.log(s)
            filtered[t, 0], filtered[t, 1] = d0 / s, d1 / s
            now0 = filtered[t, 0] * stay[0] + filtered[t, 1] * (1 - stay[1])
            now1 = 1 - now0
        if total - value < 1e-7:
            value = max(value, total)
            break
        value = total
        smoothed[n - 1] = filtered[n - 1]
        kept0, kept1, left0, left1 = 0.0, 0.0, 0.0, 0.0
        for t in range(n - 2, -1, -1):
            r0 = smoothed[t + 1, 0] / max(ahead[t + 1, 0], 1e-300)
            r1 = smoothed[t + 1, 1] / max(ahead[t + 1, 1], 1e-300)
            k0, l0 = filtered[t, 0] * stay[0] * r0, filtered[t, 0] * (1 - stay[0]) * r1
            k1, l1 = filtered[t, 1] * stay[1] * r1, filtered[t, 1] * (1 - stay[1]) * r0
            smoothed[t, 0], smoothed[t, 1] = k0 + l0, k1 + l1
            kept0, left0, kept1, left1 = kept0 + k0, left0 + l0, kept1 + k1, left1 + l1
        stay[0] = min(max(kept0 / max(kept0 + left0, 1e-300), 1e-4), 1 - 1e-4)
        stay[1] = min(max(kept1 / max(kept1 + left1, 1e-300), 1e-4), 1 - 1e-4)
        for i in range(2):
            w = smoothed[:, i].sum() + 1e-300
            mu[i] = (smoothed[:, i] * y).sum() / w
            sigma2[i] = max((smoothed[:, i] * (y - mu[i]) ** 2).sum() / w, floor)
    return value, np.array([mu[0], mu[1], sigma2[0], sigma2[1], stay[0], stay[1]])
