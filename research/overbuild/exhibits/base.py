"""What an exhibit is given and what it returns: a figure with the numbers it draws, or a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from overbuild.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from overbuild.episodes.databook import DataBook

_ID = re.compile(r"^[a-z][a-z0-9_]*$")
ALIGNMENTS = "lrcp"


@dataclass(frozen=True)
class Inputs:
    """What an exhibit may look at: the results that it names in ``NEEDS`` and the data files in ``DATA``.

    Attributes
    ----------
    results
        Name of a result to its content, as ``build/results/<name>.json`` holds it.
    loaded
        The data book with the files of ``DATA``; None where the exhibit uses none.
    """

    results: Mapping[str, Any]
    loaded: DataBook | None = None

    def result(self, name: str) -> Any:
        """Return one result.

        Raises
        ------
        UnknownNameError
            If the exhibit does not name it in ``NEEDS``; the message lists what it names.
        """
        if name not in self.results:
            raise UnknownNameError("result named in NEEDS", name, tuple(self.results))
        return self.results[name]

    @property
    def book(self) -> DataBook:
        """The data book with the files named in ``DATA``.

        Raises
        ------
        ValueError
            If the exhibit names none.
        """
        if self.loaded is None:
            raise ValueError("This exhibit names no data file: add the files it reads to its DATA.")
        return self.loaded


@dataclass(frozen=True)
class Figure:
    """A figure, and the numbers that it draws.

    Attributes
    ----------
    id
        Name of its module and of its files.
    title
        Caption, without a full stop.
    note
        What is shown, from which sources and of which grade; wherever telecom is used, the words ``hindcast
        on revised data; one event``.
    figure
        The drawing.
    data
        The numbers drawn, so that they can be tested and reused without the picture.
    """

    id: str
    title: str
    note: str
    figure: Drawing
    data: pd.DataFrame

    def __post_init__(self) -> None:
        _check(self.id, self.title, self.note)


@dataclass(frozen=True)
class Table:
    """A table, with how its cells are written.

    Attributes
    ----------
    id, title, note
        As in `Figure`.
    frame
        Raw values, one column of the table a column; the index is not shown.
    align
        One letter a column: ``l``, ``r``, ``c``, or ``p`` for text that wraps. Empty: numbers right, others
        left.
    formats
        Column to format of its numbers (``".1f"``, ``".0%"``, ``",d"``).
    headings
        Column to heading, where it is not the column's name.
    """

    id: str
    title: str
    note: str
    frame: pd.DataFrame
    align: str = ""
    formats: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(self.id, self.title, self.note)
        columns = [str(c) for c in self.frame.columns]
        if self.align and (len(self.align) != len(columns) or not set(self.align) <= set(ALIGNMENTS)):
            allowed = ", ".join(ALIGNMENTS)
            raise ValueError(
                f"align is '{self.align}'; expected one of {allowed} for each of {len(columns)} columns."
            )
        for name, given in (("formats", self.formats), ("headings", self.headings)):
            unknown = [c for c in given if c not in columns]
            if unknown:
                raise UnknownNameError(f"column named in {name}", unknown[0], columns)
            object.__setattr__(self, name, MappingProxyType(dict(given)))


def _check(identity: str, title: str, note: str) -> None:
    if not _ID.match(identity):
        raise ValueError(
            f"'{identity}' is not an exhibit's id: use lower-case letters, digits and underscores."
        )
    if not title or title.endswith("."):
        raise ValueError(f"Exhibit '{identity}' needs a title without a full stop.")
    if not note.strip():
        raise ValueError(f"Exhibit '{identity}' needs a note that names its sources.")
