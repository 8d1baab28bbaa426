"""Table: what was said of the contribution to growth, and what the same sum gives on the data at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic

ID = "contribution_statements"
TITLE = "Which statements about growth hold on today’s data"
NOTE = (
    "Percentage points of annual growth unless said. Said: as printed at the time. Found: the same sum "
    "from the national accounts of May and June 2026, in which growth of early 2025 had been revised up. "
    "The Bulletin is {bulletin}; its perimeter is not given in the part that was read, so three "
    "perimeters and its widest windows are shown, none of which gives both of its figures. Furman’s "
    "figures are of September 2025 and were read in the press. A tie is a difference of less than "
    "{close}. Published contributions of 2026Q1 come through a note without recorded origin (grade D): "
    "they are shown beside ours and decide nothing. Ours rests on the second estimate; a third {revision} "
    "% lower in the level of equipment would close the gap, and the published contribution of all "
    "equipment fell from {then} to {now} between the two. Rises of shares are nominal. The years 1995 to "
    "2000 are a hindcast on revised data; one event."
)
NEEDS = ("contribution",)
DATA = ()
COLUMNS = {"what": "Statement", "said": "Said", "found": "Found", "holds": "Holds"}
PERIMETERS = {
    "information_technology": "equipment and software",
    "with_datacentre_construction": "with data-centre construction",
    "with_research": "with construction and research",
}
BEFORE, SINCE = ("2010Q2", "2014Q2"), ("2025Q3", "2026Q1")
LATEST = {"information_processing_equipment": "Information processing equipment", "software": "Software"}
SINGLE = {
    "furman_share": ("Equipment and software were 92 % of growth in the first half of 2025", ".0%"),
    "furman_rest": ("Without them the economy would have grown by 0.1 % a year", ".1f"),
    "more_than_consumption": ("They gave more growth than consumption in that half-year", ".2f"),
    "half_of_dotcom_then": (
        "The boom is half of the dot-com one (rise of the share of GDP, to 2025Q3)",
        ".2f",
    ),
    "half_of_dotcom_now": ("The same, to 2026Q2", ".2f"),
}
HOLDS = {True: "yes", False: "no", None: "tie"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("contribution")["ai"]
    frame = pd.DataFrame(
        [*_latest(found["latest"]), *_bis(found["statements"]), *_single(found["statements"])]
    )
    equipment = next(r for r in found["latest"] if r["component"] == "information_processing_equipment")
    revised = next(r for r in found["revisions"] if r["series"] == "contribution_equipment")
    note = NOTE.format(
        bulletin="BIS Bulletin 120, January 2026",
        close="0.05",
        revision=f"{-100 * equipment['closing_revision']:.1f}",
        then=f"{revised['then']:.2f}",
        now=f"{revised['now']:.2f}",
    )
    return Table(ID, TITLE, typographic(note), frame, "prrl", {}, COLUMNS)


def _latest(rows: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for r in rows:
        if r["component"] in LATEST:
            yield {
                "what": f"{LATEST[r['component']]}, {r['period']}, third estimate",
                "said": number(r["published"]),
                "found": number(r["tornqvist"]),
                "holds": "yes" if abs(r["difference"]) < 0.05 else "revised",
            }


def _bis(rows: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for perimeter, title in PERIMETERS.items():
        mine = [r for r in rows if r["statement"] == "bis" and r["perimeter"] == perimeter]
        for until in SINCE:
            chosen = [r for r in mine if r["since_to"] == until and r["before_from"] in BEFORE]
            chosen = [r for r in chosen if r["before_to"] == "2022Q3"]
            if not chosen:
                continue
            r = chosen[0]
            yield {
                "what": f"BIS, since late 2022 and before: {title}, from {r['before_from']}, to {until}",
                "said": f"{number(r['said_since'])}, {number(r['said_before'])}",
                "found": f"{number(r['since'])}, {number(r['before'])}",
                "holds": HOLDS[r["holds"]] if r["could_be_seen"] else "later",
            }


def _single(rows: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    by: Mapping[str, dict[str, Any]] = {r["statement"]: r for r in rows if r["statement"] != "bis"}
    for name, (title, spec) in SINGLE.items():
        if name in by:
            r = by[name]
            yield {
                "what": title,
                "said": number(r["said"], spec),
                "found": number(r["found"], spec),
                "holds": HOLDS[r["holds"]],
            }
