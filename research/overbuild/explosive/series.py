"""A series with its name and its calendar, checked once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from overbuild.core.periods import frequency_of, label, ordinal
from overbuild.errors import InputError
from overbuild.explosive.statistic import Array

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 10
"""Observations without which no recursive regression makes sense."""


@dataclass(frozen=True, eq=False)
class Series:
    """Observations in the order of time.

    Parameters
    ----------
    name
        Named in every message and table.
    values
        Shape (observation,); missing values at either end are dropped.
    calendar
        A label for each observation, comparable among themselves and increasing: dates, or periods
        (``1999``, ``1999Q2``, ``1999-06``), which may not skip; None: numbered from 1.

    Raises
    ------
    InputError
        For missing or infinite values, a series that does not move, and dates out of order, twice or skipped.
    """

    name: str
    values: Array
    calendar: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=float)
        if values.ndim != 1:
            raise InputError(f"{self.name}: expected one series, got an array of {values.ndim} dimensions.")
        calendar = tuple(self.calendar) if len(self.calendar) else tuple(range(1, values.size + 1))
        if len(calendar) != values.size:
            raise InputError(
                f"{self.name}: {values.size} values and {len(calendar)} dates; expected as many."
            )
        check_calendar(self.name, calendar)
        known = np.flatnonzero(~np.isnan(values))
        span = slice(known[0], known[-1] + 1) if known.size else slice(0, 0)
        values, calendar = values[span], calendar[span]
        check_values(self.name, values, calendar)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "calendar", calendar)

    def __len__(self) -> int:
        return self.values.size

    def label(self, at: int) -> str:
        """Return the date of an observation, counted from 0, as text."""
        return text_of(self.calendar[at])

    def log(self) -> Series:
        """Return the logarithm.

        Raises
        ------
        InputError
            If a value is not positive.
        """
        if (low := self.values.min()) <= 0:
            at = self.label(int(self.values.argmin()))
            raise InputError(
                f"{self.name}: {low:g} at {at} has no logarithm; expected positive values. Take the series "
                "as it is, without the logarithm."
            )
        return Series(f"log {self.name}", np.log(self.values), self.calendar)


def check_values(name: str, values: Array, calendar: Sequence[Any]) -> None:
    """Raise `InputError` for missing or infinite values, too few of them, and a series that stands still."""
    for wrong, what in ((np.isnan(values), "missing"), (np.isinf(values), "infinite")):
        if wrong.any():
            places = [text_of(calendar[i]) for i in np.flatnonzero(wrong)[:3]]
            more = "" if wrong.sum() <= 3 else f" and {wrong.sum() - 3} more"
            raise InputError(
                f"{name}: {what} values at {', '.join(places)}{more}. The tests need every observation: "
                "fill them in, or take the longest stretch without them."
            )
    if values.size < FEWEST:
        raise InputError(f"{name}: {values.size} observations; expected {FEWEST} or more.")
    if np.ptp(values) == 0:
        raise InputError(f"{name}: every value is {values[0]:g}; a constant has no root to test.")


def check_calendar(name: str, calendar: Sequence[Any]) -> None:
    """Raise `InputError` for dates that are twice, out of order or, of whole periods, skipped."""
    try:
        wrong = next((i for i in range(1, len(calendar)) if not calendar[i - 1] < calendar[i]), None)
    except TypeError:
        raise InputError(
            f"{name}: the dates are of several kinds; expected all days or all periods."
        ) from None
    if wrong is not None:
        one, next_one = text_of(calendar[wrong - 1]), text_of(calendar[wrong])
        if one == next_one:
            raise InputError(f"{name}: the date {one} is there twice; expected one observation a date.")
        raise InputError(f"{name}: {next_one} comes after {one}; sort the observations by date.")
    numbers = _ordinals(name, calendar)
    skipped = np.flatnonzero(np.diff(numbers) != 1)
    if skipped.size:
        at = int(skipped[0])
        frequency = frequency_of(text_of(calendar[at]))
        missing = label(int(numbers[at]) + 1, frequency)
        raise InputError(
            f"{name}: {missing} is missing, after {text_of(calendar[at])}. The tests need every period: "
            "fill it in, or take the longest stretch without gaps."
        )


def text_of(day: Any) -> str:
    """Return a date, a period or a number as text."""
    day = day.date() if hasattr(day, "date") and callable(day.date) else day
    return day.isoformat() if hasattr(day, "isoformat") else str(day)


def _ordinals(name: str, calendar: Sequence[Any]) -> np.ndarray:
    """Return the numbers of periods given as text; nothing for days and numbers, which may skip."""
    if not calendar or not isinstance(calendar[0], str):
        return np.empty(0)
    try:
        frequencies = {frequency_of(c) for c in calendar}
    except ValueError:
        return np.empty(0)
    if len(frequencies) > 1:
        raise InputError(
            f"{name}: the periods are of several lengths; expected all years, quarters or months."
        )
    return np.array([ordinal(c) for c in calendar])


def series_of(
    data: Any, *, names: Iterable[str] | None = None, dates: Sequence[Any] | None = None
) -> tuple[Series, ...]:
    """Return the checked series of an array, a pandas Series or DataFrame, or series as they are.

    Parameters
    ----------
    data
        A `Series`, several of them, a pandas Series or DataFrame (its index is the calendar), or an array of
        shape (observation,) or (observation, series).
    names
        Of the columns of an array; default: series 1, series 2 ...
    dates
        Calendar of an array.

    Raises
    ------
    InputError
        For what cannot be tested.
    """
    if isinstance(data, Series):
        return (data,)
    if isinstance(data, tuple | list) and data and all(isinstance(d, Series) for d in data):
        return tuple(data)
    table: Any = data
    if hasattr(table, "to_frame"):
        table = table.to_frame(table.name if table.name is not None else "series")
    if hasattr(table, "columns"):
        return _of_frame(table)
    try:
        table = np.asarray(table, dtype=float)
    except (TypeError, ValueError):
        raise InputError("The data hold something that is not a number; expected numbers only.") from None
    if table.ndim not in (1, 2) or table.size == 0:
        raise InputError(
            f"An array of shape {table.shape}; expected (observations,) or (observations, series)."
        )
    table = table.reshape(table.shape[0], -1)
    alone = table.shape[1] == 1
    called = (
        tuple(names)
        if names
        else ("series",)
        if alone
        else tuple(f"series {i + 1}" for i in range(table.shape[1]))
    )
    if len(called) != table.shape[1]:
        raise InputError(f"{len(called)} names for {table.shape[1]} series; expected as many.")
    return tuple(Series(n, table[:, i], tuple(dates or ())) for i, n in enumerate(called))


def _of_frame(frame: pd.DataFrame) -> tuple[Series, ...]:
    index: Any = frame.index
    if not frame.columns.size:
        raise InputError("The table has no columns; expected a column a series.")
    numbered = index.equals(type(index)(range(len(index)))) if index.dtype.kind == "i" else False
    calendar = () if numbered else tuple(index.to_timestamp() if hasattr(index, "to_timestamp") else index)
    made = []
    for i, name in enumerate(frame.columns):
        try:
            values = frame.iloc[:, i].to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError):
            raise InputError(f"{name}: not a column of numbers.") from None
        made.append(Series(str(name), values, calendar))
    return tuple(made)
