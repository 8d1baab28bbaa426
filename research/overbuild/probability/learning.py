"""How much a probability learnt from the data: the share of its prior's variance that the posterior has lost.

A forecast that learnt less than the least share is ``prior-driven``: it is shown, and it gets no weight.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overbuild.core.forecast import Evidence
from overbuild.models.priors import Beta

Array = NDArray[np.float64]

LEVELS = (np.arange(400) + 0.5) / 400
"""Levels of the quantiles from which a variance is taken: the middles of cells of equal mass."""


def learnt(prior_variance: ArrayLike, posterior_variance: ArrayLike) -> Array:
    """Return the share of the prior's variance that is gone; below 0 where the posterior is the wider."""
    return 1.0 - np.asarray(posterior_variance, dtype=float) / np.asarray(prior_variance, dtype=float)


def evidence_of(share: float, least: float, otherwise: Evidence) -> Evidence:
    """Return ``prior-driven`` where less than the least share was learnt."""
    return otherwise if share >= least else "prior-driven"


def learnt_from(prior: Beta, points: Array, years: float, least: float) -> Evidence:
    """Return the evidence of a probability by a horizon.

    Parameters
    ----------
    prior
        Beta prior of the probability within whole years.
    points
        Quantiles of the probability at `LEVELS`.
    years
        The horizon. Below one year the prior is that of one year, the hazard being constant in it.
    least
        Least share.
    """
    before = 1.0 - (1.0 - stats.beta.ppf(LEVELS, *prior)) ** min(years, 1.0)
    if not before.var() > 0:
        return "rule"
    return evidence_of(float(learnt(before.var(), points.var())), least, "rule")
