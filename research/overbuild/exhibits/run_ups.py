"""Every run-up of infrastructure investment that the rule finds, from its date to its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs

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
CROWDED = 4
"""Years to the next run-up of a series below which a number stands to the left of its drop."""
ENDS = {
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
    for _, case in data.iterrows():
        _draw(axes, case, -lanes.index(case["label"]), result["rule"]["fall"])
    _key(axes, data, result["rule"])
    axes.set_yticks([-i for i in range(len(lanes))], lanes)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-len(lanes) + 0.3, 0.5)
    axes.set_xlim(result["first_year"] - 0.5, result["last_year"] + 0.5)
    axes.xaxis.set_major_locator(MultipleLocator(10))
    axes.spines["left"].set_visible(False)
    return Figure(ID, TITLE, NOTE, figure, data)


def _draw(axes: Axes, case: pd.Series, lane: float, threshold: float) -> None:
    """Draw one run-up: a line to its outcome, and a drop as deep as its fall."""
    look = ENDS[case["outcome"]]
    bottom = lane - DEPTH * case["fall"]
    axes.plot([case["year"], case["end"]], [lane, lane], **look)
    marker = (
        {"marker": "o", "markerfacecolor": "white", "zorder": 3}
        if case["from_below"]
        else {"marker": "|", "markersize": 6}
    )
    axes.plot(case["year"], lane, markeredgewidth=1.2, color=look["color"], **marker)
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


def _key(axes: Axes, data: pd.DataFrame, rule: dict[str, Any]) -> None:
    """Say above the lanes what the three kinds of line mean, and how many there are."""
    names = {
        "fall": f"fall of {100 * rule['fall']:g} % or more within {rule['horizon_years']} years",
        "no fall": "no such fall",
        "unresolved": "unresolved",
    }
    for outcome, text in names.items():
        axes.plot([], [], **ENDS[outcome], label=f"{text} ({(data['outcome'] == outcome).sum()})")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.2, columnspacing=1.6)


def _data(inputs: Inputs, result: dict[str, Any]) -> pd.DataFrame:
    """Return one row a run-up, in lanes by the year of the series' first one."""
    labels = inputs.book.codebook["label"].str.split(",").str[0]
    cases = pd.DataFrame(result["cases"]).rename(columns={"label": "outcome"})
    horizon = cases["year"] + result["rule"]["horizon_years"]
    end = (
        cases["fall_year"]
        .where(cases["outcome"] == "fall", horizon.clip(upper=result["last_year"]))
        .astype(int)
    )
    following = cases.groupby("series")["year"].shift(-1)
    data = cases.assign(
        label=cases["series"].map(labels),
        end=end,
        reached=cases["fall_year"].notna(),
        from_below=cases["below_old_peak"] >= result["rule"]["fall"],
        crowded=following - end < CROWDED,
        first=cases.groupby("series")["year"].transform("min"),
    )
    columns = ["series", "label", "year", "end", "outcome", "fall", "reached", "from_below", "crowded"]
    return data.sort_values(["first", "series", "year"], kind="stable")[columns].reset_index(drop=True)
