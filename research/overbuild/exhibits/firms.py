"""The five firms apart: their trailing years, and how each looks in every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.episodes.layers import layer_of
from overbuild.episodes.measures import trailing_sum
from overbuild.exhibits import style
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.labels import End, day_number
from overbuild.exhibits.style import PALETTE, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from overbuild.episodes.databook import DataBook

SECTOR = "Five firms"
LOOKS = {
    "Microsoft": Look(PALETTE["black"], "-", "o"),
    "Alphabet": Look(PALETTE["green"], (0, (1, 1.2)), "^"),
    "Amazon": Look(PALETTE["orange"], (0, (5, 2)), "s"),
    "Meta": Look(PALETTE["purple"], (0, (5, 1.5, 1, 1.5)), "D"),
    "Oracle": Look(PALETTE["grey"], (0, (5, 1.2, 1, 1.2, 1, 1.2)), "v"),
}


def trailing_years(book: DataBook, series: str, firm: str) -> pd.DataFrame:
    """Return a flow of a firm over the trailing four quarters, by calendar quarter.

    Only rows of grade A and B count, and only four quarters in a row make a year. What stands before the last
    gap is left out, so that a line never bridges one.

    Returns
    -------
    pandas.DataFrame
        Indexed by period: ``value``, USD million, and ``ends``, the true end of the last fiscal quarter as a
        number of years.
    """
    rows = book.series(series, firm)
    recipe = {"name": series, "unit": "USD million", "frequency": "Q", "series": [series]}
    layer = layer_of(rows, recipe | {"entities": [firm], "meaning": ""})
    if layer is None:
        return pd.DataFrame(columns=pd.Index(["value", "ends"]), dtype=float)
    value = trailing_sum(layer.values)
    gaps = np.flatnonzero(np.isnan(value.to_numpy()))
    value = value.iloc[gaps.max(initial=-1) + 1 :]
    ends = {row["period"]: day_number(row["period_end"]) for row in records(rows)}
    return pd.DataFrame({"value": value, "ends": [ends[str(p)] for p in value.index]})


def draw_lines(axes: Axes, data: pd.DataFrame, column: str, written: str) -> list[End]:
    """Draw a column of every firm and of the sector, and return the ends of the lines with their labels.

    Parameters
    ----------
    axes
        The panel.
    data
        Columns ``firm``, ``ends`` and ``column``.
    column
        What is drawn.
    written
        Format of the last value in the label.
    """
    found = []
    for firm in dict.fromkeys(data["firm"]):
        part, sector = where(data, firm=firm), firm == SECTOR
        look, width = (style.LOOKS["ai"], 2.4) if sector else (LOOKS[firm], 1.2)
        x, y = floats(part, "ends"), floats(part, column)
        axes.plot(x, y, **look.of_line(), linewidth=width, zorder=3 if sector else 2)
        axes.plot(x[-1], y[-1], color=look.color, marker=look.marker, linestyle="", zorder=4)
        found.append(End(x[-1], y[-1], f"{firm} {y[-1]:{written}}", look, bold=sector))
    axes.set_xlim(floats(data, "ends").min() - 0.1, floats(data, "ends").max() + 0.1)
    axes.xaxis.set_major_locator(MultipleLocator(2))
    return found
