"""Each figure and table is one step; their titles and notes are gathered for the paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.exhibits.registry import Exhibit, exhibits
from overbuild.pipeline.describe import registered
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step an exhibit, and the one that gathers captions."""
    found = exhibits()
    captions = {e.id: plan.folder / "captions" / f"{e.id}.json" for e in found}
    gathered = Step("captions", gather, captions, {"captions": plan.paper / "exhibits.json"})
    return (*(_step(plan, e, captions[e.id]) for e in found), gathered)


def draw(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Draw a figure or compose a table, and save it with its caption."""
    from overbuild.core.saving import load_json, save_json, save_text
    from overbuild.exhibits import style, tables
    from overbuild.exhibits.base import Figure, Inputs
    from overbuild.exhibits.registry import make

    book = _book(settings) if settings["files"] else None
    made = make(settings["id"], Inputs({name: load_json(reads[name]) for name in settings["needs"]}, book))
    if isinstance(made, Figure):
        style.save(made.figure, produces["svg"].with_suffix(""))
        save_text(produces["csv"], tables.to_csv(made.data))
    else:
        tables.save(made, produces["csv"].parent)
    save_json(produces["caption"], {"kind": settings["kind"], "title": made.title, "note": made.note})


def gather(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Gather titles and notes in one file."""
    from overbuild.core.saving import load_json, save_json

    save_json(produces["captions"], {name: load_json(reads[name]) for name in sorted(reads)})


def _step(plan: Plan, entry: Exhibit, caption: Path) -> Step:
    reads = {name: plan.results / f"{name}.json" for name in entry.needs}
    modules = [entry.module, "overbuild.exhibits.registry", "overbuild.exhibits.tables"]
    settings: dict[str, Any] = {"id": entry.id, "kind": entry.kind, "needs": entry.needs, "files": entry.data}
    if entry.data:
        names = (*entry.data, "sources.csv", "perimeter.toml")
        reads |= {name: plan.data / name for name in names} | {"data_check": passed(plan)}
        settings["registers"] = registered(plan.data, entry.data)
        modules.append("overbuild.episodes.databook")
    produces = entry.files(plan.paper) | {"caption": caption}
    return Step(entry.id, draw, reads, produces, settings, tuple(modules), {"folder": str(plan.data)})


def _book(settings: dict[str, Any]) -> Any:
    from overbuild.episodes.databook import DataBook

    return DataBook.load(Path(settings["folder"]), tuple(settings["files"]))
