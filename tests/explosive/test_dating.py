"""Dates: by hand, and against simulated bubbles whose dates are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from overbuild.episodes import DataBook
from overbuild.explosive import (
    CollapsingBubbles,
    Episode,
    MonteCarlo,
    RecursiveADF,
    Rule,
    Shocks,
    critical_values,
    episodes_of,
)
from overbuild.explosive.critical import threads
from overbuild.explosive.date_spread import dated_process, spread_of_dates
from overbuild.explosive.episode import default_duration

ZERO = np.zeros(10)
PUBLISHED = (
    ("1879-10", "1880-04"),
    ("1917-08", "1918-04"),
    ("1928-11", "1929-10"),
    ("1955-01", "1956-04"),
    ("1986-06", "1987-09"),
    ("1995-11", "2001-08"),
    ("2009-02", "2009-04"),
)


def test_start_peak_end_and_duration_by_hand():
    sequence = np.array([-1, 1, 3, 2, -1, 1, -1, -1, 1, 2.0])
    assert episodes_of(sequence, ZERO) == (Episode(1, 2, 4, 3), Episode(5, 5, 6, 1), Episode(8, 9, None, 2))
    assert [e.ongoing for e in episodes_of(sequence, ZERO)] == [False, False, True]
    assert episodes_of(sequence, ZERO, 2) == (Episode(1, 2, 4, 3), Episode(8, 9, None, 2))
    assert episodes_of(sequence, ZERO, 3) == (Episode(1, 2, 4, 3),)
    assert episodes_of(sequence, sequence) == ()


def test_an_episode_may_fill_the_sample():
    assert episodes_of(np.ones(10), ZERO) == (Episode(0, 0, None, 10),)
    assert episodes_of(-np.ones(10), ZERO) == ()


def test_the_critical_value_of_each_date_counts():
    critical = np.array([0, 0, 5, 5, 0.0])
    assert episodes_of(np.array([1, 1, 1, 1, 1.0]), critical) == (Episode(0, 0, 2, 2), Episode(4, 4, None, 1))


def test_shortest_episode():
    assert [default_duration(n) for n in (20, 100, 1680)] == [2, 4, 7]


@pytest.mark.parametrize("lags", [0, 1])
def test_the_dated_process_with_its_residuals_as_they_are_is_the_data(lags):
    """Exact: with every sign positive the recursion gives the series back."""

    class Positive:
        @staticmethod
        def integers(_, size):
            return np.ones(size)

    y = CollapsingBubbles().paths(1, 100, np.random.default_rng(2))[0]
    episodes = (Episode(20, 34, 36, 16), Episode(60, 62, 64, 4))
    process = dated_process(y, episodes, [20, 60], first=19 + lags, lags=lags)
    np.testing.assert_allclose(process.paths(2, Positive()), np.tile(y, (2, 1)), rtol=1e-9)  # type: ignore[arg-type]
    inside = process.root != 0
    assert inside[38 + lags] and not inside[:18].any()


def test_the_root_of_a_rise_is_recovered():
    process = CollapsingBubbles(shocks=Shocks(scale=0.02))
    y = process.paths(1, 100, np.random.default_rng(0))[0]
    # y(t) - y(t-1) = root (y(t-1) - y(s)) + pace, so that pace = root y(s).
    found = dated_process(y, (Episode(25, 36, 37, 12),), [21], first=19, lags=0)
    error = 0.02 / np.sqrt(np.sum((y[39:55] - y[39:55].mean()) ** 2))
    assert abs(found.root[45] - 100**-0.6) < 4 * error
    assert found.pace[45] == pytest.approx(100**-0.6 * y[39], rel=1e-2)


def test_corrected_dates_are_nearer_the_truth_than_the_threshold_and_hold_it_more_often():
    """The threshold is late; its own percentiles are later still. Known dates, 60 series."""
    process, n = CollapsingBubbles(), 100
    test = RecursiveADF().at(n)
    first, (start, last) = test.first(n), process.places(n)[0]
    cut = critical_values(test, MonteCarlo(replications=999), np.zeros(n)).sequence()
    rng = np.random.default_rng(3)
    late, corrected, held, naive, ends = [], [], [], [], []
    for y in process.paths(60, n, rng):
        dated = episodes_of(test.sequences(y).bsadf, cut, 4)
        episodes = [e for e in dated if start < e.stop + first and e.start + first <= last]
        if not episodes:
            continue
        (spread,) = spread_of_dates(y, test, cut, episodes[-1:], Rule(replications=99), rng)
        if spread.start is None or spread.end is None:
            continue
        point = episodes[-1].start
        low, middle, high = spread.start
        late.append(point + first - start)
        corrected.append(middle + first - start)
        held.append(low <= start - first <= high)
        naive.append(2 * point - high <= start - first <= 2 * point - low)
        ends.append(spread.end[0] <= last + 1 - first <= spread.end[2])
    assert len(late) > 35
    assert np.mean(late) > 3
    assert abs(np.mean(corrected)) < np.mean(late) / 2
    assert np.mean(held) > 0.6 and np.mean(naive) < 0.3
    assert np.mean(ends) > 0.9


def test_an_ongoing_episode_has_no_end_and_what_is_never_found_no_dates():
    y = CollapsingBubbles(((0.7, 1.0),)).paths(1, 100, np.random.default_rng(1))[0]
    test = RecursiveADF().at(100)
    cut = critical_values(test, MonteCarlo(replications=199), np.zeros(100)).sequence()
    (episode,) = episodes_of(test.sequences(y).bsadf, cut, 4)
    assert episode.ongoing
    rng = np.random.default_rng(0)
    (spread,) = spread_of_dates(y, test, cut, [episode], Rule(replications=49), rng)
    assert spread.start and spread.end is None and spread.found > 0.5
    (never,) = spread_of_dates(y, test, cut + 99, [episode], Rule(replications=19), rng)
    assert (never.start, never.peak, never.end, never.found) == (None, None, None, 0.0)


def months(text: str) -> int:
    return 12 * int(text[:4]) + int(text[5:])


def dated_by(rule: str, ratio: pd.Series) -> list[tuple[int, int]]:
    """Return first and last month of every run of dates above the critical values."""
    test = RecursiveADF().at(len(ratio))
    critical = critical_values(test, MonteCarlo(replications=199), ratio.to_numpy(), mapper=threads(2))
    dates = [months(str(p)) for p in ratio.index[test.first(len(ratio)) :]]
    found = episodes_of(test.sequences(ratio.to_numpy()).bsadf, critical.sequence(0.95, rule))
    return [(dates[e.start], dates[e.stop - 1]) for e in found]


def test_the_published_dates_of_the_long_history_are_those_of_the_pointwise_rule(project_data):
    """Phillips, Shi and Yu (2015), figure 7, on Shiller's data as revised since.

    Every end is met within a month and every start within three, but for 1879, where the first windows end:
    five. In the revised data the episodes of 1986 and 1995 have gaps of a few months, and 1958-59 and 1961
    exceed the critical values too. By the SADF of the sample so far most episodes are lost or cut short.
    """
    table = DataBook.load(project_data, ("markets/monthly.csv",)).table
    parts = table[table["series"].isin(["sp500_price", "sp500_dividends"])]
    wide = parts.pivot_table(index="period", columns="series", values="value", aggfunc="last")
    ratio = (wide["sp500_price"] / wide["sp500_dividends"]).loc["1871-01":"2010-12"].dropna()
    met = {}
    for rule in ("pointwise", "sadf"):
        runs = dated_by(rule, ratio)
        met[rule] = []
        for first, last in PUBLISHED:
            begin, end = months(first), months(last)
            inside = [(a, z) for a, z in runs if a <= end and z >= begin]
            met[rule].append((inside[0][0] - begin, inside[-1][1] - end) if inside else None)
    found = met["pointwise"]
    assert None not in found
    starts, ends = zip(*found, strict=True)
    assert all(abs(e) <= 1 for e in ends)
    assert all(abs(s) <= 3 for s in starts[1:]) and -5 <= starts[0] <= 0
    assert sum(m is not None and abs(m[1]) <= 1 for m in met["sadf"]) <= 3
