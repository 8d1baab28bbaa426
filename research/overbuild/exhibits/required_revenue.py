"""Table: what AI capital must earn a year, what AI earns by bounds, and what must be true by a date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic

ID = "required_revenue"
TITLE = "What AI capital must earn, and what must be true for it to earn that"
NOTE = (
    "USD billion a year unless said; medians with 5 % and 95 % points over draws. Required revenue is the "
    "user cost of the capital in use, at what it would cost new, and its running cost; completed adds what "
    "is paid for and still being built. Of AI revenue there are two bounds, from the run rates that "
    "{sellers} announced: the larger of laboratories and clouds, and their sum. They leave out what firms "
    "earn by using AI themselves and clouds that announce nothing, and laboratories also use capital that "
    "is not the five firms’, so cover errs either way. What must be true: growth a year of AI revenue from "
    "either bound at which cover is one by the date, at a growth of capex that is assumed and not forecast. "
    "Shares of assets, economic lives, price falls and the share of capex that serves AI are reported by "
    "nobody: the bands are those of the priors ({evidence}). With accelerator lives anywhere from 0.5 to 15 "
    "years, and revenue growing by {assumed} a year, cover by {by} at level capex turns on the life in "
    "{turns} of draws. Telecom’s capital had to earn {telecom} of its cost a year before running cost at "
    "its peak, AI’s {ai}: telecom broke all the same, so obsolescence is not what broke it (hindcast on "
    "revised data; one event). Sources: SEC filings and announcements, grades A to C; BEA fixed assets, "
    "grade B."
)
NEEDS = ("capital_ai", "capital_telecom")
DATA = ()
COLUMNS = {"what": "", "low": "5 %", "middle": "Median", "high": "95 %"}
FORMATS: Mapping[str, str] = {"low": ",.0f", "middle": ",.0f", "high": ",.0f"}
BOUNDS = {"low": "lower", "high": "upper"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    ai, telecom = (inputs.result(f"capital_{era}") for era in ("ai", "telecom"))
    frame = pd.DataFrame(_rows(ai["summary"]), columns=pd.Index(list(COLUMNS)))
    return Table(ID, TITLE, typographic(_note(ai, telecom["summary"])), frame, "prrr", FORMATS, COLUMNS)


def _rows(s: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield _billion(f"Capital in use, {s['period']}", s["capital_in_use"])
    yield _billion("Paid for and being built", s["in_progress"])
    yield _billion("Required revenue", s["required"])
    yield _billion("Required at constant prices (recovery factors)", s["required_at_constant_price"])
    yield _billion("Required once completed", s["required_when_completed"])
    for end, name in BOUNDS.items():
        yield f"AI revenue, {name} bound", None, s["revenue"][end] / 1e3, None
        yield _percent(f"Cover at the {name} bound, %", s["cover"][end])
        yield _percent(f"Cover at the {name} bound once completed, %", s["cover_when_completed"][end])
    for scenario in s["must_be_true"]:
        levers = {lever["lever"]: lever for lever in scenario["levers"]}
        growth = scenario["capex_growth"]
        path = f"{scenario['by']}, capex " + (f"{growth:+.0%} a year" if growth else "level")
        yield _billion(f"{path}: required", scenario["required"])
        for end, name in BOUNDS.items():
            lever = levers[f"revenue_growth_from_{end}"]
            yield _percent(f"{path}: growth a year from the {name} bound, %", lever)


def _billion(what: str, band: Mapping[str, float]) -> tuple[Any, ...]:
    return what, band["q05"] / 1e3, band["q50"] / 1e3, band["q95"] / 1e3


def _percent(what: str, band: Mapping[str, float]) -> tuple[Any, ...]:
    return what, 100 * band["q05"], 100 * band["q50"], 100 * band["q95"]


def _note(ai: Mapping[str, Any], telecom: Mapping[str, Any]) -> str:
    s = ai["summary"]
    first = s["must_be_true"][0]
    life = next(lever for lever in first["levers"] if lever["lever"] == "accelerator_life")
    sellers = ", ".join(row["entity"] for row in s["revenue"]["latest"])
    charges = (number(x["charge_over_capital"]["q50"], ".0%") for x in (s, telecom))
    return NOTE.format(
        sellers=sellers,
        evidence=ai["record"]["evidence"],
        assumed=number(first["revenue_growth"], ".0%"),
        by=first["by"],
        turns=number(1 - life["cannot"] - life["need_not"], ".0%"),
        **dict(zip(("ai", "telecom"), charges, strict=True)),
    )
