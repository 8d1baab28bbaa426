"""By how much the headline can be expected to move with a figure: a bound from its terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BASE = "baserate"
RECORD = "capex_next"
"""The figure by which the record of the base rate grows longer."""


def headline_bounds(watch: Mapping[str, Any], specification: Mapping[str, Any]) -> dict[str, float]:
    """Return for each figure the most by which the headline is expected to change.

    The headline is ``sum_k v_k p_k`` with ``v_k = (1 - m) w_k``, the base rate's with the mass m of unknown
    models on it, so that ``E|change| <= sum_k v_k E|change of p_k|`` over the models that see the figure,
    whatever their joint law, which nobody has: each draws the figure from its own.

    Parameters
    ----------
    watch, specification
        Results of these names.
    """
    mass = next(a["levels"][0] for a in specification["axes"] if a["name"] == "unknown")
    weight = {m: (1 - mass) * w for m, w in specification["weights"].items()}
    found: dict[str, float] = {}
    for model, told in watch["models"].items():
        for row in told["figures"]:
            move = weight.get(model, 0.0) * row["expected_change"]
            found[row["figure"]] = found.get(row["figure"], 0.0) + move
    moved = base_rate_move(watch)
    if moved is not None:
        found[RECORD] = found.get(RECORD, 0.0) + (weight.get(BASE, 0.0) + mass) * moved
    return found


def base_rate_move(watch: Mapping[str, Any]) -> float | None:
    """Return the mean absolute change of the base rate over the points of spending; None where silent."""
    now, *cases = watch["baserate"]
    known = [c["probability"] for c in cases if c["probability"] is not None]
    if now["probability"] is None or not known:
        return None
    return sum(abs(p - now["probability"]) for p in known) / len(known)
