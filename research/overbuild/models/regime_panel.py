"""The panel of the regime model: growth of investment, and what the end of a boom may depend on.

Members are the long annual series, telecom (structures and equipment of communications, in place of the
two), and the snapshot's own sector. A year of the sector ends with its last known quarter, so that nothing
known is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Paths, Snapshot
from overbuild.core.judging import trailing_year
from overbuild.errors import InputError

Array = NDArray[np.float64]

OWN = "own"
TELECOM = "telecom"
LAYER = "capex"
COVARIATES = ("run_up", "share_gap")
RUN_UP_YEARS, GAP_YEARS, FEWEST_GAP_YEARS = 4, 10, 5
CENTRE, SCALE = np.array([0.5, 0.0]), np.array([0.5, 0.5])


@dataclass(frozen=True, eq=False)
class RegimePanel:
    """Growth rates on one clock.

    Attributes
    ----------
    members
        Names; a member without data keeps its row, so that every snapshot has the same.
    years
        Calendar year in which each growth rate ends.
    growth
        Shape (member, year): log growth, nan where unknown.
    first, stop
        Shape (member,): known growth rates are ``first`` to ``stop - 1``; both 0 where there is none.
    covariates
        Shape (member, year, 2): four-year log growth, and log share of GDP less its mean of ten years, both
        as known a year earlier, centred and scaled; 0 where unknown.
    levels, shares
        Log levels and log shares of GDP at the end of each year, shape (member, year + 1), the first a year
        before ``years[0]``.
    """

    members: tuple[str, ...]
    years: NDArray[np.int_]
    growth: Array
    first: Array
    stop: Array
    covariates: Array
    levels: Array
    shares: Array

    def data(self) -> dict[str, Array]:
        """Return what the model conditions on, by the names of its data."""
        return {
            "growth": self.growth,
            "first": self.first,
            "stop": self.stop,
            "covariates": self.covariates,
        }


def panel_of(
    snapshot: Snapshot, series: tuple[str, ...], telecom: tuple[str, ...], gdp: str, floor: float
) -> RegimePanel:
    """Return the panel of a snapshot.

    Parameters
    ----------
    snapshot
        What is known.
    series
        Names of the long annual series of its table.
    telecom
        Those of them that make up telecom, summed.
    gdp
        Name of annual GDP.
    floor
        A series counts after the last year in which it was below so many USD million.

    Raises
    ------
    InputError
        If the long series are not in the snapshot.
    """
    known = {name: _annual(snapshot, name) for name in (*series, gdp)}
    size = known.pop(gdp)
    levels = {n: known[n] for n in series if n not in telecom}
    levels[TELECOM] = sum((known[n] for n in telecom[1:]), known[telecom[0]])
    own, own_size = (
        (pd.Series(dtype=float), size) if snapshot.episode == TELECOM else own_years(snapshot, size)
    )
    if not any(len(s) for s in levels.values()):
        raise InputError(
            f"No long series of investment was known on {snapshot.as_of}; the regimes are learnt from them. "
            "Ask for a later day."
        )
    levels[OWN] = own
    sizes = dict.fromkeys(levels, size) | {OWN: own_size}
    return panel_from(levels, sizes, floor)


def panel_from(
    levels: Mapping[str, pd.Series], sizes: Mapping[str, pd.Series], floor: float = 0.0
) -> RegimePanel:
    """Return the panel of levels (USD million by year) and of GDP on the same years."""
    members = tuple(levels)
    every = np.concatenate([np.asarray(s.index, dtype=int) for s in levels.values() if len(s)])
    clock = np.arange(every.min(), every.max() + 1)
    logs = np.full((len(members), clock.size), np.nan)
    shares = logs.copy()
    for i, name in enumerate(members):
        level = _above(levels[name].dropna(), floor).reindex(clock).to_numpy(dtype=float)
        size = sizes[name].reindex(clock).to_numpy(dtype=float)
        logs[i] = np.log(level)
        shares[i] = logs[i] - np.log(size)
    growth = np.diff(logs, axis=1)
    first, stop = np.zeros(len(members)), np.zeros(len(members))
    for i in range(len(members)):
        at = np.flatnonzero(np.isfinite(growth[i]))
        if at.size:
            stop[i] = at[-1] + 1
            gaps = np.flatnonzero(np.diff(at) > 1)
            first[i] = at[gaps[-1] + 1] if gaps.size else at[0]
    covariates = np.stack(
        [standardised(logs[:, : t + 1], shares[:, : t + 1]) for t in range(clock.size - 1)], axis=1
    )
    return RegimePanel(members, clock[1:], growth, first, stop, covariates, logs, shares)


def standardised(levels: Array, shares: Array) -> Array:
    """Return the covariates of next year's hazard from log levels and shares to now, shape (..., 2)."""
    out = np.full((*levels.shape[:-1], 2), np.nan)
    if levels.shape[-1] > RUN_UP_YEARS:
        out[..., 0] = levels[..., -1] - levels[..., -1 - RUN_UP_YEARS]
    before = shares[..., -1 - GAP_YEARS : -1]
    known = np.isfinite(before)
    count = known.sum(axis=-1)
    mean = np.where(known, before, 0.0).sum(axis=-1) / np.maximum(count, 1)
    out[..., 1] = np.where(count >= FEWEST_GAP_YEARS, shares[..., -1] - mean, np.nan)
    scaled = (out - CENTRE) / SCALE
    return np.where(np.isfinite(scaled), scaled, 0.0)


def own_years(snapshot: Snapshot, annual_gdp: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the sector's spending by year ending with its last known period, and GDP on the same years."""
    if not snapshot.has_history(LAYER):
        return pd.Series(dtype=float), annual_gdp
    history = snapshot.history(LAYER)
    flow = yearly(history, LAYER)
    if history.frequency == "A" or "gdp" not in history.layers:
        return flow, annual_gdp
    last = str(flow.attrs["last"])
    values = trailing_year(history.until(last).layer("gdp")[:1], history.per_year)[0] / history.per_year
    return flow, _by_year(values, last)


def yearly(history: Paths, layer: str) -> pd.Series:
    """Return trailing years of a layer that end with its last known period, by calendar year of their end."""
    values = trailing_year(history.layer(layer)[:1], history.per_year)[0]
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return pd.Series(dtype=float)
    last = history.time[known[-1]]
    years = _by_year(values[: known[-1] + 1], last, history.per_year)
    years.attrs["last"] = last
    return years


def _by_year(values: Array, last: str, per_year: int = 4) -> pd.Series:
    kept = values[::-1][::per_year][::-1]
    year = int(last[:4])
    return pd.Series(kept, index=np.arange(year - kept.size + 1, year + 1)).dropna()


def _above(level: pd.Series, floor: float) -> pd.Series:
    low = np.flatnonzero(level.to_numpy() < max(floor, np.finfo(float).tiny))
    return level.iloc[low[-1] + 1 :] if low.size else level


def _annual(snapshot: Snapshot, name: str) -> pd.Series:
    table = snapshot.table
    rows = table.loc[(table["series"] == name) & (table["frequency"] == "A")]
    years = [int(p) for p in rows["period"]]
    return pd.Series(rows["value"].to_numpy(dtype=float), index=years, dtype=float).sort_index()
