"""The firms of a sector, each over its own last year: what share of revenue and cash flow goes into capex."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from overbuild.episodes.episode import Episode
from overbuild.episodes.flows import trailing_sum
from overbuild.episodes.layers import regular

RATIOS = {"capex_to_revenue": "revenue", "capex_to_operating_cash_flow": "operating_cash_flow"}
GRADES = ("A", "B")
QUARTER_ENDS = ("03-31", "06-30", "09-30", "12-31")


def latest_by_firm(episode: Episode, scale: float) -> dict[str, dict[str, Any]]:
    """Return, for each firm of the perimeter that has a whole year of figures, that year.

    Parameters
    ----------
    episode
        The episode.
    scale
        Factor from the unit of the data to that of the measures.

    Returns
    -------
    dict
        Firm to ``period`` (the last of the year), ``period_end``, ``capex`` (in the unit of the measures),
        ``grade``, ``sources``, and the ratios of `RATIOS` over the year; for quarterly figures also over the
        last quarter alone (``..._quarter``).
    """
    firms = episode.perimeter.get("firms", {})
    found = {firm: _latest(episode.snapshot.table, firm, measure, scale) for firm, measure in firms.items()}
    return {firm: row for firm, row in found.items() if row}


def ragged_edges(episode: Episode, latest: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """Say which firms end elsewhere than the sector, or have quarters that end in other months."""
    common = min((row["period"] for row in latest.values()), default="")
    said = []
    for firm in episode.perimeter.get("firms", {}):
        row = latest.get(firm)
        if row is None:
            said.append(f"{firm} has no whole year of figures yet")
        elif row["period"] != common or not row["period_end"].endswith(QUARTER_ENDS):
            reports = f"{firm} reports to {row['period']} (period ended {row['period_end']})"
            said.append(f"{reports}; the sector ends in {common}")
    return tuple(said)


def firm_lines(latest: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield one line a firm."""
    for firm, row in latest.items():
        said = [f"{name.replace('_to_', ' / ').replace('_', ' ')} {row[name]:.2f}" for name in RATIOS]
        yield f"{firm}, year to {row['period']}: {', '.join(said).replace('nan', 'not known')}"


def _latest(table: pd.DataFrame, firm: str, measure: str, scale: float) -> dict[str, Any] | None:
    series = [measure, *RATIOS.values()]
    mine = table.loc[(table["entity"] == firm) & table["series"].isin(series) & table["grade"].isin(GRADES)]
    frequency = "Q" if "Q" in set(mine["frequency"]) else "A"
    mine = mine.loc[mine["frequency"] == frequency]
    spending = mine.loc[mine["series"] == measure]
    if spending.empty:
        return None
    wide = mine.pivot(index="period", columns="series", values="value").reindex(columns=series)
    one = pd.DataFrame({name: regular(column) for name, column in wide.items()})
    year = pd.DataFrame({name: trailing_sum(column) for name, column in one.items()})
    known = year.loc[year[measure].notna()].index
    if known.empty:
        return None
    period = str(known[-1])
    used = spending.loc[spending["period"] <= period].tail(4 if frequency == "Q" else 1)
    row = {
        "period": period,
        "period_end": used["period_end"].iloc[-1].isoformat(),
        "capex": float(year.loc[period, measure]) * scale,
        "grade": str(used["grade"].max()),
        "sources": sorted(set(used["source_id"])),
    }
    for name, partner in RATIOS.items():
        row[name] = _over(year, measure, partner, period)
        if frequency == "Q":
            row[f"{name}_quarter"] = _over(one, measure, partner, period)
    return row


def _over(wide: pd.DataFrame, top: str, bottom: str, period: str) -> float:
    below = float(wide.loc[period, bottom])
    return float(wide.loc[period, top]) / below if below else math.nan
