"""The Bayesian models: one step a fit, filed with the project, and one a calibration."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from overbuild.models.registry import CALIBRATED_ON, MODELS, eras_of, hindcast, module_of
from overbuild.pipeline.describe import registered, sections
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed
from overbuild.settings import SEED

HINDCAST = "1999-12-31"
YEARS = ("1997", "1998", "1999", "2000", "2001")
QUICK = {"chains": 2, "draws": 200}


def names(model: str) -> dict[str, tuple[str, str]]:
    """Return the fits of a model: result to episode and day (empty: the day of the definitions).

    The fit of 1999 is shown by itself and stands among the hindcasts.
    """
    today = {f"estimate_{model}_ai": ("ai", "")}
    if "telecom" in eras_of(model):
        today[f"estimate_{model}_telecom_full"] = ("telecom", "")
    if not hindcast(model):
        return today
    hindcasts = {f"hindcast_{model}_{y}": ("telecom", f"{y}-12-31") for y in YEARS if y not in HINDCAST}
    return {**today, f"estimate_{model}_telecom": ("telecom", HINDCAST), **hindcasts}


RESULTS = (
    *(name for model in MODELS for name in names(model) if name.startswith("estimate")),
    *(f"hindcasts_{model}" for model in MODELS if hindcast(model)),
    *(f"calibration_{model}" for model in MODELS),
)
"""What exhibits and numbers may name."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the steps of every model."""
    made = []
    for model in MODELS:
        fits = [_fit(plan, model, name, *of) for name, of in names(model).items()]
        gathered = [_gathered(plan, model)] if hindcast(model) else []
        made += [*fits, *gathered, _calibration(plan, model)]
    return tuple(made)


def fit(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take a fit from file where its key matches; else fit, check and file it."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.estimate import answered
    from overbuild.probability import filing

    asked = _asked(settings, Path(settings["folder"]))
    folder = produces["record"].parent.parent
    before = filing.latest(folder, asked.model, asked.episode, asked.as_of)
    found = answered(asked, folder, Path(settings["posteriors"]), again=settings["refit"])
    if found.record.key != produces["record"].stem:
        planned = produces["record"].stem
        raise RuntimeError(f"The fit of '{asked.model}' has key {found.record.key}; {planned} was planned.")
    filing.retire_others(folder, found.record)
    save_json(produces["result"], found.content())
    if settings["refit"] and before:
        moved = [str(c) for c in filing.changes(before, found.record) if c.old is not None]
        save_json(Path(settings["changes"]), moved)


def gather(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Put the hindcasts of a model in one list, by day, each forecast with what then happened."""
    from overbuild.core.saving import load_json, save_json
    from overbuild.probability.judgement import with_outcomes

    found = [load_json(reads[name]) for name in settings["shown"]]
    day, folder = date.fromisoformat(settings["as_of"]), Path(settings["folder"])
    for each in found:
        each["forecasts"] = with_outcomes(each["forecasts"], "telecom", day, data=folder)
    save_json(produces["result"], sorted(found, key=lambda r: r["as_of"]))


def calibrate(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take a calibration from file where its key matches; else simulate, fit, rank and file it."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.calibrate import calibrate as run
    from overbuild.pipeline.calibrate import on_file, shape_of

    asked, filed = _asked(settings, Path(settings["folder"])), produces["filed"].parent.parent
    found = on_file(asked.model, filed)
    same = found is not None and found["simulations"] == settings["simulations"]
    current = found is not None and same and found["key"] == shape_of(asked, SEED)
    if found is None or not current or settings["refit"]:
        home = Path(settings["home"])
        found = run(asked.model, simulations=settings["simulations"], data=asked.data, folder=home).to_dict()
    save_json(produces["filed"], found)
    save_json(produces["result"], found)


def _fit(plan: Plan, model: str, name: str, episode: str, day: str) -> Step:
    """Return the step of one fit; its key, among the settings, holds the digest of every file it reads."""
    from overbuild.pipeline.estimate import PANEL, key_of

    settings: dict[str, Any] = {"model": model, "episode": episode, "as_of": day or _frozen(plan.data)}
    settings |= QUICK if plan.quick else {"chains": None, "draws": None}
    asked = _asked(settings, plan.data)
    key = key_of(asked, plan.sources).name(asked, SEED)
    reads = {"data_check": passed(plan)}
    if model in PANEL:
        reads["panel"] = plan.results / f"{name.replace(model, PANEL[model])}.json"
    return Step(
        name,
        fit,
        reads,
        {
            "record": plan.filed / model / f"{key}.json",
            "result": plan.results / f"{name}.json",
        },
        {**settings, "key": key},
        ("overbuild.pipeline.estimate", "overbuild.models.checking", module_of(model)),
        {
            "folder": str(plan.data),
            "posteriors": str(plan.folder / "posteriors"),
            "refit": plan.refit,
            "changes": str(plan.changes / f"{name}.json"),
        },
    )


def _gathered(plan: Plan, model: str) -> Step:
    from overbuild.pipeline.estimate import files_read

    shown = [f"estimate_{model}_telecom", *(n for n in names(model) if n.startswith("hindcast"))]
    files = files_read(model, "telecom", plan.data)
    return Step(
        f"hindcasts_{model}",
        gather,
        {name: plan.results / f"{name}.json" for name in shown}
        | {file: plan.data / file for file in (*files, "definitions.toml", "perimeter.toml")},
        {"result": plan.results / f"hindcasts_{model}.json"},
        {"shown": shown, "as_of": _frozen(plan.data)},
        ("overbuild.probability.judgement",),
        {"folder": str(plan.data)},
    )


def _calibration(plan: Plan, model: str) -> Step:
    from overbuild.pipeline.estimate import files_read

    marks = sections(plan.data / "definitions.toml", ("checks",))["checks"]["bayesian"]
    wanted = 10 if plan.quick else marks["simulations"].get(model, marks["simulations"]["others"])
    episode = CALIBRATED_ON.get(model, "ai")
    settings: dict[str, Any] = {"model": model, "episode": episode, "as_of": _frozen(plan.data)}
    settings |= {"chains": None, "draws": None, "simulations": wanted, "marks": marks}
    settings["priors"] = _asked(settings, plan.data).prior_values()
    files = files_read(model, episode, plan.data)
    settings["registers"] = registered(plan.data, files)
    return Step(
        f"calibration_{model}",
        calibrate,
        {file: plan.data / file for file in files} | {"data_check": passed(plan)},
        {
            "filed": plan.filed / "calibration" / f"{model}.json",
            "result": plan.results / f"calibration_{model}.json",
        },
        settings,
        ("overbuild.models.checking", module_of(model)),
        {"folder": str(plan.data), "home": str(plan.folder), "refit": plan.refit},
    )


def _asked(settings: dict[str, Any], data: Path) -> Any:
    from overbuild.probability.inside import question

    return question(
        settings["model"],
        settings["episode"],
        as_of=date.fromisoformat(settings["as_of"]),
        chains=settings["chains"],
        draws=settings["draws"],
        data=data,
    )


@cache
def _frozen(data: Path) -> str:
    """Return the day whose knowledge the paper shows: the one on which the definitions were frozen."""
    return sections(data / "definitions.toml", ("frozen",))["frozen"].isoformat()
