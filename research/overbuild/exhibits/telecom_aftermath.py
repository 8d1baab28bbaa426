"""What became of telecom: investment, use of the fibre, traffic, prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, MultipleLocator, NullLocator

from overbuild.exhibits import style
from overbuild.exhibits.aftermath_data import PRICES, fibre_use, investment, prices, traffic
from overbuild.exhibits.base import Figure, Inputs

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
    "two statements published in 1998, both laid through the middle of the range of December 1997: doubling "
    "every 100 days (US Department of Commerce) and every year (Coffman and Odlyzko). D: lecture slide, "
    "TeleGeography and an informal survey, grade C; the end of OC-3 is an upper bound; the DS-3 index was "
    "re-based within the period and is left out. A hindcast on revised data; one event."
)
NEEDS = ("measures_telecom",)
DATA = ("telecom/fibre.csv", "telecom/prices.csv", "telecom/traffic.csv")
LOOK = style.LOOKS["telecom"]
BLACK = style.Look(style.PALETTE["black"], "-", "o")


def build(inputs: Inputs) -> Figure:
    """Draw the four panels."""
    frames = (investment(inputs), fibre_use(inputs.book), traffic(inputs.book), prices(inputs.book))
    figure, panels = style.panels(2, 2, height=5.2)
    heads = (
        "Investment, USD billion",
        "Shares lit or in use, per cent",
        "Traffic, TB a month",
        "Prices, first point = 100",
    )
    for axes, draw, frame, head in zip(
        panels, (_investment, _use, _traffic, _prices), frames, heads, strict=True
    ):
        draw(axes, frame)
        style.letter(axes, str(frame["panel"].iloc[0]), head)
    return Figure(ID, TITLE, NOTE, figure, pd.concat(frames, ignore_index=True))


def _investment(axes: Axes, frame: pd.DataFrame) -> None:
    by_name = {name: part.set_index("period")["value"] for name, part in frame.groupby("name")}
    _, low_year = _turns(by_name["narrow"])
    for name, look in (("broad", BLACK), ("narrow", LOOK)):
        value = by_name[name]
        peak, low = _turns(value, until=low_year)
        text = f"{name}: {value[peak]:.1f} in {peak}, {value[low]:.1f} in {low}"
        axes.plot(value.index.astype(int), value, **look.of_line(), label=text)
        axes.plot(
            [int(peak), int(low)], value[[peak, low]], color=look.color, marker=look.marker, linestyle=""
        )
    axes.set_ylim(0, 1.45 * frame["value"].max())
    axes.xaxis.set_major_locator(MultipleLocator(5))
    axes.legend(loc="upper left", borderaxespad=0.1, handlelength=1.8)


def _turns(value: pd.Series, until: str = "9999") -> tuple[str, str]:
    """Return the years of the peak of the boom and of the low that follows it, no later than ``until``."""
    peak = str(value[:until].idxmax())
    return peak, str(value[peak:until].idxmin())


def _use(axes: Axes, frame: pd.DataFrame) -> None:
    for place, (_, point) in enumerate(frame.iterrows()):
        axes.plot(point["value"], -place, linestyle="", marker="o", color=LOOK.color)
        text = (
            f"{point['value']:g}  {point['name']}"
            if point["value"] < 50
            else f"{point['name']}  {point['value']:g}"
        )
        style.label(axes, point["value"], -place, text, BLACK, dx=6 if point["value"] < 50 else -6)
    axes.set_yticks([-place for place in range(len(frame))], list(frame["period"]))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlim(0, 100)
    axes.set_ylim(-len(frame) + 0.4, 0.6)


def _traffic(axes: Axes, frame: pd.DataFrame) -> None:
    seen, claim, growth = (part for _, part in frame.groupby("name", sort=False))
    grey = style.LOOKS["context"]
    axes.plot(claim["place"], claim["value"], **LOOK.of_line())
    axes.plot(growth["place"], growth["value"], color=grey.color, linestyle=style.LOOKS["third"].line)
    axes.vlines(seen["place"], seen["low"], seen["high"], color="black", linewidth=1.2)
    for end in ("low", "high"):
        axes.plot(
            seen["place"],
            seen[end],
            linestyle="",
            marker="_",
            markersize=6,
            markeredgewidth=1.2,
            color="black",
        )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MultipleLocator(3))
    middle = claim.iloc[len(claim) // 2]
    style.label(axes, middle["place"], middle["value"], f"claim: {middle['name']}", LOOK, dx=-8, dy=6)
    last = growth.iloc[-1]
    style.label(axes, last["place"], last["value"], str(last["name"]), grey, dx=0, dy=-32, ha="right")
    first = seen.iloc[len(seen) // 3]
    style.label(
        axes,
        first["place"],
        first["high"],
        f"{first['name']},\nlow to high",
        BLACK,
        dx=-4,
        dy=26,
        ha="center",
    )


def _prices(axes: Axes, frame: pd.DataFrame) -> None:
    looks = {
        PRICES["ip_transit_price"]: BLACK,
        PRICES["oc3_lease"]: style.LOOKS["third"],
        PRICES["stm1_price"]: LOOK,
    }
    for name, look in looks.items():
        part = frame[frame["name"] == name]
        axes.plot(part["place"], part["value"], **look.of_line(marked=True))
        end = part.iloc[-1]
        sign = "< " if end["bound"] == "upper" else ""
        style.label(axes, end["place"], end["value"], f"{name} {sign}{end['value']:.2g}", look, dx=-6, dy=-2)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MultipleLocator(3))
