"""Answers of firms drawn from the game quarter by quarter, each quarter's from its equilibrium."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numba import njit

from overbuild.errors import CheckFailedError
from overbuild.games.quantal_kernel import Array, Marks, interaction, is_linear, settle
from overbuild.games.quantal_panel import LAG, UNKNOWN, QuantalData


@njit(cache=True)
def _played(
    delta: Array,
    coefficients: Array,
    covariates: Array,
    before: Marks,
    shocks: Array,
    chances: Array,
    y: Marks,
) -> bool:
    """Write an answer for every cell; where ``before`` has rows the last covariate is that of a year ago."""
    periods, n, number = covariates.shape
    year = before.shape[0]
    index, p, a, work = np.empty(n), np.empty(n), np.empty((n, n)), np.empty((3, n + 1))
    base = np.empty(n)
    linear, known = is_linear(delta), interaction(delta) < 1.0
    for t in range(periods):
        for i in range(n):
            base[i] = 0.0
            for k in range(number):
                x = covariates[t, i, k]
                if year and k == number - 1:
                    then = before[t, i] if t < year else y[t - year, i]
                    x = 0.0 if then < 0 else 2.0 * then - 1.0
                base[i] += coefficients[k] * x
            index[i] = base[i] + shocks[t] + 0.5 * (delta[0] + delta[n - 1])
        if not settle(base, shocks[t], delta, linear, known, index, p, a, work):
            return False
        for i in range(n):
            y[t, i] = 1 if chances[t, i] < p[i] else 0
    return True


def played(
    delta: Array, coefficients: Array, scale: float, data: QuantalData, rng: np.random.Generator
) -> QuantalData:
    """Return the panel with answers drawn anew; cells that were unknown are unknown again.

    Raises
    ------
    CheckFailedError
        If no equilibrium was found in some quarter.
    """
    shape = data.y.shape
    y = np.zeros(shape, dtype=np.int8)
    shocks, chances = scale * rng.standard_normal(shape[0]), rng.random(shape)
    if not _played(delta, coefficients, data.covariates, data.before, shocks, chances, y):
        raise CheckFailedError("No equilibrium was found at these parameters: nothing was simulated.")
    return data.with_answers(np.where(data.y < 0, UNKNOWN, y).astype(np.int8))


def statistics(data: QuantalData) -> dict[str, float]:
    """Return what a fit must reproduce, of the answers that are known.

    ``share`` that rose; ``together``, the variance of a quarter's sum over that of as many independent firms;
    autocorrelations of a firm's answers, ``own_after_1`` and ``own_after_4`` quarters; ``spread`` of shares
    between firms; ``with_index``, the mean index of cells that rose less that of cells that fell.
    """
    known = data.y >= 0
    share = float(data.y[known].mean())
    every = max(share * (1 - share), 1e-9)
    left = np.where(known, data.y - share, 0.0)
    firms = known.sum(axis=0)
    shares = np.array([data.y[known[:, i], i].mean() for i in np.flatnonzero(firms)])
    own = np.where(known, data.y - np.where(known, data.y, 0).sum(axis=0) / np.maximum(firms, 1), 0.0)
    size = max(float((own**2).sum()), 1e-9)
    index = data.covariates[:, :, 0][known]
    rose = data.y[known] == 1
    apart = float(index[rose].mean() - index[~rose].mean()) if 0 < rose.sum() < rose.size else 0.0
    return {
        "share": share,
        "together": float((left.sum(axis=1) ** 2).sum() / (every * known.sum())),
        "own_after_1": float((own[1:] * own[:-1]).sum()) / size,
        "own_after_4": float((own[LAG:] * own[:-LAG]).sum()) / size,
        "spread": float(shares.max() - shares.min()),
        "with_index": apart,
    }


def coefficients_of(truth: Mapping[str, Array], names: tuple[str, ...]) -> Array:
    """Return coefficients in the order of the covariates."""
    return np.array([float(truth[n]) for n in names])
