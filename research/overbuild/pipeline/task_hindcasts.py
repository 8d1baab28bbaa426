"""Hindcasts with their scores: one step, whose fits and results are filed with the project."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from overbuild.models.registry import module_of
from overbuild.pipeline.describe import perimeter, priors, sections
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed

RESULTS = ("hindcasts_telecom", "hindcasts_run_ups", "hindcasts_booms")
"""What exhibits and numbers may name."""
FITS = ("regimes", "quarterly")
FILED = ("regimes_by_vintage", "regimes_left_out", "quarterly_by_quarter", "rivals_by_day")
READS = ("hindcasts_regimes", "estimate_analogue_regression_ai", "inside_view_telecom")
"""Results whose filed answers are read."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the step."""
    from overbuild.pipeline.backtest import BOOMS, MODULES, USED
    from overbuild.pipeline.estimate import files_read
    from overbuild.pipeline.task_results import frozen_day

    files = {f for model in FITS for f in files_read(model, "telecom", plan.data)} | {BOOMS}
    home = plan.filed / "hindcasts"
    produces = {name: plan.results / f"{name}.json" for name in RESULTS[1:]}
    produces |= {f"filed_{n}": home / f"{n.removeprefix('hindcasts_')}.json" for n in RESULTS[1:]}
    produces |= {name: home / f"{name}.json" for name in FILED}
    settings: dict[str, Any] = {
        "as_of": frozen_day(plan),
        "quick": plan.quick,
        "definitions": sections(plan.data / "definitions.toml", USED),
        "perimeter": perimeter(plan.data, "telecom"),
        "priors": {m: priors(plan.data, m) for m in (*FITS, "baserate", "analogues")},
    }
    modules = (
        "overbuild.pipeline.backtest",
        *(f"overbuild.probability.hindcast_{m}" for m in MODULES),
        *(module_of(m) for m in FITS),
    )
    return (
        Step(
            "hindcasts",
            compute,
            {file: plan.data / file for file in sorted(files)}
            | {name: plan.results / f"{name}.json" for name in READS}
            | {"data_check": passed(plan)},
            {"filed": home / "telecom.json", "result": plan.results / f"{RESULTS[0]}.json", **produces},
            settings,
            modules,
            {"folder": str(plan.data), "home": str(plan.folder), "refit": plan.refit},
        ),
    )


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take fits and results from file where their keys match; else make and file them."""
    from overbuild.core.saving import save_text
    from overbuild.pipeline.backtest import compact, results
    from overbuild.pipeline.hindcast_fits import Work

    del reads
    work = Work(
        date.fromisoformat(settings["as_of"]),
        Path(settings["folder"]),
        produces["filed"].parent.parent,
        Path(settings["home"]),
        quick=settings["quick"],
        again=settings["refit"],
    )
    places = {"telecom": "result", "run_ups": RESULTS[1], "booms": RESULTS[2]}
    for name, found in results(work).items():
        save_text(produces[places[name]], compact(found))
