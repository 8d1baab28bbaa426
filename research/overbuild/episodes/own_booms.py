"""A user's own list of past booms, and of booms to predict: CSV files with cells that may be empty."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.errors import DataError, Fault, InputError
from overbuild.sources.cells import is_number
from overbuild.sources.reading import MISSING, ROW, listed, read_strings, shown

OUTCOMES = ("yes", "partly", "no", "open")
ALLOWED = {
    "overbuilt": OUTCOMES,
    "alternative": ("yes", "partly", "no", ""),
    "certainty": ("high", "medium", "low", ""),
    "debt_financed": ("yes", "no", "unknown", ""),
}
"""Column to what its cells may hold."""
OPTIONAL = ("cluster", "asset_life_years", "debt_financed", "certainty", "alternative")
TO_PREDICT = ("cluster", "asset_life_years", "debt_financed")
NAMED, LISTED = "episode", "boom"
"""How a user's list calls the column of names, and how the project's own does."""
OF_THE_LIST = (
    *("country", "sector", "cluster_note", "start_year", "peak_year", "trough_year"),
    *("peak_investment_percent_of_gdp", "percent_of_gdp_definition", "fall_percent", "fall_measure"),
    *("utilisation_before", "utilisation_after", "utilisation_note", "investor_outcome", "asset_life_note"),
    *("financing", "evidence", "classified_by", "sources_count", "period_end", "status", "grade"),
    *("available_from", "available_rule", "vintage", "source_id", "note"),
)
"""Columns that ``history/booms.csv`` has beside those that are read here; accepted and not looked at."""
LONGEST = 500.0
"""Years beyond which an asset life is taken for a slip."""


def read_booms(path: Path) -> pd.DataFrame:
    """Read a list of past booms.

    Parameters
    ----------
    path
        CSV with ``episode, overbuilt`` (yes, partly, no or open) and optionally ``cluster, asset_life_years,
        debt_financed`` (yes, no), ``certainty`` (high, medium, low) and ``alternative`` (another reader's
        yes, partly or no). Cells of optional columns may be empty. A list in the form of the project's own,
        ``history/booms.csv``, calls the first column ``boom``; its other columns are not looked at.

    Returns
    -------
    pandas.DataFrame
        Strings, with ``episode`` called ``boom`` and every optional column.

    Raises
    ------
    InputError
        If there is no such file.
    DataError
        With every fault that was found.
    """
    return _read(path, ("episode", "overbuilt"), OPTIONAL)


def read_predicted(path: Path) -> pd.DataFrame:
    """Read a list of booms to predict: as `read_booms`, without outcomes and what comes with them.

    Columns of a list of past booms are accepted and not looked at, so that one file may serve both.
    """
    ignored = ("overbuilt", "certainty", "alternative")
    return _read(path, ("episode",), (*TO_PREDICT, *ignored)).drop(columns=list(ignored))


def _read(path: Path, required: tuple[str, ...], optional: tuple[str, ...]) -> pd.DataFrame:
    name, column = path.name, _name_column(path)
    needed = tuple(column if c == NAMED else c for c in required)
    beside = OF_THE_LIST if column == LISTED else ()
    table, faults = read_strings(path, name, needed, (*optional, *beside))
    if any(f.problem == MISSING for f in faults):
        raise InputError(f"There is no file '{path}'.")
    if not table.empty:
        faults += [*_cell_faults(table, name, required, column), *_repeated(table, name, column)]
    if faults:
        raise DataError(listed(faults))
    absent = [c for c in optional if c not in table]
    kept = table.drop(columns=[c for c in beside if c in table])
    return kept.assign(**dict.fromkeys(absent, "")).rename(columns={column: LISTED})


def _name_column(path: Path) -> str:
    """Return how a file calls the column of names; the user's way where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = [c.strip() for c in next(csv.reader(lines), [])]
    except (OSError, ValueError, csv.Error):
        return NAMED
    return LISTED if LISTED in header and NAMED not in header else NAMED


def _cell_faults(table: pd.DataFrame, name: str, required: tuple[str, ...], named: str) -> Iterator[Fault]:
    checked = {c: v for c, v in ALLOWED.items() if c in table and (c != "overbuilt" or c in required)}
    for record in table.to_dict("records"):
        row = int(record[ROW])
        if not record[named]:
            yield Fault(name, row, named, "is empty; expected a name")
        for column, values in checked.items():
            if problem := _choice_problem(record[column], values):
                yield Fault(name, row, column, problem)
        if problem := _life_problem(record):
            yield Fault(name, row, "asset_life_years", problem)


def _choice_problem(text: str, values: tuple[str, ...]) -> str:
    if text in values:
        return ""
    expected = ", ".join(v or "an empty cell" for v in values)
    return f"is empty; expected {expected}" if not text else f"'{shown(text)}' is not one of: {expected}"


def _life_problem(record: dict[Any, Any]) -> str:
    text = record.get("asset_life_years", "")
    if not text:
        return ""
    if not is_number(text):
        return f"'{shown(text)}' is not a number of years; leave the cell empty where it is not known"
    if not 0.0 < float(text) <= LONGEST:
        return f"{shown(text)} cannot be a life; expected years above 0 and at most {LONGEST:g}"
    return ""


def _repeated(table: pd.DataFrame, name: str, column: str) -> Iterator[Fault]:
    again = table.duplicated(column) & (table[column] != "")
    for row, boom in table.loc[again, [ROW, column]].itertuples(index=False):
        yield Fault(name, int(row), column, f"'{shown(str(boom))}' appears twice")
