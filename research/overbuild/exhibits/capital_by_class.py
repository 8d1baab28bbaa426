"""Capital in use by asset and by year of completion, in both eras, with the bands of the priors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import End, label_ends, period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "capital_by_class"
TITLE = "Capital in use by asset, and by year of completion"
NOTE = (
    "A and B: what is in use at the end of the year at what it cost, nominal, by asset; AI is the share of "
    "the five firms’ capex that serves AI, telecom is structures (fibre) and equipment of communications. C "
    "and D: what is left at the end of the record by year of completion, all assets. Lines are medians, "
    "bands 5 % to 95 % points over draws of lives, completion lag, shares by asset and, for AI, the share of "
    "capex: no firm reports these, so the bands are those of the priors and not of an estimate. What is paid "
    "for and not completed is left out. The life of an accelerator is a fifth of that of fibre: AI capital "
    "is young because it has just been built and would be in any case. Telecom as known at the end of 2001: "
    "hindcast on revised data; one event. Sources: the five firms’ filings with the SEC, grades A and B; BEA "
    "fixed assets, grade B."
)
NEEDS = ("capital_ai", "capital_telecom")
DATA = ()
HEIGHT = 4.6
FIRST = {"ai": "2018", "telecom": "1985"}
NAMES = {
    "accelerator": "accelerators",
    "server": "servers",
    "network": "network",
    "shell": "buildings",
    "power": "power",
    "fibre": "fibre",
    "optics": "optics",
    "switching": "switching",
}
LOOKS = {
    "accelerator": style.LOOKS["ai"],
    "server": style.LOOKS["third"],
    "network": style.LOOKS["context"],
    "shell": style.LOOKS["fourth"],
    "power": style.Look(style.PALETTE["orange"], (0, (2, 1)), "v"),
    "fibre": style.LOOKS["telecom"],
    "optics": style.LOOKS["third"],
    "switching": style.LOOKS["context"],
}


def build(inputs: Inputs) -> Figure:
    """Draw stocks by asset above what is left by year of completion."""
    rows = [r for era in FIRST for r in _rows(era, inputs.result(f"capital_{era}")["summary"])]
    data = pd.DataFrame(rows)
    figure, panels = style.panels(2, 2, height=HEIGHT)
    for column, era in enumerate(FIRST):
        _stocks(panels[column], where(data, era=era, panel="asset"))
        _vintages(panels[2 + column], where(data, era=era, panel="vintage"), style.LOOKS[era])
    for axes, letter, title in zip(
        panels,
        "ABCD",
        ("AI, USD billion", "Telecom, USD billion", "AI, left by year", "Telecom, left by year"),
        strict=True,
    ):
        style.letter(axes, letter, title)
    return Figure(ID, TITLE, NOTE, figure, data)


def _rows(era: str, summary: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        _row(era, "asset", h["asset"], period_number(h["period"]), h)
        for h in summary["history"]
        if h["period"][:4] >= FIRST[era]
    ]
    return found + [
        _row(era, "vintage", "all", v["year"], v)
        for v in summary["left_by_year"]
        if str(v["year"]) >= FIRST[era]
    ]


def _row(era: str, panel: str, asset: str, place: float, band: dict[str, Any]) -> dict[str, Any]:
    values = {q: band[q] / 1e3 for q in ("q05", "q50", "q95")}
    return {"era": era, "panel": panel, "asset": asset, "place": place} | values


def _stocks(axes: Axes, data: pd.DataFrame) -> None:
    ends = []
    for asset in dict.fromkeys(data["asset"]):
        part, look = where(data, asset=asset), LOOKS[asset]
        x, y = floats(part, "place"), floats(part, "q50")
        axes.fill_between(x, floats(part, "q05"), floats(part, "q95"), color=look.color, alpha=0.15, lw=0)
        axes.plot(x, y, **look.of_line())
        ends.append(End(x[-1], y[-1], f"{NAMES[asset]} {y[-1]:.0f}", look))
    axes.set_ylim(0, 1.05 * floats(data, "q95").max())
    label_ends(axes, ends, height=HEIGHT / 2 - 0.5)


def _vintages(axes: Axes, data: pd.DataFrame, look: style.Look) -> None:
    x, y = floats(data, "place"), floats(data, "q50")
    low, high = y - floats(data, "q05"), floats(data, "q95") - y
    axes.bar(x, y, width=0.8, color=look.color, alpha=0.6)
    axes.errorbar(x, y, yerr=[low, high], fmt="none", ecolor="#000000", elinewidth=0.8, capsize=1.5)
    axes.set_ylim(0, 1.05 * floats(data, "q95").max())
