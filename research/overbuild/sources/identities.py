"""Accounting identities between files: four fiscal quarters make the year of the annual report."""

from __future__ import annotations

from typing import Any

import pandas as pd

from overbuild.errors import Fault
from overbuild.sources.reading import ROW

TOLERANCE = 0.005
"""Largest gap of four quarters from the filed year, as a share of the year, that lifts them to grade B."""

PROMOTED = "year sums to the 10-K within 0.5 %"
"""What the note of a promoted quarter says; `check_promotions` looks for it."""

FISCAL_YEAR = "_fy"
"""Suffix of a series of fiscal years: ``revenue_fy`` is the year of the quarters of ``revenue``."""

LONGEST_REACH = 340
"""Days before the end of a fiscal year within which its quarters end (the first, about 275 days)."""

OFFICIAL = ("A", "B")
"""Grades of a year that can support its quarters."""


def year_sums(quarters: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """Set every filed fiscal year beside the sum of its quarters.

    Parameters
    ----------
    quarters, years
        Tidy rows (at least ``series, entity, period, period_end, value, vintage``). Of a quarter with several
        vintages the newest counts; a year may appear in several vintages (restated), each on its own.

    Returns
    -------
    pandas.DataFrame
        One row a year, indexed as ``years``: ``quarters`` (how many end in it), ``summed`` and ``stated`` (in
        the unit of the series), ``gap`` (summed over stated, less one; nan unless there are four quarters)
        and ``members`` (tuple of the quarters' labels in their frame).
    """
    held = _quarters_by_year(quarters, years)
    records = []
    for label, stated in zip(years.index, years["value"].astype(float), strict=True):
        members = held.get(label, {})
        summed = sum(members.values())
        complete = len(members) == 4 and stated != 0
        gap = summed / stated - 1.0 if complete else float("nan")
        records.append((len(members), summed, stated, gap, tuple(members)))
    return pd.DataFrame(
        records, index=years.index, columns=["quarters", "summed", "stated", "gap", "members"]
    )


def promote(quarters: pd.DataFrame, years: pd.DataFrame, tolerance: float = TOLERANCE) -> pd.DataFrame:
    """Lift quarters of grade C to B where the four of a fiscal year sum to the filed year.

    A data vendor's single quarter is a transcription. Four of them that add up to the annual report leave
    little room for an error of transcription, so they count as one primary source. Quarters of grade D stay
    where they are, and only a year of grade A or B supports a promotion.

    Parameters
    ----------
    quarters
        Tidy rows of quarterly flows.
    years
        Tidy rows of the same flows by fiscal year, series with the suffix ``_fy``.
    tolerance
        Largest absolute gap as a share of the year.

    Returns
    -------
    pandas.DataFrame
        A copy of ``quarters``; promoted rows have grade B and say so in ``note``.
    """
    official = years.loc[years["grade"].isin(OFFICIAL)]
    supported = _supported(year_sums(quarters, official), tolerance)
    out = quarters.copy()
    lifted = out.index.isin(list(supported)) & (out["grade"] == "C")
    out["note"] = [_promoted(note) if up else note for note, up in zip(out["note"], lifted, strict=True)]
    out["grade"] = out["grade"].where(~lifted, "B")
    return out


def check_promotions(table: pd.DataFrame, tolerance: float = TOLERANCE) -> list[Fault]:
    """Return a fault for each promoted quarter whose year no longer sums to the filed one.

    Parameters
    ----------
    table
        Tidy rows of all files, with the columns ``file`` and `ROW`.
    tolerance
        As in `promote`.
    """
    fiscal = table["series"].str.endswith(FISCAL_YEAR)
    quarters = table.loc[(table["frequency"] == "Q") & ~fiscal]
    marked = quarters["note"].str.contains(PROMOTED, regex=False)
    if not marked.any():
        return []
    years = table.loc[(table["frequency"] == "A") & fiscal & table["grade"].isin(OFFICIAL)]
    sums = year_sums(quarters, years)
    supported = _supported(sums, tolerance)
    broken = quarters.loc[marked & ~quarters.index.isin(list(supported))]
    faults = []
    for label, row in broken.to_dict("index").items():
        name = f"{row['entity']} {row['series']} {row['period']}"
        problem = f"{name} is graded {row['grade']} because its {PROMOTED}, but {_finding(sums, label)}"
        faults.append(Fault(row["file"], int(row[ROW]), "grade", problem))
    return faults


def _quarters_by_year(quarters: pd.DataFrame, years: pd.DataFrame) -> dict[Any, dict[Any, float]]:
    """Return, for each year's label, the values of the quarters that end in it by their labels, in order."""
    newest = quarters.sort_values(by="vintage", kind="stable")
    newest = newest.drop_duplicates(subset=["series", "entity", "period"], keep="last")
    left = newest[["series", "entity"]].assign(
        quarter=newest.index, ends=pd.to_datetime(newest["period_end"]), value=newest["value"].astype(float)
    )
    right = years[["entity"]].assign(
        series=years["series"].str.removesuffix(FISCAL_YEAR),
        year=years.index,
        year_ends=pd.to_datetime(years["period_end"]),
    )
    pairs = left.merge(right, on=["series", "entity"])
    reach = (pairs["year_ends"] - pairs["ends"]).dt.days
    pairs = pairs.loc[(reach >= 0) & (reach < LONGEST_REACH)].sort_values(by=["year", "ends"])
    held: dict[Any, dict[Any, float]] = {}
    for year, quarter, value in zip(pairs["year"], pairs["quarter"], pairs["value"], strict=True):
        held.setdefault(year, {})[quarter] = float(value)
    return held


def _supported(sums: pd.DataFrame, tolerance: float) -> set[Any]:
    close = sums.loc[sums["gap"].abs() <= tolerance, "members"]
    return {quarter for members in close for quarter in members}


def _promoted(note: str) -> str:
    return f"{note}; {PROMOTED}" if note else PROMOTED


def _finding(sums: pd.DataFrame, quarter: Any) -> str:
    own = [year for year in sums.to_dict("records") if quarter in year["members"]]
    if not own:
        return "no filed year of grade A or B holds it"
    year = own[-1]
    if year["quarters"] != 4:
        return f"{year['quarters']} quarters of that year are there"
    return f"the quarters sum to {year['summed']:g} and the filed year is {year['stated']:g}"
