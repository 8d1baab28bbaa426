"""Table: the verdict on spending (O3) at every combination of its thresholds, beside the primary one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.wording import VERDICTS, number

ID = "threshold_grid"
TITLE = "The verdict on spending (O3) at other thresholds"
NOTE = (
    "Telecom: hindcast on revised data; one event; narrow perimeter, annual. AI: big five, trailing four "
    "quarters, to date. A verdict is true if spending stood by the fall named below its peak within so "
    "many years of that peak. Deepest: the deepest fall within the window. The primary thresholds are "
    "{fall} and {window} years. Grades: telecom {telecom}, AI {ai}. Sources: BEA infrastructure accounts; "
    "company filings."
)
NEEDS = ("score_telecom", "score_ai")
DATA = ()

COLUMNS = {
    "fall": "Fall of",
    "window_years": "Window, years",
    "telecom_value": "Telecom, deepest",
    "telecom": "Telecom",
    "ai_value": "AI, deepest",
    "ai": "AI",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    sides = {name: inputs.result(f"score_{name}") for name in ("telecom", "ai")}
    pairs = zip(sides["telecom"]["grid"], sides["ai"]["grid"], strict=True)
    frame = pd.DataFrame([_row(telecom, ai) for telecom, ai in pairs], columns=pd.Index(list(COLUMNS)))
    primary = {name: score["definitions"]["O3"]["primary"] for name, score in sides.items()}
    thresholds = primary["telecom"]["thresholds"]
    note = NOTE.format(
        fall=number(thresholds["fall"], ".0%"),
        window=number(thresholds["window_years"], "g"),
        telecom=primary["telecom"]["grade"],
        ai=primary["ai"]["grade"] or MISSING,
    )
    formats = {"fall": ".0%", "window_years": ".0f", "telecom_value": ".1%", "ai_value": ".1%"}
    return Table(ID, TITLE, note, frame, "rrrlrl", formats, COLUMNS)


def _row(telecom: Mapping[str, Any], ai: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "fall": telecom["fall"],
        "window_years": telecom["window_years"],
        "telecom_value": telecom["value"],
        "telecom": VERDICTS[telecom["holds"]],
        "ai_value": ai["value"],
        "ai": VERDICTS[ai["holds"]],
    }
