"""By how much a figure moves the headline through one component, and what spending does to the base rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def headline_moves(watch: Mapping[str, Any], specification: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return by component with a law of the figure, and by figure, the headline's move through it alone.

    The headline is ``sum_k v_k p_k`` with ``v_k = (1 - m) w_k``, where m is the mass of unknown models. If
    the others are held, ``E|change| = v_k E|change of p_k|`` under the law of component k. This is no bound
    on the move of the whole: that has one law of the figure, and each component draws it from its own.
    Components without weight are left out.

    Parameters
    ----------
    watch, specification
        Results of these names.
    """
    mass = next(a["levels"][0] for a in specification["axes"] if a["name"] == "unknown")
    return {
        model: {row["figure"]: (1 - mass) * weight * row["expected_change"] for row in told["figures"]}
        for model, told in watch["models"].items()
        if told["figures"] and (weight := specification["weights"].get(model, 0.0)) > 0
    }


def base_rate_move(watch: Mapping[str, Any]) -> float | None:
    """Return the mean absolute change of the base rate over the points of spending; None where silent."""
    now, *cases = watch["baserate"]
    known = [c["probability"] for c in cases if c["probability"] is not None]
    if now["probability"] is None or not known:
        return None
    return sum(abs(p - now["probability"]) for p in known) / len(known)
