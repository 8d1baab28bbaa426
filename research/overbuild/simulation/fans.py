"""Quantiles of what is simulated, by quarter, and of the record before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from overbuild.core.judging import trailing_year
from overbuild.core.periods import label, ordinal
from overbuild.simulation.inputs import Inputs
from overbuild.simulation.run import Simulated, simulate
from overbuild.simulation.view import InsideView

LATER = (5, 10, 15)
"""Years after the last horizon at which the continuation behind O1 is looked at."""
LEVELS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def fans(made: Simulated) -> dict[str, Any]:
    """Return quantiles of spending over a year, use, price over cost, cover, debt, and value over cost."""
    history = made.inputs.history
    past = history.layer("capex")[0]
    joined = np.concatenate([np.tile(past[-3:], (made.draw.size, 1)), made.layers["capex"]], axis=1)
    of = {
        "capex_year": trailing_year(joined, 4)[:, 3:],
        "use": made.layers["use"],
        "price_over_cost": made.layers["markup"],
        "cover": made.layers["cover"],
        "debt": made.layers["debt"],
        "required": made.layers["required"],
        "gap": np.log(made.layers["required"]) - made.layers["demand"],
    }
    whole = trailing_year(past[None, :], 4)[0]
    return {
        "quarters": list(made.time),
        **{n: {q: np.quantile(v, at, axis=0).tolist() for q, at in LEVELS.items()} for n, v in of.items()},
        "value_over_cost": {
            "quarters": list(made.view.horizons),
            **{q: np.quantile(made.expected, at, axis=0).tolist() for q, at in LEVELS.items()},
            "below_one": np.mean(made.expected < 1, axis=0).tolist(),
            "realised_below_one": np.mean(made.realised < 1, axis=0).tolist(),
        },
        "past": {
            "quarters": [t for t, v in zip(history.time, whole, strict=True) if np.isfinite(v)],
            "capex_year": whole[np.isfinite(whole)].tolist(),
        },
        "regimes": [
            {
                n: float(np.mean(made.layers["regime"][:, e - 1] == k))
                for k, n in enumerate(("normal", "boom", "bust"))
            }
            for e in made.prepared.ends
        ],
    }


def later(view: InsideView, inputs: Inputs, paths: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return medians after the last horizon, of what values of the cohort rest on, with feedback and without.

    Rows ``run, years, use, price_over_cost``: use over normal, and price over long-run cost.
    """
    last = ordinal(view.horizons[-1])
    ends = tuple(label(last + 4 * y, "Q") for y in LATER)
    rows = []
    for run, other in (("feedback", view), ("one_way", view.one_way())):
        made = simulate(replace(other, horizons=ends, continued=0), inputs, paths, rng)
        for years, end in zip(LATER, made.prepared.ends, strict=True):
            at = {n: float(np.median(made.layers[n][:, end - 1])) for n in ("use", "markup")}
            rows.append({"run": run, "years": years, "use": at["use"], "price_over_cost": at["markup"]})
    return rows
