"""Annual series put on one clock, from a mapping or from a snapshot's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.probability.runups import Array, Measure, Panel


def panel_of(
    series: Mapping[str, pd.Series], gdp: pd.Series | None = None, measure: Measure = "nominal"
) -> Panel:
    """Put annual series on one clock, in the order of their names.

    Parameters
    ----------
    series
        Name to nominal investment in USD million, indexed by year.
    gdp
        Nominal GDP indexed by year, in any unit; needed for ``measure = "share_of_gdp"``.
    measure
        What run-ups and falls are judged on.

    Raises
    ------
    InputError
        If there is no series, an index is not one of distinct whole years, a value is negative or infinite,
        or GDP is missing. Every fault is told.
    """
    if not series:
        raise InputError("No series to count run-ups in; expected at least one, indexed by year.")
    given = {**series, **({"GDP": gdp} if gdp is not None else {})}
    faults = [fault for name in sorted(given) for fault in _faults(name, given[name])]
    if measure == "share_of_gdp" and gdp is None:
        faults.append("measure = 'share_of_gdp' needs GDP; give it, or take measure = 'nominal'.")
    if faults:
        raise InputError("\n".join(faults))
    names = tuple(sorted(series))
    every_year = np.concatenate([np.asarray(series[n].index, dtype=int) for n in names])
    years = np.arange(every_year.min(), every_year.max() + 1)
    level = np.array([_on(series[n], years) for n in names])
    if measure == "nominal" or gdp is None:
        return Panel(names, years, level, level)
    size = _on(gdp, years)
    return Panel(names, years, level, level / np.where(size > 0, size, np.nan))


def series_from_table(table: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.Series]:
    """Return the annual series of the given names that a tidy table holds, indexed by year.

    Raises
    ------
    InputError
        If a year of a series appears twice, since it would not say which figure counts.
    """
    out = {}
    for name in sorted(names):
        rows = table.loc[(table["frequency"] == "A") & (table["series"] == name)]
        years = np.array([int(p) for p in rows["period"]], dtype=int)
        if years.size > np.unique(years).size:
            raise InputError(
                f"Series '{name}' has several figures for a year; expected one entity and one vintage."
            )
        if years.size:
            out[name] = pd.Series(np.asarray(rows["value"], dtype=float), index=years).sort_index()
    return out


def _on(series: pd.Series, years: NDArray[np.int_]) -> Array:
    return np.asarray(series.reindex(years), dtype=float)


def _faults(name: str, series: pd.Series) -> list[str]:
    if series.empty:
        return [f"Series '{name}' is empty; expected values indexed by year."]
    if not pd.api.types.is_integer_dtype(series.index) or series.index.has_duplicates:
        found = ", ".join(map(str, series.index[:3]))
        return [f"Series '{name}' must be indexed by distinct whole years; its index starts {found}."]
    values = np.asarray(series, dtype=float)
    bad = np.flatnonzero((values < 0) | np.isinf(values))
    return [
        f"Series '{name}' is {values[i]:g} in {series.index[i]}; expected 0 or more, finite." for i in bad[:1]
    ]
