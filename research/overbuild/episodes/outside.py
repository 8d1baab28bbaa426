"""The long series of the outside view, by name, from the data book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.episodes.databook import DataBook


def outside_series(book: DataBook, section: Mapping[str, Any]) -> tuple[dict[str, pd.Series], pd.Series]:
    """Return the annual series that a section of ``definitions.toml`` names, and GDP, each indexed by year.

    Parameters
    ----------
    book
        The data.
    section
        With ``series`` (list) and ``gdp_series``.

    Raises
    ------
    UnknownNameError
        If the data have no such series.
    """
    return {name: _annual(book, name) for name in section["series"]}, _annual(book, section["gdp_series"])


def _annual(book: DataBook, name: str) -> pd.Series:
    rows = book.series(name)
    return pd.Series(
        rows["value"].to_numpy(), index=rows["period"].astype(int).to_numpy(), name=name
    ).sort_index()
