"""Polynomials in Bernstein form: what a pay-off is worth when each of d rivals builds with probability p.

    f(p) = sum_m Bin(m; d, p) c_m,   m = 0..d

Coefficients are pay-offs, values are averages of them (de Casteljau: no cancellation), and the number of
roots in (0, 1) is at most the number of sign changes of the coefficients, by which roots are isolated
exactly. All take p and 1 - p apart, so that nothing is lost where p is next to 1.

References: Farouki (2012), "The Bernstein polynomial basis: a centennial retrospective".
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Array = NDArray[np.float64]

DEEPEST = 60
"""Halvings after which an interval is narrower than the spacing of doubles: what is left there touches 0."""
LARGEST_LOGIT = 700.0


@njit(cache=True)
def value(coefficients: Array, p: float, q: float) -> float:
    """Return f(p), where q = 1 - p."""
    c = coefficients.copy()
    for size in range(c.size - 1, 0, -1):
        for m in range(size):
            c[m] = q * c[m] + p * c[m + 1]
    return c[0]


@njit(cache=True)
def share_of(logit: float) -> float:
    """Return 1/(1 + exp(-logit)) without overflow."""
    if logit >= 0:
        return 1 / (1 + np.exp(-logit))
    e = np.exp(logit)
    return e / (1 + e)


@njit(cache=True)
def value_at_logit(coefficients: Array, logit: float) -> float:
    """Return f(p), where p has the given logit."""
    return value(coefficients, share_of(logit), share_of(-logit))


@njit(cache=True)
def derivative(coefficients: Array) -> Array:
    """Return the coefficients of f', of one degree less."""
    return (coefficients.size - 1) * (coefficients[1:] - coefficients[:-1])


@njit(cache=True)
def times_variance(coefficients: Array) -> Array:
    """Return the coefficients of p (1-p) f(p), of two degrees more."""
    degree = coefficients.size + 1
    made = np.zeros(degree + 1)
    for k in range(1, degree):
        made[k] = coefficients[k - 1] * k * (degree - k) / (degree * (degree - 1))
    return made


@njit(cache=True)
def restricted(coefficients: Array, low: float, high: float) -> Array:
    """Return the coefficients of f(low + (high - low) p), by the blossom of f."""
    degree = coefficients.size - 1
    made = np.empty(degree + 1)
    for k in range(degree + 1):
        c = coefficients.copy()
        for step in range(degree):
            p = high if step < k else low
            for m in range(degree - step):
                c[m] = (1 - p) * c[m] + p * c[m + 1]
        made[k] = c[0]
    return made


@njit(cache=True)
def roots(coefficients: Array) -> Array:
    """Return where f changes sign in (0, 1), ascending.

    An interval is halved until its coefficients change sign at most once; a root that f only touches is not
    returned.
    """
    degree = coefficients.size - 1
    if _sign_changes(coefficients)[0] == 0:
        return np.empty(0)
    found = np.empty(degree + DEEPEST)
    count = 0
    stack = np.empty((DEEPEST + 2, degree + 1))
    ends = np.empty((DEEPEST + 2, 2))
    stack[0], ends[0, 0], ends[0, 1] = coefficients, 0.0, 1.0
    top = 1
    while top > 0:
        top -= 1
        c, low, high = stack[top].copy(), ends[top, 0], ends[top, 1]
        changes, sign, _ = _sign_changes(c)
        if changes == 0:
            continue
        if changes == 1:
            found[count] = _bisect(coefficients, low, high, sign)
            count += 1
            continue
        middle = 0.5 * (low + high)
        if high - low < 2.0**-DEEPEST or count >= degree or middle in (low, high):
            continue
        left, right = stack[top + 1], stack[top]
        _halve(c, left, right)
        if right[0] == 0 and _sign_changes(left)[2] * _sign_changes(right)[1] < 0:
            found[count] = middle
            count += 1
        ends[top, 0], ends[top, 1] = middle, high
        ends[top + 1, 0], ends[top + 1, 1] = low, middle
        top += 2
    for k in range(1, count):
        for j in range(k, 0, -1):
            if found[j - 1] > found[j]:
                found[j - 1], found[j] = found[j], found[j - 1]
    return found[:count]


@njit(cache=True)
def _halve(c: Array, left: Array, right: Array) -> None:
    """Write the coefficients of f on the two halves of its interval; ``c`` is used up."""
    degree = c.size - 1
    left[0], right[degree] = c[0], c[degree]
    for size in range(degree, 0, -1):
        for m in range(size):
            c[m] = 0.5 * (c[m] + c[m + 1])
        left[degree - size + 1], right[size - 1] = c[0], c[size - 1]


@njit(cache=True)
def _sign_changes(c: Array) -> tuple[int, float, float]:
    """Return how often the coefficients change sign, zeros left out, and the first and last sign."""
    changes, first, last = 0, 0.0, 0.0
    for value in c:
        if value != 0:
            sign = np.sign(value)
            if first == 0:
                first = sign
            elif sign != last:
                changes += 1
            last = sign
    return changes, first, last


@njit(cache=True)
def _bisect(coefficients: Array, low: float, high: float, sign: float) -> float:
    """Return the root between two ends, f having the given sign just above the lower."""
    for _ in range(2 * DEEPEST):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if sign * value(coefficients, middle, 1 - middle) > 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
