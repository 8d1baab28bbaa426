"""The statistics: against another program, least squares window by window, statsmodels, and invariances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.episodes import DataBook
from overbuild.explosive import RecursiveADF, default_window
from overbuild.explosive.kernel import LANES

REFERENCE = Path(__file__).parents[1] / "reference"
SERIES = ("evans100x20", "simpsy1_100", "simblan_100")
EXACT = 1e-9


def reference(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / f"psy_{name}.csv", comment="#")


def walk(n: int, seed: int = 3) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(size=n))


def t_ratio(y: np.ndarray, change: np.ndarray, others: list[np.ndarray]) -> tuple[float, float]:
    """Return the t ratio of the level and the squared residuals, by an orthogonal decomposition."""
    table = np.column_stack([*others, y]) if others else y[:, None]
    q, r = np.linalg.qr(table)
    residuals = change - q @ (q.T @ change)
    ssr = float(residuals @ residuals)
    return float((q[:, -1] @ change) / np.sqrt(ssr / (y.size - table.shape[1])) * np.sign(r[-1, -1])), ssr


def by_least_squares(
    y: np.ndarray, window: int, lags: int, trend: str, criterion: str | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return BADF, BSADF and the lags of the expanding windows, every window fitted by itself."""
    changes = np.diff(y)
    level, change = y[lags:-1], changes[lags:]
    lagged = [changes[lags - k : changes.size - k] for k in range(1, lags + 1)]
    rows = change.size
    badf, bsadf = np.empty(rows - window + 1), np.full(rows - window + 1, -np.inf)
    chosen = np.empty(rows - window + 1)
    for stop in range(window, rows + 1):
        for start in range(stop - window + 1):
            span = slice(start, stop)
            n = stop - start
            base = [np.ones(n)] if trend != "none" else []
            base += [np.arange(n) - (n - 1) / 2] if trend == "trend" else []
            best = (np.inf, 0.0, 0)
            for k in range(0 if criterion else lags, lags + 1):
                x = level[span] - (level[span].mean() if trend != "none" else 0.0)
                t, ssr = t_ratio(x, change[span], base + [c[span] for c in lagged[:k]])
                each = {"aic": 2.0, "bic": np.log(n), None: 0.0}[criterion]
                best = min(best, (n * np.log(ssr / n) + each * k, t, k))
            if start == 0:
                badf[stop - window], chosen[stop - window] = best[1], best[2]
            bsadf[stop - window] = max(bsadf[stop - window], best[1])
    return badf, bsadf, chosen


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("lags", [0, 1, 2])
def test_the_sequences_are_those_of_exuber(name, lags):
    y = reference("series")[name].to_numpy()
    expected = reference("sequences").query("series == @name and lags == @lags")
    test = RecursiveADF(lags, min_window=19)
    found = test.sequences(y)
    np.testing.assert_allclose(found.badf, expected["badf"], rtol=0, atol=EXACT)
    np.testing.assert_allclose(found.bsadf, expected["bsadf"], rtol=0, atol=EXACT)
    assert test.first(y.size) + 1 == expected["t"].iloc[0]
    row = reference("statistics").query("series == @name and lags == @lags").iloc[0]
    for test_name in ("adf", "sadf", "gsadf"):
        assert float(found.named(test_name)) == pytest.approx(row[test_name], abs=EXACT)


@pytest.mark.parametrize("trend", ["none", "constant", "trend"])
@pytest.mark.parametrize("lags", [0, 1, 3])
def test_every_window_is_its_least_squares_fit_also_for_log_prices(trend, lags):
    for y in (walk(75), 7 + 0.01 * walk(75)):
        found = RecursiveADF(lags, trend, 22).sequences(y)
        badf, bsadf, _ = by_least_squares(y, 22, lags, trend)
        np.testing.assert_allclose(found.badf, badf, rtol=0, atol=1e-11)
        np.testing.assert_allclose(found.bsadf, bsadf, rtol=0, atol=1e-11)


@pytest.mark.parametrize("criterion", ["aic", "bic"])
@pytest.mark.parametrize("trend", ["constant", "trend"])
def test_lags_are_chosen_in_every_window_by_the_criterion(criterion, trend):
    changes = np.random.default_rng(5).normal(size=70)
    for t in range(2, 70):
        changes[t] += 0.5 * changes[t - 2]
    y = np.cumsum(changes)
    test = RecursiveADF(3, trend, 25, criterion)
    badf, bsadf, chosen = by_least_squares(y, 25, 3, trend, criterion)
    found = test.sequences(y)
    np.testing.assert_allclose(found.badf, badf, rtol=0, atol=1e-11)
    np.testing.assert_allclose(found.bsadf, bsadf, rtol=0, atol=1e-11)
    assert test.lags_of(y) == chosen[-1]
    assert len(set(chosen)) > 1


def test_chosen_lags_do_not_depend_on_the_unit_of_measurement():
    """Criteria that take the variance of the errors as one (as psymonitor's do) would."""
    y = walk(120)
    test = RecursiveADF(4, criterion="bic", min_window=30)
    for scale in (1e-3, 1e3):
        np.testing.assert_allclose(test.sequences(scale * y).bsadf, test.sequences(y).bsadf, atol=1e-9)
        assert test.lags_of(scale * y) == test.lags_of(y)


@pytest.mark.parametrize(("trend", "name"), [("none", "n"), ("constant", "c"), ("trend", "ct")])
@pytest.mark.parametrize("lags", [0, 2])
def test_the_whole_sample_is_the_adf_of_statsmodels(trend, name, lags):
    from statsmodels.tsa.stattools import adfuller

    y = walk(150)
    found = RecursiveADF(lags, trend, 40).sequences(y)
    expected = adfuller(y, maxlag=lags, regression=name, autolag=None, result_object=False)  # type: ignore[arg-type]
    assert float(found.adf) == pytest.approx(expected[0], abs=1e-9)


def test_pyexuber_agrees_where_it_is_installed():
    """On log prices of less volatility pyexuber loses digits; least squares bears ours out (above)."""
    exuber = pytest.importorskip("exuber")
    for seed in range(4):
        for y in (walk(200, seed), 7 + 0.04 * walk(200, seed)):
            for lags in (0, 1, 2):
                other = exuber.radf(y, lag=lags)
                ours = RecursiveADF(lags, min_window=int(other.minw)).sequences(y)
                np.testing.assert_allclose(ours.bsadf, np.ravel(other.bsadf), rtol=0, atol=EXACT)
                np.testing.assert_allclose(ours.badf, np.ravel(other.badf), rtol=0, atol=EXACT)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(40, 40 + 2 * LANES),
    lags=st.integers(0, 2),
    shift=st.floats(-1e4, 1e4),
    scale=st.floats(1e-3, 1e3),
)
def test_level_and_unit_do_not_matter_and_a_longer_sample_changes_no_past(n, lags, shift, scale):
    y = walk(n + 30)
    test = RecursiveADF(lags, min_window=20)
    short, long = test.sequences(y[:n]), test.sequences(y)
    np.testing.assert_array_equal(short.bsadf, long.bsadf[: short.bsadf.size])
    np.testing.assert_array_equal(short.badf, long.badf[: short.badf.size])
    moved = test.sequences(shift + scale * y[:n])
    # The data themselves lose digits when the shift is added: about shift / scale times 1e-16.
    np.testing.assert_allclose(moved.bsadf, short.bsadf, atol=1e-9 * max(1.0, abs(shift) / scale / 1e3))


def test_a_price_level_far_from_zero_costs_no_digits():
    """Powers of two, so that the data themselves lose none."""
    y = np.round(walk(400) * 2**20) / 2**20
    plain = RecursiveADF(1).sequences(y)
    moved = RecursiveADF(1).sequences(y + 2.0**20)
    np.testing.assert_array_equal(plain.bsadf, moved.bsadf)


def test_many_series_at_once_are_the_series_one_by_one():
    table = np.stack([walk(90, s) for s in range(6)]).reshape(2, 3, 90)
    found = RecursiveADF(1).sequences(table)
    assert found.bsadf.shape == (2, 3, 90 - default_window(90) - 1)
    np.testing.assert_array_equal(found.bsadf[1, 2], RecursiveADF(1).sequences(table[1, 2]).bsadf)
    np.testing.assert_array_equal(found.panel().bsadf, found.bsadf.mean(axis=1))
    assert float(found.gsadf[0, 0]) >= float(found.sadf[0, 0]) >= float(found.adf[0, 0])


def test_the_window_counts_rows_of_the_regression():
    y = walk(100)
    for lags in (0, 2):
        found = RecursiveADF(lags, min_window=19).sequences(y)
        assert found.badf.size == 100 - 19 - lags
        short = RecursiveADF(lags, min_window=19).sequences(y[: 19 + lags + 1])
        assert short.badf.size == 1
    assert [default_window(n) for n in (100, 200, 400)] == [19, 27, 40]


def test_price_dividend_ratio_of_the_long_history(project_data):
    """Phillips, Shi and Yu (2015) report 4.21 for January 1871 to December 2010."""
    table = DataBook.load(project_data).table
    parts = table[table["series"].isin(["sp500_price", "sp500_dividends"])]
    wide = parts.pivot_table(index="period", columns="series", values="value", aggfunc="last")
    ratio = (wide["sp500_price"] / wide["sp500_dividends"]).loc["1871-01":"2010-12"].dropna()
    assert len(ratio) == 1680
    found = RecursiveADF(min_window=36).sequences(ratio.to_numpy())
    assert float(found.gsadf) == pytest.approx(4.21, abs=0.10)
