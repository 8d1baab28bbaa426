"""Results that one function answers when asked: what each rests on is declared in a table, one step a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import perimeter, priors, registered
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed


@dataclass(frozen=True)
class Answer:
    """A result that one function gives.

    Attributes
    ----------
    function
        ``module:function``; it is given an `overbuild.games.asked.Asked` and returns plain types.
    needs
        Results that it reads.
    episodes
        Eras whose data it reads.
    series
        Section of ``model_series.toml`` that lists what it sees beyond their perimeters.
    priors
        Sections of ``priors.toml`` that it reads.
    files
        Files of the data folder that it reads itself.
    """

    function: str
    needs: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    series: str = ""
    priors: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Return the dotted name of the module."""
        return self.function.partition(":")[0]


def steps(plan: Plan, family: str, answers: Mapping[str, Answer]) -> tuple[Step, ...]:
    """Return one step a result, the family's name before its own."""
    return tuple(_step(plan, family, name, answer) for name, answer in answers.items())


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Ask the function."""
    from overbuild.core.saving import load_json, save_json
    from overbuild.games.asked import Asked
    from overbuild.probability.plain import plain

    module, _, function = settings["function"].partition(":")
    asked = Asked(
        data=Path(settings["folder"]),
        as_of=date.fromisoformat(settings["as_of"]),
        quick=settings["quick"],
        results={name: load_json(reads[name]) for name in settings["needs"]},
    )
    save_json(produces["result"], plain(getattr(import_module(module), function)(asked)))


def _step(plan: Plan, family: str, name: str, answer: Answer) -> Step:
    from overbuild.pipeline.estimate import files_read
    from overbuild.pipeline.task_results import frozen_day

    files = {file for episode in answer.episodes for file in files_read(answer.series, episode, plan.data)}
    files = sorted(files | set(answer.files))
    settings: dict[str, Any] = {
        "function": answer.function,
        "as_of": frozen_day(plan),
        "quick": plan.quick,
        "needs": list(answer.needs),
        "perimeters": {episode: perimeter(plan.data, episode) for episode in answer.episodes},
        "registers": registered(plan.data, files),
        "priors": {model: priors(plan.data, model) for model in answer.priors},
    }
    return Step(
        f"{family}_{name}",
        compute,
        {file: plan.data / file for file in files}
        | {need: plan.results / f"{need}.json" for need in answer.needs}
        | {"data_check": passed(plan)},
        {"result": plan.results / f"{name}.json"},
        settings,
        (answer.module,),
        {"folder": str(plan.data)},
    )
