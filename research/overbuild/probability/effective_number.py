r"""A share among cases that come in clusters of any size: how many independent cases they are worth.

With :math:`p` the share over all clusters, its variance by linearisation is
:math:`v = \frac{G}{G-1} \sum_c (y_c - n_c p)^2 / n^2` over the :math:`G` clusters that hold a case. The
cases are worth :math:`p(1-p)/v` independent ones, times :math:`(t_{n-1}/t_{G-1})^2` because few clusters say
little of their own variance, and never more than :math:`n`. Source: Korn and Graubard (1998), Survey
Methodology 24(2), 193-201, who take the exact binomial interval with so many cases; here it is that of the
Beta posterior.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overbuild.settings import INTERVAL

Array = NDArray[np.float64]

NO_VARIANCE = 1e-12
"""A variance below this is none: every cluster has the same share, and the cases count as they are."""


def effective_number(hits: ArrayLike, cases: ArrayLike) -> Array:
    """Return the number of independent cases that the cases are worth.

    Parameters
    ----------
    hits, cases
        Shape (cluster,) or (data set, cluster).

    Returns
    -------
    numpy.ndarray
        Shape (data set,): at most the number of cases; 1 where they lie in one cluster, since nothing is then
        known of how clusters differ; nan where there is none.
    """
    y = np.atleast_2d(np.asarray(hits, dtype=float))
    n = np.broadcast_to(np.asarray(cases, dtype=float), y.shape)
    total, clusters = n.sum(axis=1), (n > 0).sum(axis=1)
    known = np.where(total > 0, total, np.nan)
    share = y.sum(axis=1) / known
    more = np.maximum(clusters - 1, 1)
    variance = clusters / more * ((y - n * share[:, None]) ** 2).sum(axis=1) / known**2
    varies = variance > NO_VARIANCE
    worth = np.where(varies, share * (1.0 - share) / np.where(varies, variance, 1.0), known)
    tail = (1.0 + INTERVAL) / 2.0
    few = (stats.t.ppf(tail, np.maximum(known - 1.0, 1.0)) / stats.t.ppf(tail, more)) ** 2
    return np.where(clusters > 1, np.minimum(worth * few, known), np.minimum(known, 1.0))
