"""A snapshot: what was known on a day, and nothing else. Models see snapshots, never dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from overbuild.core.digest import digest_of, digest_table
from overbuild.core.frozen import Frozen
from overbuild.core.paths import Paths
from overbuild.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

Realtime = Literal["vintage", "lagged_revised"]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The table of one episode as it stood on a day. Only `overbuild.episodes.DataBook.at` makes one.

    Attributes
    ----------
    as_of
        The day.
    realtime
        ``"vintage"`` when every figure is the version published by that day; ``"lagged_revised"`` when the
        periods are those known by then but at least one figure is a later revision. An exhibit that uses a
        ``lagged_revised`` snapshot says *hindcast on revised data*.
    table
        Tidy rows (one per series, entity and period). Its rows are checked: none may be available later than
        ``as_of``, none may lack the date.
    episode
        Name of the episode.
    perimeter
        Which firms and measures make up the sector, and the scales, as read from ``perimeter.toml``.
    histories
        What happened, as one-draw paths (one per frequency), built from ``table`` and ``perimeter``.
    booms
        The booms of ``history/booms.csv`` whose outcome was known by then; None where they were not loaded.
    """

    as_of: date
    realtime: Realtime
    table: pd.DataFrame
    episode: str = ""
    perimeter: Mapping[str, Any] = field(default_factory=dict)
    histories: tuple[Paths, ...] = ()
    booms: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for rows in (self.table, self.booms):
            if rows is None or rows.empty:
                continue
            available = rows["available_from"]
            if available.isna().to_numpy().any():
                raise ValueError("A row without available_from cannot enter a snapshot.")
            latest = max(available)
            if latest > self.as_of:
                raise ValueError(f"A row available from {latest} cannot enter a snapshot as of {self.as_of}.")
        if any(history.as_of > self.as_of for history in self.histories):
            raise ValueError(f"A history known later cannot enter a snapshot as of {self.as_of}.")
        object.__setattr__(self, "perimeter", Frozen(self.perimeter))
        object.__setattr__(self, "table", self.table.copy())
        if self.booms is not None:
            object.__setattr__(self, "booms", self.booms.copy())

    @cached_property
    def digest(self) -> str:
        """Digest of the day, the episode, its perimeter and every row."""
        booms = "" if self.booms is None else digest_table(self.booms)
        return digest_of(
            self.as_of, self.realtime, self.episode, self.perimeter, digest_table(self.table), booms
        )

    @property
    def label(self) -> str:
        """How an exhibit must call results that rest on this snapshot."""
        return "real-time vintage" if self.realtime == "vintage" else "hindcast on revised data"

    def has_history(self, layer: str) -> bool:
        """Return whether a history holds a layer."""
        return any(layer in paths.layers for paths in self.histories)

    def history(self, layer: str) -> Paths:
        """Return the history that holds a layer.

        Raises
        ------
        UnknownNameError
            If no history holds it; the message lists what there is.
        """
        for paths in self.histories:
            if layer in paths.layers:
                return paths
        raise UnknownNameError("layer", layer, [name for p in self.histories for name in p.layers])
