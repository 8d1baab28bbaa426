"""What firms spent and what they wrote off, as reported: the data of the accounting life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import label, ordinal, span
from overbuild.errors import InputError

if TYPE_CHECKING:
    from overbuild.core.snapshot import Snapshot

type Array = NDArray[np.float64]

SINCE = "2023Q1"
"""First quarter compared, and first of the new vintages: firms changed the lives of servers up to then."""
FEWEST = 6
FIRMS = {
    "Microsoft": "depreciation",
    "Alphabet": "depreciation",
    "Meta": "depreciation_and_amortization",
}
"""Firm to the series of its depreciation. Amazon's gross capex begins in 2017 and its depreciation
holds leases and content; Oracle's is not on file; Microsoft's with amortisation holds that of Activision."""


@dataclass(frozen=True, eq=False)
class Reported:
    """What one firm spent and what it wrote off.

    Attributes
    ----------
    firm, series
        The firm, and the series of its depreciation; with amortisation the life is understated.
    quarters
        Labels of the quarters compared.
    spent
        Capex by quarter up to the last of them, from as early as it is known.
    depreciation
        Shape (quarter,).
    """

    firm: str
    series: str
    quarters: tuple[str, ...]
    spent: Array
    depreciation: Array


def reported_by(snapshot: Snapshot, firm: str, series: str) -> Reported:
    """Return what a snapshot holds of one firm.

    Raises
    ------
    InputError
        If fewer than six consecutive quarters of depreciation, or no capex before them, are known.
    """
    spent, written = (_quarters(snapshot, name, firm) for name in ("capex_cash", series))
    recent = {q: v for q, v in written.items() if ordinal(q) >= ordinal(SINCE) and q in spent}
    quarters = _last_run(recent)
    if len(quarters) < FEWEST:
        raise InputError(
            f"{firm} has {len(quarters)} consecutive quarters of {series} since {SINCE} as of "
            f"{snapshot.as_of}; the accounting life needs {FEWEST}."
        )
    run = _last_run({q: v for q, v in spent.items() if ordinal(q) <= ordinal(quarters[-1])})
    leased = _leased(snapshot, firm)
    return Reported(
        firm,
        series,
        tuple(quarters),
        np.array([spent[q] + leased.get(q, 0.0) for q in run]),
        np.array([recent[q] for q in quarters]),
    )


def _quarters(snapshot: Snapshot, series: str, firm: str) -> dict[str, float]:
    t = snapshot.table
    rows = t.loc[(t["series"] == series) & (t["entity"] == firm) & (t["frequency"] == "Q")]
    return dict(zip(rows["period"], rows["value"].astype(float), strict=True))


def _leased(snapshot: Snapshot, firm: str) -> dict[str, float]:
    """Return additions under finance leases; sums of quarters are halved, missing ones interpolated."""
    t = snapshot.table
    rows = t.loc[(t["series"] == "finance_lease_additions") & (t["entity"] == firm)]
    found: dict[str, float] = {}
    for period, value in zip(rows["period"], rows["value"].astype(float), strict=True):
        parts = period.split("/")
        quarters = span(parts[0], parts[-1])
        found |= {q: value / len(quarters) for q in quarters}
    if not found:
        return {}
    known = sorted(map(ordinal, found))
    every = range(known[0], known[-1] + 1)
    filled = np.interp(every, known, [found[label(n, "Q")] for n in known])
    return {label(n, "Q"): float(v) for n, v in zip(every, filled, strict=True)}


def _last_run(values: Mapping[str, float]) -> list[str]:
    """Return the quarters of the last stretch without a gap."""
    ordered = sorted(values, key=ordinal)
    start = len(ordered) - 1
    while start > 0 and ordinal(ordered[start]) - ordinal(ordered[start - 1]) == 1:
        start -= 1
    return ordered[max(start, 0) :]
