"""One series of an era without gaps, with its unit, grade and vintage; what cannot be used is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import PER_YEAR, frequency_of, ordinal, span
from overbuild.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
VINTAGES_APART = 183
"""Days between the vintages of one revised series beyond which it is not one series."""
NEVER_REVISED = ("percent", "percentage points")
"""Units of rates that markets set: a later copy is the same figure."""


@dataclass(frozen=True, eq=False)
class Observed:
    """One series in consecutive periods.

    Attributes
    ----------
    name, meaning, unit
        What it is.
    periods
        Labels of one frequency, consecutive.
    values
        Shape (period,), all finite.
    grade
        The worst grade among its rows.
    vintages
        Oldest and newest vintage of its rows, ISO days.
    """

    name: str
    meaning: str
    unit: str
    periods: tuple[str, ...]
    values: Array
    grade: str
    vintages: tuple[str, str]

    @property
    def per_year(self) -> int:
        """Periods in a year."""
        return PER_YEAR[frequency_of(self.periods[0])]

    @property
    def vintage(self) -> str:
        """The vintage in words."""
        first, last = self.vintages
        return first if first == last else f"{first} to {last}"

    def between(self, first: str = "", last: str = "") -> Observed:
        """Return the part from one period (or year) to another, both included.

        Raises
        ------
        InputError
            If nothing lies between.
        """
        kept = [
            i
            for i, p in enumerate(self.periods)
            if p[: len(first)] >= first and p[: len(last) or 9] <= (last or p)
        ]
        if not kept:
            raise InputError(
                f"{self.name} is known from {self.periods[0]} to {self.periods[-1]}; nothing of it "
                "lies between "
                f"'{first or self.periods[0]}' and '{last or self.periods[-1]}'. Choose periods within."
            )
        return self.with_values(self.values[kept[0] : kept[-1] + 1], self.periods[kept[0] : kept[-1] + 1])

    def with_values(self, values: Array, periods: tuple[str, ...] | None = None) -> Observed:
        """Return the same series with other values, of other periods where these are named."""
        return replace(self, values=np.asarray(values, float), periods=periods or self.periods)

    def require(self, periods: int, what: str) -> Observed:
        """Return itself if it is long enough and varies.

        Raises
        ------
        InputError
            If it has fewer periods than ``what`` needs, or never changes.
        """
        if self.values.size < periods:
            raise InputError(
                f"{self.name} has {self.values.size} periods, {self.periods[0]} to "
                f"{self.periods[-1]}; {what} "
                f"needs {periods}. Choose fewer lags, breaks or regimes, or a later --as-of."
            )
        if np.ptp(self.values) <= 1e-12 * max(1.0, float(np.abs(self.values).max())):
            raise InputError(
                f"{self.name} is constant at {self.values[0]:g}: it has no breaks, regimes or cycle to find. "
                "Choose a series that varies."
            )
        return self


def whole(
    name: str,
    meaning: str,
    unit: str,
    values: pd.Series,
    grade: str,
    vintages: tuple[str, str],
    first: str = "",
) -> Observed:
    """Return a series of labelled values as one without gaps.

    Parameters
    ----------
    name, meaning, unit, grade, vintages
        As in `Observed`.
    values
        Indexed by period; nan where unknown.
    first
        Period with which it begins; empty: the first known.

    Raises
    ------
    InputError
        If nothing is known, or a period in between is missing; the message names it and the longest run.
    """
    known = values.dropna()
    known = known.loc[[str(p) for p in known.index if str(p)[: len(first)] >= first]]
    if known.empty:
        since = f" from {first} on" if first else ""
        raise InputError(f"Nothing of {name}{since} was known on that day; give a later --as-of.")
    labels = sorted((str(p) for p in known.index), key=ordinal)
    periods = span(labels[0], labels[-1])
    missing = [p for p in periods if p not in set(labels)]
    if missing:
        shown = ", ".join(missing[:5]) + (" and others" if len(missing) > 5 else "")
        start, end = _longest_run(periods, set(missing))
        raise InputError(
            f"{name} lacks {shown} between {periods[0]} and {periods[-1]}. The run from {start} to "
            f"{end} has no "
            "gap: begin with it, or fill the gap in the data."
        )
    return Observed(
        name, meaning, unit, periods, known.reindex(list(periods)).to_numpy(dtype=float), grade, vintages
    )


def vintages_of(rows: pd.DataFrame, name: str) -> tuple[str, str]:
    """Return the oldest and the newest vintage of the rows of one measure.

    Raises
    ------
    InputError
        If one revised series in it mixes vintages more than `VINTAGES_APART` days apart: growth across the
        seam would be revision. Figures that are all as first published are of one kind and pass.
    """
    for key, part in rows.groupby(["series", "unit"]):
        series, unit = cast("tuple[str, str]", key)
        days: list[date] = sorted(set(part["vintage"]))
        first_prints = bool((part["vintage"] <= part["available_from"]).all())
        if unit not in NEVER_REVISED and not first_prints and (days[-1] - days[0]).days > VINTAGES_APART:
            raise InputError(
                f"{name} mixes vintages of {series} from {days[0]} and {days[-1]}, which are "
                f"{(days[-1] - days[0]).days} days apart (at most {VINTAGES_APART} are joined). "
                "Give an --as-of "
                "at which one vintage covers it, or refresh the series whole."
            )
    every = sorted(set(rows["vintage"]))
    return every[0].isoformat(), every[-1].isoformat()


def without_season(series: Observed) -> Observed:
    r"""Return a positive quarterly series as logs without its season; annual series as logs.

    .. math:: \Delta \ln x_t = \mu + s_{q(t)} + e_t, \quad \sum_q s_q = 0, \qquad
        y_t = \ln x_t - S_{q(t)}, \quad S_q - S_{q-1} = s_q, \quad \sum_q S_q = 0

    The season is fixed and taken as known afterwards: an approximation that is stated where it is used. It is
    estimated from three years of growth on; before that the logs stay as they are.

    Raises
    ------
    InputError
        If a value is not above 0.
    """
    if (series.values <= 0).any():
        at = series.periods[int(np.flatnonzero(series.values <= 0)[0])]
        raise InputError(f"{series.name} is not above 0 in {at}; logs need positive figures. Begin later.")
    logs = np.log(series.values)
    n = series.per_year
    if n > 1 and logs.size > 3 * n:
        place = (ordinal(series.periods[0]) + np.arange(logs.size)) % n
        growth = np.diff(logs)
        effect = np.array([growth[place[1:] == q].mean() for q in range(n)])
        factor = np.cumsum(effect - effect.mean())
        logs = logs - (factor - factor.mean())[place]
    return replace(series, values=logs, unit="log")


def _longest_run(periods: Sequence[str], missing: set[str]) -> tuple[str, str]:
    best: tuple[int, int] = (0, 0)
    start = 0
    for i in range(len(periods) + 1):
        if i == len(periods) or periods[i] in missing:
            best = max(best, (i - start, start))
            start = i + 1
    length, at = best
    return periods[at], periods[at + length - 1]
