"""Equilibrium capacity over three benchmarks, by decisiveness and elasticity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, kept, where
from overbuild.games.contest import most_decisive, overbuild_ratio, rivalry_ratio, takes_part

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "contest_ratios"
TITLE = "Capacity in the investment contest over three benchmarks"
NOTE = (
    "Capacity that {firms} equal firms build over that of joint profit (A), of break-even, which is a "
    "planner’s who sees no transfer in the prize (B), and of a planner who holds {share:.0f} % of it for "
    "a transfer (C), by decisiveness and elasticity of the prize. Heavy line: 1; shaded: more is built "
    "than the benchmark; grey: firms do not take part and the symmetric equilibrium does not exist. Bars: "
    "90 % interval and median of the decisiveness, posterior of AI (dot, {first} to {last}) and prior "
    "(cross). Closed form; the elasticity has a prior only, from 0 to 0.9."
)
NEEDS = ("estimate_contest_ai",)
DATA = ()
HEIGHT = 2.75
TRANSFER_SHARE = 0.5
LEVELS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
R = np.linspace(0.02, 1.25, 83)
ETA = np.linspace(0.02, 0.9, 45)
HIDDEN = 0.03
"""How far lines are drawn under the grey."""
PANELS = {"A": "Over joint profit", "B": "Over break-even", "C": "Over the planner’s"}


def build(inputs: Inputs) -> Figure:
    """Draw the three panels."""
    findings = inputs.result("estimate_contest_ai")["findings"]
    firms, told = int(findings["contenders"]), findings["decisiveness"]
    data = ratios(firms)
    inside = kept(data, takes_part(firms, data["decisiveness"], data["elasticity"]))
    figure, panels = style.panels(1, 3, height=HEIGHT, sharey=True)
    for axes, (panel, title) in zip(panels, PANELS.items(), strict=True):
        _draw(axes, where(data, panel=panel), firms)
        _bars(axes, told)
        style.letter(axes, panel, title)
        axes.set_xlabel("decisiveness")
    panels[0].set_ylabel("elasticity of the prize")
    bars = pd.DataFrame(
        [
            {"panel": "bars", "decisiveness": told[f"{side}{q}"], "elasticity": None, "ratio": None}
            for side in ("", "prior_")
            for q in ("q05", "q50", "q95")
        ]
    )
    note = NOTE.format(
        firms=firms, share=100 * TRANSFER_SHARE, first=findings["first"], last=findings["today"]
    )
    return Figure(ID, TITLE, note, figure, pd.concat([inside, bars], ignore_index=True))


def ratios(firms: int) -> pd.DataFrame:
    """Return the ratios by panel, decisiveness and elasticity, also beyond where firms take part."""
    r, eta = (a.ravel() for a in np.meshgrid(R, ETA))
    every = {
        "A": rivalry_ratio(firms, r, eta),
        "B": overbuild_ratio(firms, r, eta, 0.0),
        "C": overbuild_ratio(firms, r, eta, TRANSFER_SHARE),
    }
    frames = [
        pd.DataFrame({"panel": n, "decisiveness": r, "elasticity": eta, "ratio": v}) for n, v in every.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _draw(axes: Axes, data: pd.DataFrame, firms: int) -> None:
    shape = (ETA.size, R.size)
    r, eta, ratio = (floats(data, c).reshape(shape) for c in ("decisiveness", "elasticity", "ratio"))
    bound = most_decisive(firms, ETA)
    logs = np.where(r <= bound[:, None] + HIDDEN, np.log(ratio), np.nan)
    blue, black = style.PALETTE["blue"], style.PALETTE["black"]
    axes.contourf(r, eta, logs, levels=[0.0, 50.0], colors=[blue], alpha=0.15)
    lines = axes.contour(
        r,
        eta,
        logs,
        levels=np.log(LEVELS),
        colors=black,
        linestyles="solid",
        linewidths=[1.8 if level == 1 else 0.6 for level in LEVELS],
    )
    axes.clabel(
        lines, fmt={v: f"{level:g}" for v, level in zip(np.log(LEVELS), LEVELS, strict=True)}, fontsize=7
    )
    axes.fill_betweenx(ETA, bound, R[-1], color="#BBBBBB", lw=0, zorder=3)
    axes.set_xlim(0, R[-1])
    axes.set_ylim(-0.12, ETA[-1])
    axes.set_yticks([0.0, 0.2, 0.4, 0.6, 0.8])
    axes.grid(visible=False)


def _bars(axes: Axes, told: dict[str, float]) -> None:
    for y, side, look in ((-0.04, "", style.LOOKS["ai"]), (-0.085, "prior_", style.LOOKS["context"])):
        low, mid, high = (told[f"{side}{q}"] for q in ("q05", "q50", "q95"))
        axes.plot([low, high], [y, y], color=look.color, linewidth=1.4)
        axes.plot([mid], [y], look.marker, color=look.color, markersize=4)
