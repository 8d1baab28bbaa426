"""What it costs to rent a GPU: list prices provider by provider, and one-year contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.labels import End, label_ends, period_middle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from overbuild.episodes.databook import DataBook

ID = "gpu_and_prices"
TITLE = "Price of renting a GPU: list prices and one-year contracts"
NOTE = (
    "A: each provider's on-demand list price against its own last quote, equal weights, chained; first "
    "month of each GPU = 100, so that levels of different GPUs do not compare. A provider without a new "
    "quote is held at its last one, and list prices are sticky: the index lags and understates moves in "
    "both directions. B: one-year contracts as quoted in the press, a different good that is not joined to "
    "A. Prices are nominal and per hour of a chip of given kind: not of constant quality across kinds. "
    "Sources: archived list prices of providers; SemiAnalysis as quoted by others. All of grade C: context, "
    "on which no result rests."
)
NEEDS = ()
DATA = ("hyperscalers/prices.csv",)
HEIGHT = 2.6
LISTED, CONTRACT = "gpu_rental_matched_provider_index", "gpu_rental_contract_1y"
LOOKS = {
    "A100": style.LOOKS["context"],
    "H100": style.Look(style.PALETTE["black"], "-", "o"),
    "H200": style.LOOKS["third"],
    "B200": style.LOOKS["fourth"],
}


def build(inputs: Inputs) -> Figure:
    """Draw the index of each GPU, and the contracts."""
    data = pd.DataFrame([*_rows(inputs.book, LISTED), *_rows(inputs.book, CONTRACT)])
    figure, (left, right) = style.panels(1, 2, height=HEIGHT, width_ratios=(1.8, 1))
    _listed(left, where(data, series=LISTED))
    _contracts(right, where(data, series=CONTRACT))
    style.letter(left, "A", "List prices, matched providers, index")
    style.letter(right, "B", "H100, one year, USD an hour")
    return Figure(ID, TITLE, NOTE, figure, data)


def _listed(axes: Axes, data: pd.DataFrame) -> None:
    ends = []
    for gpu, look in LOOKS.items():
        part = where(data, entity=gpu)
        x, y = floats(part, "place"), floats(part, "value")
        axes.plot(x, y, **look.of_line())
        ends.append(End(x[-1], y[-1], f"{gpu} {y[-1]:.0f}", look))
    values = floats(data, "value")
    axes.set_ylim(0.92 * values.min(), 1.04 * values.max())
    axes.xaxis.set_major_locator(MultipleLocator(1))
    label_ends(axes, ends, height=HEIGHT - 0.5)


def _contracts(axes: Axes, data: pd.DataFrame) -> None:
    look, x, y = LOOKS["H100"], floats(data, "place"), floats(data, "value")
    axes.plot(x, y, **look.of_line(marked=True))
    for point in records(data):
        text = f"{point['value']:.2f}"
        style.label(axes, point["place"], point["value"], text, look, dx=0, dy=8, ha="center")
    axes.set_ylim(0, 1.2 * y.max())
    axes.set_xlim(x.min() - 0.15, x.max() + 0.15)
    axes.set_xticks(x, list(data["period"]))


def _rows(book: DataBook, series: str) -> list[dict[str, Any]]:
    columns = ("series", "entity", "period", "value", "grade")
    rows = [row for row in records(book.series(series)) if row["entity"] in LOOKS]
    return [{name: row[name] for name in columns} | {"place": period_middle(row["period"])} for row in rows]
