"""How much AI earns: two bounds on what is not disclosed, from the run rates that firms announce.

Laboratories sell models and pay clouds for the computing; clouds sell computing, much of it to laboratories.
The same dollar may be in both. The lower bound takes all of the smaller layer to be paid out of the larger,
so that AI earns the larger of the two sums; the upper bound takes nothing to be counted twice. Neither holds
what firms earn by using AI themselves, which has no price, nor clouds that do not announce it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.errors import InputError

if TYPE_CHECKING:
    from overbuild.core.snapshot import Snapshot

LAYERS = {
    "laboratories": ("OpenAI", "Anthropic", "xAI"),
    "clouds": ("Microsoft AI business", "AWS AI services"),
}
"""Amazon's custom silicon is left out: it is sold inside AWS, and half of it does not serve AI."""


@dataclass(frozen=True)
class RevenueBounds:
    """AI revenue a year, in USD million, as announced by a day.

    Attributes
    ----------
    low, high
        The bounds.
    layers
        Layer to sum of its latest run rates.
    latest
        One row a seller: its latest run rate, the day to which it refers, and its grade.
    """

    low: float
    high: float
    layers: dict[str, float]
    latest: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        columns = ["entity", "period", "value", "grade"]
        rows = pd.DataFrame(self.latest, columns=pd.Index(columns)).to_dict("records")
        return {"low": self.low, "high": self.high, "layers": dict(self.layers), "latest": rows}


def revenue_bounds(snapshot: Snapshot) -> RevenueBounds:
    """Return the bounds as of the snapshot's day; grade D is in no snapshot.

    Raises
    ------
    InputError
        If no seller had announced a run rate by then.
    """
    rows = snapshot.table.loc[snapshot.table["series"] == "ai_run_rate"]
    rows = rows.loc[rows["entity"].isin([e for layer in LAYERS.values() for e in layer])]
    if rows.empty:
        raise InputError(
            f"No AI run rate was known on {snapshot.as_of}: required revenue has no counterpart."
        )
    latest = rows.sort_values("period_end", kind="stable").groupby("entity", sort=True).tail(1)
    sums = {
        name: float(np.sum(latest.loc[latest["entity"].isin(members), "value"]))
        for name, members in LAYERS.items()
    }
    return RevenueBounds(max(sums.values()), sum(sums.values()), sums, latest)
