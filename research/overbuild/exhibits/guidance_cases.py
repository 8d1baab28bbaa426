"""Table: every revision of capex guidance, with the rivals that had raised theirs before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "guidance_cases"
TITLE = "Guidance on capex, revision by revision"
NOTE = (
    "Middle of the range, USD billion; the first statement of a year is no revision and has no row. Raised "
    "before and after: rivals with a comparable rise in the {window} days before and after; firms that "
    "report on one day are in neither. Comparisons are within a firm and a measure; levels are not compared "
    "across firms: Meta’s holds principal on finance leases, Microsoft’s finance leases, CoreWeave’s its "
    "own definition, the others cash. {not_alike} {apart} Of the five firms’ {alike} comparable revisions "
    "{rises} are rises and {cuts} cuts: this cannot be the outcome of an estimation. Of {dated} rises whose "
    "day is known {after} came within {window} days after a rival’s; so did {days_after} of the {days} "
    "firm-days on which one of them said anything. Marked *: the day is approximate, or told by a later "
    "source, and is in no window. Figures of grade D are left out; grade B or C, by case in the data."
)
NEEDS = ("guidance_cases",)
DATA = ()
COLUMNS = {
    "firm": "Firm",
    "period": "Year",
    "day": "Day",
    "before": "From",
    "after": "To",
    "change": "Change, %",
    "raised_before": "Raised before",
    "raised_after": "Raised after",
    "grade": "Grade",
}
FORMATS: Mapping[str, str] = {"before": ".1f", "after": ".1f"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("guidance_cases")
    s = found["summary"]
    frame = pd.DataFrame(list(_rows(found["cases"])), columns=pd.Index(list(COLUMNS)))
    unlike = [c for c in found["cases"] if not c["alike"]]
    told = " ".join(f"{c['firm']}’s step of {c['day']} is not like for like: {c['why_not']}." for c in unlike)
    note = NOTE.format(
        window=s["window"],
        not_alike=told,
        apart=" ".join(
            f"{c['firm']}, not one of the five, is not counted ({c['apart']})."
            for c in found["cases"]
            if c["apart"]
        ),
        dated=s["rises_dated"],
        rises=s["rises"],
        cuts=s["cuts"],
        alike=s["alike"],
        after=s["rises_after_a_rival"],
        days_after=s["statement_days_after_a_rival"],
        days=s["statement_days"],
    )
    return Table(ID, TITLE, typographic(note), frame, "lllrrrllc", FORMATS, COLUMNS)


def _rows(cases: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for c in cases:
        change = f"{100 * c['change']:+.1f}".replace("-", "−")
        nobody = "none" if c["dated"] else "not told"
        yield (
            c["firm"],
            c["period"],
            c["day"] + ("" if c["dated"] else "*"),
            c["before"] / 1000,
            c["after"] / 1000,
            change if c["alike"] else "not alike",
            ", ".join(c["raised_before"]) or nobody,
            ", ".join(c["raised_after"]) or nobody,
            c["grade"],
        )
