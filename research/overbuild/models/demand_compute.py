"""Installed compute by quarter: shipments of AI chips, retired as they age, as a check of demand and capital.

The files hold cumulated shipments by designer that are never retired (Epoch AI, medians, 8-bit operations in
units of an H100). A chip of a quarter is in use with the Weibull chance of its age.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.periods import ordinal, span
from overbuild.errors import InputError

type Array = NDArray[np.float64]

SERIES = "chips_cumulative_h100e"
DESIGNERS = ("NVIDIA", "Google TPU", "AMD Instinct", "Amazon Trainium/Inferentia")
SHAPE = 2.0


@dataclass(frozen=True, eq=False)
class Compute:
    """Compute in use.

    Attributes
    ----------
    quarters
        Labels, as long as every designer is known.
    shipped, installed
        H100-equivalents shipped in and in use at the end of each, shape (quarter,).
    """

    quarters: tuple[str, ...]
    shipped: Array
    installed: Array

    def growth(self, years: int = 1) -> float:
        """Return the log growth of what is in use over the last years."""
        return float(np.log(self.installed[-1] / self.installed[-1 - 4 * years]))

    def frame(self) -> pd.DataFrame:
        """Return one row a quarter."""
        return pd.DataFrame({"quarter": self.quarters, "shipped": self.shipped, "installed": self.installed})


def installed_compute(
    snapshot: Snapshot,
    median_life: float,
    designers: tuple[str, ...] = DESIGNERS,
    shape: float = SHAPE,
) -> Compute:
    """Return compute in use by quarter, shipments retired as they age.

    Parameters
    ----------
    snapshot
        What is known.
    median_life
        Years; infinite retires nothing and gives back the cumulated shipments.
    designers
        Whose chips; quarters after the first of them ends are left out.
    shape
        Weibull shape of the life.

    Raises
    ------
    InputError
        If a designer has no figures.
    """
    known = {d: _cumulated(snapshot, d) for d in designers}
    for designer, values in known.items():
        if len(values) < 5:
            raise InputError(
                f"Shipments of {designer} are known for {len(values)} quarters as of {snapshot.as_of}; "
                "installed compute needs 5."
            )
    last = min((max(v, key=ordinal) for v in known.values()), key=ordinal)
    first = min((min(v, key=ordinal) for v in known.values()), key=ordinal)
    quarters = span(first, last)
    shipped = np.sum([_flows(v, quarters) for v in known.values()], axis=0)
    age = (np.arange(len(quarters)) + 0.5) / 4
    alive = np.exp(-np.log(2) * (age / median_life) ** shape)
    installed = np.array([np.sum(shipped[: t + 1] * alive[t::-1]) for t in range(len(quarters))])
    return Compute(quarters, shipped, installed)


def _cumulated(snapshot: Snapshot, designer: str) -> dict[str, float]:
    t = snapshot.table
    rows = t.loc[(t["series"] == SERIES) & (t["entity"] == designer) & (t["frequency"] == "Q")]
    return dict(zip(rows["period"], rows["value"].astype(float), strict=True))


def _flows(cumulated: Mapping[str, float], quarters: tuple[str, ...]) -> Array:
    """Return shipments by quarter; what was shipped before the record falls in its first quarter."""
    levels = np.array([cumulated.get(q, np.nan) for q in quarters])
    known = np.flatnonzero(np.isfinite(levels))
    filled = np.interp(np.arange(levels.size), known, levels[known], left=0.0)
    return np.diff(filled, prepend=0.0)
