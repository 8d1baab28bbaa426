"""Every check of the data in one pass: form, schema, registers, accounting identities."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from overbuild.errors import Fault
from overbuild.sources.catalogue import WIDE, Registers, read_registers
from overbuild.sources.cells import PROVENANCE, is_date, is_number
from overbuild.sources.gaps import gap_faults
from overbuild.sources.identities import check_promotions
from overbuild.sources.national_accounts import check_national_accounts
from overbuild.sources.reading import ROW, listed, read_strings, read_toml, shown
from overbuild.sources.schema import (
    availability_faults,
    key_faults,
    provenance_columns,
    range_problem,
    schema_faults,
    tidy_faults,
    tidy_schema,
)

PERIMETER = "perimeter.toml"
PLACE = ("", "series", "entity", "frequency", "period")
"""Columns without which a row is nowhere; a fault of the whole row has none."""


@dataclass(frozen=True)
class DataReport:
    """What the check found: the files with their number of rows, and every fault."""

    files: dict[str, int]
    faults: tuple[Fault, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild data check --json`` prints them."""
        return {
            "files": [{"file": name, "rows": rows} for name, rows in self.files.items()],
            "faults": [
                {"file": f.file, "row": f.row, "column": f.column, "problem": f.problem} for f in self.faults
            ],
        }


def check_data(folder: Path, *, checksums: bool = True) -> DataReport:
    """Check a data folder and return every fault of every file.

    Parameters
    ----------
    folder
        A folder laid out as ``data/``.
    checksums
        Whether each file must be the one that was catalogued.

    Returns
    -------
    DataReport
        Never raises for a fault in the data: they are all in the report. Where a register is beyond use only
        the registers are judged.
    """
    registers, faults = read_registers(folder)
    faults += read_toml(folder / PERIMETER, PERIMETER)[1]
    if not registers.usable:
        return DataReport({}, listed(faults))
    faults += registers.checksum_faults() if checksums else []
    faults += _uncatalogued(registers)
    rows: dict[str, int] = {}
    tidy: list[pd.DataFrame] = []
    for name, entry in registers.catalogue.to_dict("index").items():
        check = _check_wide if name in WIDE else _check_tidy
        table, found = check(folder / str(name), str(name), registers)
        rows[str(name)] = len(table)
        if checksums and not found and entry["rows"] != str(len(table)):
            problem = f"catalogue.csv says '{shown(entry['rows'])}' rows and it has {len(table)}"
            found.append(Fault(str(name), 0, "", problem))
        if name not in WIDE:
            tidy.append(table.assign(file=name))
        faults += found
    if tidy:
        together = pd.concat(tidy, ignore_index=True)
        unsure = {f.file for f in faults if f.row and f.column in PLACE}
        faults += [*key_faults(together), *gap_faults(together, folder, unsure)]
        faults += [*_identities(together), *_unused(registers, together)]
    return DataReport(rows, listed(faults))


def _check_tidy(path: Path, name: str, registers: Registers) -> tuple[pd.DataFrame, list[Fault]]:
    table, faults = read_strings(path, name, registers.columns(name))
    faults += schema_faults(table, tidy_schema(tuple(registers.lags), frozenset(registers.sources)), name)
    faults += tidy_faults(table, registers.codebook, registers.first_available, name)
    return table, faults


def _check_wide(path: Path, name: str, registers: Registers) -> tuple[pd.DataFrame, list[Fault]]:
    key = WIDE[name]
    described = registers.codebook.to_dict("index")
    columns = [c for c in registers.columns(name) if c not in (key, *PROVENANCE)]
    table, faults = read_strings(path, name, registers.columns(name))
    schema = pa.DataFrameSchema(provenance_columns(tuple(registers.lags), frozenset(registers.sources)))
    faults += schema_faults(table, schema, name)
    for record in table.to_dict("records"):
        row = int(record[ROW])
        problems = ((c, _cell_problem(record[c], described[c])) for c in columns)
        faults += [Fault(name, row, c, problem) for c, problem in problems if problem]
        faults += [Fault(name, row, c, p) for c, p in availability_faults(record, registers.first_available)]
    for row, case in table.loc[table[key].duplicated(), [ROW, key]].itertuples(index=False):
        faults.append(Fault(name, int(row), key, f"'{shown(case)}' appears twice"))
    return table, faults


def _cell_problem(text: str, entry: dict[Any, Any]) -> str:
    if text == "" or entry["unit"] == "text":
        return ""
    if entry["unit"] == "date":
        return "" if is_date(text) else f"'{shown(text)}' is not a date in ISO form (2024-06-30)"
    return range_problem(text, entry) if is_number(text) else f"'{shown(text)}' is not a number"


def _uncatalogued(registers: Registers) -> list[Fault]:
    there = {p.relative_to(registers.folder).as_posix() for p in registers.folder.glob("*/**/*.csv")}
    return [
        Fault(name, 0, "", "is not in catalogue.csv") for name in sorted(there - {*registers.catalogue.index})
    ]


def _unused(registers: Registers, tidy: pd.DataFrame) -> list[Fault]:
    """Return the variables whose file was read and does not hold them."""
    read, used = {*tidy["file"]}, {*tidy["series"]}
    described = registers.codebook["file"]
    unused = [s for s, file in described.items() if s not in used and file in read]
    elsewhere = [s for s, file in described.items() if file not in registers.catalogue.index]
    return [
        *(Fault("codebook.csv", 0, "series", f"'{shown(str(s))}' is in no data file") for s in unused),
        *(
            Fault("codebook.csv", 0, "file", f"of '{shown(str(s))}' is not in catalogue.csv")
            for s in elsewhere
        ),
    ]


def _identities(tidy: pd.DataFrame) -> list[Fault]:
    usable = tidy["value"].map(is_number) & tidy["period_end"].map(is_date) & tidy["vintage"].map(is_date)
    table = tidy.loc[usable]
    table = table.assign(value=[float(v) for v in table["value"]])
    return [*check_promotions(table), *check_national_accounts(table)]
