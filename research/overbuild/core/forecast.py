"""Forecasts of events, and how paths become forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from overbuild.core.draws import Draws
from overbuild.core.events import Event
from overbuild.core.paths import Paths
from overbuild.core.snapshot import Snapshot

Evidence = Literal["paths", "direct", "rule", "prior-driven"]
MOST_UNKNOWN = 0.05
"""Share of undecided draws above which a path model abstains."""


@dataclass(frozen=True)
class Forecast:
    """What one model says of one event, or why it says nothing.

    Attributes
    ----------
    event, by
        Name of the event with its variant, and the period by whose end it is to have happened.
    as_of
        The day whose knowledge it uses.
    model
        Name of the forecaster.
    probability
        In [0, 1], or None when the model abstains.
    mc_error
        Monte Carlo standard error of the probability (0 where nothing was simulated).
    spread
        5 %, 50 % and 95 % points of the probability over the model's own parameters; None where it has none.
    evidence
        ``paths`` (simulated), ``direct`` (estimated from outcomes), ``rule`` (counted by a stated rule) or
        ``prior-driven`` (the data moved it little).
    abstains
        Reason, empty when the model speaks.
    status
        ``ok``, ``failed`` (a check failed; no weight) or ``hindcast`` (rests on revised data).
    """

    event: str
    by: str
    as_of: date
    model: str
    probability: float | None
    mc_error: float = 0.0
    spread: tuple[float, float, float] | None = None
    evidence: Evidence = "direct"
    abstains: str = ""
    status: str = "ok"

    def __post_init__(self) -> None:
        if (self.probability is None) != bool(self.abstains):
            raise ValueError("A forecast either gives a probability or says why it abstains.")
        if self.probability is not None and not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"{self.probability} is not a probability.")
        if self.spread is not None and not 0.0 <= self.spread[0] <= self.spread[1] <= self.spread[2] <= 1.0:
            raise ValueError(f"{self.spread} are not three ordered probabilities.")
        if not (np.isfinite(self.mc_error) and self.mc_error >= 0):
            raise ValueError(f"{self.mc_error} is not a Monte Carlo standard error.")


@runtime_checkable
class Forecaster(Protocol):
    """Anything that speaks about events given what is known on a day."""

    @property
    def name(self) -> str:
        """Name by which its forecasts are filed."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Series or layers without which it abstains."""
        ...

    def forecast(self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator) -> tuple[Forecast, ...]:
        """Return one forecast an event, in the order given."""
        ...


class Posterior(Protocol):
    """What a path model has learnt."""

    def paths(self, until: str, inputs: Mapping[str, Draws], rng: np.random.Generator) -> Paths:
        """Return simulated paths from the end of the data to a period."""
        ...


class PathModel(Protocol):
    """A model of how layers move; it sees a snapshot and no date."""

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> Posterior:
        """Learn from a snapshot."""
        ...


def impossible(event: Event, snapshot: Snapshot, model: str, **details: Any) -> Forecast:
    """Return the forecast of an event that arithmetic excludes: probability exactly 0."""
    return Forecast(event.name.split(" by ")[0], event.by, snapshot.as_of, model, 0.0, spread=(0.0, 0.0, 0.0), **details)


def forecast_from_paths(
    model: str,
    snapshot: Snapshot,
    events: Sequence[Event],
    paths: Paths,
    parameter_draw: NDArray[np.int_] | None = None,
) -> tuple[Forecast, ...]:
    """Judge events on simulated paths and return the share of draws in which they hold.

    Parameters
    ----------
    model
        Name under which the forecasts are filed.
    snapshot
        What was known; excludes impossible events.
    events
        The events.
    paths
        Simulated paths that start no later than the history they continue.
    parameter_draw
        Shape (draw,): which draw of the parameters made each path; gives the spread and, by cluster, the Monte
        Carlo error. None: each path has its own.

    Returns
    -------
    tuple of Forecast
        One an event. An event whose layer is missing, or undecided in more than 5 % of the draws, is an abstention.
    """
    return tuple(_from_paths(model, snapshot, event, paths, parameter_draw) for event in events)


def _from_paths(model: str, snapshot: Snapshot, event: Event, paths: Paths, groups: NDArray[np.int_] | None) -> Forecast:
    if not event.possible(snapshot):
        return impossible(event, snapshot, model, evidence="paths")
    name = event.name.split(" by ")[0]
    verdicts = event.judge(paths)
    known = np.isfinite(verdicts.holds)
    if known.mean() < 1 - MOST_UNKNOWN:
        return Forecast(name, event.by, snapshot.as_of, model, None, evidence="paths", abstains=verdicts.why_unknown)
    holds = verdicts.holds[known]
    labels = np.arange(holds.size) if groups is None else np.unique(groups[known], return_inverse=True)[1]
    by_group = np.bincount(labels, weights=holds) / np.bincount(labels)
    probability = float(holds.mean())
    error = float(by_group.std(ddof=1) / np.sqrt(by_group.size)) if by_group.size > 1 else 0.0
    spread = None
    if groups is not None:
        low, mid, high = np.quantile(by_group, [0.05, 0.5, 0.95])
        spread = (float(low), float(mid), float(high))
    return Forecast(name, event.by, snapshot.as_of, model, probability, error, spread, evidence="paths")
