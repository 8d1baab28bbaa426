"""Which game the builders play, by the business at risk and the surplus, without and with renting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.wording import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "entry_classes"
TITLE = "Which game it is: classes of the entry game over two pay-offs"
NOTE = (
    "{firms} like firms; both pay-offs in units of the cost of building. Surplus: what a sole builder earns; "
    "with n builders each earns that times n to the power {thinning}. Business at risk: a firm that holds "
    "loses of it the share of firms that build, and builders gain {passed} of what it loses. No cost of "
    "renting late, no regret. A: nothing can be rented. B: renting outside capacity avoids {rented} of the "
    "loss, which takes every game to the left by as much. Regions are named by the set of pure equilibria "
    "and the owners’ welfare across it; white: hold, nobody builds; grey: mixed, where some build in one "
    "equilibrium and more or fewer in another. Computed; no data."
)
NEEDS = ("entry_map",)
DATA = ()
HEIGHT = 3.1
SHORT = {
    "strict_dilemma": "strict\ndilemma",
    "partial_dilemma": "partial\ndilemma",
    "congestion": "congestion",
    "harmony": "harmony",
    "trap": "trap",
    "stag_hunt": "stag hunt",
    "chicken": "chicken",
    "hold": "hold",
    "mixed": "mixed",
}
COLORS = {
    "strict_dilemma": style.PALETTE["vermillion"],
    "partial_dilemma": style.PALETTE["orange"],
    "congestion": style.PALETTE["yellow"],
    "harmony": style.PALETTE["green"],
    "trap": style.PALETTE["purple"],
    "stag_hunt": style.PALETTE["blue"],
    "chicken": style.PALETTE["sky"],
    "hold": "#FFFFFF",
    "mixed": style.PALETTE["grey"],
}
FADED = 0.75
LEAST_DEPTH = 0.05
"""Of the height of a panel: a region no cell of which is that far from its border gets no label."""


def build(inputs: Inputs) -> Figure:
    """Draw the two panels."""
    found = inputs.result("entry_map")
    panels = dict(zip(found["codes"], "AB", strict=True))
    data = pd.DataFrame([row for rented, p in panels.items() for row in _runs(found, rented, p)])
    figure, axes = style.panels(1, 2, height=HEIGHT, sharey=True)
    for (rented, which), panel in zip(panels.items(), axes, strict=True):
        _draw(panel, found, np.array(found["codes"][rented]))
        style.letter(panel, which, _title(rented))
        panel.set_xlabel("business at risk / cost")
    axes[0].set_ylabel("surplus of a sole builder / cost")
    note = NOTE.format(
        firms={5: "Five"}.get(found["firms"], found["firms"]),
        thinning=number(found["expansion"] - 1, ".1f"),
        passed=_percent(found["pass_through"]),
        rented=_percent(max(found["codes"], key=float)),
    )
    return Figure(ID, TITLE, note, figure, data)


def _title(rented: str) -> str:
    return "Nothing rented" if float(rented) == 0 else f"Renting avoids {_percent(rented)} of the loss"


def _percent(share: Any) -> str:
    return number(float(share), ".0%")


def _runs(found: Mapping[str, Any], rented: str, panel: str) -> Iterator[dict[str, Any]]:
    """Yield, for each business at risk, from which to which surplus each class reaches."""
    codes = np.array(found["codes"][rented])
    edges = _edges(found["surplus"])
    for x, column in zip(found["business_at_risk"], codes.T, strict=True):
        turns = [0, *(np.flatnonzero(np.diff(column)) + 1), column.size]
        for start, stop in pairwise(turns):
            yield {
                "panel": panel,
                "business_at_risk": x,
                "surplus_from": edges[start],
                "surplus_to": edges[stop],
                "class": found["classes"][column[start]],
            }


def _edges(middles: list[float]) -> NDArray[np.float64]:
    step = middles[1] - middles[0]
    return np.append(np.array(middles) - step / 2, middles[-1] + step / 2)


def _draw(axes: Axes, found: Mapping[str, Any], codes: NDArray[np.int64]) -> None:
    from matplotlib.colors import ListedColormap, to_rgb
    from scipy.ndimage import distance_transform_edt

    classes = found["classes"]
    faded = [tuple(1 - FADED * (1 - np.array(to_rgb(COLORS[c])))) for c in classes]
    x, y = _edges(found["business_at_risk"]), _edges(found["surplus"])
    axes.imshow(
        codes, ListedColormap(faded), vmin=-0.5, vmax=len(classes) - 0.5, origin="lower", aspect="auto",
        extent=(x[0], x[-1], y[0], y[-1]), interpolation="nearest",
    )  # fmt: skip
    axes.grid(visible=False)
    for code in np.unique(codes):
        inside = np.pad(codes == code, 1)
        depth = np.asarray(distance_transform_edt(inside))[1:-1, 1:-1]
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        if depth.max() >= LEAST_DEPTH * len(codes):
            axes.text(
                found["business_at_risk"][column], found["surplus"][row], SHORT[classes[code]],
                ha="center", va="center", fontsize=8, linespacing=0.9,
            )  # fmt: skip
