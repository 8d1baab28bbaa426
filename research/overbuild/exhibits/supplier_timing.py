"""In which order the supply side of the telecom boom turned: utilisation, orders, shipments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.core.periods import ordinal
from overbuild.episodes.layers import layer_of
from overbuild.episodes.measures import trailing_sum
from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.labels import period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "supplier_timing"
TITLE = "Telecom, supply side: communications equipment, 1995-2006"
NOTE = (
    "A: new orders and shipments of nondefense communications equipment over the trailing four quarters, "
    "nominal, not seasonally adjusted (Census Bureau, M3). B: capacity utilisation of makers of "
    "communications equipment (Federal Reserve, G.17, vintage of 2026), with its mean of 1985-94 and the "
    "threshold of O2, half of that mean. Vertical lines and the numbers beside them: the peak and the low "
    "that follows it. Plants in the United States, exports included and imports not: makers of equipment, "
    "not carriers. Grades A (utilisation) and B. A hindcast on revised data; one event."
)
NEEDS = ("score_telecom",)
DATA = ("telecom/suppliers_quarterly.csv",)
HEIGHTS = (2.0, 1.7)
FIRST, LAST = "1995Q1", "2006Q4"
MEASURES = {
    "new orders": "supplier_orders",
    "shipments": "supplier_shipments",
    "utilisation": "supplier_utilisation",
}
"""What is drawn, and the layer of the perimeter that it is."""
LOOKS = {
    "new orders": style.LOOKS["telecom"],
    "shipments": style.Look(style.PALETTE["black"], "-", "o"),
    "utilisation": style.Look(style.PALETTE["green"], "-", "D"),
}
EARLIER = "utilisation, earlier vintage"
SHIFT = {"new orders": -14, "shipments": 5, "utilisation": -5}
"""How far to the right of its peak a label stands, in points."""


def build(inputs: Inputs) -> Figure:
    """Draw the three series with their turning points."""
    data = pd.concat(
        [*(_measure(inputs, name) for name in MEASURES), _earlier(inputs), _levels(inputs)], ignore_index=True
    )
    figure, (top, bottom) = style.panels(
        2, 1, height=sum(HEIGHTS) + 0.5, sharex=True, gridspec_kw={"height_ratios": HEIGHTS}
    )
    early = data[data["measure"] == EARLIER]
    bottom.plot(
        early["ends"],
        early["value"],
        color=style.PALETTE["black"],
        linewidth=0.8,
        linestyle=style.LOOKS["third"].line,
    )
    for name in MEASURES:
        axes = bottom if name == "utilisation" else top
        part = data[data["measure"] == name]
        axes.plot(part["ends"], part["value"], **LOOKS[name].of_line())
        for _, turn in part[part["turn"] != ""].iterrows():
            _mark(axes, name, turn)
    for (_, level), side in zip(data[data["period"] == ""].iterrows(), (1, -1), strict=True):
        bottom.axhline(
            level["value"], color=style.PALETTE["grey"], linewidth=0.8, linestyle=style.LOOKS["context"].line
        )
        text = f"{level['measure']}: {level['value']:.1f}"
        style.label(
            bottom, period_number(LAST) - 1, level["value"], text, style.LOOKS["context"], dx=-2, dy=7 * side
        )
    top.set_ylim(0, 1.2 * data.loc[data["measure"] == "new orders", "value"].max())
    bottom.set_ylim(0, 1.2 * data.loc[data["measure"] == "utilisation", "value"].max())
    bottom.set_xlim(period_number(FIRST) - 0.25, period_number(LAST) + 0.1)
    bottom.xaxis.set_major_locator(MultipleLocator(1))
    style.letter(top, "A", "Orders and shipments over the trailing year, USD billion")
    style.letter(bottom, "B", "Capacity utilisation, per cent")
    return Figure(ID, TITLE, NOTE, figure, data)


def _mark(axes: Axes, name: str, turn: pd.Series) -> None:
    """Write quarter and value beside a turning point, and draw the date of a peak through both panels."""
    look, peak = LOOKS[name], turn["turn"] == "peak"
    axes.plot(turn["ends"], turn["value"], color=look.color, marker=look.marker, linestyle="")
    text = f"{turn['period']}: {turn['value']:.1f}"
    if peak:
        for panel in axes.figure.axes:
            panel.axvline(turn["ends"], color=look.color, linewidth=0.7, linestyle=look.line, zorder=1)
        style.label(axes, turn["ends"], turn["value"], f"{name} {text}", look, dx=SHIFT[name], dy=7)
    else:
        style.label(axes, turn["ends"], turn["value"], text, look, dx=-5, dy=-9)


def _measure(inputs: Inputs, name: str) -> pd.DataFrame:
    """Return one measure by quarter, USD billion a year or per cent, with its peak and the low that follows."""
    recipe = _recipe(inputs, name)
    layer = layer_of(
        inputs.book.series(recipe["series"][0]), {k: v for k, v in recipe.items() if k != "normal"}
    )
    assert layer is not None
    value = layer.values if name == "utilisation" else trailing_sum(layer.values) / 1e3
    value = value[[ordinal(FIRST) <= ordinal(str(p)) <= ordinal(LAST) for p in value.index]]
    peak = value.idxmax()
    low = value[peak:].idxmin()
    turn = pd.Series("", index=value.index)
    turn[[peak, low]] = ["peak", "low"]
    ends = [period_number(str(p)) for p in value.index]
    return pd.DataFrame(
        {
            "measure": name,
            "period": value.index,
            "ends": ends,
            "value": value.to_numpy(),
            "turn": turn.to_numpy(),
        }
    )


def _earlier(inputs: Inputs) -> pd.DataFrame:
    """Return utilisation in its oldest vintage."""
    rows = inputs.book.table
    rows = rows[rows["series"] == _recipe(inputs, "utilisation")["series"][0]]
    rows = rows[(rows["vintage"] == rows["vintage"].min()) & rows["period"].between(FIRST, LAST)]
    ends = [period_number(p) for p in rows["period"]]
    return pd.DataFrame(
        {"measure": EARLIER, "period": rows["period"], "ends": ends, "value": rows["value"], "turn": ""}
    )


def _levels(inputs: Inputs) -> pd.DataFrame:
    """Return the two levels that utilisation is held against."""
    recipe = _recipe(inputs, "utilisation")
    first, last = recipe["normal"]
    rows = inputs.book.series(recipe["series"][0])
    inside = [ordinal(first) <= ordinal(p) <= ordinal(last) for p in rows["period"]]
    normal = float(rows.loc[inside, "value"].mean())
    variants = inputs.result("score_telecom")["definitions"]["O2"]["variants"]
    ratio = next(v for v in variants if v["id"] == "suppliers")["thresholds"]["ratio"]
    names = [f"mean of {first[:4]}-{last[2:4]}", f"threshold of O2, {ratio:g} of it"]
    return pd.DataFrame({"measure": names, "period": "", "value": [normal, ratio * normal], "turn": ""})


def _recipe(inputs: Inputs, name: str) -> Mapping[str, Any]:
    return next(r for r in inputs.book.perimeter["telecom"]["layers"] if r["name"] == MEASURES[name])
