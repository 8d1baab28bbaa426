"""Both build-outs as a share of GDP, on one clock: years since take-off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.ticker import MultipleLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs

ID = "share_of_gdp"
TITLE = "Two build-outs as a share of US GDP, years since take-off"
NOTE = (
    "A: by year since take-off, the first year whose share of GDP exceeds 1.1 times the mean of the five "
    "years before. B: by calendar year. AI: cash capital spending of Microsoft, Alphabet, Amazon (gross), "
    "Meta and Oracle, worldwide and on everything, over US GDP (SEC filings, BEA; grade A); the cross is "
    "the trailing year at the last quarter. Telecom: US private investment in communications structures "
    "and equipment (narrow), and with software and computers of the same industries (broad), over GDP (BEA; "
    "grade B; hindcast on revised data; one event). Hyperscalers' spending includes servers and some "
    "software, so it lies between the two in kind. Perimeters differ: slopes can be compared, levels only "
    "with care."
)
NEEDS = ("measures_ai", "measures_telecom")
DATA: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of the figure: a boom's perimeter, its name and look, and where in points its label stands."""

    result: str
    perimeter: str
    name: str
    look: style.Look
    side: int
    lift: int = 0


LINES = {
    "ai": Line("measures_ai", "big_five", "AI, five firms", style.LOOKS["ai"], -6),
    "telecom": Line("measures_telecom", "narrow", "telecom narrow", style.LOOKS["telecom"], 6, -7),
    "telecom_broad": Line("measures_telecom", "broad", "telecom broad", style.LOOKS["third"], 6, 7),
}
FIRST, LAST = -6, 12
"""Years before and after take-off that are drawn."""


def build(inputs: Inputs) -> Figure:
    """Draw the shares of both build-outs."""
    data = pd.DataFrame(
        [
            row
            for boom, line in LINES.items()
            for row in rows_of(inputs.result(line.result), boom, line.perimeter)
        ]
    )
    figure, (clock, calendar) = style.panels(1, 2, height=2.8, sharey=True)
    for boom, line in LINES.items():
        shown = data[(data["boom"] == boom) & data["years_since_take_off"].between(FIRST, LAST)]
        years, latest = shown.query("kind == 'year'"), shown.query("kind == 'trailing year'")
        for axes, x in ((clock, "years_since_take_off"), (calendar, "time")):
            axes.plot(years[x], years["share_of_gdp"], **line.look.of_line(marked=True))
            axes.plot(latest[x], latest["share_of_gdp"], color=line.look.color, marker="x", linestyle="none")
            for row in latest.to_dict("records"):
                text = f"{row['share_of_gdp']:.2f}, year to {row['period']}"
                style.label(axes, row[x], row["share_of_gdp"], text, line.look, dx=-6)
        top, end = years["share_of_gdp"].max(), years.iloc[-1]
        text = f"{line.name},\npeak {top:.2f}" if line.side > 0 else f"{line.name} {top:.2f}"
        style.label(
            calendar,
            float(end["time"]),
            float(end["share_of_gdp"]),
            text,
            line.look,
            dx=line.side,
            dy=line.lift,
        )
    style.letter(clock, "A", "Years since take-off")
    style.letter(calendar, "B", "Calendar years")
    clock.axvline(0, color=style.PALETTE["grey"], linewidth=0.6)
    clock.set_ylabel("Per cent of US GDP")
    clock.set_ylim(bottom=0)
    clock.xaxis.set_major_locator(MultipleLocator(3))
    return Figure(ID, TITLE, NOTE, figure, data)


def rows_of(measures: dict[str, Any], boom: str, perimeter: str) -> Iterator[dict[str, Any]]:
    """Yield one boom's share of GDP by year, and that of the trailing year where there is one.

    Yields
    ------
    dict
        ``boom, kind, period, time`` (the year; of a trailing year, its end less one year),
        ``years_since_take_off, share_of_gdp`` (per cent).
    """
    zero = int(measures["take_off"])
    points = [
        ("year", r["period"], float(r["period"]), r)
        for r in measures["annual"]
        if r["perimeter"] == perimeter
    ]
    if measures["trailing"]:
        last = measures["trailing"][-1]
        quarter = int(last["period"][:4]) + int(last["period"][-1]) / 4 - 1
        points.append(("trailing year", last["period"], quarter, last))
    for kind, period, time, row in points:
        if row["share_of_gdp"] is not None:
            yield {
                "boom": boom,
                "kind": kind,
                "period": period,
                "time": time,
                "years_since_take_off": time - zero,
                "share_of_gdp": row["share_of_gdp"],
            }
