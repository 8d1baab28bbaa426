"""How far above trend spending is, and was in 2000, as a share of GDP: one call for both eras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from overbuild.core.snapshot import Snapshot
from overbuild.errors import InputError
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.timeseries.era_series import era_series, known_series
from overbuild.timeseries.observed import Array, Observed, without_season
from overbuild.timeseries.reported import Reported, label_of, spanned
from overbuild.timeseries.trend_cycle import (
    SHORTEST,
    Gap,
    components_gap,
    hodrick_prescott_gap,
    regression_gap,
    trend_before_gap,
)

SERIES = ("information_processing_to_gdp", "capex_to_gdp", "orders_to_gdp")
PEAK = {"telecom": "2000"}
"""Year at whose end telecom is looked at, if it was known by then."""
BEGINS = {"ai": "2023", "telecom": "1995"}
"""First year of each boom: the trend before it must end earlier. Set with hindsight."""


@dataclass(frozen=True)
class TrendAsked:
    """How trends are looked for.

    Attributes
    ----------
    before
        Last year of the trend before the boom; empty: the year before the era's boom began.
    draws
        Draws of the parameters.
    """

    before: str = ""
    draws: int = 150


def trends_of(snapshots: Sequence[Snapshot], asked: TrendAsked | None = None, seed: int = SEED) -> Reported:
    """Measure each era's distance from trend by several rules.

    Parameters
    ----------
    snapshots
        One an era.
    asked
        How.
    seed
        Master seed.

    Raises
    ------
    InputError
        If an era holds no share of GDP, or the trend before a boom would be estimated on part of it.
    """
    asked = asked or TrendAsked()
    rows, detail, vintages = [], {}, {}
    for snapshot in snapshots:
        era = snapshot.episode
        before = _before(era, asked.before)
        every = [era_series(snapshot, name) for name in SERIES if name in known_series(snapshot)]
        if not every:
            raise InputError(
                f"The era '{era}' holds no spending beside GDP; give a series with a column gdp."
            )
        vintages[era] = spanned(s.vintages for s in every)
        for whole_series in every:
            series = whole_series.between("", PEAK.get(era, ""))
            rng = stream(f"timeseries/trend/{era}/{series.name}", seed=seed)
            gaps, paths = _gaps(series, whole_series, before, asked.draws, rng)
            rows += [_row(snapshot, series, gap, before) for gap in gaps]
            detail[f"{era}.{series.name}"] = {
                "meaning": series.meaning,
                "periods": list(series.periods),
                "percent": (100 * series.values).tolist(),
            } | paths
    return Reported(
        "trend",
        {s.episode: s.as_of.isoformat() for s in snapshots},
        {s.episode: label_of(s) for s in snapshots},
        vintages,
        tuple(rows),
        " ".join(_said(rows, s.episode) for s in snapshots),
        detail,
    )


def _before(era: str, wanted: str) -> str:
    begins = BEGINS.get(era, "")
    if wanted and begins and wanted[:4] >= begins:
        raise InputError(
            f"The trend before the boom of '{era}' would be estimated up to {wanted}, but the boom begins in "
            f"{begins}: the windows overlap. Give --before {int(begins) - 1} or earlier."
        )
    return wanted or (str(int(begins) - 1) if begins else "")


def _gaps(
    series: Observed, longer: Observed, before: str, draws: int, rng: np.random.Generator
) -> tuple[list[Gap], dict[str, Any]]:
    logs, n = without_season(series).values, series.per_year
    gaps: list[Gap] = []
    paths: dict[str, Any] = {}
    if logs.size >= SHORTEST["components"]:
        gap, trend = components_gap(logs, n, draws, rng)
        gaps.append(gap)
        paths["components"] = _percent(trend)
        if longer.values.size > series.values.size:
            after = without_season(longer).values
            gaps.append(_hindsight(after, components_gap(after, n, 1, rng)[1], logs.size))
    if before:
        known = sum(p[: len(before)] <= before for p in series.periods)
        if known >= SHORTEST["trend"] and known < logs.size:
            gap, path = trend_before_gap(logs, known, draws, rng)
            gaps.append(gap)
            paths["trend_before"] = _percent(path)
    if logs.size >= SHORTEST["regression"]:
        gaps.append(regression_gap(logs, n))
    gaps.append(hodrick_prescott_gap(logs, n))
    return gaps, paths


def _hindsight(y: Array, trend: Array, periods: int) -> Gap:
    """Return the gap at the same date as the years after it show it."""
    at = periods - 1
    nan = float("nan")
    note = "the same, with the years after the date: hindsight"
    return Gap("components, hindsight", float(y[at] - trend[at]), nan, nan, float(trend[at]), False, note)


def _percent(logs: Array) -> list[float | None]:
    return [None if not np.isfinite(v) else float(100 * np.exp(v)) for v in logs]


def _row(snapshot: Snapshot, series: Observed, gap: Gap, before: str) -> dict[str, Any]:
    def share(value: float) -> float | None:
        return float(np.expm1(value)) if np.isfinite(value) else None

    return {
        "era": snapshot.episode,
        "series": series.name,
        "at": series.periods[-1],
        "rule": gap.rule,
        "percent_of_gdp": 100 * float(series.values[-1]),
        "trend_percent_of_gdp": 100 * float(np.exp(gap.trend)),
        "above_trend": share(gap.gap),
        "low": share(gap.low),
        "high": share(gap.high),
        "first": series.periods[0],
        "trend_ends": before if gap.rule == "trend before" else series.periods[-1],
        "parameters_drawn": gap.parameters,
        "note": gap.note,
        "grade": series.grade,
        "vintage": series.vintage,
    }


def _said(rows: Sequence[dict[str, Any]], era: str) -> str:
    own = [r for r in rows if r["era"] == era]
    main = own[0]["series"]
    told = [r for r in own if r["series"] == main]
    first = next((r for r in told if r["rule"] == "trend before"), told[0])
    values = [100 * r["above_trend"] for r in told]
    interval = (
        "" if first["low"] is None else f" (95 %: {100 * first['low']:.0f} to {100 * first['high']:.0f})"
    )
    return (
        f"{era}: {main} was {100 * first['above_trend']:.0f} % above the rule '{first['rule']}' in "
        f"{first['at']}{interval}; {min(values):.0f} to {max(values):.0f} % over {len(values)} rules."
    )
