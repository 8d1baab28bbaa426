"""Table: whether the fall of telecom spending had come some years after each year of the boom."""

from __future__ import annotations

from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import listed, number

ID = "truth_table"
TITLE = "Labels of the hindcast: had the fall of telecom spending (O3) come by year v + h?"
NOTE = (
    "Telecom: hindcast on revised data; one event, so the {cells} labels are worth one observation. 1: by "
    "the end of year v + h nominal investment had fallen by the share named below its peak within "
    "{window} years of that peak; 0: it had not. Columns: vintage v, the year after which a forecast "
    "would have been made ({vintages}). Labels are decided on the whole history, before any model is "
    "fitted; what was known in year v enters nowhere. Narrow: communications structures and equipment; "
    "broad: with software and computers. Grade {grade}. Source: BEA infrastructure accounts, copy of "
    "August 2021."
)
NEEDS = ("score_telecom",)
DATA = ()

NAMES = {"capex": "Narrow", "capex_broad": "Broad"}
SIGNS = {True: 1, False: 0, None: None}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    score = inputs.result("score_telecom")
    labels, spending = score["truth_table"], score["definitions"]["O3"]
    vintages = sorted({x["vintage"] for x in labels})
    cases: dict[tuple[Any, ...], dict[str, Any]] = {}
    for x in labels:
        case = cases.setdefault((x["layer"], x["fall"], x["horizon"]), {})
        case[str(x["vintage"])] = SIGNS[x["holds"]]
    order = sorted(cases, key=lambda c: (list(NAMES).index(c[0]), *c[1:]))
    rows = [{"layer": NAMES[c[0]], "fall": c[1], "horizon": c[2], **cases[c]} for c in order]
    frame = pd.DataFrame(rows).astype({str(v): "Int64" for v in vintages})
    headings = {"layer": "Perimeter", "fall": "Fall of", "horizon": "h, years"}
    judged = [spending["primary"], *(v for v in spending["variants"] if v["id"] == "broad")]
    note = NOTE.format(
        cells=len(labels),
        vintages=listed(str(v) for v in vintages),
        window=number(spending["primary"]["thresholds"]["window_years"], "g"),
        grade=max(j["grade"] for j in judged),
    )
    return Table(ID, TITLE, note, frame, "lrr" + "c" * len(vintages), {"fall": ".0%"}, headings)
