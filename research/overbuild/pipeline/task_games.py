"""The games: one step a result, ``game_`` before its name."""

from __future__ import annotations

from overbuild.pipeline.answers import Answer
from overbuild.pipeline.answers import steps as steps_of
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

GAMES: dict[str, Answer] = {
    "contest_values": Answer("overbuild.games.contest_values:result"),
    "newsvendor": Answer("overbuild.games.newsvendor:result"),
    "entry_map": Answer("overbuild.games.entry_map:class_map"),
    "entry_branches": Answer("overbuild.games.entry_map:quantal_branches", priors=("entry",)),
    "entry_priors": Answer("overbuild.games.entry_map:prior_classes", priors=("entry",)),
    "race": Answer("overbuild.games.race_results:result", priors=("race",)),
    "reaction": Answer(
        "overbuild.games.reaction:result", episodes=("ai", "telecom"), series="reaction", priors=("reaction",)
    ),
    "reaction_design": Answer(
        "overbuild.games.reaction_design:result", episodes=("ai",), series="reaction", priors=("reaction",)
    ),
    "mechanisms": Answer(
        "overbuild.games.mechanism_findings:result",
        episodes=("ai",),
        series="reaction",
        priors=("reaction", "mechanisms"),
    ),
    "guidance_cases": Answer("overbuild.games.guidance_cases:result", episodes=("ai",), series="reaction"),
    "quantal_scores": Answer(
        "overbuild.games.quantal_results:result", episodes=("ai",), priors=("quantal_response",)
    ),
    "classes": Answer(
        "overbuild.games.class_results:result",
        episodes=("ai",),
        series="quantal_response",
        priors=("entry", "quantal_response"),
    ),
    "counterfactuals": Answer(
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
    return steps_of(plan, "game", GAMES)
