"""What one must believe: the value of one assumption that takes a probability to a target, all else as it is.

A probability that was simulated at a few values of an assumption is made monotone (the isotonic regression,
weighted by the inverse of the error variances, Barlow and others 1972), and the target is read off between
two values. The Monte Carlo error of what is read off is that of the probability over the slope there. Where
no value in the range reaches the target, the range of the probability is what is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
TOO_FAR = 3.0
"""Standard errors by which a simulated probability may miss the monotone curve before that is told."""


@dataclass(frozen=True)
class Needed:
    """What takes a probability to a target.

    Attributes
    ----------
    target
        The probability that is asked for.
    value
        The assumption's value; None where none in the range does.
    error
        Monte Carlo standard error of that value; None with it, and where the curve is flat there.
    lowest, highest
        Range of the probability over the range of the assumption.
    monotone
        Whether the probabilities are monotone in the assumption up to Monte Carlo error.
    """

    target: float
    value: float | None
    error: float | None
    lowest: float
    highest: float
    monotone: bool


def needed(assumption: ArrayLike, probability: ArrayLike, error: ArrayLike, target: float) -> Needed:
    """Return the value of an assumption at which a probability reaches a target.

    Parameters
    ----------
    assumption
        Shape (value,): increasing values of the assumption.
    probability, error
        Shape (value,): probability at each, and its Monte Carlo standard error (0: exact).
    target
        The probability that is asked for.

    Raises
    ------
    ValueError
        If the values do not increase.
    """
    x, p = np.asarray(assumption, dtype=float), np.asarray(probability, dtype=float)
    se = np.broadcast_to(np.asarray(error, dtype=float), p.shape)
    if x.size < 2 or (np.diff(x) <= 0).any():
        raise ValueError("The values of the assumption must increase, two of them at least.")
    curve = monotone(p, se)
    agrees = bool((np.abs(p - curve) <= TOO_FAR * se + 1e-9).all())
    low, high = float(curve.min()), float(curve.max())
    if not low <= target <= high or low == high:
        return Needed(target, None, None, low, high, agrees)
    rises = curve[-1] > curve[0]
    ordered, values = (curve, x) if rises else (curve[::-1], x[::-1])
    right = int(np.clip(np.searchsorted(ordered, target), 1, x.size - 1))
    left = right - 1
    slope = (ordered[right] - ordered[left]) / (values[right] - values[left])
    if slope == 0:
        return Needed(target, float(values[left]), None, low, high, agrees)
    value = float(values[left] + (target - ordered[left]) / slope)
    at = float(np.interp(value, x, se))
    return Needed(target, value, at / abs(float(slope)), low, high, agrees)


def monotone(probability: Array, error: Array) -> Array:
    """Return the nearest monotone curve, rising or falling as fits better."""
    from scipy.optimize import isotonic_regression

    weights = 1.0 / np.maximum(error, 1e-9) ** 2
    fits = [
        np.asarray(isotonic_regression(probability, weights=weights, increasing=rising).x)
        for rising in (True, False)
    ]
    return min(fits, key=lambda fit: float(np.sum(weights * (probability - fit) ** 2)))


def share_needed(target: float, rest: float, weight: float) -> float | None:
    """Return which probability of one term takes a weighted sum to a target; None where none in [0, 1] does.

    The sum is ``rest + weight x term``.
    """
    if weight <= 0:
        return None
    term = (target - rest) / weight
    return term if -1e-12 <= term <= 1 + 1e-12 else None
