"""Likelihood of a price that may be a random walk, explosive or collapsing, and its exact gradient.

With y a log price, s the regime of a month and L_b the level before the quarter b in which the explosion
began,

    y_t - y_{t-1} = mu + k_s g_{b,t-1} + exp(l_t) e_t,   g_{b,t-1} = max(y_{t-1} - L_b, 0),
    k_0 = 0 (random walk),   k_1 = c (explosive, root 1 + c),   k_2 = -d (collapse, root 1 - d),

e Student's t, or normal if its degrees of freedom are infinite. Regimes follow one another in the order
random walk, explosive, collapse, random walk. The hidden state is the regime with the quarter in which the
explosion began, since the gap is measured from there; one more state, `never`, is a random walk that is
never left. The forward recursion sums over states; the backward recursion gives the probability of every
state given all months, and with it the gradient (Fisher's identity). Probabilities are scaled by month, so
that nothing underflows.
"""

from __future__ import annotations

from math import exp, lgamma, log, pi
from typing import Any

import numpy as np
from numba import njit

REGIMES = ("random_walk", "explosive", "collapse")
RANDOM_WALK, EXPLOSIVE, COLLAPSE = 0, 1, 2
NEVER, WALK, BEGUN = 0, 1, 2
"""Places of the states: never, random walk, then explosive by quarter of its start, then collapse by it."""


@njit(cache=True)
def density_constant(degrees: float) -> float:
    """Return the log of the density's constant: Student's t, normal if degrees are infinite."""
    if np.isfinite(degrees):
        return lgamma((degrees + 1) / 2) - lgamma(degrees / 2) - 0.5 * log(degrees * pi)
    return -0.5 * log(2 * pi)


@njit(cache=True)
def distance(residual: float, inverse: float, degrees: float) -> float:
    """Return 1 + z^2 / degrees, or z^2 for a normal."""
    z = residual * inverse
    return 1 + z * z / degrees if np.isfinite(degrees) else z * z


@njit(cache=True)
def relative(u: float, smallest: float, degrees: float) -> float:
    """Return the density at a distance over that at the smallest distance."""
    if not np.isfinite(degrees):
        return exp(0.5 * (smallest - u))
    ratio = smallest / u
    if degrees == 5.0:
        return ratio * ratio * ratio
    return ratio ** (0.5 * (degrees + 1))


@njit(cache=True)
def score(residual: float, inverse: float, degrees: float) -> float:
    """Return the derivative of the log density with respect to the mean."""
    z = residual * inverse
    if not np.isfinite(degrees):
        return z * inverse
    return (degrees + 1) * z * inverse / (degrees + z * z)


@njit(cache=True)
def fill_densities(
    r: float, gap: Any, begun: int, inverse: float, c: float, d: float, degrees: float, out: Any
) -> float:
    """Write the densities of a month by state, scaled, and return the smallest distance.

    ``r`` is the change less the drift, ``gap`` holds the gaps of the quarters, ``begun`` how many quarters
    have begun.
    """
    blocks = gap.size
    out[NEVER] = distance(r, inverse, degrees)
    smallest = out[NEVER]
    for b in range(begun):
        up = distance(r - c * gap[b], inverse, degrees)
        down = distance(r + d * gap[b], inverse, degrees)
        out[BEGUN + b], out[BEGUN + blocks + b] = up, down
        smallest = min(smallest, up, down)
    out[NEVER] = relative(out[NEVER], smallest, degrees)
    out[WALK] = out[NEVER]
    for b in range(begun):
        for at in (BEGUN + b, BEGUN + blocks + b):
            out[at] = relative(out[at], smallest, degrees)
    return smallest


@njit(cache=True)
def forward(
    change: Any,
    gap: Any,
    first: int,
    mu: float,
    c: float,
    d: float,
    log_scale: Any,
    stay: Any,
    exists: float,
    degrees: float,
) -> Any:
    """Return log-likelihood, filtered states (month + 1, state), densities and scales by month.

    Parameters
    ----------
    change
        Log change of each month, shape (month,); months before ``first`` are not looked at.
    gap
        Shape (month, quarter): the gap at the end of the month before from the level before each quarter.
    first
        First month known; the month before it is a random walk.
    mu, c, d
        Drift; explosive root less one; one less the root of collapse.
    log_scale
        Log of the scale of e, shape (month,).
    stay
        Chance of staying in each regime, shape (3,).
    exists
        Prior probability that the random walk can be left at all.
    degrees
        Degrees of freedom of e.
    """
    months, blocks = gap.shape
    per = months // blocks
    states = BEGUN + 2 * blocks
    filtered = np.zeros((months + 1, states))
    densities = np.zeros((months, states))
    scales = np.ones(months)
    filtered[first, NEVER], filtered[first, WALK] = 1 - exists, exists
    constant, total = density_constant(degrees), 0.0
    half = 0.5 * (degrees + 1)
    for t in range(first, months):
        block = min(t // per, blocks - 1)
        r = change[t] - mu
        begun = block + 1
        f, before, now = densities[t], filtered[t], filtered[t + 1]
        smallest = fill_densities(r, gap[t], begun, exp(-log_scale[t]), c, d, degrees, f)
        ended = 0.0
        sum_ = 0.0
        for b in range(begun):
            up, down = BEGUN + b, BEGUN + blocks + b
            now[up] = before[up] * stay[1]
            now[down] = (before[up] * (1 - stay[1]) + before[down] * stay[2]) * f[down]
            ended += before[down] * (1 - stay[2])
            sum_ += now[down]
        now[BEGUN + block] += before[WALK] * (1 - stay[0])
        for b in range(begun):
            now[BEGUN + b] *= f[BEGUN + b]
            sum_ += now[BEGUN + b]
        now[NEVER] = before[NEVER] * f[NEVER]
        now[WALK] = (before[WALK] * stay[0] + ended) * f[WALK]
        sum_ += now[NEVER] + now[WALK]
        if not sum_ > 0:
            return -np.inf, filtered, densities, scales
        for s in range(BEGUN + begun):
            now[s] /= sum_
        for s in range(BEGUN + blocks, BEGUN + blocks + begun):
            now[s] /= sum_
        scales[t] = sum_
        shift = -0.5 * smallest if not np.isfinite(degrees) else -half * log(smallest)
        total += log(sum_) + shift + constant - log_scale[t]
    return total, filtered, densities, scales


@njit(cache=True)
def value_and_gradient(
    change: Any,
    gap: Any,
    first: int,
    mu: float,
    c: float,
    d: float,
    log_scale: Any,
    stay: Any,
    exists: float,
    degrees: float,
) -> Any:
    """Return log-likelihood and its gradient in mu, c, d, log_scale and stay; arguments as for `forward`."""
    total, filtered, densities, scales = forward(
        change, gap, first, mu, c, d, log_scale, stay, exists, degrees
    )
    months, blocks = gap.shape
    per = months // blocks
    d_mu, d_c, d_d = 0.0, 0.0, 0.0
    d_scale, d_stay = np.zeros(months), np.zeros(3)
    if not np.isfinite(total):
        return total, d_mu, d_c, d_d, d_scale, d_stay
    after = np.ones(BEGUN + 2 * blocks)
    for t in range(months - 1, first - 1, -1):
        block = min(t // per, blocks - 1)
        r, inverse = change[t] - mu, exp(-log_scale[t])
        now, before, f = filtered[t + 1], filtered[t], densities[t]
        slope = score(r, inverse, degrees)
        weight = now[NEVER] * after[NEVER] + now[WALK] * after[WALK]
        d_mu += weight * slope
        d_scale[t] += weight * (slope * r - 1)
        after[NEVER] *= f[NEVER] / scales[t]
        walk = after[WALK] * f[WALK] / scales[t]
        entered = after[BEGUN + block] * f[BEGUN + block] / scales[t]
        for b in range(block + 1):
            up, down = BEGUN + b, BEGUN + blocks + b
            risen, fallen = r - c * gap[t, b], r + d * gap[t, b]
            slope = score(risen, inverse, degrees)
            weight = now[up] * after[up]
            d_mu += weight * slope
            d_c += weight * slope * gap[t, b]
            d_scale[t] += weight * (slope * risen - 1)
            slope = score(fallen, inverse, degrees)
            weight = now[down] * after[down]
            d_mu += weight * slope
            d_d -= weight * slope * gap[t, b]
            d_scale[t] += weight * (slope * fallen - 1)
            risen_on = after[up] * f[up] / scales[t]
            fallen_on = after[down] * f[down] / scales[t]
            d_stay[1] += before[up] * (risen_on - fallen_on)
            d_stay[2] += before[down] * (fallen_on - walk)
            after[up] = stay[1] * risen_on + (1 - stay[1]) * fallen_on
            after[down] = stay[2] * fallen_on + (1 - stay[2]) * walk
        d_stay[0] += before[WALK] * (walk - entered)
        after[WALK] = stay[0] * walk + (1 - stay[0]) * entered
    return total, d_mu, d_c, d_d, d_scale, d_stay


@njit(cache=True)
def regime_path(filtered: Any, stay: Any, first: int, per: int, blocks: int, uniforms: Any, out: Any) -> bool:
    """Draw the regimes given all months into ``out``, and return whether the random walk can be left.

    Backward sampling (Carter and Kohn 1994; Chib 1996): the last state from its filtered probabilities, each
    earlier one from its filtered probability times the chance of the move to the state drawn after it.

    Parameters
    ----------
    filtered
        Of `forward`.
    uniforms
        Uniform numbers, shape (month,).
    out
        Shape (month,): regime of each month, 0 before ``first``.
    """
    months = uniforms.size
    states = filtered.shape[1]
    weights = np.empty(states)
    out[:] = RANDOM_WALK
    at = _drawn(filtered[months], uniforms[months - 1])
    for t in range(months - 1, first - 1, -1):
        out[t] = _regime(at, blocks)
        if at == NEVER:
            return False
        if t == first:
            break
        before = filtered[t]
        weights[:] = 0.0
        if at == WALK:
            weights[WALK] = before[WALK] * stay[0]
            for b in range(blocks):
                weights[BEGUN + blocks + b] = before[BEGUN + blocks + b] * (1 - stay[2])
        elif at < BEGUN + blocks:
            weights[at] = before[at] * stay[1]
            if at == BEGUN + min(t // per, blocks - 1):
                weights[WALK] = before[WALK] * (1 - stay[0])
        else:
            weights[at] = before[at] * stay[2]
            weights[at - blocks] = before[at - blocks] * (1 - stay[1])
        at = _drawn(weights, uniforms[t - 1])
    return True


@njit(cache=True)
def _regime(state: int, blocks: int) -> int:
    if state < BEGUN:
        return RANDOM_WALK
    return EXPLOSIVE if state < BEGUN + blocks else COLLAPSE


@njit(cache=True)
def _drawn(weights: Any, uniform: float) -> int:
    left = uniform * weights.sum()
    last = 0
    for s in range(weights.size):
        if weights[s] > 0:
            last = s
            left -= weights[s]
            if left <= 0:
                return s
    return last
