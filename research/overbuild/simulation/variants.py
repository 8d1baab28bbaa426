"""The chances of events when one thing in the inside view is changed, on the same random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from overbuild.core import Event
from overbuild.randomness import stream
from overbuild.simulation.bounded import judge
from overbuild.simulation.inputs import Inputs
from overbuild.simulation.run import Simulated, simulate
from overbuild.simulation.view import InsideView

PARTS = ("O1", "O2", "O3", "composite")
"""Events of which variants are told."""
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "base": {},
    "ratio_on": {"ratio": True},
    "one_way": {"feedback": 0.0},
    "ceiling_half": {"ceiling_scale": 0.5},
    "ceiling_double": {"ceiling_scale": 2.0},
    "cash_lower": {"monetisation_scale": 0.8},
    "lives_shorter": {"life_scale": 0.8},
    "no_contracts": {"contracts": False},
    "price_capped": {"clearing": False},
    "growth_scaled": {"whole_curve": False},
}
"""Name to what is changed in the view."""
PULLS: Mapping[str, float] = {"no_pull": 0.0, "pull_03": 0.3, "pull_06": 0.6}
"""Name to the speed a year, in place of its prior, at which growth closes the gap to what demand requires."""


def chances(made: Simulated, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return rows ``event, by, probability``: shares of paths."""
    paths = made.paths()
    return [
        {"event": e.definition, "by": e.by, "probability": float(np.nanmean(judge(e, made, paths).holds))}
        for e in events
    ]


def rates(
    made: Simulated,
    events: Mapping[str, Sequence[Event]],
    rates: Sequence[float],
    rng: Callable[[], np.random.Generator],
) -> list[dict[str, Any]]:
    """Return the chances of events by each date at each rate at which the cohort's cash is discounted.

    Parameters
    ----------
    made
        What was simulated, at one of the rates.
    events
        Date to events.
    rates
        Fractions a year.
    rng
        Gives the stream that ``made`` was drawn from, anew.
    """
    rows = []
    for rate in rates:
        view = replace(made.view, discount_rate=rate)
        same = rate == made.view.discount_rate
        run = made if same else simulate(view, made.inputs, made.draw.size, rng())
        rows += [{"rate": rate, "by": by} | _of(run, asked) for by, asked in events.items()]
    return rows


def variants(
    view: InsideView, inputs: Inputs, paths: int, events: Mapping[str, Sequence[Event]]
) -> list[dict[str, Any]]:
    """Return the chances of events by each date with one thing changed at a time."""
    runs = {n: (replace(view, **c), inputs) for n, c in VARIANTS.items()}
    runs |= {n: (view, inputs.replaced(speed=s)) for n, s in PULLS.items()}
    rows = []
    for name, (other, given) in runs.items():
        made = simulate(other, given, paths, stream("simulation/variants"))
        rows += [{"variant": name, "by": by} | _of(made, asked) for by, asked in events.items()]
    return rows


def _of(made: Simulated, events: Sequence[Event]) -> dict[str, float]:
    return {r["event"]: r["probability"] for r in chances(made, events)}
