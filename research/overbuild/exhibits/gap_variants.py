"""Figure: how the gap depends on the equation, the fundamentals and the perimeter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where

ID = "gap_variants"
TITLE = "The gap under every equation, at the height of spending"
NOTE = (
    "Log of spending over what is implied, medians and nine draws in ten (parameters and shocks), in the "
    "year to {ai} for AI and in {telecom} for telecom. Filled: the headline of each era, chosen before "
    "the others were looked at. Firm by firm: each firm its own long run; one long run: pooled mean "
    "group; accelerator: changes alone, with margin and the real Baa rate, or growth of the user cost; it "
    "ties no levels. Information processing: all private equipment and software on GDP. The spread "
    "between the rows is not sampling error and no row is right. Telecom is a hindcast on revised data; "
    "one event. Sources: SEC filings, grades A to C; BEA infrastructure accounts, grade B; national "
    "accounts, grade A."
)
NEEDS = ("gap",)
DATA = ()
EQUATIONS = {"error_correction": "levels", "pooled": "one long run", "accelerator": "accelerator"}
FIRMS = {"error_correction": "firm by firm", "pooled": "one long run", "accelerator": "accelerator"}
PERIMETERS = {
    "firms": "Capex",
    "communications": "Communications",
    "information_processing": "Inf. processing",
}
HEADLINES = {"ai": ("firms", "pooled"), "telecom": ("communications", "error_correction")}
UNITS = ("sector", "United States")


def build(inputs: Inputs) -> Figure:
    """Draw the figure."""
    result = inputs.result("gap")
    data = pd.DataFrame([r for era in ("ai", "telecom") for r in _rows(result, era)])
    counts = [len(where(data, era=e)) for e in ("ai", "telecom")]
    figure, axes = style.panels(2, 1, height=0.6 + 0.21 * sum(counts), height_ratios=counts, sharex=True)
    for ax, era, which in zip(axes, ("ai", "telecom"), "AB", strict=True):
        part, look = where(data, era=era), style.LOOKS[era]
        y = -pd.RangeIndex(len(part)).to_numpy(float)
        middle = floats(part, "gap")
        around = [middle - floats(part, "gap_low"), floats(part, "gap_high") - middle]
        ax.errorbar(middle, y, xerr=around, fmt="none", ecolor=look.color, elinewidth=0.9)
        lead = part["headline"].to_numpy(dtype=bool)
        for mask, fill in ((lead, look.color), (~lead, "white")):
            ax.plot(middle[mask], y[mask], look.marker, color=look.color, markerfacecolor=fill, markersize=4)
        ax.set_yticks(y, list(part["what"]))
        ax.axvline(0, color=style.PALETTE["black"], linewidth=0.6)
        ax.grid(axis="y", visible=False)
        ax.set_ylim(y[-1] - 0.6, 0.6)
        style.letter(ax, which, f"{'AI' if era == 'ai' else 'Telecom'}, {result[era]['headline']['period']}")
    axes[-1].set_xlabel("log of actual over implied")
    note = NOTE.format(**{e: result[e]["headline"]["period"] for e in ("ai", "telecom")})
    return Figure(ID, TITLE, note, figure, data)


def _rows(result: Mapping[str, Any], era: str) -> list[dict[str, Any]]:
    found, period = result[era], result[era]["headline"]["period"]
    first = found["result"][0]["fundamentals"]
    made = []
    for r in found["result"]:
        quarters = "Q" in r["period"]
        at = period if ("Q" in period) == quarters else f"{period}Q4"
        if r["period"] != at or r["unit"] not in UNITS:
            continue
        names = FIRMS if r["perimeter"] == "firms" else EQUATIONS
        lead = (r["perimeter"], r["equation"]) == HEADLINES[era] and r["fundamentals"] == first
        on = r["fundamentals"].replace("gdp", "GDP")
        made.append(
            {
                "era": era,
                "what": f"{PERIMETERS[r['perimeter']]} on {on}, {names[r['equation']]}",
                "headline": lead,
                **{c: r[c] for c in ("period", "gap", "gap_low", "gap_high", "share_above")},
            }
        )
    return made
