"""Table: the verdict on spending (O3) at every combination of its thresholds, beside the primary one."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import VERDICTS

ID = "threshold_grid"
TITLE = "The verdict on spending (O3) at other thresholds"
NOTE = (
    "Telecom: hindcast on revised data; one event; narrow perimeter, annual. AI: big five, trailing four quarters, to "
    "date. A verdict is true if spending stood by the fall named below its peak within so many years of that peak. "
    "Deepest: the deepest fall within the window. The primary thresholds are {fall} and {window} years. Grades: telecom "
    "{telecom}, AI {ai}. Sources: BEA infrastructure accounts; company filings."
)
NEEDS = ("score_telecom", "score_ai")
DATA = ()


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    sides = {name: inputs.result(f"score_{name}") for name in ("telecom", "ai")}
    grids = {name: pd.DataFrame(score["grid"]) for name, score in sides.items()}
    frame = grids["telecom"][["fall", "window_years"]].copy()
    for name, grid in grids.items():
        frame[f"{name}_value"] = pd.to_numeric(grid["value"])
        frame[name] = [VERDICTS[None if h is None else bool(h)] for h in grid["holds"]]
    primary = {name: score["definitions"]["O3"]["primary"] for name, score in sides.items()}
    thresholds = primary["telecom"]["thresholds"]
    note = NOTE.format(
        fall=f"{100 * thresholds['fall']:g} %",
        window=f"{thresholds['window_years']:g}",
        telecom=primary["telecom"]["grade"],
        ai=primary["ai"]["grade"] or "–",
    )
    headings = {
        "fall": "Fall of",
        "window_years": "Window, years",
        "telecom_value": "Telecom, deepest",
        "telecom": "Telecom",
        "ai_value": "AI, deepest",
        "ai": "AI",
    }
    formats = {"fall": ".0%", "window_years": ".0f", "telecom_value": ".1%", "ai_value": ".1%"}
    return Table(ID, TITLE, note, frame, "rrrlrl", formats, headings)
