"""Random walks with nearly nonstationary stochastic volatility: the null of Sarkar and Wells (2026)."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from overbuild.errors import InputError
from overbuild.explosive.nulls import REPLICATIONS, check_replications
from overbuild.explosive.simulators import RandomWalk, Shocks
from overbuild.explosive.statistic import Array, Statistic

FEWEST = 16
"""Observations from which the iterated logarithm exceeds one, so that no persistence is negative."""


@dataclass(frozen=True)
class VolatileWalks:
    r"""Gaussian random walks whose log variance is a nearly nonstationary autoregression.

    :math:`h_t = (1 - d/\log\log n)\, h_{t-1} + \omega u_t` is the log variance (Sarkar and Wells, 2026), here
    begun in its stationary distribution, with drift :math:`1/n` as in `MonteCarlo`. The parameters are
    taken as known: critical values match only data of that volatility. Where it is not known, the
    `WildBootstrap` keeps that of the data.

    Parameters
    ----------
    distance
        :math:`d`, above 0 and at most 1; the authors' simulations have 0.1.
    volatility
        :math:`\omega`; theirs have 0.1, 0.5 and 1.
    replications
        Paths.
    """

    distance: float = 0.1
    volatility: float = 0.5
    replications: int = REPLICATIONS

    kind = "volatile"
    pointwise = True

    def __post_init__(self) -> None:
        check_replications(self.replications)
        if not 0 < self.distance <= 1 or self.volatility <= 0:
            raise InputError(
                f"distance {self.distance:g} and volatility {self.volatility:g}: expected above 0, and a "
                "distance of at most 1."
            )

    @property
    def title(self) -> str:
        """What is done, in a line."""
        return (
            f"Monte Carlo, {self.replications} random walks with stochastic volatility (distance "
            f"{self.distance:g}, volatility {self.volatility:g})"
        )

    def content(self, values: Array) -> tuple[object, ...]:
        """Return the shape of the data: nothing else matters."""
        return (values.shape,)

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return ``n``."""
        del statistic
        return n

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return random walks of shape (count, series, observation)."""
        del statistic
        series, n = values.shape
        walk = RandomWalk(shocks=volatile_shocks(n, self.distance, self.volatility))
        return walk.paths(count * series, n, rng).reshape(count, series, n)


def volatile_shocks(n: int, distance: float = 0.1, volatility: float = 0.5, scale: float = 1.0) -> Shocks:
    r"""Return shocks with the persistence :math:`1 - d/\log\log n` of ``n`` observations.

    Raises
    ------
    InputError
        For fewer than `FEWEST` observations.
    """
    if n < FEWEST:
        raise InputError(f"{n} observations: the volatility of Sarkar and Wells needs {FEWEST} or more.")
    return Shocks(scale, persistence=1 - distance / log(log(n)), volatility=volatility)
