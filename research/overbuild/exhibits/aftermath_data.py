"""What the panels on the aftermath of telecom draw: one frame a panel, in the same columns.

Columns: ``panel``, ``name`` (what is named beside the points), ``period``, ``place`` (the date as a number of
years), ``value``; ``low`` and ``high`` of a range; ``bound``, which is ``upper`` for an upper bound.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.core.periods import PER_YEAR, ordinal, period_end
from overbuild.exhibits.frames import records
from overbuild.exhibits.labels import day_number, period_middle, period_number

if TYPE_CHECKING:
    from overbuild.episodes.databook import DataBook
    from overbuild.exhibits.base import Inputs

US = "United States"
YEARS = range(1990, 2011)
USE = {
    "lit_to_upgradeable_capacity": "lit / upgradeable, at sea",
    "share_of_potential_capacity_in_use": "traffic / potential capacity",
    "share_of_fibre_lit": "strands lit / all strands",
    "share_of_lit_capacity_reserved": "reserved / lit, one route",
    "utilisation_of_lit_capacity": "traffic / lit capacity",
    "share_of_fibre_in_use": "fibre in use / installed",
    "share_of_fibre_unused": "strands used / all strands",
}
"""Series to its meaning in short. What is reserved says nothing of use, and was quoted against the glut."""
UNUSED = "share_of_fibre_unused"
PRICES = {"ip_transit_price": "IP transit", "oc3_lease": "OC-3", "stm1_price": "STM-1"}
BACKBONE = "backbone traffic"
ANCHOR = "1997-12"
"""The claim of 1998 cites an interview of that month, and traffic of that month was published in 1998."""
GB_PER_TB = 1000.0
DAYS_A_YEAR = 365.25
SECONDS_A_MONTH = DAYS_A_YEAR / PER_YEAR["M"] * 24 * 3600


def investment(inputs: Inputs) -> pd.DataFrame:
    """Return narrow and broad investment by year, USD billion."""
    rows = inputs.result("measures_telecom")["annual"]
    shown = [r for r in rows if r["perimeter"] in ("narrow", "broad") and int(r["period"]) in YEARS]
    return pd.DataFrame([_row("A", r["perimeter"], r["period"], int(r["period"]), r["capex"]) for r in shown])


def fibre_use(book: DataBook) -> pd.DataFrame:
    """Return every dated share of fibre or capacity in use, per cent; the share unused is turned round."""
    rows = [row for series in USE for row in records(book.series(series))]
    made = []
    for row in sorted(rows, key=lambda row: row["period_end"]):
        value = 100 - row["value"] if row["series"] == UNUSED else row["value"]
        made.append(_row("B", USE[row["series"]], row["period"][:7], day_number(row["period_end"]), value))
    return pd.DataFrame(made)


def traffic(book: DataBook) -> pd.DataFrame:
    """Return backbone traffic, TB a month, with its range; then what two statements of 1998 make of 1997."""
    low, high = _monthly(book, "low"), _monthly(book, "high")
    middle = {p: math.sqrt(low[p] * high[p]) for p in low}
    seen = [
        _row("C", BACKBONE, p, period_number(p), middle[p]) | {"low": low[p], "high": high[p]} for p in low
    ]
    days = float(book.series("traffic_doubling_time")["value"].iloc[0])
    percent = float(book.series("traffic_growth")["value"].iloc[0])
    claimed = []
    for name, doublings_a_day in (
        (f"doubling every {days:g} days", 1 / days),
        (f"growing {percent:g} % a year", math.log2(1 + percent / 100) / DAYS_A_YEAR),
    ):
        for period in (p for p in low if ordinal(p) >= ordinal(ANCHOR)):
            doublings = (period_end(period) - period_end(ANCHOR)).days * doublings_a_day
            claimed.append(_row("C", name, period, period_number(period), middle[ANCHOR] * 2**doublings))
    return pd.DataFrame(seen + claimed)


def prices(book: DataBook) -> pd.DataFrame:
    """Return prices of bandwidth, the first point of each = 100; each good is from one source throughout."""
    made = []
    for series, name in PRICES.items():
        rows = sorted(records(book.series(series)), key=lambda row: row["period_end"])
        assert len({row["source_id"] for row in rows}) == 1
        for row in rows:
            value = 100 * row["value"] / rows[0]["value"]
            bound = "upper" if "upper bound" in row["note"] else ""
            made.append(
                _row("D", name, row["period"], period_middle(row["period"]), value) | {"bound": bound}
            )
    return pd.DataFrame(made)


def _monthly(book: DataBook, end: str) -> dict[str, float]:
    """Return one end of the estimates of backbone traffic; a year with a rate alone is converted."""
    months = {r["period"]: r["value"] for r in records(book.series(f"us_backbone_traffic_{end}", US))}
    for row in records(book.series(f"us_backbone_rate_{end}", US)):
        months.setdefault(f"{row['period']}-12", row["value"] * SECONDS_A_MONTH / GB_PER_TB)
    return dict(sorted(months.items()))


def _row(panel: str, name: str, period: str, place: float, value: float) -> dict[str, Any]:
    return {"panel": panel, "name": name, "period": period, "place": place, "value": value}
