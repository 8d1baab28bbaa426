"""How much data there are, and how good: what the section on data quotes."""

from __future__ import annotations

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
    grades = table["grade"].value_counts()
    folders = table["file"].str.partition("/")[0].value_counts().sort_index()
    return {
        "files": int(table["file"].nunique()) + int(not book.booms.empty) + int(not book.contracts.empty),
        "rows": len(table),
        "series": int(table["series"].nunique()),
        "entities": int(table["entity"].nunique()),
        "booms": len(book.booms),
        "contracts": len(book.contracts),
        "grades": {g: int(grades.get(g, 0)) for g in GRADES},
        "share_ab": float(grades.reindex(["A", "B"]).fillna(0).sum() / len(table)) if len(table) else None,
        "by_folder": {str(k): int(v) for k, v in folders.items()},
        "first": min(table["period_end"]).isoformat() if len(table) else None,
        "last": max(table["period_end"]).isoformat() if len(table) else None,
    }
