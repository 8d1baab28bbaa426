"""The list of past booms as a forecaster of the one event that its labels are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from overbuild.core import Event, Forecast, Snapshot
from overbuild.probability.analogue_rate import (
    EVENT,
    PHYSICAL_OVERBUILD,
    Reading,
    analogue_rate,
    posterior_points,
)

NOT_ITS_EVENT = (
    f"the list of booms says which were {EVENT}; its labels measure neither a fall of spending nor cash, a "
    "gap, a price or a given rate of utilisation by a date"
)


@dataclass(frozen=True)
class AnalogueForecaster:
    """Forecasts ``physical_overbuild``; abstains from O1 to O5 and the composite.

    Only booms whose outcome was known by the snapshot's day count, and none whose outcome is open. The
    probability is the posterior mean under the reading, its spread the posterior's 5 %, 50 % and 95 % points.
    Selection (psi) and the reading of labels move it more than that spread: see `analogue_rate`.
    """

    reading: Reading = field(default_factory=Reading)
    name: str = "analogues"

    @property
    def needs(self) -> tuple[str, ...]:
        """What the snapshot must hold."""
        return ("booms",)

    def forecast(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event, in the order given."""
        return tuple(self._one(snapshot, event, rng) for event in events)

    def _one(self, snapshot: Snapshot, event: Event, rng: np.random.Generator) -> Forecast:
        named = event.name.split(" by ")[0]
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        reason, booms = NOT_ITS_EVENT, snapshot.booms
        if event.id == PHYSICAL_OVERBUILD:
            reason = f"no past boom's outcome was known by {snapshot.as_of}"
            if booms is not None and "overbuilt" in booms and set(booms["overbuilt"]) - {"open"}:
                counted = analogue_rate(booms, rng, self.reading, subset_draws=1).posterior
                (median,) = posterior_points(counted.overbuilt, counted.votes, self.reading.psi, [0.5])
                spread = (counted.interval[0], float(median), counted.interval[1])
                return Forecast(
                    named, event.by, snapshot.as_of, self.name, counted.mean, spread=spread, status=status
                )
        return Forecast(named, event.by, snapshot.as_of, self.name, None, abstains=reason, status=status)
