"""Seconds of one core that the capacity race takes: 648 states, and how the cost grows with states.

Run ``python tests/benchmarks/benchmark_race.py``; pytest does not collect it. Each race is solved from every
start, for the equilibrium and both planners, after the code is compiled; compilation is reported apart.
"""

from __future__ import annotations

import json
import os
import sys
from time import process_time
from typing import Any

from overbuild.games.race import RaceSpec, market_levels
from overbuild.games.race_lattice import lattice
from overbuild.games.race_market import JOINT, OWN, SOCIAL
from overbuild.games.race_solver import solve

MOST_SECONDS = 10.0
"""For three firms, six levels and three demand states."""
SIZES = ((2, 6, 3), (3, 6, 3), (3, 10, 3), (3, 16, 5), (4, 6, 3), (4, 8, 5), (5, 6, 3), (5, 8, 3), (6, 6, 3))
"""Firms, levels and demand states."""


def benchmark() -> dict[str, Any]:
    """Return seconds by size, exact and with rivals described by their total."""
    started = process_time()
    solve(_spec(3, 6, 3))
    compiled = process_time() - started
    rows = [_row(*size) for size in SIZES]
    own = next(r for r in rows if (r["firms"], r["levels"], r["demand"]) == (3, 6, 3))
    return {
        "load": os.getloadavg()[0],
        "compile": compiled,
        "rows": rows,
        "enough": own["exact"] <= MOST_SECONDS,
    }


def _spec(firms: int, levels: int, demand: int) -> RaceSpec:
    return RaceSpec(
        firms=firms,
        levels=levels,
        market=market_levels(0.6 * firms * levels, 0.5, demand),
        smoothing=0.05,
    )


def _row(firms: int, levels: int, demand: int) -> dict[str, Any]:
    spec = _spec(firms, levels, demand)
    made: dict[str, Any] = {
        "firms": firms, "levels": levels, "demand": demand, "states": spec.states,
        "reduced": spec.reduced_states,
    }  # fmt: skip
    for name, exact in (("exact", True), ("totals", False)):
        lattice(spec, exact=exact)
        started = process_time()
        solved = [solve(spec, aim, exact=exact) for aim in (OWN, JOINT, SOCIAL)]
        made[name] = process_time() - started
        made[f"{name}_settled"] = all(s.converged for s in solved)
    return made


if __name__ == "__main__":
    found = benchmark()
    print(json.dumps(found, indent=1))
    sys.exit(0 if found["enough"] else 1)
