"""How much data there are, and how good: what the section on data quotes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overbuild.episodes.databook import DataBook

GRADES = ("A", "B", "C", "D")


def data_summary(book: DataBook) -> dict[str, Any]:
    """Return counts of the data.

    Parameters
    ----------
    book
        The data book with every file.

    Returns
    -------
    dict
        ``files, rows, series, entities, booms, contracts``; ``grades`` (rows by grade), ``share_ab`` (the
        share of grades A and B); ``by_folder`` (rows by folder); ``first``, ``last`` (period ends). Rows
        are of the tidy files.
    """
    table = book.table
    grades = Counter(table["grade"])
    folders = Counter(str(name).partition("/")[0] for name in table["file"])
    ends = sorted(set(table["period_end"]))
    return {
        "files": len(set(table["file"]))
        + sum(not f.empty for f in (book.booms, book.contracts, book.external_forecasts)),
        "rows": len(table),
        "series": len(set(table["series"])),
        "entities": len(set(table["entity"])),
        "booms": len(book.booms),
        "contracts": len(book.contracts),
        "grades": {g: grades[g] for g in GRADES},
        "share_ab": (grades["A"] + grades["B"]) / len(table) if len(table) else None,
        "by_folder": dict(sorted(folders.items())),
        "first": ends[0].isoformat() if ends else None,
        "last": ends[-1].isoformat() if ends else None,
    }
