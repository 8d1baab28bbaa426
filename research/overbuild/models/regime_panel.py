"""The panel of the regime model: growth of investment, and what the end of a boom may depend on.

Which series are members and in which years each counts: `overbuild.models.regime_series`. A year of the five
firms' sum ends with its last known quarter, so that nothing known is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.models.regime_series import OWN

Array = NDArray[np.float64]

COVARIATES = ("run_up", "share_gap", "spread")
RUN_UP_YEARS, GAP_YEARS, FEWEST_GAP_YEARS = 4, 10, 5
CENTRE, SCALE = np.array([0.5, 0.0, 1.75]), np.array([0.5, 0.5, 0.75])
"""Fixed: log points, log points, percentage points (mean and s.d. of annual spreads 1962-93, rounded)."""


@dataclass(frozen=True, eq=False)
class RegimePanel:
    """Growth rates on one clock.

    Attributes
    ----------
    members
        Names; a member without data keeps its row, so that every snapshot of an episode has the same.
    years
        Calendar year in which each growth rate ends.
    growth
        Shape (member, year): log growth, nan where unknown.
    first, stop
        Shape (member,): known growth rates are ``first`` to ``stop - 1``; both 0 where there is none.
    covariates
        Shape (member, year, 3): four-year log growth, log share of GDP less its mean of ten years, and the
        spread of Baa bonds over Treasuries, each as known a year earlier, centred and scaled; 0 where
        unknown.
    levels, shares, spreads
        Log levels, log shares of GDP and spreads (percentage points) at the end of each year, shape (member,
        year + 1), the first a year before ``years[0]``.
    left_out
        Members whose data are kept but not learnt from.
    """

    members: tuple[str, ...]
    years: NDArray[np.int_]
    growth: Array
    first: Array
    stop: Array
    covariates: Array
    levels: Array
    shares: Array
    spreads: Array
    left_out: tuple[str, ...] = field(default=())

    def data(self) -> dict[str, Array]:
        """Return what the model conditions on, by the names of its data."""
        kept = np.array([m not in self.left_out for m in self.members], dtype=float)
        return {
            "growth": self.growth,
            "first": self.first * kept,
            "stop": self.stop * kept,
            "covariates": self.covariates,
        }

    def row(self, member: str) -> int:
        """Return the place of a member."""
        return self.members.index(member)

    def known(self, member: str) -> int:
        """Return the number of growth rates of a member."""
        i = self.row(member)
        return int(self.stop[i] - self.first[i])


def panel_from(
    levels: Mapping[str, pd.Series],
    sizes: Mapping[str, pd.Series],
    floor: float = 0.0,
    spreads: Mapping[str, pd.Series] | None = None,
) -> RegimePanel:
    """Return the panel of series by year.

    Parameters
    ----------
    levels, sizes, spreads
        As in `overbuild.models.regime_series.Annual`.
    floor
        A series counts after the last year in which it was below so many USD million; a user's own always.
    """
    members = tuple(levels)
    given = spreads or {}
    every = np.concatenate([_years(s) for s in (*levels.values(), *given.values())])
    start = min(_years(s).min() for s in levels.values() if len(s))
    clock = np.arange(start, every.max() + 1)
    logs = np.full((len(members), clock.size), np.nan)
    shares, spread = logs.copy(), logs.copy()
    for i, name in enumerate(members):
        level = _above(levels[name].dropna(), 0.0 if name == OWN else floor)
        logs[i] = np.log(level.reindex(clock).to_numpy(dtype=float))
        shares[i] = logs[i] - np.log(sizes[name].reindex(clock).to_numpy(dtype=float))
        if name in given:
            spread[i] = given[name].reindex(clock).to_numpy(dtype=float)
    growth = np.diff(logs, axis=1)
    first, stop = np.zeros(len(members)), np.zeros(len(members))
    for i in range(len(members)):
        at = np.flatnonzero(np.isfinite(growth[i]))
        if at.size:
            stop[i] = at[-1] + 1
            gaps = np.flatnonzero(np.diff(at) > 1)
            first[i] = at[gaps[-1] + 1] if gaps.size else at[0]
    covariates = covariates_of(logs, shares, spread)[:, :-1]
    return RegimePanel(members, clock[1:], growth, first, stop, covariates, logs, shares, spread)


def covariates_of(levels: Array, shares: Array, spreads: Array) -> Array:
    """Return the covariates of the hazard of the year after each, shape (..., year, 3).

    Parameters
    ----------
    levels, shares, spreads
        Log levels, log shares of GDP and spreads at the end of each year, shape (..., year); nan: unknown.
    """
    out = np.full((*levels.shape, len(COVARIATES)), np.nan)
    out[..., RUN_UP_YEARS:, 0] = levels[..., RUN_UP_YEARS:] - levels[..., :-RUN_UP_YEARS]
    known = np.isfinite(shares)
    filled = np.where(known, shares, 0.0)
    total, count = np.zeros(shares.shape), np.zeros(shares.shape)
    for lag in range(1, GAP_YEARS + 1):
        total[..., lag:] += filled[..., :-lag]
        count[..., lag:] += known[..., :-lag]
    gap = shares - total / np.maximum(count, 1)
    out[..., 1] = np.where(count >= FEWEST_GAP_YEARS, gap, np.nan)
    out[..., 2] = spreads
    scaled = (out - CENTRE) / SCALE
    return np.where(np.isfinite(scaled), scaled, 0.0)


def _years(series: pd.Series) -> NDArray[np.int_]:
    return np.asarray(series.index, dtype=int)


def _above(level: pd.Series, floor: float) -> pd.Series:
    low = np.flatnonzero(level.to_numpy() < max(floor, np.finfo(float).tiny))
    return level.iloc[low[-1] + 1 :] if low.size else level
