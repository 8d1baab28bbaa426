"""Seconds that the inside view takes, after the code is compiled, and that its cost is linear in paths.

Run ``python tests/benchmarks/benchmark_inside_view.py``; pytest does not collect it. Paths go to 2030Q4 and,
for the present values of O1, twenty years on; inputs are made up and of the size of AI's.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "simulation"))

from overbuild.simulation import InsideView, simulate

PATHS = (1_000, 2_000, 5_000, 10_000, 20_000)
MOST_SECONDS = {2_000: 2.0, 10_000: 10.0}
LARGEST_CURVATURE = 1.5
"""Most that the time a path may grow from the second number of paths to the last."""
DRAWS = 300


def benchmark() -> dict[str, Any]:
    """Return seconds by number of paths, with and without the expected value of the cohort."""
    given = import_module("steady").inputs(DRAWS, common=0.3, deviation=0.1)
    simulate(InsideView(), given, 10, np.random.default_rng(0))
    rows = []
    for paths in PATHS:
        started = perf_counter()
        made = simulate(InsideView(), given, paths, np.random.default_rng(1))
        simulated = perf_counter() - started
        assert np.isfinite(made.expected).all()
        rows.append({"paths": paths, "simulated": simulated, "with_value": perf_counter() - started})
    return {"rows": rows}


if __name__ == "__main__":
    found = benchmark()
    print(json.dumps(found, indent=2))
    seconds = {r["paths"]: r["with_value"] for r in found["rows"]}
    slow = [p for p, most in MOST_SECONDS.items() if seconds[p] > most]
    growth = seconds[PATHS[-1]] / PATHS[-1] / (seconds[PATHS[1]] / PATHS[1])
    sys.exit(1 if slow or growth > LARGEST_CURVATURE else 0)
