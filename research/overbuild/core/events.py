"""Dated events: a judgement on a path, the same for what happened and for what may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from overbuild.core.bounds import BOUNDS
from overbuild.core.frozen import Frozen
from overbuild.core.judging import RULES, STATES, Judgement
from overbuild.core.paths import Paths
from overbuild.core.periods import frequency_of, horizon, ordinal
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
    rule
        Name of the function of `overbuild.core.judging` that decides it, or ``composite``.
    by
        Label of the last period that counts (``2028Q4``, ``2002``); empty: as far as the path goes.
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
        if len(self.parts) != (3 if self.rule == COMPOSITE else 0):
            raise ValueError("A composite has the three parts O1, O2, O3; no other event has parts.")
        if self.by:
            frequency_of(self.by)
        object.__setattr__(self, "thresholds", Frozen(self.thresholds))

    @property
    def definition(self) -> str:
        """``O3`` or ``O3/severe``: the event without its date."""
        return self.id if self.variant == "primary" else f"{self.id}/{self.variant}"

    @property
    def name(self) -> str:
        """``O3``, ``O3/severe``, ``O3 by 2028Q4``."""
        return self.definition + (f" by {self.by}" if self.by else "")

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

        A path that ends before ``by`` can make the event true, never false; a state at ``by`` (O1, O4) it
        leaves unknown. A layer that is missing makes the event unknown. On annual paths a ``by`` within a
        year means the year before.
        """
        if self.rule == COMPOSITE:
            return self._judge_composite(paths)
        if self.layer not in paths.layers:
            return _unknown(paths.draws, f"no layer '{self.layer}' in these paths")
        by = self._last_period(paths)
        if ordinal(by) < ordinal(paths.time[0]):
            return _unknown(paths.draws, f"the paths start after {by}")
        seen = paths.until(by)
        judgement = RULES[self.rule](seen.layer(self.layer), seen.per_year, self.thresholds)
        reason = f"'{self.layer}' is not observed closely enough to decide"
        if ordinal(paths.time[-1]) < ordinal(by):
            judgement = _only_what_stands(judgement, self.rule)
            reason = f"'{self.layer}' is known to {paths.time[-1]} and the event may happen until {by}"
        return _verdicts(judgement, seen.time, reason)

    def possible(self, snapshot: Snapshot) -> bool:
        """Return whether arithmetic leaves the event open (or already true) given what is known.

        Excluded are, by `overbuild.core.bounds`: a trailing year that cannot fall far enough even if nothing
        more is spent; a run of low utilisation, or of fast falls of the price, that is longer than the time
        left. What counts as known ends with the layer's own last value. Where the history of a layer is not
        known, the event is possible.
        """
        if self.rule == COMPOSITE:
            cash, physical, spending = self.parts
            return cash.possible(snapshot) and (physical.possible(snapshot) or spending.possible(snapshot))
        if not self.by or self.rule not in BOUNDS or not snapshot.has_history(self.layer):
            return True
        history = snapshot.history(self.layer)
        by = self._last_period(history)
        if ordinal(by) < ordinal(history.time[0]):
            return True
        left = max(ordinal(by) - ordinal(history.time[-1]), 0)
        rows = history.until(by).layer(self.layer)
        return any(BOUNDS[self.rule](row, left, history.per_year, self.thresholds) for row in rows)

    def _last_period(self, paths: Paths) -> str:
        return horizon(self.by, paths.frequency) if self.by else paths.time[-1]

    def _judge_composite(self, paths: Paths) -> Verdicts:
        parts = tuple(p.judge(paths) for p in self.parts)
        cash, physical, spending = parts
        holds = both(cash.holds, either(physical.holds, spending.holds))
        earlier = np.where(physical.when < spending.when, physical.when, spending.when)
        one_of_two = np.where(
            physical.holds != 1, spending.when, np.where(spending.holds != 1, physical.when, earlier)
        )
        when = np.where(holds == 1, np.where(cash.when > one_of_two, cash.when, one_of_two), "")
        undecided = np.isnan(holds)
        reasons = [
            f"{p.definition}: {v.why_unknown}"
            for p, v in zip(self.parts, parts, strict=True)
            if (undecided & np.isnan(v.holds)).any()
        ]
        return Verdicts(holds, np.full(paths.draws, np.nan), when, "; ".join(reasons))


def _only_what_stands(judgement: Judgement, rule: str) -> Judgement:
    """Return what a path that stops early decides: an event once met stays met, a state may still change."""
    stands = (judgement.holds == 1) & (rule not in STATES)
    return judgement._replace(
        holds=np.where(stands, 1.0, np.nan), first=np.where(stands, judgement.first, -1)
    )


def _verdicts(judgement: Judgement, time: tuple[str, ...], reason: str) -> Verdicts:
    labels: NDArray[np.str_] = np.array([time[i] if i >= 0 else "" for i in judgement.first], dtype=str)
    unknown = bool(np.isnan(judgement.holds).any())
    return Verdicts(judgement.holds, judgement.value, labels, reason if unknown else "")


def _unknown(draws: int, reason: str) -> Verdicts:
    nothing = np.full(draws, np.nan)
    return Verdicts(nothing, nothing, np.full(draws, "", dtype=str), reason)
