"""Table: what rules, taxes, mergers, renting, subsidies and lives would change in the three games."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic, with_range
from overbuild.games.entry import DILEMMA

ID = "counterfactuals"
TITLE = "Counterfactuals in the three games: capacity over the planner’s, and the chance of a dilemma"
NOTE = (
    "Contest: equilibrium over the planner’s capacity in the contest among {ai} and {telecom} equal "
    "firms, median and 90 % interval over the posterior, in which elasticity and transfer share are "
    "priors. A tax leads to the planner at {tax_ai} of the cost for AI, {tax_telecom} for telecom (below "
    "0: a subsidy). Race: Markov-perfect mean capacity over the social planner’s with the same "
    "technology, middle and 10–90 % points of the ranges set; no data are fitted. A subsidy is {subsidy} "
    "of the cost, which the planner pays in full. Another life moves firms’ and planner’s capacity in the "
    "contest alike, {life_3} and {life_6}-fold against {usual} years. Dilemma: probability of a strict or "
    "partial prisoner’s dilemma by how firms react, main prior, if renting avoided that share of the "
    "business at risk; {as_is} as it is. Restraint and merger are coordination among competitors: what "
    "would follow, not what the law allows. Telecom is a hindcast on revised data; one event."
)
NEEDS = ("counterfactuals", "race", "classes")
DATA = ()
ERAS = ("ai", "telecom")
CASES = {
    "base": ("As it is", "base", ""),
    "restraint": ("Restraint", "restraint", ""),
    "tax": ("Corrective tax", "tax", ""),
    "merger": ("Merger of two firms", "merger", ""),
    "rental_0": ("No renting", "", "0"),
    "rental_30": ("Renting avoids 30 %", "rental_30", "0.3"),
    "rental_60": ("Renting avoids 60 %", "rental_60", "0.6"),
    "subsidy": ("Subsidy", "subsidy", ""),
    "life_3": ("Life of 3 years", "life_3", ""),
    "life_6": ("Life of 6 years", "life_6", ""),
    "credit": ("Financing cap", "credit", ""),
}
"""Case of the contest to title, scenario of the race and share rented; empty where a game has none."""
COLUMNS: Mapping[str, str] = {
    "what": "Case",
    "contest_ai": "Contest, AI",
    "contest_telecom": "Contest, telecom",
    "race_ai": "Race, AI",
    "race_telecom": "Race, telecom",
    "dilemma": "Dilemma",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    contest, race, classes = (inputs.result(name) for name in NEEDS)
    frame = pd.DataFrame(_rows(contest, race, classes), columns=pd.Index(list(COLUMNS)))
    base = classes["posteriors"]["main"]["slope"]["dilemma"]
    lives = {name: contest["ai"]["cases"][name]["level"]["q50"] for name in ("life_3", "life_6")}
    note = NOTE.format(
        **{era: contest[era]["firms"] for era in ERAS},
        **{f"tax_{era}": _spread(contest[era]["tax"], ".0%") for era in ERAS},
        **{name: number(level) for name, level in lives.items()},
        usual=f"{contest['usual_life']:g}",
        subsidy=f"{100 * contest['subsidy']:.0f} %",
        as_is=number(base["posterior"]),
    )
    return Table(ID, TITLE, typographic(note), frame, "lrrrrr", {"dilemma": ".2f"}, COLUMNS)


def _rows(
    contest: Mapping[str, Any], race: Mapping[str, Any], classes: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    scenarios = {era: {s["id"]: s for s in race["episodes"][era]["scenarios"]} for era in ERAS}
    base = classes["posteriors"]["main"]["slope"]["dilemma"]["posterior"]
    for case, (title, scenario, rented) in CASES.items():
        of_contest = [contest[era]["cases"].get(case) for era in ERAS]
        of_race = [scenarios[era].get(scenario) for era in ERAS]
        shares = classes["rented"][rented]["main"] if rented else None
        yield (
            title,
            *("" if c is None else _spread(c["over_planner"]) for c in of_contest),
            *("" if s is None else _raced(s) for s in of_race),
            base if case == "base" else sum(shares[name] for name in DILEMMA) if shares else None,
        )


def _spread(found: Mapping[str, float], form: str = ".2f") -> str:
    return with_range(found["q50"], found["q05"], found["q95"], form)


def _raced(scenario: Mapping[str, Any]) -> str:
    span = scenario["ranges"]["capacity_to_social"]
    return with_range(scenario["middle"]["capacity_to_social"], span["q10"], span["q90"])
