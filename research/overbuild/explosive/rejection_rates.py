r"""The nulls of a listed series, and how often its test rejects with and without a bubble.

A series of :math:`n` observations that are sums of :math:`k` periods is simulated as sums of a path of
:math:`n + k - 1` periods. The rejection rate by bootstrap is simulated with one bootstrap path for each path,
whose quantile serves all ("warp speed": Giacomini, Politis and White, 2013). A path whose autoregression is
explosive itself has no bootstrap and is left out of that rate.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.explosive.critical import critical_values, threads
from overbuild.explosive.drift import WithDrift
from overbuild.explosive.nulls import FamilyWiseBootstrap, MonteCarlo, Null, WildBootstrap
from overbuild.explosive.overlap import Overlapping, summed
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.simulators import CollapsingBubbles, RandomWalk, Shocks
from overbuild.explosive.statistic import Array
from overbuild.randomness import stream

NOMINAL = 0.05
PATHS = 1000
PROCESSES = {
    "walk": RandomWalk(),
    "volatile": RandomWalk(shocks=Shocks(degrees=3.0, persistence=0.95, volatility=0.3)),
    "drift": RandomWalk(drift=3.0, decay=0.5),
    "bubble": CollapsingBubbles(),
    "late_bubble": CollapsingBubbles(spans=((0.7, 1.0),)),
}
"""A walk; one with fat tails and a volatility that wanders; one that rises by three standard deviations of
its end point; the one bubble of Phillips, Shi and Yu (2015), which collapses in a period; and one twice as
long that has not ended."""


@dataclass(frozen=True)
class Design:
    """What decides the test of a series.

    Attributes
    ----------
    observations, lags
        Its length and the lags.
    trailing
        Periods that an observation sums.
    """

    observations: int
    lags: int
    trailing: int

    @property
    def statistic(self) -> RecursiveADF:
        """The test."""
        return RecursiveADF(self.lags).at(self.observations)

    def nulls(self, replications: int) -> dict[str, Null]:
        """Return the nulls under which it has p-values.

        ``monte_carlo``: Gaussian random walks. ``bootstrap``: the wild bootstrap, with lags that of Phillips
        and Shi (2020). ``drift``: the same with the mean change of the sample kept.
        """
        walk, bootstrap = MonteCarlo(replications=replications), WildBootstrap(replications=replications)
        if self.trailing > 1:
            walk, bootstrap = Overlapping(walk, self.trailing), Overlapping(bootstrap, self.trailing)
        elif self.lags:
            bootstrap = FamilyWiseBootstrap(replications=replications)
        return {"monte_carlo": walk, "bootstrap": bootstrap, "drift": WithDrift(bootstrap)}


def rejection_rates(design: Design, replications: int, seed: int) -> dict[str, Any]:
    """Return the shares of paths in which the GSADF rejects at 5 %, by process and kind of critical values.

    Parameters
    ----------
    design
        What is tested.
    replications
        Paths of the critical values; a process has so many, at most `PATHS`.
    seed
        Master seed.
    """
    n, periods, test = design.observations, design.trailing, design.statistic
    nulls = design.nulls(replications)
    critical = critical_values(test, nulls["monte_carlo"], np.zeros(n), seed=seed, mapper=threads(2))
    cut = critical.value("gsadf", 1 - NOMINAL).value
    rates = {}
    for name, process in PROCESSES.items():
        rng = stream(f"explosive/rates/{n}/{design.lags}/{periods}/{name}", seed=seed)
        paths = summed(process.paths(min(replications, PATHS), n + periods - 1, rng), periods)
        found, drawn = (
            gsadf(test, paths),
            [_bootstrapped(nulls["bootstrap"], path, test, rng) for path in paths],
        )
        made = np.array([path is not None for path in drawn])
        under = gsadf(test, np.stack([path for path in drawn if path is not None]))
        rates[name] = {
            "monte_carlo": float(np.mean(found > cut)),
            "bootstrap": float(np.mean(found[made] > np.quantile(under, 1 - NOMINAL))),
            "without_bootstrap": float(1 - made.mean()),
        }
    sizes = {"observations": n, "lags": design.lags, "trailing": periods}
    by_lags = _size_by_lags(design, replications, seed) if periods > 1 else None
    return sizes | {"paths": min(replications, PATHS), "rates": rates, "size_by_lags": by_lags}


def gsadf(test: RecursiveADF, paths: Array) -> Array:
    """Return the largest statistic of each path; the kernels leave the interpreter free."""
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda part: test.sequences(part).gsadf, np.array_split(paths, 4))
        return np.concatenate(list(parts))


def _size_by_lags(design: Design, replications: int, seed: int) -> float:
    """Return how often random walks, summed, are rejected at 5 % by a test with as many lags instead."""
    n, periods = design.observations, design.trailing
    test, walk = RecursiveADF(periods).at(n), MonteCarlo(replications=replications)
    cut = critical_values(test, walk, np.zeros(n), seed=seed, mapper=threads(2)).value("gsadf", 1 - NOMINAL)
    rng = stream(f"explosive/rates/{n}/{periods}/lags", seed=seed)
    raw = PROCESSES["walk"].paths(min(replications, PATHS), n + periods - 1, rng)
    return float(np.mean(gsadf(test, summed(raw, periods)) > cut.value))


def _bootstrapped(null: Null, path: Array, test: RecursiveADF, rng: np.random.Generator) -> Array | None:
    """Return one path under the null of a path, or None where there is none."""
    try:
        return null.paths(path[None], test, 1, rng)[0, 0]
    except InputError:
        return None
