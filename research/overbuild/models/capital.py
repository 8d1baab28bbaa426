"""Capital by asset and what it must earn, on draws: one model for both eras, only data and priors differ.

Spending of a snapshot is split over assets, completed late, scrapped by age, and revalued at falling prices
(`overbuild.models.inventory`); what is in use must earn its user cost and its running cost
(`overbuild.models.required_revenue`). Neither the split nor economic lives nor AI revenue are observed, so
this is arithmetic on stated priors and not a fitted likelihood: its bands are those of the priors, and what
it answers is what must be true. The one part that data speak about, accounting lives, is
`overbuild.models.accounting_life`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import PER_YEAR, frequency_of, label, ordinal, span
from overbuild.models import draws_of
from overbuild.models.eras import Era, era_of, spending
from overbuild.models.inventory import Inventory, inventory, make_kernels, with_past
from overbuild.models.required_revenue import Required, Terms, required_revenue
from overbuild.models.revenue_bounds import RevenueBounds, revenue_bounds

if TYPE_CHECKING:
    from overbuild.core.snapshot import Snapshot
    from overbuild.models.priors import Priors

type Array = NDArray[np.float64]

RECORD_YEARS = 30
"""Spending before the record is added until so many years are covered: older vintages hardly survive."""


@dataclass(frozen=True, eq=False)
class Parameters:
    """Draws of what the data do not show.

    Attributes
    ----------
    terms
        Cost of capital, price falls, lives, opex.
    split
        Shape (draw, flow, class).
    lag
        Mean years from spending to use, shape (draw, class): one number a draw.
    lag_shape
        Gamma shape of the lag.
    ai_share
        Shares before and after the ramp, shape (draw, 2), and its first and last quarter; None where all
        spending counts.
    growth_before
        Log growth a year before the record, shape (draw,).
    """

    terms: Terms
    split: Array
    lag: Array
    lag_shape: float
    ai_share: tuple[Array, str, str] | None
    growth_before: Array


@dataclass(frozen=True, eq=False)
class CapitalPosterior:
    """Capital of one era as of a day.

    Attributes
    ----------
    episode, as_of, digest, label
        The snapshot's.
    periods
        Labels of all periods of ``inventory``, those before the record included.
    record
        First period of the record.
    assets
        Names of the classes.
    spent
        Spending on record, shape (flow, period from ``record``).
    parameters, inventory
        Draws, and what they make of the spending.
    revenue
        Bounds on AI revenue; None for an era without.
    """

    episode: str
    as_of: date
    digest: str
    label: str
    periods: tuple[str, ...]
    record: str
    assets: tuple[str, ...]
    spent: Array
    parameters: Parameters
    inventory: Inventory
    revenue: RevenueBounds | None

    @property
    def per_year(self) -> int:
        """Periods a year."""
        return PER_YEAR[frequency_of(self.periods[0])]

    def required(self, at: int = -1) -> Required:
        """Return what the capital in use must earn a year."""
        return required_revenue(self.inventory, self.parameters.terms, at)

    def cover(self) -> tuple[Array, Array] | None:
        """Return cover at the lower and at the upper bound of revenue, shape (draw,) each."""
        if self.revenue is None:
            return None
        needed = self.required()
        return needed.cover(self.revenue.low), needed.cover(self.revenue.high)

    def project(self, until: str, growth: float) -> CapitalPosterior:
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
        future = level * (1 + growth) ** (ahead + middle)
        spent = np.concatenate([self.spent, future], axis=1)
        periods = span(self.periods[0], until)
        made = _roll(spent, periods, self.record, self.parameters)
        fields = {**self.__dict__, "spent": spent, "periods": periods, "inventory": made}
        return CapitalPosterior(**fields)


@dataclass(frozen=True)
class CapitalModel:
    """The model: its priors and how many draws it takes.

    Attributes
    ----------
    priors
        All priors; those that could be held on the snapshot's day are used, and others refused.
    draws
        Number of draws.
    """

    priors: Priors
    draws: int = 1000

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> CapitalPosterior:
        """Build the capital of a snapshot's era.

        Raises
        ------
        InputError
            If too little spending is known, no AI revenue was announced, or a prior could not be held yet.
        """
        era = era_of(snapshot.episode)
        record, spent = spending(snapshot, era)
        revenue = revenue_bounds(snapshot) if era.revenue else None
        parameters = draw_parameters(self.priors.at(snapshot.as_of), era, self.draws, rng)
        per_year = PER_YEAR[frequency_of(record[0])]
        before = max(0, RECORD_YEARS * per_year - len(record))
        start = label(ordinal(record[0]) - before, frequency_of(record[0]))
        periods = span(start, record[-1])
        made = _roll(spent, periods, record[0], parameters)
        return CapitalPosterior(
            snapshot.episode,
            snapshot.as_of,
            snapshot.digest,
            snapshot.label,
            periods,
            record[0],
            era.assets,
            spent,
            parameters,
            made,
            revenue,
        )


def draw_parameters(priors: Priors, era: Era, draws: int, rng: np.random.Generator) -> Parameters:
    """Draw everything that the data do not show."""

    def logs(name: str) -> Array:
        return draws_of.lognormal(priors.value(f"capital.{name}"), draws, rng)

    lives = np.stack([logs(f"life_{a}") for a in era.assets], axis=1)
    falls = [draws_of.normal(priors.value(f"capital.price_fall_{a}"), draws, rng) for a in era.assets]
    shape = np.repeat(logs("weibull_shape")[:, None], len(era.assets), axis=1)
    opex = logs("opex") if era.revenue else np.zeros(draws)
    terms = Terms(logs("cost_of_capital"), np.stack(falls, axis=1), lives, shape, opex)
    certainty = priors.value("capital.split_certainty")
    split = [
        draws_of.shares(priors.value(f"capital.split_{f.split}"), certainty, era.assets, draws, rng)
        for f in era.flows
    ]
    lag = np.repeat(logs("completion_lag")[:, None], len(era.assets), axis=1)
    growth = draws_of.normal(priors.value("capital.growth_before"), draws, rng)
    ai_share = _ai_share(priors, draws, rng) if any(f.part == "ai" for f in era.flows) else None
    return Parameters(
        terms, np.stack(split, axis=1), lag, priors.value("capital.lag_shape"), ai_share, growth
    )


def _ai_share(priors: Priors, draws: int, rng: np.random.Generator) -> tuple[Array, str, str]:
    ends = [
        draws_of.beta(priors.value(f"capital.ai_share_{when}"), draws, rng) for when in ("before", "after")
    ]
    ramp = priors.value("capital.ai_share_ramp")
    return np.stack(ends, axis=1), ramp["first"], ramp["last"]


def _roll(spent: Array, periods: tuple[str, ...], record: str, parameters: Parameters) -> Inventory:
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
