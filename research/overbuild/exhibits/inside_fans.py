"""Figure: spending, use, price and value of the cohort ahead, as the inside view simulates them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, StrMethodFormatter

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_number
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "inside_fans"
TITLE = "The inside view: spending, use, price and value ahead"
NOTE = (
    "Median, 50 % and 90 % bands of {paths} simulated paths on {draws} draws of all inputs, with "
    "feedback. A: capex of the five firms over four quarters, log scale; dashed: 30 % below the last "
    "figure (on a path that climbs the threshold of O3 climbs with its peak). B: use over normal use; "
    "dashed: one half, the threshold of O2. C: price of capacity over its long-run cost; dashed: one. D: "
    "present value at 10 % of the cash that capital laid since {takeoff} is expected to bring, over its "
    "replacement cost net of wear; dashed: one, the threshold of O1. Use, price and value are not "
    "observed: where their fans begin is a prior. Sources: the five firms’ filings with the SEC, grades A "
    "and B; draws of the models of this paper."
)
NEEDS = ("inside_view",)
DATA = ()
SHOWN_FROM = 2021.0
BILLION = 1e3
BANDS = (("q05", "q95", 0.15), ("q25", "q75", 0.25))
LEVELS = ("q05", "q25", "q50", "q75", "q95")
PANELS = {
    "A": ("capex_year", "USD billion a year"),
    "B": ("use", "Use over normal"),
    "C": ("price_over_cost", "Price over cost"),
    "D": ("value_over_cost", "Value over cost"),
}
THRESHOLDS = {"B": 0.5, "C": 1.0, "D": 1.0}
FALL = 0.30


def build(inputs: Inputs) -> Figure:
    """Draw the figure."""
    found = inputs.result("inside_view")
    data = pd.DataFrame(_rows(found["fans"]))
    figure, panels = style.panels(2, 2, height=4.4)
    for axes, (letter, (_, title)) in zip(panels, PANELS.items(), strict=True):
        part = where(data, panel=letter)
        _draw(axes, where(part, kind="fan"), points=letter == "D")
        if letter == "A":
            _past(axes, where(part, kind="past"))
        else:
            axes.axhline(THRESHOLDS[letter], **style.LOOKS["context"].of_line())
        style.letter(axes, letter, title)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    given = found["inputs"]
    note = NOTE.format(paths=f"{given['paths']:,d}", draws=f"{given['draws']:,d}", takeoff=given["takeoff"])
    return Figure(ID, TITLE, typographic(note), figure, data)


def _rows(fans: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for letter, (name, _) in PANELS.items():
        fan = fans[name]
        quarters = fan["quarters"] if name == "value_over_cost" else fans["quarters"]
        scale = BILLION if letter == "A" else 1.0
        rows += [
            {"panel": letter, "kind": "fan", "place": period_number(q)}
            | {level: fan[level][i] / scale for level in LEVELS}
            for i, q in enumerate(quarters)
        ]
    past = fans["past"]
    rows += [
        {"panel": "A", "kind": "past", "place": period_number(q), "q50": value / BILLION}
        for q, value in zip(past["quarters"], past["capex_year"], strict=True)
        if period_number(q) >= SHOWN_FROM
    ]
    return rows


def _draw(axes: Axes, fan: pd.DataFrame, *, points: bool) -> None:
    look, x = style.LOOKS["ai"], floats(fan, "place")
    if points:
        for low, high, alpha in BANDS:
            axes.vlines(x, floats(fan, low), floats(fan, high), color=look.color, alpha=2 * alpha, lw=4)
        axes.plot(x, floats(fan, "q50"), color=look.color, marker=look.marker, lw=0)
        axes.set_xlim(x.min() - 0.5, x.max() + 0.5)
        return
    for low, high, alpha in BANDS:
        axes.fill_between(x, floats(fan, low), floats(fan, high), color=look.color, alpha=alpha, lw=0)
    axes.plot(x, floats(fan, "q50"), color=look.color, lw=1.0)


def _past(axes: Axes, past: pd.DataFrame) -> None:
    look, y = style.LOOKS["ai"], floats(past, "q50")
    axes.plot(floats(past, "place"), y, **look.of_line())
    axes.axhline((1 - FALL) * float(y[-1]), **style.LOOKS["context"].of_line())
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator([100, 200, 500, 1000, 2000, 5000]))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())
    low, high = axes.get_ylim()
    axes.set_ylim(np.clip(low, 50, None), high)
