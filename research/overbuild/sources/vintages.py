"""Dated vintages on disk: written whole or not at all, never over another, and compared with the one before."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

from overbuild.errors import DataError, InputError
from overbuild.sources.reading import read_strings

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


@dataclass(frozen=True, order=True)
class Change:
    """A figure that the new vintage has and the one before had otherwise, or not at all (``old`` is None)."""

    series: str
    entity: str
    period: str
    old: float | None
    new: float


def decimal(value: float) -> str:
    """Return a number as plain digits (no exponent, no needless zero), to ten significant digits."""
    text = f"{value:.10g}"
    if "e" in text:
        text = f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    return "0" if text in ("-0", "") else text


def as_csv(rows: Iterable[Row]) -> str:
    """Return tidy rows as the text of a file, sorted by series, entity, period and vintage."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(r) for r in sorted(rows, key=lambda r: (r.series, r.entity, r.period_end, r.vintage)))
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
        raise InputError(f"Cannot write {path}: {error.strerror or error}. Choose another folder with --out.") from None
    finally:
        partial.unlink(missing_ok=True)


def vintage_files(folder: Path, service: str) -> list[Path]:
    """Return the vintages of a service in a folder, oldest first: ``edgar_2026-11-22.csv``, ``edgar_2026-11-22_2.csv``."""
    form = re.compile(rf"{service}_(\d{{4}}-\d{{2}}-\d{{2}})(?:_(\d+))?\.csv")
    found = [(m[1], int(m[2] or 1), p) for p in folder.glob(f"{service}_*.csv") if (m := form.fullmatch(p.name))]
    return [path for *_, path in sorted(found)]


def file_vintage(folder: Path, service: str, as_of: date, text: str) -> tuple[Path, Path | None]:
    """Write a vintage beside the others and return it with the newest one before it.

    A vintage of the same day and the same content is left as it is; other content of the same day is written beside
    it under the next number.
    """
    same_day = [p for p in vintage_files(folder, service) if p.name.startswith(f"{service}_{as_of}")]
    earlier = [p for p in vintage_files(folder, service) if p.name[: len(service) + 11] < f"{service}_{as_of}"]
    for path in same_day:
        if path.read_bytes() == text.encode():
            before = [*earlier, *same_day[: same_day.index(path)]]
            return path, before[-1] if before else None
    number = len(same_day) + 1
    path = folder / (f"{service}_{as_of}.csv" if number == 1 else f"{service}_{as_of}_{number}.csv")
    write_whole(path, text)
    before = [*earlier, *same_day]
    return path, before[-1] if before else None


def changes(new: Iterable[Row], old: Path | None) -> tuple[Change, ...]:
    """Return the figures that differ from an earlier file, newest version against newest version.

    Periods that only the old file has are no change: a service need not hold what other sources gave.

    Raises
    ------
    DataError
        Where the old file is not a whole tidy file.
    """
    present = _newest((r.series, r.entity, r.period, r.vintage, r.value) for r in new)
    past = _newest(_records(old)) if old else {}
    found = [Change(*key, past.get(key), value) for key, value in present.items()]
    return tuple(sorted((c for c in found if c.old is None or abs(c.new - c.old) > CLOSE * abs(c.old)), key=lambda c: astuple(c)[:3]))


def _records(path: Path) -> Iterable[Sequence[str]]:
    table, faults = read_strings(path, path.name, COLUMNS)
    if faults:
        raise DataError(faults)
    return table[["series", "entity", "period", "vintage", "value"]].itertuples(index=False, name=None)


def _newest(records: Iterable[Sequence[str]]) -> dict[tuple[str, str, str], float]:
    newest: dict[tuple[str, str, str], tuple[str, float]] = {}
    for series, entity, period, vintage, value in records:
        key = (series, entity, period)
        if key not in newest or vintage >= newest[key][0]:
            newest[key] = (vintage, float(value))
    return {key: value for key, (_, value) in newest.items()}
