"""From where AI's sub-forecasts are made: quarters of the five firms, and the day each was known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from overbuild.core import Snapshot
from overbuild.core.periods import label, ordinal
from overbuild.episodes import Episode, load_episode
from overbuild.games.guidance_cases import SERIES

FIRST = "2019Q4"
HORIZONS = (1, 2, 4)
"""Quarters ahead that are scored."""
FLOWS = ("capex", "operating_cash_flow")
BILLION = 1e3


@dataclass(frozen=True)
class Origin:
    """A last known quarter, and the first day on which both flows of all five firms were known."""

    period: str
    day: str

    def ahead(self, horizon: int) -> str:
        """Return the quarter so many ahead."""
        return label(ordinal(self.period) + horizon, "Q")


def episode_on(day: str, data: Path | None) -> Episode:
    """Return AI as known on a day, with guidance on capex among its series."""
    return load_episode("ai", date.fromisoformat(day), data, also=SERIES)


def known_flows(snapshot: Snapshot) -> dict[str, dict[str, float]]:
    """Return flow to quarter to USD billion, where it is known."""
    history = snapshot.history("capex")
    return {
        flow: {
            t: float(x) / BILLION
            for t, x in zip(history.time, history.layer(flow)[0], strict=True)
            if np.isfinite(x)
        }
        for flow in FLOWS
    }


def origins(episode: Episode) -> tuple[Origin, ...]:
    """Return every origin from `FIRST` on of which a quarter ahead has come.

    The days come from the dates of availability alone, not from any value.
    """
    came = known_flows(episode.snapshot)["capex"]
    table = episode.snapshot.table
    firms = episode.perimeter["firms"]
    rows = table.loc[
        table["series"].isin(["operating_cash_flow", *firms.values()])
        & table["entity"].isin(list(firms))
        & (table["frequency"] == "Q")
    ]
    days = rows.groupby("period")["available_from"].max()
    quarters = [q for q in sorted(came, key=ordinal) if ordinal(q) >= ordinal(FIRST)]
    made = (Origin(q, days[q].isoformat()) for q in quarters)
    return tuple(o for o in made if o.ahead(1) in came)
