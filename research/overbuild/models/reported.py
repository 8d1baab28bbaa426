"""What firms spent and what their accounts wrote off, as reported: the data of the accounting life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from overbuild.core.frozen import Frozen
from overbuild.core.periods import PER_YEAR, frequency_of, label, ordinal, span
from overbuild.errors import InputError

if TYPE_CHECKING:
    from overbuild.core.snapshot import Snapshot

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class Accounts:
    """Which accounts of an era are compared, and how.

    Attributes
    ----------
    reports
        Firm to the series that it reports.
    spent
        Series whose sum is what was spent.
    spender
        Entity of these series; empty: the firm.
    measure
        ``depreciation``, a flow of the period; ``written_off``, the share of gross plant written off so far.
    plant
        For ``written_off``, the series of gross plant, net plant being the one reported.
    prior
        Name of the prior of the life.
    lives
        Lowest and highest life of the grid, and its step, in years.
    since
        First period of the new vintages.
    first
        First period compared.
    fewest
        Periods in a row below which nothing is said.
    """

    reports: Mapping[str, str]
    spent: tuple[str, ...]
    spender: str
    measure: Literal["depreciation", "written_off"]
    plant: str
    prior: str
    lives: tuple[float, float, float]
    since: str
    first: str
    fewest: int


ACCOUNTS = {
    # Firms changed the lives of servers up to 2023. Amazon's gross capex begins in 2017 and its depreciation
    # holds leases and content; Oracle's is not on file; Microsoft's with amortisation holds Activision's.
    "ai": Accounts(
        Frozen(
            {
                "Microsoft": "depreciation",
                "Alphabet": "depreciation",
                "Meta": "depreciation_and_amortization",
            }
        ),
        ("capex_cash",),
        "",
        "depreciation",
        "",
        "accounting_life",
        (2.0, 20.0, 0.5),
        "2023Q1",
        "2023Q1",
        6,
    ),
    # The carriers' series breaks in 1988 with a new system of accounts: the years before are left out. Their
    # additions are not on file: those of the sector stand for their course, and the share written off does
    # not depend on their level.
    "telecom": Accounts(
        Frozen({"FCC-reporting telephone carriers": "carrier_net_ppe"}),
        ("bea_comm_structures", "bea_comm_equipment"),
        "United States",
        "written_off",
        "carrier_gross_ppe",
        "accounting_life_carriers",
        (5.0, 40.0, 1.0),
        "1988",
        "1988",
        6,
    ),
}


@dataclass(frozen=True, eq=False)
class Reported:
    """What one firm spent and what it wrote off.

    Attributes
    ----------
    firm
        The firm.
    accounts
        What is compared; with amortisation in its series the life is understated.
    periods
        Labels of the periods compared.
    spent
        Spending by period up to the last of them, from as early as it is known.
    written_off
        Depreciation, or the share of plant written off, shape (period,).
    """

    firm: str
    accounts: Accounts
    periods: tuple[str, ...]
    spent: Array
    written_off: Array

    @property
    def series(self) -> str:
        """Name of the series that it reports."""
        return self.accounts.reports.get(self.firm, self.accounts.measure)

    @property
    def per_year(self) -> int:
        """Periods a year."""
        return PER_YEAR[frequency_of(self.periods[0])]


def reported_in(snapshot: Snapshot) -> tuple[Reported, ...]:
    """Return the firms of an era that report enough; the others are left out."""
    if snapshot.episode not in ACCOUNTS:
        return ()
    found, accounts = [], ACCOUNTS[snapshot.episode]
    for firm in accounts.reports:
        try:
            found.append(reported_by(snapshot, accounts, firm))
        except InputError:
            continue
    return tuple(found)


def reported_by(snapshot: Snapshot, accounts: Accounts, firm: str) -> Reported:
    """Return what a snapshot holds of one firm.

    Raises
    ------
    InputError
        If too few consecutive periods are known, or no spending before them.
    """
    series = accounts.reports[firm]
    flows = [_periods(snapshot, name, accounts.spender or firm) for name in accounts.spent]
    spent = {p: sum(f[p] for f in flows) for p in set.intersection(*(set(f) for f in flows))}
    written = _periods(snapshot, series, firm)
    if accounts.measure == "written_off":
        gross = _periods(snapshot, accounts.plant, firm)
        written = {p: 1 - v / gross[p] for p, v in written.items() if p in gross}
    recent = {p: v for p, v in written.items() if ordinal(p) >= ordinal(accounts.first) and p in spent}
    periods = _last_run(recent)
    if len(periods) < accounts.fewest:
        raise InputError(
            f"{firm} has {len(periods)} consecutive periods of {series} since {accounts.first} as of "
            f"{snapshot.as_of}; the accounting life needs {accounts.fewest}."
        )
    run = _last_run({p: v for p, v in spent.items() if ordinal(p) <= ordinal(periods[-1])})
    leased = _leased(snapshot, firm)
    return Reported(
        firm,
        accounts,
        tuple(periods),
        np.array([spent[p] + leased.get(p, 0.0) for p in run]),
        np.array([recent[p] for p in periods]),
    )


def _periods(snapshot: Snapshot, series: str, entity: str) -> dict[str, float]:
    t = snapshot.table
    rows = t.loc[(t["series"] == series) & (t["entity"] == entity) & t["frequency"].isin(["Q", "A"])]
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
    """Return the periods of the last stretch without a gap."""
    ordered = sorted(values, key=ordinal)
    start = len(ordered) - 1
    while start > 0 and ordinal(ordered[start]) - ordinal(ordered[start - 1]) == 1:
        start -= 1
    return ordered[max(start, 0) :]
