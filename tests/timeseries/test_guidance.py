"""Guidance turned into quarters: what is left of a year is spent, and too little said is nothing said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overbuild.timeseries.guidance import (
    Guided,
    NotGuidedError,
    guidance,
    guided_growth,
    quarters_ahead,
    year_of,
)
from overbuild.timeseries.series import LogSeries

KNOWN = {"2024Q1": 8.0, "2024Q2": 9.0, "2024Q3": 10.0, "2024Q4": 10.0, "2025Q1": 12.0}


def test_fiscal_years_end_in_the_second_quarter() -> None:
    assert year_of("2026", True) == ("2025Q3", "2026Q2")
    assert year_of("2026", False) == ("2026Q1", "2026Q4")


@given(st.floats(1.0, 500.0))
def test_what_is_left_of_the_year_is_spent_at_one_rate(left: float) -> None:
    told = Guided("A", ("2025Q1", "2025Q4"), 12.0 + left)
    path = quarters_ahead(KNOWN, told, "2025Q1")
    assert path.sum() == pytest.approx(left, rel=1e-6)
    rates = np.diff(np.log(path), prepend=np.log(12.0))
    assert rates == pytest.approx(np.full(3, rates[0]), abs=1e-6)


@pytest.mark.parametrize(
    "told",
    [
        Guided("A", ("2024Q1", "2024Q4"), 60.0),
        Guided("A", ("2026Q1", "2026Q4"), 60.0),
        Guided("A", ("2025Q1", "2025Q4"), 11.0),
        Guided("A", ("2023Q3", "2025Q2"), 90.0),
    ],
)
def test_a_year_that_is_over_too_late_spent_or_unknown_says_nothing(told: Guided) -> None:
    assert quarters_ahead(KNOWN, told, "2025Q1").size == 0


def test_the_sector_grows_as_its_guided_firms_and_half_must_be_guided() -> None:
    small = {q: 0.9 * x for q, x in KNOWN.items()}
    told = [Guided("A", ("2025Q1", "2025Q4"), 48.0)]
    growth = guided_growth({"A": KNOWN, "B": small}, told, "2025Q1", 4)
    assert growth[:3] == pytest.approx(np.zeros(3), abs=1e-6) and np.isnan(growth[3])
    large = {q: 1.1 * x for q, x in KNOWN.items()}
    assert np.isnan(guided_growth({"A": KNOWN, "B": large}, told, "2025Q1", 4)).all()


def test_draws_have_the_guided_median_and_silence_is_an_abstention() -> None:
    rng = np.random.default_rng(1)
    series = LogSeries(rng.normal(0.1, 0.1, 20).cumsum())
    draws = guidance(series, np.array([0.3, np.nan]), 1001, rng)
    assert np.median(draws[:, 0]) == pytest.approx(series.logs[-1] + 0.3)
    assert np.isnan(draws[:, 1]).all() and draws[:, 0].std() > 0
    with pytest.raises(NotGuidedError):
        guidance(series, np.array([np.nan, 0.3]), 10, rng)
