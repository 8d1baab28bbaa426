"""Local projections against known responses, their coverage in short samples, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.timeseries.projections import holm, project, project_panel

RNG = np.random.default_rng


def system(n: int, rng: np.random.Generator, firms: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """x is an autoregression that growth of y follows a period later: response 0.5 (1 - 0.6^h) / 0.4."""
    shape = (n + 100, firms) if firms else (n + 100,)
    x, growth = np.zeros(shape), np.zeros(shape)
    for t in range(1, n + 100):
        common = 0.5 * rng.standard_normal() if firms else 0.0
        x[t] = 0.6 * x[t - 1] + rng.standard_normal(shape[1:])
        growth[t] = 0.5 * x[t - 1] + common + 0.5 * rng.standard_normal(shape[1:])
    return growth.cumsum(axis=0)[100:], x[100:]


TRUE = 0.5 * (1 - 0.6 ** np.arange(5)) / 0.4


def test_known_responses_are_found() -> None:
    y, x = system(20_000, RNG(1))
    found = project(y, x, 4, 2)
    assert found.response == pytest.approx(TRUE, abs=0.06)
    y, x = system(4_000, RNG(2), firms=5)
    panel = project_panel(y, x, 4, 2)
    assert panel.response == pytest.approx(TRUE, abs=0.06)
    assert found.periods.tolist() == [20_000 - 3 - h for h in range(5)]


def test_a_panel_of_one_firm_is_the_series() -> None:
    y, x = system(80, RNG(3))
    one, many = project(y, x, 3, 2), project_panel(y[:, None], x[:, None], 3, 2)
    assert many.response == pytest.approx(one.response)


def test_coverage_in_forty_periods() -> None:
    inside = []
    for i in range(300):
        y, x = system(40, RNG(1000 + i))
        found = project(y, x, 4, 2)
        inside.append((found.low <= TRUE) & (found.high >= TRUE))
    covered = np.mean(inside, axis=0)
    assert (covered >= 0.88).all() and (covered <= 0.99).all()


def test_coverage_of_a_panel_in_forty_quarters() -> None:
    inside = []
    for i in range(200):
        y, x = system(40, RNG(5000 + i), firms=5)
        found = project_panel(y, x, 4, 2)
        inside.append((found.low <= TRUE) & (found.high >= TRUE))
    assert (np.mean(inside, axis=0) >= 0.85).all()


def test_holm_is_that_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.array([0.01, 0.2, 0.03, 0.04])
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_too_few_periods_and_constant_drivers_are_refused() -> None:
    y, x = system(30, RNG(4))
    with pytest.raises(InputError, match=r"pair has 30 periods; 8 lags and 8 periods ahead need 45"):
        project(y, x, 8, 8, "pair")
    with pytest.raises(InputError, match="driver of pair is constant"):
        project(y, np.ones(30), 2, 1, "pair")
    with pytest.raises(InputError, match="expected 0 or more"):
        project(y, x, -1, 1, "pair")
