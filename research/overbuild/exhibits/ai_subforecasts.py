"""Table: capex and free cash flow one, two and four quarters ahead, every model against the random walk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.ai_forecasts_named import AHEAD, FORECASTERS
from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic

ID = "ai_subforecasts"
TITLE = "The sector’s capex and free cash flow ahead, forecast from each quarter since 2019Q4"
NOTE = (
    "n: origins. CRPS: mean continuous ranked probability score, of capex in per cent of log growth from the "
    "origin, of free cash flow in USD billion; less is better. Skill: one less the ratio to the CRPS of the "
    "random walk on the same origins, per cent; below zero the model lost. p: Diebold and Mariano’s test of "
    "equal CRPS with the small-sample correction, none where origins are too few. PIT: p-value of uniform "
    "probability transforms under overlapping horizons. Capex of the five firms; free cash flow is operating "
    "cash flow, forecast once for all models, less capex. Random walk in logs with drift, and season from "
    "three years of growth on; the regimes speak from {first} on, when they have twelve growth rates; "
    "guidance where firms with half the spending gave it. {tests} tests stand here: one in twenty would fall "
    "below 0.05 by chance. Origins are known 45 days after the quarter, by rule; figures as later revised "
    "(hindcast on revised data). Sources: the five firms’ filings with the SEC, grades A and B; guidance, "
    "grades B and C."
)
NEEDS = ("hindcasts_ai",)
DATA = ()
PANELS = ("ai_capex", "ai_free_cash_flow")
COLUMNS: Mapping[str, str] = {
    "ahead": "Ahead",
    "model": "Model",
    "n": "n",
    "capex_crps": "Capex: CRPS",
    "capex_skill": "Skill",
    "capex_p": "p",
    "capex_pit": "PIT",
    "cash_crps": "Cash: CRPS",
    "cash_skill": "Skill ",
    "cash_p": "p ",
    "cash_pit": "PIT ",
}
FORMATS = {"n": ",d", "capex_crps": ".1f", "cash_crps": ".1f"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("hindcasts_ai")
    scores = found["scores"]
    tests = sum(s["test"] is not None for s in scores) + sum(s["pit"] is not None for s in scores)
    first = next((s["first"] for s in scores if s["model"] == "quarterly"), "no quarter")
    frame = pd.DataFrame(list(_rows(scores)), columns=pd.Index(list(COLUMNS)))
    note = NOTE.format(first=first, tests=tests)
    return Table(ID, TITLE, typographic(note), frame, "llrrrrrrrrr", FORMATS, COLUMNS)


def _rows(scores: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    by = {(s["panel"], s["horizon"], s["model"]): s for s in scores}
    for horizon, title in AHEAD.items():
        for model, name in FORECASTERS.items():
            capex, cash = (by.get((panel, horizon, model)) for panel in PANELS)
            if capex and cash:
                yield (title, name, capex["n"], *_cells(capex, 100.0), *_cells(cash, 1.0))


def _cells(s: Mapping[str, Any], scale: float) -> tuple[Any, ...]:
    skill = "–" if s["skill"] is None else number(100.0 * s["skill"], ".0f")
    return scale * s["crps"], skill, _p(s["test"]), _p(s["pit"])


def _p(test: Mapping[str, Any] | None) -> str:
    if test is None or test["p_value"] is None:
        return "–"
    return number(test["p_value"])
