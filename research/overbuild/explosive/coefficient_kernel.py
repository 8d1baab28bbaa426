r"""The normalised coefficient of every window of a regression on a constant and the level.

With levels measured from the window's last one and :math:`N` rows,
:math:`N(\hat\delta-1) = N\,(N\sum ud - \sum u\sum d)\,/\,(N\sum u^2 - (\sum u)^2)`; the sums grow by one row
as the window's first row moves back, so that memory is linear in the length of a path.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Array = NDArray[np.float64]


@njit(nogil=True, cache=True, error_model="numpy")
def all_coefficients(paths, shortest, badf, bsadf):
    """Fill the sequences of many paths; -inf where the level does not move in any window.

    Parameters
    ----------
    paths
        Shape (path, observation).
    shortest
        Rows of the shortest window.
    badf, bsadf
        Of shape (path, observation - shortest), to be filled.
    """
    for r in range(paths.shape[0]):
        y = paths[r]
        for last in range(shortest - 1, y.size - 1):
            su, sd, uu, ud = 0.0, 0.0, 0.0, 0.0
            now, best = -np.inf, -np.inf
            for first in range(last, -1, -1):
                u = y[first] - y[last]
                d = y[first + 1] - y[first]
                su += u
                sd += d
                uu += u * u
                ud += u * d
                n = last - first + 1.0
                if n >= shortest:
                    a = n * uu - su * su
                    now = n * (n * ud - su * sd) / a if a > 0 else -np.inf
                    best = max(best, now)
            badf[r, last - shortest + 1] = now
            bsadf[r, last - shortest + 1] = best
