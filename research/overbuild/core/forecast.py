"""Forecasts of events, and how paths become forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from overbuild.core.draws import Draws
from overbuild.core.events import Event
from overbuild.core.judging import trailing_year
from overbuild.core.paths import Paths
from overbuild.core.periods import period_end
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

    def forecast(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event, in the order given."""
        ...


class Posterior(Protocol):
    """What a path model has learnt."""

    def paths(self, until: str, inputs: Mapping[str, Draws], rng: np.random.Generator) -> Paths:
        """Return simulated paths to a period, with the history in front (`Paths.after`): events look back."""
        ...


class PathModel(Protocol):
    """A model of how layers move; it sees a snapshot and no date."""

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> Posterior:
        """Learn from a snapshot."""
        ...


def impossible(event: Event, snapshot: Snapshot, model: str, **details: Any) -> Forecast:
    """Return the forecast of an event that arithmetic excludes: probability exactly 0."""
    known = {"spread": (0.0, 0.0, 0.0), "status": _status(snapshot), **details}
    return Forecast(event.definition, event.by, snapshot.as_of, model, 0.0, **known)


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
        Simulated paths with the history they continue in front (`Paths.after`).
    parameter_draw
        Shape (draw,): which draw of the parameters made each path; gives the spread and, by cluster, the
        Monte Carlo error. With few paths a draw the spread holds their noise too. None: each path has its
        own.

    Returns
    -------
    tuple of Forecast
        One an event. An event whose layer is missing, or undecided in more than 5 % of the draws, is an
        abstention; where fewer are undecided they are left out.

    Raises
    ------
    ValueError
        If the paths know more than the snapshot, or lack the history from which a running peak is taken.
    """
    if paths.as_of > snapshot.as_of:
        raise ValueError(f"Paths known on {paths.as_of} cannot forecast as of {snapshot.as_of}.")
    return tuple(_from_paths(model, snapshot, event, paths, parameter_draw) for event in events)


def _from_paths(
    model: str, snapshot: Snapshot, event: Event, paths: Paths, groups: NDArray[np.int_] | None
) -> Forecast:
    if not event.possible(snapshot):
        return impossible(event, snapshot, model, evidence="paths")
    _require_history(event, snapshot, paths)
    of = partial(
        Forecast,
        event.definition,
        event.by,
        snapshot.as_of,
        model,
        evidence="paths",
        status=_status(snapshot),
    )
    verdicts = event.judge(paths)
    known = np.isfinite(verdicts.holds)
    if known.mean() < 1 - MOST_UNKNOWN:
        return of(None, abstains=verdicts.why_unknown)
    holds = verdicts.holds[known]
    labels = np.arange(holds.size) if groups is None else np.unique(groups[known], return_inverse=True)[1]
    sizes = np.bincount(labels)
    by_group = np.bincount(labels, weights=holds) / sizes
    probability = float(holds.mean())
    error = _cluster_error(by_group, sizes, probability)
    if groups is None:
        return of(probability, error)
    low, mid, high = (float(q) for q in np.quantile(by_group, [0.05, 0.5, 0.95]))
    return of(probability, error, (low, mid, high))


def _cluster_error(by_group: NDArray[np.float64], sizes: NDArray[np.int_], mean: float) -> float:
    """Return the standard error of a share over draws that come in groups."""
    groups = by_group.size
    if groups < 2:
        return 0.0
    return float(np.sqrt(groups / (groups - 1) * np.sum((sizes * (by_group - mean)) ** 2)) / sizes.sum())


def _require_history(event: Event, snapshot: Snapshot, paths: Paths) -> None:
    for part in (event, *event.parts):
        if part.rule != "drawdown" or part.layer not in paths.layers or not snapshot.has_history(part.layer):
            continue
        history = snapshot.history(part.layer)
        start, record = _first_whole_year(paths, part.layer), _first_whole_year(history, part.layer)
        if start is None or record is None or period_end(start) <= period_end(record):
            continue
        raise ValueError(
            f"Whole years of '{part.layer}' are known from {record} and start in {start} in the paths; "
            "put the history in front with Paths.after."
        )


def _first_whole_year(paths: Paths, layer: str) -> str | None:
    known = np.flatnonzero(np.isfinite(trailing_year(paths.layer(layer), paths.per_year)).any(axis=0))
    return paths.time[known[0]] if known.size else None


def _status(snapshot: Snapshot) -> str:
    return "ok" if snapshot.realtime == "vintage" else "hindcast"
