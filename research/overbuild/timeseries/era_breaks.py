"""Breaks in the capex intensity of both eras, what other detectors see, and the same test on quiet years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from overbuild.core.snapshot import Snapshot
from overbuild.errors import InputError
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.timeseries.break_agreement import detectors
from overbuild.timeseries.break_placebo import Design, design, placebo, sup_f_test
from overbuild.timeseries.breaks import Breaks, BreakSpec, find_breaks
from overbuild.timeseries.era_series import era_series, known_series
from overbuild.timeseries.observed import Observed, without_season
from overbuild.timeseries.reported import Reported, label_of, spanned

SERIES = {
    "ai": ("capex_to_revenue", "capex_to_gdp", "information_processing_to_gdp"),
    "telecom": ("capex_to_gdp", "orders_to_gdp"),
}
OF_ANY = ("capex_to_revenue", "capex_to_gdp")
QUIET = {"ai": "2022", "telecom": "1994"}
"""Last year before each boom, set with hindsight: what the test says of the years to then is a placebo."""
LOUD = (("1995Q1", "2003Q4"), ("2023Q1", "2099Q4"))
"""Booms and busts that no placebo window touches."""
WINDOW_ENDS = {"telecom": "2002Q4"}
"""End of the boom's own window in the long series; otherwise the last quarter known."""
LONG = "information_processing_to_gdp"
WINDOW = 34
"""Quarters of a placebo window: those of the five firms' record."""
DESIGNS = tuple((n, r, t) for n in (40, 80) for r in (0.0, 0.5, 0.8, 0.95) for t in (False, True))


@dataclass(frozen=True)
class BreaksAsked:
    """How breaks are looked for.

    Attributes
    ----------
    level, trend
        The model of breaks in the level, and of breaks in level and trend.
    placebo_draws
        Draws of each bootstrap on a quiet window.
    """

    level: BreakSpec = field(default_factory=BreakSpec)
    trend: BreakSpec = field(default_factory=lambda: BreakSpec(trend=True))
    placebo_draws: int = 199


def breaks_of(snapshots: Sequence[Snapshot], asked: BreaksAsked | None = None, seed: int = SEED) -> Reported:
    """Find breaks in the intensity of each era's spending.

    Series are logs of ratios, quarters without their fixed season.

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
        If an era holds no ratio, or one is too short, constant, broken by gaps or of mixed vintages.
    """
    asked = asked or BreaksAsked()
    rows, detail, vintages = [], {}, {}
    for snapshot in snapshots:
        era = snapshot.episode
        known = known_series(snapshot)
        every = [era_series(snapshot, name) for name in SERIES.get(era, OF_ANY) if name in known]
        if not every:
            raise InputError(
                f"The era '{era}' holds no spending beside revenue or GDP; give a column of either."
            )
        vintages[era] = spanned(s.vintages for s in every)
        for series in every:
            logs = without_season(series)
            for spec in (asked.level, asked.trend):
                kind = "level and trend" if spec.trend else "level"
                name = f"timeseries/breaks/{era}/{series.name}/{kind}"
                found = find_breaks(logs, spec, stream(name, seed=seed))
                rows.append(_row(era, logs, found, kind, series.name == every[0].name))
                detail[f"{era}.{series.name}.{kind}"] = _detail(logs, found) | _seen(logs, found)
        rows += _quiet(era, every, asked, seed)
        if LONG in known:
            detail[f"{era}.placebo"] = _placebo(snapshot, asked, seed)
    return Reported(
        "breaks",
        {s.episode: s.as_of.isoformat() for s in snapshots},
        {s.episode: label_of(s) for s in snapshots},
        vintages,
        tuple(rows),
        " ".join(_said(rows, s.episode) for s in snapshots),
        detail,
    )


def seen_on(
    snapshots: Sequence[Snapshot], name: str, spec: BreakSpec, seed: int = SEED
) -> list[dict[str, Any]]:
    """Return what the tests would have said of one series on several days, one snapshot each.

    Days on which the series was too short are left out.
    """
    rows = []
    for snapshot in snapshots:
        logs = without_season(era_series(snapshot, name))
        if logs.values.size < 2 * spec.least(logs.values.size) + 6:
            continue
        rng = stream(f"timeseries/breaks/{snapshot.episode}/{name}/seen/{snapshot.as_of}", seed=seed)
        found = find_breaks(logs, spec, rng)
        rows.append(
            {
                "era": snapshot.episode,
                "series": name,
                "as_of": snapshot.as_of.isoformat(),
                "last": logs.periods[-1],
                "number": found.number,
                "dates": [b.date for b in found.breaks],
                "p": found.sup_f[0][1],
            }
        )
    return rows


def designs(repetitions: int, draws: int, seed: int = SEED) -> list[Design]:
    """Return size and power of the tests by simulation, over `DESIGNS`."""
    return [
        design(n, r, t, repetitions, draws, stream("timeseries/breaks/design", seed=seed, index=i))
        for i, (n, r, t) in enumerate(DESIGNS)
    ]


def _row(
    era: str, logs: Observed, found: Breaks, kind: str, main: bool, window: str = "whole"
) -> dict[str, Any]:
    return {
        "era": era,
        "series": logs.name,
        "model": kind,
        "window": window,
        "main": main,
        "first": logs.periods[0],
        "last": logs.periods[-1],
        "periods": found.periods,
        "number": found.number,
        "dates": [f"{b.date} ({b.low} to {b.high})" for b in found.breaks],
        "one_break_at": found.candidate,
        "sup_f": found.sup_f[0][0],
        "p_sup_f": found.sup_f[0][1],
        "p_ud_max": found.ud_max_p,
        "cusum": found.cusum,
        "p_cusum": found.cusum_p,
        "p_cusum_asymptotic": found.cusum_asymptotic_p,
        "correlation": found.correlation,
        "by_bic": found.by_bic,
        "by_lwz": found.by_lwz,
        "grade": logs.grade,
        "vintage": logs.vintage,
    }


def _detail(logs: Observed, found: Breaks) -> dict[str, Any]:
    return {
        "meaning": logs.meaning,
        "periods": list(logs.periods),
        "values": logs.values.tolist(),
        "fit": found.fit.tolist(),
        "tests": [{"breaks": m + 1, "sup_f": f, "p": p} for m, (f, p) in enumerate(found.sup_f)],
        "breaks": [asdict(b) for b in found.breaks],
        "shortest_segment": found.least,
    }


def _seen(logs: Observed, found: Breaks) -> dict[str, Any]:
    """Return what other detectors see; where ruptures is not installed, that it is not."""
    try:
        return {"detectors": [asdict(d) for d in detectors(logs, found)]}
    except InputError as missing:
        return {"detectors": None, "detectors_missing": str(missing)}


def _quiet(era: str, every: Sequence[Observed], asked: BreaksAsked, seed: int) -> list[dict[str, Any]]:
    """Return the tests of one break on the part of each series that ends before the boom, if long enough.

    The long series holds both booms and has its own placebo in windows.
    """
    if era not in QUIET:
        return []
    rows = []
    for series in every:
        if series.name == LONG or series.periods[0][:4] > QUIET[era]:
            continue
        part = without_season(series.between("", QUIET[era]))
        for spec in (asked.level, asked.trend):
            if part.values.size < 2 * spec.least(part.values.size) + 6:
                continue
            kind = "level and trend" if spec.trend else "level"
            rng = stream(f"timeseries/breaks/{era}/{series.name}/{kind}/quiet", seed=seed)
            rows.append(
                _row(era, part, find_breaks(part, replace(spec, most=1), rng), kind, False, "quiet years")
            )
    return rows


def _placebo(snapshot: Snapshot, asked: BreaksAsked, seed: int) -> dict[str, Any]:
    era = snapshot.episode
    series = without_season(era_series(snapshot, LONG))
    own = series.between("", WINDOW_ENDS.get(era, "")).values[-WINDOW:]
    made: dict[str, Any] = {"quarters": WINDOW, "series": LONG}
    for spec in (asked.level, asked.trend):
        kind = "level and trend" if spec.trend else "level"
        rng = stream(f"timeseries/breaks/{era}/placebo/{kind}", seed=seed)
        least = spec.least(WINDOW)
        stat, p = sup_f_test(own, spec.trend, least, asked.level.draws, rng)
        windows = placebo(series, WINDOW, LOUD, stat, spec.trend, least, asked.placebo_draws, rng)
        made[kind] = {"own_sup_f": stat, "own_p": p} | {
            k: (None if isinstance(v, float) and np.isnan(v) else v) for k, v in asdict(windows).items()
        }
    return made


def _said(rows: Sequence[dict[str, Any]], era: str) -> str:
    told = [r for r in rows if r["era"] == era and r["main"] and r["window"] == "whole"]
    parts = []
    for r in told:
        dates = ", ".join(r["dates"]) or f"the likeliest would be {r['one_break_at']}"
        word = "break" if r["number"] == 1 else "breaks"
        parts.append(f"{r['number']} {word} in {r['model']} ({dates}; p {r['p_sup_f']:.3f})")
    return f"{era}, {told[0]['series']}: {'; '.join(parts)}."
