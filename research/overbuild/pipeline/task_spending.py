"""The plain time series of spending: one step a question, ``timeseries_`` before its name."""

from __future__ import annotations

from overbuild.pipeline.answers import Answer
from overbuild.pipeline.answers import steps as steps_of
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

QUESTIONS: dict[str, Answer] = {
    f"spending_{question}": Answer(
        f"overbuild.timeseries.era_results:{question}", episodes=("ai", "telecom"), series="era_series"
    )
    for question in ("breaks", "regimes", "trend", "response")
}
RESULTS = tuple(QUESTIONS)
"""What exhibits and numbers may name."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result."""
    return steps_of(plan, "timeseries", QUESTIONS)
