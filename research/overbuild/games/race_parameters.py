"""From what is set about an era to a race: the middle of every range, and quasi-random draws from the ranges.

Demand, operating cost and prize are set relative to full cost, so that they have a meaning in both eras:

    p0 = (user cost) / (1 - operating share),  a = p0 (1 + 1/elasticity),  M = K0 (1 + elasticity),

where K0, the capacity that sells at full cost in the middle demand state, is 1.75 units a firm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from overbuild.games.race import RaceSpec, market_levels

EPISODES = ("ai", "telecom")
OF_EPISODE = ("depreciation", "scrap", "substitution", "operating_share")
IN_LOGS = ("elasticity", "cost_of_capital", "prize", "decisiveness", "adjustment")
RANGES = (*OF_EPISODE, *IN_LOGS, "demand_sd", "demand_persistence")
UNITS_A_FIRM = 1.75
LEVELS, DEMAND = 6, 3


def ranges(priors: Mapping[str, Any], episode: str) -> dict[str, tuple[float, ...]]:
    """Return name to middle, spread, lowest and highest of an era's parameters."""
    return {n: tuple(priors[f"{n}_{episode}" if n in OF_EPISODE else n]) for n in RANGES}


def middle(priors: Mapping[str, Any], episode: str) -> dict[str, float]:
    """Return the middle of every range."""
    return {n: float(v[0]) for n, v in ranges(priors, episode).items()}


def draws(
    priors: Mapping[str, Any], episode: str, count: int, rng: np.random.Generator
) -> list[dict[str, float]]:
    """Return quasi-random draws from normals, or lognormals, cut at their bounds; independent of each other.

    Parameters
    ----------
    priors
        Values of ``[race.*]`` by short name.
    episode
        ``ai`` or ``telecom``.
    count
        Number of draws; a power of two keeps them balanced.
    rng
        Scrambles the sequence.
    """
    every = ranges(priors, episode)
    points = qmc.Sobol(len(every), rng=rng).random(count)
    columns = {n: _inverse(points[:, i], v, n in IN_LOGS) for i, (n, v) in enumerate(every.items())}
    return [{n: float(c[i]) for n, c in columns.items()} for i in range(count)]


def race_of(values: Mapping[str, float], *, firms: int, smoothing: float) -> RaceSpec:
    """Return the race of one set of values, in prices of a unit of capacity.

    Parameters
    ----------
    values
        Name to value of every range.
    firms, smoothing
        As in `RaceSpec`.
    """
    discount = 1 / (1 + values["cost_of_capital"])
    user_cost = 1 / discount - 1 + values["depreciation"]
    price = user_cost / (1 - values["operating_share"])
    elasticity = values["elasticity"]
    return RaceSpec(
        firms=firms,
        levels=LEVELS,
        depreciation=values["depreciation"],
        intercept=price * (1 + 1 / elasticity),
        operating_cost=price * values["operating_share"],
        market=market_levels(UNITS_A_FIRM * firms * (1 + elasticity), values["demand_sd"], DEMAND),
        persistence=values["demand_persistence"],
        adjustment=values["adjustment"],
        scrap=values["scrap"],
        substitution=values["substitution"],
        prize=values["prize"] * price / (1 + elasticity),
        decisiveness=values["decisiveness"],
        discount=discount,
        smoothing=smoothing,
    )


def _inverse(points: NDArray[np.float64], kind: tuple[float, ...], in_logs: bool) -> NDArray[np.float64]:
    """Return the quantiles of a normal cut at its bounds, or of one in logs."""
    centre, spread, low, high = kind
    if in_logs:
        centre, low, high = np.log([centre, low, high])
    below, above = ndtr((low - centre) / spread), ndtr((high - centre) / spread)
    values = centre + spread * ndtri(below + points * (above - below))
    return np.exp(values) if in_logs else values
