"""The numbers of the text, the paper that quotes them, and the block of the README that does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.exhibits.models_named import PARTS
from overbuild.exhibits.registry import exhibits
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_combination import RESULTS as COMBINED
from overbuild.pipeline.task_explosive import RESULTS as SIZED
from overbuild.pipeline.task_explosive_evidence import RESULTS as TESTED
from overbuild.pipeline.task_finance import RESULTS as FINANCED
from overbuild.pipeline.task_games import RESULTS as PLAYED
from overbuild.pipeline.task_hindcasts import RESULTS as SCORED
from overbuild.pipeline.task_hindcasts_ai import RESULTS as FORECAST
from overbuild.pipeline.task_models import RESULTS as MODELLED
from overbuild.pipeline.task_recovery import RESULTS as RECOVERED
from overbuild.pipeline.task_results import RESULTS
from overbuild.pipeline.task_sensitivity import RESULTS as TURNED
from overbuild.pipeline.task_simulation import RESULTS as SIMULATED
from overbuild.pipeline.task_spending import RESULTS as SPENT
from overbuild.pipeline.task_timeseries import RESULTS as TIED

SOURCES = ("main.typ", "template.typ", "references.bib", *(f"sections/{name}.typ" for name in PARTS))
NUMBERS = ("overbuild.exhibits.numbers", *(f"overbuild.exhibits.numbers_{name}" for name in PARTS))


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the steps; a quick build leaves the README alone."""
    numbers = plan.paper / "numbers.json"
    probability = (*SIMULATED, *FORECAST, *SCORED, *COMBINED, *TURNED)
    named = (
        *RESULTS,
        *SIZED,
        *TESTED,
        *TIED,
        *SPENT,
        *MODELLED,
        *PLAYED,
        *FINANCED,
        *RECOVERED,
        *probability,
    )
    results = {name: plan.results / f"{name}.json" for name in named}
    given = {name: plan.text / name for name in SOURCES} | {"numbers.json": numbers}
    given |= {"exhibits.json": plan.paper / "exhibits.json"} | _shown(plan)
    made = [
        Step("numbers", count, results, {"numbers": numbers}, modules=NUMBERS),
        Step(
            "paper",
            typeset,
            given,
            {"pdf": plan.paper / "paper.pdf"},
            options={"root": str(plan.root), "generated": _below(plan.paper, plan.root)},
        ),
    ]
    if not plan.quick:
        # README.md is only a product: as a dependency as well it would stand before and after its own step.
        # Edited by hand it differs from what the step left, and the step fills its block again.
        reads = {"numbers": numbers, "captions": plan.paper / "exhibits.json"}
        readme = {"readme": plan.root / "README.md"}
        made.append(Step("readme", fill, reads, readme, modules=("overbuild.exhibits.readme",)))
    return tuple(made)


def count(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Write every number that the text quotes."""
    from overbuild.core.saving import load_json, save_json
    from overbuild.exhibits.numbers import numbers

    save_json(produces["numbers"], numbers({name: load_json(path) for name, path in reads.items()}))


def typeset(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Set the paper; a number that is missing stops it."""
    import typst

    from overbuild.core.saving import save_bytes
    from overbuild.errors import CheckFailedError

    try:
        pdf = typst.compile(
            reads["main.typ"],
            root=settings["root"],
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"generated": settings["generated"]},
            timestamp=0,
        )
    except typst.TypstError as error:
        raise CheckFailedError(f"The paper cannot be set: {error.message}.") from error
    save_bytes(produces["pdf"], bytes(pdf))


def fill(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Write the main numbers and the list of exhibits into their blocks of the README."""
    from overbuild.core.saving import load_json, save_text
    from overbuild.exhibits.readme import blocks, filled

    text = produces["readme"].read_text(encoding="utf-8")
    written = blocks(load_json(reads["numbers"]), load_json(reads["captions"]))
    save_text(produces["readme"], filled(text, written))


def _shown(plan: Plan) -> dict[str, Path]:
    wanted = {"figure": "svg", "table": "typ"}
    return {f"{e.id}.{wanted[e.kind]}": e.files(plan.paper)[wanted[e.kind]] for e in exhibits()}


def _below(folder: Path, root: Path) -> str:
    return "/" + folder.relative_to(root).as_posix()
