"""Checks of an estimated share on data of which the truth is known, and of its fit to the data there are.

Each is a function of arrays and a generator. What must be reached is set in ``[checks]`` of
``definitions.toml``; who judges by it is `overbuild.probability.model_checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.models.priors import Beta
from overbuild.probability.beta_binomial import cluster_posterior, clustered_hits
from overbuild.probability.intervals import Means, share_distribution
from overbuild.settings import INTERVAL

Array = NDArray[np.float64]

ENDS = ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2)


@dataclass(frozen=True)
class Predicted:
    """Where an observed number lies among those that a model expects.

    Attributes
    ----------
    observed, mean, low, high
        The number, and mean and 5 % and 95 % points of what was expected.
    p_value
        Two-sided: twice the smaller tail with the observed number in it, at most 1.
    """

    observed: float
    mean: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Recovered:
    """How a known rate is found again.

    Attributes
    ----------
    rate, correlation
        What is known of the simulated data.
    method
        The interval.
    bias
        Mean of the estimate less the rate.
    coverage, width
        Share of data sets whose 90 % interval holds the rate, and its mean width.
    """

    rate: float
    correlation: float
    method: str
    bias: float
    coverage: float
    width: float


def prior_predictive(
    observed: float,
    cases: ArrayLike,
    rate_prior: Beta,
    correlation_prior: Beta,
    draws: int,
    rng: np.random.Generator,
) -> Predicted:
    """Compare an observed count with those that the prior expects of as many cases in the same clusters.

    Parameters
    ----------
    observed
        Cases with the outcome.
    cases
        Shape (cluster,).
    rate_prior, correlation_prior
        Parameters of the Beta priors.
    draws
        Simulated data sets.
    rng
        Generator.
    """
    rate = rng.beta(*rate_prior, draws)
    expected = clustered_hits(rate, rng.beta(*correlation_prior, draws), cases, rng).sum(axis=1)
    low, high = np.quantile(expected, ENDS)
    p_value = two_sided(observed, expected)
    return Predicted(observed, float(expected.mean()), float(low), float(high), p_value)


def two_sided(observed: float, expected: Array) -> float:
    """Return twice the smaller tail of the expected numbers with the observed one in it, at most 1."""
    below, above = float(np.mean(expected <= observed)), float(np.mean(expected >= observed))
    return min(1.0, 2.0 * min(below, above))


def recovery(
    methods: Sequence[str],
    cases: ArrayLike,
    rates: Sequence[float],
    correlations: Sequence[float],
    means: Means,
    simulations: int,
    rng: np.random.Generator,
    point_prior: Beta = (0.0, 0.0),
) -> tuple[Recovered, ...]:
    """Estimate known rates from simulated clusters.

    Parameters
    ----------
    methods
        Intervals, of `overbuild.probability.intervals`.
    cases
        Shape (cluster,): as many cases as in the data.
    rates, correlations
        What is known; every pair is simulated.
    means
        What the intervals need.
    simulations
        Data sets a pair.
    rng
        Generator.
    point_prior
        Beta prior of the estimate; nothing: the share itself.

    Returns
    -------
    tuple of Recovered
        One a pair and method.
    """
    total = float(np.asarray(cases, dtype=float).sum())
    out = []
    for correlation in correlations:
        for rate in rates:
            hits = clustered_hits(np.full(simulations, rate), correlation, cases, rng)
            estimates = (hits.sum(axis=1) + point_prior[0]) / (total + sum(point_prior))
            for method in methods:
                low, high = share_distribution(method, hits, cases, means).points(ENDS)
                out.append(recovered(rate, correlation, method, estimates, low, high))
    return tuple(out)


def recovered(
    rate: float,
    correlation: float,
    method: str,
    estimates: Array,
    low: Array,
    high: Array,
    truth: ArrayLike | None = None,
) -> Recovered:
    """Return bias, coverage and width; an interval that does not exist covers nothing.

    ``truth`` is the true value of each data set, shape (data set,); None: the rate.
    """
    known = np.broadcast_to(rate if truth is None else np.asarray(truth, dtype=float), estimates.shape)
    width = high - low
    return Recovered(
        rate,
        correlation,
        method,
        float(np.mean(estimates - known)),
        float(np.mean((low <= known) & (known <= high))),
        float(width[np.isfinite(width)].mean()) if np.isfinite(width).any() else float("nan"),
    )


def dispersion(
    hits: ArrayLike, cases: ArrayLike, rate: Array, correlation: ArrayLike, rng: np.random.Generator
) -> float:
    r"""Return the share of replicated data in which clusters differ at least as much as in those observed.

    They differ by :math:`\sum_c (y_c - n_c p)^2 / (n_c p (1 - p))`, with p the share of the same data.

    Parameters
    ----------
    hits, cases
        Shape (cluster,).
    rate, correlation
        Shape (draw,): draws of the posterior; a correlation of 0 is the model without clusters.
    rng
        Generator.
    """
    n = np.asarray(cases, dtype=float)
    replicated = clustered_hits(rate, correlation, n, rng)
    return float(np.mean(_unevenness(replicated, n) >= _unevenness(np.atleast_2d(hits), n) - 1e-9))


def dispersions(
    hits: ArrayLike,
    cases: ArrayLike,
    means: Means,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Return `dispersion` under the model without clusters and under the beta-binomial by cluster."""
    fell, total = (float(np.asarray(v, dtype=float).sum()) for v in (hits, cases))
    a, b = means.rate_prior
    alone = dispersion(hits, cases, rng.beta(fell + a, total - fell + b, draws), 0.0, rng)
    posterior = cluster_posterior(hits, cases, means.rate_prior, means.correlation_prior)
    rate, correlation = posterior.draws(draws, rng)
    return {"independent": alone, "beta_binomial": dispersion(hits, cases, rate, correlation, rng)}


def _unevenness(hits: Array, cases: Array) -> Array:
    share = hits.sum(axis=1, keepdims=True) / cases.sum()
    scale = cases * share * (1.0 - share)
    gap = (hits - cases * share) ** 2
    return np.divide(gap, scale, out=np.zeros_like(gap), where=scale > 0).sum(axis=1)
