"""What arithmetic leaves open: whether any continuation of what is known could still make an event true.

A bound may leave open what no one expects; it must never exclude what could happen. Each function takes one
draw of one layer, shape (time,), and how many periods of the future count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from overbuild.core.judging import (
    EDGE,
    drawdown,
    fall_flags,
    longest_possible_run,
    low_flags,
    needed_fall,
    needed_run,
    trailing_year,
)

Row = NDArray[np.float64]
Bound = Callable[[Row, int, int, Mapping[str, float]], bool]


def drawdown_open(x: Row, left: int, per_year: int, thresholds: Mapping[str, float]) -> bool:
    """Return whether a flow that is never negative could still fall far enough.

    Two continuations are tried, and no other falls further: nothing more is spent; or, for a peak too old to
    count, the next period brings the trailing year just back to it and then nothing more is spent. The record
    starts with the first whole year; a gap in it, or no whole year, leaves everything open.
    """
    known, left = _known_part(x, left)
    years = trailing_year(known[None, :], per_year)[0]
    whole = np.flatnonzero(np.isfinite(years))
    if not whole.size or np.isnan(years[whole[0] :]).any():
        return True
    peak = years[whole].max()
    recent = known[len(known) - per_year + 1 :].sum()
    renewal = max((peak if peak > 0 else 1.0) * (1 + EDGE / 2) - recent, 0.0)
    futures = np.zeros((2, left))
    futures[1, :1] = renewal
    paths = np.concatenate([np.tile(known, (2, 1)), futures], axis=1)
    return bool((drawdown(paths, per_year, thresholds).holds == 1).any())


def low_utilisation_open(u: Row, left: int, per_year: int, thresholds: Mapping[str, float]) -> bool:
    """Return whether utilisation could still be low for long enough.

    Threshold ``shortest_fall_years``, an assumption and no arithmetic, is the shortest time in which
    utilisation can halve: a level ``u`` cannot be below ``ratio`` before that time times log2(u / ratio) has
    passed. Without it utilisation may be low from the next period on.
    """
    known, left = _known_part(u, left)
    need = needed_run(thresholds, per_year)
    if not len(known):
        return True
    future = np.ones(left)
    if known[-1] >= thresholds["ratio"] - EDGE:
        halvings = np.log2(max(known[-1] / thresholds["ratio"], 1.0))
        fall = int(thresholds.get("shortest_fall_years", 0.0) * per_year * halvings + EDGE)
        future[: max(fall - 1, 0)] = 0.0
    flags = np.concatenate([low_flags(known[None, :], thresholds), future[None, :]], axis=1)
    return bool(longest_possible_run(flags, need)[0] >= need)


def faster_fall_open(excess: Row, left: int, per_year: int, thresholds: Mapping[str, float]) -> bool:
    """Return whether enough years of fast falls could still end by then."""
    known, left = _known_part(excess, left)
    need = needed_fall(thresholds, per_year)
    if not len(known):
        return True
    flags = np.concatenate([fall_flags(known[None, :], thresholds), np.ones((1, left))], axis=1)
    return bool(longest_possible_run(flags, need)[0] >= need)


BOUNDS: Mapping[str, Bound] = {
    "drawdown": drawdown_open,
    "low_utilisation": low_utilisation_open,
    "faster_fall": faster_fall_open,
}
"""The rules that take time. Nothing is excluded for the others."""


def _known_part(x: Row, left: int) -> tuple[Row, int]:
    """Return the record from its first to its last known value, and the periods left after that."""
    known = np.flatnonzero(np.isfinite(x))
    if not known.size:
        return x[:0], left
    return x[known[0] : known[-1] + 1], left + len(x) - 1 - int(known[-1])
