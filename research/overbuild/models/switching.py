"""Likelihood of growth that switches between regimes of which one has an age, and its exact gradient.

Regimes are 0 normal, 1 boom, 2 bust. A boom is left with a probability that depends on its age and on
covariates, so that the hidden state is the regime with the age of the boom: state 0 is normal, state a is a boom
in its a-th year (the last age stands for it and all later ones), the last state is bust. With r and q the regimes
now and a year ago (Hamilton 1989, Econometrica 57(2), with the duration dependence of Durland and McCurdy 1994,
Journal of Business & Economic Statistics 12(3)),

    g_t = mu_r + phi (g_{t-1} - mu_q) + sigma_r e_t,    logit h(a, t) = base_t + age_a.

The forward recursion sums over states; the backward recursion gives the probability of every transition given all
growth rates, and with it the gradient (Fisher's identity). All probabilities are scaled by year, so that nothing
underflows. Every function is compiled and works on one series; `panel_gradient` sums over the series of a panel.
"""

from __future__ import annotations

from math import exp, lgamma, log, pi
from typing import Any

import numpy as np
from numba import njit

REGIMES = ("normal", "boom", "bust")
NORMAL, BOOM, BUST = 0, 1, 2


@njit(cache=True)
def log_densities(g: Any, t: int, mu: Any, log_sigma: Any, phi: float, degrees: float) -> Any:
    """Return log f(g_t | regime a year ago, regime now), shape (3, 3); Student's t, normal if degrees are infinite."""
    out = np.empty((3, 3))
    student = np.isfinite(degrees)
    scale = -0.5 * log(2 * pi)
    if student:
        scale = lgamma((degrees + 1) / 2) - lgamma(degrees / 2) - 0.5 * log(degrees * pi)
    for q in range(3):
        moved = phi * (g[t - 1] - mu[q]) if t > 0 and np.isfinite(g[t - 1]) else 0.0
        for r in range(3):
            z = (g[t] - mu[r] - moved) * exp(-log_sigma[r])
            shape = -0.5 * (degrees + 1) * log(1 + z * z / degrees) if student else -0.5 * z * z
            out[q, r] = scale - log_sigma[r] + shape
    return out


@njit(cache=True)
def regime_of(state: int, states: int) -> int:
    """Return the regime of a state."""
    if state == 0:
        return 0
    return 2 if state == states - 1 else 1


@njit(cache=True)
def step_forward(before: Any, hazard: Any, moves: Any, density: Any) -> Any:
    """Return the weight of each state now, before scaling: sum over states a year ago of weight, move, density."""
    states = before.size
    last = states - 1
    now = np.zeros(states)
    for q, state in ((0, 0), (2, last)):
        now[0] += before[state] * moves[q, 0] * density[q, 0]
        now[1] += before[state] * moves[q, 1] * density[q, 1]
        now[last] += before[state] * moves[q, 2] * density[q, 2]
    for a in range(1, last):
        leaves = before[a] * hazard[a - 1]
        now[0] += leaves * moves[1, 0] * density[1, 0]
        now[last] += leaves * moves[1, 2] * density[1, 2]
        now[min(a + 1, last - 1)] += before[a] * (1 - hazard[a - 1]) * density[1, 1]
    return now


@njit(cache=True)
def step_backward(after: Any, hazard: Any, moves: Any, density: Any) -> Any:
    """Return the same step the other way: sum over states next year of move, density and their weight."""
    states = after.size
    last = states - 1
    now = np.empty(states)
    for q, state in ((0, 0), (2, last)):
        now[state] = (
            moves[q, 0] * density[q, 0] * after[0]
            + moves[q, 1] * density[q, 1] * after[1]
            + moves[q, 2] * density[q, 2] * after[last]
        )
    for a in range(1, last):
        left = moves[1, 0] * density[1, 0] * after[0] + moves[1, 2] * density[1, 2] * after[last]
        stays = density[1, 1] * after[min(a + 1, last - 1)]
        now[a] = hazard[a - 1] * left + (1 - hazard[a - 1]) * stays
    return now


@njit(cache=True)
def forward(
    g: Any,
    first: int,
    stop: int,
    mu: Any,
    log_sigma: Any,
    phi: float,
    base: Any,
    age: Any,
    moves: Any,
    initial: Any,
    degrees: float,
) -> Any:
    """Return log-likelihood, filtered states (year, state), scaled densities, hazards and scales of each year.

    Row 0 of the filtered states is ``initial``, the year before the first growth rate; ``first`` and ``stop`` bound
    the growth rates that are known.
    """
    years = max(stop - first, 0)
    filtered = np.empty((years + 1, initial.size))
    filtered[0] = initial
    density = np.empty((years, 3, 3))
    hazard = np.empty((years, age.size))
    scale = np.empty(years)
    total = 0.0
    for k in range(years):
        logs = log_densities(g, first + k, mu, log_sigma, phi, degrees)
        top = logs.max()
        density[k] = np.exp(logs - top)
        hazard[k] = 1 / (1 + np.exp(-(base[first + k] + age)))
        now = step_forward(filtered[k], hazard[k], moves, density[k])
        scale[k] = now.sum()
        filtered[k + 1] = now / scale[k]
        total += log(scale[k]) + top
    return total, filtered, density, hazard, scale


@njit(cache=True)
def smoothed(filtered: Any, density: Any, hazard: Any, scale: Any, moves: Any) -> Any:
    """Return P(regime in a year | all growth rates), shape (year, 3), from what `forward` returns."""
    years, states = scale.size, filtered.shape[1]
    out = np.zeros((years, 3))
    after = np.ones(states)
    for k in range(years - 1, -1, -1):
        for s in range(states):
            out[k, regime_of(s, states)] += filtered[k + 1, s] * after[s]
        after = step_backward(after, hazard[k], moves, density[k]) / scale[k]
    return out


@njit(cache=True)
def add_moves(before: Any, after: Any, hazard: Any, moves: Any, density: Any, pairs: Any, d_moves: Any) -> Any:
    """Add P(move | all growth rates) to the gradient of one year's moves and return that of the hazard's logit.

    ``pairs`` takes the probability of each pair of regimes, ``d_moves`` the gradient with respect to ``moves``.
    """
    states = before.size
    last = states - 1
    ends = (0, 1, last)
    d_logit = np.zeros(last - 1)
    for q, state in ((0, 0), (2, last)):
        for r in range(3):
            weight = before[state] * density[q, r] * after[ends[r]]
            pairs[q, r] += weight * moves[q, r]
            d_moves[q, r] += weight
    for a in range(1, last):
        left = 0.0
        for r in (0, 2):
            weight = before[a] * hazard[a - 1] * density[1, r] * after[ends[r]]
            pairs[1, r] += weight * moves[1, r]
            d_moves[1, r] += weight
            left += weight * moves[1, r]
        stays = before[a] * (1 - hazard[a - 1]) * density[1, 1] * after[min(a + 1, last - 1)]
        pairs[1, 1] += stays
        d_logit[a - 1] = left * (1 - hazard[a - 1]) - stays * hazard[a - 1]
    return d_logit


@njit(cache=True)
def series_gradient(
    g: Any,
    first: int,
    stop: int,
    mu: Any,
    log_sigma: Any,
    phi: float,
    base: Any,
    age: Any,
    moves: Any,
    initial: Any,
    degrees: float,
    d_mu: Any,
    d_log_sigma: Any,
    d_base: Any,
    d_age: Any,
    d_moves: Any,
) -> Any:
    """Return log-likelihood and its derivative by phi; add the other derivatives to the arrays handed in."""
    total, filtered, density, hazard, scale = forward(
        g, first, stop, mu, log_sigma, phi, base, age, moves, initial, degrees
    )
    after = np.ones(initial.size)
    d_phi = 0.0
    for k in range(scale.size - 1, -1, -1):
        t = first + k
        pairs = np.zeros((3, 3))
        d_logit = add_moves(filtered[k], after / scale[k], hazard[k], moves, density[k], pairs, d_moves)
        d_base[t] += d_logit.sum()
        d_age += d_logit
        known = t > 0 and np.isfinite(g[t - 1])
        for q in range(3):
            gap = g[t - 1] - mu[q] if known else 0.0
            for r in range(3):
                sigma = exp(log_sigma[r])
                z = (g[t] - mu[r] - phi * gap) / sigma
                w = (degrees + 1) / (degrees + z * z) if np.isfinite(degrees) else 1.0
                slope = pairs[q, r] * w * z / sigma
                d_mu[r] += slope
                if known:
                    d_mu[q] -= phi * slope
                d_phi += slope * gap
                d_log_sigma[r] += pairs[q, r] * (w * z * z - 1)
        after = step_backward(after, hazard[k], moves, density[k]) / scale[k]
    return total, d_phi


@njit(cache=True)
def panel_gradient(
    growth: Any,
    first: Any,
    stop: Any,
    mu: Any,
    log_sigma: Any,
    phi: float,
    base: Any,
    age: Any,
    moves: Any,
    initial: Any,
    degrees: float,
) -> Any:
    """Return the log-likelihood of a panel and its gradient.

    Parameters
    ----------
    growth
        Shape (series, year); nan where unknown.
    first, stop
        Shape (series,): growth rates ``first`` to ``stop - 1`` are known.
    mu, log_sigma
        Shape (series, regime).
    phi, degrees
        Persistence of deviations; degrees of freedom of Student's t (infinite: normal).
    base
        Shape (series, year): logit of the hazard of a boom less the effect of its age.
    age
        Shape (age,): effect of the age on that logit.
    moves
        Shape (3, 3): probabilities of the next regime from normal (row 0) and bust (row 2), and after a boom that
        is left (row 1, whose middle is 0).
    initial
        Shape (state,): probabilities of the state in the year before the first growth rate.

    Returns
    -------
    tuple
        Log-likelihood and its derivatives by mu, log_sigma, phi, base, age and moves, in their shapes.
    """
    total, d_phi = 0.0, 0.0
    d_mu, d_log_sigma, d_base = np.zeros(mu.shape), np.zeros(mu.shape), np.zeros(base.shape)
    d_age, d_moves = np.zeros(age.shape), np.zeros((3, 3))
    for i in range(growth.shape[0]):
        value, slope = series_gradient(
            growth[i],
            int(first[i]),
            int(stop[i]),
            mu[i],
            log_sigma[i],
            phi,
            base[i],
            age,
            moves,
            initial,
            degrees,
            d_mu[i],
            d_log_sigma[i],
            d_base[i],
            d_age,
            d_moves,
        )
        total += value
        d_phi += slope
    return total, d_mu, d_log_sigma, d_phi, d_base, d_age, d_moves


def initial_states(shares: tuple[float, float, float], ages: int, spread: int = 5) -> np.ndarray:
    """Return probabilities of the states: regimes by ``shares``, a boom equally likely in any of its first years."""
    young = min(spread, ages)
    boom = np.zeros(ages)
    boom[:young] = shares[BOOM] / young
    return np.concatenate([[shares[NORMAL]], boom, [shares[BUST]]])
