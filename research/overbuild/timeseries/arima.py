"""ARIMA of the logs, the order chosen by a rule that was fixed before any forecast was made."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.timeseries.series import LogSeries
from overbuild.timeseries.state_space import simulate_ahead

Array = NDArray[np.float64]
ORDERS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
"""Autoregressive and moving-average orders of growth that are tried."""
SEASONAL_ORDERS = (0, 1)
"""Orders of the seasonal autoregression that are tried where a season can be estimated."""


def arima(series: LogSeries, steps: int, draws: int, rng: np.random.Generator) -> Array:
    r"""Return draws of the logs ahead, shape (draw, step), from ARIMA(p, 1, q)(P, 0, 0) with drift.

    The order has the least corrected Akaike criterion among `ORDERS` and `SEASONAL_ORDERS` on the data to the
    origin. Coefficients are the maximum-likelihood ones, taken as known; the innovations' variance is not
    (`simulate_ahead`, with as many degrees of freedom as growth rates less coefficients).

    Parameters
    ----------
    series
        The history.
    steps, draws
        Periods ahead, and draws.
    rng
        Generator.

    References
    ----------
    Hurvich, C. M. and Tsai, C.-L. (1989). Regression and time series model selection in small samples.
    Biometrika 76, 297-307.
    """
    fitted, coefficients = chosen(series)
    n = series.growth.size
    growth = simulate_ahead(fitted, steps, draws, (n, n - coefficients), rng)
    return series.logs[-1] + np.cumsum(growth, axis=1)


def chosen(series: LogSeries) -> tuple[Any, int]:
    """Return the fit with the least corrected criterion, and how many coefficients it has with its drift."""
    seasonal = SEASONAL_ORDERS if series.seasonal else (0,)
    found = []
    for p, q in ORDERS:
        for big_p in seasonal:
            coefficients = 1 + p + q + big_p
            if series.growth.size - coefficients - 2 < 1:
                continue
            fitted = _fit(series.growth, (p, q), big_p, series.per_year)
            if fitted is not None:
                found.append(
                    (corrected(fitted.llf, series.growth.size, coefficients + 1), coefficients, fitted)
                )
    _, coefficients, fitted = min(found, key=lambda f: f[:2])
    return fitted, coefficients


def corrected(log_likelihood: float, n: int, parameters: int) -> float:
    r"""Return :math:`-2 \ell + 2 k + 2 k (k + 1) / (n - k - 1)`, the variance being one of k parameters."""
    k = parameters
    return -2.0 * log_likelihood + 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1)


def _fit(growth: Array, order: tuple[int, int], seasonal: int, per_year: int) -> Any:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SARIMAX(
            growth,
            order=(order[0], 0, order[1]),
            seasonal_order=(seasonal, 0, 0, per_year if seasonal else 0),
            trend="c",
        )
        try:
            fitted: Any = model.fit(disp=False, maxiter=200)
        except np.linalg.LinAlgError:
            return None
    return fitted if np.isfinite(fitted.llf) else None
