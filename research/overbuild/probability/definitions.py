"""The events as defined in ``data/definitions.toml``, which is frozen before any probability is computed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from overbuild.core import Event
from overbuild.core.events import COMPOSITE
from overbuild.core.periods import frequency_of
from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir

IDS = ("O1", "O2", "O3", "O4", "O5", COMPOSITE)
PRIMARY = "primary"
FILE = "definitions.toml"
THRESHOLDS = {
    "drawdown": ("fall", "window_years"),
    "low_utilisation": ("ratio", "years"),
    "below_level": ("level",),
    "above_log_level": ("ratio",),
    "faster_fall": ("excess", "years"),
}
"""Rule to the thresholds that it needs."""
TABLES = {
    "truth_table": ("vintages", "horizons_years", "falls", "layers"),
    "O3.grid": ("fall", "window_years"),
}
"""Tables of values, by their place in the file, and the lists that each needs."""


def read_definitions(path: Path | None = None) -> Mapping[str, Any]:
    """Return the content of ``definitions.toml``.

    Raises
    ------
    InputError
        If the file is missing or is not TOML.
    """
    file = path or data_dir() / FILE
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problem = f"is missing from {file.parent}; restore it from the repository"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        problem = "is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not readable as TOML ({error})"
    raise InputError(f"{file.name} {problem}.")


def definitions_of(data: Path | None) -> Path | None:
    """Return the definitions of a data folder, if it has its own; None stands for the project's."""
    return data / FILE if data and (data / FILE).is_file() else None


def table_named(name: str, *, path: Path | None = None) -> Mapping[str, Any]:
    """Return one table of values: ``truth_table`` or ``O3.grid``.

    Raises
    ------
    InputError
        If it is not there, or lacks one of its lists.
    """
    found: Any = read_definitions(path)
    for key in name.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    for key in TABLES[name]:
        if not isinstance(found, Mapping) or not isinstance(found.get(key), list):
            raise InputError(f"{FILE}, {name}: lacks the list '{key}'.")
    return found


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

    Raises
    ------
    InputError
        If an event is not defined as it should be, or ``by`` is no period; the message says what is wrong.
    """
    if by:
        try:
            frequency_of(by)
        except ValueError as error:
            raise InputError(str(error)) from None
    definitions = read_definitions(path)
    made: dict[str, list[Event]] = {}
    for identity in IDS:
        entry = definitions.get(identity)
        if not isinstance(entry, Mapping):
            raise InputError(f"{FILE}: lacks the event [{identity}].")
        variants = {PRIMARY: {}} | {
            name: variant
            for name, variant in entry.get("variants", {}).items()
            if episode in variant.get("episodes", [episode])
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
    found = {e.definition: e for es in events_for(episode, by=by, path=path).values() for e in es}
    wanted = name.removesuffix(f"/{PRIMARY}")
    if wanted not in found:
        raise UnknownNameError("event", name, tuple(found))
    return found[wanted]


def _event(identity: str, variant: str, entry: Mapping[str, Any], made: Mapping[str, list[Event]]) -> Event:
    where = f"{FILE}, {identity}" + ("" if variant == PRIMARY else f"/{variant}")
    composite = entry.get("rule") == COMPOSITE
    for key in ("title", "rule", "parts") if composite else ("title", "rule", "layer", "thresholds"):
        if key not in entry:
            raise InputError(f"{where}: lacks '{key}'.")
    if composite:
        parts = tuple(_part(name, where, made) for name in entry["parts"])
        if len(parts) != 3:
            raise InputError(f"{where}: a composite has three parts, such as O1/primary; found {len(parts)}.")
        needs = tuple(p.layer for p in parts)
        return Event(identity, variant, "", COMPOSITE, needs=needs, title=entry["title"], parts=parts)
    rule, layer, thresholds = entry["rule"], entry["layer"], entry["thresholds"]
    if rule not in THRESHOLDS:
        raise UnknownNameError(f"rule ({where})", rule, (*THRESHOLDS, COMPOSITE))
    for name in THRESHOLDS[rule]:
        if name not in thresholds:
            raise InputError(f"{where}: the rule '{rule}' lacks the threshold '{name}'.")
    for name, value in thresholds.items():
        if not isinstance(value, int | float):
            raise InputError(f"{where}: the threshold {name} = '{value}' is not a number.")
    return Event(identity, variant, layer, rule, thresholds=thresholds, needs=(layer,), title=entry["title"])


def _part(name: str, where: str, made: Mapping[str, list[Event]]) -> Event:
    identity, _, variant = name.partition("/")
    found = [e for e in made.get(identity, []) if e.variant == (variant or PRIMARY)]
    if not found:
        raise InputError(f"{where}: names '{name}', which is not defined above it for this episode.")
    return found[0]
