"""The cointegration tests against statsmodels, their bootstrap, and what they refuse."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.ardl import UECM
from statsmodels.tsa.stattools import coint
from statsmodels.tsa.vector_ar.vecm import coint_johansen

from overbuild.errors import InputError
from overbuild.timeseries.cointegration import critical_values, levels_tests
from overbuild.timeseries.cointegration_kernel import STATISTICS, null_system, statistics
from overbuild.timeseries.error_correction import deterministic

RNG = np.random.default_rng


def walks(periods: int, columns: int, seed: int) -> np.ndarray:
    return RNG(seed).normal(size=(periods, columns)).cumsum(0) + 7.0


@pytest.mark.parametrize(("columns", "lags"), [(2, 0), (2, 1), (3, 1), (3, 2)])
def test_every_statistic_is_that_of_statsmodels(columns: int, lags: int) -> None:
    z = walks(70, columns, seed=columns + lags)
    found = dict(zip(STATISTICS, statistics(z, np.ones((70, 1)), lags), strict=True))
    names = [f"x{i}" for i in range(columns - 1)]
    x = pd.DataFrame(z[:, 1:], columns=names)
    y = pd.Series(z[:, 0], name="y")
    fitted: Any = UECM(y, lags + 1, x, dict.fromkeys(names, lags + 1), trend="c").fit()
    every = ["y.L1", *(f"{name}.L1" for name in names)]
    assert found["bounds_f"] == pytest.approx(_wald(fitted, every), rel=1e-8)
    assert f"Stat: {found['bounds_f']:.5f}" in str(fitted.bounds_test(3))
    assert found["bounds_t"] == pytest.approx(fitted.tvalues["y.L1"], rel=1e-8)
    assert found["bounds_f_x"] == pytest.approx(_wald(fitted, every[1:]), rel=1e-8)
    assert found["engle_granger"] == pytest.approx(
        coint(z[:, 0], z[:, 1:], trend="c", maxlag=lags, autolag=None)[0], rel=1e-8
    )
    if not lags:
        return  # without lagged differences theirs correlates the change with the level after it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        johansen = coint_johansen(z, 0, lags)
    assert found["trace"] == pytest.approx(johansen.lr1[0], rel=1e-8)
    assert found["maximum_eigenvalue"] == pytest.approx(johansen.lr2[0], rel=1e-8)


def _wald(fitted: Any, names: list[str]) -> float:
    """Return the F statistic of some coefficients being 0."""
    b, v = fitted.params[names].to_numpy(), fitted.cov_params().loc[names, names].to_numpy()
    return float(b @ np.linalg.solve(v, b) / len(names))


@pytest.mark.parametrize("lags", [0, 2])
def test_the_trace_is_the_likelihood_ratio_of_levels_against_none(lags: int) -> None:
    z = walks(70, 3, seed=9)
    dz = np.diff(z, axis=0)
    n = len(dz) - lags
    rest = np.hstack([np.ones((n, 1)), *(dz[lags - i : len(dz) - i] for i in range(1, lags + 1))])

    def log_determinant(regressors: np.ndarray) -> float:
        e = dz[lags:] - regressors @ np.linalg.lstsq(regressors, dz[lags:], rcond=None)[0]
        return float(np.linalg.slogdet(e.T @ e / n)[1])

    ratio = n * (log_determinant(rest) - log_determinant(np.hstack([rest, z[lags:-1]])))
    assert statistics(z, np.ones((70, 1)), lags)[4] == pytest.approx(ratio, rel=1e-9)


def test_the_null_system_is_least_squares_in_differences() -> None:
    z = walks(60, 2, seed=1)
    d = deterministic(np.arange(60) % 4, 4)
    coefficients, residuals = null_system(z, d, 1)
    dz = np.diff(z, axis=0)
    w = np.hstack([d[2:], dz[:-1]])
    exact = np.linalg.lstsq(w, dz[1:], rcond=None)[0]
    assert coefficients == pytest.approx(exact)
    assert residuals.mean(0) == pytest.approx(0, abs=1e-12)


def test_a_relation_is_found_and_its_absence_is_not() -> None:
    rng = RNG(3)
    x = rng.normal(size=300).cumsum()
    tied = np.column_stack([x + rng.normal(size=300), x])
    ones = np.ones((300, 1))
    assert all(t.rejects for t in levels_tests(tied, ones, 1, 199, RNG(4)))
    free = levels_tests(walks(300, 2, seed=5), ones, 1, 199, RNG(4))
    assert sum(t.rejects for t in free) <= 1


def test_the_bootstrap_is_its_stream_and_no_level_shift_matters() -> None:
    z, ones = walks(50, 2, seed=6), np.ones((50, 1))
    first, again, moved = (levels_tests(v, ones, 1, 99, RNG(7)) for v in (z, z, z + 1000.0))
    assert first == again
    assert [t.p_value for t in moved] == [t.p_value for t in first]


def test_p_values_are_uniform_where_there_is_no_relation() -> None:
    p = [
        next(t.p_value for t in levels_tests(walks(40, 2, seed=i), np.ones((40, 1)), 0, 99, RNG(i)))
        for i in range(300)
    ]
    # Of 300, 5 % are 15; four standard errors are 15.1.
    assert abs(sum(v <= 0.05 for v in p) - 15) <= 15
    assert np.mean(p) == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / 300))


def test_published_values_are_the_tables() -> None:
    found = critical_values(2, 10**7, 0.05)
    assert found["bounds_f"] == pytest.approx(5.73, abs=0.02)  # Pesaran, Shin and Smith 2001, CI(iii), k = 1
    assert found["trace"] == pytest.approx(15.49, abs=0.01)
    assert found["engle_granger"] == pytest.approx(-3.337, abs=0.002)
    assert critical_values(2, 50, 0.2) == {}


def test_what_cannot_be_tested_is_named() -> None:
    ones = np.ones((12, 1))
    with pytest.raises(InputError, match=r"12 periods are too few for 3 lags .* would work"):
        levels_tests(walks(12, 2, 1), ones, 3, 99, RNG(1))
    z = walks(60, 2, 1)
    z[:, 1] = 3.0
    with pytest.raises(InputError, match="constant"):
        levels_tests(z, np.ones((60, 1)), 1, 99, RNG(1))
    z[5, 1] = np.nan
    with pytest.raises(InputError, match="missing"):
        levels_tests(z, np.ones((60, 1)), 1, 99, RNG(1))
    z = walks(60, 2, 1)
    with pytest.raises(InputError, match="sum of the others"):
        levels_tests(np.column_stack([z, z[:, 1]]), np.ones((60, 1)), 1, 99, RNG(1))
