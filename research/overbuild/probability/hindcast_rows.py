"""Hindcasts of events as plain rows, one a target and model, and what becomes of silence and of the known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PANELS = ("telecom_spending", "telecom_suppliers", "run_ups", "booms")
ROW = (
    *("panel", "target", "cluster", "as_of", "by", "event", "happened", "model", "probability"),
    *("evidence", "status"),
)
RIVALS = ("boom_age", "constant", "random_walk", "arima", "unobserved_components", "coin")
"""What models are held against; a rival gets no weight."""
LABEL = "hindcast on revised data; one event"


def row(
    panel: str,
    target: str,
    cluster: str,
    as_of: str,
    by: str,
    event: str,
    happened: bool,
    model: str,
    said: float | str | None,
    *,
    evidence: str = "rule",
    status: str = "hindcast",
) -> dict[str, Any]:
    """Return one row; ``said`` is a probability, or in words why there is none.

    A silent model has probability None and its reason under ``abstains``.
    """
    made: dict[str, Any] = {
        "panel": panel,
        "target": target,
        "cluster": cluster,
        "as_of": as_of,
        "by": by,
        "event": event,
        "happened": happened,
        "model": model,
        "probability": float(said) if isinstance(said, int | float) else None,
        "evidence": evidence,
        "status": status,
    }
    if made["probability"] is None:
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
