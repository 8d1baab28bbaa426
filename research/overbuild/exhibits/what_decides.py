"""Table: from which spending on the event has happened, by quarter, and when that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic

ID = "what_decides"
TITLE = "What decides: spending over a year at or below which {event} has happened, by quarter"
NOTE = (
    "Capex of the five firms over the four quarters to each date, USD billion. Level: the peak so far "
    "less the fall of {event}; the peak so far, {peak}, is the least that the peak can be, so that the "
    "level rises with spending. Left: what the quarters not yet known may bring at most for the level to "
    "be met. Due: last day by the rules of data/release_lags.toml. Arithmetic, no model. Sources: filings "
    "of the five firms, grades A and B."
)
NEEDS = ("watch",)
DATA = ()
COLUMNS = {
    "quarter": "Year to",
    "due": "Due",
    "level": "Level",
    "known": "Known",
    "left": "Left",
    "says": "Then",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("watch")
    frame = pd.DataFrame(list(_rows(found)), columns=pd.Index(list(COLUMNS)))
    peak = found["triggers"][0]["peak"] / 1e3
    note = NOTE.format(event=found["event"], peak=number(peak, ",.0f"))
    title = TITLE.format(event=found["event"])
    return Table(ID, title, typographic(note), frame, "llrrrp", {}, COLUMNS)


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in found["triggers"]:
        quarter = row["quarter"]
        report = "annual_reports" if quarter.endswith("Q4") else "quarterly_reports"
        says = f"{found['event']} has happened" if row["possible"] else "excluded by arithmetic"
        if row["possible"] and not row["counts"]:
            says = "only below a later peak"
        yield (
            quarter,
            found["due"][quarter][report],
            number(row["level"] / 1e3, ",.0f"),
            number(row["known"] / 1e3, ",.0f"),
            number(max(row["level"] - row["known"], 0.0) / 1e3, ",.0f"),
            says,
        )
