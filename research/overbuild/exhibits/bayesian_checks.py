"""Table: what every Bayesian model was put through, and whether it came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.models_named import MODELS
from overbuild.exhibits.wording import number, typographic

ID = "bayesian_checks"
TITLE = "Checks of every Bayesian model"
NOTE = (
    "Prior and posterior predictive: least two-sided p-value of the observed statistics among those of "
    "data drawn from the prior, and drawn anew with the posterior’s parameters (fit to AI); the mark is "
    "0.01 over the number of statistics. Ranks: simulation-based calibration on data of AI’s sizes "
    "(quarterly: telecom’s), least p-value of uniform ranks times the number of tests; coverage is that "
    "of all 90 % intervals. Recovery: the same, with one typical set of parameters known. Learnt: "
    "parameters that lost at least a fifth of their prior variance, of all that are ranked. Simulations "
    "are fitted with two chains of four hundred draws; “failed” is the share of them in which more than "
    "one draw in a hundred diverged. Not identified, known before any fit: {limits} Sources: as the "
    "exhibits of each model name them."
)
NEEDS = (
    "estimate_regimes_ai",
    "calibration_regimes",
    "estimate_quarterly_ai",
    "calibration_quarterly",
    "estimate_capital_ai",
    "calibration_capital",
    "estimate_demand_ai",
    "calibration_demand",
    "estimate_explosive_ai",
    "calibration_explosive",
    "estimate_clock_ai",
    "calibration_clock",
    "estimate_analogue_regression_ai",
    "calibration_analogue_regression",
    "estimate_contest_ai",
    "calibration_contest",
    "estimate_quantal_response_ai",
    "calibration_quantal_response",
)
DATA = ()
HEADINGS = {
    "model": "Model",
    "prior": "Prior predictive",
    "posterior": "Posterior predictive",
    "simulations": "Simulations",
    "ranks": "Ranks",
    "coverage": "Coverage",
    "recovery": "Recovery",
    "failed": "Failed",
    "learnt": "Learnt",
    "verdict": "Verdict",
}
FORMATS = {
    "prior": ".3f",
    "posterior": ".3f",
    "simulations": ",d",
    "ranks": ".3f",
    "coverage": ".0%",
    "recovery": ".0%",
    "failed": ".0%",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    fits = {model: inputs.result(f"estimate_{model}_ai") for model in MODELS}
    rows = [_row(model, fits[model], inputs.result(f"calibration_{model}")) for model in MODELS]
    frame = pd.DataFrame(rows, columns=pd.Index(list(HEADINGS)))
    limits = " ".join(f"{MODELS[m]}: {f['known_limits']}" for m, f in fits.items())
    note = typographic(NOTE.format(limits=limits))
    return Table(ID, TITLE, note, frame, "prrrrrrrrl", FORMATS, HEADINGS)


def _row(model: str, fit: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[Any, ...]:
    before, after = (min(r["p_value"] for r in fit["predictive"][k]) for k in ("prior", "posterior"))
    table, learnt = found["table"], [p["identified"] for p in fit["parameters"]]
    p = min(min(r["chi_square_p"], r["largest_gap_p"]) for r in table)
    coverage, recovery = (_mean(rows, "coverage") for rows in (table, found["recovery"]))
    passed = found["passed"] and fit["passed"]
    return (
        MODELS[model],
        before,
        after,
        found["simulations"],
        min(1.0, p * 2 * len(table)),
        coverage,
        recovery,
        found["failed_fits"],
        f"{sum(learnt)} of {number(len(learnt), 'd')}",
        "passed" if passed else "failed",
    )


def _mean(rows: list[dict[str, Any]], name: str) -> float:
    return sum(r[name] for r in rows) / len(rows)
