"""Table: spending of firms that rent out computing, which the inside view does not simulate."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "neoclouds"
TITLE = "Neoclouds: capital spending on file, by quarter"
NOTE = (
    "Cash paid for property and equipment. Not simulated: the series are too short, and what these firms "
    "build is paid by the five hyperscalers, so that adding them would count the same racks twice. Firms "
    "without a quarter on file are not listed. Sources: filings and company releases, grades as in "
    "data/sources.csv."
)
NEEDS = ("inside_view",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "firm": "Firm",
    "quarters": "Quarters",
    "first": "From",
    "last": "To",
    "capex": "Last, USD million",
}
FORMATS: Mapping[str, str] = {"quarters": "d", "capex": ",.0f"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = inputs.result("inside_view")["not_simulated"]["rows"]
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    titles = {k: typographic(v) for k, v in COLUMNS.items()}
    return Table(ID, TITLE, typographic(NOTE), frame, "lrllr", FORMATS, titles)
