"""Episodes of a sequence: where it lies above its critical values, with start, peak, end and duration."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from overbuild.explosive.statistic import Array


@dataclass(frozen=True, eq=False)
class Boundaries:
    """The lines by which a sequence is dated, by date: an episode begins above one, ends below the other."""

    begin: Array
    end: Array


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
