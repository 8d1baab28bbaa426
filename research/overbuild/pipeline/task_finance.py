"""Contracts and who owes whom: one step a result, ``finance_`` before its name."""

from __future__ import annotations

from overbuild.pipeline.answers import Answer
from overbuild.pipeline.answers import steps as steps_of
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

CONTRACTS = (
    "contracts/contracts.csv",
    "contracts/iren.toml",
    "contracts/nebius.toml",
    "contracts/coreweave-openai.toml",
    "contracts/oracle-openai.toml",
)
FINANCE: dict[str, Answer] = {
    "contract_values": Answer("overbuild.finance.contract_results:result", files=CONTRACTS),
    "contract_draws": Answer(
        "overbuild.finance.contract_risks:result", priors=("contracts",), files=CONTRACTS
    ),
    "rented_shares": Answer(
        "overbuild.finance.portfolio_results:result",
        episodes=("ai",),
        series="contest",
        priors=("contest", "own_or_rent"),
        files=("contracts/contracts.csv", "contracts/iren.toml", "hyperscalers/prices.csv"),
    ),
    "contagion_losses": Answer(
        "overbuild.finance.contagion_results:result",
        priors=("contagion",),
        files=(
            "contracts/network.toml",
            "contracts/contracts.csv",
            "hyperscalers/ai_revenue.csv",
            "hyperscalers/backlog.csv",
            "hyperscalers/financials_quarterly.csv",
            "hyperscalers/financing.csv",
            "hyperscalers/guidance.csv",
        ),
    ),
}
RESULTS = tuple(FINANCE)
"""What exhibits and numbers may name."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result."""
    return steps_of(plan, "finance", FINANCE)
