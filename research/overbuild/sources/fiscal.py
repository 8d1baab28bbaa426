"""Fiscal quarters on the calendar: Oracle's February and NVIDIA's January find their calendar quarter."""

from __future__ import annotations

from datetime import date, timedelta

from overbuild.core.periods import containing

HALF_A_QUARTER = timedelta(days=45)

SHORTEST_QUARTER, LONGEST_QUARTER = 80, 100
"""Days of a quarter: 90 to 92 by the calendar, 91 (thirteen weeks) or 98 (fourteen) in a 52/53-week year."""


def calendar_quarter(fiscal_end: date) -> str:
    """Return the calendar quarter that a fiscal quarter is mapped to: the one that holds its middle.

    A quarter that ends with March, June, September or December keeps its place. Oracle's quarters, which end
    with February, May, August and November, become Q1, Q2, Q3 and Q4; NVIDIA's, which end late in April,
    July, October and January, become Q1, Q2, Q3 and (of the year before) Q4.

    Parameters
    ----------
    fiscal_end
        Last day of the fiscal quarter.
    """
    return containing(fiscal_end - HALF_A_QUARTER, "Q")


def is_quarter(start: date, end: date) -> bool:
    """Return whether two days, both included, span one quarter."""
    return SHORTEST_QUARTER <= (end - start).days + 1 <= LONGEST_QUARTER
