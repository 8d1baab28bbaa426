"""Size and power of the explosive-root tests: one step, whose table is filed with the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

RESULTS = ("psy_size",)
"""What exhibits and numbers may name."""
STEP = "size_of_recursive_tests"
QUICK = 1
"""Units a process and length in a quick build."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the step."""
    from overbuild.pipeline.size_power import MODULES, filed_path

    return (
        Step(
            STEP,
            compute,
            {},
            {"filed": filed_path(plan.filed), "result": plan.results / f"{RESULTS[0]}.json"},
            {"most": QUICK if plan.quick else None},
            tuple(f"overbuild.explosive.{name}" for name in MODULES),
            {"home": str(plan.folder), "refit": plan.refit},
        ),
    )


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the table from file where its key matches; else measure it and file it."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.size_power import key_of, measure, save
    from overbuild.pipeline.units import on_file

    del reads
    key = key_of(settings["most"])
    found = None if settings["refit"] else on_file(produces["filed"], key)
    if found is None:
        found = measure(most=settings["most"], folder=Path(settings["home"]))
        save(produces["filed"], found)
    save_json(produces["result"], found)
