"""What every rival forecaster is given: logs of one series without gaps, and where in the year they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.core.periods import PER_YEAR, frequency_of, ordinal
from overbuild.errors import InputError

Array = NDArray[np.float64]
SHORTEST = 6
"""Growth rates that a rival needs."""
SEASONAL_YEARS = 3
"""Years of growth rates from which on a season is estimated; before, there is none."""


class TooShortError(InputError):
    """A series is too short for a rival, which then abstains."""


@dataclass(frozen=True, eq=False)
class LogSeries:
    """Logs of a positive series in consecutive periods.

    Attributes
    ----------
    logs
        Shape (period,).
    per_year
        Periods in a year.
    place
        Place in the year of the first, 0 to ``per_year - 1``.
    """

    logs: Array
    per_year: int = 1
    place: int = 0

    @property
    def growth(self) -> Array:
        """Growth rates, shape (period - 1,)."""
        return np.diff(self.logs)

    @property
    def seasonal(self) -> bool:
        """Whether a season can be estimated."""
        return self.per_year > 1 and self.growth.size >= SEASONAL_YEARS * self.per_year

    def places(self, first: int, count: int) -> NDArray[np.int_]:
        """Return places in the year of ``count`` periods from the ``first``-th on (0: the first known)."""
        return (self.place + first + np.arange(count)) % self.per_year


def log_series(values: ArrayLike, first: str) -> LogSeries:
    """Return the last run of known values above 0.

    Parameters
    ----------
    values
        Shape (period,); nan where unknown.
    first
        Label of the first period (``1999``, ``1999Q2``).

    Raises
    ------
    TooShortError
        If the run holds fewer than `SHORTEST` growth rates.
    """
    x = np.asarray(values, dtype=float)
    known = np.isfinite(x) & (x > 0)
    where = np.flatnonzero(known)
    if where.size:
        last = int(where[-1])
        gaps = np.flatnonzero(~known[:last])
        start = int(gaps[-1]) + 1 if gaps.size else 0
        x = x[start : last + 1]
    else:
        start, x = 0, x[:0]
    if x.size - 1 < SHORTEST:
        raise TooShortError(
            f"{max(x.size - 1, 0)} growth rates in a row are known; a rival forecaster needs {SHORTEST}."
        )
    per_year = PER_YEAR[frequency_of(first)]
    return LogSeries(np.log(x), per_year, (ordinal(first) + start) % per_year)
