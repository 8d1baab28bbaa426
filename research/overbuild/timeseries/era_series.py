"""The series of an era that the time-series answers look at, the same names for both eras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.core.snapshot import Snapshot
from overbuild.episodes.layers import layer_of, recipe_rows
from overbuild.errors import InputError, UnknownNameError
from overbuild.timeseries.observed import Observed, vintages_of, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST = {"ai": "2018Q1"}
"""First quarter in which every member of the perimeter is known: Amazon's 2017Q4 was never reported gross."""
US = "United States"
GDP_MONEY = "USD million"


def known_series(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the names that `era_series` can fill for an era."""
    return tuple(name for name in SERIES if _possible(snapshot, name))


def era_series(snapshot: Snapshot, name: str) -> Observed:
    """Return one series of an era.

    Parameters
    ----------
    snapshot
        What was known.
    name
        ``capex`` and ``operating_cash_flow`` (the main perimeter), ``supplier_orders`` (new orders of
        communications equipment), ``information_processing`` (all private investment in it), or a fraction:
        ``capex_to_revenue``, ``capex_to_gdp``, ``orders_to_gdp``, ``information_processing_to_gdp``.

    Raises
    ------
    UnknownNameError
        If there is no such series; the message lists what there is.
    InputError
        If the era does not hold it, it has a gap, or it mixes vintages.
    """
    if name not in SERIES:
        raise UnknownNameError("series", name, tuple(SERIES))
    if not _possible(snapshot, name):
        available = ", ".join(known_series(snapshot)) or "none"
        raise InputError(
            f"The era '{snapshot.episode}' does not hold what '{name}' is made of. It holds: {available}."
        )
    return SERIES[name][1](snapshot)


def macro_series(snapshot: Snapshot, series: str, entity: str = US, frequency: str = "Q") -> Observed:
    """Return one series of the tidy rows as it is.

    Raises
    ------
    InputError
        If no row of it is known, it has a gap, or it mixes vintages.
    """
    rows = snapshot.table.loc[
        (snapshot.table["series"] == series)
        & (snapshot.table["entity"] == entity)
        & (snapshot.table["frequency"] == frequency)
    ]
    if rows.empty:
        raise InputError(
            f"Nothing of {series} ({entity}) was known on {snapshot.as_of}; give a later --as-of "
            "or add it to "
            "the era's series in model_series.toml."
        )
    values = pd.Series(rows["value"].to_numpy(dtype=float), index=rows["period"].to_numpy())
    return whole(
        series, series, str(rows["unit"].iloc[0]), values, str(max(rows["grade"])), vintages_of(rows, series)
    )


def _layer(snapshot: Snapshot, name: str) -> Observed:
    recipe = _recipe(snapshot, name)
    layer = layer_of(snapshot.table, recipe)
    if layer is None:
        raise InputError(f"Nothing of {name} was known on {snapshot.as_of}; give a later --as-of.")
    rows = recipe_rows(snapshot.table, recipe)
    first = FIRST.get(snapshot.episode, "") if layer.frequency == "Q" else ""
    return whole(name, layer.meaning, layer.unit, layer.values, layer.grade, vintages_of(rows, name), first)


def _over(top: Observed, bottom: Observed, name: str, rate: float) -> Observed:
    """Return one flow over another on the periods that both know; ``rate`` puts the first at annual rates."""
    common = [p for p in top.periods if p in set(bottom.periods)]
    if not common:
        raise InputError(f"{top.name} and {bottom.name} have no period in common; give a later --as-of.")
    a = dict(zip(top.periods, top.values, strict=True))
    b = dict(zip(bottom.periods, bottom.values, strict=True))
    days = (*top.vintages, *bottom.vintages)
    return Observed(
        name,
        f"{top.meaning}, over {bottom.meaning[0].lower()}{bottom.meaning[1:]}",
        "fraction",
        tuple(common),
        np.array([rate * a[p] / b[p] for p in common]),
        max(top.grade, bottom.grade),
        (min(days), max(days)),
    )


def _capex(snapshot: Snapshot) -> Observed:
    return _layer(snapshot, "capex")


def _operating_cash_flow(snapshot: Snapshot) -> Observed:
    return _layer(snapshot, "operating_cash_flow")


def _capex_to_revenue(snapshot: Snapshot) -> Observed:
    return _over(_capex(snapshot), _layer(snapshot, "revenue"), "capex_to_revenue", 1.0)


def _capex_to_gdp(snapshot: Snapshot) -> Observed:
    capex = _capex(snapshot)
    return _over(capex, _layer(snapshot, "gdp"), "capex_to_gdp", float(capex.per_year))


def _information_processing(snapshot: Snapshot) -> Observed:
    made = macro_series(snapshot, "information_processing_investment")
    return replace(
        made,
        name="information_processing",
        meaning="Private investment in information processing equipment and software",
    )


def _gdp(snapshot: Snapshot) -> Observed:
    return replace(macro_series(snapshot, "gdp"), meaning="Gross domestic product")


def _information_processing_to_gdp(snapshot: Snapshot) -> Observed:
    top = _information_processing(snapshot)
    return _over(top, _gdp(snapshot), "information_processing_to_gdp", 1.0)


def _orders(snapshot: Snapshot) -> Observed:
    return _layer(snapshot, "supplier_orders")


def _orders_to_gdp(snapshot: Snapshot) -> Observed:
    return _over(_orders(snapshot), _gdp(snapshot), "orders_to_gdp", 4.0)


SERIES: dict[str, tuple[tuple[str, ...], Callable[[Snapshot], Observed]]] = {
    "capex": (("capex",), _capex),
    "operating_cash_flow": (("operating_cash_flow",), _operating_cash_flow),
    "capex_to_revenue": (("capex", "revenue"), _capex_to_revenue),
    "capex_to_gdp": (("capex", "gdp"), _capex_to_gdp),
    "supplier_orders": (("supplier_orders",), _orders),
    "orders_to_gdp": (("supplier_orders", "=gdp"), _orders_to_gdp),
    "information_processing": (("=information_processing_investment",), _information_processing),
    "information_processing_to_gdp": (
        ("=information_processing_investment", "=gdp"),
        _information_processing_to_gdp,
    ),
}
"""Name to what it needs (layers of the perimeter; ``=`` a series of the rows) and how it is made."""


def _possible(snapshot: Snapshot, name: str) -> bool:
    layers = {recipe["name"] for recipe in snapshot.perimeter.get("layers", ())}
    quarterly = set(snapshot.table.loc[snapshot.table["frequency"] == "Q", "series"])
    return all(
        need[1:] in quarterly if need.startswith("=") else need in layers and snapshot.has_history(need)
        for need in SERIES[name][0]
    )


def _recipe(snapshot: Snapshot, name: str) -> Mapping[str, Any]:
    return next(recipe for recipe in snapshot.perimeter["layers"] if recipe["name"] == name)
