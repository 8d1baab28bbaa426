"""How decisive capital is for revenue, read from shares, and what that says of the contest beside its prior.

A lead in capital goes with a lead in revenue; the slope of the logs, within firms and beyond their own
trends, is read as the decisiveness r of the contest success function (`overbuild.games.contest_grid`). The
reading is descriptive. Firms that expect to gain share build more, so that r holds the reverse effect; what
moves both is taken out only where it is common to all firms or a firm's own trend; and the capital is that of
the whole firm, for which only a prior allows: the level of r is that prior's as much as the data's. Nothing
in these data speaks to the elasticity of the prize or to the share of it that is a transfer: both are priors,
cut to where the equilibrium exists, and posterior and prior are reported side by side.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.draws import Draws
from overbuild.core.frozen import Frozen
from overbuild.games.contest_data import ContestData, contest_data
from overbuild.games.contest_grid import (
    WHOLE,
    Posterior,
    Priors,
    draw,
    draw_prior,
    mean_and_covariance,
    only_a_part,
    posterior,
    priors_of,
)
from overbuild.games.contest_readings import (
    beside,
    by_elasticity,
    derived,
    overbuild_ratio_draws,
    what_decides,
)
from overbuild.models.clock_grid import Axis
from overbuild.models.exact_draws import exact_draws
from overbuild.models.priors import Priors as PriorFile
from overbuild.models.sampler import Sampled, Sampling

type Array = NDArray[np.float64]

NAME = "contest"
DRAWS = 20_000
"""Draws from prior and posterior of which ratios are made."""
ABSTAINS = "it says how capacity compares with benchmarks in a contest that stands still, and dates nothing"
PARAMETERS = ("decisiveness", "elasticity", "transfer_share")


@dataclass(frozen=True)
class ContestModel:
    """The specification.

    Attributes
    ----------
    priors
        Name to value, as `overbuild.models.prior_template` lists them.
    sampling
        How many draws in how many groups; ``tune`` has no meaning here.
    """

    priors: Mapping[str, Any]
    sampling: Sampling = field(default_factory=Sampling)

    name = NAME
    ranked = (*PARAMETERS, "reliability", "depreciation", "persistence", "deviation")
    not_identified = (
        "Whether capital brings revenue or expected revenue brings capital cannot be told from shares, so "
        "the decisiveness is a description and no effect; and nothing here speaks to the elasticity of "
        "the prize or to the share of it that is a transfer, which decide whether anything is overbuilt."
    )

    def __post_init__(self) -> None:
        held = self.priors if isinstance(self.priors, Frozen) else Frozen(self.priors)
        object.__setattr__(self, "priors", held)

    @classmethod
    def of(
        cls, priors: PriorFile, definitions: Mapping[str, Any], sampling: Sampling | None = None
    ) -> ContestModel:
        """Return the model with the priors held on a day."""
        del definitions
        return cls(priors.values(NAME), sampling or Sampling())

    def observed(self, snapshot: Snapshot) -> ContestData:
        """Return revenue and capital of the firms whose both are known.

        Raises
        ------
        InputError
            If fewer than two firms, or too few periods, have both.
        """
        data = contest_data(snapshot, None, self.priors["growth_before"])
        known = f"firms_{data.episode}" in self.priors
        return replace(data, contenders=int(self.priors[f"firms_{data.episode}"])) if known else data

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> ContestPosterior:
        """Learn from a snapshot."""
        data = self.observed(snapshot)
        found, sampled = self._fitted(data, rng, self.sampling)
        return ContestPosterior(data, sampled, self.priors, found, snapshot.as_of)

    def fit_data(
        self, data: ContestData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from data, observed or simulated."""
        return self._fitted(data, rng, sampling or self.sampling)[1]

    def prior_draw(self, data: ContestData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter."""
        priors = priors_of(self.priors, data.contenders)
        made = draw_prior(data, priors, 1, rng)
        return {name: values[0] for name, values in made.items()}

    def simulated(
        self, truth: Mapping[str, Array], data: ContestData, rng: np.random.Generator
    ) -> ContestData:
        """Return revenue drawn anew, capital as it was; parameters act through the centres of their cells."""
        mean, errors = mean_and_covariance(truth, data, priors_of(self.priors, data.contenders))
        return data.with_contrasts(mean + np.linalg.cholesky(errors) @ rng.standard_normal(mean.size))

    def statistics(self, data: ContestData) -> dict[str, float]:
        """Return level, drift and roughness of revenue between firms, and its slope on capital."""
        middle = self.priors["depreciation"][0]
        y, x = (
            data.contrasted(v).reshape(len(data.firms) - 1, -1)
            for v in (data.log_revenue, data.log_capital(middle))
        )
        dy, dx = np.diff(y, axis=1), np.diff(x, axis=1)
        return {
            "last_gap": float(np.sqrt((y[:, -1] ** 2).sum())),
            "drift": float(np.sqrt(((y[:, -1] - y[:, 0]) ** 2).sum())),
            "roughness": float(np.sqrt((dy**2).mean())),
            "slope_of_changes": float((dy * dx).sum() / (dx**2).sum()),
        }

    def _fitted(
        self, data: ContestData, rng: np.random.Generator, sampling: Sampling
    ) -> tuple[Posterior, Sampled]:
        start = time.perf_counter()
        priors = priors_of(self.priors, data.contenders)
        found = posterior(data, priors)
        drawn = draw(found, data, priors, sampling.chains * sampling.draws, rng)
        return found, exact_draws(drawn, time.perf_counter() - start, groups=sampling.chains)


@dataclass(frozen=True, eq=False)
class ContestPosterior:
    """The posterior of one era.

    Attributes
    ----------
    data, sampled
        What it was learnt from; independent draws.
    priors
        Name to value.
    found
        Exact posterior on its cells.
    as_of
        The day whose knowledge it rests on.
    compile_seconds
        0: nothing is compiled.
    """

    data: ContestData
    sampled: Sampled
    priors: Mapping[str, Any]
    found: Posterior
    as_of: date
    compile_seconds: float = 0.0

    def overbuild_ratio(self, transfer_share: float | None = None) -> Draws:
        """Return draws of equilibrium over planner's capacity."""
        drawn = {n: self.sampled.draws(n) for n in PARAMETERS}
        return overbuild_ratio_draws(drawn, self.data.contenders, self.as_of, transfer_share)

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return decisiveness, ratios, what decides them, and other readings, as plain types."""
        data = self.data
        priors = priors_of(self.priors, data.contenders)
        after = draw(self.found, data, priors, DRAWS, rng)
        before = draw_prior(data, priors, DRAWS, rng)
        return {
            "firms": list(data.firms),
            "contenders": data.contenders,
            "first": data.periods[0],
            "today": data.periods[-1],
            "periods": len(data.periods),
            "shares": self._shares(),
            "decisiveness": _decisiveness(self.found),
            **beside(after, before, data.contenders),
            "by_elasticity": by_elasticity(
                after["decisiveness"], priors.chance_of_part(after["decisiveness"]), data.contenders
            ),
            "what_decides": {
                "posterior": what_decides(after, data.contenders),
                "prior": what_decides(before, data.contenders),
            },
            "spent": self._spent(after),
            "readings": [
                _told("as set", self.found, derived(after, data.contenders)),
                *(_read(what, d, p, rng) for what, d, p in self._others(priors)),
            ],
        }

    def sentence(self) -> str:
        """Say what was read of decisiveness, and how far the ratio is the prior's."""
        told = _decisiveness(self.found)
        ratio = np.quantile(self.overbuild_ratio().values, [0.05, 0.5, 0.95])
        chance = float(np.mean(self.overbuild_ratio().values > 1))
        return (
            f"A tenth more capital of the business goes with {told['q50'] * 10:.1f} % more revenue "
            f"(decisiveness {told['q50']:.2f}, 90 % {told['q05']:.2f} to {told['q95']:.2f}; prior "
            f"{told['prior_q05']:.2f} to {told['prior_q95']:.2f}), read from {len(self.data.firms)} firms "
            f"and {len(self.data.periods)} periods; a description, no effect. Capacity is {ratio[1]:.2f} "
            f"times a planner's ({ratio[0]:.2f} to {ratio[2]:.2f}) and above it with probability "
            f"{chance:.2f}, where elasticity and transfer share are priors. It forecasts no event."
        )

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Abstain from every event."""
        del rng
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        return tuple(
            Forecast(e.definition, e.by, snapshot.as_of, NAME, None, abstains=ABSTAINS, status=status)
            for e in events
        )

    def _shares(self) -> list[dict[str, Any]]:
        """Return each firm's share of revenue, and of capital at the first and the last period."""
        data = self.data
        revenue = np.exp(data.log_revenue[-1])
        capital = np.exp(data.log_capital(float(self.priors["depreciation"][0])))[[0, -1]]
        shares = np.vstack([revenue / revenue.sum(), capital / capital.sum(axis=1, keepdims=True)])
        names = ("revenue", "capital_first", "capital")
        return [
            {"firm": firm, **dict(zip(names, column.tolist(), strict=True))}
            for firm, column in zip(data.firms, shares.T, strict=True)
        ]

    def _spent(self, after: Mapping[str, Array]) -> dict[str, float]:
        """Return user cost of all capital over revenue, and the decisiveness that would explain it.

        Were present capital the contest's equilibrium and this revenue its whole prize, c K / V would be
        [r (N - 1) + eta] / N. Neither is so: the capital also earns what is not counted here.
        """
        data, n = self.data, self.data.contenders
        rate = float(self.priors["cost_of_capital"]) + after["depreciation"]
        axis = self.found.axes["depreciation"]
        capital = np.array([np.exp(data.log_capital(d)[-1]).sum() for d in axis.centres])
        own = capital[axis.cell(after["depreciation"])]
        revenue = data.per_year * float(np.exp(data.log_revenue[-1]).sum())
        spent = rate * own / revenue
        implied = (n * spent - after["elasticity"]) / (n - 1)
        names = ("q05", "q50", "q95")
        levels = [0.05, 0.5, 0.95]
        return {
            **dict(zip(names, np.quantile(spent, levels).tolist(), strict=True)),
            **{f"implied_{k}": v for k, v in zip(names, np.quantile(implied, levels).tolist(), strict=True)},
        }

    def _others(self, priors: Priors) -> list[tuple[str, ContestData, Priors]]:
        """Return other data and priors from which the decisiveness is read as well."""
        data, held = self.data, dict(self.priors)
        m, s, low, high = held["decisiveness"]
        d = held["depreciation"]

        def with_(**changed: Any) -> Priors:
            return priors_of({**held, **changed}, data.contenders)

        rows = [
            (EXACT, data, replace(priors, reliability=(WHOLE, WHOLE))),
            (BELOW_ONE, data, replace(priors, reliability=only_a_part(held))),
            ("no trends of firms", replace(data, trends=False), priors),
            ("prior twice as wide", data, with_(decisiveness=(m, 2 * s, low, high))),
            ("prior centred on one half", data, with_(decisiveness=(m / 2, s, low, high))),
        ]
        if data.spent.size:
            rows.append(("half the depreciation", data, with_(depreciation=(d[0] / 2, d[1]))))
        if len(data.spent) >= len(data.periods) + data.per_year:
            rows.append(("capital of a year earlier", data.earlier_capital(data.per_year), priors))
        if len(data.firms) > 2:
            rows += [(f"without {firm}", data.without(firm), priors) for firm in data.firms]
        if data.episode == "ai" and data.periods[0] < BOOM in data.periods:
            rows.append((f"since {BOOM}", data.since(BOOM), priors))
        return rows


EXACT = "reliability 1"
BELOW_ONE = "reliability below 1"
"""Readings in which the capital that brings the revenue moves as the firm's does, and less than it."""
BOOM = "2023Q1"
"""Take-off of AI capex by the rule of `overbuild.episodes.clock`."""


def _read(what: str, data: ContestData, priors: Priors, rng: np.random.Generator) -> dict[str, Any]:
    """Return one other reading, from fewer draws."""
    found = posterior(data, priors)
    return _told(what, found, derived(draw(found, data, priors, DRAWS // 4, rng), data.contenders))


def _told(what: str, found: Posterior, ratios: Mapping[str, Array]) -> dict[str, Any]:
    """Return the decisiveness of a reading, and the chances that more than each benchmark is built."""
    return {
        "what": what,
        **_decisiveness(found),
        "more_than_joint_profit": float(np.mean(ratios["rivalry_ratio"] > 1)),
        "more_than_planner": float(np.mean(ratios["overbuild_ratio"] > 1)),
        "overbuild_ratio": float(np.median(ratios["overbuild_ratio"])),
    }


def _decisiveness(found: Posterior) -> dict[str, float]:
    """Return quantiles of r after and before, and the share of its prior variance that is gone."""
    axis = found.axes["decisiveness"]
    after, before = found.decisiveness, np.diff(axis.below)
    variances = [_variance(axis, m) for m in (after, before)]
    return {
        **_quantiles(axis, after),
        **{f"prior_{k}": v for k, v in _quantiles(axis, before).items()},
        "mean": float(after @ axis.centres),
        "sd": float(np.sqrt(variances[0])),
        "prior_sd": float(np.sqrt(variances[1])),
        "learnt": float(1 - variances[0] / variances[1]),
        "log_evidence": found.log_evidence,
    }


def _quantiles(axis: Axis, mass: Array) -> dict[str, float]:
    ends = np.concatenate([[0.0], np.cumsum(mass)])
    return {f"q{q:02d}": float(np.interp(q / 100, ends / ends[-1], axis.edges)) for q in (5, 50, 95)}


def _variance(axis: Axis, mass: Array) -> float:
    second = mass @ (axis.centres**2 + np.diff(axis.edges) ** 2 / 12)
    return float(second - (mass @ axis.centres) ** 2)
