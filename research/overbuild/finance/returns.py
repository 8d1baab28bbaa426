"""What a stream of payments is worth: internal rate of return, present value, debt cover, payback.

Single streams go to `pyxirr`; arrays of streams, which it does not take, to a search of our own that is
tested against it. Rates are per year; a monthly rate :math:`i` is :math:`(1+i)^{12} - 1` a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.finance.contract_kernel import brackets, root, value_at
from overbuild.finance.debt import month_day

LOWEST, HIGHEST = -0.99, 20.0
"""Rates a year between which a root is looked for."""
GRID = np.concatenate([np.linspace(LOWEST, 1.0, 80), np.geomspace(1.05, HIGHEST, 16)])
TOLERANCE = 1e-12
NOTHING = 1e-9


@dataclass(frozen=True)
class Irr:
    """An internal rate of return, or why there is none.

    Attributes
    ----------
    value
        A year; None where there is none, or more than one.
    reason
        Why there is none, or what is to be known of the one there is; empty if nothing.
    roots
        Every rate between `LOWEST` and `HIGHEST` at which the present value is 0.
    """

    value: float | None
    reason: str
    roots: tuple[float, ...]


def irr(flow: ArrayLike, *, per_year: int = 12) -> Irr:
    """Return the internal rate of return of one stream at equal intervals.

    Parameters
    ----------
    flow
        Shape (period,), the first now.
    per_year
        Periods a year.
    """
    from pyxirr import irr as library

    values = np.asarray(flow, dtype=float)
    signs = np.sign(values[values != 0])
    changes = int((signs[1:] != signs[:-1]).sum())
    if changes == 0:
        which = "nothing is paid" if signs.size == 0 else "all payments go one way"
        return Irr(None, f"No internal rate of return: {which}.", ())
    roots = []
    for high, low in brackets(values, (1 + GRID) ** (-1 / per_year)):
        found = library(values.tolist(), guess=(high * low) ** -0.5 - 1, silent=True)
        ends = high**-per_year - 1 - NOTHING, low**-per_year - 1 + NOTHING
        rate = None if found is None else (1 + found) ** per_year - 1
        inside = rate is not None and ends[0] <= rate <= ends[1]
        roots.append(float(rate) if inside and rate is not None else _bisect(values, low, high, per_year))
    if not roots:
        return Irr(
            None,
            f"No internal rate of return from {LOWEST:.0%} to {HIGHEST:.0%}: no change of sign of "
            "the present value was found.",
            (),
        )
    if len(roots) > 1:
        listed = ", ".join(f"{r:.1%}" for r in roots)
        return Irr(
            None, f"No single internal rate of return: the present value is 0 at {listed}.", tuple(roots)
        )
    said = "" if changes == 1 else f"The stream changes sign {changes} times; one rate solves it."
    return Irr(roots[0], said, tuple(roots))


def _bisect(values: NDArray[np.float64], low: float, high: float, per_year: int) -> float:
    from scipy.optimize import brentq

    found: Any = brentq(lambda v: value_at(values, v)[0], low, high, xtol=TOLERANCE)
    return float(found) ** -per_year - 1


def irr_dated(flow: ArrayLike, start: date) -> float | None:
    """Return the rate of a monthly stream by its calendar days (actual/365); None where there is none."""
    from pyxirr import DayCount, xirr

    values = np.asarray(flow, dtype=float)
    days = [month_day(start, t) for t in range(len(values))]
    return xirr(days, values.tolist(), day_count=DayCount.ACT_365F, silent=True)


def present_values(flow: ArrayLike, rates: ArrayLike, *, per_year: int = 12) -> NDArray[np.float64]:
    """Return the present value of streams (..., period) at each rate, shape (..., rate)."""
    values = np.asarray(flow, dtype=float)
    periods = np.arange(values.shape[-1]) / per_year
    return values @ (1 + np.asarray(rates, dtype=float)[None, :]) ** -periods[:, None]


def irr_many(streams: NDArray[np.float64], *, per_year: int = 12) -> NDArray[np.float64]:
    """Return the internal rate of return of many streams, shape (stream,).

    NaN where there is none between `LOWEST` and `HIGHEST`, or more than one.

    Parameters
    ----------
    streams
        Shape (stream, period).
    per_year
        Periods a year.
    """
    out = np.empty(len(streams))
    factors = (1 + GRID) ** (-1 / per_year)
    for i, one in enumerate(streams):
        out[i] = root(one, factors, per_year)
    return out


def cover(cash: NDArray[np.float64], service: NDArray[np.float64], first: int) -> NDArray[np.float64]:
    """Return cash over debt service by year from the month of the first repayment, shape (year,).

    Parameters
    ----------
    cash, service
        Shape (month,).
    first
        Month of the first repayment. Years in which nothing is due are left out.
    """
    due = np.flatnonzero(service[first:] > NOTHING)
    if due.size == 0:
        return np.empty(0)
    starts = np.arange(first, first + due[-1] + 1, 12)
    stop = first + due[-1] + 1
    ends = [min(s + 12, stop) for s in starts]
    return np.array(
        [
            cash[a:b].sum() / service[a:b].sum()
            for a, b in zip(starts, ends, strict=True)
            if service[a:b].sum() > 0
        ]
    )


def payback(flow: ArrayLike) -> int | None:
    """Return the first period from which the payments so far add up to 0 or more for good; None if never."""
    total = np.cumsum(np.asarray(flow, dtype=float))
    short = np.flatnonzero(total < -NOTHING)
    if short.size == 0:
        return 0
    return None if short[-1] == len(total) - 1 else int(short[-1]) + 1


def break_even(at_none: float, at_full: float) -> float | None:
    """Return the factor on the price at which a value affine in it is 0; None if it plays no part."""
    slope = at_full - at_none
    return None if abs(slope) < NOTHING else -at_none / slope
