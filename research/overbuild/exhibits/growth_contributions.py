"""Figure: information technology's contribution to growth by quarter and year, and published sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "growth_contributions"
TITLE = "What information technology and data centres contribute to growth of real GDP"
NOTE = (
    "Percentage points of annual growth, our Törnqvist sums, gross of imports: what was bought abroad is "
    "taken off in net exports, and how much of it that is is not estimated here. A: by quarter. "
    "Data-centre construction is deflated by the price of all nonresidential investment (grade C). B: by "
    "year from take-off ({ai} and {telecom}), equipment and software; the years 1995 to 2001 rest on "
    "price indexes of the information carriers (grade C), which in {first}–{last} gave {mean} points more "
    "than BEA’s own; {partial}, hollow, is one quarter. C: ours less published, nonresidential "
    "investment: the method works where both are known. Real equipment and GDP of {vintage}. The years "
    "1995 to 2001 are a hindcast on revised data; one event. Sources: national accounts, grades A and B; "
    "Census construction, grade A; BEA infrastructure accounts."
)
NEEDS = ("contribution",)
DATA = ()
PARTS = {
    "information_processing_equipment": ("equipment", "blue"),
    "software": ("software", "sky"),
    "datacentre_construction": ("data-centre construction", "orange"),
}
FIRST = "2018Q1"
PARTIAL = "information_technology, part of the year"
TAKE_OFF = {"ai": 2023, "telecom": 1996}


def build(inputs: Inputs) -> Figure:
    """Draw the figure."""
    result = inputs.result("contribution")
    quarters = [r for r in result["ai"]["result"] if r["component"] in PARTS and r["period"] >= FIRST]
    rows = [_row("A", r["component"], r["period"], r["tornqvist"]) for r in quarters]
    rows += [
        _row(f"B {era}", w["component"], w["year"], w["tornqvist"])
        for era in TAKE_OFF
        for w in _years(result, era)
    ]
    rows += [
        _row("C", r["component"], r["period"], r["difference"])
        for r in result["ai"]["result"]
        if r["component"] == "nonresidential_investment" and r["difference"] is not None
    ]
    data = pd.DataFrame(rows)
    figure, axes = style.panels(1, 3, height=2.8, width_ratios=(2.2, 1.5, 1.0))
    _stack(axes[0], where(data, panel="A"))
    _clock(axes[1], data)
    _differences(axes[2], where(data, panel="C"))
    for ax, which, title in zip(
        axes, "ABC", ("By quarter", "Years since take-off", "Less published"), strict=True
    ):
        style.letter(ax, which, title)
    axes[0].set_ylabel("percentage points")
    proxy = result["telecom"]["compared"][0]
    note = NOTE.format(
        **TAKE_OFF,
        first=proxy["first"],
        last=proxy["last"],
        mean=f"{proxy['mean']:.2f}",
        partial=_years(result, "ai")[-1]["year"],
        vintage="May and June 2026",
    )
    return Figure(ID, TITLE, note, figure, data)


def _row(panel: str, component: str, period: str, value: float) -> dict[str, Any]:
    return {"panel": panel, "component": component, "period": period, "value": value}


def _years(result: Mapping[str, Any], era: str) -> list[dict[str, Any]]:
    """Return yearly means; the last year is that of the quarters known, where it is not whole."""
    name = "information_technology"
    found = [w for w in result[era]["windows"] if w["component"] == name]
    by_quarter = [r for r in result[era]["result"] if r["component"] == name and "Q" in r["period"]]
    if by_quarter:
        year = by_quarter[-1]["period"][:4]
        if found[-1]["year"] != year:
            values = [r["tornqvist"] for r in by_quarter if r["period"][:4] == year]
            found = [*found, {"component": PARTIAL, "year": year, "tornqvist": float(np.mean(values))}]
    return [w for w in found if int(w["year"]) >= TAKE_OFF[era] - 5]


def _stack(axes: Axes, data: pd.DataFrame) -> None:
    periods = sorted(set(data["period"]))
    above, below = np.zeros(len(periods)), np.zeros(len(periods))
    for component, (name, color) in PARTS.items():
        part = where(data, component=component).set_index("period")["value"].reindex(periods)
        values = np.nan_to_num(part.to_numpy(float))
        bottom = np.where(values >= 0, above, below)
        axes.bar(range(len(periods)), values, 0.8, bottom, color=style.PALETTE[color], label=name, lw=0)
        above += np.maximum(values, 0)
        below += np.minimum(values, 0)
    firsts = [i for i, p in enumerate(periods) if p.endswith("Q1")]
    axes.set_xticks(firsts, [periods[i][:4] for i in firsts], rotation=90)
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.legend(loc="upper left", handlelength=1, borderaxespad=0.1)
    axes.set_ylim(top=1.25 * above.max())


def _clock(axes: Axes, data: pd.DataFrame) -> None:
    for era, zero in TAKE_OFF.items():
        part, look = where(data, panel=f"B {era}"), style.LOOKS[era]
        x = np.array([int(p) - zero for p in part["period"]], dtype=float)
        y = floats(part, "value")
        whole = part["component"].to_numpy() == "information_technology"
        axes.plot(x, y, **look.of_line())
        axes.plot(x[whole], y[whole], look.marker, color=look.color)
        axes.plot(x[~whole], y[~whole], look.marker, color=look.color, markerfacecolor="white")
        top = int(y.argmax())
        style.label(axes, x[top], y[top], "AI" if era == "ai" else "telecom era", look, dx=-6, dy=6)
    axes.set_ylim(top=1.12 * floats(data, "value")[data["panel"].str.startswith("B")].max())
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)


def _differences(axes: Axes, data: pd.DataFrame) -> None:
    x = np.array([int(p[:4]) + (int(p[5]) - 1) / 4 for p in data["period"]])
    axes.plot(x, floats(data, "value"), ".", color=style.PALETTE["grey"], markersize=3)
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.set_xticks([2012, 2018, 2024])
