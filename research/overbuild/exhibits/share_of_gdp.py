"""Both build-outs as a share of GDP, on one clock: years since take-off."""

from __future__ import annotations

from collections.abc import Iterator
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
    "and equipment over GDP (BEA; grade B; hindcast on revised data; one event). The two perimeters "
    "differ: slopes can be compared, levels only with care."
)
NEEDS = ("measures_ai", "measures_telecom")
DATA: tuple[str, ...] = ()

PERIMETERS = {"ai": ("measures_ai", "big_five"), "telecom": ("measures_telecom", "narrow")}
NAMES = {"ai": "AI (five hyperscalers)", "telecom": "Telecom"}
LABELS = {"ai": (2025, 1.34, -6), "telecom": (2000, 0.9, 6)}
"""Where each name stands in the right panel, and on which side of that point."""
FIRST, LAST = -6, 12
"""Years before and after take-off that are drawn."""


def build(inputs: Inputs) -> Figure:
    """Draw both shares."""
    data = pd.DataFrame(
        [
            row
            for boom, (result, perimeter) in PERIMETERS.items()
            for row in rows_of(inputs.result(result), boom, perimeter)
        ]
    )
    figure, (clock, calendar) = style.panels(1, 2, height=2.8, sharey=True)
    for boom in PERIMETERS:
        look = style.LOOKS[boom]
        shown = data.query("boom == @boom and @FIRST <= years_since_take_off <= @LAST")
        years, latest = shown.query("kind == 'year'"), shown.query("kind == 'trailing year'")
        for axes, x in ((clock, "years_since_take_off"), (calendar, "time")):
            axes.plot(years[x], years["share_of_gdp"], **look.of_line(marked=True))
            axes.plot(latest[x], latest["share_of_gdp"], color=look.color, marker="x", linestyle="none")
        time, share, dx = LABELS[boom]
        style.label(calendar, time, share, NAMES[boom], look, dx=dx)
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
