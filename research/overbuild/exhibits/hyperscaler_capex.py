"""Capital expenditure of the hyperscalers by firm, and what share of GDP it has come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, MultipleLocator, NullLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.firms import LOOKS, SECTOR, trailing_years
from overbuild.exhibits.labels import End, label_ends, period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "hyperscaler_capex"
TITLE = "Capital expenditure of the five hyperscalers, trailing year"
NOTE = (
    "Cash paid for property and equipment over the trailing four quarters, nominal; logarithmic scale in A. The sector "
    "begins when the trailing year of every firm is known (Amazon, gross of sale proceeds, is the last) and ends with the "
    "slowest reporter. Grey bands: the sector's trailing year stands below its running peak; the number is the deepest fall "
    "in the band. The first band may have begun before the record does. B divides by GDP over the same four quarters. Oracle's quarters are drawn at their true ends in A. "
    "Sources: the five firms' filings with the SEC (cash-flow statements), grades A and B; BEA national accounts, grade A."
)
NEEDS = ("measures_ai",)
DATA = ("hyperscalers/financials_quarterly.csv",)
HEIGHTS = (2.7, 1.3)
FIRST = "2015Q4"


def build(inputs: Inputs) -> Figure:
    """Draw capex by firm, and the sector's share of GDP."""
    data = _data(inputs)
    figure, (top, bottom) = style.panels(
        2, 1, height=sum(HEIGHTS) + 0.5, sharex=True, gridspec_kw={"height_ratios": HEIGHTS}
    )
    sector = data[data["firm"] == SECTOR]
    _levels(top, data)
    _share(bottom, sector)
    _pauses(top, sector, named=True)
    _pauses(bottom, sector)
    style.letter(top, "A", "Trailing-year capex, USD billion")
    style.letter(bottom, "B", "The five firms together, per cent of GDP")
    return Figure(ID, TITLE, NOTE, figure, data)


def _levels(axes: Axes, data: pd.DataFrame) -> None:
    ends = []
    for firm, part in data.groupby("firm", sort=False):
        name = str(firm)
        look = style.LOOKS["ai"] if name == SECTOR else LOOKS[name]
        axes.plot(part["ends"], part["capex"], **look.of_line(), linewidth=2.4 if name == SECTOR else 1.2)
        x, y = part["ends"].iloc[-1], part["capex"].iloc[-1]
        axes.plot(x, y, color=look.color, marker=look.marker, linestyle="", zorder=4)
        ends.append(End(x, y, f"{name} {y:.0f}", look, bold=name == SECTOR))
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlim(data["ends"].min() - 0.1, data["ends"].max() + 0.1)
    axes.set_ylim(0.9, 1.5 * data["capex"].max())
    label_ends(axes, ends, height=HEIGHTS[0])


def _share(axes: Axes, sector: pd.DataFrame) -> None:
    look = style.LOOKS["ai"]
    axes.plot(sector["ends"], sector["share_of_gdp"], **look.of_line(), linewidth=2.4)
    x, y = sector["ends"].iloc[-1], sector["share_of_gdp"].iloc[-1]
    axes.plot(x, y, color=look.color, marker=look.marker)
    axes.set_ylim(0, 1.1 * sector["share_of_gdp"].max())
    axes.xaxis.set_major_locator(MultipleLocator(2))
    label_ends(axes, [End(x, y, f"{y:.2f}", look, bold=True)], height=HEIGHTS[1])


def _pauses(axes: Axes, sector: pd.DataFrame, *, named: bool = False) -> None:
    """Shade every spell in which the sector stands below its running peak; ``named`` writes how far it fell."""
    below = sector["drawdown"] > 0
    for _, spell in sector[below].groupby((~below).cumsum()[below]):
        first, last = spell["ends"].iloc[0] - 0.25, spell["ends"].iloc[-1]
        axes.axvspan(first, last, color="#E4E4E4", zorder=0, linewidth=0)
        if named:
            text = f"\N{MINUS SIGN}{100 * spell['drawdown'].max():.1f} %"
            axes.annotate(
                text, ((first + last) / 2, 0.98), xycoords=("data", "axes fraction"), ha="center", va="top", fontsize=8
            )


def _data(inputs: Inputs) -> pd.DataFrame:
    parts = []
    for firm, measure in inputs.book.perimeter["ai"]["firms"].items():
        years = trailing_years(inputs.book, measure, firm)
        parts.append(
            pd.DataFrame(
                {"firm": firm, "period": years.index, "ends": years["ends"].to_numpy(), "capex": years["value"].to_numpy() / 1e3}
            )
        )
    sector = pd.DataFrame(inputs.result("measures_ai")["trailing"])[["period", "capex", "share_of_gdp", "drawdown"]]
    parts.append(sector.assign(firm=SECTOR, ends=sector["period"].map(period_number)))
    whole = pd.concat(parts, ignore_index=True)
    return whole[whole["period"] >= FIRST].reset_index(drop=True)
