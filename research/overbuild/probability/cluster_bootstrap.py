"""Bootstrap by cluster of a share, all draws at once: whole series are drawn, never single cases."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.models.priors import Beta

Array = NDArray[np.float64]


def cluster_weights(clusters: int, draws: int, rng: np.random.Generator) -> Array:
    """Return how often each cluster is drawn, shape (draw, cluster); a draw takes as many as there are."""
    return rng.multinomial(clusters, np.full(clusters, 1.0 / clusters), size=draws).astype(float)


def share_draws(hits: Array, cases: Array, weights: Array, add: Beta = (0.0, 0.0)) -> Array:
    """Return the share of hits among cases in each draw.

    Parameters
    ----------
    hits, cases
        Shape (cluster,) or (cluster, k): counts by cluster.
    weights
        Shape (draw, cluster), from `cluster_weights`.
    add
        Added to the hits and to the other cases: the parameters of a Beta prior give its posterior mean.

    Returns
    -------
    numpy.ndarray
        Shape (draw,) or (draw, k); nan in a draw without cases.
    """
    top, bottom = weights @ hits + add[0], weights @ cases + sum(add)
    empty = weights @ cases == 0
    return np.where(empty, np.nan, np.divide(top, bottom, out=np.zeros_like(top), where=~empty))


def effective_cases(rate: ArrayLike, draws: Array) -> Array:
    """Return the number of independent cases that would leave the same variance, ``rate (1 - rate) / var``.

    Parameters
    ----------
    rate
        The share, shape () or (k,).
    draws
        Its draws, shape (draw,) or (draw, k).

    Returns
    -------
    numpy.ndarray
        Shape () or (k,); nan where the draws do not vary, since they then say nothing of it.
    """
    known = np.isfinite(draws).sum(axis=0)
    count = np.maximum(known, 1)
    mean = np.nansum(draws, axis=0) / count
    variance = np.nansum((draws - mean) ** 2, axis=0) / count
    share = np.asarray(rate, dtype=float)
    return np.where(variance > 0, share * (1.0 - share) / np.where(variance > 0, variance, 1.0), np.nan)
