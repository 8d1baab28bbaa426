"""Prices of both eras with the probability that they are explosive, month by month, and the dates of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_middle
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "explosive_regimes"
TITLE = "Prices, and the probability that they are explosive or collapsing"
NOTE = (
    "Lines: log price less its value in the first month. Below: probability, given all months shown, that "
    "the price is in an explosion (dark) or a collapse (light). Bars across the top: 5 % to 95 % points of "
    "start and of peak of the most probable explosion of {shortest} months or more, among draws that have "
    "one. Random walk, explosion and collapse in turn with a volatility that changes; the prior probability "
    "of any such explosion is {prior}. An explosive root cannot be told from fundamentals that grow as fast. "
    "AI shares were chosen in hindsight and are survivors, which looks like an explosion. Telecom: NASDAQ "
    "Composite to the end of 2006 and, for the industry itself, its shares; hindcast on revised data; one "
    "event. Sources: closing prices and the Kenneth French library, grades A and B."
)
NEEDS = ("estimate_explosive_ai", "estimate_explosive_telecom_full")
DATA = ()
HEIGHT = 3.4
PANELS = (
    ("telecom", "estimate_explosive_telecom_full", ""),
    ("telecom", "estimate_explosive_telecom_full", "telecom_shares"),
    ("ai", "estimate_explosive_ai", ""),
)


def build(inputs: Inputs) -> Figure:
    """Draw prices above probabilities, a series a column."""
    found = [(era, _series(inputs.result(name)["findings"], series)) for era, name, series in PANELS]
    data = pd.DataFrame([r for era, f in found for r in _rows(era, f)])
    columns = len(found)
    figure, axes = style.panels(
        2, columns, height=HEIGHT, sharex="col", gridspec_kw={"height_ratios": [2.2, 1.0]}
    )
    for column, (era, f) in enumerate(found):
        part, look = where(data, era=era, series=f["series"]), style.LOOKS[era]
        _price(axes[column], part, f, look)
        _chances(axes[columns + column], part, look)
        style.letter(axes[column], "ABC"[column], f["title"])
        axes[columns + column].xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes[0].set_ylabel("Log price")
    axes[columns].set_ylabel("Probability")
    ai = inputs.result("estimate_explosive_ai")["findings"]
    note = NOTE.format(shortest=ai["shortest_episode_months"], prior=f"{ai['prior_any_long']:.2f}")
    return Figure(ID, TITLE, typographic(note), figure, data)


def _series(found: Mapping[str, Any], series: str) -> Mapping[str, Any]:
    return next(b for b in found["beside"] if b["series"] == series) if series else found


def _rows(era: str, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    columns = zip(found["months"], found["log_level"], found["explosive"], found["collapse"], strict=True)
    return [
        {
            "era": era,
            "series": found["series"],
            "month": month,
            "place": period_middle(month),
            "log_level": level,
            "explosive": up,
            "collapse": down,
        }
        for month, level, up, down in columns
    ]


def _price(axes: Axes, data: pd.DataFrame, found: Mapping[str, Any], look: style.Look) -> None:
    level = floats(data, "log_level")
    axes.plot(floats(data, "place"), level, **look.of_line())
    low, high = float(level.min()), float(level.max())
    room = high - low
    axes.set_ylim(low - 0.05 * room, high + 0.55 * room)
    axes.text(
        0.02,
        0.97,
        f"P(any explosion) {found['any_long']:.2f}",
        transform=axes.transAxes,
        va="top",
        fontsize=8,
    )
    if not found["episodes"]:
        return
    main = max(found["episodes"], key=lambda e: e["probability"])
    for k, (name, color) in enumerate((("start", "black"), ("peak", "grey"))):
        points = [main[name][q] for q in ("q05", "q50", "q95")]
        known = [period_middle(p) for p in points if p is not None]
        if not known:
            continue
        at = high + (0.27 - 0.19 * k) * room
        end = known[-1] if points[2] is not None else float(floats(data, "place")[-1])
        axes.plot([known[0], end], [at, at], color=style.PALETTE[color], lw=1.2)
        if points[1] is not None:
            axes.plot(known[1], at, "|", color=style.PALETTE[color], ms=8, mew=1.6)
        axes.annotate(name, (known[0], at), (0, 3), textcoords="offset points", va="bottom", fontsize=7)


def _chances(axes: Axes, data: pd.DataFrame, look: style.Look) -> None:
    place, up, down = (floats(data, c) for c in ("place", "explosive", "collapse"))
    axes.fill_between(place, 0, up, color=look.color, alpha=0.8, lw=0, step="mid")
    axes.fill_between(place, up, up + down, color=look.color, alpha=0.25, lw=0, step="mid")
    axes.axhline(0.5, color=style.PALETTE["grey"], lw=0.6, ls=(0, (2, 2)))
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1])
