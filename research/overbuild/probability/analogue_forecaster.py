"""The list of past booms as a forecaster of the one event that its labels are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from overbuild.core import Event, Forecast, Snapshot
from overbuild.probability.analogues import (
    by_cluster,
    counted,
    settled_booms,
    votes_of,
)
from overbuild.probability.beta_binomial import nodes
from overbuild.probability.choices import AnalogueChoices
from overbuild.probability.conditional_rates import AT
from overbuild.probability.learning import LEVELS, evidence_of, learnt
from overbuild.probability.physical import EVENT, PHYSICAL_OVERBUILD
from overbuild.probability.selection import clustered_points, true_rate

NOT_ITS_EVENT = (
    f"the list of booms says which were {EVENT}; its labels measure neither a fall of spending nor cash, a "
    "gap, a price or a given rate of utilisation by a date"
)


@dataclass(frozen=True)
class AnalogueForecaster:
    """Forecasts ``physical_overbuild``; abstains from O1 to O5 and the composite.

    Only booms whose outcome was known by the snapshot's day count, and none whose outcome is open. The
    probability is the posterior mean under the reading, its spread the 5 %, 50 % and 95 % points of the
    interval by cluster that the choices name. Selection (psi) and the reading of labels move it more than
    that spread: see `analogue_rate`.
    """

    choices: AnalogueChoices = field(default_factory=AnalogueChoices)
    name: str = "analogues"

    @property
    def needs(self) -> tuple[str, ...]:
        """What the snapshot must hold."""
        return ("booms",)

    def forecast(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event, in the order given."""
        return tuple(self._one(snapshot, event) for event in events)

    def _one(self, snapshot: Snapshot, event: Event) -> Forecast:
        named = event.name.split(" by ")[0]
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        reason, booms = NOT_ITS_EVENT, snapshot.booms
        if event.id == PHYSICAL_OVERBUILD:
            reason = f"no past boom's outcome was known by {snapshot.as_of}"
            if booms is not None and "overbuilt" in booms and set(booms["overbuilt"]) - {"open"}:
                return self._speak(snapshot, event, settled_booms(booms), status)
        return Forecast(named, event.by, snapshot.as_of, self.name, None, abstains=reason, status=status)

    def _speak(self, snapshot: Snapshot, event: Event, booms: pd.DataFrame, status: str) -> Forecast:
        given, reading = self.choices, self.choices.reading
        overbuilt, votes = by_cluster(booms, *votes_of(booms, reading, given.certainty))
        low, mid, high = clustered_points(overbuilt, votes, reading.psi, AT, given)
        before = true_rate(nodes(given.rate, LEVELS.size), reading.psi).var()
        after = clustered_points(overbuilt, votes, reading.psi, LEVELS, given).var()
        return Forecast(
            event.name.split(" by ")[0],
            event.by,
            snapshot.as_of,
            self.name,
            counted(booms, reading, given).mean,
            spread=(float(low), float(mid), float(high)),
            evidence=evidence_of(float(learnt(before, after)), given.least_learnt, "direct"),
            status=status,
        )
