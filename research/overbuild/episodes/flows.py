"""Arithmetic of flows on consecutive periods: trailing years, growth, falls, ratios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from overbuild.core.periods import PER_YEAR, frequency_of
from overbuild.episodes.layers import regular


def per_year(series: pd.Series) -> int:
    """Return the number of periods in a year: 1 or 4; 1 for an empty series."""
    return 1 if series.empty else PER_YEAR[frequency_of(str(series.index[0]))]


def trailing_sum(series: pd.Series) -> pd.Series:
    """Return the sum over the trailing year; nan until a whole year is known."""
    n = per_year(series)
    return series if n == 1 else pd.Series(series.rolling(n, min_periods=n).sum())


def drawdown(series: pd.Series) -> pd.Series:
    """Return the fall from the running peak, as a fraction; 0 at a peak."""
    peak = np.fmax.accumulate(series.to_numpy(dtype=float))
    return 1.0 - ratio(series, pd.Series(peak, index=series.index))


def growth(series: pd.Series) -> pd.Series:
    """Return growth over the year, as a fraction."""
    return ratio(series, pd.Series(series.shift(per_year(series)))) - 1.0


def ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """Return one series over another on the periods of the first; nan where the second is zero or unknown."""
    other = bottom.reindex(top.index)
    return top / other.where(other != 0)


def by_year(series: pd.Series, how: str = "sum") -> pd.Series:
    """Return whole years of a quarterly series (``sum`` of flows, ``mean`` of annual rates); annual: itself.

    A year that is not whole is nan, between the first and the last that are.
    """
    if per_year(series) == 1:
        return series
    years = series.groupby([str(p)[:4] for p in series.index]).agg([how, "count"])
    whole = years.loc[years["count"] == per_year(series), how]
    return regular(whole) if len(whole) else whole


def told_in(unit: str, largest: float) -> tuple[str, float]:
    """Return the unit in which figures are told, and the factor to it: sums in billions, the rest as is."""
    if unit.endswith(" million") and largest >= 1e3:
        return f"{unit.removesuffix(' million')} billion", 1e-3
    return unit, 1.0


def amount(value: float, unit: str) -> str:
    """Return a figure with its unit in words: ``USD 376.0 billion``, ``7,439.0 miles``."""
    currency, _, scale = unit.partition(" ")
    return f"{currency} {value:,.1f} {scale}" if scale else f"{value:,.1f} {unit}"
