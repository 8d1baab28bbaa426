"""When a sequence lies above its critical values: start, peak, end and duration of each episode."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from overbuild.explosive.statistic import Array


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


def episodes_of(sequence: Array, critical: Array, min_duration: int = 1) -> tuple[Episode, ...]:
    """Return the episodes of a sequence, in the order of time.

    Parameters
    ----------
    sequence, critical
        Statistic and critical value by date, shape (date,).
    min_duration
        Shorter ones are left out; one that is ongoing may yet grow and is left out as well.
    """
    above = np.concatenate([[False], sequence > critical, [False]])
    edges = np.flatnonzero(np.diff(above.astype(int)))
    found = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start >= max(min_duration, 1):
            peak = int(start + np.argmax(sequence[start:stop]))
            found.append(
                Episode(int(start), peak, None if stop == sequence.size else int(stop), int(stop - start))
            )
    return tuple(found)
