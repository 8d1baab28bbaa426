"""The recovery design of the games' estimator: one step, whose summary is filed with the project."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import priors
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

RESULTS = ("quantal_recovery",)
"""What exhibits and numbers may name."""
QUICK = 4
"""Panels a cell in a quick build."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the step."""
    from overbuild.pipeline.recovery import MODEL, filed_path
    from overbuild.pipeline.task_results import frozen_day

    settings: dict[str, Any] = {
        "as_of": frozen_day(plan),
        "most": QUICK if plan.quick else None,
        "priors": priors(plan.data, MODEL),
    }
    return (
        Step(
            f"recovery_{MODEL}",
            compute,
            {},
            {"filed": filed_path(plan.filed), "result": plan.results / f"{RESULTS[0]}.json"},
            settings,
            ("overbuild.games.recovery",),
            {"folder": str(plan.data), "home": str(plan.folder), "refit": plan.refit},
        ),
    )


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the design from file where its key matches; else run it and file it."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.recovery import held, key_of, on_file, recover

    del reads
    day, folder = date.fromisoformat(settings["as_of"]), Path(settings["folder"])
    found = on_file(produces["filed"].parent.parent)
    if found is None or found["key"] != key_of(held(day, folder), settings["most"]) or settings["refit"]:
        found = recover(day, most=settings["most"], data=folder, folder=Path(settings["home"]))
    save_json(produces["filed"], found)
    save_json(produces["result"], found)
