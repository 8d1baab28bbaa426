"""All symmetric quantal response equilibria of a trap, and how often games have more than one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import End, label_ends
from overbuild.exhibits.wording import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "qre_branches"
TITLE = "Quantal response in the entry game: branches, a fold, and how often several equilibria exist"
NOTE = (
    "Precision in units of the inverse of the cost of building. A: share of the {firms} firms that build in "
    "each symmetric logit equilibrium of one trap (surplus {surplus}, expansion {expansion}, business at "
    "risk {at_risk}, regret {regret}, nothing rented or passed through). The principal branch starts at "
    "precision 0; two more equilibria appear at the fold (dot) and tend to the Nash equilibria in which "
    "nobody builds and in which each builds with probability {mixed}. B: share of {solved} games drawn from "
    "each prior that have several symmetric equilibria. Computed; no data."
)
NEEDS = ("entry_branches",)
DATA = ()
HEIGHT = 2.7
PRIORS = {
    "main": ("main", style.LOOKS["ai"]),
    "wide_expansion": ("wide expansion", style.LOOKS["third"]),
    "neutral": ("neutral", style.LOOKS["fourth"]),
}


def build(inputs: Inputs) -> Figure:
    """Draw the two panels."""
    found = inputs.result("entry_branches")
    data = pd.DataFrame([*_branches(found), *_several(found)])
    figure, panels = style.panels(1, 2, height=HEIGHT)
    _draw_branches(panels[0], where(data, panel="A"))
    _draw_several(panels[1], where(data, panel="B"))
    style.letter(panels[0], "A", "Share of firms that build")
    style.letter(panels[1], "B", "Games with several equilibria")
    for axes in panels:
        axes.set_xlabel("precision")
    given = found["parameters"]
    note = NOTE.format(
        firms={5: "five"}.get(found["firms"], found["firms"]),
        surplus=number(given["surplus"], ".1f"),
        expansion=number(given["expansion"], ".1f"),
        at_risk=number(given["business_at_risk"], ".1f"),
        regret=number(given["regret"], ".1f"),
        mixed=number(found["mixed"][0]),
        solved=f"{found['solved']:,}",
    )
    return Figure(ID, TITLE, note, figure, data)


def _row(panel: str, what: str, precision: float, share: float) -> dict[str, Any]:
    return {"panel": panel, "what": what, "precision": precision, "share": share}


def _branches(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for k, b in enumerate(found["branches"]):
        name = "principal" if b["principal"] else f"branch {k}"
        yield from (_row("A", name, x, y) for x, y in zip(b["precision"], b["share"], strict=True))
        yield from (_row("A", "fold", f["precision"], f["share"]) for f in b["folds"])


def _several(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for prior, s in found["several"].items():
        for x, y in zip(found["precisions"], s["by_precision"], strict=True):
            yield _row("B", prior, x, y)


def _draw_branches(axes: Axes, data: pd.DataFrame) -> None:
    for name in dict.fromkeys(data["what"]):
        part = where(data, what=name)
        x, y = floats(part, "precision"), floats(part, "share")
        if name == "fold":
            axes.plot(x, y, "o", color=style.PALETTE["black"], markersize=5, zorder=5)
            style.label(axes, x[0], y[0], "fold", style.LOOKS["context"], dx=-7)
        else:
            look = style.LOOKS["ai" if name == "principal" else "telecom"]
            axes.plot(x, y, **look.of_line())
    principal = where(data, what="principal")
    x, y = floats(principal, "precision"), floats(principal, "share")
    style.label(axes, x[-1], y[-1], "principal branch", style.LOOKS["ai"], dx=-4, dy=-9)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlim(0, None)


def _draw_several(axes: Axes, data: pd.DataFrame) -> None:
    ends = []
    for prior, (title, look) in PRIORS.items():
        part = where(data, what=prior)
        x, y = floats(part, "precision"), floats(part, "share")
        axes.plot(x, y, **look.of_line(marked=True))
        ends.append(End(x[-1], y[-1], title, look))
    axes.set_ylim(0, None)
    style.percent(axes)
    label_ends(axes, ends, height=HEIGHT - 0.7)
