"""What it costs to rent a GPU: list prices provider by provider, and one-year contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.labels import End, label_ends, period_middle

if TYPE_CHECKING:
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
    data = pd.concat([_rows(inputs.book, LISTED), _rows(inputs.book, CONTRACT)], ignore_index=True)
    figure, (left, right) = style.panels(1, 2, height=HEIGHT, width_ratios=(1.8, 1))
    ends = []
    for gpu, look in LOOKS.items():
        part = data[(data["series"] == LISTED) & (data["entity"] == gpu)]
        left.plot(part["place"], part["value"], **look.of_line())
        ends.append(
            End(part["place"].iloc[-1], part["value"].iloc[-1], f"{gpu} {part['value'].iloc[-1]:.0f}", look)
        )
    left.set_ylim(0.9 * data.loc[data["series"] == LISTED, "value"].min(), 108)
    left.xaxis.set_major_locator(MultipleLocator(1))
    label_ends(left, ends, height=HEIGHT - 0.5)
    style.letter(left, "A", "List prices, matched providers, index")
    contract = data[data["series"] == CONTRACT]
    look = LOOKS["H100"]
    right.plot(contract["place"], contract["value"], **look.of_line(marked=True))
    for _, point in contract.iterrows():
        style.label(
            right, point["place"], point["value"], f"{point['value']:.2f}", look, dx=0, dy=8, ha="center"
        )
    right.set_ylim(0, 1.2 * contract["value"].max())
    right.set_xlim(contract["place"].min() - 0.15, contract["place"].max() + 0.15)
    right.set_xticks(contract["place"], contract["period"])
    style.letter(right, "B", "H100, one year, USD an hour")
    return Figure(ID, TITLE, NOTE, figure, data)


def _rows(book: DataBook, series: str) -> pd.DataFrame:
    rows = book.series(series)
    rows = rows[rows["entity"].isin(LOOKS)].assign(place=rows["period"].map(period_middle))
    return rows[["series", "entity", "period", "place", "value", "grade"]]
