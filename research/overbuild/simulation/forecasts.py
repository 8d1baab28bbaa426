"""Forecasts of events from simulated paths, and how much of what decides them the data have taught.

learnt = 1 - Var(m | data) / Var(m | priors), with m the mean over a draw's paths of the quantity that decides
an event, so that chance on a path, which no data could remove, does not count. Both variances are of values
moved to the nearest of their 2.5 and 97.5 % points, and less the Monte Carlo variance of the means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.forecast import forecast_from_paths
from overbuild.core.judging import drawdown, faster_fall
from overbuild.core.paths import Paths
from overbuild.core.periods import horizon
from overbuild.simulation.run import Simulated
from overbuild.simulation.view import NAME

type Array = NDArray[np.float64]

LEAST_LEARNT = 0.2
CUT = 0.025
RESAMPLES = 200
LOWEST = 0.05


def forecasts_of(
    made: Simulated, snapshot: Snapshot, events: Sequence[Event], learnt: Mapping[tuple[str, str], float]
) -> tuple[Forecast, ...]:
    """Return one forecast an event; evidence is ``prior-driven`` where less than a fifth was learnt.

    Parameters
    ----------
    made
        Paths.
    snapshot
        What was known; excludes impossible events.
    events
        The events, with dates.
    learnt
        (definition, by) to the share learnt; an event that is not named takes that of its primary form.
    """
    found = forecast_from_paths(NAME, snapshot, events, made.paths(), made.draw)
    return tuple(_judged(f, e, learnt) for f, e in zip(found, events, strict=True))


def _judged(forecast: Forecast, event: Event, learnt: Mapping[tuple[str, str], float]) -> Forecast:
    if forecast.abstains:
        return forecast
    share = learnt.get((event.definition, event.by), learnt.get((event.id, event.by), 0.0))
    return replace(forecast, evidence="paths" if share >= LEAST_LEARNT else "prior-driven")


def deciding(event: Event, paths: Paths) -> Array:
    """Return the continuous quantity that decides an event on each path, shape (path,).

    O1: ln of value over cost; O2: ln of the highest use within the emptiest run of the length asked for;
    O3: the largest fall; O4: the gap; O5: the largest smallest excess. The history is in front, and only
    quarters to the event's date count.
    """
    seen = paths.until(horizon(event.by, paths.frequency))
    x, per_year = seen.layer(event.layer), seen.per_year
    if event.rule == "below_level":
        known = np.isfinite(x).any(axis=0)
        return np.log(np.maximum(x[:, known][:, -1], LOWEST))
    if event.rule == "low_utilisation":
        years = event.thresholds.get("annual_years", 1.0) if per_year == 1 else event.thresholds["years"]
        length = max(round(years * per_year), 1)
        known = x[:, np.isfinite(x).all(axis=0)]
        if known.shape[1] < length:
            return np.log(known.max(axis=1))
        windows = np.lib.stride_tricks.sliding_window_view(known, length, axis=1)
        return np.log(windows.max(axis=2).min(axis=1))
    if event.rule == "drawdown":
        return drawdown(x, per_year, event.thresholds).value
    if event.rule == "above_log_level":
        return x[:, -1]
    return faster_fall(x, per_year, event.thresholds).value


def learnt_shares(after: Simulated, before: Simulated, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return, for each event that is no composite, the share learnt with a 90 % interval over draws.

    A composite takes the least of what was learnt of O1 and the more of what was learnt of O2 and O3: it is
    decided by O1 and by whichever of the two happens.
    """
    rows, known = [], {}
    rng = np.random.default_rng(0)
    paths = [(m.paths(), m.draw) for m in (after, before)]
    for event in events:
        if event.parts:
            continue
        means = [_means(deciding(event, p), draw) for p, draw in paths]
        share = _share(*means)
        again = [_share(*(_resampled(m, rng) for m in means)) for _ in range(RESAMPLES)]
        low, high = np.quantile(again, [0.05, 0.95])
        known[event.definition, event.by] = share
        rows.append(_row(event, share, float(low), float(high)))
    for event in events:
        if event.parts:
            cash, physical, spending = (known.get((p.definition, event.by)) for p in event.parts)
            if None not in (cash, physical, spending):
                rows.append(_row(event, min(cash, max(physical, spending)), None, None))  # type: ignore
    return rows


def _row(event: Event, share: float, low: float | None, high: float | None) -> dict[str, Any]:
    return {"event": event.definition, "by": event.by, "learnt": share, "low": low, "high": high}


def _means(value: Array, draw: NDArray[np.int_]) -> tuple[Array, Array]:
    """Return each draw's mean and the variance of that mean."""
    kept = np.isfinite(value)
    value, draw = value[kept], draw[kept]
    low, high = np.quantile(value, [CUT, 1 - CUT])
    value = np.clip(value, low, high)
    count = np.bincount(draw).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(draw, value) / count
        spread = np.bincount(draw, value**2) / count - mean**2
        error = spread / np.maximum(count - 1, 1)
    good = count > 1
    return mean[good], error[good]


def _share(after: tuple[Array, Array], before: tuple[Array, Array]) -> float:
    left, had = (_variance(*m) for m in (after, before))
    return float(1 - left / had) if had > 0 else 0.0


def _variance(mean: Array, error: Array) -> float:
    low, high = np.quantile(mean, [CUT, 1 - CUT])
    return max(float(np.clip(mean, low, high).var() - error.mean()), 0.0)


def _resampled(pair: tuple[Array, Array], rng: np.random.Generator) -> tuple[Array, Array]:
    picked = rng.integers(0, pair[0].size, pair[0].size)
    return pair[0][picked], pair[1][picked]
