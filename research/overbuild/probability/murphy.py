"""The Brier score taken apart: reliability, resolution, uncertainty, and what binning leaves within bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Murphy:
    r"""Terms of the Brier score.

    ``brier = reliability - resolution + uncertainty + within_variance - within_covariance``.

    Attributes
    ----------
    brier
        The (weighted) mean Brier score: the sum of terms, to rounding.
    reliability
        Squared distance of the mean forecast of a group from its frequency: 0 is best.
    resolution
        Squared distance of the frequencies of groups from the overall one: large is best.
    uncertainty
        Overall frequency times its complement: not the forecaster's.
    within_variance, within_covariance
        Variance of forecasts within groups, and twice their covariance with outcomes there; both 0 where
        the members of a group have one forecast.
    forecast, frequency, weight
        By group, shape (g,): mean forecast, frequency, share of the weight.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_variance: float
    within_covariance: float
    forecast: Array
    frequency: Array
    weight: Array


def murphy(
    probability: ArrayLike,
    happened: ArrayLike,
    *,
    edges: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Murphy:
    r"""Return the decomposition with groups of equal forecasts, or of forecasts between edges.

    With groups :math:`k` of weight :math:`w_k`, mean forecast :math:`\bar p_k`, frequency :math:`\bar y_k`:

    .. math:: B = \sum_k w_k (\bar p_k - \bar y_k)^2 - \sum_k w_k (\bar y_k - \bar y)^2 + \bar y (1 - \bar y)
        + \sum_i w_i (p_i - \bar p_k)^2 - 2 \sum_i w_i (p_i - \bar p_k)(y_i - \bar y_k)

    Parameters
    ----------
    probability, happened
        Shape (case,); outcomes 0 or 1.
    edges
        Inner and outer edges of bins, rising from 0 to 1, a bin open on the right but the last; without
        them groups are of equal forecasts.
    weights
        Shape (case,), what a case is worth; equal without.

    Raises
    ------
    InputError
        Probabilities, outcomes, edges or weights that are none.

    References
    ----------
    Murphy, A. H. (1973). A new vector partition of the probability score. Journal of Applied Meteorology
    12, 595-600. Stephenson, D. B., Coelho, C. A. S. and Jolliffe, I. T. (2008). Two extra components in the
    Brier score decomposition. Weather and Forecasting 23, 752-757.
    """
    p, y = np.asarray(probability, dtype=float).ravel(), np.asarray(happened, dtype=float).ravel()
    w = np.ones_like(p) if weights is None else np.asarray(weights, dtype=float).ravel()
    if p.size == 0 or not p.shape == y.shape == w.shape:
        raise InputError(
            "A decomposition needs an outcome (and a weight) for each probability, one at least."
        )
    if not np.all((p >= 0) & (p <= 1)) or not np.all((y == 0) | (y == 1)):
        raise InputError("Probabilities lie between 0 and 1 and outcomes are 0 or 1.")
    if not np.all(w >= 0) or not w.sum() > 0:
        raise InputError("Weights of cases are not negative, and one at least is positive.")
    w = w / w.sum()
    _, group = np.unique(p if edges is None else _bins(p, edges), return_inverse=True)
    share = np.bincount(group, weights=w)
    safe = np.where(share > 0, share, 1.0)
    forecast = np.bincount(group, weights=w * p) / safe
    frequency = np.bincount(group, weights=w * y) / safe
    overall = float(w @ y)
    off = p - forecast[group]
    return Murphy(
        brier=float(w @ (p - y) ** 2),
        reliability=float(share @ (forecast - frequency) ** 2),
        resolution=float(share @ (frequency - overall) ** 2),
        uncertainty=overall * (1.0 - overall),
        within_variance=float(w @ off**2),
        within_covariance=2.0 * float(w @ (off * (y - frequency[group]))),
        forecast=forecast,
        frequency=frequency,
        weight=share,
    )


def _bins(p: Array, edges: ArrayLike) -> NDArray[np.intp]:
    e = np.asarray(edges, dtype=float)
    if e.ndim != 1 or e.size < 2 or e[0] != 0.0 or e[-1] != 1.0 or np.any(np.diff(e) <= 0):
        raise InputError("The edges of bins rise from 0 to 1.")
    return np.minimum(np.searchsorted(e, p, side="right") - 1, e.size - 2)
