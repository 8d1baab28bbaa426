"""The data are checked before anything is computed from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import catalogued
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step

REGISTERS = ("catalogue.csv", "codebook.csv", "sources.csv", "gaps.csv", "release_lags.toml")


def passed(plan: Plan) -> Path:
    """Return the file that says that the data passed; its content is constant, so it makes nothing stale."""
    return plan.results / "data_check.json"


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the step that checks every file, register and accounting identity."""
    names = (*REGISTERS, *catalogued(plan.data))
    return (
        Step(
            "data_check",
            check,
            {name: plan.data / name for name in names},
            {"passed": passed(plan)},
            {"there": sorted(p.relative_to(plan.data).as_posix() for p in plan.data.glob("*/**/*.csv"))},
            modules=("overbuild.sources.check",),
            options={"folder": str(plan.data)},
        ),
    )


def check(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Check the data; a fault stops everything that is computed from them."""
    from overbuild.core.saving import save_json
    from overbuild.errors import CheckFailedError
    from overbuild.sources.check import check_data

    faults = list(check_data(Path(settings["folder"])).faults)
    if faults:
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise CheckFailedError(f"{faults[0]}{more}; 'overbuild data check' lists them all.")
    save_json(produces["passed"], {"passed": True})
