"""Capital of one era on draws: spending rolled through the inventory, and what it must earn.

Spending is split over assets, completed late, scrapped by age, and revalued at falling prices
(`overbuild.models.inventory`); what is in use must earn its user cost and its running cost
(`overbuild.models.required_revenue`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import PER_YEAR, frequency_of, label, ordinal, span
from overbuild.models.capital_draws import Parameters
from overbuild.models.eras import Era
from overbuild.models.installed import Installed
from overbuild.models.inventory import Inventory, inventory, make_kernels, with_past
from overbuild.models.reported import Reported
from overbuild.models.required_revenue import Required, required_revenue, required_when_completed
from overbuild.models.revenue_bounds import RevenueBounds

type Array = NDArray[np.float64]

RECORD_YEARS = 30
"""Spending before the record is added until so many years are covered: older vintages hardly survive."""


@dataclass(frozen=True, eq=False)
class CapitalData:
    """What the model sees of one era as of a day.

    Attributes
    ----------
    episode, as_of, digest, label
        The snapshot's.
    era
        Its flows and assets.
    recorded
        Labels of the periods on record.
    spent
        Spending on record, shape (flow, period).
    revenue
        Bounds on AI revenue; None for an era without.
    reported
        The firms whose accounts say over which life capital is written off.
    installed
        Chips as an outside source counts them; None where none does.
    """

    episode: str
    as_of: date
    digest: str
    label: str
    era: Era
    recorded: tuple[str, ...]
    spent: Array
    revenue: RevenueBounds | None
    reported: tuple[Reported, ...]
    installed: Installed | None


@dataclass(frozen=True, eq=False)
class CapitalStock:
    """Capital of one era on draws.

    Attributes
    ----------
    data
        What it was made from.
    periods
        Labels of all periods of ``inventory``, those before the record included.
    spent
        Spending on record and, in a projection, after it, shape (flow, period).
    parameters, inventory
        Draws, and what they make of the spending.
    """

    data: CapitalData
    periods: tuple[str, ...]
    spent: Array
    parameters: Parameters
    inventory: Inventory

    @property
    def episode(self) -> str:
        """Name of the era."""
        return self.data.episode

    @property
    def assets(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.data.era.assets

    @property
    def record(self) -> str:
        """First period of the record."""
        return self.data.recorded[0]

    @property
    def revenue(self) -> RevenueBounds | None:
        """Bounds on AI revenue; None for an era without."""
        return self.data.revenue

    @property
    def per_year(self) -> int:
        """Periods a year."""
        return PER_YEAR[frequency_of(self.periods[0])]

    def required(self, at: int = -1) -> Required:
        """Return what the capital in use must earn a year."""
        return required_revenue(self.inventory, self.parameters.terms, at)

    def required_when_completed(self) -> Required:
        """Return the same once what is in progress is in use too."""
        return required_when_completed(self.inventory, self.parameters.terms)

    def cover(self) -> tuple[Array, Array] | None:
        """Return cover at the lower and at the upper bound of revenue, shape (draw,) each."""
        if self.revenue is None:
            return None
        needed = self.required()
        return needed.cover(self.revenue.low), needed.cover(self.revenue.high)

    def project(self, until: str, growth: float) -> CapitalStock:
        """Return the same era with spending continued to a period.

        Parameters
        ----------
        until
            Last period, of the frequency of the record.
        growth
            Growth a year of spending, from its level over the last year on record.
        """
        last = ordinal(self.periods[-1])
        if ordinal(until) <= last:
            raise ValueError(f"'{until}' is not after the last period on record, {self.periods[-1]}.")
        ahead = np.arange(1, ordinal(until) - last + 1) / self.per_year
        level = self.spent[:, -self.per_year :].mean(axis=1, keepdims=True)
        middle = (self.per_year - 1) / 2 / self.per_year
        spent = np.concatenate([self.spent, level * (1 + growth) ** (ahead + middle)], axis=1)
        periods = span(self.periods[0], until)
        made = roll(spent, periods, self.record, self.parameters)
        return replace(self, spent=spent, periods=periods, inventory=made)


def stock(data: CapitalData, parameters: Parameters) -> CapitalStock:
    """Return the capital that draws make of what was spent."""
    first, frequency = data.recorded[0], frequency_of(data.recorded[0])
    before = max(0, RECORD_YEARS * PER_YEAR[frequency] - len(data.recorded))
    periods = span(label(ordinal(first) - before, frequency), data.recorded[-1])
    return CapitalStock(data, periods, data.spent, parameters, roll(data.spent, periods, first, parameters))


def roll(spent: Array, periods: tuple[str, ...], record: str, parameters: Parameters) -> Inventory:
    """Roll the spending of every draw through the inventory."""
    per_year = PER_YEAR[frequency_of(record)]
    before = ordinal(record) - ordinal(periods[0])
    by_flow = np.broadcast_to(spent.T[None], (parameters.lag.shape[0], *spent.T.shape))
    longer = with_past(by_flow, parameters.growth_before[:, None] / per_year, before)
    if parameters.ai_share is not None:
        longer = longer * _share_path(parameters.ai_share, periods)[:, :, None]
    by_class = np.einsum("dtf,dfc->dtc", longer, parameters.split)
    terms = parameters.terms
    kernels = make_kernels(
        terms.median_life,
        terms.shape,
        parameters.lag,
        lag_shape=parameters.lag_shape,
        periods=len(periods),
        per_year=per_year,
    )
    return inventory(by_class, kernels)


def _share_path(ai_share: tuple[Array, str, str], periods: tuple[str, ...]) -> Array:
    """Return the share of spending that serves AI, shape (draw, period)."""
    ends, first, last = ai_share
    along = (np.array([ordinal(p) for p in periods]) - ordinal(first)) / (ordinal(last) - ordinal(first))
    return ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * np.clip(along, 0, 1)[None, :]
