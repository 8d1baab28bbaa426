"""The file of priors: ``data/priors.toml``, or a user's own, read whole with every fault told."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from overbuild.core.frozen import Frozen
from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.models.prior_template import TEMPLATE
from overbuild.models.priors import Prior, Priors

FILE = "priors.toml"
FIELDS = ("value", "reason", "known_from", "source")


def read_priors(path: Path | None = None) -> Priors:
    """Read every prior.

    Parameters
    ----------
    path
        A file of priors; None: the project's own.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, lacks a prior, holds one that no model has, or one is not as it
        should be. Every fault is told.
    """
    file = path or data_dir() / FILE
    state = (file.stat().st_mtime_ns, file.stat().st_size) if file.is_file() else (0, 0)
    return _read(file, state)


@lru_cache(maxsize=4)
def _read(file: Path, state: tuple[int, int]) -> Priors:
    """Read a file as it stands; ``state`` tells one content from another."""
    del state
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{file.name} is missing from {file.parent}; restore it from the repository."
        ) from None
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror}); expected a file in the form of data/priors.toml."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not readable as TOML ({error}).") from None
    given = {
        f"{model}.{name}".rstrip("."): entry
        for model, section in content.items()
        for name, entry in (section.items() if isinstance(section, dict) else [("", section)])
    }
    known = ", ".join(TEMPLATE)
    faults = [
        *(f"{n}: no model has such a prior; known are {known}." for n in given if n not in TEMPLATE),
        *(f"{n}: missing; give it with {', '.join(FIELDS)}." for n in TEMPLATE if n not in given),
        *(f for n, entry in given.items() if n in TEMPLATE for f in _faults(n, entry)),
    ]
    if faults:
        raise InputError("\n".join(f"{file.name}: {fault}" for fault in faults))
    made = {n: Prior(n, **{**given[n], "value": _frozen(given[n]["value"])}) for n in TEMPLATE}
    return Priors(Frozen(made), Frozen({}))


def _faults(name: str, entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{name} = {entry!r}; expected a table with {', '.join(FIELDS)}."
        return
    for missing in (f for f in FIELDS if f not in entry):
        yield f"{name}: lacks '{missing}'."
    for other in (f for f in entry if f not in FIELDS):
        yield f"{name}: has '{other}'; expected {', '.join(FIELDS)}."
    for text in (f for f in ("reason", "source") if f in entry):
        if not isinstance(entry[text], str) or not entry[text].strip():
            yield f"{name}: {text} = {entry[text]!r}; expected words."
    day = entry.get("known_from", date.min)
    if not isinstance(day, date) or isinstance(day, datetime):
        yield f"{name}: known_from = {day!r}; expected a day without quotes, such as 1946-12-31."
    expected, fits = TEMPLATE[name]
    if "value" in entry and not fits(entry["value"]):
        yield f"{name}: value = {entry['value']!r}; expected {expected}."


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(float(v) for v in value)
    return Frozen(value) if isinstance(value, dict) else value
