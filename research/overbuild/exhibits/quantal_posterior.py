"""The slope in rivals' choices: posterior beside prior and naive estimates, and how known ones are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "quantal_posterior"
TITLE = "The slope in rivals’ choices: what is learnt, and what could be"
NOTE = (
    "A: posterior of the slope $zeta$ of a firm’s index in the expected share of rivals that raise the "
    "growth of capex ({answers} answers of {firms} firms, {first} to {last}), and its prior (broken). "
    "Vertical lines: the naive logit in the realised share ({naive}) and the fixed point without a common "
    "shock ({nested}). B: panels of known slope (thin lines), up to {panels} drawn from the game for each "
    "point, shock of standard deviation {shock}: mean of posterior means (filled) and of naive estimates "
    "(hollow) by number of quarters; triangles: firms’ own surprises move choices {times} times as much. "
    "The prior’s mean is 0, and the posterior stays near it until the data are long. Sources: filings "
    "with the SEC, grades A to C; {supplier}’s revenue, grades A to C."
)
NEEDS = ("estimate_quantal_response_ai", "quantal_scores", "quantal_recovery")
DATA = ()
HEIGHT = 2.9
TRUTHS = ((0.0, "context"), (1.5, "ai"))
"""Known slopes and their looks."""
USUAL_SHOCK, USUAL_SURPRISE, STRONG_SURPRISE, LONGEST = 0.8, 0.5, 1.5, 400


def build(inputs: Inputs) -> Figure:
    """Draw the two panels."""
    found = inputs.result("estimate_quantal_response_ai")["findings"]
    beside, cells = inputs.result("quantal_scores"), inputs.result("quantal_recovery")["cells"]
    data = pd.DataFrame([*_density(found), *_estimates(beside), *_recovered(cells)])
    figure, panels = style.panels(1, 2, height=HEIGHT)
    _draw_density(panels[0], data)
    _draw_recovered(panels[1], where(data, panel="B"))
    style.letter(panels[0], "A", "Density of the slope")
    style.letter(panels[1], "B", "Known slopes, as found")
    panels[0].set_xlabel("slope in rivals’ share")
    panels[1].set_xlabel("quarters (log scale)")
    counts = found["counts"]
    note = NOTE.replace("$zeta$", "ζ").format(
        answers=counts["answers"],
        firms=counts["firms"],
        first=found["quarters"][0],
        last=found["quarters"][1],
        naive=number(beside["naive"], "+.2f"),
        nested=number(beside["nested_fixed_point"], "+.2f"),
        panels=max(c["replications"] for c in cells),
        shock=number(USUAL_SHOCK, ".1f"),
        times=number(STRONG_SURPRISE / USUAL_SURPRISE, ".0f"),
        supplier="NVIDIA",
    )
    return Figure(ID, TITLE, typographic(note), figure, data)


def _row(panel: str, what: str, x: float, y: float, truth: float | None = None) -> dict[str, Any]:
    return {"panel": panel, "what": what, "x": x, "y": y, "truth": truth}


def _density(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    d = found["density"]
    return [
        _row("A", what, x, y)
        for what in ("posterior", "prior")
        for x, y in zip(d["zeta"], d[what], strict=True)
    ]


def _estimates(beside: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        _row("A", what, x, 0.0)
        for what, x in (("naive", beside["naive"]), ("nested", beside["nested_fixed_point"]))
        if x is not None
    ]


def _recovered(cells: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for c in cells:
        if c["shock"] != USUAL_SHOCK or c["surprise"] not in (USUAL_SURPRISE, STRONG_SURPRISE):
            continue
        strong = "_strong" if c["surprise"] == STRONG_SURPRISE else ""
        rows.append(_row("B", f"structural{strong}", c["periods"], c["mean"], c["zeta"]))
        if not strong:
            rows.append(_row("B", "naive", c["periods"], c["naive"]["mean"], c["zeta"]))
    return sorted(rows, key=lambda r: r["x"])


def _draw_density(axes: Axes, data: pd.DataFrame) -> None:
    after, before = where(data, panel="A", what="posterior"), where(data, panel="A", what="prior")
    look, prior = style.LOOKS["ai"], style.LOOKS["context"]
    x, y = floats(after, "x"), floats(after, "y")
    axes.fill_between(x, y, color=look.color, alpha=0.3, lw=0)
    axes.plot(x, y, color=look.color, linewidth=1.2)
    axes.plot(floats(before, "x"), floats(before, "y"), linewidth=1.2, **prior.of_line())
    top = 1.3 * max(y.max(), floats(before, "y").max())
    axes.set_ylim(0, top)
    axes.set_xlim(-3.5, 3.5)
    for what, text, name, height in (
        ("naive", "naive", "fourth", 0.97),
        ("nested", "no common shock", "third", 0.97),
    ):
        part = where(data, panel="A", what=what)
        if len(part):
            place, kind = float(floats(part, "x")[0]), style.LOOKS[name]
            axes.axvline(place, linewidth=1.2, **kind.of_line())
            style.label(axes, place, height * top, text, kind, dx=-4 if what == "naive" else 4)
    style.label(axes, -1.9, 0.25 * top, "prior", prior, dx=-4)
    style.label(axes, 0.55, 0.62 * top, "posterior", look, dx=4)


def _draw_recovered(axes: Axes, data: pd.DataFrame) -> None:
    for truth, name in TRUTHS:
        look, part = style.LOOKS[name], where(data, truth=truth)
        axes.axhline(truth, color=look.color, linewidth=0.6)
        for what, fill, marker in (("structural", look.color, "o"), ("naive", "white", "s")):
            drawn = where(part, what=what)
            axes.plot(
                floats(drawn, "x"),
                floats(drawn, "y"),
                marker,
                linestyle=look.line,
                color=look.color,
                markerfacecolor=fill,
                linewidth=1.0,
                markersize=4,
            )
        strong = where(part, what="structural_strong")
        axes.plot(floats(strong, "x"), floats(strong, "y"), "^", color=look.color, markersize=5)
        style.label(axes, LONGEST, truth, f"true {number(truth, '.1f')}", look, dx=8, dy=5)
    axes.set_xscale("log")
    axes.set_xticks([40, 80, 160, 400], ["40", "80", "160", "400"])
    axes.minorticks_off()
    axes.set_xlim(28, 900)
