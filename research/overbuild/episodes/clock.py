"""One clock for every boom: years since take-off, by a stated rule."""

from __future__ import annotations

import numpy as np
import pandas as pd

from overbuild.core.periods import ordinal

ABOVE = 1.1
YEARS = 5


def take_off(share: pd.Series, *, above: float = ABOVE, years: int = YEARS) -> str | None:
    """Return year 0: the first year whose share of GDP exceeds ``above`` times the mean of the ``years`` before.

    Parameters
    ----------
    share
        Annual share of GDP, indexed by year.
    above, years
        The rule; the defaults are those of every exhibit.

    Returns
    -------
    str or None
        The year; None where the rule is never met. The rule needs ``years`` earlier years, so an episode whose
        data start late cannot take off before then.
    """
    before = share.rolling(years, min_periods=years).mean().shift(1)
    met = (share > above * before).to_numpy()
    return str(share.index[int(np.argmax(met))]) if met.any() else None


def on_clock(series: pd.Series, year_zero: str) -> pd.Series:
    """Return an annual series indexed by whole years since take-off."""
    zero = ordinal(year_zero)
    return pd.Series(series.to_numpy(), index=pd.Index([ordinal(str(p)) - zero for p in series.index], name="years_since_take_off"))
