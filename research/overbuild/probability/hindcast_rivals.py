"""Time-series rivals asked of telecom: random walk, ARIMA and unobserved components of its own past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.core.forecast import forecast_from_paths
from overbuild.core.periods import period_end
from overbuild.episodes import load_episode
from overbuild.probability.definitions import definitions_of, event_named
from overbuild.probability.hindcast_cases import TELECOM
from overbuild.randomness import stream
from overbuild.timeseries.rivals import RIVALS, TooShortError, paths_of

DRAWS = 10_000


@dataclass(frozen=True)
class RivalOrigin:
    """One day and the events that are asked of it.

    Attributes
    ----------
    as_of
        The day.
    events
        Name and date of each event; its layer is forecast by itself.
    data, seed
        As for a fit.
    """

    as_of: date
    events: tuple[tuple[str, str], ...]
    data: Path | None
    seed: int


def rivals(job: RivalOrigin) -> dict[str, list[float | str]]:
    """Return of every rival its chance of each event, or why it is silent."""
    snapshot = load_episode(TELECOM, job.as_of, job.data).snapshot
    path = definitions_of(job.data)
    events = [event_named(name, TELECOM, by=by, path=path) for name, by in job.events]
    made: dict[str, list[float | str]] = {}
    for rival in RIVALS:
        found: dict[tuple[str, str], float | str] = {}
        for layer in dict.fromkeys(e.layer for e in events):
            mine = [(asked, e) for asked, e in zip(job.events, events, strict=True) if e.layer == layer]
            until = max((by for (_, by), _ in mine), key=period_end)
            rng = stream(f"hindcasts/{rival}/{layer}/{job.as_of}", seed=job.seed)
            try:
                paths = paths_of(rival, snapshot.history(layer), until, DRAWS, rng, layers=(layer,))
            except TooShortError as silent:
                found |= {asked: str(silent) for asked, _ in mine}
                continue
            said: Any = forecast_from_paths(rival, snapshot, [e for _, e in mine], paths)
            for (asked, event), f in zip(mine, said, strict=True):
                silent, open_ = f.probability is None, event.possible(snapshot)
                found[asked] = f.abstains if silent else _share(f.probability) if open_ else 0.0
        made[rival] = [found[asked] for asked in job.events]
    return made


def _share(probability: float) -> float:
    """Return the share of paths, half a path added to either side: what no path did is not impossible."""
    return (probability * DRAWS + 0.5) / (DRAWS + 1.0)
