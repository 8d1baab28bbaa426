"""The user's own boom, in the form of a data book."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from overbuild.core.periods import frequency_of
from overbuild.episodes.databook import DataBook
from overbuild.sources.own import read_own


def own_book(path: Path) -> DataBook:
    """Return the data book of a user's file; its only episode is called ``own``.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    table, currency = read_own(path)
    firms = sorted(table.loc[table["series"] == "capex_cash", "entity"].unique())
    frequency = frequency_of(str(table["period"].iloc[0]))
    unit = f"{currency} million"

    def recipe(name: str, series: str, entities: list[str], meaning: str) -> dict[str, object]:
        return {"name": name, "unit": unit, "frequency": frequency, "series": [series], "entities": entities, "meaning": meaning}

    layers = [
        recipe("capex", "capex_cash", firms, f"Capital expenditure of {len(firms)} firms in {path.name}"),
        recipe("revenue", "revenue", firms, "Revenue of the same firms"),
        recipe("operating_cash_flow", "operating_cash_flow", firms, "Operating cash flow of the same firms"),
        recipe("gdp", "gdp", ["economy"], "GDP as given in the file"),
    ]
    perimeter = {
        "title": path.stem,
        "caveat": "",
        "currency": currency,
        "series": sorted(table["series"].unique()),
        "firms": dict.fromkeys(firms, "capex_cash"),
        "layers": layers,
        "perimeters": {
            "all_firms": {
                "layer": "capex",
                "revenue": "revenue",
                "operating_cash_flow": "operating_cash_flow",
                "firms": firms,
            }
        },
    }
    empty = pd.DataFrame()
    return DataBook(table, empty, empty, {"own": perimeter}, empty, {path.name: str(path.name)})
