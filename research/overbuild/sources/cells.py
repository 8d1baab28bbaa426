"""What a cell of a data file may hold: its columns, its words, its dates, numbers and periods."""

from __future__ import annotations

from datetime import date

import numpy as np

from overbuild.core.periods import frequency_of

TIDY = (
    "series",
    "entity",
    "frequency",
    "period",
    "period_end",
    "value",
    "unit",
    "status",
    "grade",
    "available_from",
    "available_rule",
    "vintage",
    "source_id",
    "note",
)
PROVENANCE = (
    "period_end",
    "status",
    "grade",
    "available_from",
    "available_rule",
    "vintage",
    "source_id",
    "note",
)
"""Columns that every row of every file has, tidy or wide."""
DATES = ("period_end", "available_from", "vintage")
STATUSES = ("actual", "estimate", "derived", "guidance", "forecast", "claim")
AHEAD = ("guidance", "forecast", "claim")
"""Statuses of figures that are known before their period ends."""
GRADES = ("A", "B", "C", "D")
FREQUENCIES = ("A", "Q", "M", "D", "P")
YEARS = range(1700, 2101)
"""Years that a date or a period may lie in; any other is a slip."""


def is_date(text: str) -> bool:
    """Return whether a string is a day in ISO form."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day.year in YEARS


def is_number(text: str) -> bool:
    """Return whether a string is a finite decimal number (no thousands separators, no currency signs)."""
    try:
        return bool(np.isfinite(float(text))) and text.strip("+-0123456789.eE") == ""
    except ValueError:
        return False


def period_fits(period: str, frequency: str) -> bool:
    """Return whether a period label has the form that its frequency asks for."""
    if frequency == "D":
        return is_date(period)
    if frequency == "P":
        return 0 < len(period) <= 40
    try:
        return frequency_of(period) == frequency and int(period[:4]) in YEARS
    except ValueError:
        return False
