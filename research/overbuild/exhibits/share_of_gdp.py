"""Both build-outs as a share of GDP, on one clock: years since take-off."""

from __future__ import annotations

from typing import Any

import pandas as pd

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
FIRST, LAST = -6, 12
"""Years before and after take-off that the left panel shows."""


def build(inputs: Inputs) -> Figure:
    """Draw both shares."""
    data = pd.concat(
        [series(inputs.result(result), name, perimeter) for name, (result, perimeter) in PERIMETERS.items()]
    )
    figure, (clock, calendar) = style.panels(1, 2, height=2.8, sharey=True)
    for name, look in ((n, style.LOOKS[n]) for n in PERIMETERS):
        rows = data[data["boom"] == name]
        annual = rows[rows["kind"] == "year"]
        for axes, x in ((clock, "years_since_take_off"), (calendar, "time")):
            shown = annual[annual["years_since_take_off"].between(FIRST, LAST)]
            axes.plot(shown[x], shown["share_of_gdp"], **look.of_line(marked=True))
            latest = rows[rows["kind"] == "trailing year"]
            axes.plot(latest[x], latest["share_of_gdp"], color=look.color, marker="x", linestyle="none")
        top = annual.loc[
            annual["share_of_gdp"].where(annual["years_since_take_off"].between(FIRST, LAST)).idxmax()
        ]
        style.label(clock, top["years_since_take_off"], top["share_of_gdp"], NAMES[name], look, dx=-6, dy=6)
    style.letter(clock, "A", "Years since take-off")
    style.letter(calendar, "B", "Calendar years")
    clock.axvline(0, color=style.PALETTE["grey"], linewidth=0.6)
    clock.set_ylabel("Per cent of US GDP")
    clock.set_ylim(bottom=0)
    return Figure(ID, TITLE, NOTE, figure, data.reset_index(drop=True))


def series(measures: dict[str, Any], boom: str, perimeter: str) -> pd.DataFrame:
    """Return one boom's share of GDP by year, and that of the trailing year where there is one.

    Returns
    -------
    pandas.DataFrame
        ``boom, kind, period, time`` (decimal years, at the end of the period less one for whole years),
        ``years_since_take_off, share_of_gdp`` (per cent).
    """
    zero = int(measures["take_off"])
    rows = [
        {"kind": "year", "period": r["period"], "time": float(r["period"]), "share_of_gdp": r["share_of_gdp"]}
        for r in measures["annual"]
        if r["perimeter"] == perimeter and r["share_of_gdp"] is not None
    ]
    if measures["trailing"]:
        last = measures["trailing"][-1]
        time = int(last["period"][:4]) + int(last["period"][-1]) / 4 - 1
        rows.append(
            {
                "kind": "trailing year",
                "period": last["period"],
                "time": time,
                "share_of_gdp": last["share_of_gdp"],
            }
        )
    frame = pd.DataFrame(rows).assign(boom=boom)
    frame["years_since_take_off"] = frame["time"] - zero
    return frame[["boom", "kind", "period", "time", "years_since_take_off", "share_of_gdp"]]
