"""How each kind of event is decided on a path: functions of arrays, one a definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Judgement(NamedTuple):
    """Verdict by draw: ``holds`` in {0, 1, nan}, ``value``, and ``first``, the index of the time it first held (-1: never)."""

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
    """O3: the trailing-year flow falls by ``fall`` below its running peak within ``window_years`` of that peak.

    The value is the largest such fall. Periods before the first and gaps inside are never filled: a gap makes
    the trailing years that contain it unknown, and the event is unknown unless it held elsewhere.
    """
    flow = trailing_year(x, per_year)
    fall_below_peak = _fall_within_window(flow, round(thresholds["window_years"] * per_year))
    held = fall_below_peak >= thresholds["fall"]
    known = np.isfinite(flow)
    started = known.cumsum(axis=1) > 0
    complete = np.all(known | ~started, axis=1) & known.any(axis=1)
    return _judged(held, _largest(fall_below_peak), complete)


def low_utilisation(u: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O2: utilisation over its normal level stays below ``ratio`` for at least ``years`` without a break.

    ``u`` is utilisation divided by normal utilisation. Between two dated observations on the same side of the
    threshold the path is taken to stay on that side; before the first and after the last nothing is assumed.
    The value is the longest time below, in years.
    """
    need = round(thresholds["years"] * per_year)
    below = _bridged(np.where(np.isnan(u), np.nan, (u < thresholds["ratio"]).astype(float)))
    run = _run_length(below == 1)
    possible_run = _run_length(~(below == 0))
    held = run >= need
    complete = possible_run.max(axis=1, initial=0) < need
    known = np.isfinite(below).any(axis=1)
    judged = _judged(held, run.max(axis=1, initial=0) / per_year, complete & known)
    return judged._replace(value=np.where(known, judged.value, np.nan))


def below_level(x: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O1: the last known value of the layer (value over replacement cost) is below ``level``."""
    del per_year
    return _last_known(x, lambda last: last < thresholds["level"])


def above_log_level(x: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O4: the log gap between capital and required capital, at its last known value, exceeds ``ln(ratio)``."""
    del per_year
    return _last_known(x, lambda last: last > np.log(thresholds["ratio"]))


def faster_fall(excess: Array, per_year: int, thresholds: Mapping[str, float]) -> Judgement:
    """O5: the price falls faster than unit cost by ``excess`` (a fraction a year) for ``years`` in a row.

    ``excess`` is the fall of the real quality-constant price over a year less the fall of unit cost over the same
    year, both as fractions, shape (draw, time). The value is the largest smallest excess over such a run.
    """
    need = round(thresholds["years"] * per_year)
    if excess.shape[1] < need:
        return _unknown(excess.shape[0])
    windows = np.lib.stride_tricks.sliding_window_view(excess, need, axis=1)
    weakest = np.where(np.isnan(windows).any(axis=2), np.nan, windows.min(axis=2))
    held = np.zeros(excess.shape, dtype=bool)
    held[:, need - 1 :] = weakest >= thresholds["excess"]
    return _judged(held, _largest(weakest), np.isfinite(excess).all(axis=1))


RULES: Mapping[str, Callable[[Array, int, Mapping[str, float]], Judgement]] = {
    "drawdown": drawdown,
    "low_utilisation": low_utilisation,
    "below_level": below_level,
    "above_log_level": above_log_level,
    "faster_fall": faster_fall,
}


def _fall_within_window(flow: Array, window: int) -> Array:
    """Return the fall below the running peak where that peak is at most ``window`` periods old, else nan."""
    filled = np.where(np.isnan(flow), -np.inf, flow)
    peak = np.maximum.accumulate(filled, axis=1)
    index = np.arange(flow.shape[1])
    peak_at = np.maximum.accumulate(np.where(filled >= peak, index, -1), axis=1)
    recent = (index - peak_at <= window) & (peak > 0)
    return np.where(recent & np.isfinite(flow), 1.0 - np.divide(flow, peak, out=np.ones_like(flow), where=peak > 0), np.nan)


def _bridged(truth: Array) -> Array:
    out = truth.copy()
    for row in out:
        known = np.flatnonzero(np.isfinite(row))
        for a, b in zip(known[:-1], known[1:], strict=True):
            if row[a] == row[b]:
                row[a:b] = row[a]
    return out


def _run_length(flags: NDArray[np.bool_]) -> NDArray[np.int_]:
    run = np.zeros(flags.shape, dtype=int)
    for t in range(flags.shape[1]):
        run[:, t] = np.where(flags[:, t], (run[:, t - 1] if t else 0) + 1, 0)
    return run


def _last_known(x: Array, holds: Callable[[Array], NDArray[np.bool_]]) -> Judgement:
    known = np.isfinite(x)
    last = x.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    value = np.where(known.any(axis=1), x[np.arange(len(x)), last], np.nan)
    truth = np.where(np.isnan(value), np.nan, holds(value).astype(float))
    return Judgement(truth, value, np.where(truth == 1, last, -1))


def _judged(held: NDArray[np.bool_], value: Array, complete: NDArray[np.bool_]) -> Judgement:
    ever = held.any(axis=1)
    holds = np.where(ever, 1.0, np.where(complete, 0.0, np.nan))
    return Judgement(holds, np.asarray(value, dtype=float), np.where(ever, held.argmax(axis=1), -1))


def _largest(x: Array) -> Array:
    filled = np.where(np.isnan(x), -np.inf, x).max(axis=1, initial=-np.inf)
    return np.where(np.isinf(filled), np.nan, filled)


def _unknown(draws: int) -> Judgement:
    return Judgement(np.full(draws, np.nan), np.full(draws, np.nan), np.full(draws, -1))
