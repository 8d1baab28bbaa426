"""Accelerators of the perpetual inventory against the chips that an outside source counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import End, label_ends, period_number
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "installed_compute"
TITLE = "Accelerators: the inventory against chips counted outside"
NOTE = (
    "A: USD billion at cost; medians with 5 % to 95 % points over draws. In use, and in use or paid for, "
    "are the inventory’s, from the five firms’ capex; counted are chips of NVIDIA, Google and AMD "
    "delivered to them by Epoch AI’s count ({owned} of all, at cost), retired by the same draws of lives. "
    "Chips are paid for before they run, so the count should lie between the two: in {period} it does in "
    "{between} of draws. B: log of the inventory over the count in {period}, with the same points, for "
    "levels and for growth over four quarters. {verdict} Not independent in level: the share of "
    "accelerators in capex was set beside the sales of chips of the same source. Trainium is left out. "
    "Sources: SEC filings, grades A and B; Epoch AI, grade B."
)
NEEDS = ("estimate_capital_ai",)
DATA = ()
HEIGHT = 2.9
LOOKS = {
    "in_use": style.LOOKS["ai"],
    "paid_for": style.LOOKS["third"],
    "counted": style.Look(style.PALETTE["black"], (0, (3, 1.5)), "o"),
}
NAMES = {"in_use": "in use", "paid_for": "or paid for", "counted": "counted"}
GAPS = {
    "level_in_use": "level, in use",
    "level_paid_for": "level, or paid for",
    "growth_in_use": "growth, in use",
    "growth_paid_for": "growth, or paid for",
}
AGREES = "Growth agrees within the bands; the level of what is in use alone {level}."
DIFFERS = "Growth differs by more than the bands; the level of what is in use alone {level}."


def build(inputs: Inputs) -> Figure:
    """Draw levels by quarter beside the differences at the end."""
    found = inputs.result("estimate_capital_ai")["findings"]["installed_compute"]
    data = pd.DataFrame([*_levels(found), *_gaps(found)])
    figure, (left, right) = style.panels(1, 2, height=HEIGHT, width_ratios=(1.5, 1))
    _draw_levels(left, where(data, panel="level"))
    _draw_gaps(right, where(data, panel="difference"))
    style.letter(left, "A", "Accelerators, USD billion")
    style.letter(right, "B", "Log difference")
    return Figure(ID, TITLE, typographic(_note(found)), figure, data)


def _levels(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"panel": "level", "what": name, "period": q["period"], "place": period_number(q["period"])}
        | {point: q[name][point] / 1e3 for point in ("q05", "q50", "q95")}
        for name in NAMES
        for q in found["quarters"]
    ]


def _gaps(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"panel": "difference", "what": name, "period": found["period"], "place": float(-k)}
        | {point: found["differences"][name][point] for point in ("q05", "q50", "q95")}
        for k, name in enumerate(GAPS)
    ]


def _draw_levels(axes: Axes, data: pd.DataFrame) -> None:
    ends = []
    for name, look in LOOKS.items():
        part = where(data, what=name)
        x, y = floats(part, "place"), floats(part, "q50")
        axes.fill_between(x, floats(part, "q05"), floats(part, "q95"), color=look.color, alpha=0.15, lw=0)
        axes.plot(x, y, **look.of_line())
        ends.append(End(x[-1], y[-1], f"{NAMES[name]} {y[-1]:.0f}", look))
    axes.set_ylim(0, 1.05 * floats(data, "q95").max())
    places = floats(data, "place")
    axes.set_xticks(range(math.ceil(places.min()), math.floor(places.max()) + 1))
    label_ends(axes, ends, height=HEIGHT - 0.5)


def _draw_gaps(axes: Axes, data: pd.DataFrame) -> None:
    y, middle = floats(data, "place"), floats(data, "q50")
    low, high = middle - floats(data, "q05"), floats(data, "q95") - middle
    axes.axvline(0, color=style.PALETTE["grey"], lw=0.8)
    axes.errorbar(middle, y, xerr=[low, high], fmt="o", color=style.LOOKS["ai"].color, capsize=2)
    axes.set_yticks(y, list(GAPS.values()))
    axes.set_ylim(-len(GAPS) + 0.5, 0.5)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)


def _note(found: dict[str, Any]) -> str:
    verdict = AGREES if found["growth_agrees"] else DIFFERS
    gap = found["differences"]["level_in_use"]
    level = "agrees too" if gap["agrees"] else "does not, and the difference is shown"
    return NOTE.format(
        owned=number(found["owned_share"], ".0%"),
        period=found["period"],
        between=number(found["between"], ".0%"),
        verdict=verdict.format(level=level),
    )
