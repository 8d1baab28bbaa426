"""The measures of a boom: capex against GDP, revenue and cash flow; growth, drawdown, concentration."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from overbuild.episodes.clock import take_off
from overbuild.episodes.episode import Episode
from overbuild.episodes.firms import RATIOS, latest_by_firm, ragged_edges
from overbuild.episodes.flows import amount, by_year, drawdown, growth, ratio, told_in, trailing_sum
from overbuild.episodes.layers import Layer, recipe_rows
from overbuild.errors import InputError

FLOWS = ["period", "capex", "share_of_gdp", "growth", "drawdown", *RATIOS]
ANNUAL = ["perimeter", *FLOWS, "capex_deflated", "capex_hedonic", "concentration", "grade", "sources"]


@dataclass(frozen=True)
class Measures:
    """The measures of one episode.

    Attributes
    ----------
    episode, title, as_of, label
        Which episode, known when, and whether it is real-time or a hindcast on revised data.
    perimeter
        The main perimeter, the first of ``perimeter.toml``.
    unit
        Unit of capex: ``USD billion``, or what the user's file or the boom's series is in.
    annual
        One row a year and perimeter: ``capex``, ``share_of_gdp`` (percent), ``growth``, ``drawdown``
        (fractions), ``capex_to_revenue``, ``capex_to_operating_cash_flow``, ``capex_deflated`` (at the prices
        of GDP of the base year), ``capex_hedonic`` (chained, with quality-adjusted prices, where published),
        ``concentration`` (Herfindahl index of capex by firm), ``grade`` and ``sources`` of the year's capex.
    trailing
        The first perimeter over the trailing four quarters, for quarterly episodes: one row a quarter.
    latest
        Firm to its own last year, see `overbuild.episodes.firms`.
    ragged
        Which firms report later or earlier than the sector, in words.
    take_off
        Year 0 of the common clock, by the rule of `overbuild.episodes.clock`.
    """

    episode: str
    title: str
    as_of: str
    label: str
    perimeter: str
    unit: str
    annual: pd.DataFrame
    trailing: pd.DataFrame
    latest: dict[str, dict[str, Any]]
    ragged: tuple[str, ...]
    take_off: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; missing numbers are None."""
        return {
            "episode": self.episode,
            "title": self.title,
            "as_of": self.as_of,
            "label": self.label,
            "perimeter": self.perimeter,
            "unit": self.unit,
            "take_off": self.take_off,
            "annual": [_plain(row) for row in self.annual.to_dict("records")],
            "trailing": [_plain(row) for row in self.trailing.to_dict("records")],
            "latest": {firm: _plain(row) for firm, row in self.latest.items()},
            "ragged": list(self.ragged),
        }

    def frame(self) -> pd.DataFrame:
        """Return the annual table."""
        return self.annual

    def sentence(self) -> str:
        """Return the main figure, of the first perimeter, in one sentence."""
        main = self.annual[self.annual["perimeter"] == self.perimeter]
        if main.empty:
            return f"{self.title}: no whole year of capex was known on {self.as_of}."
        last = main.iloc[-1]
        share = "" if math.isnan(last["share_of_gdp"]) else f", {last['share_of_gdp']:.2f} % of GDP"
        spent = f"capex of {amount(last['capex'], self.unit)} in {last['period']}{share}"
        return f"{self.title}: {spent} ({self.label}; grade {last['grade']})."


def measures(episode: Episode) -> Measures:
    """Compute the measures of an episode.

    Every ratio is of nominal figures. A trailing year exists only when all four quarters of every member of
    the perimeter are known, so a sector ends with its slowest reporter; ``ragged`` says who reports later or
    earlier.

    Raises
    ------
    InputError
        If nothing of the episode was known on its day.
    """
    layers = episode.layers
    perimeters = {
        name: spec for name, spec in episode.perimeter["perimeters"].items() if spec["layer"] in layers
    }
    if not perimeters:
        raise InputError(f"No spending of '{episode.name}' was known on {episode.as_of}; give a later day.")
    main = next(iter(episode.perimeter["perimeters"]))
    first = layers[next(iter(perimeters.values()))["layer"]]
    unit, scale = told_in(first.unit, float(first.values.max()))
    annual = pd.concat(
        [_annual(episode, name, spec, scale) for name, spec in perimeters.items()], ignore_index=True
    )
    share = annual.loc[annual["perimeter"] == main].set_index("period")["share_of_gdp"].dropna()
    latest = latest_by_firm(episode, scale)
    return Measures(
        episode.name,
        episode.title,
        episode.as_of.isoformat(),
        episode.label,
        main,
        unit,
        annual,
        _trailing(episode, perimeters.get(main), scale),
        latest,
        ragged_edges(episode, latest),
        take_off(share, start=episode.perimeter.get("clock_from")),
    )


def _annual(episode: Episode, name: str, spec: Mapping[str, Any], scale: float) -> pd.DataFrame:
    capex = by_year(episode.layer(spec["layer"]).values)
    columns = _flows(episode, spec, capex, scale, lambda layer: by_year(layer.values))
    gdp = episode.layers.get("gdp")
    if gdp is not None:
        columns["share_of_gdp"] = 100.0 * ratio(capex, by_year(gdp.values, "mean"))
    for column, layer in (
        ("capex_deflated", "capex_real" if spec["layer"] == "capex" else ""),
        ("capex_hedonic", spec.get("hedonic", "")),
    ):
        if layer in episode.layers:
            columns[column] = by_year(episode.layer(layer).values).reindex(capex.index) * scale
    frame = pd.DataFrame(columns, index=capex.index).join(_origin(episode, spec["layer"]))
    frame = frame.assign(perimeter=name, period=frame.index.astype(str)).reindex(columns=ANNUAL)
    return frame.dropna(subset="capex").reset_index(drop=True)


def _trailing(episode: Episode, spec: Mapping[str, Any] | None, scale: float) -> pd.DataFrame:
    layer = episode.layers.get(spec["layer"]) if spec else None
    if spec is None or layer is None or layer.frequency != "Q":
        return pd.DataFrame(columns=FLOWS)
    capex = trailing_sum(layer.values)
    columns = _flows(episode, spec, capex, scale, lambda other: trailing_sum(other.values))
    gdp = episode.layers.get("gdp")
    if gdp is not None and gdp.frequency == "Q":
        columns["share_of_gdp"] = 100.0 * ratio(capex, trailing_sum(gdp.values) / 4.0)
    frame = pd.DataFrame(columns, index=capex.index).assign(period=capex.index.astype(str))
    return frame.reindex(columns=FLOWS).dropna(subset="capex").reset_index(drop=True)


def _flows(
    episode: Episode,
    spec: Mapping[str, Any],
    capex: pd.Series,
    scale: float,
    over_year: Callable[[Layer], pd.Series],
) -> dict[str, pd.Series]:
    """Return the columns that the annual and the trailing table share."""
    columns = {"capex": capex * scale, "growth": growth(capex), "drawdown": drawdown(capex)}
    for column, partner in RATIOS.items():
        other = episode.layers.get(spec.get(partner, ""))
        if other is not None:
            columns[column] = ratio(capex, over_year(other))
    return columns


def _origin(episode: Episode, layer: str) -> pd.DataFrame:
    """Return concentration, worst grade and sources of a layer's rows, by year."""
    recipe = next(r for r in episode.perimeter["layers"] if r["name"] == layer)
    rows = recipe_rows(episode.snapshot.table, recipe)
    by = rows.groupby(rows["period"].str[:4])
    origin = pd.DataFrame(
        {"grade": by["grade"].max(), "sources": by["source_id"].agg(lambda s: sorted(set(s)))}
    )
    if len(recipe["entities"]) > 1:
        years = rows.assign(year=rows["period"].str[:4])
        spent = years.pivot_table(index="year", columns="entity", values="value", aggfunc="sum")
        origin["concentration"] = (spent.div(spent.sum(axis=1), axis=0) ** 2).sum(axis=1)
    return origin


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
