"""How far the base rate moves with the rule that finds run-ups and falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "base_rate_grid"
TITLE = "The base rate under every rule of the grid"
NOTE = (
    "A: how many rules give which rate, by the measure in which run-ups and falls are judged; every rule "
    "counts once. The line marks the primary rule, with the 5 and 95 % points of its bootstrap by series. "
    "B: the rate in per cent at the primary floor; in grey, the number of run-ups with a known end, which "
    "does not depend on the fall asked for. Rows: the multiple that makes a run-up, and the years in which "
    "it is reached. Columns: years within which the fall must come, and its size. The box marks the primary "
    "rule. Rules overlap in their cases, so the spread is that of the question, not of sampling. A hindcast "
    "on revised data. Source: BEA infrastructure accounts, vintage of August 2021, grade B; shares of GDP "
    "with BEA national accounts, grade A."
)
NEEDS = ("baserate",)
DATA = ()
HEIGHTS = (1.3, 3.2)
MEASURES = {"nominal": "nominal investment", "share_of_gdp": "share of GDP"}
LOOKS = {"nominal": style.LOOKS["context"], "share_of_gdp": style.Look(style.PALETTE["black"], "-", "o")}
BINS = np.arange(21) / 20
AXES = ("run_up", "window_years", "fall", "horizon_years", "floor_usd_million", "measure")
DARK = 0.6
"""Rate from which the number in a cell is written white."""


def build(inputs: Inputs) -> Figure:
    """Draw the distribution over all rules, and a map of the rates at the primary floor for each measure."""
    from matplotlib.figure import Figure as Drawing

    result = inputs.result("baserate")
    data = _data(result)
    figure = Drawing(figsize=(style.WIDTH, sum(HEIGHTS) + 0.4))
    panels = figure.subplot_mosaic([["all", "all"], list(MEASURES)], height_ratios=HEIGHTS)
    _distribution(panels["all"], data)
    style.letter(panels["all"], "A", f"All {len(data)} rules: number of rules by rate")
    at_floor = data[data["floor_usd_million"] == result["rule"]["floor_usd_million"]]
    for letter, (measure, name) in zip("BC", MEASURES.items(), strict=True):
        _map(panels[measure], at_floor[at_floor["measure"] == measure])
        style.letter(panels[measure], letter, f"{name[0].upper()}{name[1:]}: rates in per cent")
    panels["share_of_gdp"].set_yticklabels([])
    return Figure(ID, TITLE, NOTE, figure, data)


def _distribution(axes: Axes, data: pd.DataFrame) -> None:
    for measure, name in MEASURES.items():
        part = data[data["measure"] == measure]
        look = LOOKS[measure]
        filled = measure == "nominal"
        axes.hist(
            part["rate"].dropna(),
            BINS,
            histtype="stepfilled" if filled else "step",
            color="#C9C9C9" if filled else look.color,
            linewidth=1.4,
            label=f"{name} ({len(part)})",
        )
    primary = data[data["primary"]].iloc[0]
    top = axes.get_ylim()[1]
    axes.plot(
        [primary["low"], primary["high"]], [1.12 * top] * 2, color=style.PALETTE["vermillion"], linewidth=1.6
    )
    axes.plot(primary["rate"], 1.12 * top, marker="o", color=style.PALETTE["vermillion"])
    axes.vlines(primary["rate"], 0, 1.12 * top, color=style.PALETTE["vermillion"], linewidth=1.0)
    text = f"primary rule {primary['rate']:.2f} ({primary['low']:.2f} to {primary['high']:.2f})"
    axes.annotate(
        text, (primary["high"], 1.12 * top), (5, 0), textcoords="offset points", va="center", fontsize=8
    )
    axes.set_ylim(0, 1.25 * top)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0.86), borderaxespad=0.1)


def _map(axes: Axes, part: pd.DataFrame) -> None:
    """Draw a cell for each rule, with a narrow column of counts before the falls of each horizon."""
    rows = sorted({(r, w) for r, w in zip(part["run_up"], part["window_years"], strict=True)})
    horizons, falls = sorted(part["horizon_years"].unique()), sorted(part["fall"].unique())
    width = len(falls) + 1
    for _, rule in part.iterrows():
        y = rows.index((rule["run_up"], rule["window_years"]))
        first = width * horizons.index(rule["horizon_years"])
        x = first + 1 + falls.index(rule["fall"])
        axes.add_patch(
            Rectangle((x, y), 1, 1, facecolor=_shade(rule["rate"]), edgecolor="white", linewidth=0.6)
        )
        axes.text(
            x + 0.5,
            y + 0.5,
            f"{100 * rule['rate']:.0f}",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if rule["rate"] > DARK else "black",
        )
        if rule["fall"] == falls[0]:
            axes.text(
                first + 0.92,
                y + 0.5,
                f"{rule['run_ups']:.0f}",
                ha="right",
                va="center",
                fontsize=7,
                color=style.PALETTE["grey"],
            )
        if rule["primary"]:
            axes.add_patch(
                Rectangle(
                    (x, y), 1, 1, fill=False, edgecolor=style.PALETTE["vermillion"], linewidth=1.8, zorder=4
                )
            )
    axes.set_xlim(0, width * len(horizons))
    axes.set_ylim(len(rows), 0)
    axes.set_yticks(np.arange(len(rows)) + 0.5, [f"{r:g} times in {w} years" for r, w in rows])
    marks = [
        (width * h + 1.5 + f, f"{100 * fall:.0f}")
        for h in range(len(horizons))
        for f, fall in enumerate(falls)
    ]
    marks += [(width * h + 0.7, "n") for h in range(len(horizons))]
    axes.set_xticks([x for x, _ in marks], [text for _, text in marks])
    axes.tick_params(length=0, pad=2)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for place, years in enumerate(horizons):
        middle = width * place + 1 + len(falls) / 2
        axes.annotate(
            f"% in {years} years",
            (middle, len(rows)),
            (0, -16),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
            annotation_clip=False,
        )


def _shade(rate: float) -> str:
    return "white" if np.isnan(rate) else f"{0.96 - 0.8 * rate:.3f}"


def _data(result: dict[str, Any]) -> pd.DataFrame:
    """Return the grid, with the interval of the primary rule on its row."""
    grid = pd.DataFrame(result["grid"])
    primary = pd.Series(data=True, index=grid.index)
    for axis in AXES:
        primary &= grid[axis] == result["rule"][axis]
    low, high = result["interval"]
    return grid.assign(
        primary=primary, low=np.where(primary, low, np.nan), high=np.where(primary, high, np.nan)
    )
