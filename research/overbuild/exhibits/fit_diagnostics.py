"""Table: whether the draws of every Bayesian fit can be relied on, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.models_named import MODELS
from overbuild.exhibits.wording import typographic

ID = "fit_diagnostics"
TITLE = "Diagnostics of every Bayesian fit"
NOTE = (
    "Worst of all parameters and chains. R-hat and effective draws are rank-normalised; divergent is the "
    "share of draws; E-BFMI is the energy fraction, which only a Markov chain has. A fit fails above an "
    "R-hat of 1.01, below 400 effective draws or an E-BFMI of 0.3, above 0.1 % divergent draws, or where the "
    "data lie outside what its prior or its posterior predicts; it is then kept, named as failed, and given "
    "no weight. Seconds are those of the run on file, on two cores: compiled is near nothing where the "
    "machine code was at hand. Fits to telecom are hindcast on revised data; one event. Sources: as the "
    "exhibits of each model name them."
)
NEEDS = (
    "estimate_regimes_ai",
    "estimate_regimes_telecom",
    "hindcasts_regimes",
    "estimate_quarterly_ai",
    "estimate_quarterly_telecom",
    "hindcasts_quarterly",
    "estimate_capital_ai",
    "estimate_capital_telecom",
    "hindcasts_capital",
    "estimate_demand_ai",
    "estimate_demand_telecom",
    "hindcasts_demand",
    "estimate_explosive_ai",
    "estimate_explosive_telecom",
    "hindcasts_explosive",
    "estimate_clock_ai",
    "estimate_clock_telecom",
    "hindcasts_clock",
    "estimate_analogue_regression_ai",
    "estimate_analogue_regression_telecom",
    "hindcasts_analogue_regression",
    "estimate_contest_ai",
    "estimate_contest_telecom_full",
    "estimate_quantal_response_ai",
)
DATA = ()
HEADINGS = {
    "model": "Model",
    "fit": "Fit",
    "r_hat": "R-hat",
    "ess": "Effective draws",
    "divergent": "Divergent",
    "e_bfmi": "E-BFMI",
    "compile": "Compiled, s",
    "sample": "Sampled, s",
    "verdict": "Verdict",
}
FORMATS = {
    "r_hat": ".3f",
    "ess": ",.0f",
    "divergent": ".2%",
    "e_bfmi": ".2f",
    "compile": ".0f",
    "sample": ".0f",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = [row for model in MODELS for row in _rows(model, inputs)]
    frame = pd.DataFrame(rows, columns=pd.Index(list(HEADINGS)))
    return Table(ID, TITLE, typographic(NOTE), frame, "llrrrrrrp", FORMATS, HEADINGS)


def _rows(model: str, inputs: Inputs) -> Iterator[tuple[Any, ...]]:
    yield _row(model, "AI", inputs.result(f"estimate_{model}_ai"))
    if f"estimate_{model}_telecom_full" in NEEDS:
        yield _row(model, "telecom, all data", inputs.result(f"estimate_{model}_telecom_full"))
    if f"hindcasts_{model}" not in NEEDS:
        return
    yield _row(model, "telecom, end of 1999", inputs.result(f"estimate_{model}_telecom"))
    every = inputs.result(f"hindcasts_{model}")
    failed = [h["as_of"][:4] for h in every if not h["passed"]]
    worst = max(every, key=lambda h: h["diagnostics"]["r_hat"] or 0.0)
    row = _row(model, f"telecom, worst of {every[0]['as_of'][:4]}–{every[-1]['as_of'][:4]}", worst)
    yield (*row[:-1], f"failed: {', '.join(failed)}" if failed else "all passed")


def _row(model: str, fit: str, found: Mapping[str, Any]) -> tuple[Any, ...]:
    d, seconds = found["diagnostics"], found["seconds"]
    failed = [name.replace("_", " ") for name, passed in found["checks"].items() if not passed]
    verdict = f"failed: {', '.join(failed)}" if failed else "passed"
    numbers = d["r_hat"], d["ess_bulk"], d["divergent"], d["e_bfmi"]
    return (MODELS[model], fit, *numbers, seconds["compile"], seconds["sample"], verdict)
