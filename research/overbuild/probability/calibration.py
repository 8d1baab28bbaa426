"""Simulation-based calibration: true rates, ranked in the posteriors of the data that they gave, are uniform.

Where the posterior that is checked is that of the model that made the data, any rank of the true rate among
draws of it is as likely as any other. A hump means that the posterior is too wide, two horns that it is too
narrow, a slope that it is shifted. Source: Talts, Betancourt, Simpson, Vehtari and Gelman (2018),
arXiv:1804.06788.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overbuild.errors import InputError
from overbuild.probability.beta_binomial import clustered_hits
from overbuild.probability.checks import ENDS
from overbuild.probability.intervals import Distribution, Means, share_distribution
from overbuild.randomness import stream

Array = NDArray[np.float64]

LEVELS = 99
"""Posterior draws among which the true value is ranked."""
BINS = 20
UNIT = 250
"""Data sets of one unit of work, each unit with its own random stream."""
FEWEST = 5 * BINS
"""With fewer data sets a bin would expect fewer than five ranks, and the test of uniformity says nothing."""


@dataclass(frozen=True)
class Ranks:
    """Ranks of true rates among draws of their posteriors; uniform where the posterior is right.

    Attributes
    ----------
    ranks
        Shape (data set,): how many of `LEVELS` draws lie below the true rate.
    chi_square, ecdf
        p-values of uniformity: of counts in `BINS` bins, and of the largest gap of the distribution function.
    coverage
        Share of data sets whose 90 % interval holds the true rate.
    """

    ranks: NDArray[np.int_]
    chi_square: float
    ecdf: float
    coverage: float

    @property
    def histogram(self) -> NDArray[np.int_]:
        """Number of ranks in each bin."""
        return np.bincount(self.ranks * BINS // (LEVELS + 1), minlength=BINS)


def calibrated(
    model: str,
    method: str,
    cases: Array,
    means: Means,
    simulations: int,
    seed: int,
    *,
    correlated: bool = True,
    workers: int = 1,
) -> Ranks:
    """Rank true rates in the posteriors of simulated data.

    Parameters
    ----------
    model
        Name of the forecaster, part of the name of the random stream.
    method
        The posterior, by the name of its interval.
    cases
        Shape (cluster,).
    means
        Priors, and what the interval needs.
    simulations
        Data sets.
    seed
        Master seed.
    correlated
        Whether the clusters of the simulated data differ.
    workers
        Processes.

    Raises
    ------
    InputError
        If there are too few data sets to test anything.
    """
    if simulations < FEWEST:
        raise InputError(f"--simulations {simulations} are too few; expected {FEWEST} or more.")
    name = f"checks/{model}/ranks/{'clusters' if correlated else 'alike'}"
    sizes = [min(UNIT, simulations - first) for first in range(0, simulations, UNIT)]
    one = partial(_unit, name, method, cases, means, seed, correlated)
    if workers > 1 and len(sizes) > 1:
        # A forked process may inherit a lock of a numerical library in mid-use; a spawned one starts clean.
        with ProcessPoolExecutor(min(workers, len(sizes)), get_context("spawn")) as pool:
            found = list(pool.map(one, range(len(sizes)), sizes))
    else:
        found = [one(i, size) for i, size in enumerate(sizes)]
    ranks, covered = (np.concatenate(part) for part in zip(*found, strict=True))
    return uniformity(ranks, covered, stream(f"{name}/ties", seed=seed))


def simulated_ranks(
    method: str,
    cases: ArrayLike,
    means: Means,
    simulations: int,
    rng: np.random.Generator,
    *,
    correlated: bool,
) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """Draw rates from the prior, data from the rates, and rank each rate in the posterior of its data.

    Parameters
    ----------
    method
        The posterior, by the name of its interval.
    cases
        Shape (cluster,).
    means
        Priors, and what the interval needs.
    simulations
        Data sets.
    rng
        Generator.
    correlated
        Whether the clusters of the data differ, with a correlation drawn from its prior.

    Returns
    -------
    tuple
        Ranks, and whether the 90 % interval holds the rate, shape (data set,) each.
    """
    rate = rng.beta(*means.rate_prior, simulations)
    correlation = rng.beta(*means.correlation_prior, simulations) if correlated else np.zeros(simulations)
    hits = clustered_hits(rate, correlation, cases, rng)
    return ranked(rate, share_distribution(method, hits, cases, means), rng)


def ranked(
    truth: Array, posterior: Distribution, rng: np.random.Generator
) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """Return the rank of each true value among `LEVELS` draws of its posterior, and whether it is covered.

    The number of draws below a value is binomial with the posterior mass below it, so no draw is made. A
    posterior that does not exist ranks its value last.
    """
    below = np.nan_to_num(posterior.below(truth), nan=1.0)
    low, high = posterior.points(ENDS)
    return rng.binomial(LEVELS, np.clip(below, 0.0, 1.0)), (low <= truth) & (truth <= high)


def uniformity(ranks: NDArray[np.int_], covered: NDArray[np.bool_], rng: np.random.Generator) -> Ranks:
    """Test whether ranks are uniform; for the distribution function, ties are broken at random."""
    counts = np.bincount(ranks * BINS // (LEVELS + 1), minlength=BINS)
    spread = (ranks + rng.random(ranks.size)) / (LEVELS + 1)
    return Ranks(
        ranks,
        float(stats.chisquare(counts).pvalue),
        float(stats.kstest(spread, "uniform").pvalue),
        float(np.mean(covered)),
    )


def _unit(
    name: str, method: str, cases: Array, means: Means, seed: int, correlated: bool, index: int, size: int
) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    rng = stream(name, seed=seed, index=index)
    return simulated_ranks(method, cases, means, size, rng, correlated=correlated)
