"""How every figure looks: colours that the colour-blind can tell apart, lines that survive a grey printer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from overbuild.core.saving import save_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.3
"""Width of the text block in inches; a figure is drawn at the size at which it is printed."""

PALETTE = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "grey": "#6E6E6E",
}
"""Okabe and Ito's eight colours, which differ for every common colour vision, and a grey for context."""

PAPER_FONT = "Libertinus Serif"
LAYOUT_FONT = "STIXGeneral"
"""The layout is made with a font that comes with matplotlib and has much the same widths as the paper's."""

RC: dict[str, Any] = {
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "font.family": [LAYOUT_FONT],
    "font.size": 9,
    "mathtext.fontset": "stix",
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "none",
    "svg.hashsalt": "overbuild",
    "axes.unicode_minus": True,
}


@dataclass(frozen=True)
class Look:
    """Colour, line and marker of one thing, the same in every figure."""

    color: str
    line: Any
    marker: str

    def of_line(self, *, marked: bool = False) -> dict[str, Any]:
        """Return keywords for `Axes.plot`; ``marked`` adds the marker, for few points."""
        return {"color": self.color, "linestyle": self.line} | ({"marker": self.marker} if marked else {})


LOOKS = {
    "ai": Look(PALETTE["blue"], "-", "o"),
    "telecom": Look(PALETTE["vermillion"], (0, (5, 2)), "s"),
    "third": Look(PALETTE["green"], (0, (1, 1.2)), "^"),
    "fourth": Look(PALETTE["purple"], (0, (5, 1.5, 1, 1.5)), "D"),
    "context": Look(PALETTE["grey"], (0, (3, 1.5)), "x"),
}
"""``ai`` and ``telecom`` look the same wherever they appear."""


def applied() -> AbstractContextManager[None]:
    """Return a context in which everything is drawn in the paper's style."""
    return mpl.rc_context(RC)  # pyright: ignore[reportArgumentType]


def panels(
    rows: int = 1, columns: int = 1, *, height: float = 2.6, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of the width of the text, and its panels in reading order.

    Parameters
    ----------
    rows, columns
        Number of panels.
    height
        Height of the figure in inches.
    **options
        Passed on to `matplotlib.figure.Figure.subplots` (``sharex``, ``sharey``, ``width_ratios``).
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    return figure, list(figure.subplots(rows, columns, squeeze=False, **options).flat)


def letter(axes: Axes, which: str, title: str) -> None:
    """Head a panel with its letter and title, ``A. Share of GDP``."""
    axes.set_title(f"{which}. {title}", loc="left")


def label(
    axes: Axes, x: float, y: float, text: str, look: Look, *, dx: float = 4, dy: float = 0, **options: Any
) -> None:
    """Write a label beside a point in the colour of what it names; ``dx`` and ``dy`` are in points."""
    aligned: dict[str, Any] = {"ha": "left" if dx >= 0 else "right", "va": "center"} | options
    axes.annotate(
        text,
        (x, y),
        (dx, dy),
        textcoords="offset points",
        color=look.color,
        fontsize=8,
        annotation_clip=False,
        **aligned,
    )


def percent(axes: Axes, decimals: int = 0) -> None:
    """Write the vertical axis of fractions in per cent."""
    from matplotlib.ticker import PercentFormatter

    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=decimals, symbol=" %"))


def log_amounts(axes: Axes, ticks: Sequence[float]) -> None:
    """Put amounts on a logarithmic axis, with these ticks and no others."""
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())


def save(figure: Figure, stem: Path) -> tuple[Path, Path]:
    """Write a figure as ``<stem>.svg`` and ``<stem>.png``; the same figure gives the same bytes.

    The letters of the SVG stay letters, in the paper's font where that is at hand.

    Returns
    -------
    tuple of pathlib.Path
        The two files.
    """
    svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
    with applied():
        text = _rendered(figure, "svg", metadata={"Date": None, "Creator": None}).decode()
        fonts = f"'{PAPER_FONT}', '{LAYOUT_FONT}', serif"
        save_bytes(svg, text.replace(f"'{LAYOUT_FONT}'", fonts).encode())
        save_bytes(png, _rendered(figure, "png", dpi=RC["savefig.dpi"], metadata={"Software": None}))
    return svg, png


def _rendered(figure: Figure, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, **options)
    return buffer.getvalue()
