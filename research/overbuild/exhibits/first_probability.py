"""Table: what each model says of which event by when, and what it says nothing of and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.terms_named import inline, named
from overbuild.exhibits.wording import THIN, capital, listed, number, small, span, typographic

ID = "first_probability"
TITLE = "Forecasts by model, event and date, and abstentions"
NOTE = (
    "Each row names its event; rows of different events answer different questions and are not to be "
    "averaged. {headline} ({title}). As of {as_of}. Interval: 5 % and 95 % points over the model’s own "
    "parameters (by series; by cluster of booms; by posterior draw). The headline is {headline} by {by}, "
    "{probability}, combined from {combined}; three ranges kept apart: Monte Carlo error, {monte_carlo}; "
    "parameters, {parameters}; other weights and rules, {models}. {silent}Physical overbuild is the label "
    "of the list of past booms, within five years of the peak; its rate under other readings of labels, "
    "weights, clusters and selection runs from {lowest} to {highest}. The long series and the list of booms "
    "hold telecom: hindcast on revised data; one event. Grades: long series B, booms B and C, capex of the "
    "firms as in the table of the two eras. Sources: BEA infrastructure accounts, the literature named in "
    "data/history/booms.csv, company filings."
)
NEEDS = ("probability", "analogue_rate")
DATA = ()

EVIDENCE = {
    "rule": "counted by rule",
    "direct": "counted outcomes",
    "paths": "simulated",
    "prior-driven": "prior",
}
PHYSICAL = "physical_overbuild"
COUNTED = "analogues"
UNKNOWN = "unknown_models"
FEW_REASONS = 2
MANY_REASONS = "its paths lack what these events are judged on"
SHORT = {"composite": "core", PHYSICAL: "physical overbuild"}
COLUMNS = ("model", "event", "by", "probability", "low", "high", "evidence")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    answer, analogues = inputs.result("probability"), inputs.result("analogue_rate")
    spoken = {m: fs for m, fs in answer["by_model"].items() if any(f["probability"] is not None for f in fs)}
    rows = [row for model, found in spoken.items() for row in _rows(model, found, analogues)]
    frame = pd.DataFrame(rows, columns=pd.Index(COLUMNS))
    headings = {
        "model": "Model",
        "event": "Event",
        "by": "By",
        "probability": "P",
        "low": f"5{THIN}%",
        "high": f"95{THIN}%",
        "evidence": "Evidence, or why it abstains",
    }
    formats = {"probability": ".2f", "low": ".2f", "high": ".2f"}
    return Table(ID, TITLE, typographic(_note(answer, analogues)), frame, "lplrrrp", formats, headings)


def _rows(
    model: str, forecasts: Sequence[Mapping[str, Any]], analogues: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    name = named(model)
    silent: dict[str, list[Mapping[str, Any]]] = {}
    for f in forecasts:
        if f["probability"] is None:
            silent.setdefault(f["abstains"], []).append(f)
            continue
        event = capital(analogues["event"]) if f["event"] == PHYSICAL else f["event"]
        physical = f["event"] == PHYSICAL and model == COUNTED
        if physical:
            prior = analogues["prior"]
            yield (name, event, _by(f), prior["mean"], *prior["interval"], "prior, before counting")
        low, _, high = f["spread"] or (None, None, None)
        evidence = f"{'posterior, ' if physical else ''}{EVIDENCE.get(f['evidence'], f['evidence'])}"
        yield (name, event, _by(f), f["probability"], low, high, evidence)
    if len(silent) > FEW_REASONS:
        silent = {MANY_REASONS: [f for found in silent.values() for f in found]}
    for reason, found in silent.items():
        events = list(dict.fromkeys(_event(f) for f in found))
        dates = list(dict.fromkeys(f["by"] for f in found if f["by"]))
        spoken = f"{dates[0]}–{dates[-1]}" if len(dates) > 1 else "".join(dates)
        yield (name, ", ".join(events), spoken or None, None, None, None, f"abstains: {reason}")


def _event(forecast: Mapping[str, Any]) -> str:
    event = str(forecast["event"])
    return SHORT.get(event, event)


def _by(forecast: Mapping[str, Any]) -> str | None:
    return forecast["by"] or None


def _note(answer: Mapping[str, Any], analogues: Mapping[str, Any]) -> str:
    headline = answer["headline"]
    means = [e["mean"] for e in analogues["sensitivity"]]
    ranges = {name: span(*ends) for name, ends in answer["ranges"].items()}
    if len(set(answer["ranges"]["monte_carlo"])) == 1:
        ranges["monte_carlo"] = "none, since nothing is simulated"
    counted = [inline(t["model"]) for t in headline["terms"] if t["weight"] and t["model"] != UNKNOWN]
    silent = [inline(m) for m, fs in answer["by_model"].items() if all(f["probability"] is None for f in fs)]
    return NOTE.format(
        combined=listed(counted),
        silent=f"On file and silent on every event: {listed(silent)}. " if silent else "",
        title=small(headline["title"]),
        as_of=answer["as_of"],
        headline=headline["event"],
        by=headline["by"],
        probability=number(headline["probability"]),
        lowest=number(min(means)),
        highest=number(max(means)),
        **ranges,
    )
