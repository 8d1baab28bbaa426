"""What a cell may hold."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from overbuild.sources.cells import PROVENANCE, TIDY, is_date, is_number, period_fits
from overbuild.sources.schema import availability_faults, provenance_columns, tidy_schema


@pytest.mark.parametrize("text", ["0", "-1.5", "1e6", "+3", "007", ".5"])
def test_numbers(text):
    assert is_number(text)


@pytest.mark.parametrize(
    "text", ["", " 1", "1,000", "1_000", "nan", "inf", "1e999", "0x10", "१२", "1 2", "$1", "1%", "--1"]
)
def test_what_is_no_number(text):
    assert not is_number(text)


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-06", "20240630", "2024-W01-1", "2024-02-30", "0999-01-01", "2101-01-01"]
)
def test_what_is_no_date(text):
    assert is_date("2024-06-30") and not is_date(text)


@pytest.mark.parametrize(
    ("frequency", "good", "bad"),
    [
        ("A", "1999", "1999Q1"),
        ("Q", "1999Q4", "1999"),
        ("M", "1999-12", "1999-13"),
        ("D", "1999-12-31", "1999-12"),
        ("P", "1997/2002", ""),
        ("A", "1700", "1699"),
        ("Q", "2100Q1", "2101Q1"),
    ],
)
def test_periods_of_a_frequency(frequency, good, bad):
    assert period_fits(good, frequency)
    assert not period_fits(bad, frequency)


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        ({}, True),
        ({"available_from": "2024-08-15"}, False),
        ({"available_from": "2024-06-29", "available_rule": "stated"}, False),
        ({"available_from": "2024-06-29", "available_rule": "stated", "status": "guidance"}, True),
        ({"available_from": "2024-06-29", "available_rule": "stated", "status": "claim"}, True),
        ({"available_from": "2024-06-29", "available_rule": "stated", "frequency": "P"}, True),
        ({"available_from": "2030-01-01", "available_rule": "stated"}, True),
        ({"available_from": "2024-08-15", "available_rule": "unknown"}, True),
        ({"available_from": "soon"}, True),
    ],
)
def test_the_day_on_which_a_row_became_known(cells, right):
    row = {
        "period_end": "2024-06-30",
        "available_from": "2024-08-14",
        "available_rule": "sec_quarterly",
        "status": "actual",
        "frequency": "Q",
    }

    def lags(rule: str, end: date) -> date | None:
        return date(2024, 8, 14) if rule == "sec_quarterly" else None

    assert (availability_faults(row | cells, lags) == []) is right


def test_the_schema_has_the_columns_of_the_files():
    assert set(tidy_schema((), frozenset()).columns) == set(TIDY)
    assert tuple(provenance_columns((), frozenset())) == PROVENANCE


@pytest.mark.parametrize(
    ("frequency", "period", "end", "series", "right"),
    [
        ("Q", "2026Q3", "2026-08-31", "capex_cash", True),
        ("Q", "2021Q4", "2022-01-30", "capex_cash", True),
        ("Q", "2026Q3", "2026-06-30", "capex_cash", False),
        ("A", "2025", "2025-06-30", "capex_cash_fy", True),
        ("A", "2025", "2025-06-30", "capex", False),
        ("M", "2025-06", "2025-06-30", "rent", True),
        ("M", "2025-06", "2025-06-29", "rent", False),
        ("D", "2025-06-30", "2025-06-30", "price", True),
        ("P", "1997/2002", "2002-12-31", "multiple", True),
    ],
)
def test_a_period_ends_when_it_says(frequency, period, end, series, right):
    from overbuild.sources.schema import tidy_faults

    row = dict.fromkeys(TIDY, "") | {
        "series": series,
        "frequency": frequency,
        "period": period,
        "period_end": end,
        "value": "1",
        "row": 2,
    }
    codebook = pd.DataFrame({"unit": [""], "minimum": [0.0], "maximum": [2.0]}, index=pd.Index([series]))
    found = tidy_faults(pd.DataFrame([row]), codebook, lambda rule, day: None, "x.csv")
    assert ([f.column for f in found] == []) is right
