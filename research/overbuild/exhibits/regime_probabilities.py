"""Probability of boom and of bust by year: telecom, two booms that met demand, and the hyperscalers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, kept, where
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "regime_probabilities"
TITLE = "Probability of boom and of bust by year, given all growth rates"
NOTE = (
    "Smoothed probabilities of the regimes of annual growth, means over the posterior; what is left of 1 "
    "is a normal year. A: communications structures and equipment; the dotted line is the chance of a "
    "bust when nothing is learnt from telecom itself and it is read with what the other series teach. B "
    "and C: booms that met demand. D: cloud to 2019 (five firms, Amazon net of proceeds; read, not "
    "fitted), then the sum of the five firms, in years that end with the second quarter. Telecom: "
    "hindcast on revised data; one event. Sources: BEA infrastructure accounts, grade B; the five firms’ "
    "filings with the SEC, grades A to C before 2018."
)
NEEDS = ("estimate_regimes_ai",)
DATA = ()
JOINED = 2019
PANELS = (
    ("telecom", "A", "Telecom", 1980, 2017),
    ("bea_highways", "B", "Highways", 1948, 2017),
    ("bea_electric_structures", "C", "Electric power structures", 1948, 2017),
    ("hyperscalers", "D", "Cloud, then the five firms", 2014, 2026),
)
BOOM, BUST = style.LOOKS["ai"], style.LOOKS["telecom"]
ALONE = style.LOOKS["context"]


def build(inputs: Inputs) -> Figure:
    """Draw four panels."""
    findings = inputs.result("estimate_regimes_ai")["findings"]
    data = pd.DataFrame([row for panel in PANELS for row in _rows(findings, panel[0])])
    figure, panels = style.panels(2, 2, height=4.2, sharey=True)
    for axes, (name, letter, title, first, last) in zip(panels, PANELS, strict=True):
        years = data["year"].to_numpy()
        part = where(kept(data, (years >= first) & (years <= last)), series=name)
        _draw(axes, part)
        style.letter(axes, letter, title)
        axes.set_xlim(first - 0.5, last + 0.5)
    for axes in panels:
        axes.set_ylim(0, 1)
    panels[0].legend(loc="upper right", handlelength=2.2)
    return Figure(ID, TITLE, typographic(NOTE), figure, data)


def _rows(findings: dict[str, Any], name: str) -> list[dict[str, Any]]:
    regimes = findings["regimes"]
    if name == "hyperscalers":
        rows = [r for r in regimes.get("cloud", []) if r["year"] <= JOINED] + regimes["big_five"]
    else:
        rows = regimes[name]
    alone = findings.get("without_telecom") or {"regimes": []}
    left_out = {r["year"]: r["bust"] for r in alone["regimes"]} if name == "telecom" else {}
    return [
        {
            "series": name,
            "year": r["year"],
            "boom": r["boom"],
            "bust": r["bust"],
            "left_out": left_out.get(r["year"]),
        }
        for r in rows
    ]


def _draw(axes: Axes, part: pd.DataFrame) -> None:
    year = floats(part, "year")
    for column, look, label in (("boom", BOOM, "boom"), ("bust", BUST, "bust")):
        axes.fill_between(year, 0, floats(part, column), color=look.color, alpha=0.12, lw=0)
        axes.plot(year, floats(part, column), label=label, **look.of_line())
    if part["left_out"].notna().to_numpy().any():
        axes.plot(year, floats(part, "left_out"), label="bust, telecom left out", **ALONE.of_line())
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
