"""Labels beside the ends of lines, kept apart from one another, and dates as numbers of an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from overbuild.core.periods import PER_YEAR, frequency_of, ordinal
from overbuild.exhibits.style import PALETTE, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 9.5
"""Height of a line of labels in points."""


@dataclass(frozen=True)
class End:
    """The end of a line, with what is written beside it."""

    x: float
    y: float
    text: str
    look: Look
    bold: bool = False


def day_number(day: date) -> float:
    """Return a day as a number of years: 1 January 2000 is 2000, 1 July 2000 about 2000.5."""
    start = date(day.year, 1, 1)
    return day.year + (day - start).days / (date(day.year + 1, 1, 1) - start).days


def period_number(period: str) -> float:
    """Return the end of a period as a number of years: ``2000Q2`` is 2000.5."""
    return (ordinal(period) + 1) / PER_YEAR[frequency_of(period)]


def period_middle(period: str) -> float:
    """Return the middle of a period as a number of years: ``2000`` is 2000.5."""
    return period_number(period) - 0.5 / PER_YEAR[frequency_of(period)]


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Return the places moved as little as keeps neighbours at least ``gap`` apart, in their own order.

    The least-squares solution: neighbours that would overlap are moved as one block.

    Parameters
    ----------
    places
        Wanted places, in any order.
    gap
        Smallest distance.
    """
    order = np.argsort(places, kind="stable")
    blocks: list[list[float]] = []
    for rank, index in enumerate(order):
        blocks.append([float(places[index]) - rank * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    level = [float(np.mean(block)) for block in blocks for _ in block]
    moved = np.empty(len(places))
    moved[order] = [value + rank * gap for rank, value in enumerate(level)]
    return [float(v) for v in moved]


def label_ends(axes: Axes, ends: Sequence[End], *, height: float, dx: float = 12.0) -> None:
    """Write a label to the right of the rightmost end of the lines, each with a thin leader to its own end.

    Parameters
    ----------
    axes
        The panel; its limits must be set before.
    ends
        The ends; they need not lie at the same date.
    height
        Height of the panel in inches, about.
    dx
        Distance of the labels from the rightmost end, in points.
    """
    from matplotlib.transforms import offset_copy

    to_fraction = axes.transScale + axes.transLimits
    points = to_fraction.transform([(e.x, e.y) for e in ends])
    levels = apart([float(y) for y in points[:, 1]], LINE / (72 * height))
    shifted = offset_copy(axes.transAxes, axes.get_figure(root=True), x=dx, units="points")
    for end, level in zip(ends, levels, strict=True):
        axes.annotate(
            end.text,
            (end.x, end.y),
            (float(points[:, 0].max()), level),
            textcoords=shifted,
            ha="left",
            va="center",
            fontsize=8,
            color=end.look.color,
            fontweight="bold" if end.bold else "normal",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "lw": 0.4,
                "color": PALETTE["grey"],
                "shrinkA": 1,
                "shrinkB": 2,
                "relpos": (0, 0.5),
            },
        )
