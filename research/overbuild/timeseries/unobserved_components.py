"""Unobserved components of the logs: a local linear trend, a season where it can be told, an irregular."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.timeseries.series import LogSeries
from overbuild.timeseries.state_space import simulate_ahead

Array = NDArray[np.float64]


def unobserved_components(series: LogSeries, steps: int, draws: int, rng: np.random.Generator) -> Array:
    r"""Return draws of the logs ahead, shape (draw, step).

    .. math:: y_t = \mu_t + \gamma_t + \varepsilon_t, \quad \mu_{t+1} = \mu_t + \beta_t + \xi_t,
        \quad \beta_{t+1} = \beta_t + \zeta_t, \quad \sum_{j=0}^{s-1} \gamma_{t-j} = \omega_t

    All four disturbances are normal, their variances of maximum likelihood under exact diffuse initial
    states. Ratios of variances are taken as known, their scale is not (`simulate_ahead`, with as many degrees
    of freedom as observations less diffuse states, by which that likelihood divides).

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
    Harvey, A. C. (1989). Forecasting, Structural Time Series Models and the Kalman Filter, section 2.3.
    """
    fitted = fit(series)
    degrees = series.logs.size - fitted.model.k_states
    return simulate_ahead(fitted, steps, draws, (degrees, degrees), rng)


def fit(series: LogSeries) -> Any:
    """Return the fitted model of `statsmodels`."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    trend: Any = "local linear trend"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = UnobservedComponents(
            series.logs,
            level=trend,
            seasonal=series.per_year if series.seasonal else None,
            use_exact_diffuse=True,
        )
        return model.fit(disp=False, maxiter=500)
