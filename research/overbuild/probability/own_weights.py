"""The same forecasts by weights of a reader's own: another sum of the same terms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from overbuild.errors import InputError, UnknownNameError
from overbuild.probability.combination import (
    BASE_RATES,
    IMPOSSIBLE,
    NO_BASE_RATE,
    NONE_USABLE,
    UNKNOWN,
    Combined,
    Term,
)

NOT_GIVEN = "was given no weight"
TOLERANCE = 1e-6
"""How far from one the sum of weights may be: thirds are typed with few digits."""


def with_weights(found: Mapping[str, Any], weights: Mapping[str, float]) -> Combined:
    """Return the probability of an event as a sum of terms by other weights, p = sum of w[m] p[m].

    Parameters
    ----------
    found
        The event: ``headline`` of `overbuild.probability.Probability`, or an entry of its ``combined``.
    weights
        Model to weight; they sum to one. A model that speaks may be weighted although it failed a check or
        rests on its prior (the term's note says so). ``unknown_models`` stands on the base rate of the event,
        on a half where it has none. What is not named has weight 0.

    Raises
    ------
    UnknownNameError
        If a model that is named says nothing of the event; the message lists those that do.
    InputError
        If no model speaks of the event, a weight is not a number of at least 0, or they do not sum to one.
    """
    event, by = found["event"], found["by"]
    said = {t["model"]: t for t in found["terms"] if t["model"] != UNKNOWN}
    if not said:
        raise InputError(f"No model speaks of {event}{f' by {by}' if by else ''}: there is nothing to weigh.")
    _require(weights, (*said, UNKNOWN))
    terms = [_term(m, weights.get(m, 0.0), t["probability"], t["why_zero"]) for m, t in said.items()]
    if UNKNOWN in weights:
        terms.append(_term(UNKNOWN, weights[UNKNOWN], _base_rate(found), ""))
    note = "" if found["note"].startswith(NONE_USABLE) else found["note"]
    return Combined(event, by, math.fsum(t.contribution for t in terms), tuple(terms), note)


def _require(weights: Mapping[str, float], known: tuple[str, ...]) -> None:
    for name, weight in weights.items():
        if name not in known:
            raise UnknownNameError("model that speaks of the event", name, known)
        if not (math.isfinite(weight) and weight >= 0):
            raise InputError(f"The weight of '{name}' is {weight}; expected a number of at least 0.")
    total = math.fsum(weights.values())
    if abs(total - 1.0) > TOLERANCE:
        raise InputError(f"The weights sum to {total:g}; expected 1. Divide each by their sum.")


def _term(model: str, weight: float, p: float, why_zero: str) -> Term:
    return Term(model, weight, p, weight * p, "set", "" if weight else why_zero or NOT_GIVEN, why_zero)


def _base_rate(found: Mapping[str, Any]) -> float:
    """Return what unknown models are put on: as printed, else the base rate, else a half."""
    if found["note"].startswith(IMPOSSIBLE):
        return 0.0
    printed = {t["model"]: t["probability"] for t in found["terms"]}
    return printed.get(UNKNOWN, printed.get(BASE_RATES.get(found["event"], ""), NO_BASE_RATE))
