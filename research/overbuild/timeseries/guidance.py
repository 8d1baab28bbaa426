"""What firms said they would spend in a year, turned into the quarters ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import label, ordinal, span
from overbuild.timeseries.random_walk import random_walk
from overbuild.timeseries.series import LogSeries, TooShortError

Array = NDArray[np.float64]
LEAST_SHARE = 0.5
"""Share of the sector's last four quarters that guided firms must make up."""


class NotGuidedError(TooShortError):
    """Too little was said of a quarter, and guidance abstains."""


@dataclass(frozen=True)
class Guided:
    """Spending that a firm announced for a year.

    Attributes
    ----------
    firm
        The firm.
    quarters
        First and last quarter of its year.
    total
        Middle of the range, in the units of the series.
    """

    firm: str
    quarters: tuple[str, str]
    total: float


def year_of(period: str, fiscal: bool) -> tuple[str, str]:
    """Return the first and last quarter of a year; fiscal years here end in the second quarter."""
    year = int(period)
    return (f"{year - 1}Q3", f"{year}Q2") if fiscal else (f"{year}Q1", f"{year}Q4")


def quarters_ahead(known: Mapping[str, float], told: Guided, last: str) -> Array:
    r"""Return what is left of a guided year by quarter, growing at one rate from the last known quarter.

    With :math:`y_0` spending in the last known quarter, m quarters of the year left and R the total less what
    was spent in it, the rate g solves :math:`\sum_{j=1}^m y_0 e^{g j} = R`.

    Parameters
    ----------
    known
        Quarter to the firm's spending.
    told
        What it announced.
    last
        Last known quarter.

    Returns
    -------
    numpy.ndarray
        Shape (m,); empty where the year is over, has not begun with the next quarter, one of its quarters is
        not known, or nothing is left of the total.
    """
    from scipy.optimize import brentq

    first, end = (ordinal(q) for q in told.quarters)
    now = ordinal(last)
    m = end - now
    spent = [known.get(label(n, "Q"), np.nan) for n in range(first, now + 1)]
    left = told.total - float(np.sum(spent))
    base = known.get(last, np.nan)
    if m < 1 or first > now + 1 or not np.isfinite([left, base]).all() or left <= 0 or base <= 0:
        return np.empty(0)
    j = np.arange(1, m + 1)
    g: Any = brentq(lambda x: float(np.exp(x * j).sum() - left / base), -20.0, 20.0)
    return base * np.exp(g * j)


def guided_growth(
    known: Mapping[str, Mapping[str, float]], told: Sequence[Guided], last: str, steps: int
) -> Array:
    """Return the sector's log growth from the last quarter to each ahead, as guided firms imply it.

    Firms without guidance are taken to grow as those with it. Of a firm the guidance whose year reaches
    furthest is used.

    Parameters
    ----------
    known
        Firm to quarter to spending.
    told
        What was announced and known.
    last
        Last known quarter.
    steps
        Quarters ahead.

    Returns
    -------
    numpy.ndarray
        Shape (step,); nan where guided firms make up less than `LEAST_SHARE` of the last four quarters.
    """
    paths: dict[str, Array] = {}
    for each in told:
        path = quarters_ahead(known.get(each.firm, {}), each, last)
        if path.size > paths.get(each.firm, np.empty(0)).size:
            paths[each.firm] = path
    year = span(label(ordinal(last) - 3, "Q"), last)
    weight = {firm: sum(by.get(q, np.nan) for q in year) for firm, by in known.items()}
    total = sum(weight.values())
    growth = np.full(steps, np.nan)
    for h in range(1, steps + 1):
        firms = [firm for firm, path in paths.items() if path.size >= h]
        if firms and sum(weight[f] for f in firms) >= LEAST_SHARE * total:
            ahead, now = sum(paths[f][h - 1] for f in firms), sum(known[f][last] for f in firms)
            growth[h - 1] = np.log(ahead / now)
    return growth


def guidance(series: LogSeries, growth: Array, draws: int, rng: np.random.Generator) -> Array:
    """Return draws of the logs ahead, shape (draw, step): guided medians with the random walk's spread.

    Guidance has no stated error; its own ranges are of a few per cent and are not used.

    Parameters
    ----------
    series
        The sector's history.
    growth
        From `guided_growth`, shape (step,).
    draws, rng
        Number, and generator.

    Raises
    ------
    NotGuidedError
        If nothing is guided in the next quarter. Later quarters that are not stay nan.
    """
    if not np.isfinite(growth[:1]).all():
        raise NotGuidedError(
            f"firms with comparable guidance make up less than {100 * LEAST_SHARE:.0f} % of spending"
        )
    walk = random_walk(series, growth.size, draws, rng)
    return walk - np.median(walk, axis=0) + series.logs[-1] + growth
