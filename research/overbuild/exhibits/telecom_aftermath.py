"""What became of telecom: investment, use of the fibre, traffic, prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, MultipleLocator, NullLocator

from overbuild.exhibits import style
from overbuild.exhibits.aftermath_data import PRICES, fibre_use, investment, prices, traffic
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, records, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "telecom_aftermath"
TITLE = "Telecom: what was built, how much of it was used, and at what price"
NOTE = (
    "A: nominal gross investment in communications structures and equipment (narrow), and with software and "
    "computers of the same industries (broad); BEA infrastructure accounts, vintage of August 2021, grade "
    "B. B: every dated figure found, each on its own definition and never joined to another: potential "
    "capacity is that of all strands with the equipment of the day, and falls when the equipment improves; "
    "capacity reserved for peaks is not traffic, and was quoted by those who disputed a glut. Merrill Lynch "
    "(grade B), Salomon Smith Barney, RHK, TeleGeography, TeleChoice and press reports (grade C). C: ranges "
    "of Coffman and Odlyzko (grade B; 1995 is not known; 2002 is converted from a rate, grade C), against "
    "two statements published in 1998, both laid through the middle of the range of December 1997: the "
    "claim repeated by the US Department of Commerce, and the growth found by Coffman and Odlyzko (grade "
    "B). D: lecture slide, TeleGeography and an informal survey, grade C; the end of OC-3 is an upper "
    "bound; the DS-3 index was re-based within the period and is left out. A hindcast on revised data; one "
    "event."
)
NEEDS = ("measures_telecom",)
DATA = ("telecom/fibre.csv", "telecom/prices.csv", "telecom/traffic.csv")
LOOK = style.LOOKS["telecom"]
BLACK = style.Look(style.PALETTE["black"], "-", "o")


def build(inputs: Inputs) -> Figure:
    """Draw the four panels."""
    book = inputs.book
    drawn = (
        ("Investment, USD billion", _investment, investment(inputs)),
        ("Shares lit or in use, per cent", _use, fibre_use(book)),
        ("Traffic, TB a month", _traffic, traffic(book)),
        ("Prices, first point = 100", _prices, prices(book)),
    )
    figure, panels = style.panels(2, 2, height=5.2)
    for axes, letter, (title, draw, frame) in zip(panels, "ABCD", drawn, strict=True):
        draw(axes, frame)
        style.letter(axes, letter, title)
    return Figure(ID, TITLE, NOTE, figure, pd.concat([frame for _, _, frame in drawn], ignore_index=True))


def _investment(axes: Axes, frame: pd.DataFrame) -> None:
    values = {
        n: {r["period"]: r["value"] for r in records(where(frame, name=n))} for n in ("broad", "narrow")
    }
    _, last = _turns(values["narrow"])
    for (name, value), look in zip(values.items(), (BLACK, LOOK), strict=True):
        peak, low = _turns({year: v for year, v in value.items() if year <= last})
        text = f"{name}: {value[peak]:.1f} in {peak}, {value[low]:.1f} in {low}"
        axes.plot([int(year) for year in value], list(value.values()), **look.of_line(), label=text)
        for year in (peak, low):
            axes.plot(int(year), value[year], color=look.color, marker=look.marker)
    axes.set_ylim(0, 1.45 * floats(frame, "value").max())
    axes.xaxis.set_major_locator(MultipleLocator(5))
    axes.legend(loc="upper left", borderaxespad=0.1, handlelength=1.8)


def _turns(value: Mapping[str, float]) -> tuple[str, str]:
    """Return the year of the peak, and of the lowest value after it."""
    peak = max(value, key=lambda year: value[year])
    return peak, min((year for year in value if year > peak), key=lambda year: value[year])


def _use(axes: Axes, frame: pd.DataFrame) -> None:
    points = records(frame)
    for place, point in enumerate(points):
        name, value, right = point["name"], f"{point['value']:g}", point["value"] < 50
        axes.plot(point["value"], -place, linestyle="", marker="o", color=LOOK.color)
        text = f"{value}  {name}" if right else f"{name}  {value}"
        style.label(axes, point["value"], -place, text, BLACK, dx=6 if right else -6)
    axes.set_yticks([-place for place in range(len(points))], [point["period"] for point in points])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlim(0, 100)
    axes.set_ylim(0.4 - len(points), 0.6)


def _traffic(axes: Axes, frame: pd.DataFrame) -> None:
    seen, claim, growth = (where(frame, name=name) for name in dict.fromkeys(frame["name"]))
    grey = style.LOOKS["context"]
    axes.plot(claim["place"], claim["value"], **LOOK.of_line())
    axes.plot(growth["place"], growth["value"], color=grey.color, linestyle=style.LOOKS["third"].line)
    axes.vlines(seen["place"], seen["low"], seen["high"], color="black", linewidth=1.2)
    ends = {"linestyle": "", "marker": "_", "markersize": 6, "markeredgewidth": 1.2, "color": "black"}
    for end in ("low", "high"):
        axes.plot(seen["place"], seen[end], **ends)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MultipleLocator(3))
    middle, last, first = records(claim)[len(claim) // 2], records(growth)[-1], records(seen)[len(seen) // 3]
    style.label(axes, middle["place"], middle["value"], f"claim: {middle['name']}", LOOK, dx=-8, dy=6)
    style.label(axes, last["place"], last["value"], last["name"], grey, dx=0, dy=-32, ha="right")
    text = f"{first['name']},\nlow to high"
    style.label(axes, first["place"], first["high"], text, BLACK, dx=-4, dy=26, ha="center")


def _prices(axes: Axes, frame: pd.DataFrame) -> None:
    looks = dict(zip(PRICES.values(), (BLACK, style.LOOKS["third"], LOOK), strict=True))
    for name, look in looks.items():
        part = where(frame, name=name)
        axes.plot(part["place"], part["value"], **look.of_line(marked=True))
        end = records(part)[-1]
        text = f"{name} {'< ' if end['bound'] else ''}{end['value']:.2g}"
        style.label(axes, end["place"], end["value"], text, look, dx=-6, dy=-2)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MultipleLocator(3))
