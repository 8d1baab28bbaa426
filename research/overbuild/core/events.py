"""Dated events: a judgement on a path, the same for what happened and for what may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from overbuild.core.judging import RULES, Judgement
from overbuild.core.paths import Paths
from overbuild.core.periods import PER_YEAR, containing, label, ordinal, period_end
from overbuild.core.snapshot import Snapshot
from overbuild.core.verdicts import Verdicts, both, either
from overbuild.errors import UnknownNameError

COMPOSITE = "composite"


@dataclass(frozen=True)
class Event:
    """One dated event: a definition and the period by whose end it must have happened.

    Attributes
    ----------
    id
        ``O1`` ... ``O5`` or ``composite``.
    variant
        ``primary`` or the name of a variant.
    layer
        The layer that decides it; empty for the composite.
    by
        Label of the last period that counts (``2028Q4``, ``2002``); empty: as far as the path goes.
    rule
        Name of the function of `overbuild.core.judging` that decides it, or ``composite``.
    thresholds
        Numbers of the rule, from ``data/definitions.toml``.
    needs
        Layers without which nothing can be said.
    title
        One line in plain words.
    parts
        For the composite: (O1, O2, O3), taken as O1 and (O2 or O3).
    """

    id: str
    variant: str
    layer: str
    rule: str
    by: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    title: str = ""
    parts: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        if self.rule != COMPOSITE and self.rule not in RULES:
            raise UnknownNameError("rule", self.rule, (*RULES, COMPOSITE))
        if (self.rule == COMPOSITE) != (len(self.parts) == 3):
            raise ValueError("A composite has the three parts O1, O2, O3; no other event has parts.")
        object.__setattr__(self, "thresholds", MappingProxyType(dict(self.thresholds)))

    @property
    def name(self) -> str:
        """``O3``, ``O3/severe``, ``O3 by 2028Q4``."""
        variant = "" if self.variant == "primary" else f"/{self.variant}"
        return f"{self.id}{variant}" + (f" by {self.by}" if self.by else "")

    def dated(self, by: str) -> Event:
        """Return the same event with another end; a composite dates its parts too."""
        return replace(self, by=by, parts=tuple(p.dated(by) for p in self.parts))

    def with_thresholds(self, **changed: float) -> Event:
        """Return the same event with some thresholds changed."""
        unknown = [k for k in changed if k not in self.thresholds]
        if unknown:
            raise UnknownNameError("threshold", unknown[0], tuple(self.thresholds))
        return replace(self, thresholds={**self.thresholds, **changed})

    def judge(self, paths: Paths) -> Verdicts:
        """Decide the event on each draw, with variables up to ``by`` only.

        A path that ends before ``by`` can make the event true, never false. A layer that is missing makes it
        unknown.
        """
        if self.rule == COMPOSITE:
            return self._judge_composite(paths)
        if self.layer not in paths.values:
            return _unknown(paths.draws, f"no layer '{self.layer}' in these paths")
        by = self._last_period(paths)
        if ordinal(by) < ordinal(paths.time[0]):
            return _unknown(paths.draws, f"the paths start after {by}")
        seen = paths.until(by)
        judgement = RULES[self.rule](seen.layer(self.layer), seen.per_year, self.thresholds)
        reason = f"'{self.layer}' is not observed closely enough to decide"
        if self.by and ordinal(paths.time[-1]) < ordinal(by):
            judgement = judgement._replace(holds=np.where(judgement.holds == 1, 1.0, np.nan))
            reason = f"'{self.layer}' is known to {paths.time[-1]} and the event may happen until {by}"
        return _verdicts(judgement, seen.time, reason)

    def possible(self, snapshot: Snapshot) -> bool:
        """Return whether arithmetic leaves the event open (or already true) given what is known.

        Excluded are: a trailing year that cannot fall far enough even if nothing more is spent; a run of low
        utilisation that is longer than the time left, counting the shortest time in which utilisation can fall
        from its last level (threshold ``shortest_fall_years``). Where the history of a layer is not known,
        the event is possible.
        """
        if self.rule == COMPOSITE:
            cash, physical, spending = self.parts
            return cash.possible(snapshot) and (physical.possible(snapshot) or spending.possible(snapshot))
        try:
            history = snapshot.history(self.layer)
        except UnknownNameError:
            return True
        if not self.by or self.judge(history).holds[0] == 1:
            return True
        left = ordinal(self._last_period(history)) - ordinal(history.time[-1])
        if self.rule == "drawdown":
            return self._worst_case_holds(history, left)
        if self.rule == "low_utilisation":
            return self._long_enough(history, left)
        return True

    def _last_period(self, paths: Paths) -> str:
        return containing(period_end(self.by), paths.frequency) if self.by else paths.time[-1]

    def _judge_composite(self, paths: Paths) -> Verdicts:
        cash, physical, spending = (p.judge(paths) for p in self.parts)
        holds = both(cash.holds, either(physical.holds, spending.holds))
        decisive = np.where(physical.holds == 1, physical.when, spending.when)
        when = np.where(holds == 1, np.where(cash.when > decisive, cash.when, decisive), "")
        reasons = [f"{p.id}: {v.why_unknown}" for p, v in zip(self.parts, (cash, physical, spending), strict=True) if np.isnan(v.holds).any()]
        return Verdicts(holds, np.full(paths.draws, np.nan), when, "; ".join(reasons))

    def _worst_case_holds(self, history: Paths, left: int) -> bool:
        if left <= 0:
            return False
        future = np.zeros((1, left))
        worst = np.concatenate([history.layer(self.layer)[:1], future], axis=1)
        return bool(RULES[self.rule](worst, history.per_year, self.thresholds).holds[0] == 1)

    def _long_enough(self, history: Paths, left: int) -> bool:
        u = history.layer(self.layer)[0]
        known = np.flatnonzero(np.isfinite(u))
        if not known.size:
            return True
        need = round(self.thresholds["years"] * PER_YEAR[history.frequency])
        already_low = u[known[-1]] < self.thresholds["ratio"]
        fall = 0 if already_low else round(self.thresholds.get("shortest_fall_years", 0.0) * PER_YEAR[history.frequency])
        since_known = len(u) - 1 - known[-1]
        return left + since_known >= max(fall - 1, 0) + need - int(already_low)


def horizon(day_or_year: str, frequency: str) -> str:
    """Return the period of a frequency that ends with a year or a quarter (``2028`` as ``2028Q4``)."""
    return containing(period_end(day_or_year), frequency)


def years_after(period: str, years: int) -> str:
    """Return the period that lies a number of years later on the same frequency."""
    frequency = "Q" if "Q" in period else "M" if "-" in period else "A"
    return label(ordinal(period) + years * PER_YEAR[frequency], frequency)


def _verdicts(judgement: Judgement, time: tuple[str, ...], reason: str) -> Verdicts:
    labels: NDArray[np.str_] = np.array([time[i] if i >= 0 else "" for i in judgement.first], dtype=str)
    unknown = bool(np.isnan(judgement.holds).any())
    return Verdicts(judgement.holds, judgement.value, labels, reason if unknown else "")


def _unknown(draws: int, reason: str) -> Verdicts:
    nothing = np.full(draws, np.nan)
    return Verdicts(nothing, nothing.copy(), np.full(draws, "", dtype=str), reason)
