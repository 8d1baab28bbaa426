r"""Insurance against being short: how much more five firms hold each for itself than together.

A firm that loses c_u a unit of demand it cannot serve and c_o a unit that stands idle holds the q-quantile of
its demand, q = c_u / (c_u + c_o). Firms share one market: demand of i is M s_i with

    ln M ~ N(0, market^2),   s_i = exp(x_i) / sum_j exp(x_j),   x_i ~ N(0, v^2) independent,

so that shares add up to one; v is such that ln s_i has the standard deviation that is asked for. Apart, the
industry holds N times the q-quantile of M s_i; pooled, the q-quantile of M. Given s the distribution of M s
is lognormal, so only the shares are simulated: q is the mean over them of Phi((ln k - ln s) / market), solved
for k. The Monte Carlo error of k is that of the mean over the density; the shares that are drawn have exactly
the deviation asked for, so that it errs on the large side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root_scalar
from scipy.special import ndtr, ndtri

from overbuild.games.asked import Asked
from overbuild.games.contest import require
from overbuild.randomness import stream

FIRMS, SPREAD, MARKET = 5, 0.45, 0.5
FRACTILES = (0.67, 0.75, 0.80, 0.90)
DRAWS, QUICK = 100_000, 20_000


@dataclass(frozen=True)
class Pooling:
    """Unpooled over pooled capacity at one critical fractile.

    Attributes
    ----------
    fractile
        q.
    unpooled, pooled
        Industry capacity over the median market.
    ratio, error
        Unpooled over pooled, and its Monte Carlo standard error.
    idle_unpooled, idle_pooled
        Mean share of industry capacity that stands idle when no demand moves to a rival, and when all is
        pooled.
    """

    fractile: float
    unpooled: float
    pooled: float
    ratio: float
    error: float
    idle_unpooled: float
    idle_pooled: float


def log_shares(firms: int, spread: float, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return logs of shares that add up to one and whose standard deviation is ``spread``.

    Returns
    -------
    numpy.ndarray
        Shape (draw, firm); antithetic draws stand in pairs.

    Raises
    ------
    InputError
        If there are fewer than two firms, or the spread is not above 0.
    """
    require(firms >= 2, f"firms = {firms}", "shares of a market take 2 or more")
    require(spread > 0, f"spread = {spread:g}", "expected a standard deviation above 0")
    half = rng.standard_normal((draws // 2, firms))
    x = np.stack([half, -half], axis=1).reshape(-1, firms)
    ends = (spread, 4 * spread)
    scale = root_scalar(lambda v: _logs(v * x).std() - spread, bracket=ends, xtol=1e-6).root
    return _logs(scale * x)


def pooling(fractile: float, shares: NDArray[np.float64], market: float = MARKET) -> Pooling:
    """Return unpooled over pooled capacity.

    Parameters
    ----------
    fractile
        q in (0, 1).
    shares
        As `log_shares` returns them.
    market
        Standard deviation of the log of the market, above 0.

    Raises
    ------
    InputError
        If the fractile or the deviation is outside its range.
    """
    require(0 < fractile < 1, f"fractile = {fractile:g}", "expected a share above 0 and below 1")
    require(market > 0, f"market = {market:g}", "expected a standard deviation above 0")
    firms = shares.shape[1]

    def short(log_k: float) -> float:
        return float(ndtr((log_k - shares) / market).mean()) - fractile

    log_k = float(root_scalar(short, bracket=(shares.min() - 8 * market, 8 * market), xtol=1e-12).root)
    z = (log_k - shares) / market
    by_pair = ndtr(z).mean(axis=1).reshape(-1, 2).mean(axis=1)
    density = float(np.exp(-(z**2) / 2).mean() / np.sqrt(2 * np.pi) / market)
    error = float(by_pair.std(ddof=1) / np.sqrt(by_pair.size) / density)
    unpooled, pooled = firms * np.exp(log_k), float(np.exp(market * ndtri(fractile)))
    ratio = unpooled / pooled
    served = np.exp(shares + market**2 / 2) * ndtr(z - market) + np.exp(log_k) * ndtr(-z)
    together = np.exp(market**2 / 2) * ndtr(ndtri(fractile) - market) + pooled * (1 - fractile)
    return Pooling(
        fractile=fractile,
        unpooled=float(unpooled),
        pooled=pooled,
        ratio=float(ratio),
        error=float(ratio * error),
        idle_unpooled=float(1 - served.mean() / np.exp(log_k)),
        idle_pooled=float(1 - together / pooled),
    )


def _logs(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


def result(asked: Asked) -> dict[str, Any]:
    """Return the ratios at the fractiles of the paper."""
    shares = log_shares(FIRMS, SPREAD, QUICK if asked.quick else DRAWS, stream("games/newsvendor"))
    return {
        "firms": FIRMS,
        "spread": SPREAD,
        "market": MARKET,
        "draws": len(shares),
        "rows": [vars(pooling(q, shares)) for q in FRACTILES],
    }
