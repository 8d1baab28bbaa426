"""Table: how often investment fell within the next years, given for how long a run-up had been in force."""

from __future__ import annotations

from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import THIN, interval_name, number, span, typographic

ID = "conditional_rates"
TITLE = "Probability of a fall within h years, by state and age of the run-up"
NOTE = (
    "Fall as in O3: by {fall} % below the running peak, within {peak_years} years of it. State: first "
    "date, a run-up was dated k years before and no fall has come since; in force, the run-up has been in "
    "force for k years or more and investment does not stand low; quiet, no run-up is in force. n: years "
    "in the state whose next {most} years are all known, in so many series. Probabilities are posterior "
    "means under Jeffreys’ prior Beta(1/2, 1/2); the last column is the 90 % interval at h = {middle} "
    "({method}). The years overlap, so n overstates what is known. Without the condition on "
    "the peak the rates are no lower. Series of telecom are among the cases: hindcast on revised data; "
    "one event. Grade B. Source: BEA infrastructure accounts, copy of August 2021."
)
NEEDS = ("baserate",)
DATA = ()

STATES = {"first_date": "First date", "in_force": "In force", "quiet": "Quiet"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rate = inputs.result("baserate")
    rows = [r for r in rate["conditional"] if r["peak_years"] is not None]
    horizons = sorted({r["h"] for r in rows})
    middle = horizons[len(horizons) // 2]
    cases: dict[tuple[int, int], dict[str, Any]] = {}
    for r in rows:
        case = cases.setdefault((list(STATES).index(r["state"]), r["k"]), {})
        case |= {"state": STATES[r["state"]], "k": r["k"], "cases": r["cases"], "series": r["series"]}
        case[f"h{r['h']}"] = r["mean"]
        if r["h"] == middle:
            case["interval"] = span(r["interval_5"], r["interval_95"])
    shown = [f"h{h}" for h in horizons]
    columns = ["state", "k", "cases", "series", *shown, "interval"]
    frame = pd.DataFrame([cases[key] for key in sorted(cases)], columns=pd.Index(columns))
    headings = {"state": "State", "cases": "n", "series": "Series", "interval": f"90{THIN}%, h = {middle}"}
    headings |= {name: f"h = {h}" for name, h in zip(shown, horizons, strict=True)}
    note = NOTE.format(
        fall=number(100 * rate["rule"]["fall"], "g"),
        peak_years=max(r["peak_years"] for r in rows),
        most=horizons[-1],
        middle=middle,
        method=interval_name(rate["forecast_interval_method"]),
    )
    align = "lrrr" + "r" * len(shown) + "r"
    return Table(ID, TITLE, typographic(note), frame, align, dict.fromkeys(shown, ".2f"), headings)
