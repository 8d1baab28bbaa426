"""Seconds of one core that breaks, regimes, trend and responses of both eras take together.

Run ``python tests/benchmarks/benchmark_spending.py``; pytest does not collect it. Compilation is within.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from time import process_time
from typing import Any

from overbuild.games.asked import Asked
from overbuild.locations import data_dir
from overbuild.timeseries import era_results

MOST_SECONDS = 90.0
"""For all four, both eras, on two cores."""
AS_OF = date(2026, 11, 22)


def benchmark() -> dict[str, Any]:
    """Return seconds by question."""
    asked, seconds = Asked(data_dir(), AS_OF), {}
    for question in ("breaks", "regimes", "trend", "response"):
        started = process_time()
        getattr(era_results, question)(asked)
        seconds[question] = process_time() - started
    total = sum(seconds.values())
    return {"load": os.getloadavg()[0], "seconds": seconds, "total": total, "enough": total <= MOST_SECONDS}


if __name__ == "__main__":
    found = benchmark()
    print(json.dumps(found, indent=1))
    sys.exit(0 if found["enough"] else 1)
