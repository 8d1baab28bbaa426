"""Many units of work, each kept in a file of its own: spread over processes, resumed if killed.

Each unit has its own name, its own random stream and its own file, so that neither the number of workers nor
an interruption changes a result. What is made of all units is filed with the project as one summary
(`on_file`), under a key that says what decided it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from overbuild.core.saving import load_json, save_json
from overbuild.errors import InputError
from overbuild.pipeline.executor import mapped, places_of
from overbuild.probability.plain import plain

type Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Cost:
    """What many units of work took and will take, from the time that each was seen to take.

    Attributes
    ----------
    done, units
        Units on file, and units in all.
    seconds
        Wall time of the units on file together, each as long as it ran.
    seconds_a_unit
        Their mean; None where no unit is on file.
    projected_seconds
        Wall time of all units on so many workers, which take them one after the other:
        ``seconds_a_unit x ceil(units / workers)``. Workers that hold each other up (memory, one disk) take
        longer than units that were measured alone say.
    remaining_seconds
        The same of the units that are not on file.
    """

    done: int
    units: int
    seconds: float
    seconds_a_unit: float | None
    projected_seconds: float | None
    remaining_seconds: float | None

    @classmethod
    def of(cls, seconds: Iterable[float], units: int, workers: int = 1) -> Cost:
        """Return the cost of ``units`` on a number of workers, given the seconds of those that are done."""
        known = list(seconds)
        total = float(sum(known))
        if not known:
            return cls(0, units, 0.0, None, None, None)
        each = total / len(known)
        every, rest = (each * math.ceil(n / workers) for n in (units, max(units - len(known), 0)))
        return cls(len(known), units, total, each, every, rest)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return asdict(self)


@dataclass(frozen=True)
class _Unit[T]:
    function: Callable[[T], Any]
    given: T
    path: Path


def worked[T](
    function: Callable[[T], Any],
    units: Mapping[str, T],
    home: Path,
    *,
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
    what: str = "units",
) -> dict[str, Any]:
    """Return what a function makes of every unit, as plain types, from file where it has been done before.

    Parameters
    ----------
    function
        A function of the top level of a module; what it returns must be plain or made of dataclasses.
    units
        Name of each unit, which names its file, to what the function is given.
    home
        Folder of the files; its name should be the key of the work (everything that decides a unit).
    workers, cluster
        Processes, or the address of a ``dask.distributed`` scheduler that sees the same files; changes no
        result.
    progress
        Called with units done, units in all, and ``what`` they are, with the time that is left as far as
        the units on file tell it.

    Returns
    -------
    dict
        Name to result, in the order given.

    Raises
    ------
    InputError
        If a file that was written cannot be read, or the cluster does not answer.
    """
    jobs = {name: _Unit(function, given, home / f"{name}.json") for name, given in units.items()}
    done = {name: found for name, job in jobs.items() if (found := _read(job.path)) is not None}
    names = {job.path: name for name, job in jobs.items()}
    waiting = [job for name, job in jobs.items() if name not in done]
    places = places_of(workers, cluster) if waiting else workers

    def tell() -> None:
        if progress:
            progress(len(done), len(jobs), what + _left(Cost.of(_seconds(done), len(jobs), places)))

    tell()
    for path in mapped(_run, waiting, workers=workers, cluster=cluster):
        found = _read(path)
        if found is None:
            raise InputError(f"{path} was written and cannot be read; delete it and run the command again.")
        done[names[path]] = found
        tell()
    return {name: done[name]["made"] for name in jobs}


def cost(names: Iterable[str], home: Path, workers: int = 1) -> Cost:
    """Return what units took that are on file in a folder, and what all of them take on so many workers.

    Parameters
    ----------
    names, home
        As the keys of ``units`` and ``home`` of `worked`.
    workers
        Workers to project the cost on.
    """
    wanted = list(names)
    found = {name: kept for name in wanted if (kept := _read(home / f"{name}.json")) is not None}
    return Cost.of(_seconds(found), len(wanted), workers)


def on_file(path: Path, key: str | None = None) -> dict[str, Any] | None:
    """Return a summary on file; None where there is none, or where it bears another key."""
    try:
        found = load_json(path)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and (key is None or found.get("key") == key) else None


def _run(job: _Unit[Any]) -> Path:
    began = time.perf_counter()
    made = job.function(job.given)
    save_json(job.path, plain({"made": made, "seconds": time.perf_counter() - began}))
    return job.path


def _read(path: Path) -> dict[str, Any] | None:
    found = on_file(path)
    return found if found is not None and "made" in found else None


def _seconds(done: Mapping[str, Mapping[str, Any]]) -> list[float]:
    return [found["seconds"] for found in done.values() if "seconds" in found]


def _left(cost: Cost) -> str:
    """Return how long is left in words, to be put behind what the units are."""
    if not cost.remaining_seconds:
        return ""
    hours, minutes = divmod(math.ceil(cost.remaining_seconds / 60), 60)
    return f", about {f'{hours} h {minutes} min' if hours else f'{minutes} min'} left"
