r"""The likelihood of the regression on analogues, with everything that is hidden summed out.

Of boom e in cluster c, with :math:`x_e` its life in doublings of 20 years, :math:`d_e` whether debt paid,
and :math:`y_e` whether it was truly overbuilt,

.. math::

    \eta_c &\sim N(0, \tau), \qquad y_e \sim Bern(\pi_e), \\
    \mathrm{logit}\,\pi_e &= \alpha + \beta_1 x_e + \beta_2 (d_e - 1/2) + \eta_c, \\
    x_e &\sim N(m, s), \qquad d_e \sim Bern(p), \\
    P(\text{main} = y_e) &= 1 - \epsilon_k, \\
    P(\text{critic} = v) &= r_k 1[v = \text{main}]
        + (1 - r_k)\{(1 - f) 1[v = y_e] + f 1[v \neq y_e]\},

k being how well the main label is supported. The critic has read the same sources, so with chance
:math:`r_k` the second reading repeats the first and is no second piece of evidence; otherwise it is wrong
with chance f. A covariate that was not read is summed out over its own distribution: it adds width and no
information. The sums over :math:`y_e` and :math:`d_e` have two terms; those over :math:`\eta_c` and a missing
:math:`x_e` are Gauss-Hermite sums. Only the common parameters are left to sample.

This module computes with arrays; `overbuild.models.analogue_regression` writes the same for the sampler.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from overbuild.models.analogue_data import AnalogueData, read

Array = NDArray[np.float64]

CLUSTER_NODES, LIFE_NODES = 11, 7
LOG_2PI = float(np.log(2.0 * np.pi))
PARAMETERS = (
    "alpha",
    "beta_life",
    "beta_debt",
    "tau",
    "life_mean",
    "life_sd",
    "debt_share",
    "label_error",
    "repeats",
    "critic_error",
)


class Labels(NamedTuple):
    """Probability of a boom's two readings given the truth, shape (draw, boom) each."""

    overbuilt: Array
    not_overbuilt: Array


class Hidden(NamedTuple):
    """What the likelihood sums over.

    Attributes
    ----------
    chance
        Shape (draw, boom, node): probability of overbuild at each node of the cluster effect.
    log_boom
        Shape (draw, boom, node): log probability of the two readings.
    log_cluster
        Shape (draw, cluster, node): that of all readings of a cluster, with the weight of the node.
    """

    chance: Array
    log_boom: Array
    log_cluster: Array


def gauss(nodes: int) -> tuple[Array, Array]:
    """Return points and weights that integrate over a standard normal."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return points, weights / weights.sum()


def label_chances(draws: Mapping[str, Array], data: AnalogueData, partly: float) -> Labels:
    """Return the probability of the readings given either truth; a missing reading has probability 1."""
    main, critic = read(data.main, partly), read(data.critic, partly)
    error = draws["label_error"][:, data.certainty]
    repeats = draws["repeats"][:, data.certainty]
    wrong = draws["critic_error"][:, None]
    found = []
    for truth in (1.0, 0.0):
        first = np.where(np.isnan(main), 1.0, np.where(main == truth, 1.0 - error, error))
        own = np.where(critic == truth, 1.0 - wrong, wrong)
        both = np.where(np.isnan(main), own, repeats * (critic == main) + (1.0 - repeats) * own)
        found.append(first * np.where(np.isnan(critic), 1.0, both))
    return Labels(*found)


def chances(draws: Mapping[str, Array], life: Array, debt: Array, cluster: Array) -> Array:
    """Return the probability of overbuild at given cluster effects, missing covariates averaged out.

    Parameters
    ----------
    draws
        Name to draws of the parameters, shape (draw,).
    life, debt
        Shape (boom,): covariates, nan where missing.
    cluster
        Shape (draw, node): effects of the cluster.

    Returns
    -------
    numpy.ndarray
        Shape (draw, boom, node).
    """
    points, weights = gauss(LIFE_NODES if np.isnan(life).any() else 1)
    shape = cluster.shape[0], life.size, cluster.shape[1]
    base = np.broadcast_to((draws["alpha"][:, None] + cluster)[:, None, :], shape)
    out = np.zeros(shape)
    known = np.isfinite(life)
    share = np.where(np.isnan(debt), draws["debt_share"][:, None], np.nan_to_num(debt))
    for point, weight in zip(points, weights, strict=True):
        drawn = (draws["life_mean"] + draws["life_sd"] * point)[:, None]
        x = draws["beta_life"][:, None] * np.where(known, np.nan_to_num(life), drawn)
        for d in (0.0, 1.0):
            part = np.where(d == 1.0, share, 1.0 - share)
            logit = base + (x + draws["beta_debt"][:, None] * (d - 0.5))[:, :, None]
            out += weight * part[:, :, None] * expit(logit)
    return out


def hidden(draws: Mapping[str, Array], data: AnalogueData, partly: float) -> Hidden:
    """Return what the likelihood is a sum of, node by node of the cluster effect."""
    points, weights = gauss(CLUSTER_NODES)
    chance = chances(draws, data.life, data.debt, draws["tau"][:, None] * points)
    labels = label_chances(draws, data, partly)
    log_boom = np.log(
        labels.not_overbuilt[:, :, None] + (labels.overbuilt - labels.not_overbuilt)[:, :, None] * chance
    )
    member = np.eye(data.count)[data.clusters]
    log_cluster = np.einsum("nc,dnk->dck", member, log_boom) + np.log(weights)
    return Hidden(chance, log_boom, log_cluster)


def log_likelihood(draws: Mapping[str, Array], data: AnalogueData, partly: float) -> Array:
    """Return the log likelihood of readings and of known covariates, shape (draw,)."""
    readings = _log_sum(hidden(draws, data, partly).log_cluster).sum(axis=(1, 2))
    known = data.life[np.isfinite(data.life)]
    gap = (known - draws["life_mean"][:, None]) / draws["life_sd"][:, None]
    lives = -0.5 * (gap**2 + LOG_2PI).sum(axis=1) - known.size * np.log(draws["life_sd"])
    debts = data.debt[np.isfinite(data.debt)]
    share = draws["debt_share"][:, None]
    return readings + lives + np.log(np.where(debts == 1.0, share, 1.0 - share)).sum(axis=1)


def truth_given_readings(draws: Mapping[str, Array], data: AnalogueData, partly: float) -> Array:
    """Return the probability that each boom was truly overbuilt, given every reading; shape (draw, boom)."""
    found, labels = hidden(draws, data, partly), label_chances(draws, data, partly)
    node = np.exp(found.log_cluster - _log_sum(found.log_cluster))
    of_boom = node[:, data.clusters]
    given = labels.overbuilt[:, :, None] * found.chance / np.exp(found.log_boom)
    return (of_boom * given).sum(axis=2)


def predicted(
    draws: Mapping[str, Array],
    life: Array,
    debt: Array,
    known: tuple[AnalogueData, float] | None = None,
    clusters: NDArray[np.int_] | None = None,
) -> Array:
    """Return the probability of overbuild of booms that are not among the data, shape (draw, boom).

    Parameters
    ----------
    draws
        Draws of the parameters.
    life, debt
        Covariates, nan where missing; shape (boom,).
    known, clusters
        The data with what ``partly`` counts for, and the cluster in it of each boom (below 0: a new one), for
        booms that share a cause with some of the data.
    """
    points, weights = gauss(CLUSTER_NODES)
    chance = chances(draws, life, debt, draws["tau"][:, None] * points)
    node = np.broadcast_to(weights, chance.shape).copy()
    if known is not None and clusters is not None:
        log_cluster = hidden(draws, *known).log_cluster
        learnt = np.exp(log_cluster - _log_sum(log_cluster))
        for i in np.flatnonzero(clusters >= 0):
            node[:, i] = learnt[:, clusters[i]]
    return (node * chance).sum(axis=2)


def _log_sum(values: Array) -> Array:
    """Return the log of the sum of exponentials over nodes, shape (draw, cluster, 1)."""
    top = values.max(axis=2, keepdims=True)
    return top + np.log(np.exp(values - top).sum(axis=2, keepdims=True))
