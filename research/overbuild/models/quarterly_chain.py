"""Densities, hazards and moves by quarter of the quarterly model, from parameters stated by the year.

Every function takes ``xp``, NumPy or PyTensor, so that the sampler, the filter and the tests of them run the
same lines. A chance stated by the year becomes one by the quarter by leaving alone the chance that nothing
happens in four quarters: 1 - (1 - p)^(1/4).
"""

from __future__ import annotations

from math import lgamma, log, pi
from typing import Any

import numpy as np

PER_YEAR = 4


def boom_years(ages: int) -> np.ndarray:
    """Return the year of a boom in which each age in quarters lies: 1, 1, 1, 1, 2, ..."""
    return np.ceil(np.arange(1, ages + 1) / PER_YEAR)


def exit_hazard(xp: Any, exit_logit: Any, exit_age: Any, slack_exit: Any, slack: Any, ages: int) -> Any:
    """Return the chance that a boom ends in a quarter, shape (quarter, age).

    By the year logit h = exit + exit_age ln(year of the boom) + slack_exit slack.

    Parameters
    ----------
    xp
        `numpy` or `pytensor.tensor`.
    exit_logit, exit_age, slack_exit
        Numbers.
    slack
        Shape (quarter,): of the quarter before.
    ages
        Number of ages in quarters.
    """
    of_age = exit_age * np.log(boom_years(ages))
    eta = exit_logit + slack_exit * slack[:, None] + of_age[None, :]
    return -xp.expm1(-xp.log1p(xp.exp(eta)) / PER_YEAR)


def quarterly_moves(
    xp: Any, from_normal: Any, after_boom: Any, from_bust: Any, slack_bust: Any, slack: Any
) -> Any:
    """Return the chances of the next regime, shape (quarter, from, to), as `joint_gradient` takes them.

    Slack multiplies the odds of a bust, against the other regimes from normal, and against normal after a
    boom that is left, by exp(slack_bust slack).

    Parameters
    ----------
    xp
        `numpy` or `pytensor.tensor`.
    from_normal, from_bust
        Shape (3,): chances of normal, boom and bust a year later.
    after_boom
        Chance of a bust once a boom is left.
    slack_bust
        Number.
    slack
        Shape (quarter,): of the quarter before.
    """
    odds = xp.exp(slack_bust * slack)
    none = xp.zeros_like(slack)
    raised = [from_normal[0] + none, from_normal[1] + none, from_normal[2] * odds]
    every = raised[0] + raised[1] + raised[2]
    bust = after_boom * odds / (1 - after_boom + after_boom * odds)
    rows = (
        _leaving(xp, [x / every for x in raised], 0),
        xp.stack([1 - bust, none, bust], axis=1),
        _leaving(xp, [from_bust[r] + none for r in range(3)], 2),
    )
    return xp.stack(rows, axis=1)


def _leaving(xp: Any, by_year: list[Any], own: int) -> Any:
    """Return a row by the quarter: who stays a year with chance p stays a quarter with p^(1/4)."""
    stay = by_year[own] ** (1 / PER_YEAR)
    scale = (1 - stay) / (1 - by_year[own])
    return xp.stack([stay if r == own else by_year[r] * scale for r in range(3)], axis=1)


def log_density(
    xp: Any,
    data: Any,
    mu: Any,
    log_deviation: Any,
    log_ratio: Any,
    persistence: Any,
    seasonal: Any,
    correlation: Any,
    degrees: float,
    series: int,
) -> Any:
    """Return the log density of all series by regime before and now, shape (quarter, before, now).

    Multivariate Student's t with one correlation rho between any two of K series. With z the deviations of
    the series in units of their scale and R the correlations,

        z' inverse(R) z = [ sum z^2 - rho (sum z)^2 / (1 + (K - 1) rho) ] / (1 - rho).

    Parameters
    ----------
    xp
        `numpy` or `pytensor.tensor`.
    data
        As `QuarterlyData.data` has it.
    mu
        Shape (3,): growth a year by regime.
    log_deviation, persistence
        Shape (series,): log scale of a quarter in a normal regime; persistence of deviations.
    log_ratio
        Shape (3,): log of each regime's scale over the normal one.
    seasonal
        Shape (series, quarter of the year).
    correlation, degrees
        rho; degrees of freedom.
    series
        K.
    """
    drift = mu / PER_YEAR
    gap = data["before"] - data["season_before"] @ seasonal.T
    gap = (gap[:, :, None] - drift) * data["known"][:, None, None]
    centre = data["growth"] - data["season"] @ seasonal.T
    centre = centre[:, :, None] - persistence[None, :, None] * gap
    scale = log_deviation[:, None] + log_ratio
    z = (centre[:, :, :, None] - drift) * xp.exp(-scale)[None, :, None, :]
    one = 1 + (series - 1) * correlation
    squares = (z**2).sum(axis=1)
    total = z.sum(axis=1)
    distance = (squares - correlation * total**2 / one) / (1 - correlation)
    half = (degrees + series) / 2
    constant = lgamma(half) - lgamma(degrees / 2) - series / 2 * log(degrees * pi)
    spread = scale.sum(axis=0) + 0.5 * ((series - 1) * xp.log(1 - correlation) + xp.log(one))
    return constant - spread - half * xp.log1p(distance / degrees)
