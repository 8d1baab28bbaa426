"""The evidence of the recursive tests: one step, whose answer is filed with the project."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import files_of, registered
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed

RESULTS = ("psy_evidence",)
"""What exhibits and numbers may name."""
STEP = "recursive_tests"
MODULE = "overbuild.explosive.evidence"
FILE = "psy/evidence.json"


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the step."""
    from overbuild.explosive.register import FILE as REGISTER
    from overbuild.explosive.register import read_register
    from overbuild.pipeline.task_results import frozen_day

    files = files_of(plan.data, read_register(plan.data).names)
    settings: dict[str, Any] = {
        "as_of": frozen_day(plan),
        "quick": plan.quick,
        "registers": registered(plan.data, files),
    }
    return (
        Step(
            STEP,
            compute,
            {file: plan.data / file for file in (*files, REGISTER)} | {"data_check": passed(plan)},
            {"filed": plan.filed / FILE, "result": plan.results / f"{RESULTS[0]}.json"},
            settings,
            (MODULE,),
            {"folder": str(plan.data), "refit": plan.refit},
        ),
    )


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the answer from file where its key matches; else ask, and file it."""
    from overbuild.core.saving import save_json
    from overbuild.explosive.evidence import evidence, key_of
    from overbuild.games.asked import Asked
    from overbuild.pipeline.code import Sources
    from overbuild.pipeline.units import on_file
    from overbuild.probability.plain import plain

    del reads
    asked = Asked(Path(settings["folder"]), date.fromisoformat(settings["as_of"]), settings["quick"])
    key = key_of(asked, Sources().fingerprint(MODULE))
    found = None if settings["refit"] else on_file(produces["filed"], key)
    if found is None:
        found = plain({"key": key} | evidence(asked))
    save_json(produces["filed"], found)
    save_json(produces["result"], found)
