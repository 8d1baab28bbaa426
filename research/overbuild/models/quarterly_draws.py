"""The quarterly model run forward: draws of its parameters, and of data given them, with their statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.judging import trailing_year
from overbuild.models.quarterly_chain import boom_years, quarterly_moves
from overbuild.models.quarterly_data import PER_YEAR, QuarterlyData
from overbuild.models.switching import BOOM, BUST, NORMAL

type Array = NDArray[np.float64]

CONTRASTS = np.array([[1.0, 1, 1], [-1, 1, 1], [0, -2, 1], [0, 0, -3]]) / np.sqrt([2.0, 6, 12])
"""Shape (quarter, 3): orthonormal, each column sums to zero (Helmert)."""
CHAIN = ("exit", "exit_age", "slack_exit", "slack_bust", "from_normal", "after_boom", "from_bust")


def prior_draw(p: Mapping[str, Any], series: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return one draw of every parameter, by the names that the model gives them."""
    ratios, width = p["deviation_ratio"], p["deviation_ratio"]["log_sd"]
    z = rng.standard_normal((series, PER_YEAR - 1))
    made: dict[str, Any] = {
        "normal_growth": rng.normal(*p["normal_growth"]),
        "boom_gap": p["boom_gap"][0] * np.exp(p["boom_gap"][1] * rng.standard_normal()),
        "bust_gap": p["bust_gap"][0] * np.exp(p["bust_gap"][1] * rng.standard_normal()),
        "deviation": p["deviation"][0] * np.exp(p["deviation"][1] * rng.standard_normal(series)),
        "deviation_ratio": np.array([ratios["boom"], ratios["bust"]])
        * np.exp(width * rng.standard_normal(2)),
        "persistence": rng.normal(*p["persistence"], size=series),
        "z_season": z,
        "seasonal": p["season"] * z @ CONTRASTS.T,
        "exit": rng.normal(*p["exit"]),
        "exit_age": rng.normal(*p["exit_age"]),
        "slack_exit": rng.normal(0.0, p["slack_exit"]),
        "slack_bust": rng.normal(0.0, p["slack_bust"]),
        "from_normal": rng.dirichlet(p["from_normal"]),
        "after_boom": rng.beta(*p["after_boom"]),
        "from_bust": rng.dirichlet(p["from_bust"]),
    }
    if series > 1:
        made["coupling"] = rng.normal(*p["coupling"])
    return {name: np.asarray(value, dtype=float) for name, value in made.items()}


def simulated(
    truth: Mapping[str, Array], data: QuarterlyData, initial: Array, degrees: float, rng: np.random.Generator
) -> QuarterlyData:
    """Return data drawn from known parameters over the same quarters and with the same slack."""
    one = {name: np.asarray(value)[None] for name, value in truth.items()}
    states = drawn(initial[None], rng)
    before = np.full((1, len(data.layers)), np.nan)
    growth = simulate(one, states, before, data.quarter, data.slack[:-1], degrees, initial.size - 2, rng)
    return data.with_growth(growth[0])


def simulate(
    draws: Mapping[str, Array],
    states: NDArray[np.int_],
    before: Array,
    quarter: NDArray[np.int_],
    slack: Array,
    degrees: float,
    ages: int,
    rng: np.random.Generator,
) -> Array:
    """Return growth ahead, shape (path, quarter, series): the next regime, then growth given it.

    Parameters
    ----------
    draws
        Name of each parameter to its draws, one a path.
    states
        State of each path now: 0 normal, a a boom in its a-th quarter (up to ``ages``), above bust.
    before
        Growth of the last quarter, shape (path, series); nan: not known.
    quarter
        Quarter of the year, 0 to 3, of each quarter ahead.
    slack
        Slack a quarter before each quarter ahead, shape (quarter,).
    degrees, ages
        Degrees of freedom of Student's t; number of ages.
    """
    count, series = before.shape
    rows = np.arange(count)
    regime = np.where(states == 0, NORMAL, np.where(states > ages, BUST, BOOM))
    age = np.where(regime == BOOM, states, 0)
    years = boom_years(ages)
    drift, scale = drift_and_scale(draws)
    seasonal, phi = draws["seasonal"], draws["persistence"]
    rho = np.tanh(draws["coupling"]) if series > 1 else np.zeros(count)
    out = np.empty((count, quarter.size, series))
    for t, place in enumerate(quarter):
        eta = draws["exit"] + draws["exit_age"] * np.log(years[np.maximum(age, 1) - 1])
        leave = 1 - np.exp(-np.log1p(np.exp(eta + draws["slack_exit"] * slack[t])) / PER_YEAR)
        chances = moves_of(draws, np.full(count, slack[t]))[rows, regime]
        in_boom = regime == BOOM
        chances = np.where(in_boom[:, None], chances * leave[:, None], chances)
        chances[:, BOOM] = np.where(in_boom, 1 - leave, chances[:, BOOM])
        now = drawn(chances, rng)
        gap = before - drift[rows, regime][:, None] - seasonal[:, :, (place - 1) % PER_YEAR]
        pulled = np.where(np.isfinite(before), phi * np.nan_to_num(gap), 0.0)
        noise = correlated(rho, series, degrees, rng)
        mean = drift[rows, now][:, None] + seasonal[:, :, place] + pulled
        before = mean + scale[rows, :, now] * noise
        age = np.where(now == BOOM, np.where(in_boom, np.minimum(age + 1, ages), 1), 0)
        regime = now
        out[:, t] = before
    return out


def drift_and_scale(draws: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return growth a quarter by regime, shape (draw, 3), and scales, shape (draw, series, 3)."""
    normal, one = draws["normal_growth"], np.ones((draws["normal_growth"].size, 1))
    mu = np.stack([normal, normal + draws["boom_gap"], normal - draws["bust_gap"]], axis=1)
    ratio = np.concatenate([one, draws["deviation_ratio"]], axis=1)
    return mu / PER_YEAR, draws["deviation"][:, :, None] * ratio[:, None, :]


def moves_of(draws: Mapping[str, Array], slack: Array) -> Array:
    """Return the moves of each draw at its own slack, shape (draw, from, to)."""
    return quarterly_moves(
        np,
        draws["from_normal"].T,
        draws["after_boom"],
        draws["from_bust"].T,
        draws["slack_bust"],
        slack,
    )


def correlated(rho: Array, series: int, degrees: float, rng: np.random.Generator) -> Array:
    """Return Student's t with one correlation between any two series, shape (draw, series)."""
    matrix = np.eye(series) + rho[:, None, None] * (1 - np.eye(series))
    normal = rng.standard_normal((rho.size, series))
    mixed = np.einsum("nij,nj->ni", np.linalg.cholesky(matrix), normal)
    return mixed * np.sqrt(degrees / rng.chisquare(degrees, rho.size))[:, None]


def drawn(chances: Array, rng: np.random.Generator) -> NDArray[np.int_]:
    """Return one place a row, drawn with the row's probabilities."""
    ends = np.cumsum(chances, axis=1)
    return (rng.random(len(chances))[:, None] * ends[:, -1:] > ends).sum(axis=1)


def statistics(data: QuarterlyData) -> dict[str, float]:
    """Return what the model must reproduce: growth, its spread, season and reversal, and the deepest fall."""
    growth, quarter = data.growth, data.quarter
    season = np.array([growth[quarter == q].mean(axis=0) for q in range(PER_YEAR)])
    rest = growth - season[quarter]
    centred = rest - rest.mean(axis=0)
    reversal = (centred[1:] * centred[:-1]).sum(axis=0) / (centred**2).sum(axis=0)
    year = trailing_year(data.levels.T, PER_YEAR)[:, PER_YEAR - 1 :]
    fall = 1 - year / np.maximum.accumulate(year, axis=1)
    return {
        "growth_a_year": float(PER_YEAR * growth.mean()),
        "deviation_of_a_quarter": float(rest.std(axis=0).mean()),
        "autocorrelation": float(reversal.mean()),
        "range_of_the_season": float(np.ptp(season, axis=0).mean()),
        "deepest_fall_of_a_year": float(fall.max()),
        "fastest_year": float((np.log(year[:, PER_YEAR:]) - np.log(year[:, :-PER_YEAR])).max()),
    }
