"""What is not a series to test is refused in one plain message that names it and says what to do."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from overbuild.errors import InputError
from overbuild.explosive import RecursiveADF, Rule, Series, psy, psy_panel, series_of


def walk(n: int = 60, seed: int = 0) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(size=n))


def changed(at: int, value: float, n: int = 60) -> np.ndarray:
    y = walk(n)
    y[at] = value
    return y


MONTHS = [f"{1990 + i // 12}-{i % 12 + 1:02d}" for i in range(60)]
REFUSED = {
    "a hole": (
        lambda: Series("x", changed(20, np.nan), tuple(MONTHS)),
        "x: missing values at 1991-09. The tests need every observation",
    ),
    "an infinity": (lambda: Series("x", changed(20, np.inf)), "x: infinite values at 21"),
    "a constant": (lambda: Series("x", np.full(60, 2.5)), "x: every value is 2.5; a constant"),
    "nothing": (lambda: Series("x", np.full(60, np.nan)), "x: 0 observations; expected 10 or more"),
    "too few": (lambda: Series("x", walk(9)), "x: 9 observations; expected 10 or more"),
    "dates out of order": (
        lambda: Series("x", walk(), (*MONTHS[:10], MONTHS[11], MONTHS[10], *MONTHS[12:])),
        "x: 1990-11 comes after 1990-12; sort the observations",
    ),
    "a date twice": (
        lambda: Series("x", walk(), (*MONTHS[:10], MONTHS[9], *MONTHS[11:])),
        "x: the date 1990-10 is there twice",
    ),
    "a month skipped": (
        lambda: Series("x", walk(59), (*MONTHS[:10], *MONTHS[11:])),
        "x: 1990-11 is missing, after 1990-10",
    ),
    "months and years": (
        lambda: Series("x", walk(11), (*MONTHS[:10], "1995")),
        "x: the periods are of several lengths",
    ),
    "days and text": (
        lambda: Series("x", walk(10), (date(1990, 1, 1), *MONTHS[1:10])),
        "x: the dates are of several kinds",
    ),
    "fewer dates": (lambda: Series("x", walk(), tuple(MONTHS[:50])), "x: 60 values and 50 dates"),
    "a table as a series": (lambda: Series("x", np.zeros((3, 3))), "x: expected one series"),
    "a logarithm of nothing": (lambda: Series("x", changed(7, -50.0)).log(), "x: -50 at 8 has no logarithm"),
    "words": (lambda: series_of(["a", "b"]), "something that is not a number"),
    "a cube": (lambda: series_of(np.zeros((3, 3, 3))), "An array of shape (3, 3, 3)"),
    "a column of words": (
        lambda: series_of(pd.DataFrame({"x": ["a"] * 60})),
        "x: not a column of numbers",
    ),
    "a window longer than the series": (
        lambda: psy(walk(), RecursiveADF(min_window=60)),
        "series: 60 observations are too few for a window of 60 rows with 0 lags, which uses 61",
    ),
    "lags that leave no window": (
        lambda: psy(walk(20), RecursiveADF(12)),
        "series: 20 observations are too few for a window of 8 rows with 12 lags",
    ),
    "no degrees of freedom by default": (
        lambda: psy(walk(25), RecursiveADF(8)),
        "series: with 25 observations the window has 9 rows, which leaves no degrees of freedom for 10",
    ),
    "no degrees of freedom": (
        lambda: RecursiveADF(3, min_window=5),
        "A window of 5 rows leaves no degrees of freedom for the 5 coefficients",
    ),
    "many lags": (lambda: RecursiveADF(99), "lags 99: expected a whole number from 0 to 24"),
    "negative lags": (lambda: RecursiveADF(-1), "lags -1: expected"),
    "an unknown trend": (
        lambda: RecursiveADF(trend="drift"),
        "No trend 'drift'. Available: constant, none, trend",
    ),
    "an unknown criterion": (lambda: RecursiveADF(criterion="hq"), "No criterion 'hq'. Available: aic, bic."),
    "a stretch that stands still": (
        lambda: psy(np.concatenate([walk(30), np.full(40, 3.0), walk(30)]), RecursiveADF(min_window=20)),
        "series: the series does not move from 31 to 70, longer than a window of 20 rows",
    ),
    "a straight line": (lambda: psy(np.arange(60.0)), "series: no regression can be run on 1 to"),
    "exact growth": (
        lambda: psy(1.05 ** np.arange(60)),
        "series: no regression can be run on 1 to 15: the series follows its own past without error",
    ),
    "exact growth within": (
        lambda: psy(np.concatenate([walk(30), 9 * 1.05 ** np.arange(40)]), RecursiveADF(min_window=20)),
        "series: no regression can be run on 31 to 51",
    ),
    "collinear lags": (
        lambda: psy(np.cumsum(np.tile([1.0, -1.0, 2.0, -2.0], 30)), RecursiveADF(4, min_window=40)),
        "or its lags are collinear",
    ),
    "a level": (lambda: Rule(0.8), "level 0.8: expected one of 0.9, 0.95, 0.99"),
    "a rule": (lambda: Rule(cut="exuber"), "No rule for critical values by date 'exuber'"),
    "no duration": (lambda: Rule(min_duration=0), "min_duration 0: expected 1 date or more"),
    "a panel of one": (lambda: psy_panel(walk()), "A panel needs two series or more"),
    "an uneven panel": (
        lambda: psy_panel(pd.DataFrame({"a": walk(), "b": changed(0, np.nan)})),
        "b is observed from 2 to 60 (59 observations), a from 1 to 60 (60)",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_tested_is_refused(what):
    make, message = REFUSED[what]
    with pytest.raises(InputError) as refused:
        make()
    assert message in str(refused.value)


def test_missing_values_at_the_ends_are_dropped_with_their_dates():
    y = walk()
    y[[0, 1, 59]] = np.nan
    series = Series("x", y, tuple(MONTHS))
    assert (len(series), series.label(0), series.label(-1)) == (57, "1990-03", "1994-11")


def test_a_series_is_read_only_and_its_own():
    y = walk()
    series = Series("x", y)
    y[0] = 99
    assert series.values[0] != 99
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 1


def test_calendars_come_with_pandas():
    days = pd.bdate_range("2020-01-01", periods=60)
    (daily,) = series_of(pd.Series(walk(), index=days, name="price"))
    assert (daily.name, daily.label(0), daily.label(-1)) == ("price", "2020-01-01", "2020-03-24")
    months = pd.period_range("1990-01", periods=60, freq="M")
    a, b = series_of(pd.DataFrame({"a": walk(), "b": walk(seed=1)}, index=months))
    assert (a.name, b.name, b.label(0)) == ("a", "b", "1990-01-01")
    (plain,) = series_of(pd.DataFrame({"a": walk()}))
    assert (plain.label(0), plain.label(-1)) == ("1", "60")
    assert [s.name for s in series_of(np.stack([walk(), walk()], axis=1))] == ["series 1", "series 2"]
