"""Results: measures, judged events, rates and forecasts, each in one file of plain JSON."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import catalogued, files_of, registered, sections
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed

EVENTS = ("O1", "O2", "O3", "O4", "O5", "composite")
FILED = ("baserate", "analogues")
BOOMS = "history/booms.csv"


def names() -> tuple[str, ...]:
    """Return the results that exhibits and numbers may name."""
    measured = ("measures_ai", "measures_telecom", "score_ai", "score_telecom")
    return (*measured, "baserate", "analogue_rate", "probability", "data_summary")


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result."""
    judged = (*EVENTS, "truth_table")
    return (
        *(_episode(plan, f"measures_{e}", measure, e, "overbuild.episodes.measures") for e in ("ai", "telecom")),
        *(_episode(plan, f"score_{e}", judge, e, "overbuild.probability.judgement", judged) for e in ("ai", "telecom")),
        _base_rate(plan),
        _analogue_rate(plan),
        *(_forecast(plan, model) for model in FILED),
        _probability(plan),
        _summary(plan),
    )


def measure(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Compute the measures of an episode."""
    from overbuild.core.saving import save_json
    from overbuild.episodes import load_episode
    from overbuild.episodes.measures import measures

    save_json(produces["result"], measures(load_episode(settings["episode"], data=Path(settings["data"]))).to_dict())


def judge(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Judge the events of an episode on what happened."""
    from overbuild.core.saving import save_json
    from overbuild.probability.judgement import score

    data = Path(settings["data"])
    save_json(
        produces["result"],
        score(settings["episode"], data=data, definitions=data / "definitions.toml").to_dict(),
    )


def rate(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Count run-ups and the falls that followed."""
    from overbuild.core.saving import save_json
    from overbuild.probability.outside import base_rate_of

    save_json(produces["result"], base_rate_of(data=Path(settings["data"]), draws=settings["draws"]).to_dict())


def count(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Count the booms that were physically overbuilt."""
    from overbuild.core.saving import save_json
    from overbuild.probability.outside import analogue_rate_of

    counted = analogue_rate_of(data=Path(settings["data"]), subset_draws=settings["draws"])
    save_json(produces["result"], counted.to_dict())


def forecast(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take a forecaster's answer from file where its key matches; else ask it, and file the answer."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.filed import answered

    record, changes = answered(settings, produces["record"])
    save_json(produces["result"], record.to_dict())
    if changes:
        save_json(Path(settings["changes"]), changes)


def combine(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Put the answers on file side by side."""
    from overbuild.core.saving import save_json
    from overbuild.probability.headline import probability_of_overbuild

    data, filed = Path(settings["data"]), Path(settings["filed"])
    save_json(produces["result"], probability_of_overbuild("ai", data=data, filed=filed).to_dict())


def summarise(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Count files, rows and grades."""
    from overbuild.core.saving import save_json
    from overbuild.episodes.databook import DataBook
    from overbuild.exhibits.summary import data_summary

    save_json(produces["result"], data_summary(DataBook.load(Path(settings["data"]))))


def _step(
    plan: Plan,
    name: str,
    function: Callable[..., None],
    files: Iterable[str],
    settings: dict[str, Any],
    modules: tuple[str, ...],
    produces: dict[str, Path] | None = None,
    options: dict[str, Any] | None = None,
) -> Step:
    files = tuple(files)
    return Step(
        name,
        function,
        {name: plan.data / name for name in files} | {"data_check": passed(plan)},
        {"result": plan.results / f"{name}.json"} | (produces or {}),
        settings | {"registers": registered(plan.data, files)},
        modules,
        {"data": str(plan.data)} | (options or {}),
    )


def _episode(
    plan: Plan, name: str, function: Callable[..., None], episode: str, module: str, definitions: tuple[str, ...] = ()
) -> Step:
    settings = {
        "episode": episode,
        "perimeter": _perimeter(plan, episode),
        "definitions": sections(plan.data / "definitions.toml", definitions),
    }
    return _step(plan, name, function, _files(plan, episode), settings, (module,))


def _base_rate(plan: Plan) -> Step:
    defined = sections(plan.data / "definitions.toml", ("baserate",))
    files = files_of(plan.data, (*defined["baserate"]["series"], defined["baserate"]["gdp_series"]))
    settings = {"definitions": defined, "draws": plan.draws}
    return _step(plan, "baserate", rate, files, settings, ("overbuild.probability.outside",))


def _analogue_rate(plan: Plan) -> Step:
    settings = {"draws": plan.draws}
    return _step(plan, "analogue_rate", count, (BOOMS,), settings, ("overbuild.probability.outside",))


def _forecast(plan: Plan, model: str) -> Step:
    from overbuild.core.digest import digest_file, digest_of
    from overbuild.pipeline.code import fingerprint
    from overbuild.probability.filing import path_of
    from overbuild.probability.filing import key_of
    from overbuild.settings import SEED

    modules = ("overbuild.probability.answers",)
    definitions = sections(plan.data / "definitions.toml", ("frozen", "headline", "horizons", *EVENTS, "baserate"))
    files = (*_files(plan, "ai"), *((BOOMS,) if model == "analogues" else ()))
    settings = {
        "model": model,
        "episode": "ai",
        "as_of": definitions["frozen"].isoformat(),
        "draws": plan.draws,
        "perimeter": _perimeter(plan, "ai"),
        "definitions": definitions,
    }
    digests = {"data": digest_of({f: digest_file(plan.data / f) for f in files}), "priors": "", "code": fingerprint(*modules)}
    key = key_of(model, definitions["frozen"], digests["data"], "", digests["code"], settings, SEED)
    options = {"digests": digests, "refit": plan.refit, "changes": str(plan.changes / f"{model}.json")}
    return _step(
        plan, f"forecast_{model}", forecast, files, settings, modules, {"record": path_of(plan.filed, model, key)}, options
    )
