"""The schemas of the data: what each column may hold. Pandera finds every fault of a file at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import pandera.pandas as pa

from overbuild.core.periods import period_end
from overbuild.errors import Fault
from overbuild.sources.cells import AHEAD, FREQUENCIES, GRADES, STATUSES, is_date, is_number, period_fits
from overbuild.sources.reading import ROW, shown

KEY = ["series", "entity", "period", "vintage"]

FISCAL_SHIFT = timedelta(days=62)
"""How far a firm's fiscal quarter may end from the calendar quarter that it is mapped to."""
FISCAL_YEAR_SHIFT = timedelta(days=366)
"""The same for a fiscal year (series with the suffix ``_fy``)."""

Lags = Callable[[str, date], date | None]
"""Rule and period end to the first day of availability; None where the rule fixes no day."""


def _each(test: Callable[[str], bool], message: str) -> pa.Check:
    return pa.Check(lambda column: column.map(test), error=message)


def _one_of(allowed: tuple[str, ...]) -> pa.Check:
    return _each(lambda v: v in allowed, f"is not one of {', '.join(allowed)}")


def _filled() -> pa.Check:
    return _each(bool, "is empty")


def provenance_columns(rules: tuple[str, ...], sources: frozenset[str]) -> dict[str, pa.Column]:
    """Return the columns that every row of every data file has, tidy or wide.

    Parameters
    ----------
    rules
        Names of the rules of ``release_lags.toml``.
    sources
        Source ids of ``sources.csv``.
    """
    dated = "is not a date in ISO form (2024-06-30)"
    return {
        "period_end": pa.Column(str, _each(is_date, dated)),
        "status": pa.Column(str, _one_of(STATUSES)),
        "grade": pa.Column(str, _one_of(GRADES)),
        "available_from": pa.Column(
            str, _each(is_date, f"{dated}; a row without it is refused, never assumed")
        ),
        "available_rule": pa.Column(str, _one_of(("stated", *rules))),
        "vintage": pa.Column(str, _each(is_date, dated)),
        "source_id": pa.Column(str, _each(lambda v: v in sources, "is not in sources.csv")),
        "note": pa.Column(str),
    }


def tidy_schema(rules: tuple[str, ...], sources: frozenset[str]) -> pa.DataFrameSchema:
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
        places = zip(cases["index"], cases["column"], cases["failure_case"], cases["check"], strict=True)
        rows = table[ROW].to_numpy()
        return [Fault(name, int(rows[int(i)]), str(c), f"'{shown(v)}' {check}") for i, c, v, check in places]
    return []


def tidy_faults(table: pd.DataFrame, codebook: pd.DataFrame, lags: Lags, name: str) -> list[Fault]:
    """Return the faults that lie between columns: unit, range, period, release rule.

    Parameters
    ----------
    table
        Strings, as read; rows that already have a fault of form are judged as far as they can be.
    codebook
        Indexed by series, with ``unit, minimum, maximum``.
    lags
        The rules of availability.
    name
        File name in the faults.
    """
    book = codebook.to_dict("index")
    faults = []
    for record in table.to_dict("records"):
        report = partial(Fault, name, int(record[ROW]))
        found = [*_variable_faults(record, book.get(record["series"])), *_period_faults(record)]
        faults += [
            report(column, problem) for column, problem in (*found, *availability_faults(record, lags))
        ]
    return faults


def key_faults(table: pd.DataFrame) -> list[Fault]:
    """Return a fault for each row whose series, entity, period and vintage another row has already.

    Parameters
    ----------
    table
        Rows of one or more files, as read, with the columns ``file`` and `ROW`.
    """
    faults = []
    first: dict[tuple[str, ...], tuple[str, int]] = {}
    for record in table.loc[table.duplicated(KEY, keep=False)].to_dict("records"):
        here = (record["file"], int(record[ROW]))
        file, row = first.setdefault(tuple(record[k] for k in KEY), here)
        if (file, row) == here:
            continue
        what = f"'{shown(record['period'])}' of {shown(record['entity'])} {shown(record['series'])}"
        problem = f"{what} (vintage {shown(record['vintage'])}) appears twice; first in {file}, row {row}"
        faults.append(Fault(record["file"], int(record[ROW]), "period", problem))
    return faults


def range_problem(text: str, entry: dict[Any, Any]) -> str:
    """Return what is wrong with a number, given the range that the codebook allows; empty if nothing is."""
    if entry["minimum"] <= float(text) <= entry["maximum"]:
        return ""
    return f"{shown(text)} is outside {entry['minimum']:g} to {entry['maximum']:g}"


def availability_faults(record: dict[Any, Any], lags: Lags) -> list[tuple[str, str]]:
    """Return what is wrong with the day on which a row became known, as column and problem."""
    if not is_date(record["period_end"]) or not is_date(record["available_from"]):
        return []
    end, available = date.fromisoformat(record["period_end"]), date.fromisoformat(record["available_from"])
    if available < end and record["status"] not in AHEAD and record.get("frequency") != "P":
        return [("available_from", f"{available} is before the period ends ({end})")]
    expected = lags(record["available_rule"], end)
    if expected is not None and expected != available:
        rule = record["available_rule"]
        return [("available_from", f"{available} does not follow the rule '{rule}' ({expected})")]
    return []


def _variable_faults(record: dict[Any, Any], entry: dict[Any, Any] | None) -> list[tuple[str, str]]:
    series = shown(record["series"])
    if entry is None:
        return [("series", f"'{series}' is not in codebook.csv")] if series else []
    found = []
    if record["unit"] != entry["unit"]:
        unit = shown(record["unit"])
        found.append(("unit", f"'{unit}' where codebook.csv says '{entry['unit']}' for {series}"))
    if is_number(record["value"]) and (problem := range_problem(record["value"], entry)):
        found.append(("value", f"{problem}, the range of {series}"))
    return found


def _period_faults(record: dict[Any, Any]) -> list[tuple[str, str]]:
    period, frequency = record["period"], record["frequency"]
    if not period_fits(period, frequency):
        return [("period", f"'{shown(period)}' is not a period of frequency {shown(frequency)}")]
    if not is_date(record["period_end"]) or frequency == "P":
        return []
    end = date.fromisoformat(record["period_end"])
    expected = date.fromisoformat(period) if frequency == "D" else period_end(period)
    shifts = {"Q": FISCAL_SHIFT, "A": FISCAL_YEAR_SHIFT if record["series"].endswith("_fy") else timedelta(0)}
    if abs(end - expected) > shifts.get(frequency, timedelta(0)):
        return [("period_end", f"{end} does not end the period {period} ({expected})")]
    return []
