"""Simulated investment whose true chance of a fall is known: growth with a hidden regime, series that differ.

Log growth is normal with the mean and standard deviation of its regime. The regime follows a Markov chain: a
normal year may begin a boom; a boom busts, calms down or goes on; a bust ends or goes on. Series differ in
the chance that a boom begins and in the chance that it busts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.probability.runups import Panel

Array = NDArray[np.float64]

REGIMES = ("normal", "boom", "bust")
WARM_UP = 20
"""Years before the first one kept, so that the regimes have settled."""
LEVEL = 1e4
"""Investment at the start, USD million: far above any floor."""


@dataclass(frozen=True)
class Growth:
    """A growth process.

    Attributes
    ----------
    years
        Years kept of each series.
    growth, deviation
        Mean and standard deviation of log growth in the regimes normal, boom and bust.
    boom_starts, boom_calms, bust_ends
        Yearly chances that a boom begins in a normal year, that it ends without a bust, that a bust ends.
    boom_busts
        Yearly chances that a boom busts: one process each.
    correlation
        How strongly series differ in ``boom_starts`` and ``boom_busts``: each is Beta with this correlation.
    """

    years: int
    growth: tuple[float, ...]
    deviation: tuple[float, ...]
    boom_starts: float
    boom_calms: float
    bust_ends: float
    boom_busts: tuple[float, ...]
    correlation: tuple[float, ...]

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> Growth:
        """Return the process of ``[checks.annual]`` of ``definitions.toml``.

        Raises
        ------
        InputError
            If one of its values is missing.
        """
        missing = [n for n in cls.__dataclass_fields__ if n not in section]
        if missing:
            raise InputError(f"definitions.toml, checks.annual: lacks {', '.join(missing)}.")
        given: dict[str, Any] = {n: section[n] for n in cls.__dataclass_fields__}
        for name in ("growth", "deviation"):
            given[name] = tuple(float(section[name][r]) for r in REGIMES)
        for name in ("boom_busts", "correlation"):
            given[name] = tuple(float(v) for v in section[name])
        return cls(**given)


def growth_panel(
    process: Growth, boom_busts: float, correlation: float, series: int, rng: np.random.Generator
) -> Panel:
    """Return simulated annual investment.

    Parameters
    ----------
    process
        The growth process.
    boom_busts, correlation
        Which of its chances, and how strongly series differ.
    series
        Number of series.
    rng
        Generator.
    """
    starts = _chances(process.boom_starts, correlation, series, rng)
    busts = _chances(boom_busts, correlation, series, rng)
    mean, deviation = np.array(process.growth), np.array(process.deviation)
    regime = np.zeros(series, dtype=int)
    steps = np.empty((series, WARM_UP + process.years))
    for year in range(steps.shape[1]):
        regime = _next(regime, starts, busts, process, rng.random(series))
        steps[:, year] = rng.normal(mean[regime], deviation[regime])
    x = LEVEL * np.exp(np.cumsum(steps, axis=1))[:, WARM_UP:]
    return Panel(tuple(f"s{i}" for i in range(series)), np.arange(process.years), x, x)


def _next(
    regime: NDArray[np.int_], starts: Array, busts: Array, process: Growth, u: Array
) -> NDArray[np.int_]:
    after_normal = np.where(u < starts, 1, 0)
    calm = busts + process.boom_calms * (1.0 - busts)
    after_boom = np.where(u < busts, 2, np.where(u < calm, 0, 1))
    after_bust = np.where(u < process.bust_ends, 0, 2)
    return np.choose(regime, [after_normal, after_boom, after_bust])


def _chances(mean: float, correlation: float, series: int, rng: np.random.Generator) -> Array:
    if correlation == 0:
        return np.full(series, mean)
    total = (1.0 - correlation) / correlation
    return rng.beta(mean * total, (1.0 - mean) * total, series)
