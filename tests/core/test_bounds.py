"""What arithmetic excludes, against every continuation of a grid."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.core.bounds import BOUNDS, drawdown_open, faster_fall_open, low_utilisation_open
from overbuild.core.judging import RULES, drawdown, faster_fall, low_utilisation, trailing_year

NAN = math.nan
O3 = {"fall": 0.30, "window_years": 3.0}
O2 = {"ratio": 0.5, "years": 1.0, "annual_years": 2.0, "shortest_fall_years": 2.0}
O5 = {"excess": 0.20, "years": 2.0}


def quarters(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def continued(x: np.ndarray, futures: list[tuple[float, ...]]) -> np.ndarray:
    return np.concatenate(
        [np.tile(x, (len(futures), 1)), np.array(futures).reshape(len(futures), -1)], axis=1
    )


# Spending -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "expected"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_level_year_needs_two_quarters_of_nothing(left: int, expected: bool) -> None:
    assert drawdown_open(quarters(25, 25, 25, 25), left, 4, O3) is expected


def test_growth_puts_the_weight_on_the_last_quarters() -> None:
    """With the last quarters the largest, three quarters of nothing take off less than with a level year."""
    assert drawdown_open(quarters(5, 5, 10, 80), 3, 4, O3) is False
    assert drawdown_open(quarters(5, 5, 10, 80), 4, 4, O3) is True
    assert drawdown_open(quarters(30, 25, 25, 20), 1, 4, O3) is True


@pytest.mark.parametrize(("left", "expected"), [(0, False), (1, True)])
def test_a_year_of_nothing_is_enough_on_annual_data(left: int, expected: bool) -> None:
    assert drawdown_open(quarters(90, 100), left, 1, O3) is expected


def test_a_peak_too_old_must_first_be_reached_again() -> None:
    old = quarters(100, 80, 80, 80, 80)
    assert drawdown_open(old, 1, 1, O3) is False
    assert drawdown_open(old, 2, 1, O3) is True
    by_quarter = np.repeat(old, 4) / 4
    assert drawdown_open(by_quarter, 2, 4, O3) is False
    assert drawdown_open(by_quarter, 3, 4, O3) is True


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_no_more_is_spent_on_the_way_back_than_needed(scale: float) -> None:
    """Back to 100 takes 40; after two quarters of nothing the trailing year is 60, a fall of 40 %."""
    x = scale * np.array([25.0] * 4 + [20.0] * 16)
    assert drawdown_open(x, 3, 4, {**O3, "fall": 0.40}) is True
    assert drawdown_open(x, 3, 4, {**O3, "fall": 0.41}) is False


def test_quarters_not_yet_reported_may_have_been_nothing() -> None:
    assert drawdown_open(quarters(25, 25, 25, 25, NAN), 0, 4, O3) is False
    assert drawdown_open(quarters(25, 25, 25, 25, NAN), 1, 4, O3) is True
    assert drawdown_open(quarters(25, 25, 25, 25, NAN, NAN), 0, 4, O3) is True


def test_a_gap_before_the_first_whole_year_is_before_the_record() -> None:
    assert drawdown_open(quarters(25, NAN, 25, 25, 25, 25), 1, 4, O3) is False
    assert drawdown_open(quarters(25, NAN, 25, 25, 25, 25), 2, 4, O3) is True


@pytest.mark.parametrize(
    "x", [(25, 25, 25, 25, NAN, 25, 25, 25, 25), (25, 25, NAN, 25), (25, 25, 25), (NAN, NAN)]
)
def test_what_is_not_known_leaves_it_open(x: tuple[float, ...]) -> None:
    assert drawdown_open(quarters(*x), 1, 4, O3) is True


def test_nothing_spent_yet() -> None:
    assert drawdown_open(quarters(0, 0, 0, 0), 4, 4, O3) is False
    assert drawdown_open(quarters(0, 0, 0, 0), 5, 4, O3) is True


@given(
    st.lists(st.integers(0, 12), min_size=4, max_size=20),
    st.integers(1, 5),
    st.sampled_from([1, 4]),
    st.sampled_from([(0.2, 1.0), (0.3, 3.0), (0.4, 2.0), (0.7, 3.0)]),
)
@settings(max_examples=150)
def test_spending_is_excluded_exactly_where_no_continuation_does_it(
    x: list[int], left: int, per_year: int, rule: tuple[float, float]
) -> None:
    thresholds = {"fall": rule[0], "window_years": rule[1]}
    known = np.array(x, dtype=float)
    peak = float(np.nanmax(trailing_year(known[None, :], per_year)))
    renewal = max(peak - known[len(known) - per_year + 1 :].sum(), 0.0)
    levels = {0.0, renewal, renewal / 2, 1.0, peak, 3 * peak}
    futures = list(itertools.product(sorted(levels), repeat=left))
    held = bool((drawdown(continued(known, futures), per_year, thresholds).holds == 1).any())
    assert drawdown_open(known, left, per_year, thresholds) is held


# Utilisation --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("u", "left", "expected"),
    [
        ((1.0,), 10, False),
        ((1.0,), 11, True),
        ((2.0,), 18, False),
        ((2.0,), 19, True),
        ((0.5,), 3, False),
        ((0.5,), 4, True),
        ((0.71,), 6, False),
        ((0.71,), 7, True),
        ((1.0, 0.4), 2, False),
        ((1.0, 0.4), 3, True),
        ((1.0, 0.4, 0.4, 0.4), 0, False),
        ((1.0, 0.4, 0.4, 0.4), 1, True),
        ((1.0, NAN, NAN), 8, False),
        ((1.0, NAN, NAN), 9, True),
        ((NAN, NAN), 0, True),
        ((0.4, 1.0), 1, True),
    ],
)
def test_low_use_takes_time(u: tuple[float, ...], left: int, expected: bool) -> None:
    """Two years to halve, then four quarters; a run that has begun needs only its rest."""
    assert low_utilisation_open(quarters(*u), left, 4, O2) is expected


def test_without_an_assumed_speed_only_the_run_takes_time() -> None:
    free = {"ratio": 0.5, "years": 1.0}
    assert low_utilisation_open(quarters(1.0), 3, 4, free) is False
    assert low_utilisation_open(quarters(1.0), 4, 4, free) is True


def test_annual_data_ask_for_two_years() -> None:
    assert low_utilisation_open(quarters(1.0), 2, 1, O2) is False
    assert low_utilisation_open(quarters(1.0), 3, 1, O2) is True


@given(
    st.lists(st.sampled_from([0.3, 0.6, 1.0, NAN]), min_size=1, max_size=7),
    st.integers(0, 4),
    st.integers(1, 3),
)
def test_low_use_is_excluded_exactly_where_no_continuation_does_it(
    u: list[float], left: int, years: int
) -> None:
    thresholds = {"ratio": 0.5, "years": float(years)}
    x = np.array(u)
    unknown = np.flatnonzero(np.isnan(x))
    best = False
    for filled in itertools.product([0.3, 1.0], repeat=len(unknown) + left):
        path = np.concatenate([x, filled[len(unknown) :]])
        path[unknown] = filled[: len(unknown)]
        first = np.flatnonzero(np.isfinite(x))
        start = int(first[0]) if first.size else 0
        before = np.full(years, 0.3 if first.size and x[start] == 0.3 else 1.0)
        whole = np.concatenate([before, path[start:]])
        best |= bool(low_utilisation(whole[None, :], 1, thresholds).holds[0] == 1)
    if np.isnan(x).all():
        assert low_utilisation_open(x, left, 1, thresholds) is True
    elif not bridged_matters(x):
        assert low_utilisation_open(x, left, 1, thresholds) is best
    else:
        assert best or not low_utilisation_open(x, left, 1, thresholds)


def bridged_matters(x: np.ndarray) -> bool:
    known = np.flatnonzero(np.isfinite(x))
    return any(b - a > 1 and (x[a] < 0.5) == (x[b] < 0.5) for a, b in itertools.pairwise(known))


# Price --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("excess", "left", "expected"),
    [
        ((0.1,), 4, False),
        ((0.1,), 5, True),
        ((0.1, 0.3, 0.3), 2, False),
        ((0.1, 0.3, 0.3), 3, True),
        ((0.1, NAN), 4, True),
        ((NAN,), 0, True),
    ],
)
def test_two_years_of_fast_falls_take_five_quarters(
    excess: tuple[float, ...], left: int, expected: bool
) -> None:
    assert faster_fall_open(quarters(*excess), left, 4, O5) is expected


# All ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(BOUNDS))
@given(
    st.lists(st.sampled_from([0.0, 0.3, 0.45, 0.6, 1.0, 3.0, NAN]), min_size=1, max_size=12),
    st.lists(st.sampled_from([0.0, 0.2, 0.4, 1.0, 30.0]), max_size=8),
    st.sampled_from([1, 4]),
)
@settings(max_examples=150)
def test_nothing_that_comes_true_was_excluded(
    name: str, past: list[float], future: list[float], per_year: int
) -> None:
    thresholds = {"drawdown": O3, "low_utilisation": {"ratio": 0.5, "years": 1.0}, "faster_fall": O5}[name]
    whole = np.array([[*past, *future]])
    if RULES[name](whole, per_year, thresholds).holds[0] == 1:
        assert BOUNDS[name](np.array(past), len(future), per_year, thresholds) is True


def test_rules_agree_with_the_bounds_imported_here() -> None:
    assert set(BOUNDS) == {drawdown.__name__, low_utilisation.__name__, faster_fall.__name__}
