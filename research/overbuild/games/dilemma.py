"""Is it a dilemma? Class of game, mechanism and reaction of an era's firms, each beside its prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from overbuild.errors import UnknownNameError
from overbuild.games import class_results, mechanism_findings, reaction
from overbuild.games.asked import Asked
from overbuild.games.class_priors import PRIORS, class_table
from overbuild.games.class_results import DRAWS
from overbuild.games.entry import CLASSES, TITLES
from overbuild.games.reaction_data import asked_priors
from overbuild.randomness import stream

EPISODES = ("ai", "telecom")
FIRST_PRIOR, FIRST_READING = PRIORS[0], "slope"
"""What is printed first; the others stand beside it."""
HALVES = {
    "builds_alone": "building pays a firm whose rivals hold",
    "all_build_is_worse": "owners fare worse if all build than if nobody does",
}
"""Both must hold in a prisoner's dilemma."""


@dataclass(frozen=True)
class Dilemma:
    """What is known of an era's game.

    Attributes
    ----------
    episode, as_of
        The era, and the day whose knowledge is used.
    prior_classes, classes
        Class to its probability before and after the firms' choices, by how they react (first prior); None
        where the era has no choices to learn from.
    readings
        Prior over pay-offs to reading to class probabilities, halves of the dilemma, effective draws.
    mechanisms, reaction
        As `overbuild.games.mechanism_findings.result` and `overbuild.games.reaction.result`, or None.
    reasons
        Why something is None.
    """

    episode: str
    as_of: str
    prior_classes: dict[str, float]
    classes: dict[str, float] | None
    readings: dict[str, Any]
    mechanisms: list[dict[str, Any]] | None
    reaction: list[dict[str, Any]] | None
    identified: dict[str, bool]
    reasons: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild dilemma --json`` prints them."""
        from dataclasses import asdict

        return {**asdict(self), "sentence": self.sentence()}

    def frame(self) -> pd.DataFrame:
        """Return the classes: prior, and posterior by reading."""
        rows = []
        for name in CLASSES:
            row: dict[str, Any] = {"class": TITLES[name], "prior": self.prior_classes[name]}
            for reading, found in self.readings.get(FIRST_PRIOR, {}).items():
                row[reading] = found["classes"][name]["posterior"]
            rows.append(row)
        return pd.DataFrame(rows)

    def sentence(self) -> str:
        """Say what is known, and what is not."""
        if self.classes is None:
            return " ".join(dict.fromkeys(self.reasons.values()))
        first = self.readings[FIRST_PRIOR][FIRST_READING]
        said = [
            f"A prisoner’s dilemma with probability {first['dilemma']['posterior']:.2f} by how the firms "
            f"react, where the prior says {first['dilemma']['prior']:.2f}"
        ]
        if not first["identified"]:
            said[0] += ": next to nothing is learnt, and no class is ranked"
        for half, what in HALVES.items():
            said.append(f"{what}: {first[half]['posterior']:.2f} ({first[half]['prior']:.2f} before)")
        literal = self.readings[FIRST_PRIOR]["literal"]["dilemma"]["posterior"]
        said.append(
            f"read literally, the share of rises as what building pays, the dilemma has {literal:.2f}, a "
            "reading that is not relied on"
        )
        return "; ".join(said) + ". " + " ".join(self.reasons.values())


def dilemma(
    asked: Asked, episode: str = "ai", tell: Callable[[int, int, str], None] | None = None
) -> Dilemma:
    """Return what is known of an era's game on a day.

    Parameters
    ----------
    asked
        Data and day; ``quick`` takes fewer draws.
    episode
        ``ai`` or ``telecom``.
    tell
        Told of progress: steps done, steps in all, the next one's name.

    Raises
    ------
    UnknownNameError
        If there is no such era of firms.
    InputError
        If too little was known on the day, or a prior could not be held.
    """
    if episode not in EPISODES:
        raise UnknownNameError("episode with firms for a game", episode, EPISODES)
    if episode == "telecom":
        return _abstaining(asked)
    steps = ("class of game", "mechanisms", "reaction functions")
    done = tell or (lambda *_: None)
    done(0, len(steps), steps[0])
    found = class_results.result(asked)
    done(1, len(steps), steps[1])
    told = mechanism_findings.result(asked)
    done(2, len(steps), steps[2])
    reacting = reaction.result(asked)
    done(3, len(steps), "")
    first = found["posteriors"][FIRST_PRIOR][FIRST_READING]
    return Dilemma(
        episode,
        asked.as_of.isoformat(),
        {name: c["prior"] for name, c in first["classes"].items()},
        {name: c["posterior"] for name, c in first["classes"].items()},
        found["posteriors"],
        told["mechanisms"],
        reacting["estimators"],
        {"classes": first["identified"], "mechanisms": told["identified"]},
        {"mechanisms": told["sentence"], "reaction": reacting["sentence"]},
    )


def _abstaining(asked: Asked) -> Dilemma:
    """Return the prior of telecom's game, and why nothing is learnt of it."""
    values = asked_priors(asked, "entry")
    table = class_table(DRAWS, stream("dilemma/telecom", seed=asked.seed), values)[FIRST_PRIOR]
    why = reaction.telecom(asked)["reason"]
    text = (
        f"Telecom’s carriers leave no panel of choices (hindcast on revised data; one event): {why} Classes "
        "are the prior’s, and nothing is said of mechanisms or reactions; `overbuild contest` and `overbuild "
        "race` speak of that era."
    )
    nothing = {"classes": False, "mechanisms": False}
    reasons: dict[str, str] = dict.fromkeys(("classes", "mechanisms", "reaction"), text)  # pyright: ignore
    prior = {name: row["probability"] for name, row in table.items()}
    return Dilemma("telecom", asked.as_of.isoformat(), prior, None, {}, None, None, nothing, reasons)
