"""How far above trend spending is, and was in 2000, as a share of GDP, by several rules."""

from __future__ import annotations

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

ID = "spending_trend"
TITLE = "Spending over GDP against its trend, now and in 2000"
NOTE = (
    "A: private investment in information processing equipment and software over GDP, its trend "
    "by unobserved "
    "components (smooth trend and a cycle of 1.5 to 15 years, all years) and local linear trends "
    "that end with "
    "1994 and 2022, extrapolated. B and C: actual over trend, logarithmic scale, with 95 % intervals where a "
    "rule has one. Components: variances estimated on the years to the date; hindsight: the same with all "
    "later years. Trend before: extrapolated from the year before the boom, a choice made with "
    "hindsight. Regression: on "
    "values of two and more years before. HP: Hodrick-Prescott filter, a convention. C: the five "
    "firms’ capex "
    "and BEA investment in communications structures and equipment; the firms’ record before the "
    "boom has {few} "
    "quarters and its extrapolation says next to nothing{cut}. Telecom: hindcast on revised data; one event. "
    "Sources: BEA, filings with the SEC; grades A and B. Vintages: AI {ai}; telecom {telecom}."
)
NEEDS = ("spending_trend",)
DATA = ()
RULES = {
    "components": "components",
    "components, hindsight": "  with hindsight",
    "trend before": "trend before",
    "regression": "regression",
    "hodrick-prescott": "HP",
}
WIDEST = 4.0
"""Ratio at which an interval is cut in the drawing."""
IT, OWN = "information_processing_to_gdp", "capex_to_gdp"


def build(inputs: Inputs) -> Figure:
    """Draw the series with its trends beside gaps by rule."""
    found = inputs.result("spending_trend")
    paths = pd.DataFrame(_paths(found["detail"]))
    gaps = pd.DataFrame([_gap(r) for r in found["result"] if r["series"] in (IT, OWN)])
    figure, panels = style.panels(1, 3, height=3.0, width_ratios=(1.5, 1.0, 1.0))
    _series(panels[0], paths)
    style.letter(panels[0], "A", "All information processing")
    for axes, letter, series, title in zip(
        panels[1:], "BC", (IT, OWN), ("The same, over trend", "The builders’ own"), strict=True
    ):
        _dots(axes, where(gaps, series=series), labelled=letter == "B")
        style.letter(axes, letter, title)
    periods = found["detail"]["ai.capex_to_gdp"]["periods"]
    wide = bool((floats(gaps, "high") > WIDEST).any())
    note = NOTE.format(
        few=sum(p[:4] <= "2022" for p in periods),
        cut=f"; intervals beyond a ratio of {WIDEST:g} are cut" if wide else "",
        **found["vintage"],
    )
    data = pd.concat([paths, gaps], ignore_index=True)
    return Figure(ID, TITLE, typographic(note), figure, data)


def _paths(detail: dict[str, Any]) -> list[dict[str, Any]]:
    ai, then = detail[f"ai.{IT}"], detail[f"telecom.{IT}"]
    before = dict(zip(then["periods"], then.get("trend_before", [None] * len(then["periods"])), strict=True))
    now = ai.get("trend_before", [None] * len(ai["periods"]))
    return [
        {
            "period": p,
            "ends": period_number(p),
            "percent": value,
            "components": trend,
            "before_2023": extrapolated,
            "before_1995": before.get(p),
        }
        for p, value, trend, extrapolated in zip(
            ai["periods"], ai["percent"], ai["components"], now, strict=True
        )
    ]


def _gap(row: dict[str, Any]) -> dict[str, Any]:
    ratio = {k: None if row[k] is None else 1 + row[k] for k in ("above_trend", "low", "high")}
    return {"era": row["era"], "series": row["series"], "at": row["at"], "rule": row["rule"]} | ratio


def _series(axes: Axes, data: pd.DataFrame) -> None:
    from matplotlib.ticker import FuncFormatter

    x = floats(data, "ends")
    shown = x > 1980
    axes.plot(
        x[shown], floats(data, "percent")[shown], color=style.PALETTE["black"], linewidth=1.2, label="actual"
    )
    axes.plot(
        x[shown],
        floats(data, "components")[shown],
        color=style.PALETTE["green"],
        linewidth=1.1,
        label="components",
    )
    for name, era in (("before_1995", "telecom"), ("before_2023", "ai")):
        year = name[-4:]
        label = f"trend before {year}"
        axes.plot(x, floats(data, name), label=label, **style.LOOKS[era].of_line())
    axes.set_xlim(1980, float(x[-1]) + 0.5)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    axes.legend(loc="lower right", handlelength=2.0)


def _dots(axes: Axes, data: pd.DataFrame, *, labelled: bool) -> None:
    from matplotlib.ticker import FuncFormatter, NullLocator

    rules = list(RULES)
    for era, shift in (("telecom", 0.16), ("ai", -0.16)):
        part, look = where(data, era=era), style.LOOKS[era]
        y = np.array([-rules.index(r) for r in part["rule"]]) + shift
        low, high = floats(part, "low"), np.minimum(floats(part, "high"), WIDEST)
        at = str(part["at"].iloc[0]) if len(part) else era
        axes.hlines(y, low, high, color=look.color, linewidth=1.0)
        axes.plot(floats(part, "above_trend"), y, look.marker, color=look.color, label=at)
    axes.axvline(1.0, color=style.PALETTE["black"], linewidth=0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    low, high = axes.get_xlim()
    axes.set_xticks([t for t in (0.5, 0.8, 1.0, 1.5, 2.0, 4.0) if low <= t <= high])
    axes.set_yticks([-i for i in range(len(rules))], list(RULES.values()) if labelled else [""] * len(rules))
    axes.grid(axis="x")
    axes.legend(loc="upper right", handlelength=1.0)
