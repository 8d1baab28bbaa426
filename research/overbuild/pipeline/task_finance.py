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
}
RESULTS = tuple(FINANCE)
"""What exhibits and numbers may name."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result."""
    return steps_of(plan, "finance", FINANCE)
