"""Each notebook is one step: run it, keep it with its output, and make a page of it.

Together they take longer than all else, and no number of the paper comes from them: they are steps only of a
build that asks for them by name (``overbuild build --only notebooks``), and the slow tests run them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from overbuild.models.registry import MODELS, module_of
from overbuild.pipeline.notebooks import FOLDER, modules_of, sources, title_of
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed

ALL = "notebooks"
"""Step that stands for all of them."""
PREFIX = "notebook_"
REGISTERS = ("catalogue.csv", "priors.toml", "definitions.toml", "perimeter.toml", "model_series.toml")
"""What a notebook's data are known by: the catalogue has the checksum of every data file."""
READERS = ("overbuild.pipeline.backtest", "overbuild.probability.headline")
"""Modules that read answers on file: a notebook that imports one of them rests on those."""


def asked_for(only: Iterable[str]) -> bool:
    """Return whether a build names a notebook or all of them."""
    return any(name == ALL or name.startswith(PREFIX) for name in only)


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a notebook, and the one that lists their pages."""
    made = tuple(_step(plan, path) for path in sources(plan.root))
    pages = {step.id: step.produces["page"] for step in made}
    titles = {path.stem: title_of(path.read_text(encoding="utf-8")) for path in sources(plan.root)}
    listed = Step(ALL, gather, pages, {"index": plan.folder / FOLDER / "index.json"}, {"titles": titles})
    return (*made, listed)


def run(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Run a notebook and make its page."""
    from overbuild.pipeline.notebooks import execute, page

    execute(reads["source"], produces["notebook"], quick=settings["quick"], home=Path(settings["home"]))
    page(produces["notebook"], produces["page"], settings["title"])


def gather(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """List the pages with their titles."""
    from overbuild.core.saving import save_json

    pages = {name.removeprefix(PREFIX): path.name for name, path in sorted(reads.items())}
    save_json(
        produces["index"], [{"page": page, "title": settings["titles"][n]} for n, page in pages.items()]
    )


def _step(plan: Plan, path: Path) -> Step:
    text = path.read_text(encoding="utf-8")
    folder = plan.folder / FOLDER
    described = sorted(p.relative_to(plan.data).as_posix() for p in plan.data.glob("contracts/*.toml"))
    known = {name: plan.data / name for name in (*REGISTERS, *described)}
    modules = modules_of(text, plan.sources.modules)
    if set(READERS) & set(modules):
        known |= _on_file(plan)
        modules = (*modules, *map(module_of, MODELS))
    return Step(
        f"{PREFIX}{path.stem}",
        run,
        {"source": path, "data_check": passed(plan)} | known,
        {"notebook": folder / f"{path.stem}.ipynb", "page": folder / f"{path.stem}.html"},
        {"quick": plan.quick, "title": title_of(text)},
        ("overbuild.pipeline.notebooks", *modules),
        {"home": str(plan.root)},
    )


def _on_file(plan: Plan) -> dict[str, Path]:
    """Return the project's filed weights and hindcasts; what a model said on a day is known by its code."""
    from overbuild.probability.combination_file import FILE
    from overbuild.probability.targets import FILES

    filed = plan.data / "filed"
    return {f"filed/{name}": filed / name for name in (FILE, *(f"hindcasts/{n}.json" for n in FILES))}
