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
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.labels import period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

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
PEAK, LOW = "peak", "low"
EARLIER = "utilisation, earlier vintage"
SHIFT = {"new orders": -14, "shipments": 5, "utilisation": -5}
"""How far to the right of its peak a label stands, in points."""


def build(inputs: Inputs) -> Figure:
    """Draw the three series with their turning points."""
    rows = [row for name in MEASURES for row in _measure(inputs, name)]
    data = pd.DataFrame([*rows, *_earlier(inputs), *_levels(inputs)])
    options = {"sharex": True, "gridspec_kw": {"height_ratios": HEIGHTS}}
    figure, (top, bottom) = style.panels(2, 1, height=sum(HEIGHTS) + 0.5, **options)
    early = where(data, measure=EARLIER)
    dotted = style.LOOKS["third"].line
    bottom.plot(early["ends"], early["value"], color="black", linewidth=0.8, linestyle=dotted, zorder=3)
    for name in MEASURES:
        axes = bottom if name == "utilisation" else top
        part = where(data, measure=name)
        axes.plot(part["ends"], part["value"], **LOOKS[name].of_line())
        for turn in records(part):
            if turn["turn"]:
                _mark(figure, axes, name, turn)
    for level, side in zip(records(where(data, period="")), (1, -1), strict=True):
        grey = style.LOOKS["context"]
        bottom.axhline(level["value"], color=grey.color, linewidth=0.8, linestyle=grey.line)
        text = f"{level['measure']}: {level['value']:.1f}"
        style.label(bottom, period_number(LAST) - 1, level["value"], text, grey, dx=-2, dy=7 * side)
    top.set_ylim(0, 1.2 * floats(where(data, measure="new orders"), "value").max())
    bottom.set_ylim(0, 1.2 * floats(where(data, measure="utilisation"), "value").max())
    bottom.set_xlim(period_number(FIRST) - 0.25, period_number(LAST) + 0.1)
    bottom.xaxis.set_major_locator(MultipleLocator(1))
    style.letter(top, "A", "Orders and shipments over the trailing year, USD billion")
    style.letter(bottom, "B", "Capacity utilisation, per cent")
    return Figure(ID, TITLE, NOTE, figure, data)


def _mark(figure: Drawing, axes: Axes, name: str, turn: Mapping[str, Any]) -> None:
    """Write quarter and value beside a turning point, and draw the date of a peak through both panels."""
    look = LOOKS[name]
    axes.plot(turn["ends"], turn["value"], color=look.color, marker=look.marker, linestyle="")
    text = f"{turn['period']}: {turn['value']:.1f}"
    if turn["turn"] == LOW:
        style.label(axes, turn["ends"], turn["value"], text, look, dx=-5, dy=-9)
        return
    for panel in figure.axes:
        panel.axvline(turn["ends"], color=look.color, linewidth=0.7, linestyle=look.line, zorder=1)
    style.label(axes, turn["ends"], turn["value"], f"{name} {text}", look, dx=SHIFT[name], dy=7)


def _measure(inputs: Inputs, name: str) -> list[dict[str, Any]]:
    """Return one measure by quarter, with its peak and the low that follows it."""
    recipe = _recipe(inputs, name)
    level = {key: value for key, value in recipe.items() if key != "normal"}
    layer = layer_of(inputs.book.series(recipe["series"][0]), level)
    assert layer is not None
    value = layer.values if name == "utilisation" else trailing_sum(layer.values) / 1e3
    shown = {str(p): float(v) for p, v in value.items() if _shown(str(p))}
    peak = max(shown, key=lambda p: shown[p])
    low = min((p for p in shown if ordinal(p) >= ordinal(peak)), key=lambda p: shown[p])
    return [_row(name, p, v, {peak: PEAK, low: LOW}.get(p, "")) for p, v in shown.items()]


def _earlier(inputs: Inputs) -> list[dict[str, Any]]:
    """Return utilisation in its oldest vintage."""
    rows = records(where(inputs.book.table, series=_recipe(inputs, "utilisation")["series"][0]))
    oldest = min(row["vintage"] for row in rows)
    chosen = [row for row in rows if row["vintage"] == oldest and _shown(row["period"])]
    return [_row(EARLIER, row["period"], row["value"]) for row in chosen]


def _levels(inputs: Inputs) -> list[dict[str, Any]]:
    """Return the two levels that utilisation is held against."""
    recipe = _recipe(inputs, "utilisation")
    first, last = recipe["normal"]
    rows = records(inputs.book.series(recipe["series"][0]))
    inside = [r["value"] for r in rows if ordinal(first) <= ordinal(r["period"]) <= ordinal(last)]
    normal = sum(inside) / len(inside)
    variants = inputs.result("score_telecom")["definitions"]["O2"]["variants"]
    ratio = next(v for v in variants if v["id"] == "suppliers")["thresholds"]["ratio"]
    names = (f"mean of {first[:4]}–{last[2:4]}", f"O2: below {ratio:g} of it")
    values = (normal, ratio * normal)
    return [
        {"measure": n, "period": "", "ends": None, "value": v, "turn": ""}
        for n, v in zip(names, values, strict=True)
    ]


def _row(name: str, period: str, value: float, turn: str = "") -> dict[str, Any]:
    return {"measure": name, "period": period, "ends": period_number(period), "value": value, "turn": turn}


def _shown(period: str) -> bool:
    return ordinal(FIRST) <= ordinal(period) <= ordinal(LAST)


def _recipe(inputs: Inputs, name: str) -> Mapping[str, Any]:
    return next(r for r in inputs.book.perimeter["telecom"]["layers"] if r["name"] == MEASURES[name])
