"""One specification asked: what each component says of the headline event and of the composite under it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Paths
from overbuild.core.bounds import BOUNDS
from overbuild.core.periods import horizon, ordinal
from overbuild.core.verdicts import both, either
from overbuild.probability.rate_variants import LongView, reading_of
from overbuild.probability.spending_paths import LAYER, spending

type Array = NDArray[np.float64]
type Row = Mapping[str, float | None]

COMPONENTS = ("baserate", "regimes", "quarterly", "simulation")
"""Models whose probabilities of the headline event the curve puts together."""


@dataclass(frozen=True, eq=False)
class Inside:
    """Paths of the inside view under one specification.

    Attributes
    ----------
    capex
        Simulated spending after the last known quarter, shape (path, quarter).
    draw
        Which draw of the inputs made each path.
    judge
        Returns for each path whether an event holds on it: 1, 0 or nan.
    """

    capex: Array
    draw: NDArray[np.int_]
    judge: Callable[[Event], Array]


@dataclass(frozen=True, eq=False)
class Components:
    """What a specification is asked of.

    Attributes
    ----------
    long
        The long series and the sector.
    telecom
        Long series that a specification may leave out.
    ahead
        Model to simulated spending after the last known quarter, shape (path, quarter).
    inside
        Runs the inside view with the factors of a specification; None: there is none.
    spending_event, composite
        The headline event and the core composite, dated.
    """

    long: LongView
    telecom: tuple[str, ...]
    ahead: Mapping[str, Array]
    inside: Callable[[Mapping[str, Any]], Inside] | None
    spending_event: Event
    composite: Event
    _seen: dict[Any, Any] = field(default_factory=dict)

    def ask(self, levels: Mapping[str, Any]) -> dict[str, float | None]:
        """Return the probability of the headline event by component, and of the composite, with errors.

        Keys are `COMPONENTS`, ``composite``, ``simulation_error`` and ``composite_error``; None where a
        component is silent.
        """
        event = self.spending_event.with_thresholds(fall=levels["fall"], window_years=levels["window"])
        history = self.long.snapshot.history(LAYER)
        kind = {"four": levels["perimeter"] == "four_firms", "real": levels["prices"] == "real"}
        found: dict[str, float | None] = {}
        if possible(event, spending(history, **kind)):
            found["baserate"] = self.long.probability(reading_of(levels, self.telecom), event.by)
        else:
            found["baserate"] = 0.0
        for model, ahead in self.ahead.items():
            asked = (model, levels["fall"], levels["window"], *kind.values())
            if asked not in self._seen:
                self._seen[asked] = float(event.judge(spending(history, ahead, **kind)).holds.mean())
            found[model] = self._seen[asked]
        return found | self._inside(levels, event, kind)

    def _inside(
        self, levels: Mapping[str, Any], event: Event, kind: Mapping[str, bool]
    ) -> dict[str, float | None]:
        names = ("simulation", "simulation_error", "composite", "composite_error")
        if self.inside is None:
            return dict.fromkeys(names)
        made = self.inside(levels)
        fallen = spending(self.long.snapshot.history(LAYER), made.capex, **kind)
        cash, physical = (made.judge(part) for part in parts_of(self.composite, levels))
        later = event.dated(self.composite.by)
        together = both(cash, either(physical, later.judge(fallen).holds))
        values = (*share(event.judge(fallen).holds, made.draw), *share(together, made.draw))
        return dict(zip(names, values, strict=True))


def parts_of(composite: Event, levels: Mapping[str, Any]) -> tuple[Event, Event]:
    """Return O1 and O2 of the composite as a specification defines them; its O3 is the headline event."""
    cash, physical, _ = composite.parts
    return cash.with_thresholds(level=levels["value"]), physical.with_thresholds(ratio=levels["use"])


def possible(event: Event, history: Paths) -> bool:
    """Return whether arithmetic leaves a fall of spending open, given what happened."""
    by = horizon(event.by, history.frequency)
    left = max(ordinal(by) - ordinal(history.time[-1]), 0)
    row = history.layer(LAYER)[0]
    return BOUNDS[event.rule](row, left, history.per_year, event.thresholds)


def share(holds: Array, groups: NDArray[np.int_]) -> tuple[float | None, float | None]:
    """Return the share of paths on which an event holds, and its standard error over draws of parameters.

    Paths on which it is not decided are left out; where they are all undecided nothing is said.
    """
    known = np.isfinite(holds)
    if not known.any():
        return None, None
    p = float(holds[known].mean())
    labels = np.unique(groups[known], return_inverse=True)[1]
    count = np.bincount(labels)
    gap = np.bincount(labels, weights=holds[known] - p)
    n = count.size
    error = np.sqrt(n / max(n - 1, 1) * np.sum(gap**2)) / known.sum()
    return p, float(error)
