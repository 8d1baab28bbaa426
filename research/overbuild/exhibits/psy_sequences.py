"""BSADF sequences against their critical values, with the dated episodes, for some series of both eras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from overbuild.core.periods import frequency_of, label, ordinal
from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.labels import period_middle
from overbuild.exhibits.wording import typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "psy_sequences"
TITLE = "Recursive tests of both eras: the statistic by date, its critical values and the dated episodes"
NOTE = (
    "Line: BSADF, the largest right-tailed ADF statistic of all windows that end at the date. Dashes: "
    "its 95 % quantile at each date in {replications} Gaussian random walks of the same length. Shaded: "
    "episodes of at least the logarithm of the number of observations. p: of the largest statistic "
    "(GSADF), by a bootstrap that keeps how volatility changed. A date is exceeded by chance in one "
    "sample of twenty, so that most long random walks show an episode somewhere (chance: {alarm}): "
    "episodes in a series with a large p are not evidence. A fall can be explosive too (2008). AI shares "
    "were chosen in hindsight. Telecom: hindcast on revised data; one event. Explosive is not overbuilt. "
    "Sources: closing prices, Shiller, the Kenneth French library, BEA, Census and company filings, "
    "grades A to C."
)
NEEDS = ("psy_evidence",)
DATA = ()
COLUMNS = 2
ROW_HEIGHT = 1.55


def build(inputs: Inputs) -> Figure:
    """Draw one panel a series."""
    result = inputs.result("psy_evidence")
    drawn = [row for row in result["series"] if row["drawn"]]
    data = pd.DataFrame([r for row in drawn for r in _rows(row)])
    lines = -(-len(drawn) // COLUMNS)
    figure, axes = style.panels(lines, COLUMNS, height=ROW_HEIGHT * lines)
    for i, (row, panel) in enumerate(zip(drawn, axes, strict=False)):
        _panel(panel, where(data, series=row["id"]), row)
        style.letter(panel, "ABCDEFGHIJKLMNOP"[i], f"{row['title']}: p {row['p']['bootstrap']['value']:.3f}")
        if i % COLUMNS == 0:
            panel.set_ylabel("t statistic")
    for unused in axes[len(drawn) :]:
        unused.set_axis_off()
    alarms = [row["false_alarm"] for row in drawn if row["false_alarm"] is not None]
    note = NOTE.format(
        replications=f"{result['replications']:,d}", alarm=f"{min(alarms):.2f} to {max(alarms):.2f}"
    )
    return Figure(ID, TITLE, typographic(note), figure, data)


def _rows(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    first, frequency = ordinal(row["drawn"]["first"]), frequency_of(row["drawn"]["first"])
    inside = {n for e in row["episodes"] for n in range(ordinal(e["start"]), ordinal(e["last"]) + 1)}
    columns = zip(row["drawn"]["bsadf"], row["drawn"]["critical"], strict=True)
    return [
        {
            "series": row["id"],
            "date": label(first + i, frequency),
            "place": period_middle(label(first + i, frequency)),
            "bsadf": value,
            "critical": critical,
            "episode": first + i in inside,
        }
        for i, (value, critical) in enumerate(columns)
    ]


def _panel(axes: Axes, data: pd.DataFrame, row: Mapping[str, Any]) -> None:
    look = style.LOOKS[row["era"] if row["era"] in style.LOOKS else "third"]
    place, bsadf = floats(data, "place"), floats(data, "bsadf")
    half = float(np.diff(place).mean()) / 2
    spans = {"M": 12, "Q": 4, "A": 1}[frequency_of(row["drawn"]["first"])]
    for episode in row["episodes"]:
        start, last = (period_middle(episode[k]) for k in ("start", "last"))
        axes.axvspan(start - half, last + half, color="0.86", lw=0)
    axes.plot(place, bsadf, color=look.color, lw=0.9)
    axes.plot(place, floats(data, "critical"), color=style.PALETTE["black"], lw=0.8, ls=(0, (3, 1.5)))
    axes.set_xlim(place[0] - 1 / spans, place[-1] + 1 / spans)
    axes.set_ylim(max(float(bsadf.min()), -3.0) - 0.2, float(bsadf.max()) + 0.4)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
