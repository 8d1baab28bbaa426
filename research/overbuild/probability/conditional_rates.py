"""How often investment falls within the next years, given where a series stands by the run-up rule.

Three states are counted. ``first_date``: a run-up was dated ``k`` years ago and no fall has come since.
``in_force``: the run-up condition holds now and has held for ``k`` years *or more*, and the series does not
stand low. ``quiet``: the condition does not hold and the series does not stand low. A series stands low when
it is below its running peak by the rule's fall or more. In each, a year counts only if all of the
``most_years`` that follow it are known, so that the share cannot shrink as the horizon grows. The years of
``in_force`` and ``quiet`` overlap: the intervals by series, not the count, carry what they are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from overbuild.models.priors import JEFFREYS, Beta
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.intervals import Means, interval_points
from overbuild.probability.runups import (
    Array,
    Flags,
    Panel,
    Rule,
    at_least,
    drawdown,
    first_dates,
    in_force,
    shifted,
    years_in_force,
)

State = Literal["first_date", "in_force", "quiet"]
AT = (0.05, 0.5, 0.95)
"""Levels of printed intervals, with the median."""


@dataclass(frozen=True)
class Tally:
    """Falls among the years in one state.

    Attributes
    ----------
    state, years
        The state, and for how many years it has lasted.
    cases
        Shape (series,): years in the state whose next ``most_years`` are all known.
    falls
        Shape (series, horizon): of these, how many saw a fall within 1, 2, ... years.
    prior
        Parameters of the Beta prior on the share.
    """

    state: State
    years: int
    cases: Array
    falls: Array
    prior: Beta = JEFFREYS

    @property
    def rates(self) -> Array:
        """Posterior mean of the share, all cases alike, shape (horizon,): never 0 or 1, never falling."""
        return (self.falls.sum(axis=0) + self.prior[0]) / (self.cases.sum() + sum(self.prior))

    def points(self, method: str, at: ArrayLike, means: Means) -> Array:
        """Return quantiles of the share by one of `overbuild.probability.intervals`, (quantile, horizon)."""
        return interval_points(method, self.falls.T, self.cases, at, means)


@dataclass(frozen=True)
class Followed:
    """What is known of each year of a panel and of the years that follow it, shape (series, year) each.

    Attributes
    ----------
    hit, evaluable
        Whether the run-up is in force, and whether that can be said.
    low
        Whether the series stands low.
    complete
        Whether all of the longest horizon that follows is known.
    within
        For 1, 2, ... years: whether a fall came by then.
    """

    hit: Flags
    evaluable: Flags
    low: Flags
    complete: Flags
    within: tuple[Flags, ...]


def tally(
    panel: Panel, rule: Rule, state: State, years: int = 0, most_years: int = 5, prior: Beta = JEFFREYS
) -> Tally:
    """Count the falls that followed the years in one state.

    Parameters
    ----------
    panel, rule
        The series, and what a run-up and a fall are. The running peak is that of the whole series so far;
        where the rule has ``peak_years``, only a fall within so many years of it counts, as in O3.
    state, years
        The state and its age ``k``; ``years`` must be 0 for ``quiet``.
    most_years
        Longest horizon.
    prior
        Parameters of the Beta prior on the share.
    """
    return tallied(panel, rule, followed(panel, rule, most_years), state, years, prior)


def followed(panel: Panel, rule: Rule, most_years: int) -> Followed:
    """Return what followed each year of a panel; one such serves every state and age."""
    fallen = at_least(drawdown(panel.measured, rule.peak_years), rule.fall)
    seen = np.zeros(fallen.shape, dtype=bool)
    complete = np.ones(fallen.shape, dtype=bool)
    within = []
    for step in range(1, most_years + 1):
        complete &= np.isfinite(shifted(panel.measured, -step))
        seen |= shifted(fallen.astype(float), -step) == 1.0
        within.append(seen.copy())
    hit, evaluable = in_force(panel, rule)
    return Followed(hit, evaluable, at_least(drawdown(panel.measured), rule.fall), complete, tuple(within))


def tallied(
    panel: Panel, rule: Rule, after: Followed, state: State, years: int = 0, prior: Beta = JEFFREYS
) -> Tally:
    """Count as `tally` does, from what followed each year."""
    origins = _origins(panel, rule, after, state, years) & after.complete
    falls = np.stack([(origins & by_then).sum(axis=1) for by_then in after.within], axis=1)
    return Tally(state, years, origins.sum(axis=1).astype(float), falls.astype(float), prior)


def conditional_table(
    panel: Panel,
    rule: Rule,
    rng: np.random.Generator,
    years: Sequence[int] = range(6),
    most_years: int = 5,
    draws: int = 5000,
    choices: BaseRateChoices | None = None,
) -> pd.DataFrame:
    """Return P(fall within the next h years | state of age k), for every state, k and h.

    Returns
    -------
    pandas.DataFrame
        Columns ``peak_years, state, k, h, falls, cases, series`` (series that hold a case), ``share`` (falls
        over cases), ``mean`` (posterior mean, all cases alike), ``interval_5, interval_50, interval_95``
        (printed first), ``beta_5, beta_95`` (cases taken as independent) and ``bootstrap_5, bootstrap_50,
        bootstrap_95`` (by series).
    """
    given = choices or BaseRateChoices()
    prior = given.conditional_rate
    means = Means(prior, given.correlation, cluster_weights(len(panel.names), draws, rng), prior)
    after = followed(panel, rule, most_years)
    asked: list[tuple[State, int]] = [("first_date", k) for k in years]
    asked.extend(("in_force", k) for k in years)
    asked.append(("quiet", 0))
    tallies = [tallied(panel, rule, after, state, k, prior) for state, k in asked]
    return pd.DataFrame([row for t in tallies for row in _rows(t, rule, given.forecast_interval, means)])


def at_horizon(rates: Array, years: float) -> Array:
    """Return the probability at a horizon that need not be whole, shape ``rates.shape[:-1]``.

    The hazard is constant between whole years: ``1 - (1 - P_a)^(1-w) (1 - P_b)^w`` with ``a <= years < b``.

    Raises
    ------
    ValueError
        Beyond the longest horizon that was counted.
    """
    below, weight = bracket(years, rates.shape[-1])
    lower = rates[..., below - 1] if below else np.zeros(rates.shape[:-1])
    return between(lower, rates[..., below], weight)


def bracket(years: float, most_years: int) -> tuple[int, float]:
    """Return the last whole horizon at or before one (never the longest), and how far it lies beyond."""
    if not 0 <= years <= most_years:
        raise ValueError(f"{years} years lie outside 0 to {most_years}.")
    below = min(int(years), most_years - 1)
    return below, years - below


def between(lower: Array, upper: Array, weight: float) -> Array:
    """Return the probability between two whole horizons, the hazard being constant there."""
    return 1.0 - (1.0 - lower) ** (1.0 - weight) * (1.0 - upper) ** weight


def _origins(panel: Panel, rule: Rule, after: Followed, state: State, years: int) -> Flags:
    hit, evaluable, low = after.hit, after.evaluable, after.low
    if state == "in_force":
        return (years_in_force(hit) >= years) & ~low
    if state == "quiet":
        return evaluable & ~hit & ~low & at_least(panel.level, rule.floor_usd_million)
    origins = np.zeros(hit.shape, dtype=bool)
    series, year = first_dates(hit, evaluable, rule.horizon_years)
    for row, t in zip(series, year, strict=True):
        if t + years < hit.shape[1] and not low[row, t : t + years + 1].any():
            origins[row, t + years] = True
    return origins


def _rows(t: Tally, rule: Rule, method: str, means: Means) -> list[dict[str, object]]:
    cases = float(t.cases.sum())
    falls: NDArray[np.float64] = t.falls.sum(axis=0)
    shown = t.points(method, AT, means)
    alike = t.points("independent", AT, means)
    drawn = t.points("bootstrap", AT, means)
    return [
        {
            "peak_years": rule.peak_years,
            "state": t.state,
            "k": t.years,
            "h": h + 1,
            "falls": int(falls[h]),
            "cases": int(cases),
            "series": int((t.cases > 0).sum()),
            "share": falls[h] / cases if cases else np.nan,
            "mean": t.rates[h],
            **{f"interval_{name}": shown[i, h] for i, name in enumerate((5, 50, 95))},
            "beta_5": alike[0, h],
            "beta_95": alike[2, h],
            **{f"bootstrap_{name}": drawn[i, h] for i, name in enumerate((5, 50, 95))},
        }
        for h in range(falls.size)
    ]
