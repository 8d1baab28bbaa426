"""What the use of plants says about the end of a boom, and what the model would have forecast for telecom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "utilisation_hazard"
TITLE = "The end of a boom and the use of plants, and forecasts of telecom’s orders"
NOTE = (
    "A: chance a year that a boom in its fourth year ends, against the use of plants (1: mean of 1985–94), "
    "learnt from telecom’s supplier side, 1992–2010; B: chance that it ends in a bust. Lines are medians, "
    "bands 5 % to 95 % points; grey, the prior, which asks for no sign. C: chance of O3 on new orders as of "
    "the end of each year, by the end of the second, third and fourth year after; filled where it came true. "
    "Use is held where it was last known. Telecom: hindcast on revised data; one event. Sources: Census M3; "
    "Federal Reserve G.17; grades A and B."
)
NEEDS = ("estimate_quarterly_telecom_full", "hindcasts_quarterly")
DATA = ()
HEIGHT = 2.5
CHANCES = {"ends": "A boom ends, a year", "busts": "It ends in a bust, a year"}
LAYER = "supplier_orders"
AHEAD = {2: style.LOOKS["fourth"], 3: style.LOOKS["telecom"], 4: style.LOOKS["third"]}
PRIOR, POSTERIOR = style.LOOKS["context"], style.LOOKS["telecom"]


def build(inputs: Inputs) -> Figure:
    """Draw both chances with their priors, and the forecasts by vintage."""
    full = inputs.result(NEEDS[0])["findings"]
    hazard = pd.DataFrame(full["hazard"]).assign(panel="hazard")
    peak, low = turn(full)
    forecasts = pd.DataFrame(
        [row for found in inputs.result(NEEDS[1]) for row in _forecasts(found, peak, low)],
    ).assign(panel="forecast")
    figure, panels = style.panels(1, 3, height=HEIGHT)
    for axes, (name, title), which in zip(panels, CHANCES.items(), "AB", strict=False):
        _band(axes, hazard, f"prior_{name}", PRIOR, "prior")
        _band(axes, hazard, name, POSTERIOR, "posterior")
        axes.set_ylim(0, 1)
        axes.set_xlabel("use of plants over normal")
        style.percent(axes)
        style.letter(axes, which, title)
    panels[0].legend(loc="upper right")
    _vintages(panels[2], forecasts)
    style.letter(panels[2], "C", "O3 on orders, as of")
    return Figure(ID, TITLE, NOTE, figure, pd.concat([hazard, forecasts], ignore_index=True))


def _band(axes: Axes, data: pd.DataFrame, name: str, look: style.Look, label: str) -> None:
    x = floats(data, "utilisation")
    low, high = floats(data, f"{name}_q05"), floats(data, f"{name}_q95")
    axes.fill_between(x, low, high, color=look.color, alpha=0.18, lw=0)
    axes.plot(x, floats(data, f"{name}_q50"), label=label, **look.of_line())


def turn(full: dict[str, Any]) -> tuple[float, str]:
    """Return the highest trailing year of orders, and the first quarter in which it is down as O3 asks."""
    place = full["layers"].index(LAYER)
    levels = [(q["quarter"], q["level"][place]) for q in full["quarters"]]
    peak, first, kept = 0.0, "", 1 - full["drawdown"]["fall"]
    for i in range(3, len(levels)):
        year = sum(value for _, value in levels[i - 3 : i + 1])
        peak = max(peak, year)
        if not first and year <= kept * peak:
            first = levels[i][0]
    return peak, first


def _forecasts(found: dict[str, Any], peak: float, low: str) -> list[dict[str, Any]]:
    rows = [r for r in found["findings"]["ahead"] if r["layer"] == LAYER and r["probability"] is not None]
    return [
        {
            "as_of": int(found["as_of"][:4]),
            "years": r["years"],
            "by": r["by"],
            "probability": r["probability"],
            "came_true": bool(low) and low <= r["by"],
            "peak": peak,
            "first_quarter_down": low,
        }
        for r in rows
    ]


def _vintages(axes: Axes, data: pd.DataFrame) -> None:
    for years, look in AHEAD.items():
        part = where(data, years=years)
        x, y = floats(part, "as_of"), floats(part, "probability")
        axes.plot(x, y, label=f"{years} years", **look.of_line())
        for place, value, true in zip(x, y, part["came_true"], strict=True):
            face = look.color if true else "white"
            axes.plot(place, value, look.marker, color=look.color, markerfacecolor=face)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    style.percent(axes)
    axes.legend(loc="upper left")
