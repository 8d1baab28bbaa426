"""Seconds that the bootstrap of the bounds test and the gap and contributions of both eras take.

Run ``python tests/benchmarks/benchmark_gap.py``; pytest does not collect it. The first call of the tests
compiles them or reads what was compiled, and is timed apart.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Any

import numpy as np

from overbuild.randomness import stream
from overbuild.timeseries.cointegration import levels_tests
from overbuild.timeseries.contribution import contribution
from overbuild.timeseries.gap import gap

DRAWS = 2000
PERIODS = 80
MOST_SECONDS = {"bounds": 20.0, "section": 90.0}


def benchmark() -> dict[str, Any]:
    """Return seconds of 2,000 resampled systems of three series, and of the section for both eras."""
    z = stream("benchmark/gap").normal(size=(PERIODS, 3)).cumsum(0)
    seconds = []
    for _ in range(2):
        started = perf_counter()
        levels_tests(z, np.ones((PERIODS, 1)), 1, DRAWS, stream("benchmark/gap"))
        seconds.append(perf_counter() - started)
    started = perf_counter()
    for era in ("ai", "telecom"):
        gap(era)
        contribution(era)
    section = perf_counter() - started
    return {
        "draws": DRAWS,
        "first_call_seconds": seconds[0],
        "bounds_seconds": seconds[1],
        "section_seconds": section,
        "most_seconds": MOST_SECONDS,
        "passed": seconds[0] < MOST_SECONDS["bounds"] and section < MOST_SECONDS["section"],
    }


if __name__ == "__main__":
    found = benchmark()
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    sys.exit(0 if found["passed"] else 1)
