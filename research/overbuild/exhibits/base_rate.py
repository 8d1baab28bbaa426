"""Table: how often a run-up ended in a fall, under the primary rule and under others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import THIN, capital, interval_name, number, span, typographic

ID = "base_rate"
TITLE = "Base rate: run-ups of infrastructure investment that ended in a fall"
NOTE = (
    "Event: investment falls by {fall} % or more below its running peak within {horizon} years of the "
    "run-up's date. Run-up: investment is at least {run_up} times its level {window} years before, and at "
    "least USD {floor} million. {series} US series, {first}–{last}. Interval: 5 % and 95 % points. The "
    "interval printed first holds known rates often enough (see the table of checks); the others stand below "
    "it. The effective number is that of independent run-ups that would leave the variance of the bootstrap "
    "by series. A row of the grid gives the median and the 5 % and 95 % points over rules, not "
    "over samples; the fewest run-ups behind one of its rules stand under run-ups. The series of telecom "
    "are part of the count: hindcast on revised data; one event. Grade B. Source: BEA infrastructure "
    "accounts, copy of August 2021."
)
NEEDS = ("baserate",)
DATA = ()

NAMES = {"kaplan_meier": "Kaplan–Meier"}
GRID = {"nominal": "Grid, nominal", "share_of_gdp": "Grid, share of GDP"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rate = inputs.result("baserate")
    rule = rate["rule"]
    columns = ["rule", "run_ups", "falls", "rate", "low", "high"]
    frame = pd.DataFrame([*_primary(rate), *_changed(rate), *_grid(rate)], columns=pd.Index(columns))
    note = NOTE.format(
        fall=number(100 * rule["fall"], "g"),
        horizon=rule["horizon_years"],
        run_up=number(rule["run_up"], "g"),
        window=rule["window_years"],
        floor=number(rule["floor_usd_million"], "g"),
        series=rate["series"],
        first=rate["first_year"],
        last=rate["last_year"],
    )
    headings = {
        "rule": "Rule",
        "run_ups": "Run-ups",
        "falls": "Falls",
        "rate": "Rate",
        "low": f"5{THIN}%",
        "high": f"95{THIN}%",
    }
    formats = {"rate": ".2f", "low": ".2f", "high": ".2f"}
    frame = frame.astype({"run_ups": object, "falls": "Int64"})
    return Table(ID, TITLE, typographic(note), frame, "prrrrr", formats, headings)


def _primary(rate: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    counted = rate["run_ups"], rate["falls"], rate["rate"]
    first, others = rate["interval_method"], dict(rate["intervals"])
    unresolved = f"{rate['unresolved']} unresolved left out"
    yield (f"Primary rule ({unresolved}), {interval_name(first)}", *counted, *others.pop(first))
    for method, interval in others.items():
        if method == "effective":
            shown = number(rate["effective_run_ups"], ".1f"), None, rate["rate"]
            yield (f"The same, {interval_name(method)}", *shown, *interval)
        else:
            yield (f"The same, {interval_name(method)}", *counted, *interval)


def _changed(rate: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for other in rate["alternatives"]:
        named = f" ({NAMES[other['id']]})" if other["id"] in NAMES else ""
        yield (capital(other["meaning"]) + named, other["run_ups"], other["falls"], other["rate"], None, None)


def _grid(rate: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for g in rate["grid_summary"]:
        name = f"{GRID[g['measure']]}: {g['combinations']} rules, {span(g['minimum'], g['maximum'])} in all"
        yield (name, f"≥ {g['fewest_run_ups']}", None, g["median"], g["p05"], g["p95"])
