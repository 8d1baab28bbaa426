"""One dynamic regression of spending on what pays for it, in error-correction form, by least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]
SPARE = 8
"""Degrees of freedom that a regression must leave."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Consecutive periods of one unit.

    Attributes
    ----------
    y
        Log spending, shape (period,).
    x
        Logs of the fundamentals in levels, shape (period, k).
    deterministic
        Constant and seasons, shape (period, d).
    known
        Stationary regressors that enter with one lag (margin, cost of capital), shape (period, w).
    """

    y: Array
    x: Array
    deterministic: Array
    known: Array

    def head(self, count: int) -> Sample:
        """Return the first periods."""
        return Sample(self.y[:count], self.x[:count], self.deterministic[:count], self.known[:count])


@dataclass(frozen=True, eq=False)
class Fit:
    """Least squares of one equation.

    Attributes
    ----------
    coefficients
        Shape (m,).
    inverse
        ``(X'X)^{-1}``, shape (m, m).
    scale
        Residual standard deviation, with ``freedom`` in the denominator.
    freedom
        Residual degrees of freedom.
    residuals
        Shape (period - lags - 1,).
    """

    coefficients: Array
    inverse: Array
    scale: float
    freedom: int
    residuals: Array

    @property
    def covariance(self) -> Array:
        """Covariance of the coefficients."""
        return self.scale**2 * self.inverse


def deterministic(places: NDArray[np.int_], per_year: int) -> Array:
    """Return a constant and centred seasonal dummies, shape (period, per_year); yearly: a constant."""
    seasons = [(places == s).astype(float) - 1.0 / per_year for s in range(per_year - 1)]
    return np.column_stack([np.ones(len(places)), *seasons])


def design(sample: Sample, lags: int, *, levels: bool) -> tuple[Array, Array, Array]:
    r"""Return the parts of the equation from period ``lags + 1`` on.

    .. math:: \Delta y_t = \alpha y_{t-1} + \beta' x_{t-1} + c' d_t + g' w_{t-1}
        + \sum_{j=0}^{L} \gamma_j' \Delta x_{t-j} + \sum_{i=1}^{L} \psi_i \Delta y_{t-i} + e_t

    Parameters
    ----------
    sample
        The periods; those of the future may be among them, with unknown ``y``.
    lags
        L, lagged differences.
    levels
        Whether the lagged levels enter (error correction); without them the equation is an accelerator.

    Returns
    -------
    change, level, other
        :math:`\Delta y` shape (n,); :math:`[y_{t-1}, x_{t-1}]` shape (n, 1 + k), or (n, 0); all other
        regressors, those with lags of :math:`\Delta y` last, shape (n, m).
    """
    dy, dx = np.diff(sample.y), np.diff(sample.x, axis=0)
    first, last = lags + 1, len(sample.y)
    at = np.arange(first, last)
    lagged_x = [dx[at - 1 - j] for j in range(lags + 1)]
    lagged_y = [dy[at - 1 - i][:, None] for i in range(1, lags + 1)]
    other = np.hstack([sample.deterministic[at], sample.known[at - 1], *lagged_x, *lagged_y])
    level = np.column_stack([sample.y[at - 1], sample.x[at - 1]]) if levels else np.empty((len(at), 0))
    return dy[at - 1], level, other


def least_squares(change: Array, regressors: Array, what: str) -> Fit:
    """Return the fit of an equation.

    Raises
    ------
    InputError
        If there are too few periods for the regressors, or two of them cannot be told apart.
    """
    n, m = regressors.shape
    if n - m < SPARE:
        raise InputError(
            f"{what}: {n} usable periods for {m} coefficients leave {max(n - m, 0)} degrees of freedom; "
            f"{SPARE} are needed. Ask for fewer lags, or for an earlier start if the data have one."
        )
    scales = np.sqrt((regressors**2).mean(0))
    scales = np.where(scales > 0, scales, 1.0)
    q, r = np.linalg.qr(regressors / scales)
    if np.abs(np.diag(r)).min() < 1e-8 * np.abs(np.diag(r)).max():
        raise InputError(f"{what}: one regressor is constant or the sum of others; leave it out.")
    inverse_r = np.linalg.solve(r, np.eye(m)) / scales[:, None]
    coefficients = inverse_r @ (q.T @ change)
    residuals = change - regressors @ coefficients
    scale = float(np.sqrt(residuals @ residuals / (n - m)))
    return Fit(coefficients, inverse_r @ inverse_r.T, scale, n - m, residuals)


def fit(sample: Sample, lags: int, *, levels: bool, what: str) -> Fit:
    """Return least squares of the whole equation: levels first, then the other regressors of `design`."""
    change, level, other = design(sample, lags, levels=levels)
    return least_squares(change, np.hstack([level, other]), what)


def long_run(fitted: Fit, count: int) -> tuple[Array, Array]:
    r"""Return :math:`\theta = -\beta / \alpha` and its covariance by the delta method.

    Parameters
    ----------
    fitted
        A fit with levels.
    count
        Number of fundamentals k.
    """
    alpha, beta = fitted.coefficients[0], fitted.coefficients[1 : count + 1]
    theta = -beta / alpha
    jacobian = np.column_stack([beta / alpha**2, -np.eye(count) / alpha])
    return theta, jacobian @ fitted.covariance[: count + 1, : count + 1] @ jacobian.T
