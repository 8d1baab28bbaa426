"""Table: the next figures, when they are due, and how far each is expected to move which probability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.sensitivity_wording import COMPONENTS, FIGURES, SPOKEN
from overbuild.exhibits.watch_moves import base_rate_move, headline_moves
from overbuild.exhibits.wording import MISSING, number, small, typographic

ID = "what_to_watch"
TITLE = "What to watch: expected moves by the next figures, in the models’ own opinion"
NOTE = (
    "Probability of {event} by {by}. Each row is a model’s own opinion of its own future: figure and "
    "event are drawn from its paths, and the probability given the figure is a smooth regression over "
    "them. 10, 50 and 90 % points of the figure (capex USD billion; AI revenue USD billion a year; price "
    "of a GPU-hour against today, log per cent), and the probability there. AI revenue: the cash that "
    "capacity in use brings its owners on a path; no firm reports the whole of it. Expected: the mean "
    "absolute change when the figure is known, its Monte Carlo error in brackets. On average the "
    "probability does not move: means given the figure equal the probabilities before. A figure of other "
    "paths gives up to {noise}: no finding below that. Spread of Baa bonds over Treasuries: no model "
    "simulates it; the last one is moved by changes over a year on record (percentage points) and the "
    "annual regimes are asked again. Base rate: asked again with a record longer by {first} and {last} at"
    " those points of the quarterly regimes’ spending; its run-up is then {years} years old, {state}; "
    "expected is the mean change over the three; it counts, has no opinion of the figure, and may move on"
    " average. Due: last day by the rules of data/release_lags.toml; in brackets, already due on {as_of} "
    "and not in the data. Weights in the headline: {weights}; where a weight is nil the row says what the"
    " model, not the headline, would do. Headline through a component: its weight, {known} % of which "
    "known models have, times its expected move, the others held. No sum and no bound: each component has"
    " its own law of the figure, and the headline has none. The annual regimes have no row of capex that "
    "could be filled: they draw one rate of growth a year and apply it to the same quarter of the year "
    "before, so that a single quarter would tell them the whole year; until the year is complete its "
    "capex says nothing that they can read. The long series hold telecom: hindcast on revised data; one "
    "event."
)
NEEDS = ("specification", "watch")
DATA = ()
COLUMNS = {
    "model": "Model",
    "figure": "Figure",
    "due": "Due",
    "before": "Now",
    "low": "10 %",
    "middle": "50 %",
    "high": "90 %",
    "expected": "Expected",
}
ORDER = ("simulation", "quarterly", "regimes")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found, specification = inputs.result("watch"), inputs.result("specification")
    frame = pd.DataFrame(list(_rows(found, specification)), columns=pd.Index(list(COLUMNS)))
    headings = {k: typographic(v) for k, v in COLUMNS.items()}
    return Table(
        ID,
        TITLE,
        typographic(_note(found, specification)),
        frame,
        "lllrrrrr",
        {},
        headings,
    )


def _rows(found: Mapping[str, Any], specification: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for model in ORDER:
        told = found["models"][model]
        if not told["figures"]:
            title, due = _named(found, FIGURES["capex_next"][0]), _due(found, "capex_next")
            yield (COMPONENTS[model], title, due, number(told["probability"]), *[MISSING] * 4)
        for row in told["figures"]:
            title, spec = FIGURES[row["figure"]]
            both = zip(row["figures"], row["probabilities"], strict=True)
            yield (
                COMPONENTS[model],
                _named(found, title),
                _due(found, row["figure"]),
                number(row["probability"]),
                *(f"{number(x, spec)}: {number(p)}" for x, p in both),
                f"{number(row['expected_change'], '.3f')} ({number(row['error'], '.3f')})",
            )
    spread = found["spread"]
    yield (
        COMPONENTS["regimes"],
        "Spread of Baa bonds",
        "daily",
        number(spread["probability"]),
        *(f"{number(p['change'], '+.1f')}: {number(p['probability'])}" for p in spread["points"]),
        number(spread["expected_change"], ".3f"),
    )
    now, *cases = found["baserate"]
    yield (
        COMPONENTS["baserate"],
        _named(found, FIGURES["capex_next"][0]),
        _due(found, "capex_next"),
        number(now["probability"]),
        *(number(c["probability"]) for c in cases),
        number(base_rate_move(found), ".3f"),
    )
    for model, moves in headline_moves(found, specification).items():
        for figure, move in moves.items():
            title = _named(found, FIGURES[figure][0])
            through = f"Headline through {SPOKEN[model]}"
            yield (through, title, _due(found, figure), "", "", "", "", number(move, ".3f"))


def _named(found: Mapping[str, Any], title: str) -> str:
    first, last = found["next"][0], found["next"][-1]
    return title.format(first=first, last=last, quarter=last[4:])


def _due(found: Mapping[str, Any], figure: str) -> str:
    first, last = found["next"][0], found["next"][-1]
    if figure == "price":
        return "daily"
    if figure == "ai_revenue":
        return "as stated"
    day = (
        found["due"][first]["quarterly_reports"]
        if figure == "capex_first"
        else found["due"][last]["annual_reports"]
    )
    return f"({day})" if day <= found["as_of"] else day


def _note(found: Mapping[str, Any], specification: Mapping[str, Any]) -> str:
    weights = specification["weights"]
    mass = next(a["levels"][0] for a in specification["axes"] if a["name"] == "unknown")
    noise = max(r["noise"] for m in found["models"].values() for r in m["figures"])
    return NOTE.format(
        event=found["event"],
        by=found["by"],
        noise=number(noise, ".3f"),
        first=found["next"][0],
        last=found["next"][-1],
        as_of=found["as_of"],
        years=found["baserate"][-1]["years"],
        state=found["baserate"][-1]["state"].replace("_", " "),
        known=f"{100 * (1 - mass):.0f}",
        weights="; ".join(f"{small(COMPONENTS[m])} {number(weights.get(m, 0.0))}" for m in COMPONENTS),
    )
