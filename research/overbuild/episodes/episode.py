"""An episode: one boom, by name or from the user's own file, and what was known of it on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from overbuild.core.snapshot import Snapshot
from overbuild.episodes.databook import DataBook
from overbuild.episodes.layers import Layer, layers_of
from overbuild.errors import UnknownNameError

EPISODES = ("ai", "telecom")
"""The two build-outs that every exhibit compares; `load_episode` knows more."""


@dataclass(frozen=True)
class Episode:
    """One boom.

    Attributes
    ----------
    name
        ``ai``, ``telecom``, the id of a boom of ``history/booms.csv``, or the path of the user's file.
    book
        The data it is read from.
    as_of
        The day whose knowledge it shows.
    also
        Series that its snapshot holds beyond those of the perimeter.
    """

    name: str
    book: DataBook
    as_of: date
    also: tuple[str, ...] = ()

    @cached_property
    def snapshot(self) -> Snapshot:
        """What was known on that day."""
        return self.book.at(self.as_of, self.name, self.also)

    @cached_property
    def layers(self) -> Mapping[str, Layer]:
        """The layers of its history, with grades and sources."""
        return layers_of(self.snapshot.table, self.perimeter)

    @property
    def perimeter(self) -> Mapping[str, Any]:
        """Which firms and measures make up the sector."""
        return self.book.perimeter[self.name]

    @property
    def title(self) -> str:
        """Name for people."""
        return str(self.perimeter["title"])

    @property
    def label(self) -> str:
        """How an exhibit must call what rests on it: always a hindcast for telecom."""
        return str(self.perimeter.get("caveat") or self.snapshot.label)

    def layer(self, name: str) -> Layer:
        """Return one layer.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        if name not in self.layers:
            raise UnknownNameError(f"layer of episode {self.name}", name, tuple(self.layers))
        return self.layers[name]


def load_episode(
    name: str, as_of: date | None = None, data: Path | None = None, *, also: tuple[str, ...] = ()
) -> Episode:
    """Load an episode.

    Parameters
    ----------
    name
        ``"ai"``, ``"telecom"``, the id of a boom with an investment series, or the path of a CSV file with
        the columns ``firm, period, capex, revenue`` and optionally ``operating_cash_flow, gdp`` (see
        `overbuild.sources.own`).
    as_of
        Knowledge of that day; None: everything in the data.
    data
        A data folder; None: the project's own.
    also
        Series that its snapshot is to hold beyond those of the perimeter.

    Raises
    ------
    UnknownNameError
        If nothing has that name; the message lists what there is.
    DataError
        With every fault of the user's file.
    """
    if name.lower().endswith(".csv"):
        from overbuild.episodes.own import own_book

        book = own_book(Path(name))
        return Episode("own", book, as_of or book.newest)
    book = DataBook.load(data)
    if name not in book.perimeter:
        raise UnknownNameError("episode", name, tuple(book.perimeter))
    return Episode(name, book, as_of or book.newest, also)
