"""The random walk with drift in logs: growth is its mean, by season where one can be told, and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from overbuild.timeseries.series import LogSeries

Array = NDArray[np.float64]


def random_walk(series: LogSeries, steps: int, draws: int, rng: np.random.Generator) -> Array:
    r"""Return draws of the logs ahead, shape (draw, step).

    .. math:: \Delta y_t = \mu_{s(t)} + \sigma e_t, \quad e_t \sim N(0, 1)

    with one mean a season from `SEASONAL_YEARS` years of growth on and a single one before. Parameters have
    the flat prior :math:`p(\mu, \sigma^2) \propto 1 / \sigma^2`, so that a step ahead is Student's t: with n
    growth rates and k means, :math:`\sigma^2 \sim RSS / \chi^2_{n-k}` and
    :math:`\mu_s \sim N(\bar g_s, \sigma^2 / n_s)`.

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
    Gelman, A. and others (2013). Bayesian Data Analysis, 3rd edition, section 14.2.
    """
    growth, n = series.growth, series.growth.size
    seasons = series.per_year if series.seasonal else 1
    group, ahead = series.places(1, n) % seasons, series.places(n + 1, steps) % seasons
    count = np.bincount(group, minlength=seasons)
    mean = np.bincount(group, weights=growth, minlength=seasons) / count
    rss = float(((growth - mean[group]) ** 2).sum())
    sigma = np.sqrt(rss / rng.chisquare(n - seasons, draws))
    mu = mean + sigma[:, None] * rng.standard_normal((draws, seasons)) / np.sqrt(count)
    noise = sigma[:, None] * rng.standard_normal((draws, steps))
    return series.logs[-1] + np.cumsum(mu[:, ahead] + noise, axis=1)
