"""Trend gaps against statsmodels, by hand and by simulation, and windows that may not overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.timeseries.trend_cycle import (
    components_gap,
    hodrick_prescott_gap,
    regression_gap,
    trend_before_gap,
)

RNG = np.random.default_rng


def walk(n: int, rng: np.random.Generator, noise: float = 0.02) -> np.ndarray:
    return np.cumsum(0.01 + noise * rng.standard_normal(n))


def test_gap_over_the_trend_before_is_the_forecast_error() -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    y = walk(80, RNG(1))
    gap, path = trend_before_gap(y, 70, 40, RNG(2))
    level: Any = "local linear trend"
    model: Any = UnobservedComponents(y[:70], level=level, use_exact_diffuse=True)
    forecast = model.fit(disp=False, maxiter=500).get_forecast(10)
    assert gap.trend == pytest.approx(float(forecast.predicted_mean[-1]), abs=2e-3)
    assert np.isnan(path[:70]).all() and path[-1] == pytest.approx(gap.trend)
    assert gap.low < gap.gap < gap.high


def test_interval_over_the_trend_before_covers_no_gap() -> None:
    inside = []
    for i in range(15):
        gap, _ = trend_before_gap(walk(48, RNG(i)), 40, 20, RNG(500 + i))
        inside.append(gap.low <= 0 <= gap.high)
    assert np.mean(inside) >= 0.8


def test_a_cycle_that_is_known_is_found() -> None:
    rng, n = RNG(3), 240
    t = np.arange(n)
    cycle = 0.1 * np.sin(2 * np.pi * t / 24)
    y = 0.005 * t + cycle + 0.005 * rng.standard_normal(n)
    gap, trend = components_gap(y[:230], 4, 20, RNG(4))
    assert gap.gap == pytest.approx(y[229] - 0.005 * 229, abs=0.03) and gap.low < gap.gap < gap.high
    assert np.abs(trend[40:190] - 0.005 * t[40:190]).max() < 0.03


def test_regression_is_that_by_hand() -> None:
    y = walk(60, RNG(5))
    gap = regression_gap(y, 4)
    rows = np.arange(11, 59)
    x = np.column_stack([np.ones(rows.size), *(y[rows - 8 - j] for j in range(4))])
    b = np.linalg.lstsq(x, y[rows], rcond=None)[0]
    assert gap.trend == pytest.approx(float(b @ [1, *(y[59 - 8 - j] for j in range(4))]))
    assert gap.low < gap.gap < gap.high
    assert np.isnan(hodrick_prescott_gap(y, 4).low)


def test_overlap_and_short_series_are_refused() -> None:
    y = walk(30, RNG(6))
    with pytest.raises(InputError, match="estimation window overlaps the boom"):
        trend_before_gap(y, 30, 5, RNG(1))
    with pytest.raises(InputError, match="12 periods are known; the rule 'trend' needs 16"):
        trend_before_gap(y, 12, 5, RNG(1))
    with pytest.raises(InputError, match="constant"):
        components_gap(np.ones(60), 4, 5, RNG(1))
