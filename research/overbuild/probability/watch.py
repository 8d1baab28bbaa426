"""What to watch: what the next figures are expected to do to the forecasts, when they are due, what decides.

Three answers that must not be mixed. A model that simulates says, from its own paths, how far its probability
is expected to move with each figure (`overbuild.probability.preposterior`). The base rate is asked again on a
record that is longer by the figure, which needs no model of its own. And arithmetic says from which level of
spending on the event has happened. None of them knows more than the model behind it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Paths, Snapshot
from overbuild.core.bounds import BOUNDS
from overbuild.core.judging import trailing_year
from overbuild.core.periods import label, ordinal, period_end
from overbuild.errors import InputError
from overbuild.probability.preposterior import preposterior
from overbuild.probability.rate_variants import LongView, Reading
from overbuild.probability.spending_paths import LAYER, spending

type Array = NDArray[np.float64]
LAGS = "release_lags.toml"


def due(rule: str, period: str, lags: Path) -> date:
    """Return the last day by which a figure of a period is published, by a rule of ``release_lags.toml``.

    Raises
    ------
    InputError
        If there is no such rule, or it is not one of days after the period.
    """
    found = tomllib.loads(lags.read_text(encoding="utf-8")).get(rule, {})
    if "days" not in found:
        raise InputError(f"{lags.name}: '{rule}' is no rule of days after the period.")
    return period_end(period) + timedelta(days=found["days"])


def expected_moves(
    event: Array,
    figures: Mapping[str, Array],
    groups: NDArray[np.int_],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Return what each figure is expected to do to a simulated probability, the largest first.

    Parameters
    ----------
    event
        Shape (path,): 1 where the event happens.
    figures
        Name to the figure on each path, shape (path,).
    groups
        Which draw of the parameters made each path.
    rng
        Generator of the bootstrap.
    """
    found = [{"figure": n, **asdict(preposterior(event, x, rng, groups))} for n, x in figures.items()]
    return sorted(found, key=lambda row: -row["expected_change"])


def extended(snapshot: Snapshot, capex: Sequence[float]) -> Snapshot:
    """Return a snapshot whose record of spending is longer by made-up quarters.

    The four firms keep their share; nothing else is known of those quarters.
    """
    history = snapshot.history(LAYER)
    every = history.layer(LAYER)[0]
    last = int(np.flatnonzero(np.isfinite(every))[-1])
    count = last + 1 + len(capex)
    first = ordinal(history.time[0])
    values = {}
    for name, row in history.values.items():
        longer = np.full(count, np.nan)
        kept = min(count, row.shape[1])
        longer[:kept] = row[0, :kept]
        if name == LAYER or name.startswith(f"{LAYER}_four"):
            share = row[0, last - 3 : last + 1].sum() / every[last - 3 : last + 1].sum()
            longer[last + 1 :] = share * np.asarray(capex)
        values[name] = longer[None]
    time = tuple(label(first + k, history.frequency) for k in range(count))
    made = Paths(time, values, history.units, "history", history.as_of)
    others = tuple(h for h in snapshot.histories if h is not history)
    return replace(snapshot, histories=(made, *others))


def base_rate_after(
    long: LongView, capex: Mapping[str, Sequence[float]], event: Event
) -> list[dict[str, Any]]:
    """Return the base rate now and after quarters of spending: its state, its age and its probability.

    Parameters
    ----------
    long
        The long series and the sector.
    capex
        Name of a case to spending in the quarters ahead, USD million.
    event
        The headline event, dated.
    """
    from overbuild.probability.standing import standing_of

    rows = []
    for name, ahead in {"now": (), **capex}.items():
        snapshot = extended(long.snapshot, ahead) if len(ahead) else long.snapshot
        standing = standing_of(
            spending(snapshot.history(LAYER)), LAYER, replace(long.rule, floor_usd_million=0.0)
        )
        asked = replace(long, snapshot=snapshot)
        rows.append(
            {
                "case": name,
                "last": standing.last,
                "state": standing.state,
                "years": standing.years,
                "ratio": standing.ratio,
                "probability": asked.probability(Reading(), event.by),
            }
        )
    return rows


def triggers(history: Paths, event: Event, quarters: Sequence[str]) -> list[dict[str, Any]]:
    """Return from which trailing year of spending on the event has happened by each quarter.

    The peak so far is the least that the peak can be: where spending rises first, the level rises with it.

    Parameters
    ----------
    history
        Spending, one layer ``capex``.
    event
        The event, a drawdown.
    quarters
        Quarters ahead.
    """
    flow = trailing_year(history.layer(LAYER)[:1], history.per_year)[0]
    peak, at = float(np.nanmax(flow)), int(np.nanargmax(flow))
    last = ordinal(history.time[-1])
    window = round(event.thresholds["window_years"] * history.per_year)
    rows = []
    for quarter in quarters:
        left = ordinal(quarter) - last
        open_still = BOUNDS[event.rule](history.layer(LAYER)[0], left, history.per_year, event.thresholds)
        known = history.layer(LAYER)[0, -(history.per_year - left) :] if left < history.per_year else []
        rows.append(
            {
                "quarter": quarter,
                "peak": peak,
                "level": (1 - event.thresholds["fall"]) * peak,
                "known": float(np.sum(known)),
                "possible": bool(open_still),
                "counts": ordinal(quarter) - ordinal(history.time[at]) <= window,
            }
        )
    return rows
