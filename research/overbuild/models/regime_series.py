"""The annual series that the regime model is fitted to or read on, and in which years each of them counts.

No dollar is counted twice. A year of a firm is left out once the sum of which it is a part is known: the
growth of a sum is nearly that of its largest parts, and a bust read in both would weigh double in the moves
and hazards that all series share. So a hyperscaler counts until the first year of the five firms' sum.
Carriers are parts of the investment of communications, which is known from 1947 on, in every year: they are
read with what the others have taught, and fitted only if asked for (``overlap``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from overbuild.core import Paths, Snapshot
from overbuild.core.judging import trailing_year
from overbuild.core.periods import ordinal, span

BIG_FIVE, TELECOM, OWN = "big_five", "telecom", "own"
SECTORS: Mapping[str, str] = {"ai": BIG_FIVE, "telecom": TELECOM}
"""Episode to the member that is its sector; that of any other is called ``own``, or is a long series."""
LAYER = "capex"
CAPEX, GDP, SPREAD = "capex_cash", "gdp", "baa_spread"
ECONOMY = "United States"
FIRMS: Mapping[str, tuple[str, str]] = {
    "microsoft": (CAPEX, "Microsoft"),
    "alphabet": (CAPEX, "Alphabet"),
    "amazon": ("capex_cash_net_of_proceeds", "Amazon"),
    "meta": (CAPEX, "Meta"),
    "oracle": (CAPEX, "Oracle"),
}
"""Quarterly. Amazon before 2018 is known net of proceeds alone; it is never joined to the gross series."""
CARRIERS: Mapping[str, tuple[str, str]] = {
    "sbc": ("carrier_capex", "SBC Communications"),
    "cable": ("ncta_cable_capex", "United States"),
}
"""Annual; the only two with six years in a row."""
MOBILE = ("carrier_capex", "US wireless carriers")
FEWEST_LEVELS = 6
SUMMED_GRADES = ("A", "B")


@dataclass(frozen=True)
class Annual:
    """Series by year and what goes with each.

    Attributes
    ----------
    levels
        Name to spending by calendar year of the year's end, USD million.
    sizes
        Name to GDP on the same years.
    spreads
        Name to the mean spread of Baa bonds over the years, percentage points.
    """

    levels: dict[str, pd.Series]
    sizes: dict[str, pd.Series]
    spreads: dict[str, pd.Series]


def fitted_series(
    snapshot: Snapshot, series: Sequence[str], telecom: Sequence[str], gdp: str, *, overlap: bool = False
) -> Annual:
    """Return the long series, telecom, the five firms' sum and the firms; empty where nothing is known.

    Of an episode that is neither AI nor telecom: the long series, telecom, and its own sector.
    """
    known = {n: annual(snapshot, n) for n in dict.fromkeys([*series, *telecom, gdp])}
    size = known.pop(gdp)
    levels = {n: known[n] for n in series if n not in telecom}
    levels[TELECOM] = sum((known[n] for n in telecom[1:]), known[telecom[0]])
    if snapshot.episode not in SECTORS:
        return _with_own(snapshot, levels, size)
    total, last = sector_quarters(snapshot)
    levels[BIG_FIVE] = by_year(total, last) if last else pd.Series(dtype=float)
    start = int(levels[BIG_FIVE].index[0]) if len(levels[BIG_FIVE]) else None
    for name, (which, firm) in FIRMS.items():
        level = calendar_years(quarterly(snapshot, which, firm))
        levels[name] = longest_run(level.loc[: start - 1] if start and not overlap else level)
    if overlap:
        levels |= carriers(snapshot)
    sizes, spreads = dict.fromkeys(levels, size), dict.fromkeys(levels, yearly_spread(snapshot))
    if last:
        sizes[BIG_FIVE] = by_year(quarterly(snapshot, GDP, ECONOMY), last) / 4
        spreads[BIG_FIVE] = by_year(quarterly(snapshot, SPREAD, ECONOMY), last) / 4
    return Annual(levels, sizes, spreads)


def sector_of(snapshot: Snapshot, series: Sequence[str]) -> str:
    """Return the member that is the snapshot's sector."""
    if snapshot.episode in SECTORS:
        return SECTORS[snapshot.episode]
    layers = [x for x in snapshot.perimeter.get("layers", ()) if x["name"] == LAYER]
    named = list(layers[0]["series"]) if layers else []
    return named[0] if len(named) == 1 and named[0] in series else OWN


def _with_own(snapshot: Snapshot, levels: dict[str, pd.Series], size: pd.Series) -> Annual:
    """Add the sector of a user's file, or of a past boom that is not one of the long series."""
    spread = yearly_spread(snapshot)
    sizes, spreads = dict.fromkeys(levels, size), dict.fromkeys(levels, spread)
    if sector_of(snapshot, tuple(levels)) == OWN:
        levels[OWN], sizes[OWN], spreads[OWN] = pd.Series(dtype=float), size, spread
        if snapshot.has_history(LAYER):
            history = snapshot.history(LAYER)
            flow = _labelled(history, LAYER).dropna()
            if len(flow):
                last, per = str(flow.index[-1]), history.per_year
                levels[OWN] = by_year(flow, last, per)
                if per > 1 and GDP in history.layers:
                    sizes[OWN] = by_year(_labelled(history, GDP).dropna(), last, per) / per
    return Annual(levels, sizes, spreads)


def _labelled(history: Paths, layer: str) -> pd.Series:
    return pd.Series(history.layer(layer)[0], index=list(history.time))


def yearly_spread(snapshot: Snapshot) -> pd.Series:
    """Return the spread of Baa bonds by calendar year, the mean of the quarters known."""
    spread = quarterly(snapshot, SPREAD, ECONOMY)
    return pd.Series(spread.groupby(_years(spread)).mean())


def read_series(snapshot: Snapshot, gdp: str) -> Annual:
    """Return the series that are read and not fitted: carriers, mobile, and cloud by calendar year.

    Mobile is known in eleven single years and drawn in straight lines of logs between them; cloud is the sum
    of the five firms with Amazon net, from the first year in which Alphabet's is known without a gap.
    """
    levels = carriers(snapshot)
    mobile = annual(snapshot, *MOBILE)
    if len(mobile) >= FEWEST_LEVELS:
        clock = np.arange(mobile.index[0], mobile.index[-1] + 1)
        levels["mobile"] = pd.Series(
            np.exp(np.interp(clock, mobile.index, np.log(mobile.to_numpy()))), index=clock
        )
    parts = [calendar_years(quarterly(snapshot, *FIRMS[n])) for n in FIRMS if n != "alphabet"]
    levels["cloud"] = longest_run(
        pd.concat([*parts, annual(snapshot, "capex_cash_fy", "Alphabet")], axis=1).sum(
            axis=1, min_count=len(FIRMS)
        )
    )
    levels = {n: s for n, s in levels.items() if len(s) >= FEWEST_LEVELS}
    sizes, spreads = annual(snapshot, gdp), yearly_spread(snapshot)
    return Annual(levels, dict.fromkeys(levels, sizes), dict.fromkeys(levels, spreads))


def carriers(snapshot: Snapshot) -> dict[str, pd.Series]:
    """Return the carriers' spending by year; empty where fewer than six years in a row are known."""
    return {n: longest_run(annual(snapshot, *where)) for n, where in CARRIERS.items()}


def sector_quarters(snapshot: Snapshot) -> tuple[pd.Series, str]:
    """Return the five firms' sum by quarter (nan where one is unknown) and the last quarter that is known."""
    table = snapshot.table
    firms = [firm for _, firm in FIRMS.values()]
    rows = table.loc[
        (table["series"] == CAPEX)
        & table["entity"].isin(firms)
        & (table["frequency"] == "Q")
        & table["grade"].isin(SUMMED_GRADES)
    ]
    if rows.empty:
        return pd.Series(dtype=float), ""
    wide = rows.pivot(index="period", columns="entity", values="value")
    total = wide.sum(axis=1, min_count=len(firms)).dropna()
    return total, str(total.index[-1]) if len(total) else ""


def annual(snapshot: Snapshot, series: str, entity: str | None = None) -> pd.Series:
    """Return an annual series by year."""
    table = snapshot.table
    wanted = (table["series"] == series) & (table["frequency"] == "A")
    rows = table.loc[wanted if entity is None else wanted & (table["entity"] == entity)]
    years = [int(p) for p in rows["period"]]
    return pd.Series(rows["value"].to_numpy(dtype=float), index=years, dtype=float).sort_index()


def quarterly(snapshot: Snapshot, series: str, entity: str) -> pd.Series:
    """Return a quarterly series by label, in order."""
    table = snapshot.table
    rows = table.loc[(table["series"] == series) & (table["entity"] == entity) & (table["frequency"] == "Q")]
    return pd.Series(rows["value"].to_numpy(dtype=float), index=rows["period"].to_numpy()).sort_index()


def calendar_years(quarters: pd.Series) -> pd.Series:
    """Return sums of the calendar years of which all four quarters are known."""
    by = quarters.groupby(_years(quarters)).agg(["sum", "count"])
    return by.loc[by["count"] == 4, "sum"].astype(float)


def by_year(periods: pd.Series, last: str, per_year: int = 4) -> pd.Series:
    """Return sums of a year of periods that end with that of ``last`` in each year, by year of the end."""
    if not len(periods):
        return pd.Series(dtype=float)
    clock = span(min(periods.index, key=ordinal), last)
    sums = trailing_year(periods.reindex(clock).to_numpy(dtype=float)[None], per_year)[0]
    kept = sums[::-1][::per_year][::-1]
    year = int(last[:4])
    return pd.Series(kept, index=np.arange(year - kept.size + 1, year + 1)).dropna()


def longest_run(level: pd.Series) -> pd.Series:
    """Return the longest run of years without a gap, the later of two; empty if it is too short."""
    level = level.dropna()
    if not len(level):
        return pd.Series(dtype=float)
    run = np.cumsum(np.diff(level.index, prepend=level.index[0] - 1) > 1)
    sizes = np.bincount(run)
    best = np.flatnonzero(sizes == sizes.max())[-1]
    found = level.loc[run == best]
    return found if len(found) >= FEWEST_LEVELS else pd.Series(dtype=float)


def _years(quarters: pd.Series) -> list[int]:
    return [int(str(p)[:4]) for p in quarters.index]
