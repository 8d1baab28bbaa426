"""The path on the clocks of past booms, the telecom year of today, and two tries of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import End, label_ends
from overbuild.exhibits.wording import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "one_clock"
TITLE = "Where today stands on the clocks of past booms"
NOTE = (
    "A: the five firms’ capex at annual rates, per cent of US GDP (dots, {first} to {today}), with the "
    "median course of the templates of most weight and of telecom, if each went on explaining it; what "
    "follows today is the past boom’s course and no forecast. B: the year of telecom that today corresponds "
    "to if telecom is the template that applies (its weight is {weight}), a whole number being the middle "
    "of that year; broken line: the prior. C: telecom’s own path, read by booms whose whole course was known "
    "at the end of the next year, median and 90 % interval; crosses: the truth. D: past booms cut off at "
    "every second year and read by the others, against the truth (line); {held} of {dates} intervals hold "
    "it. Exact posterior on a grid. Templates: BEA infrastructure accounts, housing starts, chained "
    "investment in mining structures, grade B; miles of railroad, grade C; four firms’ capex from 2011, "
    "grades A to C. Telecom is a hindcast on revised data; one event."
)
NEEDS = ("estimate_clock_ai", "hindcasts_clock")
DATA = ()
HEIGHT = 5.2
SHOWN = 3
"""Templates drawn beside telecom."""
TELECOM, PEAK = "telecom", 2000
LOOKS = (
    style.LOOKS["third"],
    style.LOOKS["fourth"],
    style.LOOKS["context"],
)
SHORT = {
    "telecom": "telecom",
    "railroads": "railroads",
    "housing": "housing",
    "shale": "shale",
    "turbines_1970s": "turbines 1970s",
    "turbines_2000s": "gas turbines",
    "interstates": "highways",
    "postwar_power": "power",
    "cloud": "cloud",
}


def build(inputs: Inputs) -> Figure:
    """Draw the four panels."""
    ai = inputs.result("estimate_clock_ai")["findings"]
    told, tried = ai["telecom_year"], ai["past_booms_summary"]["all"]
    rows = [*_paths(ai), *_density(told), *_read(inputs.result("hindcasts_clock")), *_tried(ai)]
    data = pd.DataFrame(rows)
    figure, panels = style.panels(2, 2, height=HEIGHT)
    _draw_paths(panels[0], where(data, panel="A"))
    _draw_density(panels[1], where(data, panel="B"))
    _draw_read(panels[2], where(data, panel="C"))
    _draw_tried(panels[3], where(data, panel="D"))
    titles = (
        ("Capex, % of GDP", "years from today"),
        ("Today’s year of telecom, density", "year of telecom"),
        ("Telecom’s phase, as read", "last year known"),
        ("Past booms’ phases, as read", "true phase, years from the peak"),
    )
    for axes, letter, (title, below) in zip(panels, "ABCD", titles, strict=True):
        style.letter(axes, letter, title)
        axes.set_xlabel(below)
    note = NOTE.format(
        first=ai["first"],
        today=ai["today"],
        weight=number(told["weight"]),
        held=tried["held"],
        dates=tried["dates"],
    )
    return Figure(ID, TITLE, note, figure, data)


def shown_templates(findings: dict[str, Any]) -> list[str]:
    """Return telecom and the templates of most weight beside it."""
    others = sorted(
        (t for t in findings["templates"] if t["template"] != TELECOM), key=lambda t: -t["weight"]
    )
    return [TELECOM, *(t["template"] for t in others[:SHOWN])]


def _row(panel: str, what: str, x: float, y: float, low: float | None, high: float | None) -> dict[str, Any]:
    return {"panel": panel, "what": what, "x": x, "y": y, "low": low, "high": high}


def _paths(ai: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [_row("A", "path", p["years"], p["share"], None, None) for p in ai["path"]]
    curves = {c["template"]: c for c in ai["curves"]}
    for name in shown_templates(ai):
        c = curves[name]
        values = zip(c["years"], c["q50"], c["q05"], c["q95"], strict=True)
        rows += [_row("A", name, x, y, low, high) for x, y, low, high in values]
    return rows


def _density(told: dict[str, Any]) -> list[dict[str, Any]]:
    d = told["density"]
    return [
        _row("B", what, x, y, None, None)
        for what, key in (("posterior", "density"), ("prior", "prior"))
        for x, y in zip(d["year"], d[key], strict=True)
    ]


def _read(hindcasts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for h in hindcasts:
        found = h["findings"]["mixture"]
        year = float(h["findings"]["today"])
        rows.append(_row("C", "read", year, found["q50"], found["q05"], found["q95"]))
        rows.append(_row("C", "truth", year, year - PEAK, None, None))
    return rows


def _tried(ai: dict[str, Any]) -> list[dict[str, Any]]:
    return [_row("D", r["template"], r["truth"], r["q50"], r["q05"], r["q95"]) for r in ai["past_booms"]]


def _draw_paths(axes: Axes, data: pd.DataFrame) -> None:
    names = [n for n in dict.fromkeys(data["what"]) if n != "path"]
    looks = dict(zip(names, (style.LOOKS["telecom"], *LOOKS), strict=False))
    ends = []
    for name, look in looks.items():
        part = where(data, what=name)
        x, y = floats(part, "x"), floats(part, "y")
        axes.plot(x, y, linewidth=1.2, **look.of_line())
        ends.append(End(x[-1], y[-1], SHORT[name], look))
    path = where(data, what="path")
    look = style.LOOKS["ai"]
    axes.plot(floats(path, "x"), floats(path, "y"), look.marker, color=look.color, markersize=3, zorder=5)
    axes.axvline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.set_ylim(0, None)
    label_ends(axes, ends, height=HEIGHT / 2 - 0.7)


def _draw_density(axes: Axes, data: pd.DataFrame) -> None:
    after, before = where(data, what="posterior"), where(data, what="prior")
    look, prior = style.LOOKS["telecom"], style.LOOKS["context"]
    x, y = floats(after, "x"), floats(after, "y")
    axes.fill_between(x, y, step="mid", color=look.color, alpha=0.3, lw=0)
    axes.plot(x, y, drawstyle="steps-mid", color=look.color, linewidth=1.0)
    axes.plot(floats(before, "x"), floats(before, "y"), linewidth=1.0, **prior.of_line())
    axes.axvline(PEAK, color=style.PALETTE["black"], linewidth=0.6)
    axes.annotate("peak", (PEAK, y.max()), (3, -4), textcoords="offset points", fontsize=8)
    axes.set_ylim(0, None)


def _draw_read(axes: Axes, data: pd.DataFrame) -> None:
    read, truth = where(data, what="read"), where(data, what="truth")
    _bars(axes, read, style.LOOKS["telecom"])
    axes.plot(floats(truth, "x"), floats(truth, "y"), "x", color=style.PALETTE["black"], markersize=6)
    axes.axhline(0, color=style.PALETTE["grey"], linewidth=0.6)
    axes.set_xticks(sorted(set(floats(read, "x"))))


def _draw_tried(axes: Axes, data: pd.DataFrame) -> None:
    _bars(axes, data, style.LOOKS["ai"], alpha=0.6)
    ends = np.array([floats(data, "x").min(), floats(data, "x").max()])
    axes.plot(ends, ends, color=style.PALETTE["black"], linewidth=0.8)
    axes.axhline(0, color=style.PALETTE["grey"], linewidth=0.6)


def _bars(axes: Axes, data: pd.DataFrame, look: style.Look, **options: Any) -> None:
    y = floats(data, "y")
    around = [y - floats(data, "low"), floats(data, "high") - y]
    axes.errorbar(
        floats(data, "x"),
        y,
        yerr=around,
        fmt=look.marker,
        color=look.color,
        markersize=3,
        elinewidth=0.8,
        **options,
    )
