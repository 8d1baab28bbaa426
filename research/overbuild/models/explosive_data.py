"""Log prices and log price ratios by month, and the level from which an explosion is measured.

The window is the last fifteen years known on a day, the same rule for both eras, with twelve months before
it from which the first level is taken. The gap of month t from the level L_b before quarter b is
g = max(y_{t-1} - L_b, 0), L_b the mean of the twelve months before the quarter: a root that acts on the
distance from a level fixed before the explosion is the explosive process of Phillips, Shi and Yu (2015),
which starts from the price at its origin, and not a drift in disguise, as it would be with y measured from
zero. A mean of a year is used and not the month itself, so that a start is not chosen because the month was
low. Below the level the gap is zero: a bubble cannot be negative (Diba and Grossman 1988).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError, UnknownNameError

type Array = NDArray[np.float64]

YEARS = 15
WINDOW, BEFORE, PER_BLOCK = 12 * YEARS, 12, 3
BLOCKS = WINDOW // PER_BLOCK
FEWEST = 60
"""Months below which neither a regime nor a volatility that changes by half-year can be told."""
HARDWARE = "AI hardware (NVDA, AVGO, AMD, TSM, ASML, MU, SMCI, ANET)"


@dataclass(frozen=True)
class Series:
    """One series of prices.

    Attributes
    ----------
    title
        Name for people.
    series, entity
        As in the data; entity None: the only one.
    form
        ``level`` (a price), ``return`` (monthly returns in per cent, cumulated) or ``ratio`` (over ``over``).
    over
        Series of the denominator.
    last
        Last month that is looked at; empty: all.
    """

    title: str
    series: str
    entity: str | None
    form: str
    over: str = ""
    last: str = ""


SERIES: Mapping[str, Series] = Frozen(
    {
        "nasdaq": Series("NASDAQ Composite", "nasdaq_index", None, "level"),
        "telecom_shares": Series("US telecom shares", "ff49_telecom_return", None, "return"),
        "price_dividend": Series(
            "S&P 500 price over dividends", "sp500_price", None, "ratio", "sp500_dividends"
        ),
        "ai_hardware": Series("AI hardware shares", "basket_return_equal_weighted", HARDWARE, "return"),
        "semiconductors": Series(
            "PHLX semiconductor index", "index_return", "PHLX Semiconductor index", "return"
        ),
    }
)
MAIN: Mapping[str, str] = Frozen({"ai": "ai_hardware", "telecom": "nasdaq"})
BESIDE: Mapping[str, tuple[str, ...]] = Frozen(
    {
        "ai": ("nasdaq", "semiconductors", "price_dividend"),
        "telecom": ("telecom_shares", "price_dividend"),
    }
)
ENDS: Mapping[str, str] = Frozen({"telecom": "2006-12"})
"""Month after which an episode's prices say nothing of it; telecom's own returns end there."""


@dataclass(frozen=True, eq=False)
class PriceData:
    """One series in its window.

    Attributes
    ----------
    series
        Name, of `SERIES`.
    months
        The months of the window, as many as are known.
    level
        Log price, shape (`BEFORE` + month,), less its first value.
    ratio
        Whether it is a ratio, which has no drift of its own.
    """

    series: str
    months: tuple[str, ...]
    level: Array
    ratio: bool

    @property
    def first(self) -> int:
        """Place of the first month in a window of full length."""
        return WINDOW - len(self.months)

    @property
    def change(self) -> Array:
        """Log change by month, in a window of full length with zeros in front."""
        return np.concatenate([np.zeros(self.first), np.diff(self.level)[BEFORE - 1 :]])

    @property
    def gap(self) -> Array:
        """Gap by month and quarter of the start, shape (`WINDOW`, `BLOCKS`)."""
        return gaps(self.level, self.first)


def gaps(level: Array, first: int) -> Array:
    """Return max(y_{t-1} - L_b, 0) by month t and quarter b, 0 before the quarter, from the log level."""
    out = np.zeros((WINDOW, BLOCKS))
    offset = BEFORE - first
    for b in range(first // PER_BLOCK, BLOCKS):
        start = max(b * PER_BLOCK, first)
        before = before_level(level, start + offset)
        out[start:, b] = np.maximum(level[start + offset - 1 : -1] - before, 0.0)
    return out


def before_level(level: Array, at: int) -> float:
    """Return the mean of the year before a place of the level."""
    return float(np.mean(level[at - BEFORE : at]))


def price_data(snapshot: Snapshot, name: str) -> PriceData:
    """Return the window of a series as known on the day of a snapshot.

    Raises
    ------
    InputError
        If fewer than `FEWEST` months, and the twelve before them, are known.
    UnknownNameError
        If there is no such series; the message lists what there is.
    """
    if name not in SERIES:
        raise UnknownNameError("series of prices", name, tuple(SERIES))
    spec = SERIES[name]
    level = _log_level(snapshot, spec)
    ends = ENDS.get(snapshot.episode, "")
    if ends:
        level = level.loc[[str(m) <= ends for m in level.index]]
    level = level.iloc[-(WINDOW + BEFORE) :]
    known = max(len(level) - BEFORE, 0)
    if known < FEWEST:
        raise InputError(
            f"Of '{name}' ({spec.title}) {len(level)} months are known as of {snapshot.as_of}; dating needs "
            f"{FEWEST + BEFORE}. Ask for a later day, or for another of {', '.join(SERIES)}."
        )
    months = tuple(str(m) for m in level.index[BEFORE:])
    values = level.to_numpy(dtype=float)
    return PriceData(name, months, values - values[0], spec.form == "ratio")


def _log_level(snapshot: Snapshot, spec: Series) -> pd.Series:
    """Return the log level by month: the months without a gap that end with the last one known."""
    found = _monthly(snapshot, spec.series, spec.entity)
    if spec.form == "ratio":
        below = _monthly(snapshot, spec.over, None)
        logs = {m: np.log(v / below[m]) for m, v in found.items() if m in below}
    elif spec.form == "return":
        logs = {m: np.log1p(v / 100) for m, v in found.items()}
    else:
        logs = {m: np.log(v) for m, v in found.items()}
    months = [m for m in sorted(logs) if np.isfinite(logs[m])]
    breaks = np.flatnonzero(np.diff([ordinal(m) for m in months]) != 1)
    kept = months[int(breaks[-1]) + 1 :] if breaks.size else months
    level = pd.Series([float(logs[m]) for m in kept], index=kept, dtype=float)
    if spec.form != "return" or not kept:
        return level
    before = label(ordinal(kept[0]) - 1, "M")
    return pd.Series(np.append(0.0, np.cumsum(level.to_numpy())), index=[before, *kept], dtype=float)


def _monthly(snapshot: Snapshot, series: str, entity: str | None) -> dict[str, float]:
    table = snapshot.table
    rows = table.loc[(table["series"] == series) & (table["frequency"] == "M")]
    if entity is not None:
        rows = rows.loc[rows["entity"] == entity]
    return dict(zip(map(str, rows["period"]), map(float, rows["value"]), strict=True))
