"""What the model of capital has learnt and what it makes of what it could not learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from overbuild.core.forecast import Forecast
from overbuild.models.accounting_life import AccountingLife
from overbuild.models.capital_draws import Parameters
from overbuild.models.capital_findings import billion, findings_of, points
from overbuild.models.capital_stock import CapitalData, CapitalStock, stock
from overbuild.models.sampler import Sampled

if TYPE_CHECKING:
    from overbuild.core.events import Event
    from overbuild.core.snapshot import Snapshot

MOST_ROLLED = 1000
"""Draws that are rolled through the inventory; all are kept."""
ABSTAINS = {
    "O1": "it asks for a cohort's cash over its life, which takes paths of use and price: the simulation "
    "judges it. Whether capital in use earns its cost now is among the findings, as a proxy",
    "O2": "this model holds no path of demand and no observed use of capacity",
    "O3": "spending is given to this model, not forecast by it",
    "O4": "this model holds no demand to compare capital with",
    "O5": "falls of price are priors of this model, not forecasts",
    "composite": "its part O1 takes paths of use and price, which this model does not hold",
}


@dataclass(frozen=True, eq=False)
class CapitalPosterior:
    """Capital of one era as of a day.

    Attributes
    ----------
    data
        What it was learnt from.
    sampled
        All draws.
    lives
        Exact posteriors of the accounting lives, one a firm.
    parameters
        The draws that are rolled through the inventory.
    """

    data: CapitalData
    sampled: Sampled
    lives: tuple[AccountingLife, ...]
    parameters: Parameters

    @property
    def compile_seconds(self) -> float:
        """Nothing is compiled."""
        return 0.0

    @cached_property
    def stock(self) -> CapitalStock:
        """Spending rolled through the inventory."""
        return stock(self.data, self.parameters)

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return stocks, charges, cover, levers, accounting lives and the outside count, as plain values."""
        return findings_of(self.stock, self.lives, rng)

    def sentence(self) -> str:
        """Say what was found."""
        held, needed = self.stock, self.stock.required()
        total = held.inventory.capital[:, -1].sum(axis=1)
        charge = points(needed.charge.sum(axis=1) / total)
        said = (
            f"Capital in use of '{held.episode}' in {held.periods[-1]}: USD {billion(points(total))} bn, in "
            f"progress {billion(points(held.inventory.in_progress[:, -1].sum(axis=1)))}. Before running cost "
            f"it must earn {100 * charge['q50']:.0f} % of its cost a year ({100 * charge['q05']:.0f}-"
            f"{100 * charge['q95']:.0f})."
        )
        cover, revenue = held.cover(), held.revenue
        if cover is None or revenue is None:
            return f"{said} Bands are those of the priors; {self.data.label}."
        low, high = (points(c)["q50"] for c in cover)
        return (
            f"{said} With running cost: {billion(points(needed.total))}, and "
            f"{billion(points(held.required_when_completed().total))} once what is in progress is in use. AI "
            f"revenue lies between {revenue.low / 1e3:.0f} and {revenue.high / 1e3:.0f}: cover {low:.2f} to "
            f"{high:.2f}. Bands are those of the priors."
        )

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Abstain from every event, with the reason."""
        del rng
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        return tuple(
            Forecast(
                e.definition,
                e.by,
                snapshot.as_of,
                "capital",
                None,
                evidence="prior-driven",
                abstains=ABSTAINS[e.id],
                status=status,
            )
            for e in events
        )
