"""What followed cash flow, credit spread, policy rate and rivals' spending, in both eras: descriptive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from overbuild.core.periods import PER_YEAR, frequency_of, ordinal, span
from overbuild.core.snapshot import Snapshot
from overbuild.errors import InputError
from overbuild.settings import SEED
from overbuild.timeseries.era_series import FIRST, era_series, macro_series
from overbuild.timeseries.observed import Array, Observed, vintages_of, whole, without_season
from overbuild.timeseries.projections import Projection, holm, project, project_panel
from overbuild.timeseries.reported import Reported, label_of, spanned

SERIES = (
    "baa_spread",
    "federal_funds_rate",
    "corporate_profits_after_tax",
    "operating_cash_flow",
    "capex_cash",
)
"""Series beyond the perimeter that a snapshot should hold."""
DRIVERS = ("cash flow", "credit spread", "policy rate", "rivals' spending")
MOVED = {
    "cash flow": "10 % more",
    "credit spread": "1 point more",
    "policy rate": "1 point more",
    "rivals' spending": "10 % more",
}
MACRO = {
    "cash flow": "corporate_profits_after_tax",
    "credit spread": "baa_spread",
    "policy rate": "federal_funds_rate",
}
YEARS = {"Q": 2, "A": 3}
"""Years ahead by frequency."""
LAGS = {"Q": 2, "A": 1}


@dataclass(frozen=True)
class ResponsesAsked:
    """How far and with how many lags.

    Attributes
    ----------
    lags
        Lags of outcome and driver; None: 2 quarters or 1 year.
    horizons
        Periods ahead; None: 8 quarters or 3 years.
    """

    lags: int | None = None
    horizons: int | None = None


def responses_of(
    snapshots: Sequence[Snapshot], asked: ResponsesAsked | None = None, seed: int = SEED
) -> Reported:
    """Project each era's spending on four drivers.

    AI: the five firms' capex; cash flow and rivals' spending by firm in a panel, spread and rate on the sum.
    Telecom: BEA investment by year; sector cash flow does not exist, so profits of all corporations stand in
    for it, and no quarterly spending of single carriers is known, so that rivals are left out and said to be.

    Parameters
    ----------
    snapshots
        One an era, holding `SERIES`.
    asked
        How.
    seed
        Unused: nothing is drawn. Taken so that all questions are asked alike.

    Raises
    ------
    InputError
        If an era has too few periods for the lags.
    """
    del seed
    asked = asked or ResponsesAsked()
    rows, detail, vintages = [], {}, {}
    for snapshot in snapshots:
        capex = era_series(snapshot, "capex")
        frequency = frequency_of(capex.periods[0])
        lags = LAGS[frequency] if asked.lags is None else asked.lags
        horizons = YEARS[frequency] * PER_YEAR[frequency] if asked.horizons is None else asked.horizons
        found: dict[str, tuple[Projection, str, str, Observed]] = {}
        used = [capex]
        for driver in DRIVERS:
            made = _one(snapshot, capex, driver, horizons, lags)
            if isinstance(made, str):
                rows.append(_absent(snapshot, driver, made))
            else:
                found[driver] = made
                used.append(made[3])
        if not found:
            raise InputError(
                f"The era '{snapshot.episode}' holds none of what spending is projected on: "
                f"{', '.join(DRIVERS)}. "
                "Give a file with a column operating_cash_flow, or ask for ai or telecom."
            )
        vintages[snapshot.episode] = spanned(s.vintages for s in used)
        at = min(PER_YEAR[frequency], horizons)
        adjusted = holm(np.array([f[0].p[at] for f in found.values()]))
        for (driver, (path, how, span_of, moved)), p_holm in zip(found.items(), adjusted, strict=True):
            rows.append(
                _row(snapshot, driver, path, how, span_of, at, float(p_holm), max(capex.grade, moved.grade))
            )
            detail[f"{snapshot.episode}.{driver}"] = _path(path, how, frequency)
    return Reported(
        "response",
        {s.episode: s.as_of.isoformat() for s in snapshots},
        {s.episode: label_of(s) for s in snapshots},
        vintages,
        tuple(rows),
        " ".join(_said(rows, s.episode) for s in snapshots)
        + " Descriptive: what followed, not what moving a driver would do.",
        detail,
    )


def _one(
    snapshot: Snapshot, capex: Observed, driver: str, horizons: int, lags: int
) -> tuple[Projection, str, str, Observed] | str:
    """Return path, how it was made, the span and the driver; or why there is none."""
    if driver in ("cash flow", "rivals' spending"):
        firms = _firms(snapshot)
        if firms:
            return _of_firms(snapshot, firms, driver, horizons, lags)
        if driver == "rivals' spending":
            return "no quarterly spending of single firms is known for this era"
    own_flow = driver == "cash flow" and snapshot.has_history("operating_cash_flow")
    series = "operating_cash_flow" if own_flow else MACRO[driver]
    try:
        moved = era_series(snapshot, series) if own_flow else macro_series(snapshot, series)
    except InputError as missing:
        return str(missing)
    if capex.per_year == 1 and moved.per_year == 4:
        moved = _by_year(moved)
    common = _common(capex, moved)
    if len(common) < 2:
        return f"{series} and spending have no period in common"
    y = without_season(capex.between(common[0], common[-1])).values
    inner = moved.between(common[0], common[-1])
    if driver == "cash flow":
        x, y, common = 10 * np.diff(without_season(inner).values), y[1:], common[1:]
    else:
        x = inner.values
    path = project(y, x, horizons, lags, f"{snapshot.episode}, {driver}")
    stand_in = "growth of profits after tax of all corporations, a stand-in"
    flow = "growth of operating cash flow" if own_flow else stand_in
    how = flow if driver == "cash flow" else f"{series}, level"
    return path, f"sector spending on {how}", f"{common[0]} to {common[-1]}", moved


def _of_firms(
    snapshot: Snapshot, firms: Sequence[str], driver: str, horizons: int, lags: int
) -> tuple[Projection, str, str, Observed]:
    capex = _panel(snapshot, "capex_cash", firms)
    flow = _panel(snapshot, "operating_cash_flow", firms) if driver == "cash flow" else None
    common = sorted(set.intersection(*(set(s.periods) for s in (*capex, *(flow or ())))), key=ordinal)
    if len(common) < 2 or tuple(common) != span(common[0], common[-1]):
        raise InputError(
            f"The firms of '{snapshot.episode}' have no run of quarters in common; give a later --as-of."
        )
    y = np.column_stack([_logs(s, common) for s in capex])
    growth = np.diff(y, axis=0)
    if flow is None:
        count = len(firms)
        x = 10 * (growth.sum(axis=1, keepdims=True) - growth) / (count - 1)
        how = "mean growth of the other firms' spending, panel with firm effects"
    else:
        levels = np.column_stack(
            [dict(zip(s.periods, s.values, strict=True))[p] for s in flow for p in common]
        )
        trailing = _trailing(levels.reshape(len(flow), len(common)).T)
        x = 10 * np.diff(np.log(trailing), axis=0)
        how = "growth of the firm's own trailing-year operating cash flow, panel with firm effects"
        common = common[3:]
    periods = common[1:]
    y = y[-x.shape[0] :]
    path = project_panel(y, x, horizons, lags, f"{snapshot.episode}, {driver}")
    return path, how, f"{periods[0]} to {periods[-1]}", capex[0]


def _trailing(levels: Array) -> Array:
    """Return sums over four quarters, shape (quarter - 3, firm)."""
    return levels[3:] + levels[2:-1] + levels[1:-2] + levels[:-3]


def _logs(series: Observed, periods: Sequence[str]) -> Array:
    return without_season(series.between(periods[0], periods[-1])).values


def _firms(snapshot: Snapshot) -> tuple[str, ...]:
    perimeter = snapshot.perimeter
    main = next(iter(perimeter.get("perimeters", {}).values()), {})
    firms = tuple(main.get("firms", ()))
    held = set(snapshot.table.loc[snapshot.table["series"] == "capex_cash", "entity"])
    return firms if len(firms) > 1 and held.issuperset(firms) else ()


def _panel(snapshot: Snapshot, series: str, firms: Sequence[str]) -> list[Observed]:
    made = []
    for firm in firms:
        rows = snapshot.table.loc[
            (snapshot.table["series"] == series)
            & (snapshot.table["entity"] == firm)
            & (snapshot.table["frequency"] == "Q")
            & snapshot.table["grade"].isin(["A", "B"])
        ]
        if rows.empty:
            raise InputError(f"No {series} of {firm} was known on {snapshot.as_of}; give a later --as-of.")
        values = pd.Series(rows["value"].to_numpy(dtype=float), index=rows["period"].to_numpy())
        name = f"{series} of {firm}"
        grade, first = str(max(rows["grade"])), FIRST.get(snapshot.episode, "")
        made.append(whole(name, name, "USD million", values, grade, vintages_of(rows, name), first))
    return made


def _by_year(quarterly: Observed) -> Observed:
    values = pd.Series(quarterly.values, index=[p[:4] for p in quarterly.periods])
    counted = values.groupby(level=0).agg(["mean", "count"])
    means = counted.loc[counted["count"] == 4, "mean"]
    return replace(quarterly, periods=tuple(str(p) for p in means.index), values=means.to_numpy(dtype=float))


def _common(a: Observed, b: Observed) -> list[str]:
    return sorted(set(a.periods) & set(b.periods), key=ordinal)


def _row(
    snapshot: Snapshot, driver: str, path: Projection, how: str, of: str, at: int, p_holm: float, grade: str
) -> dict[str, Any]:
    return {
        "era": snapshot.episode,
        "driver": driver,
        "moved": MOVED[driver],
        "horizon": at,
        "response": float(path.response[at]),
        "error": float(path.error[at]),
        "low": float(path.low[at]),
        "high": float(path.high[at]),
        "p": float(path.p[at]),
        "p_holm": p_holm,
        "periods": int(path.periods[at]),
        "span": of,
        "how": how,
        "grade": grade,
    }


def _absent(snapshot: Snapshot, driver: str, why: str) -> dict[str, Any]:
    empty = dict.fromkeys(("response", "error", "low", "high", "p", "p_holm"), None)
    return {
        "era": snapshot.episode,
        "driver": driver,
        "moved": MOVED[driver],
        "horizon": None,
        **empty,
        "periods": 0,
        "span": "",
        "how": why,
        "grade": "",
    }


def _path(path: Projection, how: str, frequency: str) -> dict[str, Any]:
    return {
        "how": how,
        "frequency": frequency,
        "horizons": path.horizons.tolist(),
        "response": path.response.tolist(),
        "low": path.low.tolist(),
        "high": path.high.tolist(),
        "periods": path.periods.tolist(),
    }


def _said(rows: Sequence[dict[str, Any]], era: str) -> str:
    told = [r for r in rows if r["era"] == era and r["response"] is not None]
    clear = [r["driver"] for r in told if r["p_holm"] <= 0.05]
    return (
        f"{era}: of {len(told)} drivers, {len(clear)} went with spending a year later beyond "
        "chance, adjusted for "
        f"their number{': ' + ', '.join(clear) if clear else ''}."
    )
