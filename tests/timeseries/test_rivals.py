"""Rival forecasters against closed forms, and what they refuse."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy.stats import kstest, t

from overbuild.core import Paths
from overbuild.core.periods import span
from overbuild.errors import InputError, UnknownNameError
from overbuild.timeseries import arima, random_walk, rivals, unobserved_components
from overbuild.timeseries.series import LogSeries, TooShortError, log_series

RNG = np.random.default_rng
DRAWS = 40_000


def history(values: np.ndarray, first: str = "1980", layer: str = "capex") -> Paths:
    time = (
        span(first, str(int(first) + values.size - 1)) if "Q" not in first else _quarters(first, values.size)
    )
    return Paths(time, {layer: values[None]}, {layer: "USD million"}, "history", date(2026, 1, 1))


def _quarters(first: str, count: int) -> tuple[str, ...]:
    year, quarter = int(first[:4]), int(first[5:]) - 1
    return tuple(f"{year + (quarter + i) // 4}Q{(quarter + i) % 4 + 1}" for i in range(count))


def test_random_walk_one_step_is_students_t() -> None:
    growth = RNG(1).normal(0.05, 0.1, 20)
    series = LogSeries(np.concatenate([[0.0], growth.cumsum()]))
    ahead = random_walk.random_walk(series, 3, DRAWS, RNG(2))
    scale = growth.std(ddof=1) * np.sqrt(1 + 1 / 20)
    exact = t(19, loc=series.logs[-1] + growth.mean(), scale=scale)
    assert kstest(ahead[:2000, 0], exact.cdf).pvalue > 0.001
    # Over h steps the variance is sigma^2 (h + h^2 / n), the mean of sigma^2 being s^2 df / (df - 2).
    variance = growth.var(ddof=1) * 19 / 17 * (3 + 9 / 20)
    assert ahead[:, 2].var() == pytest.approx(variance, rel=0.05)


def test_random_walk_repeats_an_exact_season() -> None:
    season = np.array([0.1, -0.2, 0.3, 0.0])
    growth = np.tile(season, 5)
    series = LogSeries(np.concatenate([[1.0], 1.0 + growth.cumsum()]), 4, place=2)
    ahead = random_walk.random_walk(series, 4, 5, RNG(3))
    assert np.diff(ahead, axis=1, prepend=series.logs[-1]) == pytest.approx(np.tile(season, (5, 1)), abs=1e-9)


def test_a_season_waits_for_three_years() -> None:
    assert not LogSeries(np.zeros(12), 4).seasonal and LogSeries(np.zeros(13), 4).seasonal
    assert not LogSeries(np.zeros(99), 1).seasonal


def test_arima_forecasts_a_known_autoregression() -> None:
    rng, phi, mu, sigma = RNG(4), 0.7, 0.03, 0.05
    growth = np.zeros(600)
    for i in range(1, 600):
        growth[i] = mu + phi * (growth[i - 1] - mu) + sigma * rng.normal()
    series = LogSeries(np.concatenate([[0.0], growth.cumsum()]))
    ahead = np.diff(arima.arima(series, 4, DRAWS, RNG(5)), axis=1, prepend=series.logs[-1])
    h = np.arange(1, 5)
    assert ahead.mean(axis=0) == pytest.approx(mu + phi**h * (growth[-1] - mu), abs=0.01)
    exact = sigma * np.sqrt((1 - phi ** (2 * h)) / (1 - phi**2))
    assert ahead.std(axis=0) == pytest.approx(exact, rel=0.1)


def test_arima_draws_are_the_forecast_of_statsmodels_but_for_the_scale() -> None:
    growth = RNG(6).normal(0.02, 0.1, 60)
    series = LogSeries(np.concatenate([[0.0], growth.cumsum()]), 4)
    fitted, coefficients = arima.chosen(series)
    ahead = np.diff(arima.arima(series, 5, DRAWS, RNG(7)), axis=1, prepend=series.logs[-1])
    exact = fitted.get_forecast(5)
    degrees = 60 - coefficients
    assert ahead.mean(axis=0) == pytest.approx(exact.predicted_mean, abs=4e-3)
    assert ahead.std(axis=0) == pytest.approx(exact.se_mean * np.sqrt(60 / (degrees - 2)), rel=0.03)


def test_the_corrected_criterion_is_that_of_statsmodels() -> None:
    series = LogSeries(RNG(8).normal(size=40).cumsum())
    fitted, coefficients = arima.chosen(series)
    assert arima.corrected(fitted.llf, 39, coefficients + 1) == pytest.approx(fitted.aicc)


def test_unobserved_components_forecast_a_known_local_level() -> None:
    """A local level forecasts the exponentially weighted mean with the steady-state Kalman gain."""
    rng, q, sigma = RNG(9), 0.5, 0.1
    level = np.cumsum(sigma * np.sqrt(q) * rng.normal(size=500))
    y = level + sigma * rng.normal(size=500)
    gain = (q + np.sqrt(q**2 + 4 * q)) / (2 + q + np.sqrt(q**2 + 4 * q))
    mean = y[0]
    for value in y[1:]:
        mean += gain * (value - mean)
    ahead = unobserved_components.unobserved_components(LogSeries(y), 2, DRAWS, RNG(10))
    assert ahead[:, 0].mean() == pytest.approx(mean, abs=0.02)
    # One step ahead the variance is sigma^2 / (1 - gain).
    assert ahead[:, 0].std() == pytest.approx(sigma / np.sqrt(1 - gain), rel=0.1)


def test_unobserved_components_agree_with_the_forecast_of_statsmodels() -> None:
    rng = RNG(11)
    y = 0.05 * np.arange(41) + np.tile([0.0, 0.1, -0.1, 0.2], 11)[:41] + rng.normal(0, 0.03, 41).cumsum()
    series = LogSeries(y, 4)
    ahead = unobserved_components.unobserved_components(series, 4, DRAWS, RNG(12))
    exact = unobserved_components.fit(series).get_forecast(4)
    degrees = 41 - 5
    assert ahead.mean(axis=0) == pytest.approx(exact.predicted_mean, abs=5e-3)
    assert ahead.std(axis=0) == pytest.approx(exact.se_mean * np.sqrt(degrees / (degrees - 2)), rel=0.03)


def test_the_last_run_without_gaps_counts() -> None:
    series = log_series([5.0, np.nan, *range(1, 9), np.nan], "2001Q4")
    assert np.exp(series.logs) == pytest.approx(np.arange(1, 9)) and series.place == 1
    with pytest.raises(TooShortError, match="3 growth rates"):
        log_series([1.0, 2.0, np.nan, 1.0, 2.0, 3.0, 4.0], "2001")


@pytest.mark.parametrize("rival", list(rivals.RIVALS))
def test_paths_follow_the_history_and_see_nothing_else(rival: str) -> None:
    values = np.exp(RNG(13).normal(0.05, 0.1, 25).cumsum())
    known = history(np.concatenate([values, [np.nan, np.nan]]))
    made = rivals.paths_of(rival, known, "2008Q4", 200, RNG(14))
    assert made.time == span("1980", "2008") and made.kind == "simulated"
    assert made.layer("capex")[:, :25] == pytest.approx(np.tile(values, (200, 1)))
    assert np.isfinite(made.layer("capex")).all() and made.layer("capex")[:, -1].std() > 0
    again = rivals.paths_of(rival, history(values), "2008", 200, RNG(14))
    assert np.array_equal(made.layer("capex"), again.layer("capex"))


def test_what_is_refused() -> None:
    known = history(np.arange(1.0, 11.0))
    with pytest.raises(UnknownNameError):
        rivals.paths_of("oracle", known, "2001", 10, RNG(1))
    with pytest.raises(InputError, match="ends before"):
        rivals.paths_of("random_walk", known, "1988", 10, RNG(1))
    with pytest.raises(TooShortError):
        rivals.paths_of("random_walk", history(np.arange(1.0, 5.0)), "2001", 10, RNG(1))
    with pytest.raises(TooShortError):
        rivals.paths_of("random_walk", history(np.full(9, np.nan)), "2001", 10, RNG(1))
