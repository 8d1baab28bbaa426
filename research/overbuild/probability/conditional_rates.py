"""How often investment falls within the next years, given where a series stands by the run-up rule.

Three states are counted. ``first_date``: a run-up was dated ``k`` years ago and no fall has come since.
``in_force``: the run-up condition holds now and has held for ``k`` years *or more*, and the series does not
stand low. ``quiet``: the condition does not hold and the series does not stand low. A series stands low when
it is below its running peak by the rule's fall or more. In each, a year counts only if all of the
``most_years`` that follow it are known, so that the share cannot shrink as the horizon grows. The years of
``in_force`` and ``quiet`` overlap: the bootstrap by series, not the count, carries what they are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from overbuild.probability.cluster_bootstrap import cluster_weights, share_draws
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
HALF = 0.5
"""Jeffreys' prior Beta(1/2, 1/2)."""


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
    """

    state: State
    years: int
    cases: Array
    falls: Array

    @property
    def rates(self) -> Array:
        """Mean of the share under Jeffreys' prior, shape (horizon,): never 0 or 1, never falling."""
        return (self.falls.sum(axis=0) + HALF) / (self.cases.sum() + 2 * HALF)

    def draws(self, weights: Array) -> Array:
        """Return the same share in each draw of the bootstrap by series, shape (draw, horizon)."""
        cases = np.broadcast_to(self.cases[:, None], self.falls.shape)
        return share_draws(self.falls, cases, weights, add=HALF)


def tally(panel: Panel, rule: Rule, state: State, years: int = 0, most_years: int = 5) -> Tally:
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
    """
    low = at_least(drawdown(panel.measured), rule.fall)
    fallen = at_least(drawdown(panel.measured, rule.peak_years), rule.fall)
    origins = _origins(panel, rule, state, years, low)
    falls = np.zeros((len(panel.names), most_years))
    seen = np.zeros(fallen.shape, dtype=bool)
    complete = np.ones(fallen.shape, dtype=bool)
    within = []
    for step in range(1, most_years + 1):
        complete &= np.isfinite(shifted(panel.measured, -step))
        seen |= shifted(fallen.astype(float), -step) == 1.0
        within.append(seen.copy())
    origins &= complete
    for column, by_then in enumerate(within):
        falls[:, column] = (origins & by_then).sum(axis=1)
    return Tally(state, years, origins.sum(axis=1).astype(float), falls)


def conditional_table(
    panel: Panel,
    rule: Rule,
    rng: np.random.Generator,
    years: Sequence[int] = range(6),
    most_years: int = 5,
    draws: int = 5000,
) -> pd.DataFrame:
    """Return P(fall within the next h years | state of age k), for every state, k and h.

    Returns
    -------
    pandas.DataFrame
        Columns ``peak_years, state, k, h, falls, cases, series`` (series that hold a case), ``share`` (falls
        over cases), ``mean, beta_5, beta_95`` (posterior under Beta(1/2, 1/2), which takes the cases as
        independent) and ``bootstrap_5, bootstrap_50, bootstrap_95`` (by series).
    """
    weights = cluster_weights(len(panel.names), draws, rng)
    tallies = [
        tally(panel, rule, state, k, most_years) for state in ("first_date", "in_force") for k in years
    ]
    tallies.append(tally(panel, rule, "quiet", 0, most_years))
    return pd.DataFrame([row for t in tallies for row in _rows(t, rule, weights)])


def at_horizon(rates: Array, years: float) -> Array:
    """Return the probability at a horizon that need not be whole, shape ``rates.shape[:-1]``.

    The hazard is constant between whole years: ``1 - (1 - P_a)^(1-w) (1 - P_b)^w`` with ``a <= years < b``.

    Raises
    ------
    ValueError
        Beyond the longest horizon that was counted.
    """
    if not 0 <= years <= rates.shape[-1]:
        raise ValueError(f"{years} years lie outside 0 to {rates.shape[-1]}.")
    survival = np.concatenate([np.ones((*rates.shape[:-1], 1)), 1.0 - rates], axis=-1)
    below = min(int(years), rates.shape[-1] - 1)
    weight = years - below
    return 1.0 - survival[..., below] ** (1.0 - weight) * survival[..., below + 1] ** weight


def _origins(panel: Panel, rule: Rule, state: State, years: int, low: Flags) -> Flags:
    hit, evaluable = in_force(panel, rule)
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


def _rows(t: Tally, rule: Rule, weights: Array) -> list[dict[str, object]]:
    cases = float(t.cases.sum())
    falls: NDArray[np.float64] = t.falls.sum(axis=0)
    low, mid, high = (
        np.nanquantile(t.draws(weights), [0.05, 0.5, 0.95], axis=0)
        if cases
        else np.full((3, falls.size), np.nan)
    )
    posterior = stats.beta(falls + HALF, cases - falls + HALF)
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
            "beta_5": posterior.ppf(0.05)[h],
            "beta_95": posterior.ppf(0.95)[h],
            "bootstrap_5": low[h],
            "bootstrap_50": mid[h],
            "bootstrap_95": high[h],
        }
        for h in range(falls.size)
    ]
