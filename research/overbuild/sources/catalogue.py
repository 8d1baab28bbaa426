"""The registers of the data: catalogue (files), codebook (variables), sources, release lags; checksums."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from overbuild.core.digest import digest_file
from overbuild.errors import DataError, Fault
from overbuild.sources.reading import ROW, read_strings

CATALOGUE = ("file", "title", "source", "citation_key", "accessed", "licence", "may_be_redistributed", "sha256", "rows")
CODEBOOK = ("series", "label", "unit", "kind", "definition", "minimum", "maximum", "file")
SOURCES = ("source_id", "reference")
WIDE = {"history/booms.csv": "boom", "contracts/contracts.csv": "contract_id"}
"""Files with one row a case: the file and the column that names the case."""


@dataclass(frozen=True)
class Registers:
    """What describes the data.

    Attributes
    ----------
    folder
        The data folder.
    catalogue
        One row a file, indexed by ``file``.
    codebook
        One row a variable, indexed by ``series``; ``minimum`` and ``maximum`` are numbers (infinite where open).
    sources
        Source id to reference.
    lags
        Rule to its table in ``release_lags.toml``.
    """

    folder: Path
    catalogue: pd.DataFrame
    codebook: pd.DataFrame
    sources: Mapping[str, str]
    lags: Mapping[str, Mapping[str, Any]]

    def first_available(self, rule: str, end: date) -> date | None:
        """Return the day on which a rule makes a period known, or None where the rule is unknown."""
        return first_available(self.lags[rule], end) if rule in self.lags else None

    def checksum_faults(self, files: tuple[str, ...] | None = None) -> list[Fault]:
        """Return a fault for each catalogued file that is missing or not the one that was catalogued."""
        faults = []
        for name, entry in self.catalogue.iterrows():
            if files is not None and name not in files:
                continue
            path = self.folder / str(name)
            if not path.is_file():
                faults.append(Fault(str(name), 0, "", "is in catalogue.csv but not there"))
            elif digest_file(path) != entry["sha256"]:
                faults.append(
                    Fault(str(name), 0, "", "differs from its checksum in catalogue.csv; restore it, or run 'overbuild data check --update' if the change is meant")
                )
        return faults


def first_available(rule: Mapping[str, Any], end: date) -> date | None:
    """Return the first day of availability: ``days`` after the end, or ``month_day`` of the year ``years`` later.

    None for a rule that fixes no day (``collected``).
    """
    if "days" not in rule and "month_day" not in rule:
        return None
    if "days" in rule:
        return end + timedelta(days=int(rule["days"]))
    month, day = (int(x) for x in str(rule["month_day"]).split("-"))
    return date(end.year + int(rule["years"]), month, day)


def load_registers(folder: Path) -> Registers:
    """Read the registers of a data folder.

    Raises
    ------
    DataError
        With every fault of form of the registers.
    """
    tables, faults = {}, []
    for name, columns in (("catalogue", CATALOGUE), ("codebook", CODEBOOK), ("sources", SOURCES)):
        table, found = read_strings(folder / f"{name}.csv", f"{name}.csv", columns)
        faults += found + _repeated(table, f"{name}.csv", columns[0])
        tables[name] = table.drop(columns=ROW)
    lags_file = folder / "release_lags.toml"
    if not lags_file.is_file():
        faults.append(Fault("release_lags.toml", 0, "", "is missing"))
    codebook, found = _ranges(tables["codebook"])
    if faults or found:
        raise DataError(faults + found)
    return Registers(
        folder,
        tables["catalogue"].set_index("file"),
        codebook.set_index("series"),
        dict(zip(tables["sources"]["source_id"], tables["sources"]["reference"], strict=True)),
        tomllib.loads(lags_file.read_text(encoding="utf-8")),
    )


def update_checksums(folder: Path) -> tuple[str, ...]:
    """Write the present checksum and number of rows of every catalogued file into ``catalogue.csv``.

    Returns
    -------
    tuple of str
        The files whose entry changed.
    """
    table, faults = read_strings(folder / "catalogue.csv", "catalogue.csv", CATALOGUE)
    missing = [Fault(f, 0, "", "is in catalogue.csv but not there") for f in table["file"] if not (folder / f).is_file()]
    if faults or missing:
        raise DataError(faults + missing)
    changed = []
    for i, record in table.iterrows():
        path = folder / record["file"]
        entry = {"sha256": digest_file(path), "rows": str(max(path.read_text(encoding="utf-8").count("\n") - 1, 0))}
        if any(record[k] != v for k, v in entry.items()):
            changed.append(record["file"])
            table.loc[i, list(entry)] = list(entry.values())
    partial = folder / "catalogue.csv.partial"
    table.drop(columns=ROW).to_csv(partial, index=False, lineterminator="\n")
    partial.replace(folder / "catalogue.csv")
    return tuple(changed)


def _ranges(codebook: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    faults = []
    out = codebook.copy()
    for column, open_end in (("minimum", -np.inf), ("maximum", np.inf)):
        numbers = pd.to_numeric(codebook[column].replace("", str(open_end)), errors="coerce")
        faults += [Fault("codebook.csv", int(i) + 2, column, f"'{codebook[column][i]}' is not a number") for i in numbers.index[numbers.isna()]]
        out[column] = numbers
    return out, faults


def _repeated(table: pd.DataFrame, name: str, key: str) -> list[Fault]:
    twice = table[table[key].duplicated()]
    return [Fault(name, int(r[ROW]), key, f"'{r[key]}' appears twice") for r in twice.to_dict("records")]
