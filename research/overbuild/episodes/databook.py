"""The data book: every tidy row of the project, and the only maker of snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from overbuild.core.snapshot import Snapshot
from overbuild.episodes.perimeters import read_perimeters
from overbuild.errors import DataError, Fault, InputError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.sources.catalogue import WIDE, Registers, load_registers
from overbuild.sources.cells import DATES, GRADES, TIDY, is_date, is_number, period_fits
from overbuild.sources.reading import ROW, listed, read_strings, shown

USED_GRADES = ("A", "B", "C")
"""Grades that a snapshot holds. Grade D is kept in the files for context and used by nothing."""


@dataclass(frozen=True)
class DataBook:
    """All data of the project, or of a user's own file in the same form.

    Attributes
    ----------
    table
        Tidy rows of every file; ``value`` float, dates `datetime.date`, everything else strings.
    booms, contracts, external_forecasts
        The files with one row a case; empty frames where they were not loaded. What others forecast
        is shown beside our own and enters no snapshot.
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
    external_forecasts: pd.DataFrame = field(default_factory=pd.DataFrame)

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
            With every file that is missing, unreadable or not the one that was catalogued.
        InputError
            If there is no such folder.
        """
        root = (folder or data_dir()).resolve()
        if not root.is_dir():
            raise InputError(
                f"There is no data folder '{root}'. Name one that is laid out as the project's data/."
            )
        return _load(root, files, _state(root))

    @property
    def newest(self) -> date:
        """The day on which everything in the book was known."""
        return max(max(self.table[c].tolist()) for c in ("available_from", "vintage"))

    def at(self, as_of: date, episode: str = "ai", also: Iterable[str] = ()) -> Snapshot:
        """Return what was known of an episode on a day; ``also`` names series beyond its perimeter's.

        Of each (series, entity, period) the newest vintage published by that day is taken; where no vintage
        is that old, the oldest one, and the snapshot is called ``lagged_revised``. Rows first available later
        are not looked at in any way, so they cannot change the snapshot.

        Raises
        ------
        UnknownNameError
            If ``perimeter.toml`` knows no such episode.
        """
        from overbuild.episodes.layers import histories

        if episode not in self.perimeter:
            raise UnknownNameError("episode", episode, tuple(self.perimeter))
        perimeter = self.perimeter[episode]
        table, realtime = known_rows(self._rows_of(perimeter, also), as_of)
        booms = self.booms
        if not booms.empty:
            booms = booms.loc[booms["available_from"] <= as_of].reset_index(drop=True)
        return Snapshot(as_of, realtime, table, episode, perimeter, histories(table, perimeter, as_of), booms)

    def series(self, name: str, entity: str | None = None, as_of: date | None = None) -> pd.DataFrame:
        """Return the rows of one series as known on a day (None: the newest vintage of each period).

        Raises
        ------
        UnknownNameError
            If there is no such series or entity; the message lists what there is.
        """
        rows = self.table.loc[self.table["series"] == name]
        if rows.empty:
            raise UnknownNameError("series", name, tuple(set(self.table["series"])))
        if entity is not None:
            if entity not in set(rows["entity"]):
                raise UnknownNameError(f"entity of series {name}", entity, tuple(set(rows["entity"])))
            rows = rows.loc[rows["entity"] == entity]
        return known_rows(rows, as_of or date.max, GRADES)[0]

    def _rows_of(self, perimeter: Mapping[str, Any], also: Iterable[str]) -> pd.DataFrame:
        wanted = self.table["series"].isin(perimeter["series"])
        if "entities" in perimeter:
            wanted &= self.table["entity"].isin(perimeter["entities"])
        return self.table.loc[wanted | self.table["series"].isin(list(also))]


def known_rows(
    table: pd.DataFrame, as_of: date, grades: tuple[str, ...] = USED_GRADES
) -> tuple[pd.DataFrame, Literal["vintage", "lagged_revised"]]:
    """Return the rows known on a day, one per (series, entity, period), whether all are vintages of then."""
    known = table.loc[(table["available_from"] <= as_of) & table["grade"].isin(grades)]
    ranked = known.assign(rank=[v.toordinal() * (1 if v <= as_of else -1) for v in known["vintage"]])
    ordered = ranked.sort_values(["series", "entity", "period_end", "period", "rank"], kind="stable")
    chosen = ordered.drop_duplicates(["series", "entity", "period"], keep="last").drop(columns="rank")
    in_time = bool((chosen["vintage"] <= as_of).all())
    return chosen.reset_index(drop=True), "vintage" if in_time else "lagged_revised"


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of every file, so that a changed folder is read again."""
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".csv", ".toml"))
    return tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files)


@lru_cache(maxsize=8)
def _load(folder: Path, files: tuple[str, ...] | None, state: tuple[tuple[str, int, int], ...]) -> DataBook:
    del state
    registers = load_registers(folder)
    names = tuple(registers.catalogue.index) if files is None else files
    unknown = [f for f in names if f not in registers.catalogue.index]
    if unknown:
        raise UnknownNameError("data file", unknown[0], tuple(registers.catalogue.index))
    faults = registers.checksum_faults(names)
    tables = {}
    for name in names:
        tables[name], found = _read(registers, name)
        faults += found
    if faults:
        raise DataError(listed(faults))
    tidy = [frame.assign(file=name) for name, frame in tables.items() if name not in WIDE]
    table = pd.concat(tidy, ignore_index=True) if tidy else pd.DataFrame(columns=[*TIDY, "file"])
    booms, contracts, external = (tables.get(name, pd.DataFrame()) for name in WIDE)
    perimeter = read_perimeters(folder / "perimeter.toml")
    return DataBook(table, booms, contracts, perimeter, registers.codebook, registers.sources, external)


def _read(registers: Registers, name: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Return a file with numbers and dates as such; what is not a number, a date or a period is a fault."""
    table, faults = read_strings(registers.folder / name, name, registers.columns(name))
    for record in table.to_dict("records"):
        wrong = {c: "is not a date" for c in DATES if not is_date(record[c])}
        if name not in WIDE:
            wrong |= {} if is_number(record["value"]) else {"value": "is not a number"}
            fits = period_fits(record["period"], record["frequency"])
            wrong |= {} if fits else {"period": f"is not a period of frequency {shown(record['frequency'])}"}
        faults += [Fault(name, int(record[ROW]), c, f"'{shown(record[c])}' {p}") for c, p in wrong.items()]
    if faults:
        return table, faults
    days = {c: table[c].map(date.fromisoformat).astype(object) for c in DATES}
    numbers = {} if name in WIDE else {"value": table["value"].astype(float)}
    return table.assign(**days, **numbers).drop(columns=ROW), []
