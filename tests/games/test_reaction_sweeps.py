"""Tests of effects taken out of a panel, against full regressions on dummies and brute-force variances."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import t as student

from overbuild.errors import InputError
from overbuild.games.reaction_sweeps import (
    Regression,
    basis_of,
    clustered,
    common_regressors,
    cr2,
    factor_effects,
    firm_effects,
    interval_cr1,
    interval_cr2,
    is_identified,
    regress,
    season_dummies,
    two_way_effects,
)

type Array = NDArray[np.float64]

T, N, K = 13, 4, 3
SEASON = np.arange(T) % 4


def data(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((T, N)), rng.standard_normal((K, T, N))


def dummies(*, time: bool, common: Array | None = None) -> Array:
    """Return the columns of the effects for values stacked by quarter, then firm."""
    over_time = (
        season_dummies(SEASON) if common is None else np.column_stack([season_dummies(SEASON), common])
    )
    columns = [np.kron(over_time[:, [k]], np.eye(N)) for k in range(over_time.shape[1])]
    if time:
        columns.append(np.kron(np.eye(T), np.ones((N, 1))))
    return np.column_stack(columns).astype(np.float64)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_coefficients_are_those_of_the_regression_on_dummies(seed: int, time: bool) -> None:
    y, x = data(seed)
    sweep = two_way_effects(SEASON, N) if time else firm_effects(SEASON, N)
    found = regress(y, x, sweep)
    columns = np.column_stack([x.reshape(K, -1).T, dummies(time=time)])
    full, *_ = np.linalg.lstsq(columns, y.ravel(), rcond=None)
    np.testing.assert_allclose(found.beta, full[:K], atol=1e-10)
    np.testing.assert_allclose(found.residual.ravel(), y.ravel() - columns @ full, atol=1e-10)
    assert sweep.freedom == pytest.approx(T * N - np.linalg.matrix_rank(dummies(time=time)))


def test_common_regressors_have_a_loading_for_each_firm() -> None:
    y, x = data(1)
    common = np.random.default_rng(2).standard_normal((T, 2))
    found = regress(y, x, common_regressors(SEASON, N, common))
    columns = np.column_stack([x.reshape(K, -1).T, dummies(time=False, common=common)])
    full, *_ = np.linalg.lstsq(columns, y.ravel(), rcond=None)
    np.testing.assert_allclose(found.beta, full[:K], atol=1e-10)


def test_factors_are_taken_out_over_time_and_over_firms() -> None:
    rng = np.random.default_rng(3)
    f, loadings = rng.standard_normal((T, 1)), rng.standard_normal((N, 1))
    sweep = factor_effects(np.zeros(T, dtype=int), f, loadings)
    np.testing.assert_allclose(sweep(f @ rng.standard_normal((1, N))), 0, atol=1e-12)
    np.testing.assert_allclose(sweep(rng.standard_normal((T, 1)) @ loadings.T), 0, atol=1e-12)


def brute(r: Regression, columns: Array, which: int) -> tuple[float, float]:
    """Return CR2's variance and degrees of freedom from the full hat matrix."""
    x = r.swept.reshape(K, -1).T
    full = np.column_stack([x, columns])
    m = np.eye(T * N) - full @ np.linalg.pinv(full)
    weights, variance = np.zeros((T * N, T)), 0.0
    for t in range(T):
        g = slice(t * N, (t + 1) * N)
        values, vectors = np.linalg.eigh(m[g, g])
        root = np.where(values > 1e-8, 1 / np.sqrt(np.maximum(values, 1e-8)), 0)
        v = (vectors * root) @ vectors.T @ x[g] @ r.bread[which]
        variance += float(v @ r.residual[t]) ** 2
        weights[:, t] = m[:, g] @ v
    gram = weights.T @ weights
    return variance, float(np.trace(gram) ** 2 / (gram**2).sum())


@pytest.mark.parametrize("time", [False, True])
def test_cr2_is_that_of_the_full_hat_matrix(time: bool) -> None:
    y, x = data(5)
    r = regress(y, x, two_way_effects(SEASON, N) if time else firm_effects(SEASON, N))
    variance, df = cr2(r, (1,))
    expected = brute(r, dummies(time=time), 1)
    assert variance[0, 0] == pytest.approx(expected[0], rel=1e-9)
    assert df[0] == pytest.approx(expected[1], rel=1e-9)
    assert interval_cr2(r, 1).df == pytest.approx(expected[1])


def test_cr2_is_unbiased_under_independent_errors() -> None:
    rng = np.random.default_rng(6)
    x = rng.standard_normal((K, T, N))
    sweep = firm_effects(SEASON, N)
    base = regress(rng.standard_normal((T, N)), x, sweep)
    found = np.mean([cr2(regress(rng.standard_normal((T, N)), x, sweep), (0,))[0][0, 0] for _ in range(1500)])
    assert found == pytest.approx(base.bread[0, 0], rel=0.05)


def test_cr1_is_that_of_statsmodels() -> None:
    y, x = data(7)
    season = np.zeros(T, dtype=int)
    r = regress(y, x, firm_effects(season, N))
    swept = r.swept.reshape(K, -1).T
    for by, groups in (("time", np.repeat(np.arange(T), N)), ("firm", np.tile(np.arange(N), T))):
        fit = sm.OLS(r.sweep(y).ravel(), swept).fit(cov_type="cluster", cov_kwds={"groups": groups})
        np.testing.assert_allclose(clustered(r, by=by), fit.cov_params(), rtol=1e-8)
        found = interval_cr1(r, by=by)
        assert found.se == pytest.approx(float(fit.bse[0]))
        reach = float(student.ppf(0.95, len(set(groups)) - 1)) * float(fit.bse[0])
        assert (found.low, found.high) == pytest.approx((found.b - reach, found.b + reach))


def test_a_combination_of_effects_is_not_identified() -> None:
    y, x = data(8)
    x[1] = np.arange(T)[:, None] ** 2
    assert is_identified(x, firm_effects(SEASON, N))
    assert not is_identified(x, two_way_effects(SEASON, N))
    with pytest.raises(InputError, match="not identified"):
        regress(y, x, two_way_effects(SEASON, N))


def test_columns_that_add_nothing_are_left_out() -> None:
    a = np.random.default_rng(9).standard_normal((T, 2))
    assert basis_of(np.column_stack([a, a @ [1.0, 2.0]])).shape == (T, 2)
