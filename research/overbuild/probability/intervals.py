"""Intervals of a share whose cases come in clusters, by name, for one or many data sets at once.

Which of them is printed first is set in ``[intervals]`` of ``definitions.toml``, by what each does on data of
which the true share is known (`overbuild.probability.checks`); the others are filed beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overbuild.core.frozen import Frozen
from overbuild.errors import UnknownNameError
from overbuild.models.priors import JEFFREYS, UNIFORM, Beta
from overbuild.probability.beta_binomial import CORRELATIONS, RATES, cluster_posterior
from overbuild.probability.cluster_bootstrap import effective_cases, share_draws
from overbuild.probability.effective_number import effective_points

Array = NDArray[np.float64]

NOTHING: Beta = (0.0, 0.0)


@dataclass(frozen=True)
class Means:
    """What the methods need beside the counts.

    Attributes
    ----------
    rate_prior, correlation_prior
        Parameters of the Beta priors.
    weights
        Shape (draw, cluster): how often each draw of the bootstrap takes each cluster.
    bootstrap_prior
        Added to the counts in each draw of the bootstrap: nothing, or the prior of the share.
    rates, correlations
        Cells of the grid of the beta-binomial.
    """

    rate_prior: Beta = JEFFREYS
    correlation_prior: Beta = UNIFORM
    weights: Array | None = None
    bootstrap_prior: Beta = NOTHING
    rates: int = RATES
    correlations: int = CORRELATIONS


def interval_points(method: str, hits: ArrayLike, cases: ArrayLike, at: ArrayLike, means: Means) -> Array:
    """Return quantiles of the share by one method, shape (quantile, data set).

    Parameters
    ----------
    method
        One of `METHODS`.
    hits, cases
        Shape (cluster,) or (data set, cluster).
    at
        Levels, such as 0.05 and 0.95.
    means
        Priors and bootstrap weights.

    Raises
    ------
    UnknownNameError
        If there is no such method.
    """
    if method not in METHODS:
        raise UnknownNameError("interval", method, tuple(METHODS))
    y = np.atleast_2d(np.asarray(hits, dtype=float))
    n = np.array(np.broadcast_to(np.asarray(cases, dtype=float), y.shape))
    return METHODS[method](y, n, np.atleast_1d(np.asarray(at, dtype=float)), means)


def _bootstrap(y: Array, n: Array, at: Array, means: Means) -> Array:
    draws = share_draws(y.T, n.T, _weights(means, y), means.bootstrap_prior)
    known = np.isfinite(draws).any(axis=0)
    points = np.full((at.size, len(y)), np.nan)
    points[:, known] = np.nanquantile(draws[:, known], at, axis=0)
    return points


def _effective(y: Array, n: Array, at: Array, means: Means) -> Array:
    draws = share_draws(y.T, n.T, _weights(means, y))
    total = n.sum(axis=1)
    share = y.sum(axis=1) / np.where(total > 0, total, np.nan)
    worth = effective_cases(share, draws)
    a, b = means.rate_prior
    return stats.beta.ppf(at[:, None], share * worth + a, (1.0 - share) * worth + b)


def _independent(y: Array, n: Array, at: Array, means: Means) -> Array:
    total, (a, b) = n.sum(axis=1), means.rate_prior
    fell = np.where(total > 0, y.sum(axis=1), np.nan)
    return stats.beta.ppf(at[:, None], fell + a, total - fell + b)


def _korn_graubard(y: Array, n: Array, at: Array, means: Means) -> Array:
    return effective_points(y, n, at, means.rate_prior)


def _beta_binomial(y: Array, n: Array, at: Array, means: Means) -> Array:
    priors = means.rate_prior, means.correlation_prior
    points = cluster_posterior(y, n, *priors, means.rates, means.correlations).points(at)
    return np.where(n.sum(axis=1) > 0, points, np.nan)


def _weights(means: Means, y: Array) -> Array:
    if means.weights is None or means.weights.shape[1] != y.shape[1]:
        raise ValueError("The bootstrap needs weights of the shape (draw, cluster).")
    return means.weights


METHODS: Mapping[str, Callable[[Array, Array, Array, Means], Array]] = Frozen(
    {
        "bootstrap": _bootstrap,
        "independent": _independent,
        "effective": _effective,
        "korn_graubard": _korn_graubard,
        "beta_binomial": _beta_binomial,
    }
)
"""Bootstrap by cluster (percentiles); Beta posterior with cases taken as independent, with the number of
independent cases that leave the variance of the bootstrap, and with that of Korn and Graubard; beta-binomial
posterior by cluster."""
