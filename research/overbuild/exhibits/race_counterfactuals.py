"""Table: the capacity race under another rule, tax, market structure or life of machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic, with_range

ID = "race_counterfactuals"
TITLE = "Counterfactuals of the capacity race: capacity against planners, and who gains or loses"
NOTE = (
    "Markov-perfect race of five firms, rivals described by their total. Social, joint: mean capacity over "
    "that of the social planner and of joint profit with the same technology, means over years with the "
    "weight of discounting; in the middle of the ranges set, in brackets the 10 % and 90 % points of "
    "{few} quasi-random draws from them, the same in every row. Idle: share of capacity. "
    "Price: over full cost. Owners: 1 − W/W(joint profit). Users: consumer surplus less that under joint "
    "profit, over society’s welfare under its planner. Society: 1 − W/W(planner), without the prize, which "
    "is handed over and not made. The corrective tax on orders brings mean capacity to the social planner’s: "
    "{tax_ai} for AI, {tax_telecom} for telecom. Restraint: orders for joint profit, output in competition. "
    "Rental: part of the prize is kept by renting. Restraint and merger are coordination among competitors: "
    "positive analysis of what would follow, not of what the law allows. A calibrated model: no data are "
    "fitted. Telecom is a hindcast on revised data; one event."
)
NEEDS = ("race",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "era": "Era",
    "what": "Counterfactual",
    "social": "Social",
    "joint": "Joint",
    "idle": "Idle",
    "price": "Price",
    "owners": "Owners",
    "users": "Users",
    "society": "Society",
}
FORMATS: Mapping[str, str] = {
    "joint": ".2f", "idle": ".0%", "price": ".2f", "owners": ".0%", "users": ".0%",
}  # fmt: skip
ERAS = {"ai": "AI", "telecom": "Telecom"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("race")["episodes"]
    frame = pd.DataFrame(_rows(found), columns=pd.Index(list(COLUMNS)))
    taxes = {f"tax_{era}": _tax(found[era]) for era in ERAS}
    note = NOTE.format(few=min(s["draws"] for s in found["ai"]["scenarios"]), **taxes)
    return Table(ID, TITLE, typographic(note), frame, "llrrrrrrr", FORMATS, COLUMNS)


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for era, title in ERAS.items():
        for i, scenario in enumerate(found[era]["scenarios"]):
            m, r = scenario["middle"], scenario["ranges"]
            social, society = r["capacity_to_social"], r["society_loss"]
            yield (
                "" if i else title,
                typographic(scenario["title"]),
                with_range(m["capacity_to_social"], social["q10"], social["q90"]),
                m["capacity_to_joint"],
                m["idle"],
                m["price_to_cost"],
                m["owners_loss"],
                m["users_gain"],
                with_range(m["society_loss"], society["q10"], society["q90"], ".0%"),
            )


def _tax(episode: Mapping[str, Any]) -> str:
    scenario = next(s for s in episode["scenarios"] if s["id"] == "tax")
    low, high = (scenario["ranges"]["tax"][q] for q in ("q10", "q90"))
    return f"{number(scenario['middle']['tax'], '.0%')} ({number(low, '.0%')} to {number(high, '.0%')})"
