"""Figure: the headline under every specification, sorted, with the choices behind each below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.sensitivity_wording import axis_title, level_title, rest_apart, short_title
from overbuild.exhibits.wording import capital, listed, number, small, span, typographic
from overbuild.probability.variance_shares import told_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "specification_curve"
TITLE = "The headline under every specification, and the choices behind each"
NOTE = (
    "A: probability of {event} by {by} under {runs} specifications, sorted: the primary one, each of "
    "{axes} choices alone at each other level, and {together} combinations of all choices (a Latin "
    "hypercube, drawn by a fixed seed); {same} choices alone leave the primary one where it is. Ring: "
    "primary. Over the combinations: {spread}. B: which level each takes, for the choices with the largest "
    "shares of the variance over the combinations (main effects with standard errors, right, per cent); "
    "interactions and Monte Carlo error make {residual} % of it. {apart}Levels have equal weight, which "
    "is a convention: the spread is what the choices do, not what is believed of them. Weights of "
    "‘headline’: {weights}. The long series hold telecom: hindcast on revised data; one event. Sources: "
    "as in the table of the base rate, grade B; filings of the five firms, grades A and B."
)
NEEDS = ("specification",)
DATA = ()
SHOWN = 8
"""Choices in the lower panel."""


def build(inputs: Inputs) -> Figure:
    """Draw the curve above the marks of its choices."""
    found = inputs.result("specification")
    shown = _shown(found)
    data = _data(found, shown)
    rows = sum(len(a["levels"]) for a in shown)
    figure, (top, below) = style.panels(
        2, 1, height=2.2 + 0.135 * rows, sharex=True, height_ratios=[1.9, 0.135 * rows]
    )
    _curve(top, data)
    _marks(below, data, shown, _percent(found))
    style.letter(top, "A", f"Probability of {found['event']} by {found['by']}")
    style.letter(below, "B", "Choices")
    return Figure(ID, TITLE, typographic(_note(found)), figure, data)


def _shown(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the axes with the largest shares; where there are none, the first ones."""
    axes = {a["name"]: a for a in found["axes"]}
    shares = found["shares"]["headline"]
    order = [r["axis"] for r in shares["axes"] if r["axis"] in axes] if shares else list(axes)
    return [axes[name] for name in order[:SHOWN]]


def _percent(found: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    shares = found["shares"]["headline"]
    return {r["axis"]: (100 * r["share"], 100 * r["error"]) for r in shares["axes"]} if shares else {}


def _data(found: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row a specification that speaks, by probability, with the place of each level shown."""
    names = [a["name"] for a in found["axes"]]
    rows = [
        {"name": s["name"], "kind": s["kind"], "probability": s["headline"]}
        | {a["name"]: s["places"][names.index(a["name"])] for a in shown}
        for s in found["specifications"]
        if s["headline"] is not None
    ]
    data = pd.DataFrame(rows).sort_values(["probability", "name"], kind="stable").reset_index(drop=True)
    return data.assign(place=np.arange(len(data)))


def _curve(axes: Axes, data: pd.DataFrame) -> None:
    look = style.LOOKS["ai"]
    x, y = data["place"].to_numpy(), data["probability"].to_numpy(dtype=float)
    axes.scatter(x, y, s=3, color=look.color, linewidths=0)
    first = data.loc[data["kind"] == "primary"]
    axes.scatter(
        first["place"], first["probability"], s=34, facecolor="none", edgecolor=style.PALETTE["vermillion"]
    )
    axes.set_ylim(0, max(0.05, 1.08 * float(y.max())))
    axes.tick_params(axis="x", length=0)


def _marks(
    axes: Axes,
    data: pd.DataFrame,
    shown: Sequence[Mapping[str, Any]],
    shares: Mapping[str, tuple[float, float]],
) -> None:
    ticks, labels, row = [], [], 0
    colors = (style.PALETTE["blue"], style.PALETTE["grey"])
    for k, axis in enumerate(shown):
        start = row
        for level in range(len(axis["levels"])):
            at = data.loc[data[axis["name"]] == level, "place"]
            axes.vlines(at, row - 0.36, row + 0.36, color=colors[k % 2], lw=0.5)
            ticks.append(row)
            title = level_title(axis["name"], axis["levels"][level])
            labels.append(f"{axis_title(axis)}: {title}" if level == 0 else title)
            row += 1
        if axis["name"] in shares:
            share, error = shares[axis["name"]]
            axes.annotate(
                f"{number(max(share, 0.0), '.0f')} ± {number(error, '.0f')}",
                (1.005, (start + row - 1) / 2),
                xycoords=("axes fraction", "data"),
                fontsize=7,
                va="center",
                annotation_clip=False,
            )
        if k:
            axes.axhline(start - 0.5, color="#DDDDDD", lw=0.5)
    axes.set_yticks(ticks, labels, fontsize=6.5)
    axes.set_ylim(row - 0.5, -0.5)
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    axes.set_xlim(-3, len(data) + 2)


def _note(found: Mapping[str, Any]) -> str:
    shares = found["shares"]["headline"]
    residual = next((r["share"] for r in shares["axes"] if r["axis"] == "residual"), None) if shares else None
    kinds = [s["kind"] for s in found["specifications"]]
    weights = "; ".join(f"{small(_component(m))} {number(w)}" for m, w in found["weights"].items() if w > 0)
    points, first = found["curve"]["headline"]["points"], found["specifications"][0]["headline"]
    titles = {a["name"]: small(short_title(a["title"])) for a in found["axes"]}
    named = [titles[r["axis"]] for r in (told_apart(shares["axes"]) if shares else ())]
    apart = f"{capital(listed(named))} stand out; {rest_apart(shares['axes'])}. " if named else ""
    return NOTE.format(
        event=found["event"],
        by=found["by"],
        runs=len(kinds),
        axes=len(found["axes"]),
        together=kinds.count("together"),
        same=sum(s["kind"] == "alone" and s["headline"] == first for s in found["specifications"]),
        spread=f"median {number(points['0.5'])}, nine in ten {span(points['0.05'], points['0.95'])}",
        apart=apart,
        residual=number(None if residual is None else 100 * residual, ".0f"),
        weights=weights,
    )


def _component(name: str) -> str:
    from overbuild.exhibits.sensitivity_wording import COMPONENTS

    return COMPONENTS[name]
