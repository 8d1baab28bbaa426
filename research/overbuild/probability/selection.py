"""The true rate behind a list that remembers booms which ended well with probability psi.

A share o on the list stands for a true share ``o psi / (1 - o + o psi)``. No figure speaks about psi.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overbuild.models.priors import JEFFREYS, Beta
from overbuild.probability.choices import AnalogueChoices
from overbuild.probability.intervals import Means, interval_points

Array = NDArray[np.float64]

NODES = 400
"""Points of the quantile rule for means over the posterior."""


def true_rate(observed: ArrayLike, psi: ArrayLike) -> Array:
    """Return the true share, given the share on a list that remembers the other booms with psi."""
    o, remembered = np.asarray(observed, dtype=float), np.asarray(psi, dtype=float)
    return o * remembered / (1.0 - o + o * remembered)


def posterior_points(
    overbuilt: float, votes: float, psi: float, at: ArrayLike, prior: Beta = JEFFREYS
) -> Array:
    """Return quantiles of the true rate, votes independent: those of the Beta posterior, moved by psi."""
    posterior = stats.beta(overbuilt + prior[0], votes - overbuilt + prior[1])
    return true_rate(posterior.ppf(np.asarray(at, dtype=float)), psi)


def posterior_mean(overbuilt: float, votes: float, psi: float, prior: Beta = JEFFREYS) -> float:
    """Return the mean of the same posterior."""
    if psi == 1.0:
        return (overbuilt + prior[0]) / (votes + sum(prior))
    points = (np.arange(NODES) + 0.5) / NODES
    return float(posterior_points(overbuilt, votes, psi, points, prior).mean())


def clustered_points(
    overbuilt: Array, votes: Array, psi: float, at: ArrayLike, choices: AnalogueChoices
) -> Array:
    """Return quantiles of the true rate by the interval that is printed first.

    Parameters
    ----------
    overbuilt, votes
        Shape (cluster,): votes for overbuild, and all votes.
    psi
        Chance that a boom that ended well is on the list.
    at
        Levels.
    choices
        Priors, and which interval is printed first.
    """
    means = Means(choices.rate, choices.correlation)
    return true_rate(interval_points(choices.interval, overbuilt, votes, at, means)[:, 0], psi)


def mean_over_psi(overbuilt: float, votes: float, psi: Beta, prior: Beta = JEFFREYS) -> float:
    """Return the mean true rate when psi is Beta(a, b): what a prior on psi would make of the same list."""
    points = (np.arange(NODES) + 0.5) / NODES
    observed = posterior_points(overbuilt, votes, 1.0, points, prior)
    return float(true_rate(observed[:, None], stats.beta(*psi).ppf(points)[None, :]).mean())
