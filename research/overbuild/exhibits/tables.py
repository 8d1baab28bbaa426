"""One table in three forms: CSV with the raw values, typst for the paper, LaTeX for journals that ask."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from overbuild.core.saving import save_text
from overbuild.exhibits.base import Table

MISSING = "–"
MINUS = "\N{MINUS SIGN}"
DIGITS = "%.12g"
"""Digits of raw values in CSV: enough for any use, too few to show the rounding of one machine."""

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "–": "--",
    "—": "---",
    MINUS: "$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "→": r"$\rightarrow$",
    "…": r"\ldots{}",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "€": r"\texteuro{}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
    "\N{THIN SPACE}": r"\,",
    "\n": " ",
}
_LATEX_START = ("[", "*")
"""A cell that begins so would be read as an option of the line break before it."""


def save(table: Table, folder: Path) -> tuple[Path, Path, Path]:
    """Write a table as ``<id>.csv``, ``<id>.typ`` and ``<id>.tex``.

    Returns
    -------
    tuple of pathlib.Path
        The three files.
    """
    files = tuple(folder / f"{table.id}.{kind}" for kind in ("csv", "typ", "tex"))
    for path, text in zip(files, (to_csv(table.frame), to_typst(table), to_latex(table)), strict=True):
        save_text(path, text)
    return files[0], files[1], files[2]


def to_csv(frame: pd.DataFrame) -> str:
    """Return the raw values as CSV, without the index; a missing value is an empty cell."""
    return frame.to_csv(index=False, lineterminator="\n", float_format=DIGITS)


def to_typst(table: Table) -> str:
    """Return the table and its note as typst content, to be included inside a figure.

    Every cell is written as a string, in which typst reads no markup.
    """
    align = alignment(table)
    columns = ", ".join("1fr" if a == "p" else "auto" for a in align)
    sides = ", ".join({"l": "left", "p": "left", "r": "right", "c": "center"}[a] for a in align)
    lines = [
        f"// {table.id}: written by the build; do not edit.",
        "#table(",
        f"  columns: ({columns},),",
        f"  align: ({sides},),",
        "  stroke: none,",
        "  table.hline(stroke: 0.8pt),",
        f"  table.header({', '.join(typst_string(h) for h in headings(table))}),",
        "  table.hline(stroke: 0.4pt),",
        *(f"  {', '.join(typst_string(c) for c in row)}," for row in cells(table)),
        "  table.hline(stroke: 0.8pt),",
        ")",
    ]
    return "\n".join(lines) + "\n"


def to_latex(table: Table) -> str:
    """Return the table as a LaTeX float that needs the packages ``booktabs`` and ``textcomp``."""
    align = alignment(table)
    wrapped = align.count("p")
    width = f"{0.75 / wrapped:.2f}" if wrapped else ""
    columns = "".join(rf"p{{{width}\linewidth}}" if a == "p" else a for a in align)
    lines = [
        f"% {table.id}: written by the build; do not edit.",
        r"\begin{table}[htbp]",
        r"\centering",
        rf"\caption{{{latex_text(table.title)}}}\label{{tab:{table.id}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _latex_row(headings(table)),
        r"\midrule",
        *(_latex_row(row) for row in cells(table)),
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\smallskip\begin{minipage}{\linewidth}\footnotesize",
        latex_text(table.note),
        r"\end{minipage}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def headings(table: Table) -> list[str]:
    """Return the heading of each column."""
    return [table.headings.get(c, c) for c in map(str, table.frame.columns)]


def alignment(table: Table) -> str:
    """Return one letter a column: as the table says, else ``r`` for numbers and ``l`` for text."""
    if table.align:
        return table.align
    columns = zip(*table.frame.itertuples(index=False, name=None), strict=True)
    return "".join("r" if _is_numeric(c) else "l" for c in columns) or "l" * len(table.frame.columns)


def cells(table: Table) -> list[list[str]]:
    """Return the cells as they are printed, row by row."""
    frame = table.frame
    write = [_writer(table.formats.get(str(c), "")) for c in frame.columns]
    return [
        [w(v) for w, v in zip(write, row, strict=True)] for row in frame.itertuples(index=False, name=None)
    ]


def typst_string(text: str) -> str:
    """Return a text as a typst string."""
    escaped = (
        text.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\t", " ")
        .replace("\r", "")
    )
    return f'"{escaped}"'


def latex_text(text: str) -> str:
    """Return a text with every character that LaTeX would read as a command written out."""
    return "".join(_LATEX.get(c, c) for c in text)


def _latex_row(row: list[str]) -> str:
    written = [latex_text(c) for c in row]
    written[0] = "{}" + written[0] if written[0].startswith(_LATEX_START) else written[0]
    return " & ".join(written) + r" \\"


def _writer(spec: str) -> Callable[[Any], str]:
    return lambda value: _written(value, spec)


def _written(value: Any, spec: str) -> str:
    if _is_missing(value):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Real):
        text = format(value, spec or ("d" if isinstance(value, Integral) else ".2f"))
        text = text if text.strip("-0.,%") else text.removeprefix("-")
        return text.replace("-", MINUS).replace("%", "\N{NARROW NO-BREAK SPACE}%")
    return str(value)


def _is_numeric(column: Iterable[Any]) -> bool:
    known = [v for v in column if not _is_missing(v)]
    return bool(known) and all(isinstance(v, Real) and not isinstance(v, bool) for v in known)


def _is_missing(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, Real) and math.isnan(value))
    )
