r"""The rate of an outcome whose cases come in clusters that differ: the beta-binomial model by cluster.

In cluster c the outcome has the chance :math:`p_c \sim Beta(a, b)` with :math:`a = \mu(1-\rho)/\rho` and
:math:`b = (1-\mu)(1-\rho)/\rho`, whose mean is the rate :math:`\mu` and whose variance is
:math:`\rho\mu(1-\mu)`; :math:`\rho` is the correlation of two cases of one cluster. Of :math:`n_c` cases
:math:`y_c` have the outcome, with the likelihood

.. math:: L(\mu, \rho) = \prod_c \frac{B(y_c + a, n_c - y_c + b)}{B(a, b)}.

Both parameters have Beta priors. The posterior is summed on a grid of cells that have equal prior mass, so it
needs no sampler and many data sets are done at once. Source: Skellam (1948), Journal of the Royal Statistical
Society B 10(2), 257-261.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import betaln

from overbuild.models.priors import UNIFORM, Beta

Array = NDArray[np.float64]

ALL_OR_NOTHING = 0.999
RATES, CORRELATIONS = 400, 40
"""Cells of the grid for one data set; checks on many data sets take fewer."""


@dataclass(frozen=True)
class ClusterPosterior:
    """The posterior of rate and correlation, for one or many data sets.

    Attributes
    ----------
    rate_prior, correlation_prior
        Parameters of the Beta priors.
    weight
        Shape (data set, rate, correlation): posterior mass of each cell; sums to 1 over the last two axes.
    """

    rate_prior: Beta
    correlation_prior: Beta
    weight: Array

    @property
    def rate(self) -> Array:
        """Rate in the middle of each cell by prior mass, shape (rate,)."""
        return nodes(self.rate_prior, self.weight.shape[1])

    @property
    def correlation(self) -> Array:
        """Correlation in the middle of each cell, shape (correlation,)."""
        return nodes(self.correlation_prior, self.weight.shape[2])

    @property
    def mean(self) -> Array:
        """Mean of the rate, shape (data set,)."""
        return self.weight.sum(axis=2) @ self.rate

    @property
    def variance(self) -> Array:
        """Variance of the rate, shape (data set,)."""
        return self.weight.sum(axis=2) @ self.rate**2 - self.mean**2

    def points(self, at: ArrayLike) -> Array:
        """Return quantiles of the rate, shape (quantile, data set)."""
        return _points(self.weight.sum(axis=2), self.rate_prior, at)

    def correlation_points(self, at: ArrayLike) -> Array:
        """Return quantiles of the correlation, shape (quantile, data set)."""
        return _points(self.weight.sum(axis=1), self.correlation_prior, at)

    def below(self, rate: ArrayLike) -> Array:
        """Return the posterior mass below one rate a data set, shape (data set,)."""
        edges, mass = _cumulated(self.weight.sum(axis=2))
        place = stats.beta.cdf(np.broadcast_to(rate, len(mass)), *self.rate_prior)
        return np.array([np.interp(v, edges, m) for v, m in zip(place, mass, strict=True)])

    def draws(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return rates and correlations drawn from the posterior of one data set, shape (draw,)."""
        _, rates, correlations = self.weight.shape
        cell = rng.choice(rates * correlations, count, p=self.weight[0].ravel())
        rate, correlation = (cell // correlations + rng.random(count)) / rates, cell % correlations
        return (
            stats.beta.ppf(rate, *self.rate_prior),
            stats.beta.ppf((correlation + rng.random(count)) / correlations, *self.correlation_prior),
        )


def cluster_posterior(
    hits: ArrayLike,
    cases: ArrayLike,
    rate_prior: Beta,
    correlation_prior: Beta = UNIFORM,
    rates: int = RATES,
    correlations: int = CORRELATIONS,
) -> ClusterPosterior:
    """Return the posterior of rate and correlation.

    Parameters
    ----------
    hits, cases
        Shape (cluster,) or (data set, cluster): cases with the outcome, and all; they need not be whole where
        cases are weighted. A cluster without cases says nothing.
    rate_prior, correlation_prior
        Parameters of the Beta priors.
    rates, correlations
        Cells of the grid.
    """
    y = np.atleast_2d(np.asarray(hits, dtype=float))
    n = np.broadcast_to(np.asarray(cases, dtype=float), y.shape)
    a, b = _shapes(nodes(rate_prior, rates)[:, None], nodes(correlation_prior, correlations)[None, :])
    kinds, kind = np.unique(np.stack([n.ravel(), y.ravel()]), axis=1, return_inverse=True)
    per_kind = [betaln(v + a, m - v + b) - betaln(a, b) for m, v in kinds.T]
    often = np.zeros((len(y), kinds.shape[1]))
    np.add.at(often, (np.repeat(np.arange(len(y)), y.shape[1]), kind.ravel()), 1.0)
    log_weight = often @ np.reshape(per_kind, (kinds.shape[1], -1))
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return ClusterPosterior(rate_prior, correlation_prior, weight.reshape(len(y), rates, correlations))


def clustered_hits(
    rate: ArrayLike, correlation: ArrayLike, cases: ArrayLike, rng: np.random.Generator
) -> Array:
    """Draw data sets from the model.

    Parameters
    ----------
    rate, correlation
        Shape (data set,); a correlation of 0 means that all clusters have the same chance.
    cases
        Shape (cluster,), whole.

    Returns
    -------
    numpy.ndarray
        Shape (data set, cluster): cases with the outcome.
    """
    n = np.asarray(cases, dtype=int)
    mu, rho = np.broadcast_arrays(
        np.atleast_1d(np.asarray(rate, dtype=float)), np.asarray(correlation, dtype=float)
    )
    # Beyond this correlation a cluster is all or nothing, and a Beta draw needs shapes above zero.
    a, b = _shapes(mu, np.clip(np.where(rho > 0, rho, 0.5), None, ALL_OR_NOTHING))
    a, b = (np.maximum(s, 1e-12)[:, None] for s in (a, b))
    chance = np.where(rho[:, None] > 0, rng.beta(a, b, (mu.size, n.size)), mu[:, None])
    return rng.binomial(n, chance).astype(float)


def nodes(prior: Beta, cells: int) -> Array:
    """Return the middles, by prior mass, of cells of equal prior mass."""
    return stats.beta.ppf((np.arange(cells) + 0.5) / cells, *prior)


def _shapes(rate: Array, correlation: Array) -> tuple[Array, Array]:
    total = (1.0 - correlation) / correlation
    return rate * total, (1.0 - rate) * total


def _points(mass: Array, prior: Beta, at: ArrayLike) -> Array:
    edges, below = _cumulated(mass)
    place = np.array([np.interp(np.atleast_1d(np.asarray(at)), m, edges) for m in below])
    return stats.beta.ppf(place.T, *prior)


def _cumulated(mass: Array) -> tuple[Array, Array]:
    """Return the edges of the cells in prior mass, and the posterior mass below each edge."""
    below = np.cumsum(mass, axis=1)
    return np.linspace(0.0, 1.0, mass.shape[1] + 1), np.column_stack(
        [np.zeros(len(mass)), below / below[:, -1:]]
    )
