"""Forecasts of events from simulated paths, and how much of what decides them the data have taught.

learnt = 1 - Var(m | data) / Var(m | priors), with m the mean over a draw's paths of the quantity that decides
an event, so that chance on a path, which no data could remove, does not count. Variances are of values
moved to the nearest of their 2.5 and 97.5 % points, and less the Monte Carlo variance of the means. It is the
lesser of two shares. The second has in the denominator draws as learnt but for what decides the event, put
back to its priors: where demand stops, and for O3 how a boom ends and what a bust does. Without it growth
learnt in ordinary times would pass for knowledge of the ceiling, or of the end.

O3 has no such quantity as m: the largest fall of a whole record cannot be smaller than falls long past. In
its place stands the event's log odds, with s2 their variance over draws (`overbuild.simulation.log_odds`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.forecast import forecast_from_paths
from overbuild.core.judging import faster_fall
from overbuild.core.paths import Paths
from overbuild.core.periods import horizon
from overbuild.simulation.bounded import bounded, judge
from overbuild.simulation.inputs import SLOPES, Inputs
from overbuild.simulation.log_odds import counts_of, spread
from overbuild.simulation.run import Simulated
from overbuild.simulation.view import NAME

type Array = NDArray[np.float64]

LEAST_LEARNT = 0.2
CUT = 0.025
RESAMPLES = 200
LOWEST = 0.05
REFITS = 60
"""Resamples where each takes three fits of log odds."""
ENDING = ("exit", "exit_age", *SLOPES, "after_boom", "bust_gap", "from_normal", "from_bust")
"""Inputs that decide how booms end and what busts do."""
STOPPING = ("headroom", "asymmetry")
"""Inputs that decide where demand stops."""


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
    paths, found = made.paths(), []
    for event in events:
        on = bounded(event, made, paths)
        found += forecast_from_paths(NAME, snapshot, (event,), on, made.draw)
    return tuple(_judged(f, e, learnt) for f, e in zip(found, events, strict=True))


def _judged(forecast: Forecast, event: Event, learnt: Mapping[tuple[str, str], float]) -> Forecast:
    if forecast.abstains:
        return forecast
    share = learnt.get((event.definition, event.by), learnt.get((event.id, event.by), 0.0))
    return replace(forecast, evidence="paths" if share >= LEAST_LEARNT else "prior-driven")


def deciding(event: Event, paths: Paths) -> Array:
    """Return the continuous quantity that decides an event on each path, shape (path,).

    O1: ln of value over cost; O2: ln of the highest use within the emptiest run of the length asked for;
    O4: the gap; O5: the largest smallest excess. The history is in front, and only quarters to the event's
    date count.
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
    if event.rule == "above_log_level":
        return x[:, -1]
    return faster_fall(x, per_year, event.thresholds).value


def at_priors(inputs: Inputs, prior: Inputs, names: Sequence[str]) -> Inputs:
    """Return inputs as learnt but for some, which are as the priors have them."""
    return inputs.replaced(**{n: prior.draws[n] for n in names})


def learnt_shares(
    after: Simulated, before: Simulated, ending: Simulated, stopping: Simulated, events: Sequence[Event]
) -> list[dict[str, Any]]:
    """Return rows ``event, by, learnt, low, high``: the share of the variance that the data removed.

    ``low`` and ``high`` hold nine in ten of the shares of resampled draws. A composite takes the least of the
    cash part's and the better of the others', None for its range.

    Parameters
    ----------
    after, before
        Simulated on draws given the data, and on draws of the priors.
    ending, stopping
        Simulated on draws given the data but for `ENDING`, and but for `STOPPING`.
    events
        The events, with dates.
    """
    rows, known = [], {}
    rng = np.random.default_rng(0)
    paths = {id(m): m.paths() for m in (after, before, ending, stopping)}
    for event in events:
        if event.parts:
            continue
        odds = event.rule == "drawdown"
        three = (after, before, ending if odds else stopping)
        if odds:
            held = [counts_of(judge(event, m, paths[id(m)]).holds, m.draw) for m in three]
        else:
            held = [_means(deciding(event, paths[id(m)]), m.draw) for m in three]
        measure = spread if odds else _variance
        share = _lesser_share(measure, held)
        again = [_lesser_share(measure, _drawn(held, rng)) for _ in range(REFITS if odds else RESAMPLES)]
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


def _variance(mean: Array, error: Array) -> float:
    low, high = np.quantile(mean, [CUT, 1 - CUT])
    return max(float(np.clip(mean, low, high).var() - error.mean()), 0.0)


def _lesser_share(measure: Callable[[Array, Array], float], held: Sequence[tuple[Array, Array]]) -> float:
    """Return the lesser share; 0 where the event holds on no path or all, since nothing tells its odds."""
    left, *had = (measure(*each) for each in held)
    shares = [1 - left / h for h in had if h > 0]
    return min(shares) if len(shares) == len(had) and np.isfinite(left) else 0.0


def _drawn(pairs: Sequence[tuple[Array, Array]], rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Return each pair with its draws drawn anew."""
    picked = [rng.integers(0, a.size, a.size) for a, _ in pairs]
    return [(a[rows], b[rows]) for (a, b), rows in zip(pairs, picked, strict=True)]
