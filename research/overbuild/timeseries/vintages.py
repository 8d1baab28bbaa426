"""Which vintage a figure is of, and that no growth rate runs from one vintage to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from overbuild.core.frozen import Frozen
from overbuild.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from overbuild.core import Snapshot
    from overbuild.episodes import DataBook

JOINED: Mapping[str, frozenset[str]] = Frozen(
    dict.fromkeys(
        (
            "gdp",
            "gdp_annual",
            "information_processing_investment",
            "information_processing_equipment",
            "software_investment",
        ),
        frozenset({"2026-05-15", "2026-09-28"}),
    )
)
"""National accounts whose two vintages agree up to 2025Q4: the older one may stand before the newer."""
COLLECTED = frozenset({"capex_cash", "revenue", "operating_cash_flow", "treasury_10y", "baa_spread"})
"""Filings and market rates: their vintage is the day on which they were collected, not a revision."""
REVISED = (
    "datacentre_construction",
    "contribution_equipment",
    "contribution_nonresidential_investment",
    "gdp_growth_real",
)
"""Series of which earlier vintages are on file."""


def refuse_mixed(rows: pd.DataFrame, what: str) -> None:
    """Refuse a series that changes its vintage between two periods.

    Parameters
    ----------
    rows
        Tidy rows of one series and entity.
    what
        Name in the message.

    Raises
    ------
    InputError
        If rows of several vintages are neither filings, market rates nor a join known to be clean.
    """
    series = str(rows["series"].iloc[0]) if len(rows) else ""
    found = {str(v) for v in rows["vintage"]}
    if len(found) < 2 or series in COLLECTED or found <= JOINED.get(series, frozenset()):
        return
    counts = rows.groupby(rows["vintage"].map(str))["period"].agg(["min", "max", "count"])
    told = "; ".join(
        f"{vintage} ({row['min']} to {row['max']}, {row['count']})" for vintage, row in counts.iterrows()
    )
    raise InputError(
        f"{what}: {series} mixes vintages: {told}. Growth across a revision is not growth; ask for a day on "
        "which one vintage holds all periods, or for a window inside one of them."
    )


def stated(snapshot: Snapshot, series: Iterable[str]) -> dict[str, Any]:
    """Return the vintage of a result: the day, how it must be called, and the vintages of each series."""
    table = snapshot.table
    used = table.loc[table["series"].isin(list(series))]
    return {
        "as_of": snapshot.as_of.isoformat(),
        "realtime": snapshot.realtime,
        "label": snapshot.label,
        "latest_known_from": max(used["available_from"]).isoformat() if len(used) else None,
        "series": {
            str(name): sorted({v.isoformat() for v in rows["vintage"]})
            for name, rows in used.groupby("series")
        },
    }


def revisions(book: DataBook, as_of: date) -> list[dict[str, Any]]:
    """Return figures of which two vintages were known on a day: as first published, and as last.

    Parameters
    ----------
    book
        All data, of any grade.
    as_of
        The day; vintages published later are not looked at.
    """
    table = book.table
    rows = table.loc[
        table["series"].isin(REVISED) & (table["vintage"] <= as_of) & (table["available_from"] <= as_of)
    ]
    made = []
    for (series, period), group in rows.groupby(["series", "period"]):
        ordered = group.sort_values("vintage", kind="stable")
        then, now = ordered.iloc[0], ordered.iloc[-1]
        if then["vintage"] == now["vintage"]:
            continue
        made.append(
            {
                "series": str(series),
                "period": str(period),
                "unit": str(now["unit"]),
                "then": float(then["value"]),
                "then_vintage": then["vintage"].isoformat(),
                "then_grade": str(then["grade"]),
                "now": float(now["value"]),
                "now_vintage": now["vintage"].isoformat(),
                "now_grade": str(now["grade"]),
                "change": float(now["value"] - then["value"]),
                "ratio": float(now["value"] / then["value"] - 1) if then["value"] > 0 else None,
            }
        )
    return made
