"""Figure: the reaction to rivals by every estimator, and what each finds where the truth is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, kept, records, where
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "reaction_estimates"
TITLE = "Do the five firms react to each other? Estimates, and what they find where the truth is none"
NOTE = (
    "A: points of growth of cash capex for a point of rivals’ growth, weighted by product overlap, a "
    "quarter before; {quarters} quarters of five firms, {first} to {last}, seasonal means of each firm "
    "taken out. Bars: 90 % intervals, clustered by quarter (CR2); of the granular instrument Anderson and "
    "Rubin’s (first-stage F {first_stage}). p: randomisation, by shifts in time for least squares and by "
    "relabelled firms for the rest. Broken line: {peers}, at which a standard deviation of rivals’ growth "
    "adds 10 %, the size of Bustamante and Frésard (2021). Band: no reaction of note, within {rope}. B: "
    "mean estimate in {replications} made-up panels of {simulated} quarters whose true reaction is zero, "
    "with the middle 90 % of them. Common shock: its s.d. is {common} of a firm’s own, it lasts, and its "
    "loadings are unequal; shocks to products besides follow the weights themselves. Amazon is gross of "
    "proceeds from sales. Filings with the SEC, grades A to C."
)
NEEDS = ("reaction", "reaction_design")
DATA = ()
HEIGHT = 3.4
SHORT = {
    "ols": "Least squares",
    "ols_supplier": "… and supplier",
    "two_way": "Time effects",
    "cce": "Common corr. effects",
    "factors_1": "One factor",
    "factors_2": "Two factors",
    "giv": "Granular instrument",
}
WORLDS = {"none": "no common shock", "common": "common shock", "product": "… and to products"}
LOOKS = {"none": style.LOOKS["third"], "common": style.LOOKS["ai"], "product": style.LOOKS["telecom"]}
OFFSET = 0.24
LIMITS = -1.1, 1.3


def build(inputs: Inputs) -> Figure:
    """Draw the two panels."""
    found, design = inputs.result("reaction"), inputs.result("reaction_design")
    data = pd.DataFrame([*_estimates(found), *_simulated(design)])
    figure, (left, right) = style.panels(1, 2, height=HEIGHT, sharey=True, width_ratios=[1.15, 1.0])
    style.letter(left, "A", "Estimates")
    style.letter(right, "B", "Where the truth is none")
    _draw_estimates(left, where(data, panel="A"), found)
    _draw_simulated(right, where(data, panel="B"))
    instrument = next(r for r in found["estimators"] if r["estimator"] == "giv")
    panel = found["panel"]
    note = NOTE.format(
        quarters=panel["quarters"],
        first=panel["first"],
        last=panel["last"],
        first_stage=number(instrument["first_stage"], ".0f"),
        peers=number(found["peers_line"]),
        rope=number(found["rope"], ".1f"),
        replications=design["replications"],
        simulated=design["quarters"],
        common=design["common"],
    )
    return Figure(ID, TITLE, typographic(note), figure, data)


def _row(panel: str, world: str, e: str, b: float | None, ends: tuple[Any, Any], p: Any) -> dict[str, Any]:
    place = list(SHORT).index(e)
    return {
        "panel": panel,
        "world": world,
        "estimator": e,
        "place": place,
        "b": b,
        "low": ends[0],
        "high": ends[1],
        "p": p,
    }


def _estimates(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for r in found["estimators"]:
        yield _row("A", "", r["estimator"], r["b"], (r["low"], r["high"]), r["p_randomisation"])


def _simulated(design: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for r in design["rows"]:
        if r["truth"] == 0 and r["quarters"] == design["quarters"]:
            yield _row("B", r["world"], r["estimator"], r["bias"], (r["q05"], r["q95"]), None)


def _draw_estimates(axes: Axes, data: pd.DataFrame, found: Mapping[str, Any]) -> None:
    rope, look = found["rope"], style.LOOKS["ai"]
    axes.axvspan(-rope, rope, color="#E8E8E8", lw=0)
    axes.axvline(found["peers_line"], linewidth=0.9, **style.LOOKS["context"].of_line())
    known = kept(data, np.isfinite(floats(data, "b")))
    _bars(axes, known, look, 0.0)
    for r in records(known):
        if r["p"] is not None and np.isfinite(r["p"]):
            axes.annotate(
                f"p {number(r['p'])}", (LIMITS[1], r["place"]), (-2, 0), textcoords="offset points",
                fontsize=7, ha="right", va="center", color=style.PALETTE["grey"],
            )  # fmt: skip
    _frame(axes)


def _draw_simulated(axes: Axes, data: pd.DataFrame) -> None:
    for i, (world, name) in enumerate(WORLDS.items()):
        _bars(axes, where(data, world=world), LOOKS[world], (i - 1) * OFFSET, label=name)
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.89), handlelength=1.0, borderaxespad=0.0, fontsize=7)
    _frame(axes)


def _bars(axes: Axes, data: pd.DataFrame, look: style.Look, shift: float, **options: Any) -> None:
    b = floats(data, "b")
    low = np.maximum(np.nan_to_num(floats(data, "low"), nan=LIMITS[0]), LIMITS[0])
    high = np.minimum(np.nan_to_num(floats(data, "high"), nan=LIMITS[1]), LIMITS[1])
    axes.errorbar(
        b, floats(data, "place") + shift, xerr=[np.maximum(b - low, 0), np.maximum(high - b, 0)],
        fmt=look.marker, color=look.color, markersize=3.5, elinewidth=1.0, **options,
    )  # fmt: skip


def _frame(axes: Axes) -> None:
    axes.axvline(0, color=style.PALETTE["black"], linewidth=0.7)
    axes.set_xlim(*LIMITS)
    axes.set_ylim(len(SHORT) - 0.3, -0.7)
    axes.set_yticks(range(len(SHORT)), list(SHORT.values()))
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlabel("reaction to rivals")
