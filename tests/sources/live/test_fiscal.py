from __future__ import annotations

from datetime import date

import pytest

from overbuild.sources.fiscal import calendar_quarter, is_quarter


@pytest.mark.parametrize(
    ("firm", "end", "quarter"),
    [
        ("Microsoft", "2025-06-30", "2025Q2"),
        ("Microsoft", "2025-12-31", "2025Q4"),
        ("Alphabet", "2025-03-31", "2025Q1"),
        ("Oracle", "2026-02-28", "2026Q1"),
        ("Oracle", "2024-02-29", "2024Q1"),
        ("Oracle", "2026-05-31", "2026Q2"),
        ("Oracle", "2026-08-31", "2026Q3"),
        ("Oracle", "2025-11-30", "2025Q4"),
        ("NVIDIA", "2026-04-26", "2026Q1"),
        ("NVIDIA", "2026-07-26", "2026Q2"),
        ("NVIDIA", "2025-10-26", "2025Q3"),
        ("NVIDIA", "2026-01-25", "2025Q4"),
        ("NVIDIA", "2016-01-31", "2015Q4"),
    ],
)
def test_fiscal_quarters_find_the_calendar_quarter_of_the_data(firm: str, end: str, quarter: str) -> None:
    assert calendar_quarter(date.fromisoformat(end)) == quarter, firm


@pytest.mark.parametrize(
    ("start", "end", "whole"),
    [
        ("2025-01-01", "2025-03-31", True),
        ("2015-10-26", "2016-01-31", True),  # fourteen weeks
        ("2025-01-01", "2025-02-28", False),
        ("2025-01-01", "2025-06-30", False),
    ],
)
def test_a_quarter_is_twelve_to_fourteen_weeks(start: str, end: str, whole: bool) -> None:
    assert is_quarter(date.fromisoformat(start), date.fromisoformat(end)) is whole
