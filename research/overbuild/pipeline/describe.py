"""What the registers and settings files say of the data that a step uses, and nothing of the rest.

A step that hashed the whole of ``definitions.toml`` or ``catalogue.csv`` would be redone whenever any
definition or any file changes. These functions cut out the rows and sections that concern it.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from overbuild.errors import InputError, UnknownNameError
from overbuild.models.prior_file import read_priors


def catalogued(data: Path) -> tuple[str, ...]:
    """Return the files that the catalogue names.

    Raises
    ------
    InputError
        If there is no catalogue.
    """
    return tuple(row["file"] for row in _rows(data / "catalogue.csv"))


def files_of(data: Path, series: Iterable[str]) -> tuple[str, ...]:
    """Return the files that hold some series, as the codebook says.

    Raises
    ------
    UnknownNameError
        If the codebook has no such series.
    """
    homes = {row["series"]: row["file"] for row in _rows(data / "codebook.csv")}
    unknown = [s for s in series if s not in homes]
    if unknown:
        raise UnknownNameError("series in codebook.csv", unknown[0], tuple(homes))
    return tuple(sorted({homes[s] for s in series}))


def registered(data: Path, files: Iterable[str]) -> dict[str, Any]:
    """Return the rows of the catalogue and of the codebook for some files."""
    wanted = set(files)
    return {
        name: [dict(row) for row in _rows(data / f"{name}.csv") if row["file"] in wanted]
        for name in ("catalogue", "codebook")
    }


def sections(file: Path, names: Iterable[str]) -> dict[str, Any]:
    """Return sections of a TOML file.

    Raises
    ------
    InputError
        If the file is missing or not TOML.
    UnknownNameError
        If it has no section of a name; the message lists what it has.
    """
    try:
        content = _parsed(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{file.name} is missing from {file.parent}; restore it from the repository."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not readable as TOML ({error}).") from None
    unknown = [n for n in names if n not in content]
    if unknown:
        raise UnknownNameError(f"section of {file.name}", unknown[0], tuple(content))
    return {name: deepcopy(content[name]) for name in names}


@lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def priors(data: Path, model: str) -> dict[str, Any]:
    """Return name to value and first day of a model's priors: what decides its results, not the reasons.

    Raises
    ------
    InputError
        If ``priors.toml`` is not as it should be; every fault is told.
    """
    return read_priors(data / "priors.toml").of(model).plain()


def perimeter(data: Path, episode: str) -> dict[str, Any]:
    """Return the perimeter of an episode, with the series of the outside view among its ``series``."""
    found = sections(data / "perimeter.toml", (episode, "outside_view"))
    series = {*found[episode]["series"], *found["outside_view"]["series"]}
    return {**found[episode], "series": sorted(series)}


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    except FileNotFoundError:
        raise InputError(
            f"{file.name} is missing from {file.parent}; restore it from the repository."
        ) from None
