"""Milliseconds of one core that recursive tests take, beside pyexuber where it is installed.

Run ``python tests/benchmarks/benchmark_psy.py``; pytest does not collect it. Both programs run in turn in one
process, after their code is compiled; medians of wall time, statistics in one thread each. Critical values
use as many threads as this machine has cores; the peer has one. The last row is the way of a second process
to its first result.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from overbuild.explosive import MonteCarlo, RecursiveADF, critical_values
from overbuild.explosive.critical import threads

SIZES = (100, 200, 400, 800)
LAGS = (0, 1, 2)
REPEATS = 15
TARGETS = {"lags 0": 5.0, "lags 1": 3.0, "critical values": 8.0, "first result": 2.0}
"""Times faster than pyexuber at n = 800 (critical values: n = 400, 1000 paths); seconds of a first result."""
FIRST = """
import numpy as np
from overbuild.explosive import RecursiveADF
RecursiveADF().sequences(np.cumsum(np.random.default_rng(0).normal(size=200)))
"""


def benchmark() -> dict[str, Any]:
    """Return times by size and lags, and how many times faster than the peer."""
    rows = [_row(n, lags) for lags in LAGS for n in SIZES]
    drawn = _critical(400, 1000)
    first = _first()
    last = {row["lags"]: row["faster"] for row in rows if row["n"] == SIZES[-1]}
    found = {
        "lags 0": last[0],
        "lags 1": last[1],
        "critical values": drawn["faster"],
        "first result": first,
    }
    return {"load": os.getloadavg()[0], "rows": rows, "critical_values": drawn, "met": _met(found)}


def _row(n: int, lags: int) -> dict[str, Any]:
    y = np.cumsum(np.random.default_rng(n).normal(size=n))
    test = RecursiveADF(lags)
    ours, theirs = _medians(lambda: test.sequences(y), _peer(lambda peer: peer.radf(y, lag=lags)))
    return {"n": n, "lags": lags, **_compared(ours, theirs)}


def _critical(n: int, replications: int) -> dict[str, Any]:
    cores = os.cpu_count() or 1

    def ours() -> object:
        return critical_values(
            RecursiveADF(), MonteCarlo("none", replications), np.zeros(n), mapper=threads(cores)
        )

    theirs = _peer(lambda peer: peer.radf_mc_cv(n, nrep=replications, seed=1))
    return {"n": n, "replications": replications, "threads": cores, **_compared(*_medians(ours, theirs, 5))}


def _peer(call: Callable[[Any], object]) -> Callable[[], object] | None:
    if find_spec("exuber") is None:
        return None
    import exuber  # type: ignore[import-not-found]

    return lambda: call(exuber)


def _medians(
    ours: Callable[[], object], theirs: Callable[[], object] | None, repeats: int = REPEATS
) -> tuple[float, float | None]:
    calls = [call for call in (ours, theirs) if call]
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(repeats):
        for call, taken in zip(calls, times, strict=True):
            started = perf_counter()
            call()
            taken.append(perf_counter() - started)
    return median(times[0]), median(times[1]) if theirs else None


def _compared(ours: float, theirs: float | None) -> dict[str, float | None]:
    return {
        "milliseconds": 1000 * ours,
        "pyexuber": None if theirs is None else 1000 * theirs,
        "faster": None if theirs is None else theirs / ours,
    }


def _first() -> float:
    command = [sys.executable, "-c", FIRST]
    subprocess.run(command, check=True)
    taken = []
    for _ in range(5):
        started = perf_counter()
        subprocess.run(command, check=True)
        taken.append(perf_counter() - started)
    return median(taken)


def _met(found: dict[str, float | None]) -> dict[str, Any]:
    return {
        name: {
            "found": value,
            "target": TARGETS[name],
            "met": None
            if value is None
            else value <= TARGETS[name]
            if name == "first result"
            else value >= TARGETS[name],
        }
        for name, value in found.items()
    }


if __name__ == "__main__":
    result = benchmark()
    print(json.dumps(result, indent=1))
    sys.exit(0 if all(part["met"] is not False for part in result["met"].values()) else 1)
