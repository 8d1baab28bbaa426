"""Logit equilibria of a quarter with unequal firms, and the likelihood of their choices, with its gradient.

Firm i of N invests in quarter t with probability p_it = Lambda(U_it), where Lambda is the logistic function,

    U_it = sum_k c_k x_itk + u_t + E[Delta(M_it)],

Delta(m) is what investing is worth more than holding when m rivals invest, M_it the number of rivals that
invest (Poisson-binomial, with the equilibrium's own probabilities) and u_t ~ N(0, s^2) a shock that all firms
see and the data do not: a quantal response equilibrium (McKelvey and Palfrey 1995, Games and Economic
Behavior 10(1), 6-38) given the shock, which is integrated out at points of `shock_nodes`,

    ln L = sum_t ln sum_q w_q prod_i p_it(q)^y_it (1 - p_it(q))^(1 - y_it).

The map U -> c x + u + E[Delta(M)] changes by at most L = (N - 1) max_m |Delta(m+1) - Delta(m)| / 4 as U
changes by one, in the largest element: L < 1 makes the equilibrium unique (for Delta = a + zeta m / (N - 1),
where |zeta| < 4). Where L >= 1 there may be several, and the one selected is where the logit dynamics
dU/dr = c x + u + E[Delta(M)] - U end that start from indifference, U = 0. They end somewhere: the game has an
exact potential, the sum of c x + u over those that invest and of Delta(k) over k below their number (Hofbauer
and Sandholm 2002, Econometrica 70(6), 2265-2294). With equal firms and Delta increasing that is the first
equilibrium on the principal branch, the one traced from zero precision. The likelihood may jump there as
parameters change, and has no gradient at the jump.

Arrays: ``y`` (period, firm) 1, 0 or -1 (unknown: the cell is left out, the firm still plays); ``covariates``
(period, firm, K); ``delta`` (N,); ``coefficients`` (K,); ``nodes``, ``weights`` of `shock_nodes` (Q,).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from overbuild.errors import InputError

type Array = NDArray[np.float64]
type Marks = NDArray[np.int8]

TOLERANCE, NEARLY, NEARBY = 1e-10, 3e-5, 1e-3
"""Error of the index that is none; from which one Newton step ends the work; from which one is tried."""
MOST_STEPS = 400
SMALLEST, ONE = 1e-280, np.ones(1)
LINEAR = 1e-13
"""Second differences of Delta below this share of its size count as none."""


def shock_nodes(nodes: int = 17, reach: float = 4.0) -> tuple[Array, Array]:
    """Return equally spaced points and weights whose weighted sum is the mean over N(0, 1).

    The trapezoidal rule, which for smooth integrands of a normal converges exponentially in the number of
    points. Choices turn steep in the shock where zeta is large: Gauss-Hermite points, of which half lie where
    the normal has no mass, would have to be several times as many.

    Raises
    ------
    InputError
        If fewer than three points are asked for, or a reach outside 3 to 8.
    """
    if nodes < 3 or not 3 <= reach <= 8:
        raise InputError(
            f"{nodes} points over +-{reach} standard deviations; expected 3 or more, over 3 to 8."
        )
    x = np.linspace(-reach, reach, nodes)
    w = np.exp(-0.5 * x**2)
    return x, w / w.sum()


@njit(cache=True)
def interaction(delta: Array) -> float:
    """Return L, the bound on how far beliefs move the index; below 1 the equilibrium is unique."""
    largest = 0.0
    for m in range(delta.size - 1):
        largest = max(largest, abs(delta[m + 1] - delta[m]))
    return (delta.size - 1) * largest / 4.0


@njit(cache=True)
def count_probabilities(p: Array, i: int, j: int, out: Array) -> int:
    """Write the probabilities that 0, 1, ... firms other than i and j invest; return how many they are."""
    out[0] = 1.0
    n = 0
    for k in range(p.size):
        if k in (i, j):
            continue
        out[n + 1] = out[n] * p[k]
        for m in range(n, 0, -1):
            out[m] = out[m] * (1.0 - p[k]) + out[m - 1] * p[k]
        out[0] *= 1.0 - p[k]
        n += 1
    return n


@njit(cache=True)
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x))."""
    if x >= 0:
        return 1.0 / (1.0 + np.exp(-x))
    e = np.exp(x)
    return e / (1.0 + e)


@njit(cache=True)
def is_linear(delta: Array) -> bool:
    """Return whether Delta rises by the same step throughout, so that only the mean of beliefs matters."""
    size = 1.0
    for m in range(delta.size):
        size = max(size, abs(delta[m]))
    for m in range(1, delta.size - 1):
        if abs(delta[m + 1] - 2 * delta[m] + delta[m - 1]) > LINEAR * size:
            return False
    return True


@njit(cache=True)
def expected(p: Array, delta: Array, linear: bool, out: Array, work: Array) -> None:
    """Write E[Delta(M_i)] of every firm."""
    n = p.size
    if linear:
        step = delta[1] - delta[0] if n > 1 else 0.0
        total = p.sum()
        for i in range(n):
            out[i] = delta[0] + step * (total - p[i])
        return
    for i in range(n):
        rivals = count_probabilities(p, i, i, work)
        value = 0.0
        for m in range(rivals + 1):
            value += work[m] * delta[m]
        out[i] = value


@njit(cache=True)
def slopes(p: Array, delta: Array, out: Array, work: Array) -> None:
    """Write dE[Delta(M_i)]/dp_j, a symmetric matrix with zeros on its diagonal."""
    n = p.size
    for i in range(n):
        out[i, i] = 0.0
        for j in range(i):
            others = count_probabilities(p, i, j, work)
            value = 0.0
            for m in range(others + 1):
                value += work[m] * (delta[m + 1] - delta[m])
            out[i, j] = value
            out[j, i] = value


@njit(cache=True)
def solve_in_place(a: Array, b: Array) -> None:
    """Solve a x = b by elimination with partial pivoting; ``b`` becomes x and ``a`` is destroyed."""
    n = b.size
    for k in range(n):
        best = k
        for r in range(k + 1, n):
            if abs(a[r, k]) > abs(a[best, k]):
                best = r
        if best != k:
            for c in range(k, n):
                a[k, c], a[best, c] = a[best, c], a[k, c]
            b[k], b[best] = b[best], b[k]
        pivot = a[k, k] if a[k, k] != 0.0 else 1e-300
        for r in range(k + 1, n):
            f = a[r, k] / pivot
            if f != 0.0:
                for c in range(k + 1, n):
                    a[r, c] -= f * a[k, c]
                b[r] -= f * b[k]
        a[k, k] = pivot
    for k in range(n - 1, -1, -1):
        for c in range(k + 1, n):
            b[k] -= a[k, c] * b[c]
        b[k] /= a[k, k]


@njit(cache=True)
def through_beliefs(
    p: Array, delta: Array, linear: bool, b: Array, transposed: bool, a: Array, work: Array
) -> None:
    """Solve (I - J D) x = b, or (I - J D)' x = b, for x in place; J are `slopes`, D is diag(p (1 - p)).

    With Delta linear J is a constant times (11' - I), and the matrix diagonal plus one of rank one.
    """
    n = p.size
    if not linear:
        slopes(p, delta, a, work)
        for i in range(n):
            for j in range(n):
                a[i, j] *= -p[i] * (1 - p[i]) if transposed else -p[j] * (1 - p[j])
            a[i, i] += 1.0
        solve_in_place(a, b)
        return
    step = delta[1] - delta[0] if n > 1 else 0.0
    left, share = 0.0, 0.0
    for i in range(n):
        d = p[i] * (1 - p[i])
        left += b[i] / (1 + step * d) * (1.0 if transposed else d)
        share += d / (1 + step * d)
    total = left / (1 - step * share)
    for i in range(n):
        d = p[i] * (1 - p[i])
        b[i] = (b[i] + step * total * (d if transposed else 1.0)) / (1 + step * d)


@njit(cache=True)
def distance(
    base: Array, u: float, delta: Array, linear: bool, index: Array, p: Array, gap: Array, work: Array
) -> float:
    """Write Lambda(U) and the gap c x + u + E[Delta(M)] - U; return its largest element over that of U."""
    n = base.size
    size, largest = 1.0, 0.0
    for i in range(n):
        p[i] = logistic(index[i])
        size = max(size, abs(index[i]))
    expected(p, delta, linear, gap, work)
    for i in range(n):
        gap[i] += base[i] + u - index[i]
        largest = max(largest, abs(gap[i]))
    return largest / size


@njit(cache=True)
def add(index: Array, gap: Array, share: float) -> float:
    """Add a share of the gap to the index; return the largest element of the gap."""
    largest = 0.0
    for i in range(gap.size):
        index[i] += share * gap[i]
        largest = max(largest, abs(gap[i]))
    return largest


@njit(cache=True)
def pace(delta: Array) -> float:
    """Return a step of the logit dynamics that does not overshoot: 1 where Delta only rises."""
    for m in range(delta.size - 1):
        if delta[m + 1] < delta[m]:
            return 1.0 / (1.0 + interaction(delta))
    return 1.0


@njit(cache=True)
def settle(
    base: Array,
    u: float,
    delta: Array,
    linear: bool,
    known: bool,
    index: Array,
    p: Array,
    a: Array,
    work: Array,
) -> bool:
    """Find the equilibrium at one value of the shock; return whether it was found.

    Steps of the logit dynamics, and Newton's where they bring the equilibrium nearer; one that does not is
    taken back. Where the equilibrium may not be unique Newton's are tried only close to where the dynamics
    have led.

    Parameters
    ----------
    base, u
        Own terms of the index, shape (firm,), and the shock.
    delta, linear
        Delta and whether `is_linear`.
    known
        Whether the equilibrium is unique, so that ``index`` may hold any guess; else it starts from U = 0.
    index, p
        The equilibrium, written: U and Lambda(U).
    a, work
        Scratch, shapes (firm, firm) and (3, firm + 1).
    """
    n = base.size
    gap, start, counts = work[0, :n], work[1, :n], work[2]
    rate, steps, nearby = 1.0, MOST_STEPS, np.inf
    if not known:
        index[:] = 0.0
        rate, steps, nearby = pace(delta), int(MOST_STEPS * (1.0 + interaction(delta))), NEARBY
    before, jumped = np.inf, False
    for _ in range(steps):
        largest = distance(base, u, delta, linear, index, p, gap, counts)
        if largest < TOLERANCE or not np.isfinite(largest):
            return bool(largest < TOLERANCE)
        if jumped and largest > 0.5 * before:
            nearby = before / 10
            for i in range(n):
                index[i] = start[i]
            distance(base, u, delta, linear, index, p, gap, counts)
            add(index, gap, rate)
            jumped = False
            continue
        before, jumped = largest, largest < nearby
        if not jumped:
            add(index, gap, rate)
            continue
        for i in range(n):
            start[i] = index[i]
        through_beliefs(p, delta, linear, gap, False, a, counts)
        if add(index, gap, 1.0) < 30 * NEARLY and largest < NEARLY:
            for i in range(n):
                p[i] = logistic(index[i])
            return True
    return False


@njit(cache=True)
def equilibria(
    base: Array, scale: float, delta: Array, nodes: Array, index: Array, p: Array, a: Array, work: Array
) -> bool:
    """Write U and p, shape (Q, firm), of one quarter at every value ``scale * node`` of the shock, in order.

    Each solution starts the next: the two before it are drawn on in a straight line.
    """
    linear, known = is_linear(delta), interaction(delta) < 1.0
    n = base.size
    for q in range(nodes.size):
        if known:
            for i in range(n):
                if q == 0:
                    index[q, i] = base[i] + scale * nodes[0] + 0.5 * (delta[0] + delta[n - 1])
                elif q == 1:
                    index[q, i] = index[0, i] + scale * (nodes[1] - nodes[0])
                else:
                    slope = (index[q - 1, i] - index[q - 2, i]) / (nodes[q - 1] - nodes[q - 2])
                    index[q, i] = index[q - 1, i] + slope * (nodes[q] - nodes[q - 1])
        if not settle(base, scale * nodes[q], delta, linear, known, index[q], p[q], a, work):
            return False
    return True


@njit(cache=True)
def log_choice(index: float, y: int) -> float:
    """Return ln Lambda(U) of a firm that invests, ln(1 - Lambda(U)) of one that holds, 0 of one unknown."""
    if y < 0:
        return 0.0
    x = -index if y == 1 else index
    return -(max(x, 0.0) + np.log1p(np.exp(-abs(x))))


@njit(cache=True)
def posterior_of_shock(index: Array, p: Array, y: Marks, weights: Array, out: Array) -> float:
    """Write P(node | answers of the period) and return the log of the answers' probability.

    Products of probabilities, and logs only where they would be too small for a number.
    """
    nodes, n = index.shape
    total = 0.0
    for q in range(nodes):
        chance = weights[q]
        for i in range(n):
            if y[i] == 1:
                chance *= p[q, i]
            elif y[i] == 0:
                chance *= 1.0 - p[q, i] if p[q, i] < 0.999 else logistic(-index[q, i])
        out[q] = chance
        total += chance
    if total > SMALLEST:
        for q in range(nodes):
            out[q] /= total
        return np.log(total)
    top = -np.inf
    for q in range(nodes):
        out[q] = np.log(weights[q])
        for i in range(n):
            out[q] += log_choice(index[q, i], y[i])
        top = max(top, out[q])
    total = 0.0
    for q in range(nodes):
        out[q] = np.exp(out[q] - top)
        total += out[q]
    for q in range(nodes):
        out[q] /= total
    return top + np.log(total)


@njit(cache=True)
def log_likelihood_by_period(
    delta: Array, coefficients: Array, scale: float, y: Marks, covariates: Array, nodes: Array, weights: Array
) -> Array:
    """Return the log-likelihood of each period, shape (period,); nan where no equilibrium was found.

    A ``scale`` of 0 is a game without a shock: one node is solved.
    """
    periods, n, number = covariates.shape
    used = nodes.size if scale != 0.0 else 1
    index, p, a, work = np.empty((used, n)), np.empty((used, n)), np.empty((n, n)), np.empty((3, n + 1))
    base, chances, out = np.empty(n), np.empty(used), np.empty(periods)
    for t in range(periods):
        for i in range(n):
            base[i] = 0.0
            for k in range(number):
                base[i] += coefficients[k] * covariates[t, i, k]
        if not equilibria(base, scale, delta, nodes[:used], index, p, a, work):
            out[t] = np.nan
            continue
        out[t] = posterior_of_shock(index, p, y[t], weights[:used] if scale != 0.0 else ONE, chances)
    return out


@njit(cache=True)
def log_likelihood(
    delta: Array, coefficients: Array, scale: float, y: Marks, covariates: Array, nodes: Array, weights: Array
) -> float:
    """Return ln L; nan where an equilibrium was not found."""
    return log_likelihood_by_period(delta, coefficients, scale, y, covariates, nodes, weights).sum()


@njit(cache=True)
def log_likelihood_and_gradient(
    delta: Array, coefficients: Array, scale: float, y: Marks, covariates: Array, nodes: Array, weights: Array
) -> tuple[float, Array, Array, float]:
    """Return ln L and its derivatives by Delta (N,), coefficients (K,) and scale.

    By implicit differentiation: with r_i = y_i - p_i (0 where unknown) and J, D as in `through_beliefs`, one
    system (I - J D)' l = r a node gives d ln L / d U_i = l_i for anything that moves the index directly.
    """
    periods, n, number = covariates.shape
    used = nodes.size
    index, p, a, work = np.empty((used, n)), np.empty((used, n)), np.empty((n, n)), np.empty((3, n + 1))
    base, chances, moved = np.empty(n), np.empty(used), np.empty(n)
    d_delta, d_coefficients, d_scale, total = np.zeros(n), np.zeros(number), 0.0, 0.0
    linear = is_linear(delta)
    for t in range(periods):
        for i in range(n):
            base[i] = 0.0
            for k in range(number):
                base[i] += coefficients[k] * covariates[t, i, k]
        if not equilibria(base, scale, delta, nodes, index, p, a, work):
            return np.nan, d_delta * np.nan, d_coefficients * np.nan, np.nan
        total += posterior_of_shock(index, p, y[t], weights, chances)
        for q in range(used):
            if chances[q] < 1e-14:
                continue
            for i in range(n):
                moved[i] = y[t, i] - p[q, i] if y[t, i] >= 0 else 0.0
            through_beliefs(p[q], delta, linear, moved, True, a, work[2])
            for i in range(n):
                pull = chances[q] * moved[i]
                d_scale += pull * nodes[q]
                for k in range(number):
                    d_coefficients[k] += pull * covariates[t, i, k]
                rivals = count_probabilities(p[q], i, i, work[2])
                for m in range(rivals + 1):
                    d_delta[m] += pull * work[2, m]
    return total, d_delta, d_coefficients, d_scale


@njit(cache=True, parallel=True)
def log_likelihoods(
    deltas: Array,
    coefficients: Array,
    scales: Array,
    y: Marks,
    covariates: Array,
    nodes: Array,
    weights: Array,
) -> Array:
    """Return ln L of many draws: ``deltas`` (draw, N), ``coefficients`` (draw, K), ``scales`` (draw,).

    Draws do not depend on one another, nor on the number of threads; nan where no equilibrium was found.
    """
    out = np.empty(deltas.shape[0])
    for r in prange(deltas.shape[0]):
        out[r] = log_likelihood_by_period(
            deltas[r], coefficients[r], scales[r], y, covariates, nodes, weights
        ).sum()
    return out


def payoffs(level: Any, zeta: Any, firms: int) -> Array:
    """Return Delta(m) = level + zeta (m / (N - 1) - 1/2), shape (..., N), of numbers or of draws.

    Raises
    ------
    InputError
        If there are fewer than two firms.
    """
    if firms < 2:
        raise InputError(f"{firms} firm; a game takes 2 or more.")
    share = np.arange(firms) / (firms - 1) - 0.5
    return np.asarray(level, dtype=float)[..., None] + np.asarray(zeta, dtype=float)[..., None] * share
