"""AI's own resolving sub-forecasts: one step, whose summary is filed with the project."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import perimeter, priors, registered, sections
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed

RESULTS = ("hindcasts_ai",)
"""What exhibits and numbers may name."""
QUICK = (2, 200)
"""Chains and draws of a fit in a quick build."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the step."""
    from overbuild.pipeline.estimate import files_read
    from overbuild.pipeline.hindcasts_ai import GUIDANCE, MODULES, filed_path
    from overbuild.pipeline.task_results import frozen_day

    files = sorted({*files_read("quarterly", "ai", plan.data), GUIDANCE})
    settings: dict[str, Any] = {
        "as_of": frozen_day(plan),
        "sampling": list(QUICK) if plan.quick else None,
        "perimeter": perimeter(plan.data, "ai"),
        "registers": registered(plan.data, files),
        "priors": priors(plan.data, "quarterly"),
        "definitions": sections(plan.data / "definitions.toml", ("O3",)),
    }
    return (
        Step(
            RESULTS[0],
            compute,
            {file: plan.data / file for file in files} | {"data_check": passed(plan)},
            {"filed": filed_path(plan.filed), "result": plan.results / f"{RESULTS[0]}.json"},
            settings,
            MODULES,
            {"folder": str(plan.data), "home": str(plan.folder), "refit": plan.refit},
        ),
    )


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the sub-forecasts from file where their key matches; else make, score and file them."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.hindcasts_ai import hindcasts, key_of, save
    from overbuild.pipeline.units import on_file

    del reads
    day, folder = date.fromisoformat(settings["as_of"]), Path(settings["folder"])
    sampling = tuple(settings["sampling"]) if settings["sampling"] else None
    found = on_file(produces["filed"], key_of(day, folder, sampling))
    if found is None or settings["refit"]:
        found = hindcasts(day, data=folder, folder=Path(settings["home"]), sampling=sampling)
    save(produces["filed"], found)
    save_json(produces["result"], found)
