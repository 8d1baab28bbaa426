"""Revenue and capital of the firms of an era, side by side: what the decisiveness of a contest is read from.

AI: revenue of the three cloud segments against each firm's cash capex, all of it, cumulated and depreciated:
no firm publishes what its cloud alone spends. Amazon's holds its warehouses, Alphabet's and Microsoft's their
other services. Telecom: revenue of two carriers against their total assets at the start of the year, which
hold goodwill and licences beside the network; carriers' plant is not in the data for two of them at once, and
before 2001 their perimeters changed with every merger. A user's file: revenue against capex.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.periods import PER_YEAR, frequency_of, label, ordinal, span
from overbuild.errors import InputError

type Array = NDArray[np.float64]

FEWEST = {4: 8, 1: 3}
"""Periods with revenue and capital of every firm that a reading takes, by periods a year."""
SPENDING = "capex_cash"


@dataclass(frozen=True)
class Source:
    """Where revenue and capital of an era's firms stand.

    Attributes
    ----------
    revenue
        Firm to series.
    frequency
        ``Q`` or ``A``.
    spending
        Series of capex, cumulated; empty where ``capital`` is reported.
    spending_by_year
        Series of the same by calendar year, which fills quarters that are missing; empty: none.
    capital
        Series of capital at the end of a period.
    first
        First period of spending, or of reported capital.
    redefined
        Firm to the period from which its revenue series means something else.
    mixed
        Firms whose capital is known to hold much that does not bring this revenue: chosen, like the prior
        of their reliability, on 2026-11-22 and after the data had been seen.
    """

    revenue: Mapping[str, str]
    frequency: str
    spending: str = ""
    spending_by_year: str = ""
    capital: str = ""
    first: str = ""
    redefined: tuple[tuple[str, str], ...] = ()
    mixed: tuple[str, ...] = ()


SOURCES: Mapping[str, Source] = {
    "ai": Source(
        revenue={
            "Amazon": "cloud_revenue_aws",
            "Microsoft": "cloud_revenue_intelligent_cloud",
            "Alphabet": "cloud_revenue_google_cloud",
        },
        frequency="Q",
        spending=SPENDING,
        spending_by_year="capex_cash_fy",
        first="2016Q1",
        redefined=(("Microsoft", "2024Q3"),),
        mixed=("Amazon",),
    ),
    "telecom": Source(
        revenue={"Verizon": "carrier_revenue", "SBC Communications": "carrier_revenue"},
        frequency="A",
        capital="carrier_total_assets",
        first="2000",
    ),
}
"""Telecom from the end of 2000: Verizon had been formed and SBC's wireless business had gone to Cingular."""


@dataclass(frozen=True, eq=False)
class ContestData:
    """Revenue and capital of firms over periods in which both are known of all.

    Attributes
    ----------
    episode, firms, periods
        Names; labels.
    contenders
        N, how many firms are in the contest; those observed are some of them.
    log_revenue
        Shape (period, firm).
    spent
        Capex, shape (earlier and period, firm), up to the period before the last; empty where capital is
        reported.
    log_reported
        Log of reported capital at the start of a period, shape (period, firm); empty where it is cumulated.
    growth_before
        Log growth a year of capex before the first that is known.
    redefined
        Places (firm, period) from which a firm's revenue means something else.
    groups
        Group of each firm, 0 or 1: firms of a group share how reliably their capital measures what brings the
        revenue; 1 are those whose capital is mixed.
    trends
        Whether each firm has a trend of its own.
    """

    episode: str
    firms: tuple[str, ...]
    periods: tuple[str, ...]
    contenders: int
    log_revenue: Array
    spent: Array
    log_reported: Array
    growth_before: float
    redefined: tuple[tuple[int, int], ...] = ()
    groups: tuple[int, ...] = ()
    trends: bool = True

    @property
    def per_year(self) -> int:
        """Periods a year."""
        return PER_YEAR[frequency_of(self.periods[0])]

    @property
    def years(self) -> Array:
        """Years from the last period, shape (period,)."""
        return np.arange(1.0 - len(self.periods), 1.0) / self.per_year

    @property
    def contrasts(self) -> Array:
        """Orthonormal differences between firms, shape (firm - 1, firm): what is common to all drops out."""
        n = len(self.firms)
        rows = [
            np.concatenate([np.full(k, 1.0), [-k], np.zeros(n - k - 1)]) / np.sqrt(k * (k + 1))
            for k in range(1, n)
        ]
        return np.array(rows)

    def log_capital(self, depreciation: float) -> Array:
        """Return the log of capital at the start of every period, shape (period, firm).

        Parameters
        ----------
        depreciation
            Log loss a year of capital that is cumulated, K_t = exp(-depreciation / n) K_t-1 + I_t, with n
            periods a year; of no effect on capital that is reported.
        """
        if not self.spent.size:
            return self.log_reported
        kept = np.exp(-depreciation / self.per_year)
        rise = np.exp(self.growth_before / self.per_year)
        stock = self.spent[: self.per_year].mean(axis=0) / (rise - kept)
        out = []
        for flow in self.spent:
            stock = kept * stock + flow
            out.append(stock)
        return np.log(np.array(out[-len(self.periods) :]))

    def deviations(self, depreciation: float, reliability: Array) -> Array:
        """Return how log capital moves against that of the other firms, times reliability, between firms.

        What is common to all firms is taken out first: reliability is of movements against others, and
        unequal ones would turn common growth into differences.

        Parameters
        ----------
        depreciation
            As in `log_capital`.
        reliability
            Of every group, shape (group,).
        """
        logs = self.log_capital(depreciation)
        against = logs - logs.mean(axis=1, keepdims=True)
        return self.contrasted((against - against.mean(axis=0)) * reliability[list(self.groups)])

    def contrasted(self, logs: Array) -> Array:
        """Return differences between firms, shape (contrast * period,), one contrast after the other."""
        return (logs @ self.contrasts.T).T.ravel()

    def with_contrasts(self, y: Array) -> ContestData:
        """Return the same firms with other differences of log revenue, shape (contrast * period,)."""
        by_period = y.reshape(len(self.firms) - 1, -1).T
        return replace(self, log_revenue=by_period @ self.contrasts)

    def without(self, firm: str) -> ContestData:
        """Return the data without a firm."""
        at = self.firms.index(firm)
        kept = [i for i in range(len(self.firms)) if i != at]
        new = {old: i for i, old in enumerate(kept)}
        return replace(
            self,
            firms=tuple(self.firms[i] for i in kept),
            log_revenue=self.log_revenue[:, kept],
            spent=self.spent[:, kept] if self.spent.size else self.spent,
            log_reported=self.log_reported[:, kept] if self.log_reported.size else self.log_reported,
            redefined=tuple((new[i], t) for i, t in self.redefined if i != at),
            groups=tuple(self.groups[i] for i in kept),
        )

    def since(self, period: str) -> ContestData:
        """Return the data from a period on, capital still cumulated from all that was spent."""
        at = self.periods.index(period)
        return replace(
            self,
            periods=self.periods[at:],
            log_revenue=self.log_revenue[at:],
            log_reported=self.log_reported[at:],
            redefined=tuple((i, max(t - at, 0)) for i, t in self.redefined if t > at),
        )

    def earlier_capital(self, periods: int) -> ContestData:
        """Return the data with cumulated capital of so many periods earlier."""
        return replace(self, spent=self.spent[:-periods])


def contest_data(snapshot: Snapshot, contenders: int | None, growth_before: float) -> ContestData:
    """Return what is known of revenue and capital.

    Parameters
    ----------
    snapshot
        What is known.
    contenders
        N; None: as many as firms are observed.
    growth_before
        Log growth a year of capex before the first that is known.

    Raises
    ------
    InputError
        If fewer than two firms, or too few periods, have both.
    """
    source = SOURCES.get(snapshot.episode) or _own(snapshot)
    table = snapshot.table
    revenue = pd.DataFrame({firm: _series(table, s, firm) for firm, s in source.revenue.items()})
    spent = _spending(table, source) if source.spending else pd.DataFrame()
    stock = pd.DataFrame() if source.spending else _stock(table, source)
    known = _common(revenue, spent.shift(1).iloc[1:] if source.spending else stock)
    per_year = PER_YEAR[source.frequency]
    if len(source.revenue) < 2 or len(known) < FEWEST[per_year]:
        unit = "quarters" if per_year == 4 else "years"
        raise InputError(
            f"Revenue and capital of two or more firms of '{snapshot.episode}' are known together for "
            f"{len(known)} {unit} as of {snapshot.as_of}; the contest is read from {FEWEST[per_year]} or "
            "more. Ask for a later day, or give more firms and periods."
        )
    firms = tuple(source.revenue)
    used = spent.loc[[p for p in spent.index if p < known[-1]]] if source.spending else spent
    return ContestData(
        episode=snapshot.episode,
        firms=firms,
        periods=tuple(known),
        contenders=contenders or len(firms),
        log_revenue=np.log(revenue.loc[known].to_numpy(dtype=float)),
        spent=used.to_numpy(dtype=float),
        log_reported=np.empty((len(known), 0))
        if source.spending
        else np.log(stock.loc[known].to_numpy(float)),
        growth_before=growth_before,
        redefined=tuple(
            (firms.index(firm), known.index(period)) for firm, period in source.redefined if period in known
        ),
        groups=tuple(int(firm in source.mixed) for firm in firms),
    )


def _own(snapshot: Snapshot) -> Source:
    """Return the source of a user's file, or of an era whose firms' revenue and capex are both known."""
    table = snapshot.table
    spends = table.loc[table["series"] == SPENDING]
    sells = set(table.loc[table["series"] == "revenue", "entity"])
    firms = [str(e) for e in dict.fromkeys(spends["entity"]) if e in sells]
    if not firms:
        return Source({}, "A", spending=SPENDING)
    frequency = frequency_of(str(spends["period"].iloc[0]))
    return Source(dict.fromkeys(firms, "revenue"), frequency, spending=SPENDING)


def _series(table: pd.DataFrame, series: str, entity: str) -> pd.Series:
    rows = table.loc[(table["series"] == series) & (table["entity"] == entity) & (table["value"] > 0)]
    return pd.Series(rows["value"].to_numpy(dtype=float), index=rows["period"].astype(str).to_list())


def _stock(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return reported capital of every firm by the period at whose start it was there."""
    found = pd.DataFrame({firm: _series(table, source.capital, firm) for firm in source.revenue})
    found = found.loc[[p for p in found.index if p >= source.first]]
    return found.set_axis([label(ordinal(p) + 1, source.frequency) for p in found.index], axis=0)


def _spending(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return capex of every firm up to the first gap; totals of years fill missing quarters."""
    every = {firm: _series(table, source.spending, firm) for firm in source.revenue}
    if any(s.empty for s in every.values()) or not every:
        return pd.DataFrame()
    first = source.first or max(min(s.index) for s in every.values())
    periods = span(first, min(max(s.index) for s in every.values()))
    if source.spending_by_year:
        for firm, known in every.items():
            years = _series(table, source.spending_by_year, firm)
            every[firm] = _filled(known, years, periods)
    found = pd.DataFrame({firm: s.reindex(list(periods)) for firm, s in every.items()})
    whole = found.notna().all(axis=1).cummin()
    return found.loc[whole]


def _filled(known: pd.Series, years: pd.Series, periods: tuple[str, ...]) -> pd.Series:
    """Spread what a calendar year's total leaves over its missing quarters, in equal parts."""
    full = known.reindex(list(periods))
    for year in sorted({p[:4] for p in periods if np.isnan(full[p])}):
        own = [p for p in periods if p[:4] == year]
        missing = [p for p in own if np.isnan(full[p])]
        if len(own) == 4 and year in years.index:
            full[missing] = (years[year] - full[own].sum()) / len(missing)
    return full


def _common(*frames: pd.DataFrame) -> list[str]:
    """Return the periods, without a gap up to the last, of which every frame holds every firm."""
    if any(f.empty for f in frames):
        return []
    whole = [set(f.index[f.notna().all(axis=1)]) for f in frames]
    both = sorted(set.intersection(*whole))
    kept = both[-1:]
    for period in reversed(both[:-1]):
        if ordinal(kept[0]) - ordinal(period) != 1:
            break
        kept.insert(0, period)
    return kept
