"""Growth ahead in the regime model: next regime, then growth given it, year after year."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.models.regime_panel import GAP_YEARS, standardised
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
    level, share = _window(levels), _window(shares)
    regime = np.where(states == 0, NORMAL, np.where(states > ages, BUST, BOOM))
    age = np.where(regime == BOOM, states, 0)
    count = states.size
    previous = np.full(count, last_growth)
    out = np.empty((count, gdp_growth.shape[1]))
    rows = np.arange(count)
    for k in range(out.shape[1]):
        x = (standardised(level, share, spreads[:, k]) * p.exit_covariates).sum(axis=1)
        hazard = 1 / (1 + np.exp(-(p.exit + p.exit_age * np.log(np.maximum(age, 1)) + x)))
        chances = p.moves[rows, regime]
        in_boom = regime == BOOM
        chances = np.where(in_boom[:, None], chances * hazard[:, None], chances)
        chances[:, BOOM] = np.where(in_boom, 1 - hazard, chances[:, BOOM])
        now = drawn(chances, rng)
        noise = rng.standard_t(degrees, count) if np.isfinite(degrees) else rng.standard_normal(count)
        gap = np.where(np.isfinite(previous), previous - p.mu[rows, regime], 0.0)
        growth = p.mu[rows, now] + p.phi * gap + np.exp(p.log_sigma[rows, now]) * noise
        age = np.where(now == BOOM, np.where(in_boom, np.minimum(age + 1, ages), 1), 0)
        regime, previous = now, growth
        level = np.concatenate([level[:, 1:], level[:, -1:] + growth[:, None]], axis=1)
        step = (growth - gdp_growth[:, k])[:, None]
        share = np.concatenate([share[:, 1:], share[:, -1:] + step], axis=1)
        out[:, k] = growth
    return out


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
