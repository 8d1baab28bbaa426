"""Critical values and p-values of the statistic at hand, with their Monte Carlo error.

There is no way to ask for critical values of a window, a number of lags or a length: they are computed from
the data and the very statistic that is run on them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from overbuild.core.digest import digest_file, digest_of
from overbuild.core.frozen import Frozen
from overbuild.core.saving import save_bytes
from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive.dating import LEVELS, RULES, Rule
from overbuild.explosive.episode import Boundaries, episodes_of
from overbuild.explosive.nulls import Null
from overbuild.explosive.statistic import NAMES, Array, Statistic
from overbuild.randomness import stream
from overbuild.settings import SEED

BY_DATE = ("sadf", "pointwise")
"""Rules whose critical values differ from date to date."""
CONTENT = 0.95
"""Probability content of the intervals for Monte Carlo error."""
BATCH = 40
"""Paths of one unit of work; each unit has its own random stream."""

type Advance = Callable[[int, int, str], None]
type Mapper = Callable[[Callable[[Unit], Drawn], Sequence[Unit]], Iterable[Drawn]]


@dataclass(frozen=True)
class Quantile:
    """A critical value and the interval in which the exact one lies with probability `CONTENT`."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PValue:
    """A probability under the null and its Monte Carlo standard error."""

    value: float
    error: float


@dataclass(frozen=True, eq=False)
class Unit:
    """Some of the paths: what a worker needs."""

    statistic: Statistic
    null: Null
    values: Array
    index: int
    count: int
    seed: int


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a worker returns: sequences of shape (path, date), and the number of the unit."""

    index: int
    badf: Array
    bsadf: Array


@dataclass(frozen=True, eq=False)
class CriticalValues:
    """The distribution of a statistic under a null.

    Attributes
    ----------
    statistic, null
        What was computed; on ``observations`` observations of ``series`` series.
    draws
        Under the null, sorted: ``adf``, ``sadf``, ``gsadf``.
    by_date
        Critical values by date of the rules `BY_DATE`, shape (level, 3, date): value, low
        and high for each of `LEVELS`.
    seed
        Master seed.
    """

    statistic: Statistic
    null: Null
    observations: int
    series: int
    draws: Mapping[str, Array]
    by_date: Mapping[str, Array]
    seed: int

    @property
    def spans_sample(self) -> bool:
        """Whether the paths are as long as the sample."""
        return self.null.observations(self.statistic, self.observations) == self.observations

    def value(self, name: str, level: float = 0.95) -> Quantile:
        """Return the critical value of ``adf``, ``sadf`` or ``gsadf`` (of a family: of its dates alone)."""
        return Quantile(*(float(v) for v in quantiles(self.draws[name][:, None], level)[:, 0]))

    def p_value(self, name: str, observed: float) -> PValue | None:
        """Return the share of draws at least as large, the observed counted as one.

        None where the paths are shorter than the sample (family-wise over some dates), since the statistic of
        the sample is then not one of theirs.
        """
        if not self.spans_sample:
            return None
        draws = self.draws[name]
        p = (1 + draws.size - int(np.searchsorted(draws, observed, side="left"))) / (1 + draws.size)
        return PValue(p, float(np.sqrt(p * (1 - p) / draws.size)))

    def boundaries(self, rule: Rule) -> Boundaries:
        """Return the lines by which a rule dates: one line, but where the test has two of its own."""
        if rule.cut == "published":
            return own_lines(self.statistic, self.observations)
        line = self.sequence(rule.level, rule.cut)
        return Boundaries(line, line)

    def sequence(self, level: float = 0.95, cut: str = "pointwise") -> Array:
        """Return the critical value of each date of the sample for one of `LEVELS`; shape (date,).

        Parameters
        ----------
        level
            One of `LEVELS`.
        cut
            One of `RULES`; a null that is not ``pointwise`` has the family-wise one, and ``published``,
            which is one for all levels.

        Raises
        ------
        UnknownNameError
            For another rule.
        InputError
            For ``published`` where the test has no lines of its own.
        """
        if cut not in RULES:
            raise UnknownNameError("rule for critical values by date", cut, tuple(RULES))
        if cut == "published":
            return own_lines(self.statistic, self.observations).begin
        if cut == "familywise" or not self.null.pointwise:
            dates = self.observations - self.statistic.first(self.observations)
            return np.full(dates, self.value("gsadf", level).value)
        return self.by_date[cut][LEVELS.index(level), 0]


def critical_values(
    statistic: Statistic,
    null: Null,
    values: Array,
    *,
    seed: int = SEED,
    mapper: Mapper | None = None,
    folder: Path | None = None,
    progress: Advance | None = None,
) -> CriticalValues:
    """Return the distribution of a statistic of the data under a null.

    Parameters
    ----------
    statistic, null
        What is computed, and on which paths.
    values
        The data, shape (observation,) or (series, observation): a panel's statistic is the mean over series.
    seed
        Master seed; units of `BATCH` paths have streams of their own.
    mapper
        Applies a function to units in any order, as `threads` or ``pipeline.executor.mapped`` do; the result
        does not depend on it. None: in this thread.
    folder
        Where results are kept by their content; None: nowhere.
    progress
        Told the units done, their number and a name.

    Raises
    ------
    InputError
        If the null cannot be simulated from these data.
    """
    values = np.atleast_2d(np.asarray(values, dtype=float))
    series, n = values.shape
    statistic = statistic.at(n)
    null.observations(statistic, n)
    kept = None if folder is None else folder / f"{_key(statistic, null, values, seed)}.npz"
    found = _load(kept) if kept else None
    if found is None:
        found = _drawn(statistic, null, statistic.under_null(values), seed, mapper or _in_turn, progress)
        if kept:
            _save(kept, found)
    draws = Frozen({name: found[name] for name in NAMES})
    by_date = Frozen({rule: found[f"{rule}_by_date"] for rule in BY_DATE})
    return CriticalValues(statistic, null, n, series, draws, by_date, seed)


def own_lines(statistic: Statistic, n: int) -> Boundaries:
    """Return a test's own lines for dating ``n`` observations.

    Raises
    ------
    InputError
        If it has none.
    """
    found = statistic.boundaries(n)
    if found is None:
        raise InputError(
            f"The {statistic.title} have no published lines by date; take another rule than published."
        )
    return found


def false_alarms(critical: CriticalValues, values: Array, rule: Rule, replications: int) -> PValue | None:
    """Return the chance that a path under the null shows an episode, and its Monte Carlo standard error.

    Parameters
    ----------
    critical
        Its null and statistic are used, with paths that it has not seen.
    values
        The data, shape (series, observation).
    rule
        By which episodes are dated.
    replications
        Paths.

    Returns
    -------
    PValue or None
        None where the paths are shorter than the sample.
    """
    null, statistic = critical.null, critical.statistic
    if not critical.spans_sample:
        return None
    lines, shortest = critical.boundaries(rule), rule.shortest(values.shape[1])
    rng = stream(f"explosive/{null.kind}/false alarms", seed=critical.seed)
    paths = null.paths(statistic.under_null(values), statistic, replications, rng)
    found = rule.dated(statistic.sequences(paths).panel())
    share = sum(bool(episodes_of(path, lines.begin, shortest)) for path in found) / replications
    return PValue(share, float(np.sqrt(share * (1 - share) / replications)))


def threads(workers: int) -> Mapper:
    """Return a mapper over threads of this process; the kernels leave the interpreter free meanwhile."""
    return partial(_threaded, workers=workers)


def draw(unit: Unit) -> Drawn:
    """Return the sequences of one unit of paths."""
    rng = stream(f"explosive/{unit.null.kind}", seed=unit.seed, index=unit.index)
    paths = unit.null.paths(unit.values, unit.statistic, unit.count, rng)
    found = unit.statistic.sequences(paths).panel()
    return Drawn(unit.index, found.badf, found.bsadf)


def quantiles(draws: Array, level: float) -> Array:
    """Return a quantile of each column and the interval for it that holds whatever the distribution.

    The bounds are order statistics: the number of draws below the exact quantile is binomial.

    Parameters
    ----------
    draws
        Shape (draw, column), sorted along the draws.
    level
        Of the quantile.

    Returns
    -------
    Array
        Shape (3, column): quantile, low, high.
    """
    from scipy.special import bdtr

    count = draws.shape[0]
    below = bdtr(np.arange(count + 1), count, level)
    low, high = np.searchsorted(below, [(1 - CONTENT) / 2, (1 + CONTENT) / 2])
    below_it, part = divmod(level * (count - 1), 1.0)
    at = int(below_it)
    value = draws[at] + part * (draws[min(at + 1, count - 1)] - draws[at])
    return np.stack([value, draws[max(low - 1, 0)], draws[min(high, count - 1)]])


def _drawn(
    statistic: Statistic, null: Null, values: Array, seed: int, mapper: Mapper, progress: Advance | None
) -> dict[str, Array]:
    total = null.replications
    counts = [min(BATCH, total - first) for first in range(0, total, BATCH)]
    units = [Unit(statistic, null, values, i, count, seed) for i, count in enumerate(counts)]
    done: dict[int, Drawn] = {}
    for drawn in mapper(draw, units):
        done[drawn.index] = drawn
        if progress:
            progress(len(done), len(units), f"{null.kind} paths")
    badf = np.concatenate([done[i].badf for i in range(len(units))])
    bsadf = np.concatenate([done[i].bsadf for i in range(len(units))])
    largest = {"adf": badf[:, -1], "sadf": badf.max(axis=1), "gsadf": bsadf.max(axis=1)}
    found = {name: np.sort(largest[name]) for name in NAMES}
    np.maximum.accumulate(badf, axis=1, out=badf)
    for rule, sequence in zip(BY_DATE, (badf, bsadf), strict=True):
        by_date = np.sort(np.ascontiguousarray(sequence.T)).T
        found[f"{rule}_by_date"] = np.stack([quantiles(by_date, level) for level in LEVELS])
    return found


def _in_turn(function: Callable[[Unit], Drawn], units: Sequence[Unit]) -> Iterable[Drawn]:
    return map(function, units)


def _threaded(function: Callable[[Unit], Drawn], units: Sequence[Unit], workers: int) -> Iterable[Drawn]:
    if workers <= 1 or len(units) <= 1:
        yield from map(function, units)
        return
    yield function(units[0])
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from pool.map(function, units[1:])
        finally:
            pool.shutdown(cancel_futures=True)


def _key(statistic: Statistic, null: Null, values: Array, seed: int) -> str:
    return digest_of(statistic, null, null.content(values), seed, BATCH, LEVELS, CONTENT, _code())


@cache
def _code() -> tuple[str, ...]:
    """Return the digests of this package's modules: results of other code are not used."""
    return tuple(digest_file(path) for path in sorted(Path(__file__).parent.glob("*.py")))


def _load(path: Path) -> dict[str, Array] | None:
    try:
        with np.load(path) as content:
            return {name: content[name] for name in (*NAMES, *(f"{r}_by_date" for r in BY_DATE))}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _save(path: Path, found: Mapping[str, Array]) -> None:
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **found)
    save_bytes(path, content.getvalue())
