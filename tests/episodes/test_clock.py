"""Take-off: the first year well above the five before."""

from __future__ import annotations

import pandas as pd
import pytest

from overbuild import load_episode, measures
from overbuild.episodes.clock import on_clock, take_off


def share(first: int, *values: float) -> pd.Series:
    return pd.Series(values, index=[str(first + i) for i in range(len(values))], dtype=float)


@pytest.mark.parametrize(
    ("series", "year"),
    [
        (share(1990, 1, 1, 1, 1, 1, 1.11), "1995"),
        (share(1990, 1, 1, 1, 1, 1, 1.10), None),
        (share(1990, 1, 1, 1, 1, 5), None),
        (share(1990, 1, 1, 1, 1, 1, 1, 1.2, 1.5), "1996"),
        (share(1990), None),
        (share(1990, 0, 0, 0, 0, 0, 0, 1), "1996"),
    ],
)
def test_the_rule(series, year):
    assert take_off(series) == year


def test_a_year_that_is_not_known_is_not_passed_over():
    series = share(1990, 1, 1, 1, 1, 1, 1, 2).drop("1993")
    assert take_off(series) is None


def test_an_earlier_boom_is_left_out_where_the_episode_starts_later():
    series = share(1990, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2)
    assert take_off(series) == "1995"
    assert take_off(series, start="1996") == "2002"
    assert take_off(series, start="1996", above=3) is None
    assert take_off(series, start="1996", years=2) == "2002"


def test_years_since_take_off():
    clocked = on_clock(share(1995, 3, 4, 5), "1996")
    assert clocked.to_dict() == {-1: 3.0, 0: 4.0, 1: 5.0}
    assert clocked.index.name == "years_since_take_off"


@pytest.mark.parametrize(("episode", "year"), [("telecom", "1996"), ("ai", "2023")])
def test_year_zero_of_the_two_eras(project_data, episode, year):
    assert measures(load_episode(episode, data=project_data)).take_off == year
