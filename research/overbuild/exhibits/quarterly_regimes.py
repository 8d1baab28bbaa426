"""Regimes of both eras by quarter: growth on the year before, use of plants, and chances of boom and bust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "quarterly_regimes"
TITLE = "Regimes by quarter in both eras"
NOTE = (
    "A and B: growth on the same quarter a year before, of the five firms’ capex (AI) and of new orders "
    "and shipments of nondefense communications equipment (telecom), and how far the use of the plants that "
    "make it lies above or below its mean of 1985–94. C and D: chance of a boom and of a bust in each "
    "quarter given all quarters, means over draws of the parameters; shaded, 5 % to 95 % points of the "
    "chance of a bust over the parameters; dotted, the chance of a bust given the quarters to then and the "
    "parameters of all. The model is of growth on the quarter before; the year is drawn to be read. Not "
    "seasonally adjusted. Telecom: hindcast on revised data; one event. Sources: the five firms’ filings "
    "with the SEC; Census M3; Federal Reserve G.17; grades A and B."
)
NEEDS = ("estimate_quarterly_ai", "estimate_quarterly_telecom_full")
DATA = ()
HEIGHT = 4.4
ERAS = {"ai": "AI", "telecom": "Telecom"}
NAMES = {"capex": "capex", "supplier_orders": "orders", "supplier_shipments": "shipments"}
BLACK = style.Look(style.PALETTE["black"], "-", "o")
LOOKS = {
    "capex": style.LOOKS["ai"],
    "supplier_orders": style.LOOKS["telecom"],
    "supplier_shipments": BLACK,
    "utilisation": style.Look(style.PALETTE["green"], (0, (1, 1.2)), "^"),
}
BOOM, BUST = style.LOOKS["ai"], style.LOOKS["telecom"]


def build(inputs: Inputs) -> Figure:
    """Draw growth and use above the chances of the regimes."""
    found = dict(zip(ERAS, (inputs.result(name)["findings"] for name in NEEDS), strict=True))
    data = pd.DataFrame([row for era, findings in found.items() for row in _rows(era, findings)])
    figure, panels = style.panels(2, 2, height=HEIGHT, sharex="col")
    for column, era in enumerate(ERAS):
        part = where(data, era=era)
        _growth(panels[column], part, found[era]["layers"], ("upper left", "lower left")[column])
        _chances(panels[2 + column], part, labelled=column == 0)
        panels[2 + column].xaxis.set_major_locator(MultipleLocator((2, 4)[column]))
        style.letter(panels[column], "AB"[column], f"{ERAS[era]}, growth on the year before")
        style.letter(panels[2 + column], "CD"[column], f"{ERAS[era]}, chance of each regime")
    return Figure(ID, TITLE, NOTE, figure, data)


def _rows(era: str, findings: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row a quarter: growth by layer, use as a distance from normal, and chances."""
    rows = []
    for quarter in findings["quarters"]:
        logs = quarter["growth_year"] or [np.nan] * len(findings["layers"])
        use = quarter["utilisation"]
        rows.append(
            {"era": era, "quarter": quarter["quarter"], "ends": period_number(quarter["quarter"])}
            | dict(zip(findings["layers"], np.expm1(logs).tolist(), strict=True))
            | {"utilisation": None if use is None else use - 1}
            | {name: quarter[name] for name in ("boom", "bust", "bust_q05", "bust_q95", "bust_then")}
        )
    return rows


def _growth(axes: Axes, data: pd.DataFrame, layers: list[str], place: Any) -> None:
    for name in (*layers, "utilisation"):
        values = floats(data, name)
        if name == "utilisation" and not np.isfinite(values).any():
            continue
        label = "use of plants" if name == "utilisation" else NAMES[name]
        axes.plot(floats(data, "ends"), values, label=label, **LOOKS[name].of_line())
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.legend(loc=place, handlelength=2.4)
    style.percent(axes)


def _chances(axes: Axes, data: pd.DataFrame, *, labelled: bool) -> None:
    x = floats(data, "ends")
    axes.fill_between(
        x, floats(data, "bust_q05"), floats(data, "bust_q95"), color=BUST.color, alpha=0.2, lw=0
    )
    axes.plot(x, floats(data, "boom"), label="boom", **BOOM.of_line())
    axes.plot(x, floats(data, "bust"), label="bust", **BUST.of_line())
    axes.plot(
        x,
        floats(data, "bust_then"),
        color=BUST.color,
        linewidth=0.9,
        linestyle=(0, (1, 1)),
        label="bust, then",
    )
    axes.set_ylim(-0.02, 1.02)
    if labelled:
        axes.legend(loc="center right", handlelength=2.4)
