"""Seconds of one core that clearings of the shipped network take, after the code is compiled.

Run ``python tests/benchmarks/benchmark_clearing.py``; pytest does not collect it. Every draw has its own
firmness, cash and costs of bankruptcy; building its matrix of liabilities is included.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from time import process_time
from typing import Any

from overbuild.finance.contagion_draws import draw
from overbuild.finance.network_file import FILE, read_network
from overbuild.finance.shocks import cleared
from overbuild.locations import data_dir
from overbuild.models.prior_file import FILE as PRIORS
from overbuild.models.prior_file import read_priors
from overbuild.randomness import stream

DAY = date(2026, 11, 20)
CLEARINGS = 10_000
MOST_SECONDS = 5.0
SHOCKS = (0.0, 0.4, 1.0)


def benchmark() -> dict[str, Any]:
    """Return seconds by shock; a larger one takes more rounds."""
    network = read_network(data_dir() / FILE, data_dir(), DAY)
    priors = read_priors(data_dir() / PRIORS).at(DAY).values("contagion")
    started = process_time()
    cleared(network, draw(network, priors, 2, stream("benchmark/clearing")), 0.5)
    compiled = process_time() - started
    drawn = draw(network, priors, CLEARINGS, stream("benchmark/clearing"))
    rows = []
    for shock in SHOCKS:
        started = process_time()
        found = cleared(network, drawn, shock)
        rows.append(
            {
                "shock": shock,
                "seconds": process_time() - started,
                "defaults": float(found.cleared.default.mean()),
            }
        )
    return {
        "load": os.getloadavg()[0],
        "nodes": len(network.nodes),
        "liabilities": len(network.liabilities),
        "clearings": CLEARINGS,
        "compile": compiled,
        "rows": rows,
        "enough": max(r["seconds"] for r in rows) <= MOST_SECONDS,
    }


if __name__ == "__main__":
    found = benchmark()
    print(json.dumps(found, indent=1))
    sys.exit(0 if found["enough"] else 1)
