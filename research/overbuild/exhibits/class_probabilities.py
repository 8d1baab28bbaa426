"""Figure: probability of each class of game, before and after the firms' choices, under three priors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.games.entry import CLASSES, TITLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "class_probabilities"
TITLE = "Which game the hyperscalers play: prior and posterior of its class"
NOTE = (
    "Five like firms that build or hold. A: the market grows less than one for one; B: or more; C: each "
    "class as likely. The choices are {answers} answers, {first} to {last}: whether a firm raised the growth "
    "of its capital expenditure. Prior: share of draws of the pay-offs in each class. How they react: only "
    "how the gain from building depends on rivals’ choices enters, its level is free. Taken literally: the "
    "share of rises ({share} %) is read as what building pays; growth rises about as often as it falls in "
    "any series that does not run away, so that this reading is not relied on. Bars are two Monte Carlo "
    "standard errors. Of two games in which building gains the same, choices do not say which is worse for "
    "owners. Sources: filings with the SEC, grades A and B."
)
NEEDS = ("classes",)
DATA = ()
PRIORS = {"main": "Main prior", "wide_expansion": "Wider market growth", "neutral": "Classes alike"}
MARKS = {
    "prior": ("prior", style.LOOKS["context"], 0.0),
    "slope": ("how they react", style.LOOKS["ai"], -0.22),
    "literal": ("taken literally", style.LOOKS["third"], 0.22),
}
HEIGHT = 3.2


def build(inputs: Inputs) -> Figure:
    """Draw one panel a prior."""
    found = inputs.result("classes")
    data = pd.DataFrame(_rows(found["posteriors"]))
    figure, panels = style.panels(1, 3, height=HEIGHT, sharex=True, sharey=True)
    for axes, (prior, title), which in zip(panels, PRIORS.items(), "ABC", strict=True):
        _dots(axes, where(data, prior=prior))
        style.letter(axes, which, title)
    panels[0].set_yticks(range(len(CLASSES)), [TITLES[name] for name in CLASSES])
    panels[0].invert_yaxis()
    panels[0].set_xlim(left=0)
    panels[1].set_xlabel("probability")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    panel = found["panel"]
    note = NOTE.format(
        answers=panel["answers"],
        first=panel["first"],
        last=panel["last"],
        share=f"{100 * panel['share']:.0f}",
    )
    return Figure(ID, TITLE, note, figure, data)


def _rows(posteriors: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for prior in PRIORS:
        for place, name in enumerate(CLASSES):
            by = {reading: of["classes"][name] for reading, of in posteriors[prior].items()}
            before = by["slope"]
            error = 0.0 if prior == "neutral" else before["prior_error"]
            rows.append((prior, name, place, "prior", before["prior"], error))
            rows += [(prior, name, place, r, c["posterior"], c["posterior_error"]) for r, c in by.items()]
    names = ("prior", "class", "place", "reading", "probability", "mc_error")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _dots(axes: Axes, data: pd.DataFrame) -> None:
    for reading, (label, look, shift) in MARKS.items():
        part = where(data, reading=reading)
        axes.errorbar(
            floats(part, "probability"),
            floats(part, "place") + shift,
            xerr=2 * floats(part, "mc_error"),
            fmt=look.marker,
            color=look.color,
            markersize=3.5,
            elinewidth=0.8,
            label=label,
        )
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
