"""Spending and what should pay for it, by unit, from one snapshot: firms, a sector, or a class of goods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core.periods import PER_YEAR, frequency_of, horizon, label, ordinal
from overbuild.episodes.flows import by_year
from overbuild.episodes.layers import regular
from overbuild.errors import InputError
from overbuild.timeseries.error_correction import Sample, deterministic
from overbuild.timeseries.vintages import refuse_mixed

if TYPE_CHECKING:
    from overbuild.core import Snapshot

Array = NDArray[np.float64]
US = "United States"
DEPRECIATION = 0.11
"""Yearly rate of communications equipment in the user cost (BEA; Fraumeni 1997)."""
EXPECTED_YEARS = 3
"""Years over which the price change of equipment is averaged into an expectation."""
RATES = ("baa_spread", "treasury_10y", "gdp_deflator")
SERIES: Mapping[str, tuple[str, ...]] = {
    "firms": ("capex_cash", "revenue", "operating_cash_flow", *RATES),
    "communications": (
        "bea_comm_equipment",
        "bea_comm_structures",
        "bea_comm_equipment_deflator",
        "gdp_annual",
        *RATES,
    ),
    "information_processing": ("information_processing_investment", "gdp", *RATES),
}
"""Perimeter to the series that it reads."""


@dataclass(frozen=True, eq=False)
class Unit:
    """One unit of a perimeter.

    Attributes
    ----------
    name
        Firm, or country.
    frame
        Indexed by consecutive periods: ``spending``, then fundamentals in levels of money; nan where unknown.
    fundamentals
        Columns of the long run, in logs.
    known
        Stationary regressors of the accelerator, one column each, on the same index.
    seasonal
        Whether spending is not seasonally adjusted.
    grades
        Grade to number of figures.
    others
        Other sets of fundamentals that are tried beside the first.
    """

    name: str
    frame: pd.DataFrame
    fundamentals: tuple[str, ...]
    known: pd.DataFrame
    seasonal: bool
    grades: Mapping[str, int] = field(default_factory=dict)
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def per_year(self) -> int:
        """Periods in a year."""
        return PER_YEAR[frequency_of(str(self.frame.index[0]))]

    def window(self, since: str | None, until: str, *, accelerator: bool) -> tuple[str, str]:
        """Return first and last period of the longest run without gap that ends with ``until``.

        Raises
        ------
        InputError
            If ``until`` is not known, if ``since`` is asked for and a later period is missing (they are
            named, with the start that would work), or if spending is constant.
        """
        whole = self._complete(accelerator)
        frequency = frequency_of(str(self.frame.index[0]))
        last = horizon(until, frequency)
        if not bool(whole.get(last, False)):
            known = whole.index[whole.to_numpy()]
            there = f"known are {known[0]} to {known[-1]}" if len(known) else "nothing is known"
            raise InputError(
                f"{self.name}: {last} is not known on that day ({there}); end the window earlier."
            )
        before = whole.loc[:last]
        gaps = before.index[~before.to_numpy()]
        start = label(ordinal(str(gaps[-1])) + 1, frequency) if len(gaps) else str(before.index[0])
        if since is None:
            return start, last
        yearly = frequency_of(since) == "A"
        asked = label(int(since) * PER_YEAR[frequency], frequency) if yearly else since
        if ordinal(asked) < ordinal(start):
            missing = [str(g) for g in gaps if ordinal(str(g)) >= ordinal(asked)]
            named = ", ".join(missing[-6:]) if missing else f"everything before {start}"
            raise InputError(
                f"{self.name}: the window from {asked} misses {named}; start in {start} or later."
            )
        return asked, last

    def sample(self, first: str, last: str, *, accelerator: bool) -> Sample:
        """Return the logs of a window; ``last`` may lie after the estimation window.

        The stationary regressors enter the accelerator alone: in levels the margin is the difference of the
        two fundamentals.
        """
        rows = self.frame.loc[first:last]
        spending = rows["spending"].to_numpy(float)
        if np.nanmax(spending) == np.nanmin(spending):
            raise InputError(
                f"{self.name}: spending is constant from {first} to {last}; there is no relation to find."
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.log(spending)
            x = np.log(rows[list(self.fundamentals)].to_numpy(float))
        number = ordinal(first)
        places = (number + np.arange(len(rows))) % self.per_year
        seasons = self.per_year if self.seasonal else 1
        known = self.known.loc[first:last].to_numpy(float) if accelerator else np.empty((len(rows), 0))
        return Sample(y, x, deterministic(places, seasons), known)

    def last_known(self, *, accelerator: bool) -> str:
        """Return the last period for which spending and fundamentals are known."""
        whole = self._complete(accelerator)
        return str(whole.index[whole.to_numpy()][-1])

    def _complete(self, accelerator: bool) -> pd.Series:
        columns = self.frame[["spending", *self.fundamentals]]
        whole = pd.Series((columns > 0).to_numpy().all(axis=1), index=columns.index)
        if accelerator and self.known.shape[1]:
            whole &= self.known.shift(1).notna().to_numpy().all(axis=1)
        return whole


def units(snapshot: Snapshot, perimeter: str) -> tuple[Unit, ...]:
    """Return the units of a perimeter as far as the snapshot knows them.

    Parameters
    ----------
    snapshot
        What was known.
    perimeter
        ``firms``: cash capex of each firm on revenue and operating cash flow of the trailing year;
        ``communications``: BEA structures and equipment on GDP, with a user cost; ``information_processing``:
        all private investment of that class on GDP, both at
        quarterly rates.

    Raises
    ------
    InputError
        If a series mixes vintages or is not there.
    """
    if perimeter == "firms":
        return tuple(_firm(snapshot, str(firm)) for firm in snapshot.perimeter["firms"])
    return (_communications(snapshot) if perimeter == "communications" else _class(snapshot),)


def read(snapshot: Snapshot, series: str, entity: str = US) -> tuple[pd.Series, dict[str, int]]:
    """Return a series by consecutive periods and how many of its figures have which grade."""
    table = snapshot.table
    rows = table.loc[(table["series"] == series) & (table["entity"] == entity)]
    if rows.empty:
        raise InputError(f"{entity}: nothing is known of {series} on {snapshot.as_of}; ask for a later day.")
    refuse_mixed(rows, entity)
    values = pd.Series(rows["value"].to_numpy(float), index=rows["period"].astype(str))
    return regular(values), {str(g): int(n) for g, n in rows["grade"].value_counts().items()}


def regular_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with every period from its first to its last."""
    return frame.reindex(list(regular(pd.Series(0.0, index=frame.index)).index))


def log_change(series: Any) -> pd.Series:
    """Return growth in logs."""
    return pd.Series(np.log(series.to_numpy(float)), index=series.index).diff()


def real_rate(snapshot: Snapshot) -> pd.Series:
    """Return the Baa yield less inflation of the GDP deflator over the year, per cent, by quarter.

    Empty where the snapshot has no rates.
    """
    held = set(snapshot.table["series"])
    if not set(RATES) <= held:
        return pd.Series(dtype=float)
    spread, treasury, deflator = (read(snapshot, name)[0] for name in RATES)
    return pd.Series(spread + treasury - 100 * (deflator / deflator.shift(4) - 1)).dropna()


def _firm(snapshot: Snapshot, firm: str) -> Unit:
    capex, grades = read(snapshot, str(snapshot.perimeter["firms"][firm]), firm)
    n = PER_YEAR[frequency_of(str(capex.index[0]))]
    money = {}
    for column, series in (("revenue", "revenue"), ("cash_flow", "operating_cash_flow")):
        rows = snapshot.table.loc[(snapshot.table["series"] == series) & (snapshot.table["entity"] == firm)]
        if rows.empty and column == "cash_flow":
            continue
        values, of = read(snapshot, series, firm)
        money[column] = values.rolling(n, min_periods=n).sum()
        grades = {g: grades.get(g, 0) + of.get(g, 0) for g in sorted({*grades, *of})}
    frame = regular_frame(pd.DataFrame({"spending": capex, **money}))
    known = {}
    if "cash_flow" in money:
        with np.errstate(divide="ignore", invalid="ignore"):
            known["margin"] = np.log((frame["cash_flow"] / frame["revenue"]).where(lambda m: m > 0))
    rate = real_rate(snapshot)
    if len(rate) and n == 4:
        known["real_rate"] = rate.reindex(frame.index) / 100
    alone = tuple((m,) for m in money) if len(money) > 1 else ()
    return Unit(firm, frame, tuple(money), pd.DataFrame(known, index=frame.index), n == 4, grades, alone)


def _communications(snapshot: Snapshot) -> Unit:
    equipment, grades = read(snapshot, "bea_comm_equipment")
    structures, _ = read(snapshot, "bea_comm_structures")
    gdp, _ = read(snapshot, "gdp_annual")
    cost = user_cost(snapshot)
    frame = {"spending": equipment + structures, "gdp": gdp}
    if len(cost) == 0:
        whole = regular_frame(pd.DataFrame(frame))
        return Unit(US, whole, ("gdp",), pd.DataFrame(index=whole.index), False, grades)
    whole = regular_frame(pd.DataFrame({**frame, "user_cost": cost}))
    known = pd.DataFrame({"user_cost_growth": log_change(whole.loc[:, "user_cost"])})
    return Unit(US, whole, ("gdp",), known, False, grades, (("gdp", "user_cost"),))


def user_cost(snapshot: Snapshot) -> pd.Series:
    r"""Return the user cost of communications equipment relative to output, by year.

    .. math:: (q_t / p_t) (r_t + \delta - \pi_t)

    q and p are the deflators of communications equipment and of GDP, r the Baa yield, :math:`\pi` the mean
    growth
    of q over `EXPECTED_YEARS` (Hall and Jorgenson 1967, without taxes). Empty where the snapshot has no
    rates.
    """
    held = set(snapshot.table["series"])
    if not {*RATES, "bea_comm_equipment_deflator"} <= held:
        return pd.Series(dtype=float)
    q, _ = read(snapshot, "bea_comm_equipment_deflator")
    spread, treasury, deflator = (read(snapshot, name)[0] for name in RATES)
    rate, p = by_year(spread + treasury, "mean") / 100, by_year(deflator, "mean")
    growth = log_change(q).rolling(EXPECTED_YEARS).mean()
    cost = (q / p) * (rate + DEPRECIATION - growth)
    return cost.where(cost > 0).dropna()


def _class(snapshot: Snapshot) -> Unit:
    spending, grades = read(snapshot, "information_processing_investment")
    gdp, _ = read(snapshot, "gdp")
    frame = regular_frame(pd.DataFrame({"spending": spending, "gdp": gdp}) / 4)
    known = pd.DataFrame({"real_rate": real_rate(snapshot) / 100}).reindex(frame.index)
    return Unit(US, frame, ("gdp",), known, False, grades)
