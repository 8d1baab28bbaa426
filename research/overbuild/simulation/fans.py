"""Quantiles of what is simulated, by quarter, and of the record before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from overbuild.core.judging import trailing_year
from overbuild.simulation.run import Simulated

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
