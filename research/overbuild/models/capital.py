"""The model of capital and of what it must earn: one for both eras, only data and priors differ.

Two parts. Of the accounts, firms report what they write off: the posterior of accounting lives is exact
(`overbuild.models.accounting_life`). Of the rest, neither the split over assets nor economic lives nor the
share of spending that serves AI nor the cost of running it is observed: these are drawn from stated priors,
and capital (`overbuild.models.capital_stock`) is arithmetic on them. Its bands are those of the priors, and
what it answers is what must be true. No sampler is needed: draws are independent.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.frozen import Frozen
from overbuild.models.accounting_life import (
    PARAMETERS,
    AccountingLife,
    accounting_life,
    fit_grid,
    prior_draws,
    simulate,
)
from overbuild.models.capital_draws import UNSEEN, UNSEEN_OF_REVENUE, labels_of, parameters_of, unseen
from overbuild.models.capital_posterior import MOST_ROLLED, CapitalPosterior
from overbuild.models.capital_stock import CapitalData
from overbuild.models.eras import era_of, spending
from overbuild.models.exact_draws import exact_draws
from overbuild.models.installed import installed
from overbuild.models.reported import Reported, reported_in
from overbuild.models.revenue_bounds import revenue_bounds
from overbuild.models.sampler import Sampled, Sampling

if TYPE_CHECKING:
    from overbuild.core.snapshot import Snapshot
    from overbuild.models.bayesian import Truth
    from overbuild.models.priors import Priors

type Array = NDArray[np.float64]

NAME = "capital"
RANKED = tuple(f"accounting_{name}" for name in PARAMETERS)
NOT_IDENTIFIED = (
    "Not identified, and drawn from their priors: economic lives (of GPUs above all), price falls, the split "
    "of spending over assets, the share of it that serves AI, running cost and cost of capital; of the "
    "accounts, life and completion lag are not told apart."
)


@dataclass(frozen=True)
class CapitalModel:
    """The specification.

    Attributes
    ----------
    priors
        Name, without the model, to value of every prior (`Priors.values`): one that could not be held on the
        day is refused when an era needs it.
    sampling
        How many draws: chains times draws.
    """

    priors: Mapping[str, Any]
    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        if not isinstance(self.priors, Frozen):
            object.__setattr__(self, "priors", Frozen(self.priors))

    @classmethod
    def of(
        cls, priors: Priors, definitions: Mapping[str, Any] | None = None, sampling: Sampling | None = None
    ) -> CapitalModel:
        """Return the model with the priors held on a day; it needs no definitions."""
        del definitions
        return cls(priors.values(NAME), sampling or Sampling())

    @property
    def name(self) -> str:
        """Name under which it is filed."""
        return NAME

    @property
    def ranked(self) -> tuple[str, ...]:
        """The parameters on which data bear: those of the accounts, of shape (firm,)."""
        return RANKED

    @property
    def not_identified(self) -> str:
        """What no amount of such data could tell."""
        return NOT_IDENTIFIED

    def prior(self, name: str) -> Any:
        """Return the value of a prior.

        Raises
        ------
        InputError
            If it could not be held yet on the day.
        """
        return self.priors[name]

    def observed(self, snapshot: Snapshot) -> CapitalData:
        """Return what the model conditions on.

        Raises
        ------
        InputError
            If less than five years of spending are known, or no AI revenue was announced.
        """
        era = era_of(snapshot.episode)
        recorded, spent = spending(snapshot, era)
        return CapitalData(
            snapshot.episode,
            snapshot.as_of,
            snapshot.digest,
            snapshot.label,
            era,
            recorded,
            spent,
            revenue_bounds(snapshot) if era.revenue else None,
            reported_in(snapshot),
            installed(snapshot) if era.revenue else None,
        )

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> CapitalPosterior:
        """Build the capital of a snapshot's era.

        Raises
        ------
        InputError
            If too little spending is known, no AI revenue was announced, or a prior could not be held yet.
        """
        data = self.observed(snapshot)
        sampled = self.fit_data(data, rng)
        number = sampled.draws("life").shape[0]
        rolled = np.unique(np.linspace(0, number - 1, min(number, MOST_ROLLED)).round().astype(int))
        names = (*UNSEEN, *(UNSEEN_OF_REVENUE if data.era.revenue else ()))
        drawn = {name: sampled.draws(name)[rolled] for name in names}
        return CapitalPosterior(data, sampled, self.lives(data), parameters_of(drawn, self.prior, data.era))

    def fit_data(
        self, data: CapitalData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Return independent draws of everything: of the accounts given the data, of the rest as believed."""
        start = time.perf_counter()
        chosen = sampling or self.sampling
        number = chosen.chains * chosen.draws
        drawn = unseen(self.prior, data.era, number, rng)
        each = [life.draws(number, rng) for life in self.lives(data)]
        drawn |= _by_firm(each)
        labels = labels_of(self.prior, data.era, tuple(r.firm for r in data.reported))
        return exact_draws(drawn, time.perf_counter() - start, groups=chosen.chains, labels=labels)

    def lives(self, data: CapitalData) -> tuple[AccountingLife, ...]:
        """Return the exact posteriors of the accounting lives, one a firm."""
        return tuple(accounting_life(r, self.prior) for r in data.reported)

    def prior_draw(self, data: CapitalData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter before the data."""
        drawn = unseen(self.prior, data.era, 1, rng)
        drawn |= _by_firm([prior_draws(r, self.prior, rng) for r in data.reported])
        return {name: values[0] for name, values in drawn.items()}

    def simulated(self, truth: Truth, data: CapitalData, rng: np.random.Generator) -> CapitalData:
        """Return the same spending with accounts as the parameters would have them."""
        again = []
        for k, reported in enumerate(data.reported):
            own = {n: np.atleast_1d(np.asarray(truth[f"accounting_{n}"], dtype=float)[k]) for n in PARAMETERS}
            again.append(replace(reported, written_off=simulate(reported, fit_grid(reported), own, rng)[0]))
        return replace(data, reported=tuple(again))

    def statistics(self, data: CapitalData) -> dict[str, float]:
        """Return, for each firm, growth, level and roughness of what it reported."""
        return {f"{r.firm}: {n}": v for r in data.reported for n, v in _statistics(r).items()}


def _by_firm(each: list[dict[str, Array]]) -> dict[str, Array]:
    """Return the parameters of all firms side by side, shape (draw, firm); none where none reports."""
    if not each:
        return {}
    return {f"accounting_{n}": np.stack([d[n] for d in each], axis=1) for n in PARAMETERS}


def _statistics(reported: Reported) -> dict[str, float]:
    logs = np.log(reported.written_off)
    years = (logs.size - 1) / reported.per_year
    if reported.accounts.measure == "depreciation":
        per_year = reported.per_year
        name = "last year's depreciation over spending"
        level = float(np.sum(reported.written_off[-per_year:]) / np.sum(reported.spent[-per_year:]))
    else:
        name, level = "share written off at the end", float(reported.written_off[-1])
    return {
        "log growth a year": float((logs[-1] - logs[0]) / years),
        name: level,
        "s.d. of log changes": float(np.std(np.diff(logs))),
    }
