"""Table: the run-ups that the rule finds, one row each, and how each ended."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic

ID = "run_ups_table"
TITLE = "The run-ups found by the rule, and how each ended"
NOTE = (
    "{run_ups} run-ups with a known end, {falls} falls and {unresolved} unresolved run-ups, in {series} "
    "series, {first}–{last}. Ratio: investment over its level {window} years before. Peak: year of the "
    "running peak below which the deepest fall within {horizon} years is measured. Reached: first year in "
    "which the fall was {fall} % or more. Unresolved: the window runs beyond {last}; such run-ups are not "
    "counted. A run-up can begin far below an old peak, and then stands as fallen at once. Series of "
    "communications and information carriers: hindcast on revised data; one event. Grade B. Source: BEA "
    "infrastructure accounts, copy of August 2021, nominal."
)
NEEDS = ("baserate",)
DATA = ("history/infrastructure_annual.csv", "telecom/investment.csv")

COLUMNS = {
    "series": "Series",
    "year": "Year",
    "level": "USD million",
    "ratio": "Ratio",
    "peak_year": "Peak",
    "fall": "Fall",
    "fall_year": "Reached",
    "label": "Label",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rate, labels = inputs.result("baserate"), inputs.book.codebook["label"]
    rule = rate["rule"]
    cases = [{**case, "series": _short(str(labels[case["series"]]))} for case in rate["cases"]]
    frame = pd.DataFrame(cases, columns=pd.Index(list(COLUMNS)))
    frame = frame.astype({"peak_year": "Int64", "fall_year": "Int64"})
    note = NOTE.format(
        run_ups=rate["run_ups"],
        falls=rate["falls"],
        unresolved=rate["unresolved"],
        series=rate["series"],
        first=rate["first_year"],
        window=rule["window_years"],
        horizon=rule["horizon_years"],
        fall=number(100 * rule["fall"], "g"),
        last=rate["last_year"],
    )
    formats = {"level": ",.0f", "ratio": ".1f", "fall": ".1%"}
    return Table(ID, TITLE, typographic(note), frame, "prrrrrrl", formats, COLUMNS)


def _short(label: str) -> str:
    """Return the label of a series without what all of them have in common."""
    return label.rsplit(", ", 1)[0].replace(" of the information carriers", " of carriers")
