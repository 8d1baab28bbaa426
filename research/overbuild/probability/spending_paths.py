"""Spending on another perimeter or at constant prices, with what is simulated behind what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.core.periods import label, ordinal

Array = NDArray[np.float64]
LAYER = "capex"
FOUR = "capex_four_firms"


def spending(history: Paths, ahead: Array | None = None, *, four: bool = False, real: bool = False) -> Paths:
    """Return the sector's spending, one layer named ``capex``, from the quarter after its last gap on.

    Ahead the four firms keep their share of the last four quarters, and prices at large rise as over the last
    year for which the deflator is known: no model here simulates either.

    Parameters
    ----------
    history
        Quarterly, one draw, with the layers ``capex``, ``capex_four_firms`` and ``gdp_deflator``.
    ahead
        Shape (path, quarter): simulated spending of all firms after its last known quarter; None: none.
    four
        Without Oracle.
    real
        At the prices of the last known quarter.
    """
    every = history.layer(LAYER)[0]
    known = np.flatnonzero(np.isfinite(every))
    last = int(known[-1])
    values = history.layer(FOUR)[0] if four else every
    gaps = np.flatnonzero(~np.isfinite(values[: last + 1]))
    first = int(gaps[-1]) + 1 if gaps.size else 0
    past = values[first : last + 1]
    share = float(past[-4:].sum() / every[last - 3 : last + 1].sum())
    rows = past[None, :]
    if ahead is not None:
        rows = np.concatenate([np.broadcast_to(past, (len(ahead), past.size)), share * ahead], axis=1)
    if real:
        rows = rows / _prices(history.layer("gdp_deflator")[0], first, last, rows.shape[1])
    start = ordinal(history.time[first])
    time = tuple(label(start + k, history.frequency) for k in range(rows.shape[1]))
    kind = "history" if ahead is None else "simulated"
    return Paths(time, {LAYER: rows}, {LAYER: history.units[LAYER]}, kind, history.as_of)


def _prices(deflator: Array, first: int, last: int, count: int) -> Array:
    """Return prices relative to those of the last known quarter, going on at the pace of the last year."""
    known = np.flatnonzero(np.isfinite(deflator))
    end = int(known[-1])
    pace = float(np.log(deflator[end] / deflator[end - 4])) / 4
    places = np.arange(first, first + count)
    inside = deflator[np.minimum(places, end)]
    index = inside * np.exp(pace * np.maximum(places - end, 0))
    return index / index[last - first]
