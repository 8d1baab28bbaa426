"""The data book: every tidy row of the project, and the only maker of snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from overbuild.core.snapshot import Snapshot
from overbuild.episodes.perimeters import read_perimeters
from overbuild.errors import DataError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.sources.catalogue import WIDE, load_registers

DATES = ("period_end", "available_from", "vintage")
USED_GRADES = ("A", "B", "C")
"""Grades that a snapshot holds. Grade D is kept in the files for context and used by nothing."""


@dataclass(frozen=True)
class DataBook:
    """All data of the project, or of a user's own file in the same form.

    Attributes
    ----------
    table
        Tidy rows of every file; ``value`` float, dates `datetime.date`, everything else strings.
    booms, contracts
        The two files with one row a case; empty frames where they were not loaded.
    perimeter
        Content of ``perimeter.toml``.
    codebook
        One row a variable, indexed by series.
    sources
        Source id to reference.
    """

    table: pd.DataFrame
    booms: pd.DataFrame
    contracts: pd.DataFrame
    perimeter: Mapping[str, Any]
    codebook: pd.DataFrame
    sources: Mapping[str, str]

    @staticmethod
    def load(folder: Path | None = None, files: tuple[str, ...] | None = None) -> DataBook:
        """Read the data after comparing each file with its checksum.

        Parameters
        ----------
        folder
            A data folder; None: the project's own.
        files
            Files to read, as named in the catalogue; None: all.

        Raises
        ------
        DataError
            With every file that is missing or not the one that was catalogued.
        """
        return _load((folder or data_dir()).resolve(), files)

    @property
    def newest(self) -> date:
        """The day on which everything in the book was known."""
        return max(self.table["available_from"].max(), self.table["vintage"].max())

    def at(self, as_of: date, episode: str = "ai") -> Snapshot:
        """Return what was known of an episode on a day.

        Of each (series, entity, period) the newest vintage published by that day is taken; where no vintage is
        that old, the oldest one, and the snapshot is called ``lagged_revised``. Rows first available later are
        not looked at in any way, so they cannot change the snapshot.

        Raises
        ------
        UnknownNameError
            If ``perimeter.toml`` knows no such episode.
        """
        from overbuild.episodes.layers import histories

        if episode not in self.perimeter:
            raise UnknownNameError("episode", episode, tuple(self.perimeter))
        perimeter = self.perimeter[episode]
        table, realtime = known_rows(self._rows_of(perimeter), as_of)
        booms = self.booms
        if not booms.empty:
            booms = booms[booms["available_from"] <= as_of].reset_index(drop=True)
        return Snapshot(as_of, realtime, table, episode, perimeter, histories(table, perimeter, as_of), booms)

    def series(self, name: str, entity: str | None = None, as_of: date | None = None) -> pd.DataFrame:
        """Return the rows of one series as known on a day (None: the newest vintage of each period).

        Raises
        ------
        UnknownNameError
            If there is no such series or entity; the message lists what there is.
        """
        rows = self.table[self.table["series"] == name]
        if rows.empty:
            raise UnknownNameError("series", name, tuple(self.table["series"].unique()))
        if entity is not None:
            if entity not in set(rows["entity"]):
                raise UnknownNameError(f"entity of series {name}", entity, tuple(rows["entity"].unique()))
            rows = rows[rows["entity"] == entity]
        return known_rows(rows, as_of or date.max, USED_GRADES + ("D",))[0]

    def _rows_of(self, perimeter: Mapping[str, Any]) -> pd.DataFrame:
        wanted = self.table["series"].isin(perimeter["series"])
        if "entities" in perimeter:
            wanted &= self.table["entity"].isin(perimeter["entities"])
        return self.table[wanted]


def known_rows(
    table: pd.DataFrame, as_of: date, grades: tuple[str, ...] = USED_GRADES
) -> tuple[pd.DataFrame, Literal["vintage", "lagged_revised"]]:
    """Return the rows known on a day, one per (series, entity, period), and whether all are vintages of the time."""
    known = table[(table["available_from"] <= as_of) & table["grade"].isin(grades)]
    in_time = (known["vintage"] <= as_of).to_numpy()
    age = pd.to_datetime(known["vintage"]).map(pd.Timestamp.toordinal).to_numpy()
    preference = pd.Series(age, index=known.index).where(in_time, -age.astype(float) - 1e7)
    order = known.assign(_preference=preference.astype(float)).sort_values(
        ["series", "entity", "period_end", "period", "_preference"], kind="stable"
    )
    chosen = order.drop_duplicates(["series", "entity", "period"], keep="last").drop(columns="_preference")
    realtime: Literal["vintage", "lagged_revised"] = "vintage" if (chosen["vintage"] <= as_of).all() else "lagged_revised"
    return chosen.reset_index(drop=True), realtime


@cache
def _load(folder: Path, files: tuple[str, ...] | None) -> DataBook:
    registers = load_registers(folder)
    names = tuple(registers.catalogue.index) if files is None else files
    unknown = [f for f in names if f not in registers.catalogue.index]
    if unknown:
        raise UnknownNameError("data file", unknown[0], tuple(registers.catalogue.index))
    faults = registers.checksum_faults(names)
    if faults:
        raise DataError(faults)
    tidy = [_read(folder / name).assign(file=name) for name in names if name not in WIDE]
    wide = {name: _read(folder / name) for name in names if name in WIDE}
    table = pd.concat(tidy, ignore_index=True) if tidy else pd.DataFrame(columns=["series", "entity", *DATES])
    booms, contracts = (wide.get(name, pd.DataFrame()) for name in WIDE)
    perimeter = read_perimeters(folder / "perimeter.toml")
    return DataBook(table, booms, contracts, perimeter, registers.codebook, registers.sources)


def _read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    for column in (c for c in DATES if c in frame):
        days = {text: date.fromisoformat(text) for text in frame[column].unique()}
        frame[column] = frame[column].map(days).astype(object)
    if "value" in frame and "series" in frame:
        frame["value"] = frame["value"].astype(float)
    return frame
