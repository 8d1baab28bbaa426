"""Dates of explosive episodes from paths of regimes: start, peak and end, with their uncertainty.

An episode is told by a month in which most draws are in an explosion of some length; its dates are those of
the spell that holds this month, draw by draw. Other months follow until none is left with enough
probability.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.models.explosive_kernel import COLLAPSE, EXPLOSIVE

type Array = NDArray[np.float64]
type Three = tuple[float, float, float]

LONG = 6
"""Months below which a spell is not called an episode."""
CLAIMED, SHOWN = 0.5, 0.3
"""Probability from which an episode is claimed; share of the draws with any from which it is shown at all."""
MOST = 4
POINTS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Episode:
    """One explosive episode.

    Attributes
    ----------
    probability
        Share of draws in which its month is in an explosion of `LONG` months or more.
    given_any
        The same share of the draws that have any such explosion.
    start, last, peak, end
        5, 50 and 95 % points over those draws, as places of months: the first and the last explosive
        month; the month of the highest price from there to the end; the last month of the collapse.
        Infinite: not yet.
    length
        Median number of explosive months.
    rise
        Median log change of the price from the month before the start to the peak, or to the last month
        known.
    ongoing
        Share of those draws in which the last month known is still explosive.
    """

    probability: float
    given_any: float
    start: Three
    last: Three
    peak: Three
    end: Three
    length: float
    rise: float
    ongoing: float

    @property
    def claimed(self) -> bool:
        """Whether it is more likely than not."""
        return self.probability >= CLAIMED


def episodes_of(path: NDArray[np.int8], level: Array) -> list[Episode]:
    """Return the episodes in order of time.

    Parameters
    ----------
    path
        Regime by draw and month, shape (draw, month).
    level
        Log price, shape (month + 1,), the first a month before the first of ``path``.
    """
    found = list(_found(path, level))
    return sorted(found, key=lambda e: e.start[1])


def long_spells(path: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which months are in an explosion of `LONG` months or more, shape as ``path``."""
    explosive = path == EXPLOSIVE
    before = _run_length(explosive)
    after = _run_length(explosive[:, ::-1])[:, ::-1]
    return explosive & (before + after - 1 >= LONG)


def _run_length(holds: NDArray[np.bool_]) -> NDArray[np.int_]:
    out = np.zeros(holds.shape, dtype=int)
    run = np.zeros(len(holds), dtype=int)
    for t in range(holds.shape[1]):
        run = np.where(holds[:, t], run + 1, 0)
        out[:, t] = run
    return out


def _found(path: NDArray[np.int8], level: Array) -> Iterator[Episode]:
    spells = long_spells(path)
    some = float(spells.any(axis=1).mean())
    chances = spells.mean(axis=0)
    for _ in range(MOST):
        month = int(np.argmax(chances))
        if not some or chances[month] < SHOWN * some:
            return
        draws = np.flatnonzero(spells[:, month])
        dates = np.array([_dates(path[i], level, month) for i in draws])
        start, last, peak, end, rise = dates.T
        yield Episode(
            float(chances[month]),
            float(chances[month] / some),
            _points(start),
            _points(last),
            _points(peak),
            _points(end),
            float(np.median(last - start + 1)),
            float(np.median(rise)),
            float(np.mean(last == path.shape[1] - 1)),
        )
        chances = chances.copy()
        chances[int(_points(start)[0]) : int(_points(last)[2]) + 1] = 0.0


def _dates(path: NDArray[np.int8], level: Array, month: int) -> tuple[float, ...]:
    """Return start, last explosive month, peak, end and rise of the spell that holds a month."""
    months = path.size
    start = month
    while start > 0 and path[start - 1] == EXPLOSIVE:
        start -= 1
    last = month
    while last + 1 < months and path[last + 1] == EXPLOSIVE:
        last += 1
    end = last
    while end + 1 < months and path[end + 1] == COLLAPSE:
        end += 1
    top = start + int(np.argmax(level[start + 1 : end + 2]))
    rise = float(level[top + 1] - level[start])
    peak = np.inf if last == months - 1 else float(top)
    return float(start), float(last), peak, np.inf if end == months - 1 else float(end), rise


def _points(places: Array) -> Three:
    low, mid, high = (float(np.quantile(places, q, method="inverted_cdf")) for q in POINTS)
    return low, mid, high
