"""Shares of variance: how much of the spread of a curve of specifications is due to which choice.

With levels drawn uniformly and independently, the variance of a result over specifications is the sum of
the variances of its main effects and of all interactions (Sobol 1993, the analysis of variance of Fisher).
Main effects are estimated by least squares on the design, coded so that the effects of an axis sum to zero;
a squared estimate is too large by its own error variance, which is taken off; what is left over is
interaction and Monte Carlo error. Shares sum to one; an axis without effect has a share around zero, on
either side of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int_]
GROUPS = 20
"""Groups of the jackknife."""


@dataclass(frozen=True)
class Shares:
    """Shares of the variance.

    Attributes
    ----------
    shares, errors
        Axis to share of its main effect, and to its standard error by the jackknife over groups of rows.
    residual, residual_error
        Share of interactions and Monte Carlo error.
    effects
        Axis to its effect at each level, shape (level,), summing to zero.
    variance
        Variance of the result over the design's law of specifications.
    rows
        Rows used.
    covariance
        Of the estimated shares by the jackknife, shape (axis + 1, axis + 1), the residual last.
    """

    shares: dict[str, float]
    errors: dict[str, float]
    residual: float
    residual_error: float
    effects: dict[str, Array]
    variance: float
    rows: int
    covariance: Array

    def frame(self) -> pd.DataFrame:
        """Return one row an axis, the largest share first, the residual last.

        Columns ``axis, share, error, range, apart``: apart where the share lies more than twice the standard
        error of the difference above the next; neighbours in order of size are picked, so that a large gap
        among many small shares says little.
        """
        names = list(self.shares)
        order = sorted(names, key=lambda name: -self.shares[name])
        rows = []
        for k, name in enumerate(order):
            apart = False
            if k + 1 < len(order):
                i, j = names.index(name), names.index(order[k + 1])
                c = self.covariance
                error = np.sqrt(max(c[i, i] + c[j, j] - 2 * c[i, j], 0.0))
                apart = bool(self.shares[name] - self.shares[order[k + 1]] > 2 * error)
            rows.append(
                (name, self.shares[name], self.errors[name], float(np.ptp(self.effects[name])), apart)
            )
        rows.append(("residual", self.residual, self.residual_error, float("nan"), False))
        return pd.DataFrame(rows, columns=pd.Index(["axis", "share", "error", "range", "apart"]))


def variance_shares(places: Places, levels: Sequence[int], values: Array, names: Sequence[str]) -> Shares:
    """Take the variance of a result apart.

    Parameters
    ----------
    places
        Shape (row, axis): place of the level.
    levels
        Number of levels of each axis.
    values
        Shape (row,): the result.
    names
        Names of the axes.

    Raises
    ------
    ValueError
        If there are hardly more rows than effects.
    """
    if len(values) < 2 * (sum(levels) - len(levels) + 1):
        raise ValueError(f"{len(values)} rows cannot tell {sum(levels) - len(levels)} effects.")
    parts, residual, effects, variance = _shares(places, levels, values)
    groups = np.arange(len(values)) % GROUPS
    left_out = np.array(
        [
            (*found[0], found[1])
            for found in (_shares(places[groups != g], levels, values[groups != g]) for g in range(GROUPS))
        ]
    )
    spread = left_out - left_out.mean(axis=0)
    covariance = (GROUPS - 1) / GROUPS * spread.T @ spread
    errors = np.sqrt(np.diag(covariance))
    return Shares(
        dict(zip(names, parts.tolist(), strict=True)),
        dict(zip(names, errors[:-1].tolist(), strict=True)),
        residual,
        float(errors[-1]),
        dict(zip(names, effects, strict=True)),
        variance,
        len(values),
        covariance,
    )


def told_apart(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the axes down to the first that is told apart from the next, of rows of `Shares.frame`."""
    first = next((k for k, row in enumerate(rows) if row["apart"]), None)
    return [] if first is None else list(rows[: first + 1])


def pairs(
    places: Places, levels: Sequence[int], values: Array, names: Sequence[str]
) -> list[tuple[str, str, float]]:
    """Return what each pair of axes adds to the explained variance, the largest first.

    The gain in adjusted R squared when the products of two axes join all main effects, a pair at a time (by
    the theorem of Frisch, Waugh and Lovell). The largest of many gains is too large by selection; they rank
    pairs and do not sum to the residual.
    """
    main, blocks = _coded(places, levels)
    q, _ = np.linalg.qr(main)
    rest = values - q @ (q.T @ values)
    total = (len(values) - 1) * values.var(ddof=1)
    free = len(values) - main.shape[1]
    base = 1.0 - (rest @ rest) / free / (total / (len(values) - 1))
    found = []
    for i, j in combinations(range(len(levels)), 2):
        products = (blocks[i][:, :, None] * blocks[j][:, None, :]).reshape(len(values), -1)
        products -= q @ (q.T @ products)
        beta, _, rank, _ = np.linalg.lstsq(products, rest, rcond=None)
        left = rest - products @ beta
        gain = 1.0 - (left @ left) / (free - rank) / (total / (len(values) - 1)) - base
        found.append((names[i], names[j], float(gain)))
    return sorted(found, key=lambda row: -row[2])


def _shares(places: Places, levels: Sequence[int], values: Array) -> tuple[Array, float, list[Array], float]:
    """Return shares by axis, the residual's, effects by axis and level, and the variance."""
    x, _ = _coded(places, levels)
    inverse = np.linalg.pinv(x.T @ x)
    beta = inverse @ x.T @ values
    rank = np.linalg.matrix_rank(x)
    noise = float(((values - x @ beta) ** 2).sum() / (len(values) - rank))
    parts, effects, start = [], [], 1
    for count in levels:
        own = slice(start, start + count - 1)
        code = _codes(count)
        effect = code @ beta[own]
        too_large = noise * np.trace(code @ inverse[own, own] @ code.T) / count
        parts.append(float(effect @ effect) / count - too_large)
        effects.append(effect)
        start += count - 1
    variance = sum(parts) + noise
    scale = variance if variance > 0 else 1.0
    return np.array(parts) / scale, noise / scale, effects, float(variance)


def _coded(places: Places, levels: Sequence[int]) -> tuple[Array, list[Array]]:
    """Return the design with a constant, and the columns of each axis: effects that sum to zero."""
    blocks = [_codes(count)[places[:, j]] for j, count in enumerate(levels)]
    return np.hstack([np.ones((len(places), 1)), *blocks]), blocks


def _codes(count: int) -> Array:
    """Return the codes of the levels, shape (level, level - 1); the last is minus the sum of the rest."""
    return np.vstack([np.eye(count - 1), -np.ones((1, count - 1))])
