"""Figure: how often each node fails as more of AI cash is lost, and vehicles without their sponsors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.contagion_wording import on_priors
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "contagion_defaults"
TITLE = "How often each cannot pay all, by share of AI cash that is lost"
NOTE = (
    "Share of {draws} draws in which a node cannot pay all that is due within a year. A: the base; the "
    "line of cascades is the share of draws in which any node fails that would not if all others paid. B: "
    "vehicles, if their sites are delivered and their sponsors pay leases only for the part of AI cash "
    "that is left. Shown are nodes that fail in more than 10 % of draws at some shortfall. Laboratories’ "
    "failures follow from what is set of their cash: at 40 %, OpenAI’s chance is {half} with half of that "
    "AI cash, {one} as set and {double} with twice. {priors} Sources: as in the table of liabilities."
)
NEEDS = ("contagion_losses",)
DATA = ()
LEAST = 0.1
MIDDLE = 0.5
CASCADE = "any cascade"
LOOKS = tuple(style.LOOKS.values())


def build(inputs: Inputs) -> Figure:
    """Draw the figure."""
    found = inputs.result("contagion_losses")
    data = _frame(found)
    with style.applied():
        figure, panels = style.panels(1, 2, height=2.7, sharey=True)
        _panel(panels[0], where(data, panel="A"))
        _panel(panels[1], where(data, panel="B"))
        style.letter(panels[0], "A", "Base")
        style.letter(panels[1], "B", "Delivered, no sponsors")
        style.percent(panels[0])
    by_cash = found["laboratories"]["OpenAI"]["by_cash"]
    chances = {n: f"{by_cash[f]:.0%}" for n, f in (("half", "0.5"), ("one", "1"), ("double", "2"))}
    note = NOTE.format(draws=f"{found['curve_draws']:,d}", priors=on_priors(found), **chances)
    return Figure(ID, TITLE, typographic(note), figure, data)


def _frame(found: Mapping[str, Any]) -> pd.DataFrame:
    curve, kinds = found["curve"], {n["name"]: n["kind"] for n in found["nodes"]}
    lines = [("A", n, p) for n, p in curve["base"].items() if max(p) > LEAST]
    lines.append(("A", CASCADE, curve["cascade"]))
    lines += [("B", n, p) for n, p in curve["alone"].items() if kinds[n] == "vehicle" and max(p) > LEAST]
    rows = [(a, n, x, y) for a, n, p in lines for x, y in zip(curve["shocks"], p, strict=True)]
    return pd.DataFrame(rows, columns=pd.Index(["panel", "node", "shock", "probability"]))


def _panel(axes: Axes, data: pd.DataFrame) -> None:
    names = list(dict.fromkeys(data["node"]))
    for k, name in enumerate(names):
        own = where(data, node=name)
        look = LOOKS[-1] if name == CASCADE else LOOKS[k % (len(LOOKS) - 1)]
        axes.plot(floats(own, "shock"), floats(own, "probability"), **look.of_line())
    if names:
        _labels(axes, data, names, left=float(floats(data, "probability").mean()) < MIDDLE)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xticks(np.linspace(0, 1, 6), [typographic(f"{p} %") for p in range(0, 101, 20)])
    axes.set_xlabel("share of AI cash that is lost")


def _labels(axes: Axes, data: pd.DataFrame, names: list[str], *, left: bool) -> None:
    """Name the lines in a column where there are none: at the top left, or at the bottom right."""
    height = {n: float(floats(where(data, node=n), "probability").mean()) for n in names}
    x, y = (0.03, 0.94) if left else (0.5, 0.1 * len(names))
    for name in sorted(names, key=lambda n: -height[n]):
        k = names.index(name)
        look = LOOKS[-1] if name == CASCADE else LOOKS[k % (len(LOOKS) - 1)]
        axes.plot([x, x + 0.09], [y, y], **look.of_line())
        style.label(axes, x + 0.09, y, name, look)
        y -= 0.1
