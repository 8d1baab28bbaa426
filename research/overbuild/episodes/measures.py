"""The measures of a boom: capex against GDP, revenue and cash flow; growth, drawdown, concentration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from overbuild.core.periods import frequency_of
from overbuild.episodes.clock import take_off
from overbuild.episodes.episode import Episode
from overbuild.episodes.layers import Layer


@dataclass(frozen=True)
class Measures:
    """The measures of one episode.

    Attributes
    ----------
    episode, title, as_of, label
        Which episode, known when, and whether it is real-time or a hindcast on revised data.
    annual
        One row a year and perimeter: ``capex`` (USD billion), ``share_of_gdp`` (percent), ``growth``, ``drawdown``
        (fractions), ``capex_deflated`` (USD billion at the prices of the base year), ``capex_hedonic`` (chained, with
        quality-adjusted prices, where published), ``capex_to_revenue``, ``capex_to_operating_cash_flow``,
        ``concentration`` (Herfindahl index of capex by firm), ``grade``, ``sources``.
    trailing
        The same flow over the trailing four quarters, for quarterly episodes: one row a quarter.
    latest
        Firm to ``period, capex, capex_to_revenue, capex_to_operating_cash_flow`` (trailing year) and the same for
        the last quarter alone (``..._quarter``), ``grade, sources``.
    take_off
        Year 0 of the common clock, by the rule of `overbuild.episodes.clock`.
    """

    episode: str
    title: str
    as_of: str
    label: str
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
            "unit": "USD billion",
            "take_off": self.take_off,
            "annual": _records(self.annual),
            "trailing": _records(self.trailing),
            "latest": {firm: {k: _plain(v) for k, v in row.items()} for firm, row in self.latest.items()},
            "ragged": list(self.ragged),
        }

    def frame(self) -> pd.DataFrame:
        """Return the annual table."""
        return self.annual

    def sentence(self) -> str:
        """Return the main figure in one sentence."""
        last = self.annual[self.annual["perimeter"] == self.annual["perimeter"].iloc[0]].dropna(subset=["capex"]).iloc[-1]
        share = "" if math.isnan(last["share_of_gdp"]) else f", {last['share_of_gdp']:.2f} % of GDP"
        return f"{self.title}: capex of USD {last['capex']:.1f} billion in {last['period']}{share} ({self.label}; grade {last['grade']})."


def measures(episode: Episode) -> Measures:
    """Compute the measures of an episode.

    Every ratio is of nominal figures. A trailing year exists only when all four quarters of every member of the
    perimeter are known, so a sector ends with its slowest reporter; ``ragged`` says who reports later or earlier.
    """
    layers = episode.layers
    gdp = layers.get("gdp")
    perimeters = episode.perimeter["perimeters"]
    annual = pd.concat([_annual(episode, name, spec, gdp) for name, spec in perimeters.items() if spec["layer"] in layers])
    first = next(iter(perimeters.values()))
    share = annual[annual["perimeter"] == next(iter(perimeters))].set_index("period")["share_of_gdp"].dropna()
    latest, ragged = _latest(episode)
    snapshot = episode.snapshot
    return Measures(
        episode.name,
        episode.title,
        snapshot.as_of.isoformat(),
        episode.label,
        annual.reset_index(drop=True),
        _trailing(episode, first, gdp),
        latest,
        ragged,
        take_off(share) if len(share) else None,
    )


def trailing_sum(series: pd.Series) -> pd.Series:
    """Return the sum over the trailing four quarters (annual: the series itself); nan until four are known."""
    return series if frequency_of(str(series.index[0])) == "A" else series.rolling(4, min_periods=4).sum()


def drawdown(series: pd.Series) -> pd.Series:
    """Return the fall from the running peak, as a fraction; 0 at a peak."""
    return 1.0 - series / series.cummax()


def growth(series: pd.Series) -> pd.Series:
    """Return growth over the year, as a fraction."""
    return series / series.shift(1 if frequency_of(str(series.index[0])) == "A" else 4) - 1.0


def by_year(series: pd.Series, how: str = "sum") -> pd.Series:
    """Return whole years of a quarterly series (``sum`` of flows, ``mean`` of annual rates); annual: itself."""
    if frequency_of(str(series.index[0])) == "A":
        return series
    years = series.groupby([str(p)[:4] for p in series.index])
    return (years.sum() if how == "sum" else years.mean()).where(years.count() == 4).dropna()


def _annual(episode: Episode, name: str, spec: dict[str, Any], gdp: Layer | None) -> pd.DataFrame:
    layer = episode.layer(spec["layer"])
    capex = by_year(layer.values)
    frame = pd.DataFrame({"period": capex.index.astype(str), "perimeter": name, "capex": capex.to_numpy() / 1e3})
    frame["share_of_gdp"] = _ratio(capex, by_year(gdp.values, "mean") if gdp else None, 100.0)
    frame["growth"] = growth(capex).to_numpy()
    frame["drawdown"] = drawdown(capex).to_numpy()
    frame["capex_deflated"] = _aligned(episode, "capex_real" if spec["layer"] == "capex" else None, capex) / 1e3
    frame["capex_hedonic"] = _aligned(episode, spec.get("hedonic"), capex) / 1e3
    for column, partner in (("capex_to_revenue", "revenue"), ("capex_to_operating_cash_flow", "operating_cash_flow")):
        other = episode.layers.get(spec.get(partner, ""))
        frame[column] = _ratio(capex, by_year(other.values) if other else None, 1.0)
    frame["concentration"] = _concentration(episode, spec, capex)
    frame["grade"], frame["sources"] = layer.grade, [list(layer.sources)] * len(frame)
    return frame


def _trailing(episode: Episode, spec: dict[str, Any], gdp: Layer | None) -> pd.DataFrame:
    layer = episode.layers.get(spec["layer"])
    if layer is None or layer.frequency != "Q":
        return pd.DataFrame(columns=["period", "capex", "share_of_gdp", "growth", "drawdown"])
    capex = trailing_sum(layer.values).dropna()
    year_gdp = trailing_sum(gdp.values) / 4 if gdp and gdp.frequency == "Q" else None
    frame = pd.DataFrame({"period": capex.index.astype(str), "capex": capex.to_numpy() / 1e3})
    frame["share_of_gdp"] = _ratio(capex, year_gdp, 100.0)
    frame["growth"], frame["drawdown"] = growth(capex).to_numpy(), drawdown(capex).to_numpy()
    cash = episode.layers.get(spec.get("operating_cash_flow", ""))
    frame["capex_to_operating_cash_flow"] = _ratio(capex, trailing_sum(cash.values) if cash else None, 1.0)
    revenue = episode.layers.get(spec.get("revenue", ""))
    frame["capex_to_revenue"] = _ratio(capex, trailing_sum(revenue.values) if revenue else None, 1.0)
    return frame


def _latest(episode: Episode) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    firms = episode.perimeter.get("firms", {})
    table = episode.snapshot.table
    rows: dict[str, dict[str, Any]] = {}
    for firm, measure in firms.items():
        mine = table[(table["entity"] == firm) & (table["frequency"] == "Q") & table["grade"].isin(["A", "B"])]
        wide = mine.pivot(index="period", columns="series", values="value").sort_index()
        if measure not in wide:
            continue
        whole = wide.rolling(4, min_periods=4).sum().dropna(subset=[measure])
        whole = whole[[_consecutive(wide.index, p) for p in whole.index]]
        if whole.empty:
            continue
        period = str(whole.index[-1])
        used = mine[(mine["series"] == measure) & (mine["period"] <= period)].tail(4)
        rows[firm] = {
            "period": period,
            "period_end": used["period_end"].iloc[-1].isoformat(),
            "capex": whole[measure].iloc[-1] / 1e3,
            "grade": max(used["grade"]),
            "sources": sorted(set(used["source_id"])),
        }
        for ratio, partner in (("capex_to_revenue", "revenue"), ("capex_to_operating_cash_flow", "operating_cash_flow")):
            rows[firm][ratio] = _at(whole, measure, partner, period)
            rows[firm][f"{ratio}_quarter"] = _at(wide, measure, partner, period)
    ends = {row["period"] for row in rows.values()}
    common = min(ends) if ends else ""
    ragged = tuple(
        f"{firm} reports to {row['period']} (quarter ended {row['period_end']}); the sector ends in {common}"
        for firm, row in rows.items()
        if row["period"] != common or not row["period_end"].endswith(("03-31", "06-30", "09-30", "12-31"))
    )
    return rows, ragged


def _consecutive(index: pd.Index, period: str) -> bool:
    from overbuild.core.periods import ordinal

    place = index.get_loc(period)
    return isinstance(place, int) and ordinal(period) - ordinal(str(index[place - 3])) == 3


def _at(wide: pd.DataFrame, top: str, bottom: str, period: str) -> float:
    return float(wide[top][period] / wide[bottom][period]) if bottom in wide else math.nan


def _ratio(top: pd.Series, bottom: pd.Series | None, factor: float) -> Any:
    return math.nan if bottom is None else (top / bottom.reindex(top.index) * factor).to_numpy()


def _aligned(episode: Episode, name: str | None, capex: pd.Series) -> Any:
    layer = episode.layers.get(name or "")
    return by_year(layer.values).reindex(capex.index).to_numpy() if layer else math.nan


def _concentration(episode: Episode, spec: dict[str, Any], capex: pd.Series) -> Any:
    firms = spec.get("firms", [])
    if len(firms) < 2:
        return math.nan
    table = episode.snapshot.table
    rows = table[(table["series"] == "capex_cash") & table["entity"].isin(firms) & (table["frequency"] == "Q")]
    years = rows.assign(year=rows["period"].str[:4]).pivot_table(index="year", columns="entity", values="value", aggfunc="sum")
    shares = years.div(years.sum(axis=1), axis=0)
    return (shares**2).sum(axis=1).reindex(capex.index).to_numpy()


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.item() if hasattr(value, "item") else value
