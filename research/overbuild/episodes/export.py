"""A series as people want it: lines, plain types, a CSV or a Stata file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.episodes.databook import DataBook
from overbuild.errors import InputError

COLUMNS = ["entity", "period", "period_end", "value", "status", "grade", "available_from", "vintage", "source_id", "note"]


def series_dict(rows: pd.DataFrame, book: DataBook) -> dict[str, Any]:
    """Return the rows of one series as plain types with label, unit, definition and references."""
    name = str(rows["series"].iloc[0])
    entry = book.codebook.loc[name]
    used = sorted(rows["source_id"].unique())
    return {
        "series": name,
        "label": entry["label"],
        "unit": entry["unit"],
        "definition": entry["definition"],
        "grades": sorted(rows["grade"].unique()),
        "values": [{k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in r.items()} for r in rows[COLUMNS].to_dict("records")],
        "sources": {s: book.sources.get(s, "") for s in used},
    }


def series_lines(rows: pd.DataFrame, book: DataBook) -> Iterator[str]:
    """Yield the lines that ``overbuild data show`` prints."""
    content = series_dict(rows, book)
    yield f"{content['series']}: {content['label']} ({content['unit']})"
    yield str(content["definition"])
    yield ""
    yield from rows[COLUMNS[:9]].to_string(index=False).splitlines()
    yield ""
    yield from (f"{key}: {reference}" for key, reference in content["sources"].items())


def export_series(rows: pd.DataFrame, book: DataBook, path: Path) -> None:
    """Write the rows of one series to a CSV or a Stata file, with labels; an existing file is replaced whole.

    Raises
    ------
    InputError
        For any other ending, or a folder that is not there.
    """
    if not path.parent.is_dir():
        raise InputError(f"There is no folder '{path.parent}' to write {path.name} to.")
    name = str(rows["series"].iloc[0])
    table = rows[["series", *COLUMNS]].rename(columns={"value": name})
    partial = path.with_name(path.name + ".partial")
    if path.suffix == ".csv":
        table.to_csv(partial, index=False, lineterminator="\n")
    elif path.suffix == ".dta":
        entry = book.codebook.loc[name]
        dated = table.assign(**{c: pd.to_datetime(table[c]) for c in ("period_end", "available_from", "vintage")})
        short = name[:32]
        label = f"{entry['label']} ({entry['unit']})"[:80]
        dated.rename(columns={name: short}).to_stata(
            partial, write_index=False, version=118, variable_labels={short: label}, convert_dates={c: "td" for c in ("period_end", "available_from", "vintage")}
        )
    else:
        raise InputError(f"'{path.name}' ends in '{path.suffix}'; expected .csv or .dta (Stata).")
    partial.replace(path)
