"""Table: the events O1 to O5 and the composite, true, false or unknown, for telecom and for AI to date."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.verdict_rows import Row, rows_of
from overbuild.exhibits.wording import THIN, VERDICTS, percent, typographic, with_range

ID = "events_judged"
TITLE = "The events held against what happened"
NOTE = (
    "Telecom: hindcast on revised data; one event. A verdict is true, false or unknown; a dash marks a "
    "variant that is not defined for the episode. AI: as known on {as_of}; false means not so far. Value: "
    "O1, value over replacement cost; O2, longest spell below the threshold; O3, deepest fall within the "
    "window; O4, capital (or capacity) over what demand required, with the range of the evidence in "
    "brackets. Held: period in which the event first held. Information processing is judged on its whole "
    "record, whose deepest fall came after 2000, in both columns. Grade: the worst among the rows used. The "
    "evidence is in the table of evidence. Sources: BEA, Federal Reserve and Census accounts; company "
    "filings; the press, as read in data/telecom."
)
NEEDS = ("score_telecom", "score_ai")
DATA = ()

LARGE = math.log(10)
"""A ratio of ten or more, in logs, is written without decimals."""


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    telecom, ai = inputs.result("score_telecom"), inputs.result("score_ai")
    frame = pd.DataFrame(
        [
            {
                "event": _title(r),
                "telecom": _verdict(r.telecom),
                "value": _value(r.event, r.telecom),
                "held": (r.telecom or {}).get("when") or MISSING,
                "grade": (r.telecom or {}).get("grade") or MISSING,
                "ai": _verdict(r.ai),
                "ai_value": _value(r.event, r.ai),
                "ai_grade": (r.ai or {}).get("grade") or MISSING,
            }
            for r in rows_of(telecom, ai)
        ]
    )
    headings = {
        "event": "Event",
        "telecom": "Telecom",
        "value": "Value",
        "held": "Held",
        "grade": "Grade",
        "ai": "AI to date",
        "ai_value": "Value",
        "ai_grade": "Grade",
    }
    return Table(ID, TITLE, NOTE.format(as_of=ai["as_of"]), frame, "plrlclrc", headings=headings)


def _title(row: Row) -> str:
    own = row.event == "composite" and row.variant == "primary"
    joined = ", " if row.event == "composite" else " "
    return typographic(row.title if own else f"{row.name}{joined}{row.title}")


def _verdict(judged: Mapping[str, Any] | None) -> str:
    return MISSING if judged is None else VERDICTS[judged["holds"]]


def _value(event: str, judged: Mapping[str, Any] | None) -> str:
    if judged is None or judged["value"] is None:
        return MISSING
    value, low, high = judged["value"], judged["low"], judged["high"]
    if event == "O2":
        return f"{value:g} {'year' if value == 1 else 'years'}"
    if event == "O3":
        return f"{percent(value)}{THIN}%"
    if event == "O4":
        low, high = (None if x is None else math.exp(x) for x in (low, high))
        return with_range(math.exp(value), low, high, ".2f" if value < LARGE else ".0f")
    return with_range(value, low, high)
