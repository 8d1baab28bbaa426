"""The events as defined in ``data/definitions.toml``, which is frozen before any probability is computed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from overbuild.core import Event
from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir

IDS = ("O1", "O2", "O3", "O4", "O5", "composite")
PRIMARY = "primary"


@cache
def read_definitions(path: Path | None = None) -> Mapping[str, Any]:
    """Return the content of ``definitions.toml``.

    Raises
    ------
    InputError
        If the file is missing or is not TOML.
    """
    file = path or data_dir() / "definitions.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{file.name} is missing from {file.parent}; restore it from the repository."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file.name} is not readable as TOML ({error}).") from None


def events_for(episode: str, *, by: str = "", path: Path | None = None) -> dict[str, list[Event]]:
    """Return the events of an episode: id to its primary variant followed by the others.

    Parameters
    ----------
    episode
        ``ai``, ``telecom`` or any other; a variant that names episodes is left out of the others.
    by
        The period by whose end they must have happened; empty: as far as the data go.
    path
        Another definitions file.
    """
    definitions = read_definitions(path)
    made: dict[str, list[Event]] = {}
    for identity in IDS:
        entry = definitions[identity]
        variants = {PRIMARY: {}} | {
            name: v
            for name, v in entry.get("variants", {}).items()
            if episode in v.get("episodes", [episode])
        }
        made[identity] = [
            _event(identity, name, {**entry, **variant}, made).dated(by) for name, variant in variants.items()
        ]
    return made


def event_named(name: str, episode: str = "ai", *, by: str = "", path: Path | None = None) -> Event:
    """Return one event by name: ``O3`` or ``O3/severe``.

    Raises
    ------
    UnknownNameError
        If there is none; the message lists what there is.
    """
    events = [e for es in events_for(episode, by=by, path=path).values() for e in es]
    by_name = {e.dated("").name: e for e in events}
    if name.removesuffix(f"/{PRIMARY}") not in by_name:
        raise UnknownNameError("event", name, tuple(by_name))
    return by_name[name.removesuffix(f"/{PRIMARY}")]


def _event(identity: str, variant: str, entry: Mapping[str, Any], made: Mapping[str, list[Event]]) -> Event:
    if entry["rule"] == "composite":
        parts = tuple(_part(name, made) for name in entry["parts"])
        return Event(
            identity,
            variant,
            "",
            "composite",
            needs=tuple(p.layer for p in parts),
            title=entry["title"],
            parts=parts,
        )
    return Event(
        identity,
        variant,
        entry["layer"],
        entry["rule"],
        "",
        entry["thresholds"],
        (entry["layer"],),
        entry["title"],
    )


def _part(name: str, made: Mapping[str, list[Event]]) -> Event:
    identity, variant = name.split("/")
    found = [e for e in made.get(identity, []) if e.variant == variant]
    if not found:
        raise InputError(
            f"definitions.toml: the composite names '{name}', which is not defined above it for this episode."
        )
    return found[0]
