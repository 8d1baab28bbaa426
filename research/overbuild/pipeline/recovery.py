"""The recovery design of a game's estimator, spread over processes, resumed if killed, filed as one summary.

Panels are drawn and fitted in batches; each panel has its own random stream and each batch its own file below
``build/``, so that neither the number of workers nor an interruption changes a result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.core.digest import digest_of
from overbuild.core.saving import load_json, save_json
from overbuild.errors import InputError
from overbuild.locations import build_dir, data_dir
from overbuild.models.prior_file import read_priors
from overbuild.pipeline.code import Sources
from overbuild.pipeline.executor import mapped
from overbuild.probability.plain import plain
from overbuild.settings import SEED

if TYPE_CHECKING:
    from overbuild.games.recovery import Cell

MODEL = "quantal_response"
BATCH = 10


@dataclass(frozen=True)
class _Job:
    """A batch of panels of one cell."""

    cell: Cell
    first: int
    last: int
    priors: dict[str, Any]
    threads: int | None
    path: Path


def recover(
    as_of: date,
    *,
    most: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    data: Path | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Run the design of `overbuild.games.recovery` and return the summary of every cell, as plain types.

    Parameters
    ----------
    as_of
        The day whose priors are used.
    most
        Panels a cell at most; None: as many as the design says.
    workers, cluster
        Processes, or the address of a ``dask.distributed`` scheduler; changes no result.
    data
        A data folder; None: the project's.
    folder
        Where batches are kept, so that a killed run resumes; None: ``build/``.
    progress
        Called with batches done, batches in all, and what they are.
    """
    from overbuild.games.recovery import CELLS, summary

    priors = held(as_of, data)
    key = key_of(priors, most)
    home = (folder or build_dir()) / "recovery" / MODEL / key
    jobs = [
        _Job(
            cell, first, min(first + BATCH, count), priors, 1 if workers > 1 else None, _path(home, i, first)
        )
        for i, cell in enumerate(CELLS)
        for count in [min(cell.replications, most or cell.replications)]
        for first in range(0, count, BATCH)
    ]
    done = {job.path: read for job in jobs if (read := _read(job.path)) is not None}
    for path in mapped(_run, [j for j in jobs if j.path not in done], workers=workers, cluster=cluster):
        found = _read(path)
        if found is None:
            raise InputError(f"{path} was written and cannot be read; delete it and run the command again.")
        done[path] = found
        if progress:
            progress(len(done), len(jobs), "batches of panels")
    by_cell = {cell: [f for j in jobs if j.cell == cell for f in done[j.path]] for cell in CELLS}
    return plain(
        {
            "key": key,
            "model": MODEL,
            "cells": [summary(cell, found) for cell, found in by_cell.items()],
            "panels": sum(map(len, by_cell.values())),
        }
    )


def held(as_of: date, data: Path | None = None) -> dict[str, Any]:
    """Return name to value of the priors of the model that could be held on a day."""
    values = read_priors((data or data_dir()) / "priors.toml").at(as_of).values(MODEL)
    return {name: list(v) if isinstance(v, tuple | list) else v for name, v in values.items()}


def key_of(priors: Mapping[str, Any], most: int | None = None) -> str:
    """Return what decides the result: code, priors, the design and the seed."""
    from overbuild.games.recovery import CELLS

    code = Sources().fingerprint("overbuild.games.recovery")
    return digest_of(code, dict(priors), [asdict(c) for c in CELLS], most, SEED)[:20]


def on_file(filed: Path | None = None) -> dict[str, Any] | None:
    """Return the summary on file, whatever its key; None where there is none."""
    try:
        return load_json(filed_path(filed or data_dir() / "filed"))
    except (OSError, ValueError):
        return None


def filed_path(filed: Path) -> Path:
    """Return where the summary is filed."""
    return filed / "recovery" / f"{MODEL}.json"


def _run(job: _Job) -> Path:
    """Do one batch and file it."""
    from overbuild.games.recovery import replication

    if job.threads:
        import numba

        numba.set_num_threads(job.threads)
    found = [replication(job.cell, number, job.priors) for number in range(job.first, job.last)]
    save_json(job.path, plain(found))
    return job.path


def _path(home: Path, cell: int, first: int) -> Path:
    return home / f"{cell:02d}-{first:04d}.json"


def _read(path: Path) -> list[dict[str, float]] | None:
    try:
        found = load_json(path)
        return [{k: float("nan") if v is None else float(v) for k, v in each.items()} for each in found]
    except (OSError, ValueError, TypeError):
        return None
