"""Dated vintages on disk: written whole or not at all, never over another, compared with the one before."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path

from overbuild.errors import DataError, Fault, InputError
from overbuild.sources.reading import ROW, read_strings

CLOSE = 1e-9
"""Relative difference up to which two figures are the same."""


@dataclass(frozen=True)
class Row:
    """A row of a tidy file, as written; the columns of `overbuild.sources.schema.TIDY`."""

    series: str
    entity: str
    frequency: str
    period: str
    period_end: str
    value: str
    unit: str
    status: str
    grade: str
    available_from: str
    available_rule: str
    vintage: str
    source_id: str
    note: str = ""


COLUMNS = tuple(f.name for f in fields(Row))


@dataclass(frozen=True)
class Change:
    """A figure that the new vintage has and the one before had otherwise, or not at all (``old`` is None)."""

    series: str
    entity: str
    period: str
    old: float | None
    new: float


def decimal(value: float) -> str:
    """Return a number as plain digits, without exponent or needless zero."""
    text = format(Decimal(repr(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def as_csv(rows: Iterable[Row]) -> str:
    """Return tidy rows as the text of a file, sorted by series, entity, period and vintage."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        astuple(r) for r in sorted(rows, key=lambda r: (r.series, r.entity, r.period_end, r.vintage))
    )
    return out.getvalue()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8", newline="")
        partial.replace(path)
    except OSError as error:
        raise InputError(
            f"Cannot write {path}: {error.strerror or error}. Choose another folder with --out."
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink()


@dataclass(frozen=True, order=True)
class Vintage:
    """A file of a service: ``edgar_2026-11-22.csv``, and ``edgar_2026-11-22_2.csv`` for a second one."""

    day: str
    number: int
    path: Path


def vintages_in(folder: Path, service: str) -> list[Vintage]:
    """Return the vintages of a service in a folder, oldest first."""
    form = re.compile(rf"{service}_(\d{{4}}-\d{{2}}-\d{{2}})(?:_(\d+))?\.csv")
    files = folder.glob(f"{service}_*.csv")
    return sorted(Vintage(m[1], int(m[2] or 1), p) for p in files if (m := form.fullmatch(p.name)))


def place_of(folder: Path, service: str, as_of: date, text: str) -> tuple[Path, Path | None]:
    """Return where a new vintage belongs, and the newest one before it.

    A file of the same day and the same content is the vintage itself; beside other content of the same day it
    takes the next number. No vintage is ever overwritten.
    """
    earlier = [v for v in vintages_in(folder, service) if v.day <= as_of.isoformat()]
    same_day = [v for v in earlier if v.day == as_of.isoformat()]
    for held in same_day:
        if held.path.read_bytes() == text.encode():
            before = [v for v in earlier if v < held]
            return held.path, before[-1].path if before else None
    number = same_day[-1].number + 1 if same_day else 1
    name = f"{service}_{as_of}.csv" if number == 1 else f"{service}_{as_of}_{number}.csv"
    return folder / name, earlier[-1].path if earlier else None


def changes(new: Iterable[Row], old: Path | None) -> tuple[Change, ...]:
    """Return the figures that differ from an earlier file, newest version against newest version.

    Periods that only the old file has are no change: a service need not hold what other sources gave. Without
    an old file there are none.

    Raises
    ------
    DataError
        Where the old file is not a whole tidy file.
    """
    present = _newest((r.series, r.entity, r.period, r.vintage, float(r.value)) for r in new)
    if old is None:
        return ()
    past = _newest(_records(old))
    found = [Change(*key, past.get(key), value) for key, value in sorted(present.items())]
    return tuple(c for c in found if c.old is None or abs(c.new - c.old) > CLOSE * abs(c.old))


def _records(path: Path) -> list[tuple[str, str, str, str, float]]:
    table, faults = read_strings(path, path.name, COLUMNS)
    records = []
    for line in table.to_dict("records"):
        try:
            records.append(
                (line["series"], line["entity"], line["period"], line["vintage"], float(line["value"]))
            )
        except ValueError:
            faults.append(Fault(path.name, int(line[ROW]), "value", f"'{line['value']}' is not a number"))
    if faults:
        raise DataError(faults)
    return records


def _newest(records: Iterable[tuple[str, str, str, str, float]]) -> dict[tuple[str, str, str], float]:
    newest: dict[tuple[str, str, str], tuple[str, float]] = {}
    for series, entity, period, vintage, value in records:
        key = (series, entity, period)
        if key not in newest or vintage >= newest[key][0]:
            newest[key] = (vintage, value)
    return {key: value for key, (_, value) in newest.items()}
