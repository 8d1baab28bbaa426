"""Labels of years, quarters and months, and the days on which they end."""

from __future__ import annotations

import calendar
import re
from datetime import date

PER_YEAR = {"A": 1, "Q": 4, "M": 12}
_PATTERN = re.compile(r"([0-9]{4})(?:Q([1-4])|-(0[1-9]|1[0-2]))?")


def frequency_of(period: str) -> str:
    """Return ``"A"``, ``"Q"`` or ``"M"`` for ``1999``, ``1999Q2`` or ``1999-06``.

    Raises
    ------
    ValueError
        For any other form.
    """
    found = _PATTERN.fullmatch(period)
    if not found:
        raise ValueError(f"'{period}' is not a year (1999), a quarter (1999Q2) or a month (1999-06).")
    return "Q" if found[2] else "M" if found[3] else "A"


def ordinal(period: str) -> int:
    """Return the number of the period on its own frequency, so that neighbours differ by one."""
    frequency = frequency_of(period)
    year = int(period[:4])
    within = 0 if frequency == "A" else int(period[5:]) - 1
    return year * PER_YEAR[frequency] + within


def label(number: int, frequency: str) -> str:
    """Return the period whose `ordinal` is ``number``."""
    year, within = divmod(number, PER_YEAR[frequency])
    return {"A": f"{year}", "Q": f"{year}Q{within + 1}", "M": f"{year}-{within + 1:02d}"}[frequency]


def span(first: str, last: str) -> tuple[str, ...]:
    """Return every period from ``first`` to ``last``, both included.

    Raises
    ------
    ValueError
        If the two are not of one frequency.
    """
    frequency = frequency_of(first)
    if frequency_of(last) != frequency:
        raise ValueError(f"'{first}' and '{last}' are not periods of one frequency.")
    return tuple(label(n, frequency) for n in range(ordinal(first), ordinal(last) + 1))


def period_end(period: str) -> date:
    """Return the last calendar day of a period."""
    year = int(period[:4])
    months = 12 // PER_YEAR[frequency_of(period)]
    month = months * (ordinal(period) % (12 // months) + 1)
    return date(year, month, calendar.monthrange(year, month)[1])


def containing(day: date, frequency: str) -> str:
    """Return the period of a frequency in which a day falls."""
    within = {"A": 0, "Q": (day.month - 1) // 3, "M": day.month - 1}[frequency]
    return label(day.year * PER_YEAR[frequency] + within, frequency)


def horizon(period: str, frequency: str) -> str:
    """Return the last period of a frequency that ends no later than a period (``2028`` as ``2028Q4``).

    ``2028Q2`` is ``2027`` on annual data: the year 2028 holds quarters that come later.
    """
    end = period_end(period)
    found = containing(end, frequency)
    return found if period_end(found) <= end else label(ordinal(found) - 1, frequency)


def years_after(period: str, years: int) -> str:
    """Return the period that lies a number of years later on the same frequency."""
    frequency = frequency_of(period)
    return label(ordinal(period) + years * PER_YEAR[frequency], frequency)
