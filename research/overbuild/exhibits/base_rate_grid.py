"""How far the base rate moves with the rule that finds run-ups and falls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, records, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "base_rate_grid"
TITLE = "The base rate under every rule of the grid"
NOTE = (
    "A: how many rules give which rate, by the measure in which run-ups and falls are judged; every rule "
    "counts once. The line marks the primary rule, with the 5 and 95 % points that are printed first. "
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
BARS: dict[str, dict[str, Any]] = {
    "nominal": {"histtype": "stepfilled", "color": "#C9C9C9"},
    "share_of_gdp": {"histtype": "step", "color": style.PALETTE["black"], "linewidth": 1.4},
}
MARK, GREY = style.PALETTE["vermillion"], style.PALETTE["grey"]
BINS = [i / 20 for i in range(21)]
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
    at_floor = where(data, floor_usd_million=result["rule"]["floor_usd_million"])
    for letter, (measure, name) in zip("BC", MEASURES.items(), strict=True):
        _map(panels[measure], where(at_floor, measure=measure))
        style.letter(panels[measure], letter, f"{name[0].upper()}{name[1:]}: rates in per cent")
    panels["share_of_gdp"].set_yticklabels([])
    return Figure(ID, TITLE, NOTE, figure, data)


def _distribution(axes: Axes, data: pd.DataFrame) -> None:
    for measure, name in MEASURES.items():
        rates = floats(where(data, measure=measure), "rate")
        text = f"{name} ({len(rates)})"
        axes.hist(rates[np.isfinite(rates)], BINS, **BARS[measure], label=text)
    (primary,) = records(where(data, primary=True))
    top = axes.get_ylim()[1]
    rate, low, high, above = primary["rate"], primary["low"], primary["high"], 1.12 * top
    axes.plot([low, high], [above, above], color=MARK, linewidth=1.6)
    axes.plot(rate, above, marker="o", color=MARK)
    axes.vlines(rate, 0, above, color=MARK, linewidth=1.0)
    text = f"primary rule {rate:.2f} ({low:.2f} to {high:.2f})"
    axes.annotate(text, (high, above), (5, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_ylim(0, 1.25 * top)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0.86), borderaxespad=0.1)


def _map(axes: Axes, part: pd.DataFrame) -> None:
    """Draw a cell for each rule, with a narrow column of counts before the falls of each horizon."""
    rules = records(part)
    rows = sorted({(rule["run_up"], rule["window_years"]) for rule in rules})
    horizons, falls = (sorted({rule[axis] for rule in rules}) for axis in ("horizon_years", "fall"))
    width = len(falls) + 1
    for rule in rules:
        y = rows.index((rule["run_up"], rule["window_years"]))
        first = width * horizons.index(rule["horizon_years"])
        _cell(axes, rule, first + 1 + falls.index(rule["fall"]), y)
        if rule["fall"] == falls[0]:
            text = f"{rule['run_ups']:.0f}"
            axes.text(first + 0.92, y + 0.5, text, ha="right", va="center", fontsize=7, color=GREY)
    axes.set_xlim(0, width * len(horizons))
    axes.set_ylim(len(rows), 0)
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [f"{r:g} times in {w:g} years" for r, w in rows])
    marks = [
        (width * h + 1.5 + f, f"{100 * fall:.0f}")
        for h in range(len(horizons))
        for f, fall in enumerate(falls)
    ]
    marks += [(width * h + 0.7, "n") for h in range(len(horizons))]
    axes.set_xticks([x for x, _ in marks], [text for _, text in marks])
    for place, years in enumerate(horizons):
        middle = width * place + 1 + len(falls) / 2
        axes.text(middle, len(rows) + 1.55, f"% in {years:g} years", ha="center", va="bottom", fontsize=8)
    axes.tick_params(length=0, pad=2)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cell(axes: Axes, rule: Mapping[str, Any], x: int, y: int) -> None:
    """Draw one rule: its rate in grey, and in figures where it is known."""
    rate = rule["rate"]
    shade = "white" if np.isnan(rate) else f"{0.96 - 0.8 * rate:.3f}"
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=shade, edgecolor="white", linewidth=0.6))
    if not np.isnan(rate):
        color = "white" if rate > DARK else "black"
        axes.text(x + 0.5, y + 0.5, f"{100 * rate:.0f}", ha="center", va="center", fontsize=7, color=color)
    if rule["primary"]:
        axes.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=MARK, linewidth=1.8, zorder=4))


def _data(result: Mapping[str, Any]) -> pd.DataFrame:
    """Return the grid, with the interval of the primary rule on its row."""
    low, high = result["interval"]
    rows = []
    for rule in result["grid"]:
        primary = all(rule[axis] == result["rule"][axis] for axis in AXES)
        rows.append(
            {**rule, "primary": primary, "low": low if primary else None, "high": high if primary else None}
        )
    return pd.DataFrame(rows).astype({"rate": float, "low": float, "high": float})
