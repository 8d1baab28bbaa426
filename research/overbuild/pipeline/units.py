"""Many units of work, each kept in a file of its own: spread over processes, resumed if killed.

Each unit has its own name, its own random stream and its own file, so that neither the number of workers nor
an interruption changes a result. What is made of all units is filed with the project as one summary
(`on_file`), under a key that says what decided it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overbuild.core.saving import load_json, save_json
from overbuild.errors import InputError
from overbuild.pipeline.executor import mapped
from overbuild.probability.plain import plain

type Progress = Callable[[int, int, str], None]


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
        Called with units done, units in all, and ``what`` they are.

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
    if progress:
        progress(len(done), len(jobs), what)
    waiting = [job for name, job in jobs.items() if name not in done]
    for path in mapped(_run, waiting, workers=workers, cluster=cluster):
        found = _read(path)
        if found is None:
            raise InputError(f"{path} was written and cannot be read; delete it and run the command again.")
        done[names[path]] = found
        if progress:
            progress(len(done), len(jobs), what)
    return {name: done[name]["made"] for name in jobs}


def on_file(path: Path, key: str | None = None) -> dict[str, Any] | None:
    """Return a summary on file; None where there is none, or where it bears another key."""
    try:
        found = load_json(path)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and (key is None or found.get("key") == key) else None


def _run(job: _Unit[Any]) -> Path:
    save_json(job.path, plain({"made": job.function(job.given)}))
    return job.path


def _read(path: Path) -> dict[str, Any] | None:
    found = on_file(path)
    return found if found is not None and "made" in found else None
