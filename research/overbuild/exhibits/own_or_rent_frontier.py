"""Mean cost against risk of owned and rented capacity, and the rented share over the priors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "own_or_rent_frontier"
TITLE = "Own or rent before demand is known: mean cost against risk, and the share rented"
NOTE = (
    "A: efficient portfolios in the middle of the priors ({draws} scenarios, the same at every point), from "
    "least mean cost to least risk; beside a point its rented share where it differs from the "
    "last. CVaR: mean of the worst {tail} of losses, a loss being cost beyond what the same demand costs at "
    "the cheaper price. Cross: best owner without contracts. "
    "USD per GPU-hour of demand; renting {rent}, owning {own} for {life} years, take or pay {term} years. "
    "B: rented share of least mean cost by standard deviation of log demand a year, over the cost of owning "
    "as a multiple of that of renting; all else in the middle. Contract rows of grade A; the number "
    "of GPUs is a forum’s figure, and all else is assumed. No data identify the rented share."
)
NEEDS = ("rented_shares",)
DATA = ()
SHOWN = (0.1, 0.3, 0.6)
APART = 0.03
"""Part of the panel's height within which a second label would be too near."""


def build(inputs: Inputs) -> Figure:
    """Draw the frontier and the share."""
    found = inputs.result("rented_shares")
    central = found["central"]
    data = pd.DataFrame([*_frontier(central), *_shares(found["grid"])])
    figure, (left, right) = style.panels(1, 2, height=2.9, width_ratios=(1.15, 1))
    _draw_frontier(left, where(data, what="frontier"), where(data, what="owner"))
    _draw_shares(right, where(data, what="share"))
    style.letter(left, "A", "Cost and risk")
    style.letter(right, "B", "Rented share")
    spec = central["spec"]
    note = NOTE.format(
        draws=f"{central['draws']:,d}",
        tail=number(1 - central["level"], ".0%"),
        rent=number(spec["rent_price"]),
        own=number(spec["own_cost"]),
        life=spec["own_years"],
        term=spec["rent_years"],
    )
    return Figure(ID, TITLE, typographic(note), figure, data)


def _frontier(central: dict[str, Any]) -> list[dict[str, Any]]:
    points = [("frontier", p) for p in central["frontier"]] + [("owner", central["only_owning"])]
    return [
        {"what": what, "cost": p["cost"], "cvar": p["cvar"], "rented_share": p["rented_share"]}
        for what, p in points
    ]


def _shares(grid: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"what": "share", **{n: row[n] for n in ("volatility", "premium", "rented_share")}} for row in grid
    ]


def _draw_frontier(axes: Axes, frontier: pd.DataFrame, owner: pd.DataFrame) -> None:
    x, y, share = (floats(frontier, n) for n in ("cvar", "cost", "rented_share"))
    axes.plot(x, y, color=style.PALETTE["blue"], marker="o")
    height, last = y.max() - y.min(), None
    for at_x, at_y, rented in zip(x, y, share, strict=True):
        text = number(rented, ".0%")
        if last is not None and (abs(at_y - last[0]) < APART * height or text == last[1]):
            continue
        style.label(axes, at_x, at_y, text, style.LOOKS["ai"], dx=5, dy=7)
        last = (at_y, text)
    axes.plot(floats(owner, "cvar"), floats(owner, "cost"), "x", color=style.PALETTE["black"], markersize=6)
    axes.margins(x=0.12, y=0.1)
    axes.set_xlabel("CVaR of the loss")
    axes.set_ylabel("mean cost")


def _draw_shares(axes: Axes, data: pd.DataFrame) -> None:
    looks = (style.LOOKS["ai"], style.LOOKS["telecom"], style.LOOKS["third"])
    for volatility, look in zip(SHOWN, looks, strict=True):
        part = where(data, volatility=volatility)
        axes.plot(
            floats(part, "premium"),
            floats(part, "rented_share"),
            label=f"s.d. {volatility:g}",
            **look.of_line(marked=True),
        )
    axes.axvline(1.0, color=style.PALETTE["grey"], linewidth=0.6)
    style.percent(axes)
    axes.legend(loc="upper left", handlelength=2.0)
    axes.set_xlabel("cost of owning over renting")
