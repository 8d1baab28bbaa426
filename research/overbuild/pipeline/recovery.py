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
from overbuild.locations import build_dir, data_dir
from overbuild.models.prior_file import read_priors
from overbuild.pipeline.code import Sources
from overbuild.pipeline.units import on_file as summary_on_file
from overbuild.pipeline.units import worked
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
    threads = 1 if workers > 1 or cluster else None
    jobs = {
        f"{i:02d}-{first:04d}": _Job(cell, first, min(first + BATCH, count), priors, threads)
        for i, cell in enumerate(CELLS)
        for count in [min(cell.replications, most or cell.replications)]
        for first in range(0, count, BATCH)
    }
    options = {"workers": workers, "cluster": cluster, "progress": progress, "what": "batches of panels"}
    done = {name: _numbers(made) for name, made in worked(_run, jobs, home, **options).items()}
    by_cell = {cell: [f for n, j in jobs.items() if j.cell == cell for f in done[n]] for cell in CELLS}
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
    return summary_on_file(filed_path(filed or data_dir() / "filed"))


def filed_path(filed: Path) -> Path:
    """Return where the summary is filed."""
    return filed / "recovery" / f"{MODEL}.json"


def _run(job: _Job) -> list[dict[str, float]]:
    """Do one batch."""
    from overbuild.games.recovery import replication

    if job.threads:
        import numba

        numba.set_num_threads(job.threads)
    return [replication(job.cell, number, job.priors) for number in range(job.first, job.last)]


def _numbers(batch: list[dict[str, float | None]]) -> list[dict[str, float]]:
    """Return a batch as it was before it was written: plain files have None for nan."""
    return [{k: float("nan") if v is None else float(v) for k, v in each.items()} for each in batch]
