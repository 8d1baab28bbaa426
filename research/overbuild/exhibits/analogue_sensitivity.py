"""What moves the rate of overbuild among past booms: the reading of the list, beside prior and posterior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import records, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "analogue_sensitivity"
TITLE = "Past booms: prior, posterior and every other reading of the same list"
NOTE = (
    "The event is physical overbuild within five years of the peak, as judged from the literature for each "
    "boom of the list; it says nothing of losses or of a fall of spending. A: before and after counting, "
    "each boom one vote, a boom that was partly overbuilt not counted, and the list taken as it stands. B "
    "to D: the same and every other reading of the list, means with 5 and 95 % points, booms of one cluster "
    "allowed to share their end. Psi is the chance that a boom that ended well is on the list, relative to "
    "one that did not; no datum speaks about it. "
    "Rows: whose label is taken, and what a boom that was partly overbuilt counts for. A cluster is a group "
    "of booms that share a cause. Vertical line: the posterior mean of A. Labels are given with hindsight; "
    "the telecom boom is one of the list: a hindcast on revised data; one event. Source: list of investment "
    "booms compiled from the literature, grades B and C."
)
NEEDS = ("analogue_rate",)
DATA = ()
HEIGHTS = (0.6, 3.6)
GAP = 0.19
"""Distance between the readings of one row, in rows."""
WAYS = {
    ("boom", False): "one vote a boom",
    ("boom", True): "the same, by certainty",
    ("cluster", False): "one vote a cluster",
    ("cluster", True): "the same, by certainty",
}
LABELS = {"main": "main label", "critic": "critic’s label"}


def build(inputs: Inputs) -> Figure:
    """Draw prior and posterior above, and a panel of readings for each psi below."""
    from matplotlib.figure import Figure as Drawing

    result = inputs.result("analogue_rate")
    data = _data(result)
    readings = where(data, kind="sensitivity")
    psis = sorted(set(readings["psi"]))
    figure = Drawing(figsize=(style.WIDTH, sum(HEIGHTS) + 0.6))
    mosaic: list[Any] = [["top"] * len(psis), [f"{psi:g}" for psi in psis]]
    panels = figure.subplot_mosaic(mosaic, height_ratios=HEIGHTS)
    _before_and_after(panels["top"], data, result)
    (posterior,) = records(where(data, kind="posterior"))
    for letter, psi in zip("BCD", psis, strict=True):
        axes = panels[f"{psi:g}"]
        _readings(axes, where(readings, psi=psi), posterior["mean"], named=psi == psis[0])
        style.letter(axes, letter, rf"$\psi$ = {psi:g}")
    panels[f"{psis[len(psis) // 2]:g}"].set_xlabel(f"Share of booms {result['event']}")
    for way, text in WAYS.items():
        panels["top"].plot([], [], **_mark(*way), label=text)
    figure.legend(loc="outside lower center", ncols=len(WAYS), columnspacing=1.4, handletextpad=0.1)
    return Figure(ID, TITLE, NOTE, figure, data)


def _before_and_after(axes: Axes, data: pd.DataFrame, result: Mapping[str, Any]) -> None:
    black = style.Look(style.PALETTE["black"], "-", "o")
    for place, kind in enumerate(("prior", "posterior")):
        (row,) = records(where(data, kind=kind))
        axes.plot([row["low"], row["high"]], [-place, -place], color=black.color, linewidth=1.4)
        axes.plot(row["mean"], -place, marker=black.marker, color=black.color)
        text = f"{row['mean']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        style.label(axes, row["mean"], -place, text, black, dx=0, dy=8, ha="center")
    axes.set_yticks([0, -1], ["prior", f"after {result['booms']} booms"])
    _frame(axes, (-1.5, 0.8))
    axes.set_xticklabels([])
    style.letter(axes, "A", f"Share of past booms that were {result['event']}")


def _readings(axes: Axes, part: pd.DataFrame, posterior: float, *, named: bool) -> None:
    readings, ways = records(part), list(WAYS)
    rows = [(labels, partly) for labels in LABELS for partly in sorted({r["partly"] for r in readings})]
    for r in readings:
        way = (r["votes"], r["certainty"])
        y = -rows.index((r["labels"], r["partly"])) - GAP * (ways.index(way) - (len(ways) - 1) / 2)
        axes.plot([r["low"], r["high"]], [y, y], color=style.PALETTE["grey"], linewidth=0.8)
        axes.plot(r["mean"], y, **_mark(*way))
    axes.axvline(posterior, color=style.PALETTE["vermillion"], linewidth=0.8)
    texts = [f"{LABELS[labels]}, partly = {partly:g}" for labels, partly in rows]
    axes.set_yticks([-i for i in range(len(rows))], texts if named else [""] * len(rows))
    _frame(axes, (0.55 - len(rows), 0.5))


def _mark(votes: str, certainty: bool) -> dict[str, Any]:
    return {
        "marker": "D" if certainty else "o",
        "markersize": 3.6,
        "color": "black",
        "markerfacecolor": "white" if votes == "cluster" else "black",
        "markeredgewidth": 0.9,
        "linestyle": "",
    }


def _frame(axes: Axes, limits: tuple[float, float]) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(*limits)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"])


def _data(result: Mapping[str, Any]) -> pd.DataFrame:
    """Return prior, posterior and every reading, one row each."""
    estimates = [("prior", result["prior"]), ("posterior", result["posterior"])]
    estimates += [("sensitivity", e) for e in result["sensitivity"]]
    rows = []
    for kind, e in estimates:
        low, high = e["interval"]
        rows.append({"kind": kind, **e["reading"], "mean": e["mean"], "low": low, "high": high})
    return pd.DataFrame(rows)
