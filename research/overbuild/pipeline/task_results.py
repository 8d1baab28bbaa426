"""Results: measures, judged events, rates and forecasts, each in one file of plain JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.pipeline.describe import catalogued, files_of, perimeter, priors, registered, sections
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Function, Step
from overbuild.pipeline.task_data import passed

EVENTS = ("O1", "O2", "O3", "O4", "O5", "composite")
EPISODES = ("ai", "telecom")
FILED = ("baserate", "analogues")
BOOMS = "history/booms.csv"
RESULTS = (
    *(f"measures_{e}" for e in EPISODES),
    *(f"score_{e}" for e in EPISODES),
    "baserate",
    "forecast_baserate",
    "analogue_rate",
    "checks",
    *(f"capital_{e}" for e in EPISODES),
    "data_summary",
)
"""What exhibits and numbers may name."""
PEAK_KNOWN = "2001-12-31"
"""Day on which telecom's capital is shown: its peak year, 2000, had been published."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return one step a result, and one a forecaster whose answer is filed."""
    forecasts = tuple(_forecast(plan, model) for model in FILED)
    return (
        *(_measures(plan, episode) for episode in EPISODES),
        *(_score(plan, episode) for episode in EPISODES),
        _base_rate(plan),
        _analogue_rate(plan),
        *forecasts,
        _checks(plan, forecasts),
        *(_capital(plan, episode) for episode in EPISODES),
        _summary(plan),
    )


def measure(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Compute the measures of an episode."""
    from overbuild.core.saving import save_json
    from overbuild.episodes import load_episode
    from overbuild.episodes.measures import measures

    episode = load_episode(
        settings["episode"], date.fromisoformat(settings["as_of"]), Path(settings["folder"])
    )
    save_json(produces["result"], measures(episode).to_dict())


def judge(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Judge the events of an episode on what happened."""
    from overbuild.core.saving import save_json
    from overbuild.probability.judgement import score

    folder = Path(settings["folder"])
    as_of = date.fromisoformat(settings["as_of"])
    judged = score(settings["episode"], as_of, data=folder, definitions=folder / "definitions.toml")
    save_json(produces["result"], judged.to_dict())


def rate(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Count run-ups and the falls that followed."""
    from overbuild.core.saving import save_json
    from overbuild.probability.outside import base_rate_of

    save_json(
        produces["result"], base_rate_of(data=Path(settings["folder"]), draws=settings["draws"]).to_dict()
    )


def count(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Count the booms that were physically overbuilt."""
    from overbuild.core.saving import save_json
    from overbuild.probability.outside import analogue_rate_of

    counted = analogue_rate_of(data=Path(settings["folder"]), subset_draws=settings["draws"])
    save_json(produces["result"], counted.to_dict())


def forecast(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take a forecaster's answer from file where its key matches; else ask it, and file the answer."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.filed import answered

    record, changes = answered(settings, produces["record"])
    save_json(produces["result"], {"key": record.key, "readings": record.result.get("readings", [])})
    if changes:
        save_json(Path(settings["changes"]), changes)


def gather(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Put the checks of the answers on file side by side."""
    from overbuild.core.saving import save_json
    from overbuild.probability.headline import checks_on_file

    found = checks_on_file(data=Path(settings["folder"]), filed=Path(settings["filed"]))
    save_json(produces["result"], found)


def inventory(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Build the capital of an episode and ask what it must earn."""
    from overbuild.core.saving import save_json
    from overbuild.episodes import DataBook
    from overbuild.episodes.model_series import model_series
    from overbuild.models.capital import CapitalModel
    from overbuild.models.capital_summary import estimate_capital
    from overbuild.models.prior_file import read_priors
    from overbuild.models.sampler import Sampling
    from overbuild.randomness import stream

    folder, episode = Path(settings["folder"]), settings["episode"]
    also = model_series("capital", episode, folder)
    snapshot = DataBook.load(folder).at(date.fromisoformat(settings["as_of"]), episode, also)
    priors = read_priors(folder / "priors.toml").at(snapshot.as_of)
    model = CapitalModel.of(priors, sampling=Sampling(draws=settings["draws"] // Sampling().chains))
    found = estimate_capital(model, snapshot, stream(f"capital/{episode}"))
    save_json(produces["result"], found.to_dict())


def summarise(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Count files, rows and grades."""
    from overbuild.core.saving import save_json
    from overbuild.episodes.databook import DataBook
    from overbuild.exhibits.summary import data_summary

    save_json(produces["result"], data_summary(DataBook.load(Path(settings["folder"]))))


def _step(
    plan: Plan,
    name: str,
    function: Function,
    files: Iterable[str],
    settings: Mapping[str, Any],
    *modules: str,
) -> Step:
    """Return a step that computes one result from some data files."""
    files = tuple(sorted(files))
    return Step(
        name,
        function,
        {file: plan.data / file for file in files} | {"data_check": passed(plan)},
        {"result": plan.results / f"{name}.json"},
        {**settings, "registers": registered(plan.data, files)},
        modules,
        {"folder": str(plan.data)},
    )


def _measures(plan: Plan, episode: str) -> Step:
    settings = {"episode": episode, "as_of": frozen_day(plan), "perimeter": perimeter(plan.data, episode)}
    return _step(
        plan, f"measures_{episode}", measure, _files(plan, episode), settings, "overbuild.episodes.measures"
    )


def _score(plan: Plan, episode: str) -> Step:
    settings = {
        "episode": episode,
        "as_of": frozen_day(plan),
        "perimeter": perimeter(plan.data, episode),
        "definitions": sections(plan.data / "definitions.toml", (*EVENTS, "truth_table")),
    }
    files = _files(plan, episode)
    return _step(plan, f"score_{episode}", judge, files, settings, "overbuild.probability.judgement")


def _base_rate(plan: Plan) -> Step:
    definitions = sections(plan.data / "definitions.toml", ("frozen", "baserate", "intervals"))
    files = files_of(plan.data, (*definitions["baserate"]["series"], definitions["baserate"]["gdp_series"]))
    settings = {
        "definitions": definitions | _learnt(plan),
        "priors": priors(plan.data, "baserate"),
        "draws": plan.draws,
    }
    return _step(plan, "baserate", rate, files, settings, "overbuild.probability.outside")


def _analogue_rate(plan: Plan) -> Step:
    settings = {
        "definitions": sections(plan.data / "definitions.toml", ("frozen", "intervals")) | _learnt(plan),
        "priors": priors(plan.data, "analogues"),
        "draws": plan.subsets,
    }
    return _step(plan, "analogue_rate", count, (BOOMS,), settings, "overbuild.probability.outside")


def _forecast(plan: Plan, model: str) -> Step:
    from overbuild.core.digest import digest_file, digest_of
    from overbuild.probability.filing import key_of, path_of
    from overbuild.settings import SEED

    names = ("frozen", "headline", "horizons", *EVENTS, "baserate", "intervals")
    used = sections(plan.data / "definitions.toml", names) | _marks(plan, model)
    files = {*_files(plan, "ai"), *((BOOMS,) if model == "analogues" else ())}
    decides = {
        "draws": plan.draws,
        "definitions": digest_of(used),
        "perimeter": digest_of(perimeter(plan.data, "ai")),
    }
    data = digest_of({name: digest_file(plan.data / name) for name in files})
    code = plan.sources.fingerprint("overbuild.probability.answers")
    day = date.fromisoformat(frozen_day(plan))
    digests = {"data": data, "priors": digest_of(priors(plan.data, model))}
    key = key_of(model, "ai", day, (data, digests["priors"], code), decides, SEED)
    settings = {"model": model, "episode": "ai", "as_of": frozen_day(plan), "decides": decides} | digests
    step = _step(plan, f"forecast_{model}", forecast, files, settings, "overbuild.probability.answers")
    options = {"refit": plan.refit, "changes": str(plan.changes / f"{model}.json")}
    return replace(
        step,
        produces={**step.produces, "record": path_of(plan.filed, model, key)},
        options={**step.options, **options},
    )


def _checks(plan: Plan, forecasts: Iterable[Step]) -> Step:
    return Step(
        "checks",
        gather,
        {step.id: step.produces["record"] for step in forecasts},
        {"result": plan.results / "checks.json"},
        {"definitions": sections(plan.data / "definitions.toml", ("checks",))},
        ("overbuild.probability.headline",),
        {"folder": str(plan.data), "filed": str(plan.filed)},
    )


def _capital(plan: Plan, episode: str) -> Step:
    from overbuild.models.prior_file import read_priors
    from overbuild.pipeline.estimate import files_read

    settings = {
        "episode": episode,
        "as_of": PEAK_KNOWN if episode == "telecom" else frozen_day(plan),
        "perimeter": perimeter(plan.data, episode),
        "priors": read_priors(plan.data / "priors.toml").of("capital").digest,
        "draws": 200 if plan.quick else 1000,
    }
    files = files_read("capital", episode, plan.data)
    return _step(plan, f"capital_{episode}", inventory, files, settings, "overbuild.models.capital_summary")


def _summary(plan: Plan) -> Step:
    return _step(plan, "data_summary", summarise, catalogued(plan.data), {}, "overbuild.exhibits.summary")


def _files(plan: Plan, episode: str) -> tuple[str, ...]:
    return files_of(plan.data, perimeter(plan.data, episode)["series"])


def _marks(plan: Plan, model: str) -> dict[str, Any]:
    """Return the marks that a model is held against, without those of the others."""
    every = sections(plan.data / "definitions.toml", ("checks",))["checks"]
    others = {*FILED, "annual"} - ({"baserate", "annual"} if model == "baserate" else {model})
    return {"checks": {name: value for name, value in every.items() if name not in others}}


def _learnt(plan: Plan) -> dict[str, Any]:
    """Return the one mark that decides what an estimate is called, not whether it passed."""
    return {"learnt": sections(plan.data / "definitions.toml", ("checks",))["checks"]["learnt"]}


def frozen_day(plan: Plan) -> str:
    """Return the day whose knowledge the paper shows: the one on which the definitions were frozen."""
    return sections(plan.data / "definitions.toml", ("frozen",))["frozen"].isoformat()
