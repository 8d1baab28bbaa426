"""Least-squares partitions of a series into segments with their own level, or level and trend.

Bai and Perron (2003) find the break dates that minimise the sum of squared residuals by dynamic programming
over the cost of every admissible segment. Costs are updated observation by observation (Welford), so that a
partition of T observations costs O(T^2). Every function is compiled.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]


@njit(cache=True)
def running_costs(y: Any, trend: bool, out: Any) -> None:
    """Write into ``out`` the sum of squared residuals of ``y[:j + 1]`` for every j."""
    mean, total, cross = 0.0, 0.0, 0.0
    for j in range(y.size):
        before = y[j] - mean
        mean += before / (j + 1)
        after = y[j] - mean
        total += before * after
        if not trend:
            out[j] = total
            continue
        cross += (j - (j - 1) / 2.0) * after
        spread = (j + 1.0) * ((j + 1.0) * (j + 1.0) - 1.0) / 12.0
        out[j] = max(total - cross * cross / spread, 0.0) if j > 0 else 0.0


@njit(cache=True)
def one_break(y: Any, trend: bool, least: int) -> tuple[Any, Any, int]:
    """Return the sum of squares without a break, the least with one, and how many observations precede it."""
    n = y.size
    ahead, back = np.empty(n), np.empty(n)
    running_costs(y, trend, ahead)
    running_costs(y[::-1].copy(), trend, back)
    best, at = np.inf, -1
    for i in range(least, n - least + 1):
        cost = ahead[i - 1] + back[n - i - 1]
        if cost < best:
            best, at = cost, i
    return ahead[n - 1], best, at


@njit(cache=True)
def partitions(y: Any, trend: bool, most: int, least: int) -> tuple[Any, Any]:
    """Return the best partition for every number of breaks.

    Parameters
    ----------
    y
        Shape (period,).
    trend
        Whether each segment has a trend of its own beside its level.
    most
        Largest number of breaks.
    least
        Fewest observations of a segment.

    Returns
    -------
    costs : ndarray, shape (most + 1,)
        Least sum of squared residuals by number of breaks; inf where there is no room.
    ends : ndarray of int, shape (most + 1, most)
        Observations that precede each break, in order; row m has m of them, then -1.

    References
    ----------
    Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change models. Journal of
    Applied Econometrics 18(1).
    """
    n = y.size
    cost = np.full((n, n), np.inf)
    for i in range(n - least + 1):
        running_costs(y[i:], trend, cost[i, i:])
    table = np.full((most + 1, n + 1), np.inf)
    came = np.full((most + 1, n + 1), -1)
    for j in range(least, n + 1):
        table[0, j] = cost[0, j - 1]
    for m in range(1, most + 1):
        for j in range((m + 1) * least, n + 1):
            for i in range(m * least, j - least + 1):
                now = table[m - 1, i] + cost[i, j - 1]
                if now < table[m, j]:
                    table[m, j], came[m, j] = now, i
    ends = np.full((most + 1, most), -1)
    for m in range(1, most + 1):
        if np.isfinite(table[m, n]):
            j = n
            for k in range(m, 0, -1):
                j = came[k, j]
                ends[m, k - 1] = j
    return table[:, n].copy(), ends


def fitted_segments(y: Array, ends: tuple[int, ...], trend: bool) -> Array:
    """Return the fit of a partition, shape (period,); ``ends`` observations precede each break."""
    fit = np.empty_like(y)
    for a, b in pairwise((0, *ends, y.size)):
        x = np.arange(b - a, dtype=float)
        slope, level = np.polyfit(x, y[a:b], 1) if trend else (0.0, y[a:b].mean())
        fit[a:b] = level + slope * x
    return fit
