"""Memory grows with the length of a series, not with the number of its windows."""

from __future__ import annotations

import subprocess
import sys

import pytest

LONG = 20000
"""Observations; one number a window would be 1600 MB."""
MOST = 16.0
"""Megabytes that ten times the length may add; it is 0.4 to 1.1 where this was written."""
SCRIPT = """
import resource
import numpy as np
from overbuild.explosive import RecursiveADF, SignADF, StochasticVolatilityADF
made = {made}
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
y = np.cumsum(np.random.default_rng(1).normal(size={long}))
made.sequences(y[:{long} // 10])
before = peak()
made.sequences(y)
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "made", ["RecursiveADF(0)", "RecursiveADF(1)", "SignADF()", "StochasticVolatilityADF()"]
)
def test_memory_is_linear_in_the_length(made):
    script = SCRIPT.format(made=made, long=LONG)
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert float(done.stdout) < MOST
