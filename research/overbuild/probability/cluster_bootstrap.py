"""Bootstrap by cluster of a share, all draws at once: whole series are drawn, never single cases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def cluster_weights(clusters: int, draws: int, rng: np.random.Generator) -> Array:
    """Return how often each cluster is drawn, shape (draw, cluster); a draw takes as many as there are."""
    return rng.multinomial(clusters, np.full(clusters, 1.0 / clusters), size=draws).astype(float)


def share_draws(hits: Array, cases: Array, weights: Array, add: float = 0.0) -> Array:
    """Return the share of hits among cases in each draw.

    Parameters
    ----------
    hits, cases
        Shape (cluster,) or (cluster, k): counts by cluster.
    weights
        Shape (draw, cluster), from `cluster_weights`.
    add
        Added to the hits, and twice to the cases (0.5: the mean under Jeffreys' prior).

    Returns
    -------
    numpy.ndarray
        Shape (draw,) or (draw, k); nan in a draw without cases.
    """
    top, bottom = weights @ hits + add, weights @ cases + 2 * add
    empty = weights @ cases == 0
    return np.where(empty, np.nan, np.divide(top, bottom, out=np.zeros_like(top), where=~empty))


def effective_cases(rate: float, draws: Array) -> float:
    """Return the number of independent cases that would leave the same variance, ``rate (1 - rate) / var``.

    nan where the draws do not vary, since they then say nothing of it.
    """
    variance = float(np.nanvar(draws))
    return rate * (1.0 - rate) / variance if variance > 0 else float("nan")
