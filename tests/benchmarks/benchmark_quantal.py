"""Draws a second of the quantal response likelihood, and seconds of a warm posterior.

Run ``python tests/benchmarks/benchmark_quantal.py``; pytest does not collect it. Exit status 1 where a mark
is missed: 3,000 draws a second at 34 quarters and 11 points of the shock, 60 seconds for four chains of a
thousand draws after compilation.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from typing import Any

import numpy as np

from overbuild.episodes import load_episode
from overbuild.games.quantal_kernel import log_likelihoods, payoffs, shock_nodes
from overbuild.games.quantal_response import QuantalResponse
from overbuild.models.prior_file import read_priors
from overbuild.randomness import stream

AS_OF = date(2026, 11, 22)
DRAWS, LEAST_A_SECOND, MOST_SECONDS = 20_000, 3000, 60


def benchmark() -> dict[str, Any]:
    """Return likelihoods a second, and seconds and diagnostics of a warm posterior."""
    spec = QuantalResponse.of(read_priors().at(AS_OF), {})
    data = spec.observed(load_episode("ai", AS_OF).snapshot)
    rng = stream("benchmark/quantal")
    deltas = payoffs(rng.normal(size=DRAWS), rng.normal(size=DRAWS), 5)
    slopes, shocks = 0.5 * rng.normal(size=(DRAWS, 3)), np.abs(rng.normal(size=DRAWS))
    given = (data.y[-34:], np.ascontiguousarray(data.covariates[-34:]), *shock_nodes(11, 3.5))
    log_likelihoods(deltas[:2], slopes[:2], shocks[:2], *given)
    start = time.perf_counter()
    log_likelihoods(deltas, slopes, shocks, *given)
    a_second = DRAWS / (time.perf_counter() - start)
    spec.fit_data(data, rng)
    start = time.perf_counter()
    fit = spec.fit_data(data, rng)
    return {
        "likelihoods_a_second": round(a_second),
        "posterior_seconds": round(time.perf_counter() - start, 1),
        "diagnostics": fit.diagnostics.to_dict(),
    }


if __name__ == "__main__":
    found = benchmark()
    print(json.dumps(found, indent=1))
    missed = found["likelihoods_a_second"] < LEAST_A_SECOND or found["posterior_seconds"] > MOST_SECONDS
    sys.exit(int(missed))
