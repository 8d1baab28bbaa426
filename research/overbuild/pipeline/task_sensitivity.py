"""Sensitivity: the specification curve and what to watch, each filed under a key; one step each."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import perimeter, priors, registered, sections
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.sensitivity_names import DEFINED, FILE, FITS, MODULES, WATCHED, WATCHING
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_combination import answers_on_file
from overbuild.pipeline.task_data import passed

RESULTS = ("specification", "watch")
"""What exhibits and numbers may name."""
QUICK = {"together": 0, "paths": 200}
"""Rows and paths of a quick build where nothing is on file."""
PRIORS = ("baserate", "capital", "contest", "contracts", "demand", "quarterly", "regimes", "simulation")
FILES = ("contracts/contracts.csv", "contracts/iren.toml")


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return both steps."""
    from overbuild.pipeline.estimate import files_read
    from overbuild.pipeline.task_results import frozen_day
    from overbuild.probability.combination_file import FILE as WEIGHTS

    models = (*FITS, "capital", "contest")
    files = sorted({f for m in models for f in files_read(m, "ai", plan.data)} | set(FILES))
    settings: dict[str, Any] = {
        "as_of": frozen_day(plan),
        "quick": plan.quick,
        "definitions": sections(plan.data / "definitions.toml", DEFINED),
        "perimeter": perimeter(plan.data, "ai"),
        "priors": {model: priors(plan.data, model) for model in PRIORS},
        "registers": registered(plan.data, files),
    }
    fits = {f"estimate_{m}_ai": plan.results / f"estimate_{m}_ai.json" for m in FITS}
    reads = {f: plan.data / f for f in files} | fits | {"data_check": passed(plan)}
    options = {
        "folder": str(plan.data),
        "answers": str(plan.filed),
        "home": str(plan.folder),
        "refit": plan.refit,
    }
    modules = (
        "overbuild.probability.specification_curve",
        "overbuild.probability.components_on_file",
        "overbuild.pipeline.specification",
        *MODULES,
    )
    return (
        Step(
            "sensitivity_specification",
            curve,
            reads | {"weights": plan.filed / WEIGHTS, **answers_on_file(plan)},
            {"filed": plan.filed / FILE, "result": plan.results / "specification.json"},
            settings,
            modules,
            options,
        ),
        Step(
            "sensitivity_watch",
            look_ahead,
            reads | {"release_lags.toml": plan.data / "release_lags.toml"},
            {"filed": plan.filed / WATCHED, "result": plan.results / "watch.json"},
            settings,
            ("overbuild.pipeline.watch", *WATCHING),
            options,
        ),
    )


def curve(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the runs from file where their key matches, else run and file them; put the curve together."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.specification import filed, specification_runs, summarised
    from overbuild.probability.components_on_file import components_on_file

    del reads
    asked, runs = _asked(settings), None
    if not settings["refit"]:
        runs = filed(asked, Path(settings["folder"]) / "filed") or filed(asked, _folder(produces))
    if runs is None:
        asked = _asked(settings, **(QUICK if settings["quick"] else {}))
        runs = (None if settings["refit"] else filed(asked, _folder(produces))) or specification_runs(
            asked, folder=Path(settings["home"])
        )[0]
    save_json(produces["filed"], runs)
    weighed = components_on_file(asked.folder, Path(settings["answers"]), asked.as_of)
    save_json(produces["result"], summarised(asked, runs, weighed))


def look_ahead(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the answer from file where its key matches, else ask and file it."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.watch import filed, watch

    asked, found = _asked(settings), None
    if not settings["refit"]:
        found = filed(asked, Path(settings["folder"]) / "filed") or filed(asked, _folder(produces))
    found = found or watch(asked)
    save_json(produces["filed"], found)
    save_json(produces["result"], found)


def _asked(settings: dict[str, Any], **changed: Any) -> Any:
    from overbuild.pipeline.specification import Curve

    return Curve(date.fromisoformat(settings["as_of"]), Path(settings["folder"]), **changed)


def _folder(produces: dict[str, Path]) -> Path:
    return produces["filed"].parent.parent
