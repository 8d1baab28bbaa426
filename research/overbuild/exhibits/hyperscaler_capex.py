"""Capital expenditure of the hyperscalers by firm, and what share of GDP it has come to."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from overbuild.core.periods import PER_YEAR, ordinal
from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.firms import SECTOR, draw_lines, trailing_years
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.labels import End, label_ends, period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "hyperscaler_capex"
TITLE = "Capital expenditure of the five hyperscalers, trailing year"
NOTE = (
    "Cash paid for property and equipment over the trailing four quarters, nominal; logarithmic scale in A. "
    "The sector begins when the trailing year of every firm is known (Amazon, gross of sale proceeds, is "
    "the last) and ends with the slowest reporter. Grey bands: the sector's trailing year stands below its "
    "running peak; the number is the deepest fall in the band. The first band may have begun before the "
    "record does. B divides by GDP over the same four quarters. Oracle's quarters are drawn at their true "
    "ends in A. Sources: the five firms' filings with the SEC (cash-flow statements), grades A and B; BEA "
    "national accounts, grade A."
)
NEEDS = ("measures_ai",)
DATA = ("hyperscalers/financials_quarterly.csv",)
HEIGHTS = (2.7, 1.3)
FIRST = "2015Q4"


def build(inputs: Inputs) -> Figure:
    """Draw capex by firm, and the sector's share of GDP."""
    data = _data(inputs)
    options = {"sharex": True, "gridspec_kw": {"height_ratios": HEIGHTS}}
    figure, (top, bottom) = style.panels(2, 1, height=sum(HEIGHTS) + 0.5, **options)
    sector = where(data, firm=SECTOR)
    _levels(top, data)
    _share(bottom, sector)
    _pauses(top, sector, named=True)
    _pauses(bottom, sector)
    style.letter(top, "A", "Trailing-year capex, USD billion")
    style.letter(bottom, "B", "The five firms together, per cent of GDP")
    return Figure(ID, TITLE, NOTE, figure, data)


def _levels(axes: Axes, data: pd.DataFrame) -> None:
    ends = draw_lines(axes, data, "capex", ".0f")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(0.9 * floats(data, "capex").min(), 1.5 * floats(data, "capex").max())
    label_ends(axes, ends, height=HEIGHTS[0])


def _share(axes: Axes, sector: pd.DataFrame) -> None:
    look, x, y = style.LOOKS["ai"], floats(sector, "ends"), floats(sector, "share_of_gdp")
    axes.plot(x, y, **look.of_line(), linewidth=2.4)
    axes.plot(x[-1], y[-1], color=look.color, marker=look.marker)
    axes.set_ylim(0, 1.1 * y.max())
    label_ends(axes, [End(x[-1], y[-1], f"{y[-1]:.2f}", look, bold=True)], height=HEIGHTS[1])


def _pauses(axes: Axes, sector: pd.DataFrame, *, named: bool = False) -> None:
    """Shade every spell below the running peak; ``named`` writes how far the sector fell."""
    for below, group in groupby(records(sector), key=lambda row: row["drawdown"] > 0):
        spell = list(group)
        if not below:
            continue
        first, last = spell[0]["ends"] - 1 / PER_YEAR["Q"], spell[-1]["ends"]
        axes.axvspan(first, last, color="#E4E4E4", zorder=0, linewidth=0)
        if named:
            text = f"\N{MINUS SIGN}{100 * max(row['drawdown'] for row in spell):.1f} %"
            place, within = ((first + last) / 2, 0.98), ("data", "axes fraction")
            axes.annotate(text, place, xycoords=within, ha="center", va="top", fontsize=8)


def _data(inputs: Inputs) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for firm, measure in inputs.book.perimeter["ai"]["firms"].items():
        years = trailing_years(inputs.book, measure, firm).reset_index(names="period")
        for r in records(years):
            rows.append({"firm": firm, "period": r["period"], "ends": r["ends"], "capex": r["value"] / 1e3})
    for r in inputs.result("measures_ai")["trailing"]:
        drawn = {name: r[name] for name in ("period", "capex", "share_of_gdp", "drawdown")}
        rows.append({"firm": SECTOR, "ends": period_number(r["period"]), **drawn})
    return pd.DataFrame([row for row in rows if ordinal(row["period"]) >= ordinal(FIRST)])
