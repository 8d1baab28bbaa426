"""Every check of the data in one pass: form, schema, registers, accounting identities."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.errors import DataError, Fault
from overbuild.sources.catalogue import WIDE, Registers, load_registers
from overbuild.sources.identities import check_promotions
from overbuild.sources.national_accounts import check_national_accounts
from overbuild.sources.reading import ROW, read_strings
from overbuild.sources.schema import TIDY, is_date, is_number, provenance_columns, schema_faults, tidy_faults, tidy_schema

REGISTERS = ("catalogue.csv", "codebook.csv", "sources.csv")
FOLDERS = ("hyperscalers", "telecom", "macro", "markets", "history", "contracts")


@dataclass(frozen=True)
class DataReport:
    """What the check found: the files with their number of rows, and every fault."""

    files: dict[str, int]
    faults: tuple[Fault, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild data check --json`` prints them."""
        return {
            "files": [{"file": name, "rows": rows} for name, rows in self.files.items()],
            "faults": [{"file": f.file, "row": f.row, "column": f.column, "problem": f.problem} for f in self.faults],
        }


def check_data(folder: Path) -> DataReport:
    """Check a data folder and return every fault of every file.

    Parameters
    ----------
    folder
        A folder laid out as ``data/``.

    Returns
    -------
    DataReport
        Never raises for a fault in the data: they are all in the report.
    """
    try:
        registers = load_registers(folder)
    except DataError as error:
        return DataReport({}, error.faults)
    faults = registers.checksum_faults()
    faults += _uncatalogued(registers)
    rows: dict[str, int] = {}
    tidy: list[pd.DataFrame] = []
    for name in registers.catalogue.index:
        path = folder / name
        if not path.is_file():
            continue
        table, found = _check_wide(path, name, registers) if name in WIDE else _check_tidy(path, name, registers)
        faults += found
        rows[name] = len(table)
        if name not in WIDE:
            tidy.append(table)
    if tidy:
        faults += _identities(pd.concat(tidy, ignore_index=True))
    faults += _registers_agree(registers, tidy)
    return DataReport(rows, tuple(sorted(set(faults))))


def _check_tidy(path: Path, name: str, registers: Registers) -> tuple[pd.DataFrame, list[Fault]]:
    table, faults = read_strings(path, name, TIDY)
    schema = tidy_schema(tuple(registers.lags), tuple(registers.sources))
    faults += schema_faults(table, schema, name)
    faults += tidy_faults(table, registers.codebook, registers.first_available, name)
    return table.assign(file=name), faults


def _check_wide(path: Path, name: str, registers: Registers) -> tuple[pd.DataFrame, list[Fault]]:
    described = tuple(registers.codebook.index[registers.codebook["file"] == name])
    provenance = tuple(provenance_columns((), ()))
    columns = tuple(dict.fromkeys((WIDE[name], *_header(path), *described, *provenance)))
    table, faults = read_strings(path, name, columns)
    if table.empty:
        return table, faults
    faults += [Fault(name, 1, c, "is not in codebook.csv") for c in _header(path) if c not in {*described, *provenance}]
    import pandera.pandas as pa

    schema = pa.DataFrameSchema(provenance_columns(tuple(registers.lags), tuple(registers.sources)))
    faults += schema_faults(table, schema, name)
    for column in (c for c in described if c in table):
        faults += _wide_column(table, column, registers.codebook.loc[column].to_dict(), name)
    twice = table[table[WIDE[name]].duplicated()]
    faults += [Fault(name, int(r[ROW]), WIDE[name], f"'{r[WIDE[name]]}' appears twice") for r in twice.to_dict("records")]
    return table, faults


def _wide_column(table: pd.DataFrame, column: str, entry: dict[Any, Any], name: str) -> list[Fault]:
    if entry["unit"] in ("text", "date"):
        test: Callable[[str], bool] = is_date if entry["unit"] == "date" else lambda _: True
        bad = [(r, v, "is not a date in ISO form") for r, v in zip(table[ROW], table[column], strict=True) if v and not test(v)]
    else:
        bad = []
        for r, v in zip(table[ROW], table[column], strict=True):
            if v and not is_number(v):
                bad.append((r, v, "is not a number"))
            elif v and not entry["minimum"] <= float(v) <= entry["maximum"]:
                bad.append((r, v, f"is outside {entry['minimum']:g} to {entry['maximum']:g}"))
    return [Fault(name, int(r), column, f"'{v}' {problem}") for r, v, problem in bad]


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        return tuple(c.strip().lstrip("\ufeff") for c in next(csv.reader(lines), []))


def _uncatalogued(registers: Registers) -> list[Fault]:
    there = {p.relative_to(registers.folder).as_posix() for f in FOLDERS for p in (registers.folder / f).glob("**/*.csv")}
    return [Fault(name, 0, "", "is not in catalogue.csv") for name in sorted(there - set(registers.catalogue.index))]


def _registers_agree(registers: Registers, tidy: list[pd.DataFrame]) -> list[Fault]:
    used = set(pd.concat([t["series"] for t in tidy])) if tidy else set()
    wide = registers.codebook["file"].isin(list(WIDE))
    unused = [s for s in registers.codebook.index[~wide] if s not in used]
    return [Fault("codebook.csv", 0, "series", f"'{s}' is in no data file") for s in unused]


def _identities(tidy: pd.DataFrame) -> list[Fault]:
    usable = tidy["value"].map(is_number) & tidy["period_end"].map(is_date) & tidy["vintage"].map(is_date)
    table = tidy[usable].copy()
    table["value"] = table["value"].astype(float)
    return [*check_promotions(table), *check_national_accounts(table)]
