"""What spending would have been: draws of a fitted equation run on over known fundamentals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.timeseries.error_correction import Fit, Sample, design

Array = NDArray[np.float64]
STABLE = 1.0
"""Largest root of a draw that is kept: one that runs away from its fundamentals implies nothing."""
TRIES = 50


@dataclass(frozen=True, eq=False)
class Drawn:
    """Draws of the coefficients of an equation.

    Attributes
    ----------
    level
        Coefficient of lagged log spending, shape (draw,); zeros for an accelerator.
    fundamentals
        Coefficients of the lagged fundamentals, shape (draw, k); zeros for an accelerator.
    other
        Coefficients of the rest, lags of the change last, shape (draw, m).
    scale
        Standard deviation of the shocks, shape (draw,).
    kept
        Share of the draws tried that were stable.
    """

    level: Array
    fundamentals: Array
    other: Array
    scale: Array
    kept: float


def coefficient_draws(
    fitted: Fit,
    fundamentals: int,
    lags: int,
    draws: int,
    rng: np.random.Generator,
    *,
    levels: bool,
    what: str,
) -> Drawn:
    r"""Draw coefficients and scale from the posterior under a flat prior, kept where the equation is stable.

    :math:`\sigma^2 \sim \nu s^2 / \chi^2_\nu`, :math:`b \mid \sigma^2 \sim N(\hat b, \sigma^2 (X'X)^{-1})`.

    Parameters
    ----------
    fitted
        Least squares, levels first.
    fundamentals
        k.
    lags
        Lags of the change, which are the last coefficients.
    draws, rng
        How many, and the generator.
    levels
        Whether the equation has levels.
    what
        Name in messages.

    Raises
    ------
    InputError
        If hardly any draw is stable: the sample shows no tendency back to the fundamentals.
    """
    root = np.linalg.cholesky(fitted.inverse + 1e-14 * np.diag(np.diag(fitted.inverse)))
    kept: list[tuple[Array, Array]] = []
    tried = have = 0
    for _ in range(TRIES):
        scale = fitted.scale * np.sqrt(fitted.freedom / rng.chisquare(fitted.freedom, draws))
        b = fitted.coefficients + scale[:, None] * (rng.standard_normal((draws, len(root))) @ root.T)
        good = stable(b[:, 0] if levels else np.zeros(draws), b[:, b.shape[1] - lags :])
        kept.append((b[good], scale[good]))
        tried, have = tried + draws, have + int(good.sum())
        if have >= draws:
            break
    else:
        raise InputError(
            f"{what}: {100 * have / tried:.0f} % of the draws return to the fundamentals at all; spending is "
            "not tied to them in this window, and nothing can be extrapolated. Ask for the accelerator, "
            "fewer lags or another window."
        )
    b, scale = (np.concatenate(parts)[:draws] for parts in zip(*kept, strict=True))
    if not levels:
        return Drawn(np.zeros(draws), np.zeros((draws, fundamentals)), b, scale, have / tried)
    return Drawn(b[:, 0], b[:, 1 : fundamentals + 1], b[:, fundamentals + 1 :], scale, have / tried)


def stable(level: Array, changes: Array) -> NDArray[np.bool_]:
    """Return whether an equation in y and lags of its change has no root outside the unit circle.

    Parameters
    ----------
    level
        Coefficient of the lagged level, shape (draw,); where all are 0 the unit root of the level is left
        out.
    changes
        Coefficients of lagged changes, shape (draw, lags).
    """
    draws, lags = changes.shape
    if not level.any():
        if not lags:
            return np.ones(draws, dtype=bool)
        polynomial = changes
    else:
        polynomial = np.zeros((draws, lags + 1))
        polynomial[:, 0] = 1 + level
        polynomial[:, :lags] += changes
        polynomial[:, 1 : lags + 1] -= changes
    n = polynomial.shape[1]
    companion = np.zeros((draws, n, n))
    companion[:, 0] = polynomial
    companion[:, np.arange(1, n), np.arange(n - 1)] = 1.0
    return np.abs(np.linalg.eigvals(companion)).max(1) < STABLE


def correlated_shocks(
    residuals: Sequence[Array], draws: int, steps: int, rng: np.random.Generator
) -> tuple[Array, ...]:
    """Return standard normal shocks of several units, shape (draw, step) each, correlated as residuals are.

    Residuals end in the same period; each pair is correlated over the periods that both have, and the matrix
    is brought to the nearest one that can be a correlation by cutting its negative roots.
    """
    n = len(residuals)
    matrix = np.eye(n)
    for i in range(n):
        for j in range(i):
            m = min(len(residuals[i]), len(residuals[j]))
            matrix[i, j] = matrix[j, i] = np.corrcoef(residuals[i][-m:], residuals[j][-m:])[0, 1]
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    root /= np.sqrt((root**2).sum(1))[:, None]
    made = rng.standard_normal((draws, steps, n)) @ root.T
    return tuple(made[:, :, i] for i in range(n))


def run_on(sample: Sample, known: int, lags: int, drawn: Drawn, shocks: Array | None) -> Array:
    """Return log spending after the known periods, shape (draw, step), one step after another.

    Parameters
    ----------
    sample
        All periods; fundamentals and deterministic terms are known to the last, ``y`` for the first
        ``known``.
    known
        Number of periods of the estimation window.
    lags
        Lags of the equation.
    drawn
        Its coefficients.
    shocks
        Standard normal, shape (draw, step); None: no shocks, so that only the parameters are uncertain.
    """
    y = sample.y.copy()
    y[known:] = np.nan
    _, _, other = design(Sample(y, sample.x, sample.deterministic, sample.known), lags, levels=False)
    steps = len(y) - known
    ahead = other[-steps:, : other.shape[1] - lags]
    exogenous = ahead @ drawn.other[:, : ahead.shape[1]].T + sample.x[known - 1 : -1] @ drawn.fundamentals.T
    past = np.repeat(y[None, known - lags - 1 : known], len(drawn.level), axis=0)
    changes = drawn.other[:, other.shape[1] - lags :]
    for h in range(steps):
        change = exogenous[h] + drawn.level * past[:, -1]
        for i in range(1, lags + 1):
            change += changes[:, i - 1] * (past[:, -i] - past[:, -i - 1])
        if shocks is not None:
            change += drawn.scale * shocks[:, h]
        past = np.column_stack([past, past[:, -1] + change])
    return past[:, lags + 1 :]
