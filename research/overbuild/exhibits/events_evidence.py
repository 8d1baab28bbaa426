"""Table: what each verdict rests on, in words, for telecom and for AI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.verdict_rows import Row, rows_of
from overbuild.exhibits.wording import capital, typographic

ID = "events_evidence"
TITLE = "What the verdicts on the events rest on"
NOTE = (
    "Telecom: hindcast on revised data; one event. Evidence of both kinds is given: where a verdict is "
    "unknown, the reason follows the evidence or stands for it. Variants with the same evidence share a "
    "row. Grades are in the table of verdicts; the rows of data and their sources are in data/telecom and "
    "data/hyperscalers."
)
NEEDS = ("score_telecom", "score_ai")
DATA = ()

SHORT = {"clec": "CLEC"}
_PART = re.compile(r"\b(O\d)/(\w+)")
"""A part of the composite as its evidence names it, such as ``O1/long_haul``."""


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    shared: dict[tuple[str, str, str], list[str]] = {}
    for row in rows_of(inputs.result("score_telecom"), inputs.result("score_ai")):
        texts = _words(row.telecom), _words(row.ai)
        shared.setdefault((row.name, *texts), []).append(_asked(row))
    frame = pd.DataFrame(
        [
            {"event": f"{name} {'; '.join(n for n in asked if n)}".strip(), "telecom": telecom, "ai": ai}
            for (name, telecom, ai), asked in shared.items()
        ]
    )
    headings = {"event": "Event", "telecom": "Telecom", "ai": "AI to date"}
    return Table(ID, TITLE, NOTE, frame, "ppp", headings=headings)


def _asked(row: Row) -> str:
    return "primary" if row.variant == "primary" else typographic(row.title)


def _words(judged: Mapping[str, Any] | None) -> str:
    if judged is None:
        return MISSING
    why = _plain(judged["why_unknown"] or "")
    parts = [judged["evidence"], f"unknown: {why}" if why else ""]
    text = ". ".join(capital(p) for p in parts if p)
    return typographic(_PART.sub(lambda m: f"{m[1]} {SHORT.get(m[2], m[2].replace('_', ' '))}", text))


def _plain(why: str) -> str:
    """Return a reason without the name of a layer in quotation marks, which says nothing to a reader."""
    return why.split("' ", 1)[1].removeprefix("is ") if why.startswith("'") and "' " in why else why
