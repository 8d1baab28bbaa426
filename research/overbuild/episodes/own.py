"""The user's own boom, in the form of a data book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.core.periods import frequency_of
from overbuild.episodes.databook import DataBook
from overbuild.sources.own import ECONOMY, read_own

OWN = "own"
"""Name of the only episode of such a book."""


def own_book(path: Path) -> DataBook:
    """Return the data book of a user's file; its only episode is called ``own``.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    table, currency = read_own(path)
    firms = sorted(table.loc[table["series"] == "capex_cash", "entity"].unique())
    common = {"unit": f"{currency} million", "frequency": frequency_of(str(table["period"].iloc[0]))}
    of = f"{len(firms)} firms in {path.name}"
    layers = [
        _recipe("capex", "capex_cash", firms, f"Capital expenditure of {of}") | common,
        _recipe("revenue", "revenue", firms, f"Revenue of {of}") | common,
        _recipe("operating_cash_flow", "operating_cash_flow", firms, f"Operating cash flow of {of}") | common,
        _recipe("gdp", "gdp", [ECONOMY], "GDP as given in the file") | common,
    ]
    all_firms = {"layer": "capex", "revenue": "revenue", "operating_cash_flow": "operating_cash_flow"}
    perimeter = {
        "title": path.stem,
        "caveat": f"figures as given in {path.name}",
        "series": sorted(table["series"].unique()),
        "firms": dict.fromkeys(firms, "capex_cash"),
        "layers": layers,
        "perimeters": {"all_firms": all_firms},
    }
    empty = pd.DataFrame()
    return DataBook(table, empty, empty, {OWN: perimeter}, empty, {path.name: str(path)})


def beside(book: DataBook, other: DataBook, series: Iterable[str]) -> DataBook:
    """Return a user's book with the rows of some series of another, for models that learn from those too."""
    rows = other.table.loc[other.table["series"].isin(list(series))]
    return replace(book, table=pd.concat([book.table, rows], ignore_index=True)) if len(rows) else book


def _recipe(name: str, series: str, entities: list[str], meaning: str) -> dict[str, Any]:
    return {"name": name, "series": [series], "entities": entities, "meaning": meaning}
