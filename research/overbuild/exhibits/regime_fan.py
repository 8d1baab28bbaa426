"""The hyperscalers' spending ahead with the chance of a fall, and what the same model said of telecom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_number
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "regime_fan"
TITLE = "Spending ahead, the chance of a fall, and what the model would have said of telecom"
NOTE = (
    "A: capex of the five firms over the last four quarters, log scale; median, 50 % and 90 % bands of "
    "the simulated paths. The dashed line is the last figure less the fall of event O3; on a path that "
    "first climbs the threshold climbs with its peak. B: share of paths on which O3 has happened by the "
    "end of the year, with 5 % and 95 % points over the parameters. C: the same model asked at the end of "
    "each year of telecom with the periods known then, two, three and four years ahead; filled markers: "
    "the fall had happened by then. C is hindcast on revised data; one event. Sources: the five firms’ "
    "filings with the SEC, grades A and B; BEA infrastructure accounts, grade B."
)
NEEDS = ("estimate_regimes_ai", "hindcasts_regimes")
DATA = ()
EVENT = "O3"
SHOWN_FROM = 2021.0
BILLION = 1e3
TICKS = (100, 200, 500, 1000, 2000, 5000)
AHEAD = {2: style.LOOKS["telecom"], 3: style.LOOKS["third"], 4: style.LOOKS["fourth"]}
WORDS = {2: "two", 3: "three", 4: "four"}


def build(inputs: Inputs) -> Figure:
    """Draw the fan beside the chances."""
    findings = inputs.result("estimate_regimes_ai")["findings"]
    rows = [*_fan(findings), *_falls(findings), *_hindcasts(inputs.result("hindcasts_regimes"))]
    data = pd.DataFrame(rows)
    figure, (fan, falls, hindcasts) = style.panels(1, 3, height=2.7, width_ratios=[1.35, 1, 1.1])
    _draw_fan(fan, data, (findings["threshold"] or 0) / BILLION)
    _draw_falls(falls, where(data, panel="falls"))
    _draw_hindcasts(hindcasts, where(data, panel="hindcasts"))
    style.letter(fan, "A", "Five firms, USD billion")
    style.letter(falls, "B", "Chance of O3 by")
    style.letter(hindcasts, "C", "Telecom, asked at end of")
    return Figure(ID, TITLE, typographic(NOTE), figure, data)


def _fan(findings: dict[str, Any]) -> list[dict[str, Any]]:
    past = [
        {"panel": "past", "place": period_number(r["period"]), "q50": r["value"] / BILLION}
        for r in findings["past"]
        if period_number(r["period"]) >= SHOWN_FROM
    ]
    ahead = [
        {"panel": "fan", "place": period_number(r["period"])}
        | {q: r[q] / BILLION for q in ("q05", "q25", "q50", "q75", "q95")}
        for r in findings["fan"]
    ]
    return past + ahead


def _falls(findings: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "panel": "falls",
            "place": float(r["by"][:4]),
            "probability": r["probability"],
            "q05": r["q05"],
            "q95": r["q95"],
        }
        for r in findings["falls"]
    ]


def _hindcasts(hindcasts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for hindcast in hindcasts:
        vintage = int(hindcast["as_of"][:4])
        for f in hindcast["forecasts"]:
            if f["event"] == EVENT and f["probability"] is not None:
                rows.append(
                    {
                        "panel": "hindcasts",
                        "place": float(vintage),
                        "ahead": int(f["by"][:4]) - vintage,
                        "probability": f["probability"],
                        "happened": f["happened"],
                    }
                )
    return rows


def _draw_fan(axes: Axes, data: pd.DataFrame, threshold: float) -> None:
    look, past, fan = style.LOOKS["ai"], where(data, panel="past"), where(data, panel="fan")
    axes.plot(floats(past, "place"), floats(past, "q50"), **look.of_line())
    x = floats(fan, "place")
    for low, high, alpha in (("q05", "q95", 0.15), ("q25", "q75", 0.25)):
        axes.fill_between(x, floats(fan, low), floats(fan, high), color=look.color, alpha=alpha, lw=0)
    axes.plot(x, floats(fan, "q50"), color=look.color, lw=1.0)
    axes.axhline(threshold, **style.LOOKS["context"].of_line())
    style.log_amounts(axes, TICKS)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _draw_falls(axes: Axes, part: pd.DataFrame) -> None:
    look = style.LOOKS["ai"]
    x, y = floats(part, "place"), floats(part, "probability")
    error = [y - floats(part, "q05"), floats(part, "q95") - y]
    axes.errorbar(x, y, yerr=error, fmt=look.marker, color=look.color, elinewidth=0.9, capsize=2)
    axes.set_ylim(0, 1)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))


def _draw_hindcasts(axes: Axes, part: pd.DataFrame) -> None:
    for ahead, look in AHEAD.items():
        rows = where(part, ahead=ahead)
        if rows.empty:
            continue
        x, y = floats(rows, "place"), floats(rows, "probability")
        axes.plot(x, y, label=f"{WORDS[ahead]} years ahead", color=look.color, linestyle=look.line, lw=1.0)
        for place, value, happened in zip(x, y, rows["happened"], strict=True):
            face = look.color if happened is True else "white"
            axes.plot([place], [value], marker=look.marker, color=look.color, markerfacecolor=face)
    axes.set_ylim(0, 1)
    axes.legend(loc="upper left")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
