"""What the panels on the aftermath of telecom draw: one frame a panel, in the same columns.

Columns: ``panel``, ``name`` (what is named beside the points), ``period``, ``place`` (the date as a number of
years), ``value``, and ``low`` and ``high`` where a range is drawn. ``bound`` is ``upper`` where the source gives
only that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from overbuild.core.periods import PER_YEAR, period_end
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
PRICES = {"ip_transit_price": "IP transit", "oc3_lease": "OC-3", "stm1_price": "STM-1"}
BACKBONE = "backbone traffic"
ANCHOR = "1997-12"
"""The claim of 1998 cites an interview of that month, and traffic of that month was published in 1998."""
GB_PER_TB = 1000.0
SECONDS_A_MONTH = 365.25 / PER_YEAR["M"] * 24 * 3600


def investment(inputs: Inputs) -> pd.DataFrame:
    """Return narrow and broad investment by year, USD billion."""
    annual = pd.DataFrame(inputs.result("measures_telecom")["annual"])
    rows = annual[annual["perimeter"].isin(["narrow", "broad"]) & annual["period"].astype(int).isin(YEARS)]
    return pd.DataFrame(
        {
            "panel": "A",
            "name": rows["perimeter"],
            "period": rows["period"],
            "place": rows["period"].astype(float),
            "value": rows["capex"].astype(float),
        }
    )


def fibre_use(book: DataBook) -> pd.DataFrame:
    """Return every dated share of fibre or capacity in use, per cent; the share unused is turned round."""
    rows = pd.concat([book.series(series) for series in USE]).sort_values("period_end", kind="stable")
    unused = rows["series"] == "share_of_fibre_unused"
    return pd.DataFrame(
        {
            "panel": "B",
            "name": rows["series"].map(USE),
            "period": rows["period"].str[:7],
            "place": rows["period_end"].map(day_number),
            "value": rows["value"].where(~unused, 100 - rows["value"]),
        }
    )


def traffic(book: DataBook) -> pd.DataFrame:
    """Return backbone traffic, TB a month, with its range; then what a claim and an estimate of 1998 make of 1997."""
    low, high = (_monthly(book, end) for end in ("low", "high"))
    middle = np.sqrt(low * high)
    seen = pd.DataFrame(
        {
            "panel": "C",
            "name": BACKBONE,
            "period": low.index,
            "place": [period_number(p) for p in low.index],
            "value": middle.to_numpy(),
            "low": low.to_numpy(),
            "high": high.to_numpy(),
        }
    )
    days = book.series("traffic_doubling_time")["value"].iloc[0]
    percent = book.series("traffic_growth")["value"].iloc[0]
    later = [p for p in low.index if p >= ANCHOR]
    claim, growth = f"doubling every {days:g} days", f"growing {percent:g} % a year"
    said = [(claim, (period_end(p) - period_end(ANCHOR)).days / days, p) for p in later]
    said += [(growth, np.log2(1 + percent / 100) * (int(p[:4]) - int(ANCHOR[:4])), p) for p in later]
    claims = pd.DataFrame(
        {
            "panel": "C",
            "name": [name for name, _, _ in said],
            "period": [p for _, _, p in said],
            "place": [period_number(p) for _, _, p in said],
            "value": [middle[ANCHOR] * 2.0**doublings for _, doublings, _ in said],
        }
    )
    return pd.concat([seen, claims], ignore_index=True)


def prices(book: DataBook) -> pd.DataFrame:
    """Return prices of bandwidth, the first point of each = 100; each good is from one source throughout."""
    parts = []
    for series, name in PRICES.items():
        rows = book.series(series).sort_values("period_end")
        assert len(set(rows["source_id"])) == 1
        parts.append(
            pd.DataFrame(
                {
                    "panel": "D",
                    "name": name,
                    "period": rows["period"],
                    "place": [period_middle(p) for p in rows["period"]],
                    "value": 100 * rows["value"] / rows["value"].iloc[0],
                    "bound": ["upper" if "upper bound" in note else "" for note in rows["note"]],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _monthly(book: DataBook, end: str) -> pd.Series:
    """Return one end of the estimates of backbone traffic; a year with a rate alone is converted."""
    months = book.series(f"us_backbone_traffic_{end}", US).set_index("period")["value"]
    rates = book.series(f"us_backbone_rate_{end}", US).set_index("period")["value"]
    converted = rates.rename(lambda year: f"{year}-12") * SECONDS_A_MONTH / GB_PER_TB
    return pd.concat([months, converted[~converted.index.isin(months.index)]]).sort_index()
