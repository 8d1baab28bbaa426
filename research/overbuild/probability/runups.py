"""Run-ups and the falls that follow them, found by one stated rule in any set of annual series.

A *run-up* is a year in which investment is at least ``run_up`` times its level ``window_years`` before, and
at or above a floor. It is *in force* in every such year; its *date* is the first of them, and a series can
have a new date only after ``horizon_years``, once the condition has lapsed in between, so that windows never
overlap. A run-up *ends in a fall* if, at some date within ``horizon_years``, investment stands at least
``fall`` below its running peak. No case is chosen by how it ended.
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
    peak_years
        If given, a fall counts only within so many years of the peak below which it is measured (O3: 3).
    """

    run_up: float = 2.0
    window_years: int = 4
    fall: float = 0.30
    horizon_years: int = 5
    floor_usd_million: float = 20.0
    measure: Measure = "nominal"
    peak: PeakFrom = "history"
    incomplete: Incomplete = "drop"
    peak_years: int | None = None

    def __post_init__(self) -> None:
        above_one, whole, floor = (
            "a finite ratio above 1, such as 2",
            "a whole number, 1 or more",
            "0 or more USD million",
        )
        checks = (
            ("run_up", above_one, 1.0 < self.run_up < np.inf),
            ("window_years", whole, _whole(self.window_years)),
            ("fall", "a fraction between 0 and 1, such as 0.3 for 30 %", 0.0 < self.fall < 1.0),
            ("horizon_years", whole, _whole(self.horizon_years)),
            ("floor_usd_million", floor, 0.0 <= self.floor_usd_million < np.inf),
            ("measure", f"one of {', '.join(get_args(Measure))}", self.measure in get_args(Measure)),
            ("peak", f"one of {', '.join(get_args(PeakFrom))}", self.peak in get_args(PeakFrom)),
            (
                "incomplete",
                f"one of {', '.join(get_args(Incomplete))}",
                self.incomplete in get_args(Incomplete),
            ),
            ("peak_years", f"nothing, or {whole}", self.peak_years is None or _whole(self.peak_years)),
        )
        faults = [
            f"{name} = {getattr(self, name)!r} cannot be used; expected {e}."
            for name, e, good in checks
            if not good
        ]
        if faults:
            raise InputError("\n".join(faults))

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> Rule:
        """Return the rule of a section of ``definitions.toml``; other keys of the section are left alone."""
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
    deepest, complete = deepest_fall(panel.measured, rule.horizon_years, rule.peak, rule.peak_years)
    depth = deepest[series, year]
    fell = at_least(depth, rule.fall)
    seen = complete[series, year]
    resolved = seen | fell if rule.incomplete == "count_falls" else seen
    return RunUps(series, year, depth, fell, resolved)


def in_force(panel: Panel, rule: Rule) -> tuple[Flags, Flags]:
    """Return in which years the run-up is in force, and in which that can be said, shape (series, year) each.

    It can be said where investment is known in the year and ``window_years`` before, and was above zero then.
    """
    x, before = panel.measured, shifted(panel.measured, rule.window_years)
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


def drawdown(x: Array, peak_years: int | None = None) -> Array:
    """Return the fall below the running peak of the whole series so far, shape (series, year).

    nan where not known and, if ``peak_years`` is given, where the peak is older than that.
    """
    high, at = _running_peak(x)
    counts = np.isfinite(x) & (high > 0) & (np.arange(x.shape[1]) - at <= (peak_years or np.inf))
    return np.where(counts, 1.0 - np.divide(x, high, out=np.ones_like(x), where=counts), np.nan)


def deepest_fall(
    x: Array, horizon: int, peak: PeakFrom, peak_years: int | None = None
) -> tuple[Array, Flags]:
    """Return the deepest fall below the running peak in the ``horizon`` years after each year.

    Returns
    -------
    deepest
        Shape (series, year): a fraction, 0 while the series only rises; nan where no later year is known.
    complete
        Shape (series, year): whether all of those years are known.
    """
    high, at = (
        _running_peak(x)
        if peak == "history"
        else (np.where(np.isfinite(x), x, -np.inf), np.arange(x.shape[1]))
    )
    deepest, complete = np.full(x.shape, -np.inf), np.ones(x.shape, dtype=bool)
    for step in range(1, horizon + 1):
        later, now = shifted(x, -step), np.arange(x.shape[1]) + step
        complete &= np.isfinite(later)
        rises = later >= high
        high, at = np.where(rises, later, high), np.where(rises, now, at)
        counts = np.isfinite(later) & (high > 0) & (now - at <= (peak_years or np.inf))
        deepest = np.maximum(
            deepest,
            np.where(counts, 1.0 - np.divide(later, high, out=np.ones_like(x), where=counts), -np.inf),
        )
    return np.where(np.isinf(deepest), np.nan, deepest), complete


def years_in_force(hit: Flags) -> NDArray[np.int_]:
    """Return how many years ago the run-up came into force, 0 in its first year; -1 where it is not."""
    age = np.full(hit.shape, -1)
    for t in range(hit.shape[1]):
        age[:, t] = np.where(hit[:, t], (age[:, t - 1] if t else -1) + 1, -1)
    return age


def shifted(x: Array, years: int) -> Array:
    """Return each value moved on by ``years`` (back, if negative); nan where nothing comes in."""
    out = np.full(x.shape, np.nan)
    if abs(years) < x.shape[1]:
        kept = slice(max(-years, 0), x.shape[1] - max(years, 0))
        out[:, max(years, 0) : x.shape[1] - max(-years, 0)] = x[:, kept]
    return out


def at_least(x: Array, threshold: Array | float) -> Flags:
    """Return whether ``x`` reaches a threshold, up to rounding; False where either is not known."""
    with np.errstate(invalid="ignore"):
        return np.asarray(x >= np.asarray(threshold) * (1.0 - ROUNDING), dtype=bool)


def _running_peak(x: Array) -> tuple[Array, NDArray[np.int_]]:
    known = np.where(np.isfinite(x), x, -np.inf)
    high = np.maximum.accumulate(known, axis=1)
    return high, np.maximum.accumulate(np.where(known >= high, np.arange(x.shape[1]), -1), axis=1)


def _whole(value: object) -> bool:
    return isinstance(value, int) and value >= 1
