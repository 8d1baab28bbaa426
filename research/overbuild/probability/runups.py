"""Run-ups and the falls that follow them, found by one stated rule in any set of annual series.

A *run-up* is a year in which investment is at least ``run_up`` times its level ``window_years`` before, and at
or above a floor. It is *in force* in every such year; its *date* is the first of them, and a series can have a
new date only after ``horizon_years``, once the condition has lapsed in between, so that windows never overlap.
A run-up *ends in a fall* if, at some date within ``horizon_years``, investment stands at least ``fall`` below
its running peak. No case is chosen by how it ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Measure = Literal["nominal", "share_of_gdp"]
PeakFrom = Literal["history", "run_up"]
Incomplete = Literal["drop", "count_falls"]

ROUNDING = 1e-9
"""Relative slack of both comparisons, so that a change of unit cannot move a series across a threshold."""


@dataclass(frozen=True)
class Rule:
    """What counts as a run-up and what as a fall.

    Attributes
    ----------
    run_up
        Smallest ratio of investment to its level ``window_years`` before; above 1.
    window_years
        Years over which the run-up is measured.
    fall
        Smallest fall below the running peak, a fraction in (0, 1).
    horizon_years
        Years after the run-up's date in which the fall must come.
    floor_usd_million
        Smallest nominal investment in the year of the run-up.
    measure
        ``"nominal"`` or ``"share_of_gdp"``; the floor is nominal in both.
    peak
        ``"history"``: the running peak is that of the whole series so far; ``"run_up"``: it starts at the
        run-up's date, so that a series still far below an old peak is not counted as fallen at once.
    incomplete
        ``"drop"``: a run-up whose window runs beyond the data is unresolved whatever happened so far;
        ``"count_falls"``: it counts if the fall has been seen, which favours falls.
    """

    run_up: float = 2.0
    window_years: int = 4
    fall: float = 0.30
    horizon_years: int = 5
    floor_usd_million: float = 20.0
    measure: Measure = "nominal"
    peak: PeakFrom = "history"
    incomplete: Incomplete = "drop"

    def __post_init__(self) -> None:
        faults = [
            *_fault("run_up", self.run_up, "a finite ratio above 1, such as 2", 1.0 < self.run_up < np.inf),
            *_fault("window_years", self.window_years, "a whole number of years, 1 or more", _whole(self.window_years)),
            *_fault("fall", self.fall, "a fraction between 0 and 1, such as 0.3 for 30 %", 0.0 < self.fall < 1.0),
            *_fault("horizon_years", self.horizon_years, "a whole number of years, 1 or more", _whole(self.horizon_years)),
            *_fault("floor_usd_million", self.floor_usd_million, "0 or more USD million", 0 <= self.floor_usd_million < np.inf),
            *_fault("measure", self.measure, f"one of {', '.join(get_args(Measure))}", self.measure in get_args(Measure)),
            *_fault("peak", self.peak, f"one of {', '.join(get_args(PeakFrom))}", self.peak in get_args(PeakFrom)),
            *_fault("incomplete", self.incomplete, f"one of {', '.join(get_args(Incomplete))}", self.incomplete in get_args(Incomplete)),
        ]  # fmt: skip
        if faults:
            raise InputError("\n".join(faults))

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> Rule:
        """Return the rule of a section of ``definitions.toml``; keys that are not the rule's are left alone."""
        return cls(**{name: section[name] for name in cls.__dataclass_fields__ if name in section})


@dataclass(frozen=True)
class Panel:
    """Annual series on one clock.

    Attributes
    ----------
    names
        Names of the series, sorted, so that nothing depends on the order in which they came.
    years
        Shape (year,), consecutive.
    level
        Shape (series, year): nominal investment in USD million, nan where not known; held against the floor.
    measured
        Shape (series, year): what run-ups and falls are judged on (``level``, or its share of GDP).
    """

    names: tuple[str, ...]
    years: NDArray[np.int_]
    level: Array
    measured: Array


@dataclass(frozen=True)
class RunUps:
    """Dated run-ups and how they ended, shape (run-up,) each.

    Attributes
    ----------
    series, year
        Row of the panel and column of its years.
    deepest
        Largest fall below the running peak seen in the window, a fraction; nan where nothing was seen.
    fell
        Whether the fall was seen.
    resolved
        Whether the run-up counts.
    """

    series: NDArray[np.int_]
    year: NDArray[np.int_]
    deepest: Array
    fell: Flags
    resolved: Flags

    def count(self, of: Literal["run_ups", "falls"], series: int) -> Array:
        """Return the number of resolved run-ups, or of those that fell, by series: shape (series,)."""
        chosen = self.resolved & self.fell if of == "falls" else self.resolved
        return np.bincount(self.series[chosen], minlength=series).astype(float)


def find_run_ups(panel: Panel, rule: Rule) -> RunUps:
    """Return every dated run-up of a panel and how it ended."""
    hit, evaluable = in_force(panel, rule)
    series, year = first_dates(hit, evaluable, rule.horizon_years)
    deepest, complete = deepest_fall(panel.measured, rule.horizon_years, rule.peak)
    depth = deepest[series, year]
    fell = at_least(depth, rule.fall)
    seen = complete[series, year]
    resolved = seen | fell if rule.incomplete == "count_falls" else seen
    return RunUps(series, year, depth, fell, resolved)


def in_force(panel: Panel, rule: Rule) -> tuple[Flags, Flags]:
    """Return in which years the run-up is in force, and in which that can be said, shape (series, year) each.

    It can be said where investment is known in the year and ``window_years`` before, and was above zero then.
    """
    x, lag = panel.measured, rule.window_years
    before = np.full(x.shape, np.nan)
    before[:, lag:] = x[:, : x.shape[1] - lag] if lag < x.shape[1] else np.nan
    evaluable = np.isfinite(x) & (before > 0)
    rose = at_least(x, rule.run_up * np.where(evaluable, before, np.nan))
    return rose & at_least(panel.level, rule.floor_usd_million), evaluable


def first_dates(hit: Flags, evaluable: Flags, horizon: int) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return series and year of each dated run-up, shape (run-up,) each; windows never overlap."""
    series: list[int] = []
    years: list[int] = []
    for row in range(hit.shape[0]):
        last, lapsed = -horizon, True
        for t in np.flatnonzero(evaluable[row]):
            lapsed = lapsed or not hit[row, t]
            if hit[row, t] and lapsed and t - last >= horizon:
                series.append(row)
                years.append(int(t))
                last, lapsed = int(t), False
    return np.array(series, dtype=int), np.array(years, dtype=int)


def drawdown(x: Array) -> Array:
    """Return the fall below the running peak of the whole series so far, shape (series, year); nan where not known."""
    peak = np.maximum.accumulate(np.where(np.isfinite(x), x, -np.inf), axis=1)
    return np.where(np.isfinite(x) & (peak > 0), 1.0 - np.divide(x, peak, out=np.ones_like(x), where=peak > 0), np.nan)


def deepest_fall(x: Array, horizon: int, peak: PeakFrom) -> tuple[Array, Flags]:
    """Return the deepest fall below the running peak in the ``horizon`` years after each year.

    Returns
    -------
    deepest
        Shape (series, year): a fraction, negative while the series only rises; nan where no later year is known.
    complete
        Shape (series, year): whether all of those years are known.
    """
    known = np.isfinite(x)
    high = np.maximum.accumulate(np.where(known, x, -np.inf), axis=1) if peak == "history" else np.where(known, x, -np.inf)
    deepest = np.full(x.shape, -np.inf)
    complete = np.ones(x.shape, dtype=bool)
    for step in range(1, horizon + 1):
        later = np.full(x.shape, np.nan)
        later[:, : max(x.shape[1] - step, 0)] = x[:, step:]
        there = np.isfinite(later)
        high = np.where(there, np.maximum(high, later), high)
        fall = np.where(there & (high > 0), 1.0 - np.divide(later, high, out=np.ones_like(x), where=there & (high > 0)), -np.inf)
        deepest = np.maximum(deepest, fall)
        complete &= there
    return np.where(np.isinf(deepest), np.nan, deepest), complete


def years_in_force(hit: Flags) -> NDArray[np.int_]:
    """Return for how many years in a row the run-up has been in force, 0 in its first year; -1 where it is not."""
    age = np.full(hit.shape, -1)
    for t in range(hit.shape[1]):
        age[:, t] = np.where(hit[:, t], (age[:, t - 1] if t else -1) + 1, -1)
    return age


def at_least(x: Array, threshold: Array | float) -> Flags:
    """Return whether ``x`` reaches a threshold, up to rounding; False where either is not known."""
    with np.errstate(invalid="ignore"):
        return np.asarray(x >= np.asarray(threshold) * (1.0 - ROUNDING) - 0.0, dtype=bool)


def _whole(value: float) -> bool:
    return float(value).is_integer() and value >= 1


def _fault(name: str, value: object, expected: str, good: bool) -> list[str]:
    return [] if good else [f"{name} = {value!r} cannot be used; expected {expected}."]
