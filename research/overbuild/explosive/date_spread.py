r"""How far dates read off a threshold can be from the truth, by a bootstrap of the dated process.

The series is taken at its word: a random walk (with the test's lags), in each episode an explosive root from
its start to the highest value and a fall at a mean pace from there to the end. Paths of this process, with
the signs of its residuals drawn anew, are dated by the same rule. In them the truth is known, so the error of
the rule is: if an episode that begins at :math:`s_0` is dated :math:`s^*`, the date :math:`s` that the data
gave is corrected to :math:`s - (s^* - s_0)` (the basic bootstrap). Since a rule finds a start late,
:math:`s_0` is first :math:`s`, then the median of the corrected dates, `ROUNDS` times.

In the process of one bubble of `CollapsingBubbles` with 100, 200 and 400 observations, dated by the
pointwise rule, the root mean squared error of the start falls from 5.4, 10.4 and 23.6 to 4.7, 6.9 and 18.0
observations, and the nominal 90 % range holds the true start in 73, 71 and 72 % of the samples: it is still
too narrow. That of the end holds it in 98 % and more.

It speaks of the dating of an episode that is there. It cannot say whether it is: that is the test's part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from overbuild.explosive.dating import Rule
from overbuild.explosive.episode import Episode, episodes_of
from overbuild.explosive.statistic import Array, Statistic
from overbuild.settings import INTERVAL

FEWEST_ROWS = 4
"""Changes in a rise below which no root is estimated and the mean pace is taken."""
ROUNDS = 3
"""Times that the start of the process is moved to the corrected date."""
LEAST_FOUND = 0.1
"""Share of paths in which an episode must be found again for its dates to have a spread."""
QUANTILES = ((1 - INTERVAL) / 2, 0.5, (1 + INTERVAL) / 2)


@dataclass(frozen=True)
class DateSpread:
    """Bootstrap quantiles (5, 50, 95 %) of the dates of one episode, in places of the sequence.

    Attributes
    ----------
    start, peak, end
        Low, median and high; None where the rule found the episode in too few paths, and ``end`` for one that
        is ongoing.
    found
        Share of paths in which the rule found an episode that overlaps.
    """

    start: tuple[int, int, int] | None
    peak: tuple[int, int, int] | None
    end: tuple[int, int, int] | None
    found: float


@dataclass(frozen=True, eq=False)
class DatedProcess:
    """What the bootstrap draws from: by observation, in the order of time.

    Attributes
    ----------
    values
        The data.
    pace
        Mean change, shape (observation - 1,), without the root's part.
    root
        Excess of the root over one, zero outside rises.
    origin
        First observation of the rise that an observation lies in, -1 outside.
    lagged
        Coefficients of lagged changes.
    residuals
        Shape (observation - 1,); the first ones, which lags use up, are zero.
    """

    values: Array
    pace: Array
    root: Array
    origin: np.ndarray
    lagged: Array
    residuals: Array

    def paths(self, count: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, observation); the signs of the residuals are drawn anew."""
        signs = rng.integers(2, size=(count, self.residuals.size)) * 2.0 - 1.0
        shocks = self.residuals * signs
        lags = self.lagged.size
        y = np.empty((count, self.values.size))
        y[:, : lags + 1] = self.values[: lags + 1]
        for t in range(lags, self.residuals.size):
            change = self.pace[t] + shocks[:, t]
            if self.origin[t] >= 0:
                change = change + self.root[t] * (y[:, t] - y[:, self.origin[t]])
            for k in range(lags):
                change = change + self.lagged[k] * (y[:, t - k] - y[:, t - k - 1])
            y[:, t + 1] = y[:, t] + change
        return y


def spread_of_dates(
    values: Array,
    statistic: Statistic,
    critical: Array,
    episodes: Sequence[Episode],
    rule: Rule,
    rng: np.random.Generator,
    end: Array | None = None,
) -> tuple[DateSpread, ...]:
    """Return the spread of the dates of each episode.

    Parameters
    ----------
    values
        The data, shape (observation,).
    statistic, critical, rule
        By which the episodes were dated; ``rule.replications`` paths are dated alike.
    episodes
        The episodes.
    rng
        Random numbers.
    end
        The line below which an episode ends; None: ``critical``.
    """
    first, n = statistic.first(values.size), values.size
    begun, matches = [e.start for e in episodes], []
    for again in range(ROUNDS + 1):
        if again:
            begun = _moved(episodes, begun, matches, first)
        process = dated_process(values, episodes, begun, first, statistic.lags)
        found = rule.dated(statistic.sequences(process.paths(rule.replications, rng)))
        dated = [episodes_of(sequence, critical, rule.shortest(n), end) for sequence in found]
        matches = [
            [_match(start, e.stop, others) for others in dated]
            for e, start in zip(episodes, begun, strict=True)
        ]
    spreads = [_spread(*each, critical.size) for each in zip(episodes, begun, matches, strict=True)]
    return tuple(spreads)


def dated_process(
    values: Array, episodes: Sequence[Episode], begun: Sequence[int], first: int, lags: int
) -> DatedProcess:
    """Fit the process by least squares, all segments and lags together.

    Parameters
    ----------
    values
        The data, shape (observation,).
    episodes, begun
        Dated episodes, and the place at which the process of each begins.
    first
        The observation to which the first place of the sequence belongs; a process may begin before it.
    lags
        Lagged changes.
    """
    changes, before = np.diff(values), values[:-1]
    rows = np.arange(changes.size)
    segment, origin = np.zeros(changes.size, dtype=int), np.full(changes.size, -1)
    columns, roots = [], []
    for i, (episode, place) in enumerate(zip(episodes, begun, strict=True)):
        start, stop = first + place, first + episode.stop
        top = start + int(np.argmax(values[start:stop]))
        rise, fall = (rows >= start - 1) & (rows < top), (rows >= top) & (rows < stop)
        segment[rise], segment[fall] = 2 * i + 1, 2 * i + 2
        origin[rise] = max(start - 1, 0)
        if rise.sum() >= FEWEST_ROWS:
            roots.append((len(columns), rise))
            columns.append(np.where(rise, before - values[max(start - 1, 0)], 0.0))
    kinds = [segment == s for s in np.unique(segment)]
    columns += [kind.astype(float) for kind in kinds]
    columns += [np.concatenate([np.zeros(k), changes[:-k]]) for k in range(1, lags + 1)]
    table = np.column_stack(columns)
    solved = np.linalg.lstsq(table[lags:], changes[lags:], rcond=None)[0]
    root = np.zeros(changes.size)
    for column, rise in roots:
        root[rise] = solved[column]
    middle = slice(len(roots), len(roots) + len(kinds))
    residuals = changes - table @ solved
    residuals[:lags] = 0.0
    return DatedProcess(
        values, table[:, middle] @ solved[middle], root, origin, solved[middle.stop :], residuals
    )


def _moved(
    episodes: Sequence[Episode],
    begun: Sequence[int],
    matches: Sequence[Sequence[Episode | None]],
    first: int,
) -> list[int]:
    """Return starts corrected by the median error, none before the sample or the end of the last episode."""
    moved, free = [], 1 - first
    for episode, start, found in zip(episodes, begun, matches, strict=True):
        drawn = [m.start for m in found if m is not None]
        late = int(np.rint(np.median(drawn))) - start if drawn else 0
        moved.append(int(np.clip(episode.start - late, free, episode.start)))
        free = episode.stop
    return moved


def _match(start: int, stop: int, others: Sequence[Episode]) -> Episode | None:
    """Return the episode that overlaps most with the places from start to stop, or None."""
    best, most = None, 0
    for other in others:
        common = min(stop, other.stop) - max(start, other.start)
        if common > most:
            best, most = other, common
    return best


def _spread(episode: Episode, begun: int, matches: Sequence[Episode | None], dates: int) -> DateSpread:
    found = [m for m in matches if m is not None]
    share = len(found) / len(matches)
    if share < LEAST_FOUND:
        return DateSpread(None, None, None, share)
    end = episode.end
    return DateSpread(
        _corrected(episode.start, [begun - m.start for m in found], dates),
        _corrected(episode.peak, [episode.peak - m.peak for m in found], dates),
        None if end is None else _corrected(end, [end - m.stop for m in found], dates),
        share,
    )


def _corrected(date: int, errors: Sequence[int], dates: int) -> tuple[int, int, int]:
    places = np.quantile(date + np.array(errors), QUANTILES)
    low, median, high = (int(np.clip(np.rint(p), 0, dates - 1)) for p in places)
    return low, median, high
