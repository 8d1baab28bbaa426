"""From what filings report (three, six, nine, twelve months) to single quarters, as known at each filing.

A cash-flow statement gives the year to date. The quarter is the difference of two year-to-date figures with
the same first day. No figure is carried, interpolated or taken from another concept: where a year-to-date
figure is missing, the quarter is missing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from overbuild.sources.fiscal import is_quarter

ONE_DAY = timedelta(days=1)

SAME_DAY = timedelta(days=4)
"""Filers misdate a first or last day by a weekend now and then; days this close are one."""

ROUNDING = 1.5e6
"""Three figures rounded to a million each may disagree by this much."""

ROUNDING_SHARE = 0.001


@dataclass(frozen=True, order=True)
class Fact:
    """One reported flow: from the first to the last day, its value, and the filing that says so."""

    start: date
    end: date
    filed: date
    accession: str
    value: float
    form: str = ""


@dataclass(frozen=True)
class Quarter:
    """A quarter's value as it stood from a filing on."""

    start: date
    end: date
    known: date
    value: float
    derived: bool
    form: str = ""


@dataclass(frozen=True)
class Conflict:
    """A reported quarter and a difference of year-to-date figures that do not agree; neither is used."""

    end: date
    known: date
    reported: float
    difference: float


@dataclass(frozen=True)
class _Stand:
    """How a figure stands on a day.

    ``last`` is the latest filing that gives it, ``changed`` the filing that first gave the present value, and
    ``before`` the latest filing that gave another value (None if none did).
    """

    value: float
    form: str
    last: date
    changed: date
    before: date | None


def quarter_vintages(facts: Iterable[Fact]) -> tuple[list[Quarter], list[Conflict]]:
    """Return every version of every single quarter of one concept of one firm.

    Parameters
    ----------
    facts
        Flows of any length; those that no quarter can be made from do no harm.

    Returns
    -------
    quarters
        Sorted by end and filing date; a version follows another only where the value changed.
    conflicts
        Where the reported quarter disagrees with the year-to-date figures by more than rounding.

    Notes
    -----
    A quarter that a filing reports by itself is taken as reported. Otherwise it is the difference of the
    figures of two periods with the same first day, if both are on one basis. After a restatement of the
    shorter period the difference waits until the longer one has been reported again; a restatement of the
    longer period alone cannot be told apart by quarter and changes none; the earlier version stands.
    """
    histories = _histories(facts)
    reported = {span[1]: span for span in sorted(histories) if is_quarter(*span)}
    differences = _pairs(histories)
    quarters: list[Quarter] = []
    conflicts: list[Conflict] = []
    for end in sorted({*reported, *differences}):
        found, clashes = _versions(reported.get(end), differences.get(end, []), histories)
        quarters += found
        conflicts += clashes
    return quarters, conflicts


type Span = tuple[date, date]


def _histories(facts: Iterable[Fact]) -> dict[Span, list[Fact]]:
    """Group facts by period, in the order of filing; of one filing day the last accession number counts."""
    facts = sorted(facts, key=lambda f: (f.filed, f.accession))
    first, last = _snapped(f.start for f in facts), _snapped(f.end for f in facts)
    groups: dict[Span, dict[date, Fact]] = defaultdict(dict)
    for fact in facts:
        groups[first[fact.start], last[fact.end]][fact.filed] = fact
    return {span: list(by_day.values()) for span, by_day in groups.items()}


def _snapped(days: Iterable[date]) -> Mapping[date, date]:
    """Map days that lie within `SAME_DAY` of a neighbour to the most frequent of them."""
    counts: dict[date, int] = defaultdict(int)
    for day in days:
        counts[day] += 1
    clusters: list[list[date]] = []
    for day in sorted(counts):
        if clusters and day - clusters[-1][-1] <= SAME_DAY:
            clusters[-1].append(day)
        else:
            clusters.append([day])
    return {day: max(cluster, key=lambda d: counts[d]) for cluster in clusters for day in cluster}


def _pairs(histories: Mapping[Span, list[Fact]]) -> dict[date, list[tuple[Span, Span]]]:
    """Return, by the end of a quarter, the periods (longer, shorter) whose difference that quarter is."""
    by_start: dict[date, list[date]] = defaultdict(list)
    for start, end in histories:
        by_start[start].append(end)
    pairs: dict[date, list[tuple[Span, Span]]] = defaultdict(list)
    for start in sorted(by_start):
        ends = sorted(by_start[start])
        for shorter in ends:
            for longer in ends:
                if shorter < longer and is_quarter(shorter + ONE_DAY, longer):
                    pairs[longer].append(((start, longer), (start, shorter)))
    return pairs


def _versions(
    reported: Span | None, pairs: list[tuple[Span, Span]], histories: Mapping[Span, list[Fact]]
) -> tuple[list[Quarter], list[Conflict]]:
    """Return the versions of one quarter, filing by filing."""
    span = reported or (pairs[0][1][1] + ONE_DAY, pairs[0][0][1])
    used = {span, *(period for pair in pairs for period in pair)}
    days = sorted({f.filed for period in used for f in histories.get(period, [])})
    quarters: list[Quarter] = []
    conflicts: list[Conflict] = []
    for day in days:
        direct = _stand(histories.get(span, []), day)
        difference = next((d for p in pairs if (d := _difference(p, histories, day))), None)
        if (
            direct
            and difference
            and _disagree(direct.value, difference.value)
            and direct.last <= difference.last
        ):
            conflicts.append(Conflict(span[1], day, direct.value, difference.value))
            continue
        stand = direct or difference
        if stand and not (quarters and quarters[-1].value == stand.value):
            quarters.append(Quarter(*span, day, stand.value, direct is None, stand.form))
    return quarters, conflicts


def _stand(history: list[Fact], day: date) -> _Stand | None:
    known = history[: bisect_right(history, day, key=lambda f: f.filed)]
    if not known:
        return None
    present = known[-1]
    changed, before = present.filed, None
    for fact in reversed(known):
        if fact.value != present.value:
            before = fact.filed
            break
        changed = fact.filed
    return _Stand(present.value, present.form, present.filed, changed, before)


def _difference(pair: tuple[Span, Span], histories: Mapping[Span, list[Fact]], day: date) -> _Stand | None:
    """Return the longer period less the shorter as of a day, if both are known and on one basis."""
    longer, shorter = (_stand(histories[period], day) for period in pair)
    if longer is None or shorter is None:
        return None
    if longer.before is not None and (shorter.before is None or shorter.changed <= longer.before):
        return None
    if shorter.before is not None and longer.last < shorter.changed:
        return None
    last = max(longer.last, shorter.last)
    form = longer.form if longer.last >= shorter.last else shorter.form
    return _Stand(longer.value - shorter.value, form, last, last, None)


def _disagree(reported: float, difference: float) -> bool:
    return abs(reported - difference) > max(ROUNDING, ROUNDING_SHARE * abs(reported))
