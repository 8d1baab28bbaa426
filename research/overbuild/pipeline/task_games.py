"""The games: one step a result, ``game_`` before its name. What each rests on is declared in one table."""

from __future__ import annotations

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
class Game:
    """A result of the games.

    Attributes
    ----------
    function
        ``module:function``; it is given an `overbuild.games.asked.Asked` and returns plain types.
    needs
        Results that it reads, of the games or of the models.
    episodes
        Eras whose data it reads.
    series
        Section of ``model_series.toml`` that lists what it sees beyond their perimeters.
    priors
        Sections of ``priors.toml`` that it reads.
    """

    function: str
    needs: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    series: str = ""
    priors: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Return the dotted name of the module."""
        return self.function.partition(":")[0]


GAMES: dict[str, Game] = {
    "contest_values": Game("overbuild.games.contest_values:result"),
    "newsvendor": Game("overbuild.games.newsvendor:result"),
    "entry_map": Game("overbuild.games.entry_map:class_map"),
    "entry_branches": Game("overbuild.games.entry_map:quantal_branches", priors=("entry",)),
    "entry_priors": Game("overbuild.games.entry_map:prior_classes", priors=("entry",)),
    "race": Game("overbuild.games.race_results:result", priors=("race",)),
    "reaction": Game(
        "overbuild.games.reaction:result", episodes=("ai", "telecom"), series="reaction", priors=("reaction",)
    ),
    "reaction_design": Game(
        "overbuild.games.reaction_design:result", episodes=("ai",), series="reaction", priors=("reaction",)
    ),
    "mechanisms": Game(
        "overbuild.games.mechanism_findings:result",
        episodes=("ai",),
        series="reaction",
        priors=("reaction", "mechanisms"),
    ),
    "guidance_cases": Game("overbuild.games.guidance_cases:result", episodes=("ai",), series="reaction"),
    "quantal_scores": Game(
        "overbuild.games.quantal_results:result", episodes=("ai",), priors=("quantal_response",)
    ),
    "classes": Game(
        "overbuild.games.class_results:result",
        episodes=("ai",),
        series="quantal_response",
        priors=("entry", "quantal_response"),
    ),
    "counterfactuals": Game(
        "overbuild.games.counterfactuals:result",
        episodes=("ai", "telecom"),
        series="contest",
        priors=("contest", "race"),
    ),
}
RESULTS = tuple(GAMES)
"""What exhibits and numbers may name."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result."""
    return tuple(_step(plan, name, game) for name, game in GAMES.items())


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Ask the games."""
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


def _step(plan: Plan, name: str, game: Game) -> Step:
    from overbuild.pipeline.estimate import files_read
    from overbuild.pipeline.task_results import frozen_day

    files = sorted(
        {file for episode in game.episodes for file in files_read(game.series, episode, plan.data)}
    )
    settings: dict[str, Any] = {
        "function": game.function,
        "as_of": frozen_day(plan),
        "quick": plan.quick,
        "needs": list(game.needs),
        "perimeters": {episode: perimeter(plan.data, episode) for episode in game.episodes},
        "registers": registered(plan.data, files),
        "priors": {model: priors(plan.data, model) for model in game.priors},
    }
    return Step(
        f"game_{name}",
        compute,
        {file: plan.data / file for file in files}
        | {need: plan.results / f"{need}.json" for need in game.needs}
        | {"data_check": passed(plan)},
        {"result": plan.results / f"{name}.json"},
        settings,
        (game.module,),
        {"folder": str(plan.data)},
    )
