"""Test of a mean of paired differences by flipping the signs of whole clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from overbuild.errors import InputError

MOST = 14
"""Clusters up to which every flip is enumerated."""
FLIPS = 2**MOST
TIED = 1e-12
"""Share of the sum of absolute cluster sums within which two statistics count as the same."""


def sign_flip_p_value(difference: ArrayLike, cluster: ArrayLike, rng: np.random.Generator) -> float:
    r"""Return the two-sided p-value of no difference, flipping the sign of each cluster's sum.

    With :math:`S_c` the sum of the differences of cluster c, and signs :math:`s_c` of -1 and 1 that are all
    as likely, it is the share of flips in which :math:`|\sum_c s_c S_c| \ge |\sum_c S_c|`. It is exact, for
    however few clusters, where those are independent and each one's differences are symmetric about 0 if
    neither forecaster is better. With G clusters it is at least :math:`2^{1-G}`.

    Parameters
    ----------
    difference
        Of each case, shape (case,).
    cluster
        What a case shares its cause with, shape (case,).
    rng
        Used beyond 14 clusters only, where 16,384 flips are drawn and the data count as one more.

    Raises
    ------
    InputError
        If there is no case, or cases and clusters differ in number.

    References
    ----------
    Canay, I. A., Romano, J. P. and Shaikh, A. M. (2017). Randomization tests under an approximate symmetry
    assumption. Econometrica 85, 1013-1030.
    """
    d, names = np.asarray(difference, dtype=float), np.asarray(cluster)
    if d.ndim != 1 or d.shape != names.shape or d.size == 0:
        raise InputError(f"Differences and clusters have shapes {d.shape} and {names.shape}, not one alike.")
    sums = np.bincount(np.unique(names, return_inverse=True)[1].reshape(-1), weights=d)
    size = sums.size
    if size <= MOST:
        flips = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
    else:
        flips = rng.integers(0, 2, (FLIPS, size))
    reached = np.abs((1 - 2 * flips) @ sums) >= abs(sums.sum()) - TIED * np.abs(sums).sum()
    return float(reached.mean() if size <= MOST else (1 + reached.sum()) / (1 + FLIPS))
