"""Series of a user's CSV file, with their dates; all faults of the file are told together."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.core.periods import frequency_of
from overbuild.errors import DataError, Fault, InputError, UnknownNameError
from overbuild.explosive.series import Series

DATE_COLUMNS = ("date", "period", "day", "month", "quarter", "year", "time")
"""Names, in any case, of the column that is taken as the calendar if none is named."""
EXPECTED = "expected days (1999-06-30), months (1999-06), quarters (1999Q2), years (1999) or whole numbers"


def read_series(path: Path, columns: Sequence[str], dates: str | None = None) -> tuple[Series, ...]:
    """Return columns of a CSV file as series; empty cells at either end are dropped.

    Parameters
    ----------
    path
        The file; its first line names the columns.
    columns
        Names of the series.
    dates
        Name of the column of dates; None: the first that is called as one of `DATE_COLUMNS`, else rows are
        numbered.

    Raises
    ------
    InputError
        If the file or a column is not there, a cell is not a number or not a date, or a series cannot be
        tested.
    """
    header, rows = _table(path)
    for name in columns:
        if name not in header:
            raise UnknownNameError(f"column of {path.name}", name, header)
    if dates is not None and dates not in header:
        raise UnknownNameError(f"column of {path.name}", dates, header)
    if dates is None:
        dates = next((h for h in header if h.strip().lower() in DATE_COLUMNS and h not in columns), None)
    faults: list[Fault] = []
    calendar = _calendar(path, rows, header.index(dates), dates, faults) if dates is not None else ()
    found = [(name, _numbers(path, rows, header.index(name), name, faults)) for name in columns]
    if faults:
        raise DataError(faults)
    return tuple(Series(name, values, calendar) for name, values in found)


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            table = list(csv.reader(lines))
    except FileNotFoundError:
        raise InputError(f"There is no file '{path}'; expected a CSV file with a line of names.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"'{path}' cannot be read as a CSV file in UTF-8: {error}.") from None
    while table and not any(cell.strip() for cell in table[-1]):
        table.pop()
    if len(table) < 2:
        raise InputError(f"{path.name} holds no observations; expected a line of names and a line for each.")
    header = [name.strip() for name in table[0]]
    if len(set(header)) < len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        raise InputError(f"{path.name}: the column '{twice[0]}' is there twice; give each a name of its own.")
    short = [
        Fault(path.name, i, "", f"{len(row)} cells; expected {len(header)}")
        for i, row in enumerate(table[1:], 2)
        if len(row) != len(header)
    ]
    if short:
        raise DataError(short)
    return header, table[1:]


def _numbers(path: Path, rows: list[list[str]], at: int, name: str, faults: list[Fault]) -> np.ndarray:
    values = np.full(len(rows), np.nan)
    for i, row in enumerate(rows):
        cell = row[at].strip()
        if not cell:
            continue
        try:
            values[i] = float(cell)
            wrong = not np.isfinite(values[i]) or "_" in cell
        except ValueError:
            wrong = True
        if wrong:
            faults.append(
                Fault(path.name, i + 2, name, f"'{cell}' is not a finite number; leave a missing value empty")
            )
    return values


def _calendar(path: Path, rows: list[list[str]], at: int, name: str, faults: list[Fault]) -> tuple[Any, ...]:
    days: list[Any] = []
    for i, row in enumerate(rows):
        try:
            days.append(_date(row[at].strip()))
        except ValueError:
            faults.append(Fault(path.name, i + 2, name, f"'{row[at].strip()}' is no date; {EXPECTED}"))
    return tuple(days)


def _date(text: str) -> Any:
    try:
        frequency_of(text)
    except ValueError:
        return date.fromisoformat(text) if "-" in text[1:] else int(text)
    return text
