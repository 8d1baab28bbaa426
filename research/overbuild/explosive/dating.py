"""When a sequence lies above its critical values: start, peak, end and duration of each episode."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive.statistic import Array, Sequences

LEVELS = (0.90, 0.95, 0.99)
RULES = {
    "sadf": "the quantile at each date of the largest BADF so far",
    "pointwise": "the quantile at each date of its BSADF",
    "familywise": "the quantile of the largest BSADF",
    "published": "the published lines of the test itself",
}
"""Critical values by date, with which a BSADF sequence is dated.

``sadf``: the SADF of the observations so far, by which Phillips, Shi and Yu (2015) define the dates, as
exuber's Monte Carlo does. ``pointwise``: the BSADF of the date, by which others' bootstraps date; exact
for each date, so that a long sample holds many false alarms: in a random walk of 200 observations an
episode in one sample of three, against one of 17 by ``sadf``. ``familywise``: one value, exceeded anywhere
with the nominal probability. ``published``: not simulated, and only for a test that has lines of its own, for
which the sequence is that of windows from the first observation; an episode then ends below another line
than it begins above.
"""


@dataclass(frozen=True, eq=False)
class Boundaries:
    """The lines by which a sequence is dated, by date: an episode begins above one, ends below the other."""

    begin: Array
    end: Array


@dataclass(frozen=True)
class Rule:
    """How a BSADF sequence is dated.

    Parameters
    ----------
    level
        Of the critical values, one of `LEVELS`.
    cut
        Which critical values by date, one of `RULES`.
    min_duration
        Dates of the shortest episode; None: `default_duration`.
    replications
        Bootstrap paths from which the spread of each date is taken; 0: none.

    Raises
    ------
    InputError
        For an impossible choice.
    """

    level: float = 0.95
    cut: str = "sadf"
    min_duration: int | None = None
    replications: int = 399

    def __post_init__(self) -> None:
        if self.cut not in RULES:
            raise UnknownNameError("rule for critical values by date", self.cut, tuple(RULES))
        if self.level not in LEVELS:
            raise InputError(
                f"level {self.level:g}: expected one of {', '.join(f'{at:g}' for at in LEVELS)}."
            )
        if self.min_duration is not None and self.min_duration < 1:
            raise InputError(f"min_duration {self.min_duration}: expected 1 date or more.")

    @property
    def sequence(self) -> str:
        """Which sequence is dated: ``badf`` or ``bsadf``."""
        return "badf" if self.cut == "published" else "bsadf"

    def dated(self, sequences: Sequences) -> Array:
        """Return the sequence that is dated; shape (..., date)."""
        return getattr(sequences, self.sequence)

    def shortest(self, n: int) -> int:
        """Return the dates of the shortest episode among ``n`` observations."""
        return default_duration(n) if self.min_duration is None else self.min_duration


@dataclass(frozen=True)
class Episode:
    """One episode, in places of the sequence counted from 0.

    Attributes
    ----------
    start
        First date at which the statistic exceeds its critical value.
    peak
        Date of the largest statistic of the episode.
    end
        First date at which it no longer does (the estimate of Phillips, Shi and Yu, 2015); None: ongoing, the
        statistic still exceeds it at the last date.
    duration
        Dates above the critical value.
    """

    start: int
    peak: int
    end: int | None
    duration: int

    @property
    def ongoing(self) -> bool:
        """Whether the sample ends before the episode does."""
        return self.end is None

    @property
    def stop(self) -> int:
        """The place after the last date above the critical value."""
        return self.start + self.duration


def default_duration(n: int) -> int:
    r"""Return :math:`\lfloor\log n\rfloor`, the shortest episode that Phillips, Shi and Yu (2015) count."""
    return int(log(n))


def episodes_of(
    sequence: Array, critical: Array, min_duration: int = 1, end: Array | None = None
) -> tuple[Episode, ...]:
    """Return the episodes of a sequence, in the order of time.

    Parameters
    ----------
    sequence, critical
        Statistic and critical value by date, shape (date,).
    min_duration
        Shorter ones are left out; one that is ongoing may yet grow and is left out as well.
    end
        Where an episode ends below another line than it begins above: at the first date, ``min_duration``
        after its start or later, at which the sequence is below it. The next begins no sooner than the
        sequence has been back below ``critical``. None: the line is ``critical``.
    """
    shortest, end = max(min_duration, 1), critical if end is None else end
    below = np.flatnonzero(sequence <= end)
    above = np.concatenate([[False], sequence > critical, [False]])
    edges = np.flatnonzero(np.diff(above.astype(int)))
    found, stop = [], 0
    for start, back in zip(edges[::2], edges[1::2], strict=True):
        if start >= stop and back - start >= shortest:
            ends = below[below >= start + shortest]
            stop = int(ends[0]) if ends.size else sequence.size
            peak = int(start + np.argmax(sequence[start:stop]))
            found.append(
                Episode(int(start), peak, None if stop == sequence.size else stop, int(stop - start))
            )
    return tuple(found)
