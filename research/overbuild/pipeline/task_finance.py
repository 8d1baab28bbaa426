"""Contracts and who owes whom: one step a result, ``finance_`` before its name."""

from __future__ import annotations

from overbuild.pipeline.answers import Answer
from overbuild.pipeline.answers import steps as steps_of
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

FINANCE: dict[str, Answer] = {
    "rented_shares": Answer(
        "overbuild.finance.portfolio_results:result",
        episodes=("ai",),
        series="contest",
        priors=("contest", "own_or_rent"),
        files=("contracts/contracts.csv", "hyperscalers/prices.csv"),
    ),
}
RESULTS = tuple(FINANCE)
"""What exhibits and numbers may name."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result."""
    return steps_of(plan, "finance", FINANCE)
