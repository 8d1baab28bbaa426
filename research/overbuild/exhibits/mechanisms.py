"""Table: seven mechanisms that would make firms answer each other, before and after the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, span, typographic

ID = "mechanisms"
TITLE = "What would make a firm answer its rivals: seven mechanisms before and after the data"
NOTE = (
    "Move: what each says of the answer to a rival’s move; tight: how it changes where a firm’s capex "
    "exceeds its operating cash flow ({strained} firm-quarters); cash: the answer to a rival’s cash-flow "
    "surprise; up: rises against cuts. + or − a sign, 0 none, · silent, shrinks: toward none, only: to "
    "rises alone. Rows of one letter say the same of what is known and no data here can part them: a series "
    "of rental supply of twelve quarters would, and is missing. Readings: the range of the posterior over "
    "{others} (scales of priors as set, halved and doubled; time effects, one factor, averages); Monte "
    "Carlo error below {mc_error}. Factor: of the pattern against the mean of the others; the rule "
    "was changed to it after results were seen. Found, long: mean posterior of "
    "the pattern where it is true, at {short} and {long} quarters, estimates without bias. {sentence} The "
    "coefficients estimated with time effects: {coefficients}."
)
NEEDS = ("mechanisms",)
DATA = ()
SAYS = {
    "contest": ("−", "shrinks", "−", "·"),
    "stealing": ("+", "shrinks", "+", "·"),
    "regret": ("+", "shrinks", "+", "only"),
    "learning": ("+", "0", "0", "·"),
    "common": ("0", "0", "0", "0"),
    "hoarding": ("−", "shrinks", "−", "·"),
    "newsvendor": ("0", "0", "0", "0"),
}
NAMED = {
    "reaction": "move",
    "strained": "tight",
    "rivals_cash": "cash",
    "asymmetric": "up",
}
COLUMNS = {
    "letter": "",
    "what": "Mechanism",
    "reaction": "Move",
    "strained": "Tight",
    "cash": "Cash",
    "asymmetric": "Up",
    "prior": "Prior",
    "posterior": "Posterior",
    "range": "Readings",
    "factor": "Factor",
    "found_short": "Found",
    "found_long": "long",
}
FORMATS: Mapping[str, str] = dict.fromkeys(("prior", "posterior", "found_short", "found_long"), ".2f") | {
    "factor": ".1f"
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("mechanisms")
    frame = pd.DataFrame(list(_rows(found)), columns=pd.Index(list(COLUMNS)))
    first = found["coefficients"][0]
    told = ", ".join(f"{NAMED[n]} {number(v['b'])} ({number(v['se'])})" for n, v in first["values"].items())
    largest = max(m["mc_error"] for m in found["mechanisms"])
    note = NOTE.format(
        strained=first["strained"],
        others=found["rule"]["readings"],
        mc_error=number(max(0.001, 1.05 * largest), ".3f"),
        short=found["quarters"],
        long=max(r["quarters"] for r in found["found"]),
        sentence=found["sentence"],
        coefficients=told,
    )
    return Table(ID, TITLE, typographic(note), frame, "lp" + "c" * 4 + "rrrrrr", FORMATS, COLUMNS)


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    patterns = list(dict.fromkeys(m["pattern"] for m in found["mechanisms"]))
    weight = {(r["quarters"], r["truth"]): r["weight"] for r in found["found"]}
    short, long = found["quarters"], max(q for q, _ in weight)
    ordered = sorted(found["mechanisms"], key=lambda m: patterns.index(m["pattern"]))
    for m in ordered:
        yield (
            "abcdefg"[patterns.index(m["pattern"])],
            m["title"],
            *SAYS[m["mechanism"]],
            m["prior"],
            m["posterior"],
            span(m["low"], m["high"]),
            m["factor"],
            weight[short, m["pattern"]],
            weight[long, m["pattern"]],
        )
