"""Guidance on capex, revision by revision: who moved, by how much, and who had moved before.

It cannot be the outcome of an estimation. Of the firms of the reaction functions every comparable revision is
a rise; rises come with quarterly results, which all firms publish within the same weeks, so that some follow
a rival's whatever their cause; and there are too few. What it can do is show the cases. Firms beside the five
are shown and not counted.

A snapshot holds the newest guidance alone. What was said before is read from the snapshots of the days before
each change, so that nothing is seen that was not known, but for statements whose day is not: those
have a day that the source of a later one gives, or one that is approximate, and are left out of every window.
Figures of grade D are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from overbuild.episodes import Episode, load_episode
from overbuild.episodes.model_series import model_series
from overbuild.games.asked import Asked
from overbuild.games.reaction_panel import FIRMS

SERIES = ("capex_guidance_low", "capex_guidance_high", "capex_guidance_low_fy", "capex_guidance_high_fy")
WINDOW = 45
"""Days in which a rival's rise counts as one before."""
NOT_ALIKE = {
    ("Amazon", "2025", "2025-07-31"): (
        "the figure before is four times a quarter’s net spending that was called representative, this one "
        "was quoted when it was raised later"
    ),
    ("Microsoft", "2026", "2026-07-29"): (
        "longer building lives turn finance leases into operating leases, which the figure leaves out; the "
        "plan is unchanged"
    ),
}
"""Firm, year and day of guidance that is not like the guidance before, and why."""
APART = {
    ("CoreWeave", "2025", "2025-11-10"): "late shells and power: a delay of delivery, not restraint",
}
"""Firm, year and day of a revision by a firm beside the five, and what was said of it."""
UNCERTAIN = ("quoted when it was raised later", "day of the announcement approximate")
"""What a note says of a statement whose day is not known to the day."""


@dataclass(frozen=True)
class Guidance:
    """One statement: USD million, low and high end; ``measure`` says of what.

    ``dated`` says whether its day is known to the day.
    """

    firm: str
    period: str
    fiscal: bool
    day: date
    low: float
    high: float
    measure: str
    grade: str
    dated: bool = True

    @property
    def middle(self) -> float:
        """Middle of the range."""
        return (self.low + self.high) / 2


def statements(tables: Iterable[pd.DataFrame]) -> tuple[Guidance, ...]:
    """Return every statement that the tables of snapshots hold, by day and firm."""
    found: dict[tuple[str, str, bool, date], Guidance] = {}
    for table in tables:
        rows = table.loc[table["series"].isin(SERIES) & (table["frequency"] == "A")]
        ends: dict[tuple[str, str, bool, date], dict[str, Any]] = {}
        for r in rows.to_dict("records"):
            key = (r["entity"], r["period"], r["series"].endswith("_fy"), r["available_from"])
            ends.setdefault(key, {})["high" if "_high" in r["series"] else "low"] = r
        for key, e in ends.items():
            if {"low", "high"} <= set(e):
                note = str(e["low"]["note"])
                found[key] = Guidance(
                    *key,
                    float(e["low"]["value"]),
                    float(e["high"]["value"]),
                    note.partition(";")[0].strip(),
                    max(str(e[k]["grade"]) for k in e),
                    not any(text in note for text in UNCERTAIN),
                )
    return tuple(sorted(found.values(), key=lambda g: (g.day, g.firm, g.period)))


def history(episode: Episode) -> tuple[Guidance, ...]:
    """Return every statement known on the episode's day, read from the snapshots of that day and before."""
    tables, day = [], episode.as_of
    while True:
        table = episode.book.at(day, episode.name, SERIES).table
        told = table.loc[table["series"].isin(SERIES)]
        if told.empty:
            return statements(tables)
        tables.append(told)
        day = max(told["available_from"]) - timedelta(days=1)


def cases(told: Sequence[Guidance]) -> list[dict[str, Any]]:
    """Return one row a revision: the same firm and year, one statement and the next that differs.

    Returns
    -------
    list of dict
        ``firm, period, day, before_day, before, after`` (middle of the range, USD million), ``low, high``,
        ``change`` (a share), ``alike`` (whether both figures measure the same), ``why_not``, ``counted``
        (alike, and of one of the five firms), ``apart`` (what was said of a revision by another firm),
        ``dated`` (whether the day is known), ``raised_before`` and ``raised_after`` (firms of the five with a
        counted rise on a known day up to `WINDOW` days before, or after; empty where the own day is not
        known), ``raised_same_day``, ``grade`` (the weaker of the two).
    """
    rows = []
    by_target: dict[tuple[str, str, bool], list[Guidance]] = {}
    for g in told:
        by_target.setdefault((g.firm, g.period, g.fiscal), []).append(g)
    for line in by_target.values():
        for old, new in pairwise(line):
            if (new.low, new.high) != (old.low, old.high):
                rows.append(_case(old, new))
    rows.sort(key=lambda r: (r["day"], r["firm"]))
    rises = [(r["firm"], r["day"]) for r in rows if r["counted"] and r["dated"] and r["change"] > 0]
    for r in rows:
        for name, inside in (
            ("raised_before", lambda gap: 0 < gap <= WINDOW),
            ("raised_same_day", lambda gap: gap == 0),
            ("raised_after", lambda gap: -WINDOW <= gap < 0),
        ):
            near = {f for f, d in rises if r["dated"] and f != r["firm"] and inside((r["day"] - d).days)}
            r[name] = sorted(near)
    return [r | {k: r[k].isoformat() for k in ("day", "before_day")} for r in rows]


def _case(old: Guidance, new: Guidance) -> dict[str, Any]:
    reason = NOT_ALIKE.get((new.firm, new.period, new.day.isoformat()), "")
    if not reason and new.measure != old.measure:
        reason = f"measured as {new.measure}, before as {old.measure}"
    return {
        "firm": new.firm,
        "period": f"fiscal {new.period}" if new.fiscal else new.period,
        "day": new.day,
        "before_day": old.day,
        "before": old.middle,
        "after": new.middle,
        "low": new.low,
        "high": new.high,
        "change": new.middle / old.middle - 1,
        "alike": not reason,
        "why_not": reason,
        "counted": not reason and new.firm in FIRMS,
        "apart": APART.get((new.firm, new.period, new.day.isoformat()), ""),
        "dated": new.dated,
        "grade": max(old.grade, new.grade),
    }


def summary(rows: Sequence[dict[str, Any]], told: Sequence[Guidance]) -> dict[str, Any]:
    """Return counts of the five firms' revisions, and how often a rival's rise came before.

    ``rises_dated`` and ``statement_days`` are the rises and the days of statements that are known to the day;
    ``rises_after_a_rival`` and ``statement_days_after_a_rival`` are those of them within the window.
    """
    alike = [r for r in rows if r["counted"]]
    rises = [r for r in alike if r["change"] > 0]
    dated = [r for r in rises if r["dated"]]
    raised = [(r["firm"], date.fromisoformat(r["day"])) for r in dated]
    days = sorted({(g.firm, g.day) for g in told if g.dated and g.firm in FIRMS})
    after = [any(f != firm and 0 < (day - d).days <= WINDOW for f, d in raised) for firm, day in days]
    return {
        "statements": len(told),
        "revisions": len(rows),
        "alike": len(alike),
        "rises": len(rises),
        "cuts": len(alike) - len(rises),
        "not_alike": sum(not r["alike"] for r in rows),
        "apart": sum(r["alike"] and not r["counted"] for r in rows),
        "rises_dated": len(dated),
        "rises_after_a_rival": sum(bool(r["raised_before"]) for r in dated),
        "statement_days": len(days),
        "statement_days_after_a_rival": sum(after),
        "window": WINDOW,
    }


def result(asked: Asked) -> dict[str, Any]:
    """Return the cases and their counts.

    Returns
    -------
    dict
        ``cases``, ``summary``, ``estimable`` (false) and ``sentence``.
    """
    also = model_series("reaction", "ai", asked.data)
    told = history(load_episode("ai", asked.as_of, asked.data, also=also))
    rows = cases(told)
    s = summary(rows, told)
    sentence = (
        f"Of {s['alike']} comparable revisions of the five firms {s['rises']} are rises and {s['cuts']} "
        "cuts: an outcome that does not vary, or hardly, cannot be estimated. They are shown case by case."
    )
    return {"cases": rows, "summary": s, "estimable": False, "sentence": sentence}
