"""Intervals of a share whose cases come in clusters, by name, for one or many data sets at once.

Which of them is printed first is set in ``[intervals]`` of ``definitions.toml``, by what each does on data of
which the true share is known (`overbuild.probability.checks`); the others are filed beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overbuild.core.frozen import Frozen
from overbuild.errors import UnknownNameError
from overbuild.models.priors import JEFFREYS, UNIFORM, Beta
from overbuild.probability.beta_binomial import CORRELATIONS, RATES, cluster_posterior
from overbuild.probability.cluster_bootstrap import effective_cases, share_draws
from overbuild.probability.effective_number import effective_number

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


class Distribution(Protocol):
    """What a method says of the share of each data set."""

    def points(self, at: ArrayLike) -> Array:
        """Return quantiles, shape (quantile, data set)."""
        ...

    def below(self, rate: ArrayLike) -> Array:
        """Return the mass below one share a data set, shape (data set,)."""
        ...


@dataclass(frozen=True)
class BetaShares:
    """Beta distributions with parameters of the shape (data set,); nan where nothing is known."""

    a: Array
    b: Array

    def points(self, at: ArrayLike) -> Array:
        """Return quantiles, shape (quantile, data set)."""
        return stats.beta.ppf(np.atleast_1d(np.asarray(at, dtype=float))[:, None], self.a, self.b)

    def below(self, rate: ArrayLike) -> Array:
        """Return the mass below one share a data set, shape (data set,)."""
        return stats.beta.cdf(rate, self.a, self.b)


@dataclass(frozen=True)
class DrawnShares:
    """Draws of the shape (draw, data set); nan in a draw that holds no case."""

    draws: Array

    def points(self, at: ArrayLike) -> Array:
        """Return quantiles, shape (quantile, data set)."""
        levels = np.atleast_1d(np.asarray(at, dtype=float))
        known = np.isfinite(self.draws).any(axis=0)
        points = np.full((levels.size, self.draws.shape[1]), np.nan)
        points[:, known] = np.nanquantile(self.draws[:, known], levels, axis=0)
        return points

    def below(self, rate: ArrayLike) -> Array:
        """Return the share of draws below one share a data set, ties counting half, shape (data set,)."""
        known = np.maximum(np.isfinite(self.draws).sum(axis=0), 1)
        less, equal = self.draws < np.asarray(rate), self.draws == np.asarray(rate)
        return (less.sum(axis=0) + 0.5 * equal.sum(axis=0)) / known


def share_distribution(method: str, hits: ArrayLike, cases: ArrayLike, means: Means) -> Distribution:
    """Return what one method says of the share.

    Parameters
    ----------
    method
        One of `METHODS`.
    hits, cases
        Shape (cluster,) or (data set, cluster).
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
    return METHODS[method](y, n, means)


def interval_points(method: str, hits: ArrayLike, cases: ArrayLike, at: ArrayLike, means: Means) -> Array:
    """Return quantiles of the share by one method, shape (quantile, data set); nan where there is no case."""
    points = share_distribution(method, hits, cases, means).points(at)
    y = np.atleast_2d(np.asarray(hits, dtype=float))
    return np.where(np.broadcast_to(np.asarray(cases, dtype=float), y.shape).sum(axis=1) > 0, points, np.nan)


def _bootstrap(y: Array, n: Array, means: Means) -> Distribution:
    return DrawnShares(share_draws(y.T, n.T, _weights(means, y), means.bootstrap_prior))


def _effective(y: Array, n: Array, means: Means) -> Distribution:
    draws = share_draws(y.T, n.T, _weights(means, y))
    return _beta(y, n, effective_cases(_share(y, n), draws), means)


def _independent(y: Array, n: Array, means: Means) -> Distribution:
    return _beta(y, n, n.sum(axis=1), means)


def _korn_graubard(y: Array, n: Array, means: Means) -> Distribution:
    return _beta(y, n, effective_number(y, n), means)


def _beta_binomial(y: Array, n: Array, means: Means) -> Distribution:
    priors = means.rate_prior, means.correlation_prior
    return cluster_posterior(y, n, *priors, means.rates, means.correlations)


def _beta(y: Array, n: Array, worth: Array, means: Means) -> BetaShares:
    """Return the Beta posteriors of shares whose cases are worth so many independent ones."""
    share, (a, b) = _share(y, n), means.rate_prior
    return BetaShares(share * worth + a, (1.0 - share) * worth + b)


def _share(y: Array, n: Array) -> Array:
    total = n.sum(axis=1)
    return y.sum(axis=1) / np.where(total > 0, total, np.nan)


def _weights(means: Means, y: Array) -> Array:
    if means.weights is None or means.weights.shape[1] != y.shape[1]:
        raise ValueError("The bootstrap needs weights of the shape (draw, cluster).")
    return means.weights


METHODS: Mapping[str, Callable[[Array, Array, Means], Distribution]] = Frozen(
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
