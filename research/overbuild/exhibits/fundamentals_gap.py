"""Figure: spending against what its fundamentals implied, AI beside telecom, on one clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "fundamentals_gap"
TITLE = "Spending against what the relation of before the boom implies, by years since take-off"
NOTE = (
    "Log of spending of the trailing year over what an equation fitted before the boom implies from what "
    "fundamentals then were; 0 is no gap, 0.4 about half as much again. Lines are medians, bands nine "
    "draws in ten: dark with uncertain parameters alone, light with shocks as well. A, the perimeters of "
    "this paper: the five firms’ capex on revenue and operating cash flow, one long run for all (pooled "
    "mean group, to the end of {ai_last}), and communications investment on GDP (to {telecom_last}). B, "
    "the same goods in both eras: all private information processing equipment and software on GDP, "
    "twenty years before each boom. Year 0 is {ai} and {telecom}. Telecom is a hindcast on revised data; "
    "one event. Sources: SEC filings, grades A to C; BEA infrastructure accounts, grade B; national "
    "accounts, grade A."
)
NEEDS = ("gap",)
DATA = ()
PANELS = (
    ("A", {"ai": ("firms", "pooled", "sector"), "telecom": ("communications", "error_correction", None)}),
    (
        "B",
        {
            "ai": ("information_processing", "error_correction", None),
            "telecom": ("information_processing", "error_correction", None),
        },
    ),
)
TITLES = {"A": "Five firms, and communications", "B": "Information processing, both eras"}
NAMES = {"ai": "AI", "telecom": "telecom"}
COLUMNS = ("gap", "gap_low", "gap_high", "gap_low_parameters", "gap_high_parameters")


def build(inputs: Inputs) -> Figure:
    """Draw the figure."""
    result = inputs.result("gap")
    data = pd.DataFrame([r for panel, of in PANELS for r in _rows(result, panel, of)])
    figure, axes = style.panels(1, 2, height=2.7, sharey=True)
    for ax, (panel, _) in zip(axes, PANELS, strict=True):
        _draw(ax, where(data, panel=panel))
        style.letter(ax, panel, TITLES[panel])
        ax.set_xlabel("years since take-off")
    axes[0].set_ylabel("log of actual over implied")
    lasts = {e: result[e]["estimates"][0]["last"] for e in NAMES}
    note = NOTE.format(
        ai=result["ai"]["take_off"],
        telecom=result["telecom"]["take_off"],
        ai_last=lasts["ai"][:4],
        telecom_last=lasts["telecom"],
    )
    return Figure(ID, TITLE, note, figure, data)


def _rows(result: Mapping[str, Any], panel: str, of: Mapping[str, Any]) -> list[dict[str, Any]]:
    made = []
    for era, (perimeter, equation, unit) in of.items():
        mine = [
            r
            for r in result[era]["result"]
            if r["perimeter"] == perimeter and r["equation"] == equation and unit in (None, r["unit"])
        ]
        made += [
            {"panel": panel, "era": era, "period": r["period"], "years": r["years_since_take_off"]}
            | {c: r[c] for c in COLUMNS}
            for r in mine
            if r["fundamentals"] == mine[0]["fundamentals"]
        ]
    return made


def _draw(axes: Axes, data: pd.DataFrame) -> None:
    for era, name in NAMES.items():
        part, look = where(data, era=era), style.LOOKS[era]
        if part.empty:
            continue
        x, middle = floats(part, "years"), floats(part, "gap")
        for low, high, alpha in (("gap_low", "gap_high", 0.15), (*COLUMNS[3:], 0.25)):
            axes.fill_between(x, floats(part, low), floats(part, high), color=look.color, alpha=alpha, lw=0)
        axes.plot(x, middle, **look.of_line())
        style.label(axes, x[-1], middle[-1], name, look)
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.margins(x=0.02)
    axes.set_xlim(-1, 10.4)
