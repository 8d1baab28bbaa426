"""The build: bring everything up to date, from the data to the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from overbuild.errors import InputError
from overbuild.locations import require_root
from overbuild.pipeline import (
    task_combination,
    task_data,
    task_exhibits,
    task_explosive,
    task_explosive_evidence,
    task_finance,
    task_games,
    task_hindcasts,
    task_hindcasts_ai,
    task_models,
    task_notebooks,
    task_paper,
    task_recovery,
    task_results,
    task_sensitivity,
    task_simulation,
    task_spending,
    task_timeseries,
)
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.report import BuildReport
from overbuild.pipeline.step import Step, needed

__all__ = ["BuildReport", "build", "steps_of"]


def build(
    quick: bool = False,
    only: Sequence[str] = (),
    workers: int = 1,
    refit: bool = False,
    progress: bool = True,
    cluster: str | None = None,
    root: Path | None = None,
) -> BuildReport:
    """Do every step that is out of date.

    Parameters
    ----------
    quick
        Fewer draws; everything is written below ``build/quick`` and nothing that is committed is touched.
    only
        Ids of steps (results, exhibits, ``numbers``, ``paper``, ``readme``); these, and what they need, are
        looked at. Notebooks are run only where they are named: ``notebooks`` is all of them.
    workers
        Number of processes.
    refit
        Ask the forecasters again although their answers are on file; the report says how far they moved.
    progress
        Show a progress bar where standard error is a terminal.
    cluster
        Address of a ``dask.distributed`` scheduler that sees the same files.
    root
        The checkout; None: the one that the package runs from.

    Returns
    -------
    BuildReport
        What was done, what was up to date, and what failed and why. A step that fails stops those that need
        it and no others.

    Raises
    ------
    InputError
        If a step, a data file or the cluster is not there.
    KeyboardInterrupt
        When interrupted: what was done stays done, and no file is left half written.
    """
    from overbuild.core.saving import load_json
    from overbuild.pipeline.run import run

    plan = Plan((root or require_root()).resolve(), quick, refit)
    steps = needed(steps_of(plan, notebooks=task_notebooks.asked_for(only)), only)
    _check_present(steps)
    for old in plan.changes.glob("*.json"):
        old.unlink()
    if refit:
        for step in steps:
            if {"record", "filed"} & set(step.produces):
                step.produces["result"].unlink(missing_ok=True)
    report = run(steps, plan.folder, plan.sources, workers=workers, cluster=cluster, progress=progress)
    return replace(report, changes={p.stem: tuple(load_json(p)) for p in sorted(plan.changes.glob("*.json"))})


def steps_of(plan: Plan, *, notebooks: bool = False) -> tuple[Step, ...]:
    """Return every step of a build; those of notebooks are asked for apart."""
    stages = (
        task_data,
        task_results,
        task_models,
        task_games,
        task_finance,
        task_recovery,
        task_explosive,
        task_explosive_evidence,
        task_timeseries,
        task_spending,
        task_simulation,
        task_hindcasts_ai,
        task_hindcasts,
        task_combination,
        task_sensitivity,
        task_exhibits,
        task_paper,
    )
    asked = (*stages, task_notebooks) if notebooks else stages
    return tuple(step for stage in asked for step in stage.steps(plan))


def _check_present(steps: Sequence[Step]) -> None:
    made = {path for step in steps for path in step.produces.values()}
    missing = sorted({p for s in steps for p in s.reads.values() if p not in made and not p.exists()})
    if missing:
        names = ", ".join(str(p) for p in missing)
        raise InputError(
            f"The build reads files that are not there: {names}. Restore them from the repository."
        )
