"""Capex intensity of both eras with the breaks in level and trend, their intervals and other detectors."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_number
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "spending_breaks"
TITLE = "Breaks in level and trend of capex intensity"
NOTE = (
    "Ratios without their fixed season, logarithmic scale; thick: fit of the partition with as "
    "many breaks as "
    "the sequential bootstrap tests find at 5 %, no break where there is none; vertical: first period of a "
    "new segment, shaded: its 95 % interval by bootstrap; triangles: breaks of a penalised search that takes "
    "residuals for uncorrelated. AI: the five firms’ capex. Telecom: new orders of nondefense communications "
    "equipment (Census M3), and private investment in communications structures and equipment "
    "(BEA, by year). "
    "{label}. Telecom: hindcast on revised data; one event. Sources: filings with the SEC, BEA, Census; "
    "grades A and B. Vintages: AI {ai}; telecom {telecom}."
)
NEEDS = ("spending_breaks",)
DATA = ()
PANELS = {
    "ai.capex_to_revenue": ("AI, capex over revenue", "ai"),
    "ai.capex_to_gdp": ("AI, capex over GDP", "ai"),
    "telecom.orders_to_gdp": ("Telecom, suppliers’ orders over GDP", "telecom"),
    "telecom.capex_to_gdp": ("Telecom, investment over GDP", "telecom"),
}
KIND = "level and trend"


def build(inputs: Inputs) -> Figure:
    """Draw four panels."""
    found = inputs.result("spending_breaks")
    data = pd.DataFrame([row for name in PANELS for row in _rows(name, found["detail"][f"{name}.{KIND}"])])
    figure, panels = style.panels(2, 2, height=4.4)
    for axes, letter, (name, (title, era)) in zip(panels, "ABCD", PANELS.items(), strict=True):
        _draw(axes, where(data, panel=name), found["detail"][f"{name}.{KIND}"], style.LOOKS[era])
        style.letter(axes, letter, title)
    vintage = found["vintage"]
    label = (
        "AI: figures as last published"
        if not found["labels"]["ai"].startswith("hindcast")
        else "AI: revised data"
    )
    return Figure(ID, TITLE, typographic(NOTE.format(label=label, **vintage)), figure, data)


def _rows(name: str, detail: dict[str, Any]) -> list[dict[str, Any]]:
    starts = {b["date"] for b in detail["breaks"]}
    penalised = {
        d for seen in detail["detectors"] or () if seen["name"] == "penalised" for d in seen["dates"]
    }
    return [
        {
            "panel": name,
            "period": period,
            "ends": period_number(period),
            "percent": 100 * float(np.exp(value)),
            "fit": 100 * float(np.exp(fit)),
            "break": period in starts,
            "penalised": period in penalised,
        }
        for period, value, fit in zip(detail["periods"], detail["values"], detail["fit"], strict=True)
    ]


def _draw(axes: Axes, data: pd.DataFrame, detail: dict[str, Any], look: style.Look) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

    x, y, fit = (floats(data, c) for c in ("ends", "percent", "fit"))
    step = float(np.diff(x).min())
    for found in detail["breaks"]:
        low, high = period_number(found["low"]) - step, period_number(found["high"])
        axes.axvspan(low, high, color=look.color, alpha=0.15, lw=0)
        axes.axvline(period_number(found["date"]) - step / 2, color=look.color, linewidth=0.8)
    axes.plot(x, y, color=style.PALETTE["grey"], linewidth=0.9)
    bounds = [0, *np.flatnonzero(data["break"].to_numpy(dtype=bool)), x.size]
    for a, b in pairwise(bounds):
        axes.plot(x[a:b], fit[a:b], color=look.color, linewidth=1.8)
    marked = data["penalised"].to_numpy(dtype=bool)
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.plot(
        x[marked] - step / 2, np.full(marked.sum(), low * (high / low) ** 0.03), "^", color="black", ms=4
    )
    axes.set_ylim(low, high)
    ticks = [t for t in (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 5, 10, 15, 20, 30, 40) if low <= t <= high]
    axes.set_yticks(ticks)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
