"""Size and power of the explosive-root tests, spread over processes, resumed if killed, filed as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.core.digest import digest_file, digest_of
from overbuild.core.saving import save_text
from overbuild.locations import PACKAGE, build_dir, data_dir
from overbuild.pipeline.units import on_file, worked
from overbuild.settings import SEED

MODULES = (
    "autoregression",
    "coefficient_kernel",
    "episode",
    "kernel",
    "nulls",
    "recursive",
    "signs",
    "simulators",
    "size_design",
    "statistic",
    "technology",
    "variant",
    "volatile",
    "volatile_null",
)
"""Modules of ``overbuild.explosive`` that decide a number; the others only present or check."""
COLUMNS = ("n", "process", "test", "critical_values", "paths", "sadf", "gsadf")
"""Of the table: what was tested by what, and how many of its paths each supremum rejects."""
CRITICAL = ("n", "test", "null", "supremum", "value")


def measure(
    *,
    most: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Run the design of `overbuild.explosive.size_design` and return its table, as plain types.

    Parameters
    ----------
    most
        Units a process and length at most; None: as many as the design says.
    workers, cluster
        Processes, or the address of a ``dask.distributed`` scheduler; changes no result.
    folder
        Where units are kept, so that a killed run resumes; None: ``build/``.
    progress
        Called with units done, units in all, and what they are.
    """
    from overbuild.explosive import size_design as design

    key = key_of(most)
    home = (folder or build_dir()) / "size_power" / key
    spread: dict[str, Any] = {"workers": workers, "cluster": cluster, "progress": progress}
    draws = {
        f"under-{null}-{n}-{i}": design.NullDraws(n, null, i, SEED)
        for n in design.LENGTHS
        for null in design.NULLS
        for i in range(min(design.DRAWS // design.DRAWS_BATCH, most or design.DRAWS))
    }
    under = worked(design.null_draws, draws, home, what="units under the null", **spread)
    critical = {n: _critical([under[name] for name, u in draws.items() if u.n == n]) for n in design.LENGTHS}
    cells = {
        f"{process}-{n}-{i}": design.Cell(n, process, i, SEED, tuple(critical[n].items()))
        for n in design.LENGTHS
        for process in design.processes(n)
        for i in range(min(design.PATHS[n] // design.BATCH, most or design.PATHS[n]))
    }
    counted = worked(design.rejections, cells, home, what="units of paths", **spread)
    return {
        "key": key,
        "size": design.SIZE,
        "bootstraps": design.BOOTSTRAPS,
        "late": design.LATE,
        "draws": design.DRAWS_BATCH * len({u.index for u in draws.values()}),
        "columns": list(COLUMNS),
        "rows": _rows(counted, cells, design.BATCH),
        "critical_columns": list(CRITICAL),
        "critical": [
            [n, *name.split("."), value] for n, of in critical.items() for name, value in of.items()
        ],
    }


def key_of(most: int | None = None) -> str:
    """Return what decides the result: the code of `MODULES`, the design and the seed."""
    from overbuild.explosive import size_design as design

    code = [digest_file(PACKAGE / "explosive" / f"{name}.py") for name in MODULES]
    settings = {n: dict(design.processes(n)) for n in design.LENGTHS}
    return digest_of(code, settings, design.PATHS, design.DRAWS, design.BOOTSTRAPS, most, SEED)[:20]


def filed_path(filed: Path) -> Path:
    """Return where the table is filed."""
    return filed / "explosive_size" / "size_power.json"


def save(path: Path, found: dict[str, Any]) -> None:
    """File a table, one row a line."""
    import json

    lines = []
    for name, value in found.items():
        rows = name in ("rows", "critical")
        body = ",\n".join(json.dumps(r) for r in value) if rows else json.dumps(value)
        lines.append(f"{json.dumps(name)}: [\n{body}\n]" if rows else f"{json.dumps(name)}: {body}")
    save_text(path, "{" + ",\n".join(lines) + "}\n")


def filed(folder: Path | None = None) -> dict[str, Any] | None:
    """Return the table on file, whatever its key; None where there is none."""
    return on_file(filed_path(folder or data_dir() / "filed"))


def _critical(units: list[dict[str, list[float]]]) -> dict[str, float]:
    from overbuild.explosive.size_design import SIZE

    names = sorted({name for u in units for name in u})
    return {
        name: round(float(np.quantile(np.concatenate([u[name] for u in units if name in u]), 1 - SIZE)), 4)
        for name in names
    }


def _rows(counted: dict[str, dict[str, int]], cells: dict[str, Any], batch: int) -> list[list[Any]]:
    sums: dict[tuple[Any, ...], dict[str, int]] = {}
    for unit, counts in counted.items():
        for name, count in counts.items():
            test, values, supremum = name.split(".")
            of = sums.setdefault((cells[unit].n, cells[unit].process, test, values), {})
            of[supremum] = of.get(supremum, 0) + count
    paths = Counter((c.n, c.process) for c in cells.values())
    return [[*at, batch * paths[at[:2]], of["sadf"], of.get("gsadf")] for at, of in sums.items()]
