"""The registers of the data: catalogue (files), codebook (variables), sources, release lags; checksums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from overbuild.core.digest import digest_file
from overbuild.core.saving import save_text
from overbuild.errors import DataError, Fault
from overbuild.sources.cells import PROVENANCE, TIDY, is_number
from overbuild.sources.reading import ROW, listed, read_strings, read_toml, shown

CATALOGUE = (
    "file",
    "title",
    "source",
    "citation_key",
    "accessed",
    "licence",
    "may_be_redistributed",
    "sha256",
    "rows",
)
CODEBOOK = ("series", "label", "unit", "kind", "definition", "minimum", "maximum", "file")
SOURCES = ("source_id", "reference")
LAGS = "release_lags.toml"
WIDE = {
    "history/booms.csv": "boom",
    "contracts/contracts.csv": "contract_id",
    "markets/external_forecasts.csv": "forecast_id",
}
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
        One row a variable, indexed by ``series``; ``minimum`` and ``maximum`` are numbers, infinite if open.
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

    @property
    def usable(self) -> bool:
        """Whether there is enough of each register to check a data file against it."""
        return all(len(x) for x in (self.catalogue, self.codebook, self.sources, self.lags))

    def columns(self, name: str) -> tuple[str, ...]:
        """Return the columns of a data file: those of any tidy file, or those in the codebook."""
        if name not in WIDE:
            return TIDY
        described = self.codebook.loc[self.codebook["file"] == name].index
        return tuple(dict.fromkeys((WIDE[name], *map(str, described), *PROVENANCE)))

    def first_available(self, rule: str, end: date) -> date | None:
        """Return the day on which a rule makes a period known, or None where the rule is unknown."""
        return first_available(self.lags[rule], end) if rule in self.lags else None

    def checksum_faults(self, files: tuple[str, ...] | None = None) -> list[Fault]:
        """Return a fault for each catalogued file that is there but is not the one that was catalogued."""
        faults = []
        for name, expected in self.catalogue["sha256"].items():
            path = self.folder / str(name)
            if (files is None or name in files) and path.is_file() and digest_file(path) != expected:
                problem = (
                    "differs from its checksum in catalogue.csv; restore it, or run "
                    "'overbuild data check --update' if the change is meant"
                )
                faults.append(Fault(str(name), 0, "", problem))
        return faults


def first_available(rule: Mapping[str, Any], end: date) -> date | None:
    """Return the first day of availability: ``days`` after the end, or ``month_day`` some ``years`` later.

    None for a rule that fixes no day (``collected``).
    """
    if "days" in rule:
        return end + timedelta(days=int(rule["days"]))
    if "month_day" in rule:
        return date.fromisoformat(f"{end.year + int(rule['years'])}-{rule['month_day']}")
    return None


def load_registers(folder: Path) -> Registers:
    """Read the registers of a data folder.

    Raises
    ------
    DataError
        With every fault of the registers.
    """
    registers, faults = read_registers(folder)
    if faults:
        raise DataError(listed(faults))
    return registers


def read_registers(folder: Path) -> tuple[Registers, list[Fault]]:
    """Read the registers of a data folder as far as they can be read, with every fault."""
    catalogue, faults = _register(folder, "catalogue.csv", CATALOGUE)
    inside = catalogue["file"].map(_inside)
    faults += [
        Fault(
            "catalogue.csv", int(row), "file", f"'{shown(file)}' is not the path of a CSV file in this folder"
        )
        for row, file in catalogue.loc[~inside.astype(bool), [ROW, "file"]].itertuples(index=False)
    ]
    codebook, found = _register(folder, "codebook.csv", CODEBOOK)
    codebook, unordered = _ranges(codebook)
    sources, unsourced = _register(folder, "sources.csv", SOURCES)
    lags, misruled = _lags(folder)
    registers = Registers(
        folder,
        catalogue[inside.astype(bool)].drop(columns=ROW).set_index("file"),
        codebook.drop(columns=ROW).set_index("series"),
        dict(zip(sources["source_id"], sources["reference"], strict=True)),
        lags,
    )
    return registers, [*faults, *found, *unordered, *unsourced, *misruled]


def update_checksums(folder: Path) -> tuple[str, ...]:
    """Write the present checksum and number of rows of every catalogued file into ``catalogue.csv``.

    Returns
    -------
    tuple of str
        The files whose entry changed.
    """
    registers = load_registers(folder)
    table = registers.catalogue.reset_index()
    changed = []
    records = table.to_dict("records")
    for record in records:
        path = folder / record["file"]
        if not path.is_file():
            raise DataError([Fault(record["file"], 0, "", "is missing")])
        rows = sum(1 for line in path.read_bytes().splitlines() if line.strip()) - 1
        entry = {"sha256": digest_file(path), "rows": str(rows)}
        if any(record[k] != v for k, v in entry.items()):
            changed.append(record["file"])
            record.update(entry)
    if changed:
        text = pd.DataFrame(records, columns=pd.Index(CATALOGUE)).to_csv(index=False, lineterminator="\n")
        save_text(folder / "catalogue.csv", text)
    return tuple(changed)


def _register(folder: Path, name: str, columns: tuple[str, ...]) -> tuple[pd.DataFrame, list[Fault]]:
    table, faults = read_strings(folder / name, name, columns)
    twice = table[columns[0]].duplicated()
    for row, key in table.loc[twice, [ROW, columns[0]]].itertuples(index=False):
        faults.append(Fault(name, int(row), columns[0], f"'{shown(key)}' appears twice"))
    return table.loc[~twice].reset_index(drop=True), faults


def _inside(file: str) -> bool:
    path = PurePosixPath(file)
    return path.suffix == ".csv" and not path.is_absolute() and ".." not in path.parts and "\\" not in file


def _ranges(codebook: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    faults = []
    out = codebook.copy()
    for column, open_end in (("minimum", -np.inf), ("maximum", np.inf)):
        given = list(codebook[column])
        out[column] = [float(text) if is_number(text) else open_end for text in given]
        problem = "is not a number; leave it empty for no bound"
        faults += [
            Fault("codebook.csv", int(row), column, f"'{shown(text)}' {problem}")
            for row, text in zip(codebook[ROW], given, strict=True)
            if text and not is_number(text)
        ]
    return out, faults


def _lags(folder: Path) -> tuple[dict[str, Mapping[str, Any]], list[Fault]]:
    content, faults = read_toml(folder / LAGS, LAGS)
    lags = {}
    for name, rule in content.items():
        try:
            first_available(rule, date(2000, 12, 31))
            lags[name] = rule
        except (TypeError, ValueError, KeyError):
            problem = "is not a rule; expected days = 45, or years = 1 and month_day = '10-31'"
            faults.append(Fault(LAGS, 0, shown(name), problem))
    return lags, faults
