"""Breaks against strucchange's published numbers, brute force, closed forms and simulation."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.timeseries import break_dates
from overbuild.timeseries.break_dates import bai_interval, bootstrap_intervals, date_quantiles
from overbuild.timeseries.break_placebo import ASYMPTOTIC, design, placebo, sup_f_test
from overbuild.timeseries.breaks import BreakSpec, find_breaks, ols_cusum
from overbuild.timeseries.observed import Observed
from overbuild.timeseries.partition import fitted_segments, one_break, partitions
from overbuild.timeseries.sieve import sieve_of

RNG = np.random.default_rng


def series(values: np.ndarray, first: int = 1900) -> Observed:
    periods = tuple(str(first + i) for i in range(values.size))
    return Observed("made up", "Made up", "log", periods, values, "A", ("2026-01-01", "2026-01-01"))


def nile() -> np.ndarray:
    from statsmodels.datasets import nile as data

    loaded: Any = data.load_pandas()
    return loaded.data["volume"].to_numpy(dtype=float)


def correlated(n: int, r: float, rng: np.random.Generator) -> np.ndarray:
    e = rng.standard_normal(n + 50)
    for t in range(1, e.size):
        e[t] += r * e[t - 1]
    return e[50:] * np.sqrt(1 - r**2)


def test_nile_as_strucchange_has_it() -> None:
    # breakpoints(Nile ~ 1) of strucchange: dates, residual sums, the choice of BIC, sup-F and confint.
    costs, ends = partitions(nile(), False, 5, 15)
    assert np.round(costs).tolist() == [2835157, 1597457, 1552924, 1538097, 1507888, 1659994]
    assert ends[1:4].tolist() == [[28, -1, -1, -1, -1], [28, 83, -1, -1, -1], [28, 68, 83, -1, -1]]
    assert ends[4:].tolist() == [[28, 45, 68, 83, -1], [15, 30, 45, 68, 83]]
    assert bai_interval(nile(), (28,), 0) == (25, 32)
    found = find_breaks(series(nile(), 1871), BreakSpec(most=5, draws=199), RNG(1))
    assert found.sup_f[0][0] == pytest.approx(75.93, abs=0.005) and found.sup_f[0][1] == 0.005
    assert (found.number, found.by_bic, found.ends) == (1, 1, (28,))
    assert found.breaks[0].date == "1899" and found.breaks[0].jump == pytest.approx(-247.78, abs=0.01)
    # The bootstrap allows for serial correlation, so it is wider than strucchange.
    assert int(found.breaks[0].low) <= 1896 < 1899 <= int(found.breaks[0].high) <= 1904


def test_ols_cusum_as_strucchange_has_it() -> None:
    # sctest(ginv ~ ggdp + lint, type = "OLS-CUSUM"), on the macroeconomic data of statsmodels.
    import statsmodels.api as sm

    loaded: Any = sm.datasets.macrodata.load_pandas()
    d = loaded.data
    y = 400 * np.diff(np.log(d["realinv"]))
    x = sm.add_constant(np.column_stack([400 * np.diff(np.log(d["realgdp"])), d["realint"][:-1]]))
    stat, p = ols_cusum(sm.OLS(y, x).fit().resid, 3)
    assert stat == pytest.approx(1.055750610401214, abs=1e-12)
    assert p == pytest.approx(0.2149567397376543, abs=1e-12)


@pytest.mark.parametrize("trend", [False, True])
def test_partitions_are_those_of_brute_force(trend: bool) -> None:
    y = RNG(2).normal(size=20).cumsum()
    costs, ends = partitions(y, trend, 2, 4)
    for m in (1, 2):
        allowed = [c for c in combinations(range(4, 17), m) if min(np.diff([0, *c, 20])) >= 4]
        sums = {c: float(((y - fitted_segments(y, c, trend)) ** 2).sum()) for c in allowed}
        best = min(sums, key=lambda c: sums[c])
        assert costs[m] == pytest.approx(sums[best]) and tuple(ends[m, :m]) == best
    none, one, at = one_break(y, trend, 4)
    assert (none, one, at) == (pytest.approx(costs[0]), pytest.approx(costs[1]), ends[1, 0])


def test_dates_have_bais_distribution() -> None:
    from scipy.stats import norm

    x = date_quantiles(1.0)[1]
    root = np.sqrt(x)
    # The closed form of the symmetric case (Yao 1987; Bai 1997).
    cdf = (
        1 + root / np.sqrt(2 * np.pi) * np.exp(-x / 8) - (x + 5) / 2 * norm.cdf(-root / 2)
        + 1.5 * np.exp(x) * norm.cdf(-1.5 * root)
    )  # fmt: skip
    assert cdf == pytest.approx(0.975, abs=1e-4)
    # P(after) is phi^2 / (1 + phi^2): maxima on either side are exponential with rates 1 and 1 / phi^2.
    assert break_dates._tail(2.0)[1][0] == pytest.approx(0.8, abs=1e-3)
    rng, step, phi = RNG(3), 0.02, 2.0
    n = int(60 / step)
    sides = [
        np.cumsum(s * np.sqrt(step) * rng.standard_normal((2000, n)) - step / 2, axis=1) for s in (1.0, phi)
    ]
    tops = [np.maximum(p.max(axis=1), 0) for p in sides]
    at = np.where(tops[1] > tops[0], sides[1].argmax(axis=1) * step, -sides[0].argmax(axis=1) * step)
    low, high = date_quantiles(phi)
    assert (at < low).mean() == pytest.approx(0.025, abs=0.01)
    assert (at > high).mean() == pytest.approx(0.025, abs=0.015)


def test_intervals_of_dates_cover() -> None:
    rng, inside = RNG(4), []
    for _ in range(100):
        y = correlated(60, 0.3, rng)
        y[30:] += 2
        end = one_break(y, False, 9)[2]
        ((low, high),) = bootstrap_intervals(y, (end,), False, 9, 199, rng)
        inside.append(low <= 30 <= high)
    assert np.mean(inside) >= 0.88


def test_asymptotic_critical_value_is_that_of_the_tables() -> None:
    stats = [sup_f_test(y, False, 60, 1, RNG(0))[0] for y in RNG(5).standard_normal((3000, 400))]
    assert np.quantile(stats, 0.95) == pytest.approx(ASYMPTOTIC[False], abs=0.5)


def test_bootstrap_keeps_its_size_where_the_tables_do_not() -> None:
    found = design(40, 0.5, False, 300, 99, RNG(6))
    assert found.size <= 0.08 and found.asymptotic > 0.25
    clear = design(80, 0.0, False, 100, 99, RNG(7))
    assert clear.power > 0.95


def test_sieve_corrects_the_bias_of_persistence() -> None:
    estimates = [
        sieve_of(u - u.mean(), 1, 1).correlation for u in (correlated(40, 0.6, RNG(i)) for i in range(400))
    ]
    raw = [
        float((v := u - u.mean())[1:] @ v[:-1] / (v[:-1] @ v[:-1]))
        for u in (correlated(40, 0.6, RNG(i)) for i in range(400))
    ]
    assert np.mean(estimates) == pytest.approx(0.6, abs=0.03) and np.mean(raw) < 0.56
    assert sieve_of(RNG(1).normal(size=200).cumsum(), 1, 1).correlation <= 0.99


def test_breaks_in_level_and_trend_are_found_and_dated() -> None:
    t = np.arange(80.0)
    y = 0.02 * t + np.where(t >= 50, 0.06 * (t - 50) + 0.3, 0) + 0.05 * RNG(8).standard_normal(80)
    found = find_breaks(series(y, 1940), BreakSpec(trend=True, draws=199), RNG(9))
    assert found.number == 1 and found.breaks[0].date == "1990" and found.breaks[0].bai is None
    assert found.breaks[0].slope_before == pytest.approx(0.02, abs=0.005)
    assert found.breaks[0].slope_after == pytest.approx(0.08, abs=0.005)
    assert found.breaks[0].jump == pytest.approx(0.3, abs=0.08)
    assert found.cusum_asymptotic_p is None and found.ud_max_p == 0.005


def test_other_detectors_of_the_same_sum_agree() -> None:
    pytest.importorskip("ruptures")
    from overbuild.timeseries.break_agreement import detectors

    y = np.repeat([0.0, 3.0, 1.0], 20) + RNG(10).normal(0, 0.5, 60)
    asked = series(y)
    for spec in (BreakSpec(draws=199), BreakSpec(trend=True, draws=99)):
        found = find_breaks(asked, spec, RNG(11))
        seen = {d.name: d for d in detectors(asked, found)}
        if found.number:
            assert seen["optimal partition"].agrees
            assert seen["optimal partition"].dates == tuple(b.date for b in found.breaks)
    assert {"penalised", "kernel"} <= set(seen)


def test_placebo_windows_do_not_touch_booms() -> None:
    y = RNG(12).standard_normal(60)
    y[30:40] += 50
    found = placebo(series(y), 15, (("1925", "1945"),), 1e9, False, 5, 99, RNG(13))
    assert found.windows == (25 - 15 + 1) + (60 - 46 - 15 + 1)
    assert found.rejected <= 0.2 and found.below == 1.0
    assert placebo(series(y), 59, (("1925", "1945"),), 0.0, False, 5, 99, RNG(13)).windows == 0


def test_what_cannot_be_tested_is_refused() -> None:
    spec = BreakSpec(draws=19)
    with pytest.raises(InputError, match="made up is constant at 2"):
        find_breaks(series(np.full(40, 2.0)), spec, RNG(1))
    with pytest.raises(InputError, match=r"has 6 periods, 1900 to 1905; .* needs 8"):
        find_breaks(series(np.arange(6.0) ** 2), spec, RNG(1))
    with pytest.raises(InputError, match="lies on a straight line"):
        find_breaks(series(np.arange(40.0)), BreakSpec(trend=True, draws=19), RNG(1))
    with pytest.raises(InputError, match=r"trimming=0.6, .* between 0 and 0.5"):
        BreakSpec(trimming=0.6)
