"""Demand with its fans in both eras, what is left to the ceiling, and the two readings of 1998."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, kept, where
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "demand_curves"
TITLE = "Demand, its ceiling, and the two claims of 1998"
NOTE = (
    "A: revenue a year of {ai_title}, USD billion; marks are announced run rates of each, the line is the "
    "median of their sum and the bands hold 50 and 90 % of draws, to {ai_horizon}; where it bends is the "
    "prior of the ceiling and not in any figure. B: traffic on US backbones, TB a month, as known at the end "
    "of {as_of}: ranges are those of the estimates, hollow ones were published or refer to later and were "
    "not used; the dotted line grows as the claim of 1998 has it, doubling every 100 days. C: log of the "
    "ceiling over the level of the revenue in A before and after its path is seen: {learnt} % of the "
    "variance is gone, so the ceiling is its prior. D: multiples of traffic from the end of 1997 by "
    "reading, bands 5 to 95 %, against potential capacity, which grew {capacity}-fold in four years "
    "({retrospect}). Telecom is a "
    "hindcast on revised data; one event. Sources: firms’ statements, grades A and B; Coffman and Odlyzko, "
    "ESnet, grade B; traffic of 2002, grade C; US Department of Commerce; Odlyzko, grade C."
)
NEEDS = ("estimate_demand_ai", "estimate_demand_telecom", "estimate_demand_telecom_full")
DATA = ()
HEIGHT = 5.4
PARTS = {"openai": ("OpenAI", "o"), "anthropic": ("Anthropic", "^")}
CLAIM_FACTOR = 2 ** (365.25 / 100)
CLAIMED_YEARS = 3
READINGS = {"measured": ("measured", "telecom"), "claimed_without_ceiling": ("claimed", "third")}


def build(inputs: Inputs) -> Figure:
    """Draw the four panels."""
    ai, then, full = (inputs.result(name) for name in NEEDS)
    data = pd.DataFrame([*_ai(ai["findings"]), *_telecom(then["findings"], full["findings"])])
    figure, (a, b, c, d) = style.panels(2, 2, height=HEIGHT)
    _demand(a, where(data, panel="A"), style.LOOKS["ai"], PARTS)
    _demand(b, where(data, panel="B"), style.LOOKS["telecom"], {"backbone": ("", "s")})
    _headroom(c, where(data, panel="C"))
    _readings(d, where(data, panel="D"))
    titles = ("Laboratories, USD billion a year", "US backbones, TB a month", "Ceiling over level, logs")
    for axes, letter, title in zip((a, b, c, d), "ABCD", (*titles, "Multiples since 1997"), strict=True):
        style.letter(axes, letter, title)
    return Figure(ID, TITLE, typographic(_note(ai, then)), figure, data)


def _ai(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = _fan("A", found["fan"], 1e-3)
    rows += [_point("A", p, 1e-3) for p in found["points"] if p["source"] in PARTS]
    ceiling = found["ceiling"]
    middles = (np.array(ceiling["bins"][:-1]) + np.array(ceiling["bins"][1:])) / 2
    for kind, name in (("before", "density_prior"), ("after", "density")):
        rows += [
            {"panel": "C", "kind": kind, "x": float(x), "q50": float(v)}
            for x, v in zip(middles, ceiling[name], strict=True)
        ]
    return rows


def _telecom(then: Mapping[str, Any], full: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = _fan("B", then["fan"], 1.0)
    known = {round(p["year"]) for p in then["points"] if p["source"] == "backbone"}
    for point in (p for p in full["points"] if p["source"] == "backbone"):
        used = round(point["year"]) in known
        rows.append(_point("B", {**point, "used": used}, 1.0))
    start = max((p for p in then["points"] if p["source"] == "backbone"), key=lambda p: p["year"])
    rows += [
        {
            "panel": "B",
            "kind": "claim",
            "x": start["year"] + k,
            "q50": start["value"] * CLAIM_FACTOR**k,
        }
        for k in range(CLAIMED_YEARS + 1)
    ]
    dial = then["dial"]
    years = [0.0, *dial["years"]]
    for reading in READINGS:
        bands = dial["readings"][reading]
        rows += [
            {"panel": "D", "kind": reading, "x": 1998 + x}
            | {q: ([1.0, *bands[q]])[i] for q in ("q05", "q50", "q95")}
            for i, x in enumerate(years)
        ]
    rows += [
        {"panel": "D", "kind": "capacity", "x": 1998 + x, "q50": dial["capacity_multiple"] ** (x / years[-1])}
        for x in years
    ]
    return rows


def _fan(panel: str, fan: Mapping[str, Sequence[float]], scale: float) -> list[dict[str, Any]]:
    names = [n for n in fan if n != "year"]
    return [
        {"panel": panel, "kind": "fan", "x": x} | {n: scale * fan[n][i] for n in names}
        for i, x in enumerate(fan["year"])
    ]


def _point(panel: str, point: Mapping[str, Any], scale: float) -> dict[str, Any]:
    values = {k: scale * point[v] for k, v in (("q05", "low"), ("q50", "value"), ("q95", "high"))}
    return {"panel": panel, "kind": point["source"], "x": point["year"], "used": point["used"], **values}


def _demand(axes: Axes, data: pd.DataFrame, look: style.Look, sources: Mapping[str, tuple[str, str]]) -> None:
    fan = where(data, kind="fan")
    x = floats(fan, "x")
    for low, high, alpha in (("q05", "q95", 0.15), ("q25", "q75", 0.25)):
        axes.fill_between(x, floats(fan, low), floats(fan, high), color=look.color, alpha=alpha, lw=0)
    axes.plot(x, floats(fan, "q50"), color=look.color)
    for source, (name, marker) in sources.items():
        for used, face in ((True, "#000000"), (False, "#FFFFFF")):
            part = where(where(data, kind=source), used=used)
            if part.empty:
                continue
            y = floats(part, "q50")
            axes.errorbar(
                floats(part, "x"),
                y,
                yerr=[y - floats(part, "q05"), floats(part, "q95") - y],
                fmt=marker,
                ms=3,
                color="#000000",
                mfc=face,
                elinewidth=0.6,
                mew=0.6,
                label=name or ("used" if used else "later"),
            )
    claim = where(data, kind="claim")
    if not claim.empty:
        axes.plot(floats(claim, "x"), floats(claim, "q50"), **style.LOOKS["third"].of_line(), label="claim")
    axes.set_yscale("log")
    axes.legend(loc="upper left")


def _headroom(axes: Axes, data: pd.DataFrame) -> None:
    for kind, look in (("before", style.LOOKS["context"]), ("after", style.LOOKS["ai"])):
        part = where(data, kind=kind)
        axes.plot(floats(part, "x"), floats(part, "q50"), **look.of_line(), label=kind)
    axes.axvline(np.log(2), color="#000000", lw=0.6)
    axes.annotate(
        "half the\nceiling reached",
        (np.log(2), 0.02),
        (3, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=7,
        va="bottom",
    )
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.legend(loc="upper right")


def _readings(axes: Axes, data: pd.DataFrame) -> None:
    for reading, (name, looks) in READINGS.items():
        part, look = where(data, kind=reading), style.LOOKS[looks]
        axes.fill_between(
            floats(part, "x"), floats(part, "q05"), floats(part, "q95"), color=look.color, alpha=0.15, lw=0
        )
        axes.plot(floats(part, "x"), floats(part, "q50"), **look.of_line(), label=f"demand, {name}")
    part = kept(data, data["kind"] == "capacity")
    axes.plot(floats(part, "x"), floats(part, "q50"), color="#000000", lw=1.2, label="potential capacity")
    axes.set_yscale("log")
    axes.set_xticks([1998, 1999, 2000, 2001, 2002])
    axes.legend(loc="upper left")


def _note(ai: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    found, dial = ai["findings"], then["findings"]["dial"]
    return NOTE.format(
        ai_title="OpenAI and Anthropic",
        ai_horizon=found["index"]["horizon"],
        as_of=then["as_of"][:4],
        learnt=number(100 * found["ceiling"]["learnt"], ".0f"),
        capacity=number(dial["capacity_multiple"], ".0f"),
        retrospect=dial["retrospect"],
    )
