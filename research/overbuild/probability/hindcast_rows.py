"""Hindcasts of events as plain rows, one a target and model, and what becomes of silence and of the known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

PANELS = ("telecom_spending", "telecom_suppliers", "run_ups", "booms")
RIVALS = ("boom_age", "constant", "random_walk", "arima", "unobserved_components", "coin")
"""What models are held against; a rival gets no weight."""
LABEL = "hindcast on revised data; one event"


@dataclass(frozen=True)
class Target:
    """One question whose answer is known.

    Attributes
    ----------
    panel, target, cluster
        Its panel, its name, and what it shares its cause with.
    as_of, by
        The day on which it is asked, and the quarter by whose end the event must have come.
    event, happened
        The event, and whether it came.
    """

    panel: str
    target: str
    cluster: str
    as_of: str
    by: str
    event: str
    happened: bool


def row(
    target: Target,
    model: str,
    said: float | str | None,
    *,
    evidence: str = "rule",
    status: str = "hindcast",
) -> dict[str, Any]:
    """Return one row; ``said`` is a probability, or in words why there is none.

    A silent model has probability None and its reason under ``abstains``.
    """
    probability = float(said) if isinstance(said, int | float) else None
    made = asdict(target) | {"model": model, "probability": probability}
    made |= {"evidence": evidence, "status": status}
    if probability is None:
        made["abstains"] = said or "it says nothing of this event"
    return made


def spoken(rows: Sequence[Mapping[str, Any]], panel: str = "", model: str = "") -> list[Mapping[str, Any]]:
    """Return rows with a probability, of a panel and model."""
    return [
        r
        for r in rows
        if r["probability"] is not None
        and (not panel or r["panel"] == panel)
        and (not model or r["model"] == model)
    ]
