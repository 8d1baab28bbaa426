"""Seconds of one core that 100,000 draws of each shipped contract take: drawn, and valued to both sides.

Run ``python tests/benchmarks/benchmark_contract.py``; pytest does not collect it. Compilation is
reported apart.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from time import process_time
from typing import Any

from overbuild.finance.contract_draws import Priors, draw
from overbuild.finance.contract_file import BUILT_IN, contract_of
from overbuild.finance.contract_simulation import simulate
from overbuild.locations import data_dir
from overbuild.models.prior_file import FILE, read_priors
from overbuild.randomness import stream

DRAWS = 100_000
MOST_SECONDS = 5.0


def benchmark(draws: int = DRAWS) -> dict[str, Any]:
    """Return seconds by contract, rates of return and present values before and after debt included."""
    priors = Priors.of(read_priors(data_dir() / FILE).at(date.today()).values("contracts"))
    contracts = [contract_of(name, data_dir()) for name in BUILT_IN]
    started = process_time()
    simulate(contracts[0], draw(contracts[0], priors, 2, stream("benchmark")))
    compiled = process_time() - started
    seconds = {}
    for contract in contracts:
        started = process_time()
        simulate(contract, draw(contract, priors, draws, stream("benchmark")))
        seconds[contract.name] = process_time() - started
    return {
        "load": os.getloadavg()[0],
        "compile": compiled,
        "draws": draws,
        "seconds": seconds,
        "enough": max(seconds.values()) <= MOST_SECONDS,
    }


if __name__ == "__main__":
    found = benchmark()
    print(json.dumps(found, indent=1))
    sys.exit(0 if found["enough"] else 1)
