"""Which events on file arithmetic excludes, given what was known on the day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from overbuild.core import Event
from overbuild.episodes import load_episode
from overbuild.errors import UnknownNameError
from overbuild.probability.definitions import definitions_of, event_named
from overbuild.probability.spoken import Spoken


def impossible_events(said: Sequence[Spoken], data: Path | None = None) -> list[dict[str, str]]:
    """Return rows ``episode, as_of, event, by`` of the events with a date that can no longer happen.

    Parameters
    ----------
    said
        What is on file of each episode and day.
    data
        A data folder; None: the project's own.
    """
    rows = []
    for one in said:
        snapshot = load_episode(one.episode, one.as_of, data).snapshot
        for name, by in one.asked:
            event = _event(name, one.episode, by, definitions_of(data)) if by else None
            if event is not None and not event.possible(snapshot):
                day = one.as_of.isoformat()
                rows.append({"episode": one.episode, "as_of": day, "event": name, "by": by})
    return rows


def _event(name: str, episode: str, by: str, path: Path | None) -> Event | None:
    try:
        return event_named(name, episode, by=by, path=path)
    except UnknownNameError:
        return None
