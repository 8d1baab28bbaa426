"""One clock for every boom: years since take-off, by a stated rule."""

from __future__ import annotations

import pandas as pd

from overbuild.core.periods import ordinal
from overbuild.episodes.layers import regular

ABOVE = 1.1
YEARS = 5


def take_off(
    share: pd.Series, *, start: str | None = None, above: float = ABOVE, years: int = YEARS
) -> str | None:
    """Return year 0: the first year whose share of GDP exceeds ``above`` times the mean of ``years`` before.

    Parameters
    ----------
    share
        Annual share of GDP, indexed by year.
    start
        The first year that may be year 0, where the series is longer than the episode; None: any.
    above, years
        The rule; the defaults are those of every exhibit.

    Returns
    -------
    str or None
        The year; None where the rule is never met. The rule needs ``years`` earlier years, so an episode
        whose data start late cannot take off before then.
    """
    if share.empty:
        return None
    whole = regular(share)
    values = whole.to_numpy(dtype=float)
    for i, year in enumerate(str(y) for y in whole.index):
        started = start is None or year >= start
        if started and i >= years and values[i] > above * values[i - years : i].mean():
            return year
    return None


def on_clock(series: pd.Series, year_zero: str) -> pd.Series:
    """Return an annual series indexed by whole years since take-off."""
    zero = ordinal(year_zero)
    index = pd.Index([ordinal(str(p)) - zero for p in series.index], name="years_since_take_off")
    return pd.Series(series.to_numpy(), index=index)
