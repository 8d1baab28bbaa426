"""A series as people want it: lines, plain types, a CSV or a Stata file."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.core.saving import save_bytes
from overbuild.episodes.databook import DataBook
from overbuild.errors import InputError
from overbuild.sources.cells import DATES

COLUMNS = [
    "entity",
    "period",
    "period_end",
    "value",
    "status",
    "grade",
    "available_from",
    "vintage",
    "source_id",
    "note",
]
ENDINGS = (".csv", ".dta")
STATA_NAME = 32
"""Longest name of a variable in Stata."""
STATA_LABEL = 80
"""Longest label of a variable in Stata."""


def series_dict(rows: pd.DataFrame, book: DataBook) -> dict[str, Any]:
    """Return the rows of one series as plain types with label, unit, definition and references."""
    name = str(rows["series"].iloc[0])
    entry = _entry(book, name)
    plain = rows[COLUMNS].assign(**{c: rows[c].map(str) for c in DATES})
    return {
        "series": name,
        "label": str(entry["label"]),
        "unit": str(entry["unit"]),
        "definition": str(entry["definition"]),
        "grades": sorted(rows["grade"].unique()),
        "values": [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")],
        "sources": {s: book.sources.get(s, "") for s in sorted(rows["source_id"].unique())},
    }


def series_lines(rows: pd.DataFrame, book: DataBook) -> Iterator[str]:
    """Yield the lines that ``overbuild data show`` prints."""
    content = series_dict(rows, book)
    yield f"{content['series']}: {content['label']} ({content['unit']})"
    yield content["definition"]
    yield ""
    yield from rows[[c for c in COLUMNS if c != "note"]].to_string(index=False).splitlines()
    yield ""
    yield from (f"{key}: {reference}" for key, reference in content["sources"].items())


def export_series(rows: pd.DataFrame, book: DataBook, path: Path) -> None:
    """Write the rows of one series to a CSV or a Stata file, with labels; an existing file is replaced whole.

    Raises
    ------
    InputError
        For any other ending, a folder that is not there, or one that cannot be written to.
    """
    if path.suffix not in ENDINGS:
        raise InputError(f"'{path.name}' ends in '{path.suffix}'; expected .csv or .dta (Stata).")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder '{path.parent}' to write '{path.name}' to; make it first.")
    if path.is_dir():
        raise InputError(f"'{path}' is a folder; name a file to write to.")
    content = _csv(rows) if path.suffix == ".csv" else _stata(rows, book)
    try:
        save_bytes(path, content)
    except OSError as error:
        raise InputError(f"'{path}' cannot be written ({error.strerror}).") from None


def _entry(book: DataBook, name: str) -> dict[Any, Any]:
    if name not in book.codebook.index:
        raise InputError(f"Series '{name}' is not in codebook.csv; 'overbuild data check' lists every fault.")
    return book.codebook.loc[name].to_dict()


def _csv(rows: pd.DataFrame) -> bytes:
    name = str(rows["series"].iloc[0])
    table = rows.loc[:, ["series", *COLUMNS]].rename(columns={"value": name})
    return table.to_csv(index=False, lineterminator="\n").encode()


def _stata(rows: pd.DataFrame, book: DataBook) -> bytes:
    name = str(rows["series"].iloc[0])
    entry, variable = _entry(book, name), name[:STATA_NAME]
    table = rows.loc[:, ["series", *COLUMNS]].rename(columns={"value": variable})
    table = table.assign(**{c: pd.to_datetime(table[c]) for c in DATES})
    stream = BytesIO()
    table.to_stata(
        stream,
        write_index=False,
        version=118,
        variable_labels={variable: f"{entry['label']} ({entry['unit']})"[:STATA_LABEL]},
        convert_dates=dict.fromkeys(DATES, "td"),
    )
    return stream.getvalue()
