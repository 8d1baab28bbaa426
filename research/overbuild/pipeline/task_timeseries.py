"""Time series: one step a result, and the table of drawn systems, which is filed with the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.pipeline.answers import Answer
from overbuild.pipeline.answers import steps as steps_of
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

MACRO = ("macro/annual.csv", "macro/quarterly.csv", "telecom/investment.csv")
ANSWERS: dict[str, Answer] = {
    "gap": Answer("overbuild.pipeline.timeseries_answers:gap", episodes=("ai", "telecom"), files=MACRO),
    "contribution": Answer(
        "overbuild.pipeline.timeseries_answers:contribution",
        episodes=("ai", "telecom"),
        files=(*MACRO, "macro/datacentre_construction.csv"),
    ),
}
EXPERIMENTS = "gap_experiments"
RESULTS = (*ANSWERS, EXPERIMENTS)
"""What exhibits and numbers may name."""
QUICK = 20
"""Systems a cell in a quick build."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result."""
    return (*steps_of(plan, "timeseries", ANSWERS), _experiments(plan))


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the drawn systems from file where their key matches; else draw and file them."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.gap_experiments import experiment, key_of, on_file

    del reads
    found = on_file(produces["filed"].parent.parent)
    if found is None or found["key"] != key_of(settings["most"]) or settings["refit"]:
        found = experiment(most=settings["most"], folder=Path(settings["home"]))
    save_json(produces["filed"], found)
    save_json(produces["result"], found)


def _experiments(plan: Plan) -> Step:
    from overbuild.pipeline.gap_experiments import MODULES, filed_path

    return Step(
        f"timeseries_{EXPERIMENTS}",
        compute,
        {},
        {"filed": filed_path(plan.filed), "result": plan.results / f"{EXPERIMENTS}.json"},
        {"most": QUICK if plan.quick else None},
        MODULES,
        {"home": str(plan.folder), "refit": plan.refit},
    )
