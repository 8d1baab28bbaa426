"""The design in which size and power of the plain and the robust tests are measured.

Every test meets every process of its design with the paths of one seed; a path is tested against the
critical values of a Monte Carlo of the matching null (Gaussian random walks with drift 1/n, the same test),
of random walks with stochastic volatility, and against those of two wild bootstraps of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from overbuild.explosive.episode import default_duration, episodes_of
from overbuild.explosive.nulls import MonteCarlo, WildBootstrap
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.signs import SignADF
from overbuild.explosive.simulators import CollapsingBubbles, RandomWalk, Shocks, TechnologyHump
from overbuild.explosive.statistic import Array, Sequences, Statistic
from overbuild.explosive.technology import Proxy, TechnologyAdjusted
from overbuild.explosive.volatile import StochasticVolatilityADF
from overbuild.explosive.volatile_null import VolatileWalks, volatile_shocks
from overbuild.randomness import stream

LENGTHS = (60, 120, 400)
PATHS = {60: 1000, 120: 1000, 400: 200}
"""Paths of a process, by length."""
BATCH = 100
"""Paths of one unit of work."""
DRAWS, DRAWS_BATCH = 10000, 1000
"""Paths under the null from which Monte Carlo critical values are taken, and of one unit."""
BOOTSTRAPS = 99
"""Paths of a wild bootstrap: (99 + 1) times the size is whole, so that the p-value is exact."""
SIZE = 0.05
MOST_LARGER = round(SIZE * (1 + BOOTSTRAPS))
"""The observed statistic counted, so many draws at least as large still reject."""
SUPREMA = ("sadf", "gsadf")
NULLS = {"montecarlo": MonteCarlo(), "volatile": VolatileWalks()}
MULTIPLIERS = {"wild": "normal", "wild_signs": "rademacher"}
WILD = ("plain0", "plain1", "coefficient", "proxy", "late")
"""Tests that are bootstrapped. Those of signs are not: they have one distribution under all these nulls."""
KNOWN = ("plain0", "coefficient")
"""Tests that also meet critical values of the very volatility that one of the processes has."""
ADJUSTED = ("proxy", "proxy1", "late")
"""Tests that are shown only where technology matters."""
ADJUSTED_ON = ("null", "hump", "bubble")
SHOCK = 6.79
"""Standard deviation of the shocks of the process with a bubble, which begins at 100 (PSY, 2015)."""
HUMP = TechnologyHump()
LATE = 0.05
"""Share of the sample by which a late proxy follows the technology."""


class Simulator(Protocol):
    """What draws paths."""

    def paths(self, count: int, n: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, n)."""
        ...


def processes(n: int) -> dict[str, Simulator]:
    """Return name to process for ``n`` observations: the null, six more without a bubble, two with one."""
    return {
        "null": RandomWalk(),
        "t3": RandomWalk(shocks=Shocks(degrees=3)),
        "volatile": RandomWalk(shocks=volatile_shocks(n)),
        "break_up": RandomWalk(shocks=Shocks(break_at=0.5, break_ratio=3.0)),
        "break_down": RandomWalk(shocks=Shocks(break_at=0.5, break_ratio=1 / 3)),
        "drift": RandomWalk(drift=0.2, decay=0.0),
        "hump": HUMP,
        "bubble": CollapsingBubbles(),
        "bubble_volatile": CollapsingBubbles(shocks=volatile_shocks(n, scale=SHOCK)),
    }


def tests(n: int) -> dict[str, Statistic]:
    """Return name to test for ``n`` observations."""
    exact, late = _proxy(n, 0.0), _proxy(n, LATE)
    made: dict[str, Statistic] = {
        "plain0": RecursiveADF(0),
        "plain1": RecursiveADF(1),
        "sign": SignADF(),
        "centred": SignADF(centred=True),
        "coefficient": StochasticVolatilityADF(),
        "proxy": TechnologyAdjusted((exact,), True, RecursiveADF(0)),
        "proxy1": TechnologyAdjusted((exact,), True, RecursiveADF(1)),
        "late": TechnologyAdjusted((late,), True, RecursiveADF(0)),
    }
    return {name: test.at(n) for name, test in made.items()}


@dataclass(frozen=True)
class NullDraws:
    """Paths under the null, of one length and one unit of work."""

    n: int
    null: str
    index: int
    seed: int


@dataclass(frozen=True)
class Cell:
    """Paths of one process, of one length and one unit of work, with the critical values of every test.

    Attributes
    ----------
    critical
        Test, null and supremum (``plain0.montecarlo.gsadf``) to the critical value.
    """

    n: int
    process: str
    index: int
    seed: int
    critical: tuple[tuple[str, float], ...]


def null_draws(unit: NullDraws) -> dict[str, list[float]]:
    """Return test, null and supremum to its draws under the null."""
    rng = stream(f"explosive/size/null/{unit.null}/{unit.n}", seed=unit.seed, index=unit.index)
    paths = NULLS[unit.null].paths(np.zeros((1, unit.n)), RecursiveADF(), DRAWS_BATCH, rng)[:, 0]
    found = {}
    for name, test in tests(unit.n).items():
        if not _meets(name, unit.null):
            continue
        sequences = test.sequences(paths)
        found |= {f"{name}.{unit.null}.{s}": np.round(sequences.named(s), 6).tolist() for s in SUPREMA}
    return found


def rejections(cell: Cell) -> dict[str, int]:
    """Return test, critical values and supremum to the number of paths of the unit that are rejected.

    ``coefficient.published.sadf`` counts paths in which the published lines date any episode.
    """
    critical = dict(cell.critical)
    rng = stream(f"explosive/size/{cell.process}/{cell.n}", seed=cell.seed, index=cell.index)
    paths = processes(cell.n)[cell.process].paths(BATCH, cell.n, rng)
    at_hand = {
        name: test
        for name, test in tests(cell.n).items()
        if name not in ADJUSTED or cell.process in ADJUSTED_ON
    }
    observed = {name: test.sequences(paths) for name, test in at_hand.items()}
    counts = {
        f"{name}.{null}.{s}": int(np.sum(found.named(s) > critical[f"{name}.{null}.{s}"]))
        for name, found in observed.items()
        for null in NULLS
        if _meets(name, null)
        for s in SUPREMA
    }
    counts["coefficient.published.sadf"] = _published(
        at_hand["coefficient"], observed["coefficient"].badf, cell.n
    )
    wild = {name: test for name, test in at_hand.items() if name in WILD}
    counts |= {f"{name}.{kind}.{s}": 0 for name in wild for kind in MULTIPLIERS for s in SUPREMA}
    for i, path in enumerate(paths):
        for kind in MULTIPLIERS:
            for name, drawn in _bootstraps(path[None], kind, wild, rng).items():
                for s in SUPREMA:
                    larger = int(np.sum(drawn.named(s) >= observed[name].named(s)[i]))
                    counts[f"{name}.{kind}.{s}"] += int(1 + larger <= MOST_LARGER)
    return counts


def _bootstraps(
    values: Array, kind: str, wild: dict[str, Statistic], rng: np.random.Generator
) -> dict[str, Sequences]:
    """Return the sequences of each test on one set of bootstrap paths (of its own where it projects)."""
    bootstrap = WildBootstrap(MULTIPLIERS[kind], BOOTSTRAPS)
    shared = bootstrap.paths(values, RecursiveADF(), BOOTSTRAPS, rng)[:, 0]
    found = {}
    for name, test in wild.items():
        paths = (
            bootstrap.paths(test.under_null(values), test, BOOTSTRAPS, rng)[:, 0]
            if name in ADJUSTED
            else shared
        )
        found[name] = test.sequences(paths)
    return found


def _meets(test: str, null: str) -> bool:
    return null == "montecarlo" or test in KNOWN


def _published(test: Statistic, badf: Array, n: int) -> int:
    lines, shortest = test.boundaries(n), default_duration(n)
    if lines is None:
        return 0
    return sum(bool(episodes_of(path, lines.begin, shortest, lines.end)) for path in badf)


def _proxy(n: int, late: float) -> Proxy:
    share = (np.arange(n) / n - HUMP.centre - late) / HUMP.width
    return Proxy("adoption", "adoption", tuple(np.exp(-(share**2) / 2).tolist()))
