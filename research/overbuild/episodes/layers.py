"""From tidy rows to layers: one series over time, with the grade and the sources it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from overbuild.core.paths import Paths
from overbuild.core.periods import containing, frequency_of, ordinal, span

FREQUENCIES = ("A", "Q")


@dataclass(frozen=True)
class Layer:
    """One layer of an episode's history.

    Attributes
    ----------
    name, unit
        Name in `Paths` and unit.
    values
        Indexed by period label, in order, without gaps between the first and the last (nan where unknown).
    grade
        The worst grade among the rows it is made of.
    sources
        Source ids, sorted.
    meaning
        One sentence.
    """

    name: str
    unit: str
    values: pd.Series
    grade: str
    sources: tuple[str, ...]
    meaning: str

    @property
    def frequency(self) -> str:
        """Frequency of the labels."""
        return frequency_of(str(self.values.index[0]))


def layer_of(table: pd.DataFrame, recipe: Mapping[str, Any]) -> Layer | None:
    """Build one layer from a recipe of ``perimeter.toml``; None where no row of it is known.

    Parameters
    ----------
    table
        Tidy rows, one per (series, entity, period).
    recipe
        ``name, unit, meaning, frequency, series`` (list), ``entities`` (list), and how they are joined:
        ``combine`` = ``sum`` (a period counts only when every series of every entity is there) or ``mean``;
        ``grades`` (allowed, default A and B); ``of_year`` = ``mean`` or ``sum`` (quarters to years, whole
        years only) or ``at`` (dated points placed in the year they are of, the last counting); ``normal`` = a
        number, or ``[first, last]`` (mean of the periods between), by which the layer is divided; ``scale``,
        a factor; ``first``, the period with which it starts.
    """
    rows = recipe_rows(table, recipe)
    if rows.empty:
        return None
    wide = rows.pivot(index="period", columns=["series", "entity"], values="value")
    expected = len(recipe["series"]) * len(recipe["entities"])
    summed = recipe.get("combine", "sum") == "sum"
    joined = regular(wide.sum(axis=1, min_count=expected) if summed else wide.mean(axis=1))
    if recipe.get("of_year") in ("mean", "sum"):
        joined = _years(joined, recipe["of_year"])
    if joined.isna().all():
        return None
    joined = joined.loc[joined.first_valid_index() : joined.last_valid_index()] * recipe.get("scale", 1.0)
    if "normal" in recipe:
        joined = joined / _normal(joined, recipe["normal"])
    length = len(str(joined.index[0]))
    rows = rows[rows["period"].str[:length].isin(joined.index)]
    sources = tuple(sorted(set(rows["source_id"])))
    return Layer(recipe["name"], recipe["unit"], joined, str(max(rows["grade"])), sources, recipe["meaning"])


def recipe_rows(table: pd.DataFrame, recipe: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows that a recipe asks for; dated points carry the year they fall in as their period."""
    rows = table.loc[
        table["series"].isin(recipe["series"])
        & table["entity"].isin(recipe["entities"])
        & table["grade"].isin(recipe.get("grades", ["A", "B"]))
    ]
    rows = rows.loc[rows["period"] >= recipe.get("first", "")]
    of_year = recipe.get("of_year")
    if of_year == "at":
        years = rows.assign(period=[containing(d, "A") for d in rows["period_end"]])
        return years.drop_duplicates(["series", "entity", "period"], keep="last")
    return rows.loc[rows["frequency"] == ("Q" if of_year else recipe["frequency"])]


def layers_of(table: pd.DataFrame, perimeter: Mapping[str, Any]) -> dict[str, Layer]:
    """Return every layer that a perimeter names and the table can fill, real spending, computed evidence."""
    found = [layer_of(table, recipe) for recipe in perimeter["layers"]]
    layers = {layer.name: layer for layer in found if layer is not None}
    if "capex" in layers and "gdp_deflator" in layers:
        real = _deflated(layers["capex"], layers["gdp_deflator"], str(perimeter.get("base_year", "")))
        layers |= {real.name: real} if real else {}
    if perimeter.get("builder") == "telecom":
        from overbuild.episodes.telecom import evidence_layers

        layers |= {x.name: x for x in evidence_layers(table, layers)}
    return layers


def histories(table: pd.DataFrame, perimeter: Mapping[str, Any], as_of: date) -> tuple[Paths, ...]:
    """Return what happened as one-draw paths, one for each frequency that has a layer."""
    layers = layers_of(table, perimeter)
    made = []
    for frequency in FREQUENCIES:
        chosen = [x for x in layers.values() if x.frequency == frequency]
        if chosen:
            first = min((str(x.values.index[0]) for x in chosen), key=ordinal)
            last = max((str(x.values.index[-1]) for x in chosen), key=ordinal)
            time = span(first, last)
            values = {x.name: x.values.reindex(time).to_numpy(dtype=float)[None, :] for x in chosen}
            made.append(Paths(time, values, {x.name: x.unit for x in chosen}, "history", as_of))
    return tuple(made)


def regular(series: pd.Series) -> pd.Series:
    """Return a series with every period from its first to its last, in order; nan where there was none."""
    labels = sorted((str(p) for p in series.index), key=ordinal)
    return series.reindex(span(labels[0], labels[-1]))


def _years(quarters: pd.Series, how: str) -> pd.Series:
    years = quarters.groupby([str(p)[:4] for p in quarters.index]).agg([how, "count"])
    return pd.Series(years.loc[years["count"] == 4, how]).reindex(years.index)


def _normal(series: pd.Series, normal: float | list[str]) -> float:
    if isinstance(normal, int | float):
        return float(normal)
    first, last = normal
    return float(
        series.loc[[p for p in series.index if ordinal(first) <= ordinal(str(p)) <= ordinal(last)]].mean()
    )


def _deflated(capex: Layer, deflator: Layer, base_year: str) -> Layer | None:
    """Return spending at the prices of a base year; of the last known one where that is not known yet."""
    known = deflator.values.dropna()
    years = {str(p)[:4] for p in known.index}
    year = base_year if base_year in years else max(years)
    base = known[[str(p).startswith(year) for p in known.index]].mean()
    values = capex.values / known.reindex(capex.values.index) * base
    if values.isna().all():
        return None
    values = values.loc[values.first_valid_index() : values.last_valid_index()]
    sources = tuple(sorted({*capex.sources, *deflator.sources}))
    meaning = f"{capex.meaning}, at {year} prices of GDP"
    return Layer("capex_real", capex.unit, values, max(capex.grade, deflator.grade), sources, meaning)
