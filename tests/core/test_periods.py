"""Labels of periods, their order and the days on which they end."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overbuild.core.periods import (
    PER_YEAR,
    containing,
    frequency_of,
    horizon,
    label,
    ordinal,
    period_end,
    span,
    years_after,
)

frequencies = st.sampled_from("AQM")
periods = st.builds(
    lambda f, year, n: label(year * PER_YEAR[f] + n, f),
    frequencies,
    st.integers(1800, 2100),
    st.integers(0, 11),
)


@given(periods)
def test_labels_and_numbers_are_the_same_thing(period: str) -> None:
    frequency = frequency_of(period)
    assert label(ordinal(period), frequency) == period
    assert containing(period_end(period), frequency) == period
    after = label(ordinal(period) + 1, frequency)
    assert period_end(after) > period_end(period)
    assert after > period


@given(periods, st.integers(-50, 50))
def test_years_after(period: str, years: int) -> None:
    later = years_after(period, years)
    assert later[4:] == period[4:]
    assert int(later[:4]) == int(period[:4]) + years


@given(periods, frequencies)
def test_horizon_is_the_last_period_that_ends_in_time(period: str, frequency: str) -> None:
    found = horizon(period, frequency)
    following = label(ordinal(found) + 1, frequency)
    assert period_end(found) <= period_end(period) < period_end(following)


@pytest.mark.parametrize(
    ("period", "frequency", "expected"),
    [
        ("2028", "Q", "2028Q4"),
        ("2028", "M", "2028-12"),
        ("2028Q4", "A", "2028"),
        ("2028Q3", "A", "2027"),
        ("2028-05", "Q", "2028Q1"),
        ("2028-06", "Q", "2028Q2"),
    ],
)
def test_horizon_across_frequencies(period: str, frequency: str, expected: str) -> None:
    assert horizon(period, frequency) == expected


@pytest.mark.parametrize(
    ("period", "end"),
    [
        ("1999", date(1999, 12, 31)),
        ("1999Q2", date(1999, 6, 30)),
        ("2000-02", date(2000, 2, 29)),
        ("1900-02", date(1900, 2, 28)),
    ],
)
def test_period_end(period: str, end: date) -> None:
    assert period_end(period) == end


@pytest.mark.parametrize(
    ("day", "frequency", "period"),
    [
        (date(1999, 1, 1), "Q", "1999Q1"),
        (date(1999, 4, 1), "Q", "1999Q2"),
        (date(1999, 10, 15), "Q", "1999Q4"),
        (date(1999, 1, 1), "A", "1999"),
        (date(1999, 12, 1), "M", "1999-12"),
    ],
)
def test_the_period_of_a_day(day: date, frequency: str, period: str) -> None:
    assert containing(day, frequency) == period


def test_span() -> None:
    assert span("1999Q3", "2000Q2") == ("1999Q3", "1999Q4", "2000Q1", "2000Q2")
    assert span("2001", "2000") == ()
    with pytest.raises(ValueError, match="one frequency"):
        span("1999", "2000Q2")


@pytest.mark.parametrize(
    "text", ["", "99", "1999Q5", "1999Q0", "1999-13", "1999-6", "1999-06-30", "1999\n", "199９"]
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a year"):
        frequency_of(text)
