"""The drawn systems of the fundamentals gap: size of its tests, coverage of its intervals, filed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.core.digest import digest_of
from overbuild.locations import build_dir, data_dir
from overbuild.pipeline.code import Sources
from overbuild.pipeline.units import on_file as summary_on_file
from overbuild.pipeline.units import worked
from overbuild.probability.plain import plain
from overbuild.settings import SEED

if TYPE_CHECKING:
    from overbuild.timeseries.gap_experiment import Cell

BATCH = 250
MODULES = ("overbuild.timeseries.gap_experiment",)


@dataclass(frozen=True)
class _Job:
    """A batch of systems of one cell."""

    cell: Cell
    first: int
    last: int


def experiment(
    *,
    most: int | None = None,
    workers: int = 1,
    folder: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Run the design of `overbuild.timeseries.gap_experiment` and return every cell, as plain types.

    Parameters
    ----------
    most
        Systems a cell at most; None: as many as the design says.
    workers
        Processes; changes no result.
    folder
        Where batches are kept, so that a killed run resumes; None: ``build/``.
    progress
        Called with batches done, batches in all, and what they are.
    """
    from overbuild.timeseries.gap_experiment import CELLS, summary

    key = key_of(most)
    jobs = {
        f"{i:02d}-{first:04d}": _Job(cell, first, min(first + BATCH, count))
        for i, cell in enumerate(CELLS)
        for count in [min(cell.replications, most or cell.replications)]
        for first in range(0, count, BATCH)
    }
    home = (folder or build_dir()) / "gap_experiments" / key
    done = worked(_run, jobs, home, workers=workers, progress=progress, what="batches of systems")
    return plain(
        {
            "key": key,
            "cells": [
                summary(c, [f for n, j in jobs.items() if j.cell == c for f in done[n]]) for c in CELLS
            ],
        }
    )


def key_of(most: int | None = None) -> str:
    """Return what decides the result: code, the design and the seed."""
    from overbuild.timeseries.gap_experiment import CELLS

    code = Sources().fingerprint(*MODULES)
    return digest_of(code, [asdict(c) for c in CELLS], most, SEED)[:20]


def on_file(filed: Path | None = None) -> dict[str, Any] | None:
    """Return the table on file, whatever its key; None where there is none."""
    return summary_on_file(filed_path(filed or data_dir() / "filed"))


def filed_path(filed: Path) -> Path:
    """Return where the table is filed."""
    return filed / "timeseries" / "gap_experiments.json"


def _run(job: _Job) -> list[dict[str, float]]:
    from overbuild.timeseries.gap_experiment import replication

    return [replication(job.cell, number) for number in range(job.first, job.last)]
