"""Growth of spending in both eras, its regimes by maximum likelihood, and the forecast past the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_number
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "spending_regimes"
TITLE = "Regimes of mean and variance of spending, by maximum likelihood"
NOTE = (
    "A and B: growth in logs (AI: the five firms’ capex by quarter without its fixed season; telecom: BEA "
    "private investment in communications structures and equipment by year) and the forecast of the fitted "
    "model past the sample: median and 5, 25, 75 and 95 % points, parameters drawn from the normal "
    "approximation at the optimum. C and D: probability of the regime of the higher mean given all periods "
    "(solid) and given the periods to then (dotted), parameters of the whole sample. AI: means {ai_low} and "
    "{ai_high} a quarter; telecom: {telecom_low} and {telecom_high} a year, the lower with the larger "
    "variance. A Gaussian autoregression without regimes gives as large a gain in likelihood with p = {ai_p} "
    "and {telecom_p} by bootstrap. Telecom: hindcast on revised data; one event. Sources: filings with the "
    "SEC, BEA; grades A and B."
)
NEEDS = ("spending_regimes",)
DATA = ()
ERAS = {"ai": "AI", "telecom": "Telecom"}


def build(inputs: Inputs) -> Figure:
    """Draw growth and forecast above the probabilities."""
    found = inputs.result("spending_regimes")
    data = pd.DataFrame([row for era in ERAS for row in _rows(era, found["detail"][f"{era}.capex"])])
    figure, panels = style.panels(2, 2, height=4.2, sharex="col", height_ratios=(1.3, 1.0))
    for column, (era, title) in enumerate(ERAS.items()):
        part, look = where(data, era=era), style.LOOKS[era]
        _growth(panels[column], part, look)
        _chances(panels[2 + column], part, look, labelled=column == 0)
        style.letter(panels[column], "AB"[column], f"{title}, growth")
        style.letter(panels[2 + column], "CD"[column], f"{title}, chance of the faster regime")
    rows = {r["era"]: r for r in found["result"] if r["main"]}
    told = {f"{era}_low": number(r["growth_low"], ".1%") for era, r in rows.items()}
    told |= {f"{era}_high": number(r["growth_high"], ".1%") for era, r in rows.items()}
    told |= {f"{era}_p": number(r["p_linear"], ".2f") for era, r in rows.items()}
    return Figure(ID, TITLE, typographic(NOTE.format(**told)), figure, data)


def _rows(era: str, detail: dict[str, Any]) -> list[dict[str, Any]]:
    known = [
        {"era": era, "period": p, "ends": period_number(p), "growth": g, "filtered": f, "smoothed": s}
        for p, g, f, s in zip(
            detail["periods"], detail["growth"], detail["filtered"], detail["smoothed"], strict=True
        )
    ]
    ahead = detail["ahead"]
    return known + [
        {"era": era, "period": p, "ends": period_number(p), "ahead": ahead["high"][h]}
        | {q: values[h] for q, values in ahead["quantiles"].items()}
        for h, p in enumerate(ahead["periods"])
    ]


def _growth(axes: Axes, data: pd.DataFrame, look: style.Look) -> None:
    x = floats(data, "ends")
    axes.plot(x, floats(data, "growth"), color=look.color, linewidth=1.1)
    for low, high, alpha in (("q05", "q95", 0.18), ("q25", "q75", 0.3)):
        axes.fill_between(x, floats(data, low), floats(data, high), color=look.color, alpha=alpha, lw=0)
    axes.plot(x, floats(data, "q50"), color=look.color, linewidth=1.1, linestyle=(0, (2, 1)))
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    style.percent(axes)


def _chances(axes: Axes, data: pd.DataFrame, look: style.Look, *, labelled: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    x = floats(data, "ends")
    axes.plot(x, floats(data, "smoothed"), color=look.color, label="given all periods")
    axes.plot(
        x,
        floats(data, "filtered"),
        color=look.color,
        linewidth=0.9,
        linestyle=(0, (1, 1)),
        label="given those to then",
    )
    axes.plot(x, floats(data, "ahead"), color=style.PALETTE["grey"], linestyle=(0, (2, 1)), label="forecast")
    axes.set_ylim(-0.02, 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if labelled:
        axes.legend(loc="center left", handlelength=2.2)
