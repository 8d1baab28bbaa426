"""The expected course of the capacity race and of its planners, AI beside telecom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import number, typographic, with_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "race_paths"
TITLE = "The capacity race and its planners, expected from zero capacity"
NOTE = (
    "Five firms, {states} states each, solved exactly; demand starts at the lowest of three states and "
    "follows a chain that in the long run is in the middle one half of the time, in the others a quarter "
    "each. Capacity: over that of the social planner in year {last}. Idle: 1 − output over capacity. "
    "Price: revenue over output, over full cost. D, H: from the year in which demand falls from its highest "
    "to its lowest state after a long run, {fall} less, which is rare. Solid: Markov-perfect "
    "race; broken: joint profit; dotted: social planner. Mean capacity over the planner’s: median {ai} for "
    "AI and {telecom} for telecom (10 % and 90 % points of {draws}"
    " quasi-random draws from the ranges set)."
    " A calibrated model: no data are fitted. Telecom is "
    "a hindcast on revised data; one event."
)
NEEDS = ("race",)
DATA = ()
ERAS = {"ai": "AI, depreciation {:.0%}", "telecom": "Telecom, depreciation {:.0%}"}
RULES = {
    "race": ("race", "-", style.PALETTE["vermillion"]),
    "joint": ("joint profit", (0, (5, 2)), style.PALETTE["grey"]),
    "social": ("social planner", (0, (1, 1.2)), style.PALETTE["blue"]),
}
SHOWN = {"capacity": "Capacity", "idle": "Idle", "price": "Price", "fallen": "Idle after a fall"}


def build(inputs: Inputs) -> Figure:
    """Draw three panels an era."""
    found = inputs.result("race")
    data = pd.DataFrame(_rows(found))
    figure, panels = style.panels(2, 4, height=4.0, sharex=True, sharey="col")
    for axes, letter, (era, what) in zip(
        panels, "ABCDEFGH", ((e, w) for e in ERAS for w in SHOWN), strict=True
    ):
        _draw(axes, where(data, era=era, what=what))
        style.letter(axes, letter, SHOWN[what])
        if what in ("idle", "fallen"):
            style.percent(axes)
        if what == "price":
            axes.axhline(1.0, color=style.PALETTE["black"], linewidth=0.6)
    for axes in panels[4:]:
        axes.set_xlabel("years")
    for axes, (era, title) in zip(panels[::4], ERAS.items(), strict=True):
        axes.set_ylabel(typographic(title.format(found["episodes"][era]["spec"]["depreciation"])))
    for axes in panels[:4]:
        axes.set_ylim(0, None)
    panels[2].legend(loc="lower right", handlelength=2.0)
    ranges = {
        era: next(s for s in found["episodes"][era]["scenarios"] if s["id"] == "base")["ranges"]
        for era in ERAS
    }
    told = {era: r["capacity_to_social"] for era, r in ranges.items()}
    market = found["episodes"]["ai"]["spec"]["market"]
    note = NOTE.format(
        states=f"{found['episodes']['ai']['states']:,d}",
        last=int(floats(data, "year").max()),
        draws=number(min(s["draws"] for s in found["episodes"]["ai"]["scenarios"]), ".0f"),
        fall=number(1 - market[0] / market[-1], ".0%"),
        **{era: with_range(t["q50"], t["q10"], t["q90"]) for era, t in told.items()},
    )
    return Figure(ID, TITLE, typographic(note), figure, data)


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for era in ERAS:
        episode = found["episodes"][era]
        paths = episode["paths"]
        unit = {"capacity": paths["social"]["capacity"][-1], "idle": 1.0, "price": episode["full_cost"]}
        fallen = {"era": era, "what": "fallen", "rule": "race"}
        rows += [{**fallen, "year": y, "value": v} for y, v in enumerate(episode["after_fall"]["idle"])]
        rows += [
            {"era": era, "what": what, "rule": rule, "year": year, "value": _over(value, unit[what])}
            for what in unit
            for rule in RULES
            for year, value in enumerate(paths[rule][what])
        ]
    return rows


def _over(value: float | None, unit: float) -> float:
    return float("nan") if value is None else value / unit


def _draw(axes: Axes, data: pd.DataFrame) -> None:
    for rule, (title, line, color) in RULES.items():
        part = where(data, rule=rule)
        axes.plot(floats(part, "year"), floats(part, "value"), linestyle=line, color=color, label=title)
