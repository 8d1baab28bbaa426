"""What the quarterly model conditions on: quarterly growth of an era, and slack of its suppliers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths, Snapshot
from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError

type Array = NDArray[np.float64]

LAYERS = {"telecom": ("supplier_orders", "supplier_shipments")}
"""Episode to the layers that share one regime; of any other, capex."""
CAPEX = ("capex",)
UTILISATION = {"telecom": "supplier_utilisation"}
"""Era to its utilisation, a ratio to normal; the other has none."""
FEWEST = 12
PER_YEAR = 4
SLACK_UNIT = 0.1
"""Slack is counted in tenths of a log point below normal utilisation."""


@dataclass(frozen=True, eq=False)
class QuarterlyData:
    """Growth on one clock, without gaps.

    Attributes
    ----------
    layers
        Names of the series.
    time
        Quarter of each growth rate.
    growth
        Shape (quarter, series): log growth on the quarter before, not seasonally adjusted.
    start
        Shape (series,): log level in the quarter before the first.
    slack
        Shape (quarter + 1,): -ln(utilisation over normal) / 0.1 in the quarter before each growth rate,
        and in the last quarter; 0 where the era has no such series.
    has_slack
        Whether it has one.
    """

    layers: tuple[str, ...]
    time: tuple[str, ...]
    growth: Array
    start: Array
    slack: Array
    has_slack: bool

    @property
    def levels(self) -> Array:
        """Levels from the quarter before the first growth rate on, shape (quarter + 1, series)."""
        logs = np.concatenate([self.start[None], self.start + self.growth.cumsum(axis=0)])
        return np.exp(logs)

    @property
    def quarter(self) -> NDArray[np.int_]:
        """Quarter of the year of each growth rate, 0 to 3."""
        return np.array([ordinal(t) % PER_YEAR for t in self.time])

    def data(self) -> dict[str, Array]:
        """Return what the model conditions on, by the names of its data."""
        before = np.concatenate([np.zeros((1, len(self.layers))), self.growth[:-1]])
        known = np.ones(len(self.time))
        known[0] = 0.0
        seasons = np.eye(PER_YEAR)
        return {
            "growth": self.growth,
            "before": before,
            "known": known,
            "season": seasons[self.quarter],
            "season_before": seasons[(self.quarter - 1) % PER_YEAR],
            "slack": self.slack[:-1],
        }

    def with_growth(self, growth: Array) -> QuarterlyData:
        """Return the same quarters with other growth."""
        return replace(self, growth=growth)


def quarterly_data(snapshot: Snapshot) -> QuarterlyData:
    """Return the data of a snapshot: its last run of quarters in which every layer is known.

    Raises
    ------
    InputError
        If too few quarters are known.
    """
    layers = LAYERS.get(snapshot.episode, CAPEX)
    found = [_quarters(snapshot, layer) for layer in layers]
    extra = UTILISATION.get(snapshot.episode)
    slack = _slack(snapshot, extra) if extra else {}
    common = set(found[0]).intersection(*found[1:], slack or found[0])
    run = _last_run(common)
    if len(run) - 1 < FEWEST:
        names = " and ".join(f"'{n}'" for n in (*layers, *([extra] if extra else [])))
        raise InputError(
            f"{names} of {snapshot.episode or 'this episode'} give {max(len(run) - 1, 0)} quarterly growth "
            f"rates as of {snapshot.as_of}; quarterly regimes need {FEWEST} in a row. Ask for a later day."
        )
    logs = np.log(np.array([[series[n] for series in found] for n in run]))
    return QuarterlyData(
        layers,
        tuple(label(n, "Q") for n in run[1:]),
        np.diff(logs, axis=0),
        logs[0],
        np.array([slack.get(n, 0.0) for n in run]),
        extra is not None,
    )


def own_history(snapshot: Snapshot, last: str) -> Paths:
    """Return the era's own layers, from the first quarter in which any is known to the last of the data."""
    layers = LAYERS.get(snapshot.episode, CAPEX)
    history = snapshot.history(layers[0]).until(last)
    values = np.stack([history.layer(n)[0] for n in layers])
    first = int(np.flatnonzero(np.isfinite(values).any(axis=0))[0])
    kept = {n: values[i : i + 1, first:] for i, n in enumerate(layers)}
    units = {n: history.units[n] for n in layers}
    return Paths(history.time[first:], kept, units, "history", history.as_of)


def _quarters(snapshot: Snapshot, layer: str) -> dict[int, float]:
    """Return number of the quarter to value of a layer, where it is known and above 0."""
    if not snapshot.has_history(layer):
        return {}
    history = snapshot.history(layer)
    if history.frequency != "Q":
        return {}
    values = history.layer(layer)[0]
    first = ordinal(history.time[0])
    return {first + i: float(x) for i, x in enumerate(values) if np.isfinite(x) and x > 0}


def _slack(snapshot: Snapshot, layer: str) -> dict[int, float]:
    return {n: -np.log(u) / SLACK_UNIT for n, u in _quarters(snapshot, layer).items()} or {-1: 0.0}


def _last_run(numbers: set[int]) -> list[int]:
    """Return the numbers that end with the largest and lack none between."""
    run = sorted(numbers)
    gaps = [i for i in range(1, len(run)) if run[i] - run[i - 1] > 1]
    return run[gaps[-1] :] if gaps else run
