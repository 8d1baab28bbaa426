"""How much of their operating cash flow the hyperscalers spend on capital, firm by firm and together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.core.periods import ordinal
from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.firms import LOOKS, SECTOR, draw_lines, trailing_years
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.labels import label_ends, period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "capex_to_cash_flow"
TITLE = "Capital expenditure over operating cash flow, trailing year"
NOTE = (
    "Cash paid for property and equipment over cash from operations, both over the trailing four quarters "
    "and of the whole company. Assets taken under finance leases are left out. Amazon is gross of sale "
    "proceeds, warehouses included, and begins when four gross quarters are known; its earlier peak came "
    "with a fall of operating cash flow. Oracle's quarters end in February, May, August and November: each "
    "is drawn at its true end, and counted in the sector in the calendar quarter in which it ends, so its "
    "trailing year ends a month before the others'. Sources: the five firms' filings with the SEC "
    "(cash-flow statements), grades A and B; vendor copies of grade C are not used."
)
NEEDS = ("measures_ai",)
DATA = ("hyperscalers/financials_quarterly.csv",)
HEIGHT = 3.3
FIRST = "2015Q4"
"""The figure begins here; the ratio of a firm may begin later."""


def build(inputs: Inputs) -> Figure:
    """Draw the ratio of every firm and of the sector."""
    data = _data(inputs)
    figure, (axes,) = style.panels(height=HEIGHT)
    ends = draw_lines(axes, data, "ratio", ".2f")
    for firm, look in LOOKS.items():
        _mark_peak(axes, where(data, firm=firm), look)
    axes.axhline(1.0, color=style.PALETTE["black"], linewidth=0.8)
    start = floats(data, "ends").min()
    text = "capex = operating cash flow"
    axes.annotate(text, (start, 1.0), (0, 3), textcoords="offset points", fontsize=8)
    axes.set_ylim(0, 1.08 * floats(data, "ratio").max())
    axes.yaxis.set_major_locator(MultipleLocator(0.5))
    axes.set_ylabel("Capex / operating cash flow")
    label_ends(axes, ends, height=HEIGHT - 0.4)
    return Figure(ID, TITLE, NOTE, figure, data)


def _mark_peak(axes: Axes, part: pd.DataFrame, look: style.Look) -> None:
    """Name a peak above one that lies before the end of the line."""
    rows = records(part)
    peak = max(rows, key=lambda row: row["ratio"], default=None)
    if peak and peak["ratio"] > 1 and peak is not rows[-1]:
        text = f"{peak['ratio']:.2f} ({peak['period']})"
        style.label(axes, peak["ends"], peak["ratio"], text, look, dx=0, dy=6, ha="center")


def _data(inputs: Inputs) -> pd.DataFrame:
    firms = inputs.book.perimeter["ai"]["firms"]
    rows = [row for firm, measure in firms.items() for row in _firm(inputs, firm, measure)]
    for row in inputs.result("measures_ai")["trailing"]:
        if row["capex_to_operating_cash_flow"] is not None:
            ends, ratio = period_number(row["period"]), row["capex_to_operating_cash_flow"]
            rows.append({"firm": SECTOR, "period": row["period"], "ends": ends, "ratio": ratio})
    return pd.DataFrame([row for row in rows if ordinal(row["period"]) >= ordinal(FIRST)])


def _firm(inputs: Inputs, firm: str, measure: str) -> list[dict[str, Any]]:
    capex = trailing_years(inputs.book, measure, firm)
    cash = trailing_years(inputs.book, "operating_cash_flow", firm)
    both = capex.assign(ratio=capex["value"] / cash["value"]).dropna().reset_index(names="period")
    return [
        {"firm": firm, "period": r["period"], "ends": r["ends"], "ratio": r["ratio"]} for r in records(both)
    ]
