"""Local projections of one series on another, with inference made for a few dozen periods.

Projections describe: they say what followed, on average and given the lags, and not what would follow if the
driver were moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]
SPARE = 10
"""Observations beyond the coefficients that a projection needs."""


@dataclass(frozen=True, eq=False)
class Projection:
    """The path of responses.

    Attributes
    ----------
    horizons
        Periods ahead, shape (horizon,).
    response, error, low, high
        Coefficient of the driver, its standard error and 95 % interval, shape (horizon,).
    p
        Two-sided p-values, by Student's t.
    periods
        Observations (periods, for a panel) by horizon.
    """

    horizons: NDArray[np.int_]
    response: Array
    error: Array
    low: Array
    high: Array
    p: Array
    periods: NDArray[np.int_]


def project(y: Array, x: Array, horizons: int, lags: int, name: str = "the series") -> Projection:
    r"""Return lag-augmented local projections of one time series on another.

    .. math:: y_{t+h} - y_{t-1} = a_h + b_h x_t +
        \sum_{k=1}^{p} (c_{hk} \Delta y_{t-k} + d_{hk} x_{t-k}) + e_{t,h}

    With the lags, the regression score of :math:`x_t` is that of its innovation, which is uncorrelated over
    time, so that heteroskedasticity-consistent errors suffice although :math:`e_{t,h}` overlaps (Montiel Olea
    and Plagborg-Møller 2021). HC3 and Student's t are used, for the samples are short.

    Parameters
    ----------
    y
        Logs of what responds, shape (period,).
    x
        The driver, stationary, shape (period,).
    horizons
        Largest horizon.
    lags
        p.
    name
        What messages call the pair.

    Raises
    ------
    InputError
        If there are too few periods for the lags, or the driver is constant.

    References
    ----------
    Jordà, Ò. (2005). Estimation and inference of impulse responses by local projections. American Economic
    Review 95(1).
    Montiel Olea, J. L. and Plagborg-Møller, M. (2021). Local projection inference is simpler and more robust
    than you think. Econometrica 89(4).
    """
    import statsmodels.api as sm

    y, x = np.asarray(y, float), np.asarray(x, float)
    _require(y.size, x, horizons, lags, 2 + 2 * lags, name)
    growth = np.diff(y, prepend=np.nan)
    made = []
    for h in range(horizons + 1):
        t = np.arange(lags + 1, y.size - h)
        columns = [
            x[t],
            *(growth[t - k] for k in range(1, lags + 1)),
            *(x[t - k] for k in range(1, lags + 1)),
        ]
        z = sm.add_constant(np.column_stack(columns), has_constant="add")
        fitted = sm.OLS(y[t + h] - y[t - 1], z).fit(cov_type="HC3", use_t=True)
        made.append((fitted.params[1], fitted.bse[1], *fitted.conf_int(0.05)[1], fitted.pvalues[1], t.size))
    return _collected(made)


def project_panel(y: Array, x: Array, horizons: int, lags: int, name: str = "the panel") -> Projection:
    r"""Return the same for a panel with firm effects and without effects of the quarter.

    .. math:: y_{i,t+h} - y_{i,t-1} = a_{ih} + b_h x_{it} + \sum_{k=1}^{p} (c_{hk} \Delta y_{i,t-k} +
        d_{hk} x_{i,t-k}) + e_{it,h}

    Errors are clustered by quarter, for shocks are common to the few firms, with Student's t of as many
    degrees of freedom as quarters less one. Effects of the quarter are left out on purpose: with them and
    equal weights, the coefficient of the rivals' mean is not identified.

    Parameters
    ----------
    y, x
        Shape (period, firm).
    horizons, lags, name
        As in `project`.

    Raises
    ------
    InputError
        As in `project`.
    """
    from scipy.stats import t as students

    y, x = np.asarray(y, float), np.asarray(x, float)
    _require(y.shape[0], x, horizons, lags, 2 + 2 * lags, name)
    growth = np.diff(y, axis=0, prepend=np.nan)
    made = []
    for h in range(horizons + 1):
        t = np.arange(lags + 1, y.shape[0] - h)
        columns = [
            x[t],
            *(growth[t - k] for k in range(1, lags + 1)),
            *(x[t - k] for k in range(1, lags + 1)),
        ]
        z = np.stack([c - c.mean(axis=0) for c in columns], axis=-1)
        left = y[t + h] - y[t - 1]
        left = left - left.mean(axis=0)
        bread = np.linalg.inv(np.einsum("tik,til->kl", z, z))
        b = bread @ np.einsum("tik,ti->k", z, left)
        score = np.einsum("tik,ti->tk", z, left - z @ b)
        quarters = t.size
        used = z.shape[-1] + y.shape[1]
        scale = quarters / (quarters - 1) * (left.size - 1) / (left.size - used)
        error = float(np.sqrt(scale * (bread @ (score.T @ score) @ bread)[0, 0]))
        # Leads of the left side overlap across h quarters: widen by the score's autocovariances (Bartlett).
        error = max(error, _bartlett(score, bread, h, scale))
        half = float(students.ppf(0.975, quarters - 1)) * error
        p = 2 * float(students.sf(abs(b[0]) / error, quarters - 1))
        made.append((b[0], error, b[0] - half, b[0] + half, p, quarters))
    return _collected(made)


def holm(p: Array) -> Array:
    """Return p-values adjusted for their number by Holm's method, shape as given."""
    p = np.asarray(p, float)
    order = np.argsort(p)
    adjusted = np.maximum.accumulate((p.size - np.arange(p.size)) * p[order])
    out = np.empty_like(p)
    out[order] = np.minimum(adjusted, 1.0)
    return out


def _bartlett(score: Array, bread: Array, h: int, scale: float) -> float:
    meat = score.T @ score
    for k in range(1, h + 1):
        lagged = score[k:].T @ score[:-k]
        meat += (1 - k / (h + 1)) * (lagged + lagged.T)
    return float(np.sqrt(max(scale * (bread @ meat @ bread)[0, 0], 0.0)))


def _require(periods: int, x: Array, horizons: int, lags: int, coefficients: int, name: str) -> None:
    needed = coefficients + SPARE + lags + 1 + horizons
    if horizons < 0 or lags < 0:
        raise InputError(
            f"Projections were asked for {horizons} periods ahead with {lags} lags; expected 0 or more."
        )
    if periods < needed:
        raise InputError(
            f"{name} has {periods} periods; {lags} lags and {horizons} periods ahead need "
            f"{needed}. Choose fewer "
            "lags, a shorter horizon, or a longer series."
        )
    if not np.isfinite(x).all() or (np.ptp(x, axis=0) <= 1e-12).any():
        raise InputError(f"The driver of {name} is constant or has a gap: it cannot be projected on.")


def _collected(made: list[tuple]) -> Projection:
    b, error, low, high, p, periods = (np.array(column) for column in zip(*made, strict=True))
    return Projection(np.arange(b.size), b, error, low, high, p, periods)
