"""How much of their operating cash flow the hyperscalers spend on capital, firm by firm and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.firms import LOOKS, SECTOR, trailing_years
from overbuild.exhibits.labels import End, label_ends, period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "capex_to_cash_flow"
TITLE = "Capital expenditure over operating cash flow, trailing year"
NOTE = (
    "Cash paid for property and equipment over cash from operations, both over the trailing four quarters and of the "
    "whole company. Assets taken under finance leases are left out. Amazon is gross of sale proceeds, warehouses "
    "included, and begins when four gross quarters are known; its earlier peak came with a fall of operating cash flow. "
    "Oracle's quarters end in February, May, August and November: each is drawn at its true end, and counted in the sector "
    "in the calendar quarter in which it ends, so its trailing year runs a month ahead of the others'. Sources: the five "
    "firms' filings with the SEC (cash-flow statements), grades A and B; vendor copies of grade C are not used."
)
NEEDS = ("measures_ai",)
DATA = ("hyperscalers/financials_quarterly.csv",)
HEIGHT = 3.3
FIRST = "2015Q4"
"""The figure begins here; the ratio of a firm may begin later."""
MONTH = 0.1
"""More than a month in years: by how much a fiscal quarter may end before the calendar quarter."""


def build(inputs: Inputs) -> Figure:
    """Draw the ratio of every firm and of the sector."""
    data = _data(inputs)
    figure, (axes,) = style.panels(height=HEIGHT)
    ends = []
    for firm, part in data.groupby("firm", sort=False):
        name = str(firm)
        look = style.LOOKS["ai"] if name == SECTOR else LOOKS[name]
        width = 2.4 if name == SECTOR else 1.2
        axes.plot(part["ends"], part["ratio"], **look.of_line(), linewidth=width, zorder=3 if name == SECTOR else 2)
        x, y = part["ends"].iloc[-1], part["ratio"].iloc[-1]
        axes.plot(x, y, color=look.color, marker=look.marker, linestyle="", zorder=4)
        _mark_peak(axes, part, look)
        ends.append(End(x, y, f"{name} {y:.2f}", look, bold=name == SECTOR))
    axes.axhline(1.0, color=style.PALETTE["black"], linewidth=0.8)
    axes.annotate("capex = operating cash flow", (data["ends"].min(), 1.0), (0, 3), textcoords="offset points", fontsize=8)
    axes.set_xlim(data["ends"].min() - 0.1, data["ends"].max() + 0.1)
    axes.set_ylim(0, 1.08 * data["ratio"].max())
    axes.xaxis.set_major_locator(MultipleLocator(2))
    axes.yaxis.set_major_locator(MultipleLocator(0.5))
    axes.set_ylabel("capex / operating cash flow")
    label_ends(axes, ends, height=HEIGHT - 0.4)
    return Figure(ID, TITLE, NOTE, figure, data)


def _mark_peak(axes: Axes, part: pd.DataFrame, look: style.Look) -> None:
    """Name a peak above one that lies before the end of the line."""
    peak = part.loc[part["ratio"].idxmax()]
    if peak["ratio"] > 1 and peak["period"] != part["period"].iloc[-1]:
        text = f"{peak['ratio']:.2f} ({peak['period']})"
        style.label(axes, peak["ends"], peak["ratio"], text, look, dx=0, dy=6, ha="center")


def _data(inputs: Inputs) -> pd.DataFrame:
    parts = [_firm(inputs, firm, measure) for firm, measure in inputs.book.perimeter["ai"]["firms"].items()]
    sector = pd.DataFrame(inputs.result("measures_ai")["trailing"]).dropna(subset=["capex_to_operating_cash_flow"])
    parts.append(
        pd.DataFrame(
            {
                "firm": SECTOR,
                "period": sector["period"],
                "ends": sector["period"].map(period_number),
                "ratio": sector["capex_to_operating_cash_flow"].astype(float),
            }
        )
    )
    whole = pd.concat(parts, ignore_index=True)
    return whole[whole["ends"] >= period_number(FIRST) - MONTH].reset_index(drop=True)


def _firm(inputs: Inputs, firm: str, measure: str) -> pd.DataFrame:
    capex = trailing_years(inputs.book, measure, firm)
    cash = trailing_years(inputs.book, "operating_cash_flow", firm)
    ratio = (capex["value"] / cash["value"]).dropna()
    ends = capex["ends"].reindex(ratio.index)
    return pd.DataFrame({"firm": firm, "period": ratio.index, "ends": ends.to_numpy(), "ratio": ratio.to_numpy()})
