"""Which of the five firms raised the growth of its spending in each quarter, and what went before.

y_it = 1 if firm i's growth of cash capex over four quarters was higher in quarter t than in t - 1. Amazon's
gross capex is known from 2017Q3, but for 2017Q4; before its growth and that of a quarter earlier can be
formed from it (2019Q2) the series net of proceeds gives both, each growth from one series alone: levels are
never joined. The common index is the change, over a quarter, of NVIDIA's growth over four quarters, a quarter
earlier: what is asked of the makers of computers, or what they could deliver. A firm's own covariate is its
cash-flow surprise: the growth of its trailing year's operating cash flow over a quarter, less the mean of the
eight before, a quarter earlier. A firm's own answer a year ago enters as -1 or 1: growth over four quarters
holds each quarter's spending twice, with opposite signs, so a rise is followed by a fall a year later more
often than not. (With zeta held at 0 and no such term, the posterior predictive autocorrelation at four
quarters misses the observed one; that at one quarter does not, and has no term. Decided on that, before zeta
was looked at.) Units are constants set beforehand.

Index and surprise are not filed when quarter t begins, but in its course, before the answers of t are
(`timing`): firms are taken to know already what is filed then. NVIDIA's fiscal quarters moreover end some
four weeks into the next one of the calendar, so that a part of what it sold in t, to these firms among
others, is in the index that explains t. A reading of `overbuild.games.quantal_sensitivity` takes both a
quarter older.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from overbuild.core import Snapshot
from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError
from overbuild.games.quantal_kernel import Marks
from overbuild.games.quantal_panel import LAG, UNKNOWN, QuantalData, own_lag

FIRMS = ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle")
CAPEX, NET, CASH, SALES = "capex_cash", "capex_cash_net_of_proceeds", "operating_cash_flow", "revenue"
SUPPLIER = "NVIDIA"
INDEX_UNIT, SURPRISE_UNIT, USUAL_QUARTERS = 0.25, 0.05, 8
FEWEST_FIRMS, FEWEST_QUARTERS = 2, 12


def quantal_data(snapshot: Snapshot) -> QuantalData:
    """Return the panel known on the day of a snapshot.

    It runs from the first quarter in which the index is known to the last in which two firms are. An index or
    surprise that is not known in between is taken as 0, none.

    Raises
    ------
    InputError
        If the snapshot is of an era without such a panel, or fewer than twelve quarters are known.
    """
    if snapshot.episode != "ai":
        raise InputError(
            f"'{snapshot.episode or 'this episode'}' has no panel of firms for this game: it takes the "
            f"capital expenditure of {', '.join(FIRMS)} by quarter, and of the carriers only SBC's is known "
            "for more than three years in a row. Ask for episode ai."
        )
    rose = pd.DataFrame({firm: accelerations(snapshot, firm) for firm in FIRMS})
    index = common_index(snapshot)
    known = rose.loc[rose.notna().sum(axis=1) >= FEWEST_FIRMS]
    clock = _clock(index.dropna().index, known.index)
    if len(clock) < FEWEST_QUARTERS:
        raise InputError(
            f"The five firms' capital expenditure and {SUPPLIER}'s revenue are known together for "
            f"{len(clock)} quarters as of {snapshot.as_of}; the game takes {FEWEST_QUARTERS}. Ask for a "
            "later day."
        )
    earlier = [label(ordinal(clock[0]) - k, "Q") for k in range(LAG, 0, -1)]
    before, y = marks(rose.reindex(earlier)), marks(rose.reindex(clock))
    common = np.repeat(index.reindex(clock).to_numpy(dtype=float)[:, None], len(FIRMS), axis=1)
    own = pd.DataFrame({firm: surprise(snapshot, firm) for firm in FIRMS}).reindex(clock)
    columns = [np.nan_to_num(common), np.nan_to_num(own.to_numpy(dtype=float)), own_lag(before, y)]
    return QuantalData(
        tuple(clock), FIRMS, y, np.stack(columns, axis=-1), ("index", "surprise", "own_lag"), before
    )


def marks(rose: pd.DataFrame) -> Marks:
    """Return 1, 0 and -1 of True, False and unknown, shape (period, firm)."""
    values = rose.to_numpy(dtype=float)
    return np.where(np.isnan(values), UNKNOWN, values > 0).astype(np.int8)


def accelerations(snapshot: Snapshot, firm: str) -> pd.Series:
    """Return the change over a quarter of the log growth over four, by quarter; above 0: growth rose."""
    found = _change_of_growth(_quarters(snapshot, CAPEX, firm))
    if firm == "Amazon":
        net = _change_of_growth(_quarters(snapshot, NET, firm))
        start = min(found.dropna().index, default="9999Q9")
        found = pd.Series(pd.concat([net.loc[net.index < start], found.loc[found.index >= start]]))
    return found.dropna()


def common_index(snapshot: Snapshot) -> pd.Series:
    """Return the index of the quarter before, in units of `INDEX_UNIT`, by quarter."""
    return _next_quarter(_change_of_growth(_quarters(snapshot, SALES, SUPPLIER))) / INDEX_UNIT


def surprise(snapshot: Snapshot, firm: str) -> pd.Series:
    """Return the cash-flow surprise of the quarter before, in units of `SURPRISE_UNIT`, by quarter."""
    year = _quarters(snapshot, CASH, firm).rolling(4).sum()
    growth = _log(pd.Series(year)).diff()
    usual = growth.shift(1).rolling(USUAL_QUARTERS).mean()
    return _next_quarter(growth - usual) / SURPRISE_UNIT


def timing(snapshot: Snapshot, periods: Sequence[str]) -> dict[str, int]:
    """Return how late covariates of the quarter before are, in days since the end of that quarter.

    ``index_ends`` and ``index_out``: when the supplier's fiscal quarter ended and could be known;
    ``surprise_out``: when a firm's cash flow could be known. Of each the latest in a panel of ``periods``.
    """
    table = snapshot.table
    used = [label(ordinal(p) - 1, "Q") for p in periods]
    kept = table.loc[(table["frequency"] == "Q") & table["period"].astype(str).isin(used)]
    supplier = kept.loc[(kept["series"] == SALES) & (kept["entity"] == SUPPLIER)]
    firms = kept.loc[(kept["series"] == CASH) & kept["entity"].isin(FIRMS)]
    return {
        "index_ends": _days_late(supplier, "period_end"),
        "index_out": _days_late(supplier, "available_from"),
        "surprise_out": _days_late(firms, "available_from"),
    }


def _days_late(rows: pd.DataFrame, column: str) -> int:
    ends = pd.PeriodIndex(rows["period"].astype(str), freq="Q").end_time.to_numpy().astype("datetime64[D]")
    return int((pd.to_datetime(rows[column]).to_numpy().astype("datetime64[D]") - ends).astype(int).max())


def _change_of_growth(level: pd.Series) -> pd.Series:
    return _log(level).diff(4).diff()


def _log(level: pd.Series) -> pd.Series:
    values = level.to_numpy(dtype=float)
    return pd.Series(np.log(np.where(values > 0, values, np.nan)), index=level.index)


def _next_quarter(values: pd.Series) -> pd.Series:
    later = [label(ordinal(str(p)) + 1, "Q") for p in values.index]
    return pd.Series(values.to_numpy(dtype=float), index=pd.Index(later, dtype=str))


def _quarters(snapshot: Snapshot, series: str, entity: str) -> pd.Series:
    """Return a quarterly series by label, without gaps in the labels."""
    table = snapshot.table
    rows = table.loc[(table["series"] == series) & (table["entity"] == entity) & (table["frequency"] == "Q")]
    values: Mapping[str, float] = dict(zip(map(str, rows["period"]), map(float, rows["value"]), strict=True))
    if not values:
        return pd.Series(dtype=float, index=pd.Index([], dtype=object))
    numbers = [ordinal(p) for p in values]
    clock = [label(n, "Q") for n in range(min(numbers), max(numbers) + 1)]
    return pd.Series([values.get(p, np.nan) for p in clock], index=clock, dtype=float)


def _clock(index: Sequence[str] | pd.Index, known: Sequence[str] | pd.Index) -> list[str]:
    """Return the quarters from the first with an index to the last with an index and enough answers."""
    both = sorted({ordinal(str(p)) for p in index} & {ordinal(str(p)) for p in known})
    return [label(n, "Q") for n in range(both[0], both[-1] + 1)] if both else []
