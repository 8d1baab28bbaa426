"""The schemas of the data: what each column may hold. Pandera finds every fault of a file at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from overbuild.core.periods import frequency_of, period_end
from overbuild.errors import Fault
from overbuild.sources.reading import ROW

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
KNOWN_WHEN = ("period_end", "available_from", "vintage")
STATUSES = ("actual", "estimate", "derived", "guidance", "forecast", "claim")
GRADES = ("A", "B", "C", "D")
FREQUENCIES = ("A", "Q", "M", "D", "P")
KEY = ["series", "entity", "period", "vintage"]

FISCAL_SHIFT = timedelta(days=62)
"""How far a firm's fiscal quarter may end from the calendar quarter that it is mapped to."""


def is_date(text: str) -> bool:
    """Return whether a string is a day in ISO form."""
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


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
        return frequency_of(period) == frequency
    except ValueError:
        return False


def _each(test: Callable[[str], bool], message: str) -> pa.Check:
    return pa.Check(lambda column: column.map(test), error=message)


def _one_of(allowed: tuple[str, ...]) -> pa.Check:
    return _each(lambda v: v in allowed, f"is not one of {', '.join(allowed)}")


def _filled() -> pa.Check:
    return _each(bool, "is empty")


def provenance_columns(rules: tuple[str, ...], sources: tuple[str, ...]) -> dict[str, pa.Column]:
    """Return the columns that every row of every data file has, tidy or wide."""
    dated = _each(is_date, "is not a date in ISO form (2024-06-30)")
    return {
        "period_end": pa.Column(str, dated),
        "status": pa.Column(str, _one_of(STATUSES)),
        "grade": pa.Column(str, _one_of(GRADES)),
        "available_from": pa.Column(str, _each(is_date, "is not a date in ISO form; a row without it is refused, never assumed")),
        "available_rule": pa.Column(str, _one_of(("stated", *rules))),
        "vintage": pa.Column(str, dated),
        "source_id": pa.Column(str, _each(lambda v: v in set(sources), "is not in sources.csv")),
        "note": pa.Column(str),
    }


def tidy_schema(rules: tuple[str, ...], sources: tuple[str, ...]) -> pa.DataFrameSchema:
    """Return the schema of a tidy file."""
    return pa.DataFrameSchema(
        {
            "series": pa.Column(str, _filled()),
            "entity": pa.Column(str, _filled()),
            "frequency": pa.Column(str, _one_of(FREQUENCIES)),
            "period": pa.Column(str, _filled()),
            "value": pa.Column(str, _each(is_number, "is not a number")),
            "unit": pa.Column(str, _filled()),
            **provenance_columns(rules, sources),
        }
    )


def schema_faults(table: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> list[Fault]:
    """Return every fault that a schema finds, with the line of the file."""
    if table.empty:
        return []
    try:
        schema.validate(table.drop(columns=ROW), lazy=True)
    except pa.errors.SchemaErrors as failed:
        cases = failed.failure_cases
        lines = table[ROW].to_numpy()
        return [
            Fault(name, int(lines[int(i)]) if pd.notna(i) else 0, str(column), f"'{case}' {check}")
            for i, column, case, check in zip(cases["index"], cases["column"], cases["failure_case"], cases["check"], strict=True)
        ]
    return []


def tidy_faults(table: pd.DataFrame, codebook: pd.DataFrame, lags: Callable[[str, date], date | None], name: str) -> list[Fault]:
    """Return the faults that lie between columns: unit, range, period, release rule, duplicates.

    Parameters
    ----------
    table
        Strings, as read; rows that already have a fault of form are judged as far as they can be.
    codebook
        Indexed by series, with ``unit, minimum, maximum``.
    lags
        Rule and period end to the first day of availability; None where the rule does not say.
    name
        File name in the faults.
    """
    book = codebook.to_dict("index")
    faults = []
    for record in table.to_dict("records"):
        report = partial(Fault, name, record[ROW])
        faults += [report(c, p) for c, p in _row_faults(record, book.get(record["series"]), lags)]
    repeated = table[table.duplicated(KEY, keep="first")]
    faults += [
        Fault(name, int(r[ROW]), "period", f"'{r['period']}' of {r['entity']} {r['series']} (vintage {r['vintage']}) appears twice")
        for r in repeated.to_dict("records")
    ]
    return faults


def _row_faults(record: dict[Any, Any], entry: dict[Any, Any] | None, lags: Callable[[str, date], date | None]) -> list[tuple[str, str]]:
    found = []
    if entry is None:
        found.append(("series", f"'{record['series']}' is not in codebook.csv"))
    else:
        if record["unit"] != entry["unit"]:
            found.append(("unit", f"'{record['unit']}' where codebook.csv says '{entry['unit']}' for {record['series']}"))
        if is_number(record["value"]):
            value = float(record["value"])
            if value < entry["minimum"] or value > entry["maximum"]:
                found.append(("value", f"{record['value']} is outside {entry['minimum']:g} to {entry['maximum']:g}, the range of {record['series']}"))
    if not period_fits(record["period"], record["frequency"]):
        found.append(("period", f"'{record['period']}' is not a period of frequency {record['frequency']}"))
    elif is_date(record["period_end"]):
        found += _end_faults(record)
    if all(is_date(record[c]) for c in KNOWN_WHEN):
        found += _availability_faults(record, lags)
    return found


def _end_faults(record: dict[Any, Any]) -> list[tuple[str, str]]:
    end = date.fromisoformat(record["period_end"])
    frequency = record["frequency"]
    if frequency == "P":
        return []
    expected = date.fromisoformat(record["period"]) if frequency == "D" else period_end(record["period"])
    allowed = {"Q": FISCAL_SHIFT, "A": timedelta(days=366) if record["series"].endswith("_fy") else timedelta(0)}.get(frequency, timedelta(0))
    if abs(end - expected) > allowed:
        return [("period_end", f"{end} does not end the period {record['period']} ({expected})")]
    return []


def _availability_faults(record: dict[Any, Any], lags: Callable[[str, date], date | None]) -> list[tuple[str, str]]:
    end, available = date.fromisoformat(record["period_end"]), date.fromisoformat(record["available_from"])
    ahead = record["status"] in ("guidance", "forecast", "claim")
    if available < end and not ahead and record["frequency"] != "P":
        return [("available_from", f"{available} is before the period ends ({end})")]
    if record["available_rule"] != "stated":
        expected = lags(record["available_rule"], end)
        if expected is not None and expected != available:
            return [("available_from", f"{available} does not follow the rule '{record['available_rule']}' ({expected})")]
    return []
