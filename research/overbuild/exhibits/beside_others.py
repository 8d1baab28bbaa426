"""Table: what others say of an AI bust, beside our probability of the event that comes closest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.terms_named import inline
from overbuild.exhibits.wording import number, typographic

ID = "beside_others"
TITLE = "Forecasts of others, and ours of the event that comes closest"
NOTE = (
    "Their figures, in our words; checks only, never an input; surveys first, then markets, models and "
    "scenarios. P: probability, or for a survey the share of "
    "votes, which is none; low–high where given. Nearest: our event that comes closest, O1 to O5; "
    "they are wider (their event happens more readily than ours), narrower, or not to be ordered (other). "
    "Ours: the combined probability by end-{near} and by end-{far}, as of {as_of}; a dash where no usable "
    "model speaks. Horizons differ, so a column is no test of the other. {outside}Telecom is in our base "
    "rate alone: hindcast on revised data; one event. Grade as given by row; D was read second-hand or "
    "has no source. Source: data/markets/external_forecasts.csv."
)
NEEDS = ("probability",)
DATA = ("markets/external_forecasts.csv",)
PHYSICAL = "physical_overbuild"
EXPECTED = (0.1, 0.6)
"""Where forecasts of the spending event by the headline's date were expected before ours was computed."""
LEAST = 0.01
COLUMNS = {
    "forecaster": "Forecaster",
    "event": "Their event",
    "horizon": "By",
    "probability": "P",
    "nearest": "Nearest",
    "near": "Ours",
    "far": "later",
    "grade": "Gr.",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    answer, given = inputs.result("probability"), inputs.book.external_forecasts.to_dict("records")
    near, far = _horizons(answer)
    order = {k: i for i, k in enumerate(("survey", "market", "model", "scenario"))}
    given = sorted(given, key=lambda r: (order[r["forecast_kind"]], r["stated_on"], r["forecast_id"]))
    rows = [_row(r, answer, near, far) for r in given]
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    note = NOTE.format(near=near[:4], far=far[:4], as_of=answer["as_of"], outside=_outside(answer))
    formats = {"near": ".2f", "far": ".2f"}
    return Table(ID, TITLE, typographic(note), frame, "ppprprrl", formats, COLUMNS)


def _row(r: Mapping[Any, Any], answer: Mapping[str, Any], near: str, far: str) -> dict[str, Any]:
    event = r["crosswalk"]
    return {
        "forecaster": typographic(f"{r['forecaster']}, {r['stated_on']}"),
        "event": typographic(r["event_stated"]),
        "horizon": typographic(r["horizon_stated"].removeprefix("by ").removeprefix("in ")),
        "probability": _figure(r),
        "nearest": None if event == "none" else f"{event.replace('_', ' ')}, {r['direction']}",
        "near": _ours(answer, event, near),
        "far": None if event == PHYSICAL else _ours(answer, event, far),
        "grade": r["grade"],
    }


def _figure(r: Mapping[Any, Any]) -> str | None:
    low, middle, high = (_written(r[f"probability_{end}"]) for end in ("low", "mid", "high"))
    ends = f"{low}–{high}" if low and high else ""
    return f"{middle} ({ends})" if middle and ends else middle or ends or None


def _written(text: str) -> str:
    if not text:
        return ""
    return number(float(text)) if float(text) >= LEAST else f"< {LEAST}"


def _ours(answer: Mapping[str, Any], event: str, by: str) -> float | None:
    found = answer["combined"].get(f"{event} by {by}") or answer["combined"].get(event)
    return found["probability"] if found else None


def _horizons(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Return the headline's horizon, and the latest one."""
    by = sorted({c["by"] for c in answer["combined"].values() if c["by"]})
    return answer["headline"]["by"], by[-1]


def _outside(answer: Mapping[str, Any]) -> str:
    """Say why ours lies outside of what was expected of others, where it does."""
    p = answer["headline"]["probability"]
    low, high = EXPECTED
    if low <= p <= high:
        return ""
    terms = [t for t in answer["headline"]["terms"] if t["weight"]]
    pulls = (max if p > high else min)(terms, key=lambda t: (t["probability"], t["model"]))
    way = "above" if p > high else "below"
    why = "" if p > high else ", and a year’s spending must fall by 30 % in time, which a pause does not do"
    return (
        f"Ours of {answer['headline']['event']}, {number(p)}, lies {way} the {low} to {high} expected of "
        f"others: {inline(pulls['model'])} says {number(pulls['probability'])} with weight "
        f"{number(pulls['weight'])}{why}. "
    )
