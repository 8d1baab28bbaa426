"""Table: how much each past boom explains, the phase that it reads today, and its scores beside rivals'."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic, with_range

ID = "clock_weights"
TITLE = "Past booms as templates of AI capex: weight, phase and leave-future-out scores"
NOTE = (
    "Fitted to the five firms’ capex as a share of GDP, {first} to {today}. Rise: how many times as large "
    "the past boom’s measure was at its peak as at its lowest before. Weight: posterior probability that the "
    "template explains the path; before, each of the {count} had {prior}. Phase: years from the peak that "
    "today corresponds to, median and 90 % interval given the template; s.d. ratio: its standard deviation "
    "over the prior’s; past: probability that the peak is past. Score: mean log density of the next two and "
    "four quarters together, fitted to data up to {origins}; higher is better, and the origins share most of "
    "their data. All templates together, weighted, are scored as “all”; the rivals know no past boom. Over "
    "two quarters the best is {best}. Tried on the past booms themselves, 90 % intervals of the phase hold "
    "the truth at {held} of {dates} dates. Telecom is a hindcast on revised data; one event. Sources: BEA "
    "infrastructure accounts, housing starts, chained investment in mining structures, grade B; miles of "
    "railroad, grade C; filings with the SEC, grades A to C."
)
NEEDS = ("estimate_clock_ai", "estimate_clock_telecom")
DATA = ()
RIVALS = {
    "mixture": "all, weighted",
    "random_walk_with_drift": "random walk with drift",
    "random_walk": "random walk",
    "trend": "trend",
}
COLUMNS = {
    "what": "",
    "rise": "Rise",
    "weight": "Weight",
    "phase": "Phase, years",
    "spread": "S.d. ratio",
    "past": "Past (prior)",
    "two": "Score, 2",
    "four": "Score, 4",
}
FORMATS: Mapping[str, str] = {
    "rise": ".1f", "weight": ".2f", "spread": ".2f", "two": ".2f", "four": ".2f"
}  # fmt: skip


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    ai = inputs.result("estimate_clock_ai")["findings"]
    frame = pd.DataFrame(_rows(ai), columns=pd.Index(list(COLUMNS)))
    best = max((r for r in ai["mean_scores"] if r["horizon"] == 2), key=lambda r: r["score"])
    titles = {t["template"]: t["title"] for t in ai["templates"]} | RIVALS
    note = NOTE.format(
        first=ai["first"],
        today=ai["today"],
        count=len(ai["templates"]),
        prior=number(ai["templates"][0]["prior_weight"]),
        origins=", ".join(dict.fromkeys(r["origin"] for r in ai["scores"])),
        best=titles[best["model"]],
        held=ai["past_booms_summary"]["all"]["held"],
        dates=ai["past_booms_summary"]["all"]["dates"],
    )
    return Table(ID, TITLE, typographic(note), frame, "lrrrrrrr", FORMATS, COLUMNS)


def _rows(ai: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    scores = {(r["model"], r["horizon"]): r["score"] for r in ai["mean_scores"]}
    for t in sorted(ai["templates"], key=lambda t: -t["weight"]):
        p = t["phase"]
        yield (
            t["title"],
            math.exp(t["rise"]),
            t["weight"],
            with_range(p["q50"], p["q05"], p["q95"], ".1f"),
            p["sd"] / p["prior_sd"],
            f"{number(p['past_peak'])} ({number(p['prior_past_peak'])})",
            *(scores.get((t["template"], h)) for h in (2, 4)),
        )
    m = ai["mixture"]
    phase, past = (
        with_range(m["q50"], m["q05"], m["q95"], ".1f"),
        f"{number(m['past_peak'])} ({number(m['prior_past_peak'])})",
    )
    for name, title in RIVALS.items():
        both = [scores.get((name, h)) for h in (2, 4)]
        if name == "mixture":
            yield (title, None, 1.0, phase, m["sd"] / m["prior_sd"], past, *both)
        else:
            yield (title, None, None, "", None, "", *both)
