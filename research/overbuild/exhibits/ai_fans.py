"""Capex as it came against what was forecast a year before, and where outcomes fell in the forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from overbuild.core.periods import ordinal
from overbuild.exhibits import style
from overbuild.exhibits.ai_forecasts_named import FORECASTERS
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_number
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "ai_fans"
TITLE = (
    "A year ahead: capex forecast by the quarterly regimes, and where outcomes fell in each model’s forecasts"
)
NOTE = (
    "A: quarterly capex of the five firms, USD billion, log scale (line), and the quarterly regimes’ median "
    "forecast made four quarters before (dots) with central 50 % and 90 % intervals. B: share of outcomes, "
    "four quarters ahead, whose probability transform lies at or below each value, from the {n} origins at "
    "which all four models speak; on the dotted line forecasts are calibrated, below it what came was higher "
    "than forecast. Origins overlap, so that neighbours are not independent. Figures as later revised "
    "(hindcast on revised data). Sources: the five firms’ filings with the SEC, grades A and B."
)
NEEDS = ("hindcasts_ai",)
DATA = ()
PANEL, HORIZON = "ai_capex", 4
LOOKS = {
    "quarterly": style.LOOKS["ai"],
    "random_walk": style.LOOKS["context"],
    "arima": style.LOOKS["third"],
    "unobserved_components": style.LOOKS["fourth"],
}
TICKS = (20, 50, 100, 200)


def build(inputs: Inputs) -> Figure:
    """Draw forecasts beside what came, and the transforms."""
    rows = [r for r in inputs.result("hindcasts_ai")["rows"] if r["panel"] == PANEL]
    came = {r["by"]: r["value"] for r in rows}
    made = [
        *({"panel": "came", "place": period_number(q), "value": came[q]} for q in sorted(came, key=ordinal)),
        *_forecasts(rows),
        *_transforms(rows),
    ]
    data = pd.DataFrame(made)
    figure, (fan, curve) = style.panels(1, 2, height=2.8, width_ratios=[1.5, 1])
    _draw_fan(fan, data)
    _draw_curves(curve, data)
    style.letter(fan, "A", "Capex, USD billion a quarter")
    style.letter(curve, "B", "Share of outcomes")
    n = len(where(data, panel="pit", model="random_walk"))
    return Figure(ID, TITLE, typographic(NOTE.format(n=n)), figure, data)


def _forecasts(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = ("q05", "q25", "q50", "q75", "q95")
    return [
        {"panel": "fan", "place": period_number(r["by"]), **dict(zip(names, r["quantiles"], strict=True))}
        for r in rows
        if r["model"] == "quarterly" and r["horizon"] == HORIZON
    ]


def _transforms(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the sorted transforms of each model at the origins that all share."""
    of = {m: {r["cluster"]: r for r in rows if r["model"] == m and r["horizon"] == HORIZON} for m in LOOKS}
    shared = set.intersection(*(set(by) for by in of.values()))
    made = []
    for model, by in of.items():
        pits = sorted(by[o]["pit"] for o in shared)
        made += [
            {"panel": "pit", "model": model, "place": u, "value": (i + 1) / len(pits)}
            for i, u in enumerate(pits)
        ]
    return made


def _draw_fan(axes: Axes, data: pd.DataFrame) -> None:
    look, came, fan = style.LOOKS["ai"], where(data, panel="came"), where(data, panel="fan")
    axes.plot(floats(came, "place"), floats(came, "value"), color=style.PALETTE["black"], lw=1.2)
    x = floats(fan, "place")
    axes.vlines(x, floats(fan, "q05"), floats(fan, "q95"), color=look.color, lw=0.8, alpha=0.7)
    axes.vlines(x, floats(fan, "q25"), floats(fan, "q75"), color=look.color, lw=2.6, alpha=0.5)
    axes.plot(x, floats(fan, "q50"), color=look.color, marker="o", linestyle="none", markersize=3)
    style.log_amounts(axes, TICKS)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _draw_curves(axes: Axes, data: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=style.PALETTE["grey"], lw=0.6, linestyle=":")
    for model, look in LOOKS.items():
        part = where(data, panel="pit", model=model)
        x = np.concatenate([[0.0], floats(part, "place"), [1.0]])
        y = np.concatenate([[0.0], floats(part, "value"), [1.0]])
        axes.step(x, y, where="post", color=look.color, linestyle=look.line, lw=1.2, label=FORECASTERS[model])
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.legend(loc="upper left", handlelength=2.2, borderaxespad=0.2)
    axes.set_xlabel("Probability transform")
