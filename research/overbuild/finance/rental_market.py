r"""How a rental market changes the capacity dilemma: three channels, each with the sign that can be derived.

(a) Commitment. Where renting lowers the cost of serving a unit from c to c', every capacity of the contest,
    K = (m V_0 / c)^(1/(1 - eta)), is multiplied by (c'/c)^(-1/(1 - eta)) >= 1: more is built in all, by firms
    and planner alike, so that the ratio of the two stays.
(b) Pooling. What stands idle with one firm can be let to another. For N normal demands of mean mu, deviation
    sigma and correlation rho, at the same chance of being short,

        pooled / separate = (mu + z sigma sqrt((1 + (N - 1) rho)/N)) / (mu + z sigma),

    at most 1 iff z >= 0 (Eppen 1979); for lognormal markets and shares it is simulated
    (`overbuild.games.newsvendor`), and there it passes 1 at service levels nearer to a half already. A
    planner pools anyway, firms without a rental market do not: capacity over the planner's falls where firms
    hold buffers and rises where they hold less than they expect to need.
(c) Entry. The neocloud is taken as one contender more, equal to the others and for the same prize, which a
    seller of capacity to contenders need not be: D(N + 1) - D(N) = (r - eta) / (N (N + 1)): capacity over the
    planner's rises iff r > eta.

(b) is applied to the rented share of capacity only: an assumption, linear between no and full pooling, as is
the product of the contest's ratio with the insurance of (b). The net effect has no sign of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.games.contest import overbuild_ratio, takes_part
from overbuild.games.newsvendor import log_shares, pooling

type Array = NDArray[np.float64]

SHARES = 400
"""Draws of shares for one case: the Monte Carlo error is small beside the spread over priors."""
LEAST = 0.01
"""Least part of the variance of log demand that is common, and that is not."""


def pooled_normal(firms: ArrayLike, mean: ArrayLike, sd: ArrayLike, rho: ArrayLike, z: ArrayLike) -> Array:
    """Return pooled over separate capacity for normal demands, rho >= -1/(N - 1)."""
    n, mu, sigma, c, q = (np.asarray(v, dtype=float) for v in (firms, mean, sd, rho, z))
    return (mu + q * sigma * np.sqrt((1 + (n - 1) * c) / n)) / (mu + q * sigma)


def pooled_lognormal(
    firms: int, deviation: float, correlation: float, fractile: float, rng: np.random.Generator
) -> float:
    """Return pooled over separate capacity of firms that share a lognormal market.

    With a market common to all and shares that add up to one, the logs of shares are correlated by about
    -1/(N - 1): of the variance of a firm's log demand the part [1 + (N - 1) rho]/N is the market's where two
    firms' log demands are correlated by ``correlation`` = rho, and the rest that of its share. For small
    deviations the ratio is that of `pooled_normal`.
    """
    common = float(np.clip((1 + (firms - 1) * correlation) / firms, LEAST, 1 - LEAST))
    shares = log_shares(firms, deviation * np.sqrt(1 - common), SHARES, rng)
    return 1 / pooling(fractile, shares, deviation * np.sqrt(common)).ratio


@dataclass(frozen=True, eq=False)
class Channels:
    """Effects of a rental market, (draw,).

    Attributes
    ----------
    level
        (a): factor on every capacity, the planner's too.
    entry
        (c): factor on capacity over the planner's.
    pool
        (b): the same.
    without, with_market
        Capacity over the planner's.
    exists
        Whether the contest with one firm more has its symmetric equilibrium; elsewhere entry is left out
        (factor 1), since the contender more would not take part.
    """

    level: Array
    entry: Array
    pool: Array
    without: Array
    with_market: Array
    exists: NDArray[np.bool_]


def channels(
    firms: int,
    decisiveness: Array,
    elasticity: Array,
    transfer_share: Array,
    *,
    cost_ratio: Array,
    pooled: Array,
    rented_share: Array,
) -> Channels:
    """Return the channels draw by draw; ``cost_ratio`` is c'/c, ``pooled`` pooled over separate capacity."""
    base = overbuild_ratio(firms, decisiveness, elasticity, transfer_share)
    more = overbuild_ratio(firms + 1, decisiveness, elasticity, transfer_share)
    exists = takes_part(firms + 1, decisiveness, elasticity)
    entry = np.where(exists, more / base, 1.0)
    pool = 1 - rented_share * (1 - pooled)
    without = base / pooled
    return Channels(
        level=cost_ratio ** (-1 / (1 - elasticity)),
        entry=entry,
        pool=pool,
        without=without,
        with_market=without * entry * pool,
        exists=exists,
    )
