"""Table: whether the fall of telecom spending had come by two, three and four years after each year of the boom."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import listed

ID = "truth_table"
TITLE = "Labels of the hindcast: had the fall of telecom spending (O3) come by year v + h?"
NOTE = (
    "Telecom: hindcast on revised data; one event, so the {cells} labels are worth one observation. 1: by the end of year v + h "
    "nominal investment had fallen by the share named below its peak within three years of that peak; 0: it had not. "
    "Columns: vintage v, the year after which a forecast would have been made ({vintages}). Labels are decided on the whole history, "
    "before any model is fitted; what was known in year v enters nowhere. Narrow: communications structures and "
    "equipment; broad: with software and computers. Grade {grade}. Source: BEA infrastructure accounts, copy of August 2021."
)
NEEDS = ("score_telecom",)
DATA = ()

NAMES = {"capex": "Narrow", "capex_broad": "Broad"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    score = inputs.result("score_telecom")
    labels = pd.DataFrame(score["truth_table"])
    labels["holds"] = labels["holds"].map({True: 1, False: 0}).astype("Int64")
    order = [n for n in NAMES if n in set(labels["layer"])]
    wide = labels.pivot(index=["layer", "fall", "horizon"], columns="vintage", values="holds")
    wide = wide.loc[order].reset_index()
    wide.columns = [str(c) for c in wide.columns]
    wide["layer"] = wide["layer"].map(NAMES)
    vintages = [c for c in wide.columns if c.isdigit()]
    headings = {"layer": "Perimeter", "fall": "Fall of", "horizon": "h, years"}
    grades = [j["grade"] for j in _spending(score)]
    note = NOTE.format(cells=len(labels), vintages=listed(vintages), grade=max(grades))
    return Table(ID, TITLE, note, wide, "lrr" + "c" * len(vintages), {"fall": ".0%"}, headings)


def _spending(score: dict) -> list[dict]:
    entry = score["definitions"]["O3"]
    return [entry["primary"], *(v for v in entry["variants"] if v["id"] == "broad")]
