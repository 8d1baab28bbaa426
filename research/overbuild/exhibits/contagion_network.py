"""Figure: the web of who owes whom, and what a shortfall of AI cash leaves of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.contagion_wording import CLASSES, on_priors
from overbuild.exhibits.frames import records, where
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "contagion_network"
TITLE = "Who owes whom within a year, and what a shortfall of AI cash takes from each"
NOTE = (
    "An arrow runs from who owes to who is owed; its width is the amount scheduled for the year, "
    "its line the class. Colour of a node: mean fall of what it is left with (owners’ cash; "
    "receipts of lenders and suppliers) when {shock} of AI cash is lost, as a share of what it is left "
    "with otherwise. {priors} Sources: as in the table of liabilities."
)
NEEDS = ("contagion_losses",)
DATA = ()
COLUMNS = (("laboratory",), ("cloud",), ("neocloud", "vehicle"), ("supplier", "lender"))
HEADS = ("Laboratories", "Clouds", "Neoclouds, vehicles", "Suppliers, lenders")
LINES: Mapping[str, Any] = {
    "take_or_pay": "-",
    "framework": (0, (4, 1.2)),
    "memorandum": (0, (1, 1)),
    "debt": "-",
}
COLORS: Mapping[str, str] = {
    "take_or_pay": style.PALETTE["blue"],
    "framework": style.PALETTE["green"],
    "memorandum": style.PALETTE["purple"],
    "debt": style.PALETTE["black"],
}
WIDEST = 4.0
"""Points of the widest arrow."""
RADIUS = 7.0


def build(inputs: Inputs) -> Figure:
    """Draw the figure."""
    found = inputs.result("contagion_losses")
    data = _frame(found)
    with style.applied():
        figure, (axes,) = style.panels(1, 1, height=4.6)
        _draw(figure, axes, data)
    note = NOTE.format(shock=f"{found['middle']:.0%}", priors=on_priors(found))
    return Figure(ID, TITLE, typographic(note), figure, data)


def _frame(found: Mapping[str, Any]) -> pd.DataFrame:
    """Return nodes with place and loss, and ties with what is due, USD billion."""
    due: dict[tuple[str, str, str], float] = {}
    for v in found["liabilities"]:
        key = (v["debtor"], v["creditor"], v["firmness"])
        due[key] = due.get(key, 0.0) + v["due"] / 1e3
    tied = {n for a, b, _ in due for n in (a, b)}
    rows: list[dict[str, Any]] = []
    for x, kinds in enumerate(COLUMNS):
        own = [n["name"] for kind in kinds for n in found["nodes"] if n["kind"] == kind and n["name"] in tied]
        for k, name in enumerate(own):
            share = found["node_losses"][name]["share"]
            rows.append({"what": "node", "name": name, "x": x, "y": -(k + 0.5) / len(own), "loss": share})
    rows += [
        {"what": "tie", "name": a, "creditor": b, "firmness": f, "due": d} for (a, b, f), d in due.items()
    ]
    columns = ["what", "name", "creditor", "firmness", "due", "x", "y", "loss"]
    return pd.DataFrame(rows, columns=pd.Index(columns))


def _draw(figure: Any, axes: Axes, data: pd.DataFrame) -> None:
    from matplotlib.colors import Normalize
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.ticker import PercentFormatter

    nodes = {r["name"]: r for r in records(where(data, what="node"))}
    ties = sorted(records(where(data, what="tie")), key=lambda r: -r["due"])
    most = max((t["due"] for t in ties), default=1.0)
    for tie in ties:
        one, other = nodes[tie["name"]], nodes[tie["creditor"]]
        ahead = other["x"] > one["x"]
        axes.add_patch(
            FancyArrowPatch(
                (one["x"], one["y"]),
                (other["x"], other["y"]),
                arrowstyle="-|>",
                mutation_scale=7,
                shrinkA=RADIUS,
                shrinkB=RADIUS,
                connectionstyle=f"arc3,rad={0.08 if ahead else 0.25}",
                linewidth=0.5 + WIDEST * tie["due"] / most,
                linestyle=LINES[tie["firmness"]],
                color=COLORS[tie["firmness"]],
                alpha=0.55,
            )
        )
    worst = max(0.05, *(n["loss"] for n in nodes.values()))
    drawn = axes.scatter(
        [n["x"] for n in nodes.values()],
        [n["y"] for n in nodes.values()],
        c=[n["loss"] for n in nodes.values()],
        cmap="OrRd",
        norm=Normalize(0, np.ceil(worst * 10) / 10),
        s=(2 * RADIUS) ** 2,
        edgecolors="black",
        linewidths=0.6,
        zorder=3,
    )
    last = len(COLUMNS) - 1
    for name, n in nodes.items():
        axes.annotate(
            name,
            (n["x"], n["y"]),
            (0, RADIUS + 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4},
            zorder=4,
        )
    for x, head in enumerate(HEADS):
        axes.text(x, 0.06, head, ha="center", va="bottom", fontsize=9, style="italic")
    shown = {t["firmness"] for t in ties}
    for firmness, title in CLASSES.items():
        if firmness not in shown:
            continue
        axes.plot([], [], color=COLORS[firmness], linestyle=LINES[firmness], linewidth=2, label=title)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=len(shown))
    axes.set_xlim(-0.45, last + 0.45)
    axes.set_ylim(-1.03, 0.13)
    axes.set_axis_off()
    bar = figure.colorbar(drawn, ax=axes, fraction=0.025, pad=0.01, format=PercentFormatter(1.0, symbol=" %"))
    bar.set_label("loss")
    bar.outline.set_linewidth(0.5)
