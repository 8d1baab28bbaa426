"""How each kind of event is decided on a path: functions of arrays, one a definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rule = Callable[[Array, int, Mapping[str, float]], "Judgement"]

EDGE = 1e-9
"""Slack of a comparison, so that a value equal to its threshold is judged the same however it was rounded."""


class Judgement(NamedTuple):
    """Verdict by draw, each of shape (draw,).

    ``holds`` is 0, 1 or nan, ``value`` the quantity that was compared, ``first`` the index of the time at
    which the event first held (-1: never).
    """

    holds: Array
    value: Array
    first: NDArray[np.int_]


def trailing_year(x: Array, per_year: int) -> Array:
    """Return the sum over the trailing year, shape (draw, time); nan until a whole year is known."""
    if per_year == 1:
        return x.copy()
    out = np.full(x.shape, np.nan)
    if x.shape[1] >= per_year:
        out[:, per_year - 1 :] = np.lib.stride_tricks.sliding_window_view(x, per_year, axis=1).sum(axis=2)
    return out


def drawdown(x: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O3: the trailing-year flow falls by ``fall`` below its running peak, within ``window_years`` of it.

    A peak that is reached again counts from the later date. The value is the largest such fall. Periods
    before the first and gaps inside are never filled: the record starts with the first whole year; a gap
    makes the trailing years that contain it unknown, and the event is unknown unless it held elsewhere.
    """
    flow = trailing_year(x, per_year)
    fall_below_peak = _fall_within_window(flow, round(thresholds["window_years"] * per_year))
    held = fall_below_peak >= thresholds["fall"] - EDGE
    known = np.isfinite(flow)
    started = known.cumsum(axis=1) > 0
    complete = np.all(known | ~started, axis=1) & known.any(axis=1)
    return _judged(held, _largest(fall_below_peak), complete)


def needed_run(thresholds: Mapping[str, float], per_year: int) -> int:
    """Return how many periods in a row make a run; annual data may ask for more (``annual_years``)."""
    years = thresholds.get("annual_years", thresholds["years"]) if per_year == 1 else thresholds["years"]
    return max(round(years * per_year), 1)


def low_utilisation(u: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O2: utilisation over its normal level stays below ``ratio`` for at least ``years`` without a break.

    ``u`` is utilisation divided by normal utilisation. Between two dated observations on the same side of the
    threshold the path is taken to stay on that side; after the last nothing is assumed. The record starts
    with the first observation, but a record that starts below may have been below before. The value is the
    longest time known to be below, in years.
    """
    need = needed_run(thresholds, per_year)
    low = low_flags(u, thresholds)
    return _judged_run(low, need, _run_length(low == 1).max(axis=1, initial=0) / per_year)


def low_flags(u: Array, thresholds: Mapping[str, float]) -> Array:
    """Return 1 where utilisation is below ``ratio``, 0 where it is not, nan where no observation decides."""
    low = _flags(u, u < thresholds["ratio"] - EDGE)
    before, after = _neighbours(low)
    return np.where(before == after, before, low)


def below_level(x: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O1: the last known value of the layer (value over replacement cost) is below ``level``."""
    del per_year
    return _last_known(x, lambda last: last < thresholds["level"] - EDGE)


def above_log_level(x: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O4: the log gap between capital and required capital, last known, exceeds ``ln(ratio)``."""
    del per_year
    return _last_known(x, lambda last: last > np.log(thresholds["ratio"]) + EDGE)


def faster_fall(excess: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O5: the price falls faster than unit cost by ``excess`` (a fraction a year) for ``years`` in a row.

    ``excess`` is the fall of the real quality-constant price over a year less the fall of unit cost over the
    same year, both as fractions, shape (draw, time). The years that end in a run of periods overlap: together
    they cover ``years``, so that five quarters in a row make two years. The value is the largest smallest
    excess over such a run. A record that starts with a fast fall may have been falling before.
    """
    need = needed_fall(thresholds, per_year)
    flags = fall_flags(excess, thresholds)
    if excess.shape[1] < need:
        return _judged_run(flags, need, np.full(len(excess), np.nan))
    windows = np.lib.stride_tricks.sliding_window_view(excess, need, axis=1)
    known = ~np.isnan(windows).any(axis=2)
    weakest = np.where(known, np.where(known[:, :, None], windows, 0.0).min(axis=2), np.nan)
    return _judged_run(flags, need, _largest(weakest))


def needed_fall(thresholds: Mapping[str, float], per_year: int) -> int:
    """Return how many overlapping years, one ending in each period, cover ``years``."""
    return max(round((thresholds["years"] - 1) * per_year), 0) + 1


def fall_flags(excess: Array, thresholds: Mapping[str, float]) -> Array:
    """Return 1 where the excess reaches its threshold, 0 where it does not, nan where it is not known."""
    return _flags(excess, excess >= thresholds["excess"] - EDGE)


RULES: Mapping[str, Rule] = {
    "drawdown": drawdown,
    "low_utilisation": low_utilisation,
    "below_level": below_level,
    "above_log_level": above_log_level,
    "faster_fall": faster_fall,
}
STATES = ("below_level", "above_log_level")
"""Rules on the state at the end of the path; the others are met once and for all."""


def longest_possible_run(flags: Array, need: int) -> NDArray[np.int_]:
    """Return the longest run of 1 if all that is unknown were 1, shape (draw,).

    The record starts with the first known flag: if that is 0, nothing before it counts; if it is 1, the run
    may have begun any time before, and ``need`` periods are added to it.
    """
    padded = np.concatenate([np.full((len(flags), need), np.nan), flags], axis=1)
    before, after = _neighbours(padded)
    outside = np.isnan(before) & (after == 0)
    return _run_length((padded != 0) & ~outside).max(axis=1, initial=0)


def _fall_within_window(flow: Array, window: int) -> Array:
    """Return the fall below the running peak where that peak is at most ``window`` periods old, else nan."""
    filled = np.where(np.isfinite(flow), flow, -np.inf)
    peak = np.maximum.accumulate(filled, axis=1)
    index = np.arange(flow.shape[1])
    peak_at = np.maximum.accumulate(np.where(filled >= peak, index, -1), axis=1)
    fall = 1.0 - np.divide(flow, peak, out=np.ones_like(flow), where=peak > 0)
    return np.where((index - peak_at <= window) & (peak > 0) & np.isfinite(flow), fall, np.nan)


def _flags(x: Array, holds: NDArray[np.bool_]) -> Array:
    return np.where(np.isnan(x), np.nan, holds.astype(float))


def _neighbours(x: Array) -> tuple[Array, Array]:
    """Return the last known value at or before each time and the next at or after it; nan for none."""
    known, index, end = ~np.isnan(x), np.arange(x.shape[1]), x.shape[1] - 1
    last = np.maximum.accumulate(np.where(known, index, 0), axis=1)
    following = np.minimum.accumulate(np.where(known, index, end)[:, ::-1], axis=1)[:, ::-1]
    return np.take_along_axis(x, last, axis=1), np.take_along_axis(x, following, axis=1)


def _run_length(flags: NDArray[np.bool_]) -> NDArray[np.int_]:
    run = np.zeros(flags.shape, dtype=int)
    for t in range(flags.shape[1]):
        run[:, t] = np.where(flags[:, t], (run[:, t - 1] if t else 0) + 1, 0)
    return run


def _last_known(x: Array, holds: Callable[[Array], NDArray[np.bool_]]) -> Judgement:
    known = np.isfinite(x)
    last = x.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    value = np.where(known.any(axis=1), x[np.arange(len(x)), last], np.nan)
    truth = _flags(value, holds(value))
    return Judgement(truth, value, np.where(truth == 1, last, -1))


def _judged_run(flags: Array, need: int, value: Array) -> Judgement:
    known = ~np.isnan(flags).all(axis=1)
    excluded = longest_possible_run(flags, need) < need
    return _judged(_run_length(flags == 1) >= need, np.where(known, value, np.nan), known & excluded)


def _judged(held: NDArray[np.bool_], value: Array, complete: NDArray[np.bool_]) -> Judgement:
    ever = held.any(axis=1)
    holds = np.where(ever, 1.0, np.where(complete, 0.0, np.nan))
    return Judgement(holds, np.asarray(value, dtype=float), np.where(ever, held.argmax(axis=1), -1))


def _largest(x: Array) -> Array:
    filled = np.where(np.isnan(x), -np.inf, x).max(axis=1, initial=-np.inf)
    return np.where(np.isinf(filled), np.nan, filled)
