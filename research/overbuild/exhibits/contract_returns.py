"""Figure: rates of return of the Microsoft-IREN contract over the cost of the shell and the residual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import number, span, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

ID = "contract_returns"
TITLE = "What the Microsoft–IREN contract earns hangs on the shell and on the residual"
NOTE = (
    "Internal rates of return a year before taxes, month by month, if nothing goes wrong. Shell: cost of "
    "building and power that is charged to this contract, {recovered} of which is recovered. Residual: "
    "share of its cost that equipment brings at the end of the term; below {kink} the seller takes a "
    "renewal instead, where one is offered. Dot: what the file assumes ({unlevered} before debt, {equity} "
    "after), with its ranges. Shaded: {low} to {high}, which analysts are said to have quoted before debt, "
    "on terms that were not published. The margin of {margin} is the company’s claim and is not varied. "
    "Loans of {loans} are the same everywhere; beside a small shell they leave the owners little to put "
    "in, and rates above {most} are not drawn. Neither shell cost nor residual nor running cost is "
    "disclosed. Source: data/contracts/iren.toml."
)
NEEDS = ("contract_values",)
DATA = ()

NAME = "iren"
PANELS = {"unlevered": "Before debt", "equity": "To the owners"}
LEVELS = {
    "unlevered": (0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30),
    "equity": (0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.60),
}
SHADE = 0.6
LABELLED = (0.4, 0.1, 0.025)
CLAIM = (0.10, 0.12)
"""Rates before debt that analysts are said to have quoted; recorded in the file at ``required.unlevered``."""


def build(inputs: Inputs) -> Figure:
    """Draw a map a panel."""
    found = inputs.result("contract_values")["contracts"][NAME]
    surface, figures = found["surface"], {f["key"]: f for f in found["figures"]}
    data = pd.DataFrame(
        {"measure": m, "shell": x, "residual": r, "irr": surface[m][i][j]}
        for m in PANELS
        for i, x in enumerate(surface["shell"])
        for j, r in enumerate(surface["residual"])
    )
    figure, panels = style.panels(1, 2, height=3.0, sharey=True)
    for axes, letter, (measure, title) in zip(panels, "AB", PANELS.items(), strict=True):
        _draw(axes, where(data, measure=measure), LEVELS[measure], claim=measure == "unlevered")
        _mark(axes, figures)
        style.letter(axes, letter, title)
        axes.set_xlabel("shell charged to the contract, USD billion")
        style.percent(axes)
    panels[0].set_ylabel("residual of equipment")
    _legend(figure)
    return Figure(ID, TITLE, _note(found, figures), figure, data)


def _note(found: Mapping[str, Any], figures: Mapping[str, Mapping[str, Any]]) -> str:
    return NOTE.format(
        recovered=number(figures["shell.recovered"]["value"], ".0%"),
        kink=span(*_kink(found["surface"]), ".0%"),
        unlevered=number(found["base"]["irr"], ".1%"),
        equity=number(found["base"]["irr_equity"], ".1%"),
        low=number(CLAIM[0], ".0%"),
        high=number(CLAIM[1], ".0%"),
        margin=number(1 - figures["opex.amount"]["value"] / found["a_year"], ".0%"),
        loans=typographic(f"USD {found['cost_of_finance']['loans']:.2f} billion"),
        most=number(max(LEVELS["equity"]), ".0%"),
    )


def _grid(data: pd.DataFrame) -> tuple[Any, Any, Any]:
    shells, residuals = (sorted(set(floats(data, c))) for c in ("shell", "residual"))
    return shells, residuals, floats(data, "irr").reshape(len(shells), len(residuals)).T


def _draw(axes: Axes, data: pd.DataFrame, levels: tuple[float, ...], *, claim: bool) -> None:
    shells, residuals, rates = _grid(data)
    if claim:
        axes.contourf(shells, residuals, rates, levels=CLAIM, colors=[style.PALETTE["yellow"]], alpha=SHADE)
    drawn = axes.contour(
        shells,
        residuals,
        rates,
        levels=levels,
        colors=style.PALETTE["blue"],
        linewidths=1.1,
        negative_linestyles="solid",
    )
    places = [_place(shells, residuals, rates, level) for level in levels]
    axes.clabel(
        drawn,
        fmt=lambda v: number(v, ".0%"),
        fontsize=8,
        colors=style.PALETTE["black"],
        inline_spacing=3,
        manual=[p for p in places if p is not None],
    )
    axes.set_xlim(shells[0], shells[-1])
    axes.set_ylim(residuals[0], residuals[-1])
    axes.grid(visible=False)


def _legend(figure: Drawing) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    claim = f"claim of analysts, {span(*CLAIM, '.0%')} before debt"
    handles = [
        Line2D(
            [],
            [],
            color=style.PALETTE["vermillion"],
            marker="o",
            label="assumed in the file, with its ranges",
        ),
        Patch(color=style.PALETTE["yellow"], alpha=SHADE, label=claim),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)


def _place(shells: Any, residuals: Any, rates: Any, level: float) -> tuple[float, float] | None:
    """Return where a line is labelled: at the first residual of `LABELLED` that it crosses well inside."""
    for residual in LABELLED:
        row = [float(np.interp(residual, residuals, column)) for column in rates.T]
        shell = float(np.interp(-level, [-r for r in row], shells))
        if row[0] > level > row[-1] and shell < shells[-1] - 0.05 * (shells[-1] - shells[0]):
            return shell, residual
    return None


def _mark(axes: Axes, figures: Mapping[str, Mapping[str, Any]]) -> None:
    shell, residual = figures["shell.cost"], figures["equipment.residual"]
    look: dict[str, Any] = {"color": style.PALETTE["vermillion"], "linewidth": 1.2}
    if shell["low"] is not None and shell["high"] is not None:
        axes.plot([shell["low"], shell["high"]], [residual["value"]] * 2, **look)
    if residual["low"] is not None and residual["high"] is not None:
        axes.plot([shell["value"]] * 2, [residual["low"], residual["high"]], **look, clip_on=False)
    axes.plot([shell["value"]], [residual["value"]], "o", markersize=6, color=look["color"])


def _kink(surface: Mapping[str, Any]) -> tuple[float, float]:
    """Return the two residuals between which the rate rises fastest: there the seller begins to sell."""
    residuals = np.asarray(surface["residual"])
    rates = np.array([[np.nan if v is None else v for v in row] for row in surface["unlevered"]])
    steps = np.nanmean(np.diff(rates, axis=1), axis=0)
    at = int(np.argmax(steps))
    return float(residuals[at]), float(residuals[at + 1])
