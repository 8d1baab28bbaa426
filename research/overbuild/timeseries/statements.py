"""What was said elsewhere of the contribution to growth, and what the same sum gives on the data at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.timeseries.fundamentals import read

if TYPE_CHECKING:
    from overbuild.core import Snapshot

BIS_SAID = (0.44, 0.59)
"""Before and since late 2022 (Aldasoro, Doerr and Rees 2026), percentage points."""
BEFORE = (("2010Q2", "2022Q3"), ("2014Q2", "2022Q3"), ("2018Q1", "2022Q3"), ("2010Q2", "2019Q4"))
SINCE = (("2022Q4", "2025Q2"), ("2022Q4", "2025Q3"), ("2022Q4", "2026Q1"))
SEEN = "2025Q3"
"""The last quarter that a bulletin of January 2026 can have seen; later windows decide nothing."""
PERIMETERS = ("information_technology", "with_datacentre_construction")
DOTCOM = ("1995Q4", "2000Q4")
AI_START = "2022Q3"
AI_ENDS = {"then": SEEN, "now": "2026Q2"}
NEAR_HALF = 0.1
HALF = ("2025Q1", "2025Q2")
CLOSE = 0.05
"""Two figures that differ by less are called the same; a comparison of two such is a tie (None)."""


def bis(frame: pd.DataFrame, intellectual_property: pd.Series) -> list[dict[str, Any]]:
    """Return the comparison of before and since late 2022, over perimeters and windows that may be meant.

    Parameters
    ----------
    frame
        Contributions by ``component`` and ``period``.
    intellectual_property
        Published contribution of all intellectual property by quarter: with it in place of software,
        research is in.
    """
    made = []
    by = {n: rows.set_index("period")["tornqvist"] for n, rows in frame.groupby("component")}
    known = {p: by[p] for p in PERIMETERS if p in by}
    if {"software", PERIMETERS[1]} <= set(by):
        known["with_research"] = (by[PERIMETERS[1]] - by["software"] + intellectual_property).dropna()
    for perimeter, values in known.items():
        for before in BEFORE:
            for since in SINCE:
                a, b = values.loc[before[0] : before[1]], values.loc[since[0] : since[1]]
                if a.empty or b.empty or b.index[-1] != since[1]:
                    continue
                start = str(a.index[0])
                if start != before[0] and (start, before[1]) in BEFORE:
                    continue
                seen = since[1] <= SEEN
                made.append(
                    {
                        "statement": "bis",
                        "perimeter": perimeter,
                        "before_from": start,
                        "before_to": before[1],
                        "since_from": since[0],
                        "since_to": since[1],
                        "before": float(a.mean()),
                        "since": float(b.mean()),
                        "rise": float(b.mean() - a.mean()),
                        "said_before": BIS_SAID[0],
                        "said_since": BIS_SAID[1],
                        "could_be_seen": seen,
                        "holds": bool(
                            seen
                            and abs(a.mean() - BIS_SAID[0]) < CLOSE
                            and abs(b.mean() - BIS_SAID[1]) < CLOSE
                        ),
                    }
                )
    return made


def statements(snapshot: Snapshot, frame: pd.DataFrame, growth: pd.Series) -> list[dict[str, Any]]:
    """Return single statements: what was said, what is found, and whether it holds on these data.

    Parameters
    ----------
    snapshot
        For shares of GDP and consumption.
    frame, growth
        Contributions, and growth of real GDP at annual rates.
    """
    core = frame.loc[frame["component"] == "information_technology"].set_index("period")["tornqvist"]
    made: list[dict[str, Any]] = []
    if set(HALF) <= set(core.index):
        share = float(core[list(HALF)].mean() / growth[list(HALF)].mean())
        made.append(_one("furman_share", 0.92, share, abs(share - 0.92) < CLOSE))
        rest = float((growth[list(HALF)] - core[list(HALF)]).mean())
        made.append(_one("furman_rest", 0.1, rest, abs(rest - 0.1) < CLOSE))
        consumption, _ = read(snapshot, "contribution_consumption")
        ours, theirs = float(core[list(HALF)].mean()), float(consumption[list(HALF)].mean())
        close = abs(ours - theirs) < CLOSE
        made.append(_one("more_than_consumption", theirs, ours, None if close else ours > theirs))
    dotcom = _rise(snapshot, *DOTCOM)
    for name, last in AI_ENDS.items():
        rise = _rise(snapshot, AI_START, last)
        if rise is not None and dotcom is not None:
            ratio = rise / dotcom
            made.append(_one(f"half_of_dotcom_{name}", 0.5, ratio, abs(ratio - 0.5) < NEAR_HALF))
            made.append(_one(f"rise_{name}", None, rise, None))
    if dotcom is not None:
        made.append(_one("rise_dotcom", None, dotcom, None))
    return made


def _rise(snapshot: Snapshot, first: str, last: str) -> float | None:
    """Return the rise of information processing investment in GDP between two quarters, percentage points."""
    share = 100 * read(snapshot, "information_processing_investment")[0] / read(snapshot, "gdp")[0]
    return float(share.loc[last] - share.loc[first]) if {first, last} <= set(share.dropna().index) else None


def _one(name: str, said: float | None, found: float, holds: bool | None) -> dict[str, Any]:
    return {"statement": name, "said": said, "found": found, "holds": holds}
