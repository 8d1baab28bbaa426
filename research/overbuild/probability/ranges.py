"""Three ranges of a combined probability, kept apart: Monte Carlo, parameters, models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from overbuild.probability.combination import (
    BASE_RATES,
    NO_BASE_RATE,
    Combined,
    Said,
    Stack,
    base_rate_of,
    combined,
)
from overbuild.probability.combination_file import Weights

TAILS = (0.05, 0.95)


def loadings(found: Combined, said: Sequence[Said], mass: float) -> dict[str, float]:
    """Return how much the probability moves with each model's: its weight, and that of what rests on it."""
    weights = {s.model: found.weights[s.model] for s in said if not s.why_zero}
    base = BASE_RATES.get(found.event)
    if base in weights:
        weights[base] += mass
    return weights


def monte_carlo(found: Combined, said: Sequence[Said], mass: float) -> list[float]:
    """Return the probability plus and minus two Monte Carlo errors; the models' streams are independent."""
    assert found.probability is not None
    by_model = loadings(found, said, mass)
    error = sqrt(sum((by_model[s.model] * s.mc_error) ** 2 for s in said if s.model in by_model))
    return [max(found.probability - 2 * error, 0.0), min(found.probability + 2 * error, 1.0)]


def parameters(found: Combined, said: Sequence[Said], mass: float) -> list[float]:
    """Return the weighted mean of the models' 5 % points, and of their 95 % points.

    Averaging quantiles (Vincent 1912) is the sum of terms with the parameters of all models at their low, or
    all at their high, ends: the widest that dependence between them allows at these points. What models
    differ in is not in it. A model without a spread stays at its probability.
    """
    assert found.probability is not None
    by_model = loadings(found, said, mass)
    ends = [found.probability, found.probability]
    for s in said:
        if s.model in by_model and s.spread:
            for i, j in ((0, 0), (1, 2)):
                ends[i] += by_model[s.model] * (s.spread[j] - s.probability)
    return [min(max(e, 0.0), 1.0) for e in ends]


def alternatives(
    found: Combined,
    said: Sequence[Said],
    weights: Weights,
    stack: Stack,
    mass: float,
    rules: Sequence[float] = (),
    *,
    impossible: bool = False,
) -> dict[str, Any]:
    """Return the probability by other combinations of the same models, and by other rules.

    Returns
    -------
    dict
        ``drop_one`` and ``alone`` (model to probability; alone has weight one and no unknown models),
        ``equal``, ``bootstrap`` (5 % and 95 % points over resampled weights) and ``rules`` (least and most of
        the other rules of the base rate); a list is empty where there is nothing to say. The specification
        curve weighs its runs by these terms and is printed apart. Of an ``impossible`` event all are 0.
    """
    usable = [s for s in said if not s.why_zero]
    base = base_rate_of(found.event, usable)
    p = {s.model: s.probability for s in usable}
    rest = 0.0 if impossible else mass * (NO_BASE_RATE if base is None else base)

    def with_weights(given: Sequence[float]) -> float:
        return (1 - mass) * sum(w * p[m] for w, m in zip(given, stack.models, strict=True)) + rest

    dropped = {}
    for model in p if len(p) > 1 else ():
        left = [s for s in usable if s.model != model]
        stacked = weights.of([s.model for s in left])
        again = combined(found.event, found.by, left, stacked, mass, base=base, impossible=impossible)
        dropped[model] = again.probability
    load = loadings(found, usable, mass).get(BASE_RATES.get(found.event, ""), 0.0)
    by_rule = (
        [] if base is None or impossible else [(found.probability or 0.0) + load * (r - base) for r in rules]
    )
    return {
        "drop_one": dropped,
        "alone": p,
        "equal": with_weights([1 / len(p)] * len(p)) if p else found.probability,
        "bootstrap": _tails([with_weights(draw) for draw in stack.bootstrap]),
        "rules": _ends(by_rule),
    }


def models(found: Combined, other: Mapping[str, Any]) -> list[float]:
    """Return the least and the most over every alternative and the probability itself."""
    every = [found.probability, other["equal"], *other["drop_one"].values(), *other["alone"].values()]
    every += [*other["bootstrap"], *other["rules"]]
    known = [v for v in every if v is not None]
    return [min(known), max(known)]


def tails_by_model(stack: Stack) -> dict[str, list[float]]:
    """Return the 5 % and 95 % points of each weight over resampled targets; empty where there are none."""
    columns = zip(*stack.bootstrap, strict=True) if stack.bootstrap else ()
    return {m: _tails(column) for m, column in zip(stack.models, columns, strict=False)}


def _tails(values: Sequence[float]) -> list[float]:
    return [float(q) for q in np.quantile(values, TAILS)] if len(values) else []


def _ends(values: Sequence[float]) -> list[float]:
    return [min(values), max(values)] if len(values) else []
