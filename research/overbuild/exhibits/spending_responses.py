"""What followed cash flow, credit spread, policy rate and rivals, in both eras, by local projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "spending_responses"
TITLE = "What followed: spending after four drivers moved, by local projections"
NOTE = (
    "Descriptive: average change of log spending since the period before, given the lags, after the driver "
    "stood 1 point higher (spread, rate) or grew by 10 log per cent more (cash flow, rivals); shaded: 95 % "
    "intervals point by point, HC3 and Student’s t, for panels errors clustered by quarter and allowed to "
    "overlap. AI: the five firms, {ai_n} quarters at a year’s horizon; own operating cash flow and the mean "
    "growth of the other firms in a panel with firm effects and none of the quarter, so that a shock to all "
    "looks like a response to rivals. Telecom: BEA investment in communications by year, {telecom_n} years; "
    "profits of all corporations stand in for cash flow, which the sector’s accounts do not give, and no "
    "quarterly spending of rivals is known. Adjusted for their number, p at one year is below 5 % "
    "for {clear}. "
    "Telecom: hindcast on revised data; one event. Sources: filings with the SEC, BEA, Federal Reserve, "
    "Moody’s; grades A and B."
)
NEEDS = ("spending_response",)
DATA = ()
ERAS = {"ai": "AI", "telecom": "Telecom"}
DRIVERS = {
    "cash flow": "Cash flow",
    "credit spread": "Credit spread",
    "policy rate": "Policy rate",
    "rivals' spending": "Rivals",
}


def build(inputs: Inputs) -> Figure:
    """Draw one row of panels an era."""
    found = inputs.result("spending_response")
    data = pd.DataFrame(_rows(found["detail"]))
    figure, panels = style.panels(2, 4, height=3.8, sharex="row")
    places = [(era, driver) for era in ERAS for driver in DRIVERS]
    for axes, letter, (era, driver) in zip(panels, "ABCDEFGH", places, strict=True):
        part = where(data, era=era, driver=driver)
        style.letter(axes, letter, DRIVERS[driver])
        if part.empty:
            axes.text(0.5, 0.5, "not known", ha="center", va="center", transform=axes.transAxes, fontsize=8)
            axes.set_yticks([])
            continue
        _draw(axes, part, style.LOOKS[era])
    for axes, era in zip(panels[::4], ERAS, strict=True):
        axes.set_ylabel(ERAS[era])
    for row, text in ((panels[:4], "quarters"), (panels[4:], "years")):
        for axes in row:
            axes.set_xlabel(text)
    told = [r for r in found["result"] if r["p_holm"] is not None]
    clear = [f"{ERAS[r['era']]}’s {r['driver']} ({_small(r['p_holm'])})" for r in told if r["p_holm"] <= 0.05]
    note = NOTE.format(
        clear=" and ".join(clear) or "none",
        **{f"{era}_n": min(r["periods"] for r in told if r["era"] == era) for era in ERAS},
    )
    return Figure(ID, TITLE, typographic(note), figure, data)


def _rows(detail: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, path in detail.items():
        era, _, driver = name.partition(".")
        for h, b, low, high in zip(
            path["horizons"], path["response"], path["low"], path["high"], strict=True
        ):
            rows.append({"era": era, "driver": driver, "horizon": h, "response": b, "low": low, "high": high})
    return rows


def _small(p: float) -> str:
    return number(p, ".3f") if p >= 0.001 else "under 0.001"


def _draw(axes: Axes, data: pd.DataFrame, look: style.Look) -> None:
    x = floats(data, "horizon")
    axes.fill_between(x, floats(data, "low"), floats(data, "high"), color=look.color, alpha=0.18, lw=0)
    axes.plot(x, floats(data, "response"), color=look.color)
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    style.percent(axes)
    axes.tick_params(axis="y", labelsize=7)
