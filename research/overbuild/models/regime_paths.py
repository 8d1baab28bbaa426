"""Growth ahead in the regime model: next regime, then growth given it, year after year."""

from __future__ import annotations

from math import exp, log
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.models.regime_panel import CENTRE, FEWEST_GAP_YEARS, GAP_YEARS, RUN_UP_YEARS, SCALE
from overbuild.models.switching import BOOM, BUST, NORMAL

Array = NDArray[np.float64]

CAPEX_LAYER = "capex"


class Parameters(NamedTuple):
    """Draws of a member's parameters: ``mu, log_sigma`` by regime, ``moves``, others one a draw."""

    mu: Array
    log_sigma: Array
    phi: Array
    exit: Array
    exit_age: Array
    exit_covariates: Array
    moves: Array

    def take(self, which: NDArray[np.int_]) -> Parameters:
        """Return some of the draws, in an order."""
        return Parameters(*(x[which] for x in self))


def simulate(
    p: Parameters,
    states: NDArray[np.int_],
    last_growth: float,
    levels: Array,
    shares: Array,
    spreads: Array,
    gdp_growth: Array,
    degrees: float,
    ages: int,
    rng: np.random.Generator,
) -> Array:
    """Return growth ahead, shape (path, year).

    Parameters
    ----------
    p
        Parameters of each path.
    states
        State of each path now: 0 normal, a the a-th year of a boom (up to ``ages``), above bust.
    last_growth
        Growth of the last year; nan where there is none.
    levels, shares
        Log levels and log shares of GDP to now, shape (path, year).
    spreads, gdp_growth
        Spread of Baa bonds a year before each year ahead, and log growth of GDP in it, shape (path, year).
    """
    count, years = gdp_growth.shape
    uniform = rng.random((count, years))
    student = np.isfinite(degrees)
    noise = rng.standard_t(degrees, (count, years)) if student else rng.standard_normal((count, years))
    return grow(
        p.mu,
        np.exp(p.log_sigma),
        p.phi,
        p.exit,
        p.exit_age,
        p.exit_covariates / SCALE,
        p.moves,
        states,
        float(last_growth),
        _window(levels),
        _window(shares),
        np.ascontiguousarray(spreads, dtype=float),
        np.ascontiguousarray(gdp_growth, dtype=float),
        ages,
        uniform,
        noise,
    )


@njit(cache=True, error_model="numpy")
def grow(
    mu: Any,
    sigma: Any,
    phi: Any,
    exit_base: Any,
    exit_age: Any,
    slopes: Any,
    moves: Any,
    states: Any,
    last_growth: float,
    levels: Any,
    shares: Any,
    spreads: Any,
    gdp_growth: Any,
    ages: int,
    uniform: Any,
    noise: Any,
) -> Any:
    """Return growth ahead from uniform and standard noise, both of shape (path, year).

    ``levels`` and ``shares`` hold the last years that covariates look at, nan where unknown; ``slopes`` are
    those of the covariates before they are scaled.
    """
    count, years = uniform.shape
    window = levels.shape[1]
    out = np.empty((count, years))
    level, share = np.empty(window + years), np.empty(window + years)
    for i in range(count):
        level[:window], share[:window] = levels[i], shares[i]
        age = states[i] if 1 <= states[i] <= ages else 0
        regime = BOOM if age else (NORMAL if states[i] == 0 else BUST)
        previous = last_growth
        for k in range(years):
            now = window + k - 1
            chance = moves[i, regime]
            stay = 0.0
            if regime == BOOM:
                x = exit_base[i] + exit_age[i] * log(age)
                x += covariate_effect(level, share, spreads[i, k], now, slopes[i])
                stay = 1 / (1 + exp(x))
            normal = (1 - stay) * chance[NORMAL]
            boom = stay if regime == BOOM else chance[BOOM]
            then = NORMAL
            if uniform[i, k] >= normal:
                then = BOOM if uniform[i, k] < normal + boom else BUST
            gap = previous - mu[i, regime] if np.isfinite(previous) else 0.0
            previous = mu[i, then] + phi[i] * gap + sigma[i, then] * noise[i, k]
            if then == BOOM:
                age = min(age + 1, ages) if regime == BOOM else 1
            regime = then
            level[now + 1] = level[now] + previous
            share[now + 1] = share[now] + previous - gdp_growth[i, k]
            out[i, k] = previous
    return out


@njit(cache=True, error_model="numpy")
def covariate_effect(level: Any, share: Any, spread: float, now: int, slopes: Any) -> float:
    """Return the effect of the covariates known at ``now``; those of `covariates_of`, one year at a time."""
    total = 0.0
    run_up = level[now] - level[now - RUN_UP_YEARS]
    if np.isfinite(run_up):
        total += slopes[0] * (run_up - CENTRE[0])
    before, count = 0.0, 0
    for lag in range(1, GAP_YEARS + 1):
        if np.isfinite(share[now - lag]):
            before += share[now - lag]
            count += 1
    if count >= FEWEST_GAP_YEARS and np.isfinite(share[now]):
        total += slopes[1] * (share[now] - before / count - CENTRE[1])
    if np.isfinite(spread):
        total += slopes[2] * (spread - CENTRE[2])
    return total


def _window(values: Array) -> Array:
    """Return the last years that covariates look at, nan before the first."""
    kept = values[:, -(GAP_YEARS + 1) :]
    missing = GAP_YEARS + 1 - kept.shape[1]
    return np.concatenate([np.full((len(kept), missing), np.nan), kept], axis=1)


def continued(last_year: Array, growth: Array) -> Array:
    """Return the periods ahead, shape (path, period): each its own of a year before times the growth."""
    years = np.exp(np.cumsum(growth, axis=1))
    return (last_year[None, None, :] * years[:, :, None]).reshape(growth.shape[0], -1)


def drawn(chances: Array, rng: np.random.Generator) -> NDArray[np.int_]:
    """Return one place a row, drawn with the row's probabilities."""
    ends = np.cumsum(chances, axis=1)
    return (rng.random(len(chances))[:, None] * ends[:, -1:] > ends).sum(axis=1)


def known_part(history: Paths, layer: str = CAPEX_LAYER) -> Paths:
    """Return one layer alone, from its first known period to its last."""
    values = history.layer(layer)[:1]
    known = np.flatnonzero(np.isfinite(values[0]))
    keep = slice(known[0], known[-1] + 1)
    return Paths(
        history.time[keep], {layer: values[:, keep]}, {layer: history.units[layer]}, "history", history.as_of
    )
