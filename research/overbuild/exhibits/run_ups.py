"""Every run-up of infrastructure investment that the rule finds, from its date to its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import records, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "run_ups"
TITLE = "Run-ups of United States infrastructure investment and how they ended"
NOTE = (
    "Each line begins in the year in which investment has reached the multiple of its level some years "
    "before that the rule asks for, and ends in the year in which the fall is reached, else at the end of "
    "the rule's horizon. The drop at its end is the deepest fall below the running peak of the whole series "
    "within the horizon, in per cent (a lane's height is about 100): heavy where it reaches the threshold. "
    "A hollow circle: at its date the series still stood further below an older peak than the threshold, so "
    "that its label says little. Dashed: the horizon runs beyond the data; these are left out of the rate "
    "whatever has happened so far. Series without a run-up are not shown. The rule chose the cases, not the "
    "outcome. Four of the series are those of communications: a hindcast on revised data; one event. "
    "Source: BEA infrastructure accounts, vintage of August 2021, grade B."
)
NEEDS = ("baserate",)
DATA = ("history/infrastructure_annual.csv", "telecom/investment.csv")
LANE = 0.34
"""Height of a lane in inches."""
DEPTH = 0.85
"""Length of a fall of 100 per cent, in lanes."""
STARTS: dict[bool, dict[str, Any]] = {
    False: {"marker": "|", "markersize": 6},
    True: {"marker": "o", "markerfacecolor": "white", "zorder": 3},
}
"""How the date of a run-up is marked; True: it stands far below an older peak."""
CROWDED = 4
"""Years to the next run-up of a series below which a number stands to the left of its drop."""
ENDS: dict[str, dict[str, Any]] = {
    "fall": {"color": style.PALETTE["black"], "linestyle": "-", "linewidth": 1.6},
    "no fall": {"color": style.PALETTE["green"], "linestyle": "-", "linewidth": 1.0},
    "unresolved": {"color": style.PALETTE["grey"], "linestyle": (0, (3, 1.5)), "linewidth": 1.2},
}


def build(inputs: Inputs) -> Figure:
    """Draw a lane for each series and a line for each run-up."""
    result = inputs.result("baserate")
    data = _data(inputs, result)
    lanes = list(dict.fromkeys(data["label"]))
    figure, (axes,) = style.panels(height=LANE * len(lanes) + 0.75)
    for case in records(data):
        _draw(axes, case, -lanes.index(case["label"]), result["rule"]["fall"])
    _key(axes, data, result["rule"])
    axes.set_yticks([-i for i in range(len(lanes))], lanes)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-len(lanes) + 0.3, 0.5)
    axes.set_xlim(result["first_year"] - 0.5, result["last_year"] + 0.5)
    axes.xaxis.set_major_locator(MultipleLocator(10))
    axes.spines["left"].set_visible(False)
    return Figure(ID, TITLE, NOTE, figure, data)


def _draw(axes: Axes, case: Mapping[str, Any], lane: float, threshold: float) -> None:
    """Draw one run-up: a line to its outcome, and a drop as deep as its fall."""
    look = ENDS[case["outcome"]]
    bottom = lane - DEPTH * case["fall"]
    axes.plot([case["year"], case["end"]], [lane, lane], **look)
    axes.plot(case["year"], lane, markeredgewidth=1.2, color=look["color"], **STARTS[case["from_below"]])
    axes.vlines(case["end"], bottom, lane, color=look["color"], linewidth=3.0 if case["reached"] else 1.0)
    percent = 100 * case["fall"]
    if round(percent) == 0:
        return
    near_miss = not case["reached"] and round(percent) >= round(100 * threshold)
    axes.annotate(
        f"{percent:.1f}" if near_miss else f"{percent:.0f}",
        (case["end"], min((lane + bottom) / 2, lane - 0.2)),
        (-3 if case["crowded"] else 3, 0),
        textcoords="offset points",
        ha="right" if case["crowded"] else "left",
        va="center",
        fontsize=7,
        color=look["color"],
        fontweight="bold" if case["reached"] else "normal",
    )


def _key(axes: Axes, data: pd.DataFrame, rule: Mapping[str, Any]) -> None:
    """Say above the lanes what the three kinds of line mean, and how many there are."""
    names = {
        "fall": f"fall of {100 * rule['fall']:g} % or more within {rule['horizon_years']} years",
        "no fall": "no such fall",
        "unresolved": "unresolved",
    }
    for outcome, text in names.items():
        axes.plot([], [], **ENDS[outcome], label=f"{text} ({len(where(data, outcome=outcome))})")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.2, columnspacing=1.6)


def _data(inputs: Inputs, result: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a run-up, in lanes by the year of the series' first one."""
    labels = {str(name): str(text).split(",")[0] for name, text in inputs.book.codebook["label"].items()}
    dates: dict[str, list[int]] = {}
    for case in result["cases"]:
        dates.setdefault(case["series"], []).append(case["year"])
    rows = []
    for case in sorted(result["cases"], key=lambda c: (min(dates[c["series"]]), c["series"], c["year"])):
        horizon = min(case["year"] + result["rule"]["horizon_years"], result["last_year"])
        end = case["fall_year"] if case["label"] == "fall" else horizon
        following = [year for year in dates[case["series"]] if year > case["year"]]
        rows.append(
            {
                "series": case["series"],
                "label": labels[case["series"]],
                "year": case["year"],
                "end": end,
                "outcome": case["label"],
                "fall": case["fall"],
                "reached": case["fall_year"] is not None,
                "from_below": case["below_old_peak"] >= result["rule"]["fall"],
                "crowded": bool(following) and min(following) - end < CROWDED,
            }
        )
    return pd.DataFrame(rows)
