"""The five firms apart: their trailing years, and how each looks in every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from overbuild.episodes.layers import layer_of
from overbuild.episodes.measures import trailing_sum
from overbuild.exhibits.labels import day_number
from overbuild.exhibits.style import PALETTE, Look

if TYPE_CHECKING:
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
    """Return a flow of a firm over the trailing four quarters, indexed by the calendar quarter that it is counted in.

    Only rows of grade A and B count, and only four quarters in a row make a year. What stands before the last gap is left
    out, so that a line never bridges one.

    Returns
    -------
    pandas.DataFrame
        ``value``, USD million, and ``ends``, the true end of the last fiscal quarter as a number of years.
    """
    rows = book.series(series, firm)
    recipe = {"name": series, "unit": "USD million", "frequency": "Q", "series": [series], "entities": [firm], "meaning": ""}
    layer = layer_of(rows, recipe)
    if layer is None:
        return pd.DataFrame(columns=["value", "ends"], dtype=float)
    value = trailing_sum(layer.values)
    value = value[value[::-1].notna().cummin()[::-1]]
    ends = rows.set_index("period")["period_end"].reindex(value.index).map(day_number)
    return pd.DataFrame({"value": value, "ends": ends})
