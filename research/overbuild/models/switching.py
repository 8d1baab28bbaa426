"""Likelihood of growth that switches between regimes of which one has an age, and its exact gradient.

Regimes are 0 normal, 1 boom, 2 bust. A boom is left with a probability that depends on its age and on
covariates, so that the hidden state is the regime with the age of the boom: state 0 is normal, state a is a
boom in its a-th year (the last age stands for it and all later ones), the last state is bust. With r and q
the regimes now and a year ago (Hamilton 1989, Econometrica 57(2), with the duration dependence of Durland
and McCurdy 1994, Journal of Business & Economic Statistics 12(3)),

    g_t = mu_r + phi (g_{t-1} - mu_q) + sigma_r e_t,    logit h(a, t) = base_t + age_a.

The forward recursion sums over states; the backward recursion gives the probability of every transition
given all growth rates, and with it the gradient (Fisher's identity). All probabilities are scaled by year,
so that nothing underflows. Every function is compiled and works on one series; `panel_gradient` sums over
the series of a panel.
"""

from __future__ import annotations

from math import exp, lgamma, log, pi
from typing import Any

import numpy as np
from numba import njit

REGIMES = ("normal", "boom", "bust")
NORMAL, BOOM, BUST = 0, 1, 2


@njit(cache=True, error_model="numpy")
def fill_densities(
    g: Any, t: int, mu: Any, inverse: Any, phi: float, degrees: float, constant: float, out: Any
) -> float:
    """Write f(g_t | regime a year ago, regime now), scaled, into ``out`` and return the log of the scale.

    ``inverse`` holds 1 / sigma, ``constant`` is that of `density_constant`.
    """
    known = t > 0 and np.isfinite(g[t - 1])
    student = np.isfinite(degrees)
    half = 0.5 * (degrees + 1) if student else 0.0
    whole = int(half) if half == np.floor(half) and half <= 8 else 0
    per_degree = 1 / degrees
    smallest = np.inf
    for q in range(3):
        moved = phi * (g[t - 1] - mu[q]) if known else 0.0
        for r in range(3):
            z = (g[t] - mu[r] - moved) * inverse[r]
            if not student:
                out[q, r] = 0.5 * z * z
                smallest = min(smallest, out[q, r])
                continue
            shrunk = 1 / (1 + z * z * per_degree)
            if not whole:
                out[q, r] = inverse[r] * shrunk**half
                continue
            power = inverse[r]
            for _ in range(whole):
                power *= shrunk
            out[q, r] = power
    if student:
        return constant
    for q in range(3):
        for r in range(3):
            out[q, r] = inverse[r] * exp(smallest - out[q, r])
    return constant - smallest


@njit(cache=True, error_model="numpy")
def density_constant(degrees: float) -> float:
    """Return the log of the density's constant: Student's t, normal if degrees are infinite."""
    if np.isfinite(degrees):
        return lgamma((degrees + 1) / 2) - lgamma(degrees / 2) - 0.5 * log(degrees * pi)
    return -0.5 * log(2 * pi)


@njit(cache=True, error_model="numpy")
def regime_of(state: int, states: int) -> int:
    """Return the regime of a state."""
    if state == 0:
        return 0
    return 2 if state == states - 1 else 1


@njit(cache=True, error_model="numpy")
def step_forward(before: Any, hazard: Any, moves: Any, density: Any, now: Any) -> float:
    """Write P(state now) into ``now`` and return its scale: the sum of weight, move and density."""
    last = before.size - 1
    normal, boom, bust = 0.0, 0.0, 0.0
    for q, state in ((0, 0), (2, last)):
        normal += before[state] * moves[q, 0] * density[q, 0]
        boom += before[state] * moves[q, 1] * density[q, 1]
        bust += before[state] * moves[q, 2] * density[q, 2]
    left, total = 0.0, 0.0
    oldest = before[last - 1] * (1 - hazard[last - 2]) * density[1, 1]
    for a in range(last - 1, 0, -1):
        left += before[a] * hazard[a - 1]
        if a > 1:
            now[a] = before[a - 1] * (1 - hazard[a - 2]) * density[1, 1]
            total += now[a]
    now[0] = normal + left * moves[1, 0] * density[1, 0]
    now[1] = boom
    now[last] = bust + left * moves[1, 2] * density[1, 2]
    now[last - 1] += oldest
    total += now[0] + boom + now[last] + oldest
    inverse = 1 / total
    for state in range(last + 1):
        now[state] *= inverse
    return total


@njit(cache=True, error_model="numpy")
def step_backward(after: Any, hazard: Any, moves: Any, density: Any, scale: float, now: Any) -> None:
    """Write the same step the other way into ``now``: the sum of move, density and weight next."""
    last = after.size - 1
    for q, state in ((0, 0), (2, last)):
        now[state] = (
            moves[q, 0] * density[q, 0] * after[0]
            + moves[q, 1] * density[q, 1] * after[1]
            + moves[q, 2] * density[q, 2] * after[last]
        ) / scale
    left = (moves[1, 0] * density[1, 0] * after[0] + moves[1, 2] * density[1, 2] * after[last]) / scale
    stay = density[1, 1] / scale
    for a in range(1, last - 1):
        now[a] = hazard[a - 1] * left + (1 - hazard[a - 1]) * (stay * after[a + 1])
    h = hazard[last - 2]
    now[last - 1] = h * left + (1 - h) * (stay * after[last - 1])


@njit(cache=True, error_model="numpy")
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
    """Return log-likelihood, filtered states (year, state), scaled densities, hazards and scales by year.

    Row 0 of the filtered states is ``initial``, the year before the first growth rate; ``first`` and ``stop``
    bound the growth rates that are known.
    """
    years = max(stop - first, 0)
    filtered = np.empty((years + 1, initial.size))
    filtered[0] = initial
    density = np.empty((years, 3, 3))
    hazard = np.empty((years, age.size))
    scale = np.empty(years)
    inverse, younger = np.exp(-log_sigma), np.exp(-age)
    constant = density_constant(degrees)
    total = 0.0
    for k in range(years):
        total += fill_densities(g, first + k, mu, inverse, phi, degrees, constant, density[k])
        stays = exp(-base[first + k])
        for a in range(age.size):
            hazard[k, a] = 1 / (1 + stays * younger[a])
        scale[k] = step_forward(filtered[k], hazard[k], moves, density[k], filtered[k + 1])
        total += log(scale[k])
    return total, filtered, density, hazard, scale


@njit(cache=True, error_model="numpy")
def smoothed(filtered: Any, density: Any, hazard: Any, scale: Any, moves: Any) -> Any:
    """Return P(regime in a year | all growth rates), shape (year, 3), from what `forward` returns."""
    years, states = scale.size, filtered.shape[1]
    out = np.zeros((years, 3))
    after, before = np.ones(states), np.empty(states)
    for k in range(years - 1, -1, -1):
        for s in range(states):
            out[k, regime_of(s, states)] += filtered[k + 1, s] * after[s]
        step_backward(after, hazard[k], moves, density[k], scale[k], before)
        after, before = before, after
    return out


@njit(cache=True, error_model="numpy")
def add_moves(
    before: Any,
    after: Any,
    hazard: Any,
    moves: Any,
    density: Any,
    scale: float,
    pairs: Any,
    d_moves: Any,
    d_age: Any,
) -> float:
    """Write P(pair of regimes | all growth), and return the slope in the year's base.

    ``pairs`` takes the probabilities; to ``d_moves`` and ``d_age`` this year's gradient is added.
    """
    last = before.size - 1
    left_weight = 0.0
    for q, state in ((0, 0), (2, last)):
        for r in range(3):
            end = 0 if r == 0 else (1 if r == 1 else last)
            weight = before[state] * density[q, r] * after[end] / scale
            pairs[q, r] = weight * moves[q, r]
            d_moves[q, r] += weight
    to_normal = density[1, 0] * after[0] / scale
    to_bust = density[1, 2] * after[last] / scale
    leave = moves[1, 0] * to_normal + moves[1, 2] * to_bust
    stay = density[1, 1] / scale
    d_base, stayed = 0.0, 0.0
    for a in range(1, last):
        h = hazard[a - 1]
        older = after[a + 1] if a < last - 1 else after[a]
        left = before[a] * h
        stays = before[a] * (1 - h) * (stay * older)
        left_weight += left
        stayed += stays
        slope = left * leave * (1 - h) - stays * h
        d_age[a - 1] += slope
        d_base += slope
    pairs[1, 0] = left_weight * moves[1, 0] * to_normal
    pairs[1, 1] = stayed
    pairs[1, 2] = left_weight * moves[1, 2] * to_bust
    d_moves[1, 0] += left_weight * to_normal
    d_moves[1, 2] += left_weight * to_bust
    return d_base


@njit(cache=True, error_model="numpy")
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
    after, before = np.ones(initial.size), np.empty(initial.size)
    pairs, inverse = np.zeros((3, 3)), np.exp(-log_sigma)
    d_phi = 0.0
    for k in range(scale.size - 1, -1, -1):
        t = first + k
        d_base[t] += add_moves(
            filtered[k], after, hazard[k], moves, density[k], scale[k], pairs, d_moves, d_age
        )
        known = t > 0 and np.isfinite(g[t - 1])
        for q in range(3):
            gap = g[t - 1] - mu[q] if known else 0.0
            for r in range(3):
                z = (g[t] - mu[r] - phi * gap) * inverse[r]
                w = (degrees + 1) / (degrees + z * z) if np.isfinite(degrees) else 1.0
                slope = pairs[q, r] * w * z * inverse[r]
                d_mu[r] += slope
                if known:
                    d_mu[q] -= phi * slope
                d_phi += slope * gap
                d_log_sigma[r] += pairs[q, r] * (w * z * z - 1)
        step_backward(after, hazard[k], moves, density[k], scale[k], before)
        after, before = before, after
    return total, d_phi


@njit(cache=True, error_model="numpy")
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
        Shape (3, 3): probabilities of the next regime from normal (row 0) and bust (row 2), and after a boom
        that is left (row 1, whose middle is 0).
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
    """Return probabilities of the states: regimes by ``shares``, a boom in any of its first years alike."""
    young = min(spread, ages)
    boom = np.zeros(ages)
    boom[:young] = shares[BOOM] / young
    return np.concatenate([[shares[NORMAL]], boom, [shares[BUST]]])
