"""The combination: weights learnt from the hindcasts on file, filed for any install, and the headline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.models.registry import MODELS, hindcast
from overbuild.pipeline.describe import perimeter, registered, sections
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed
from overbuild.pipeline.task_simulation import RESULTS as SIMULATED

RESULTS = ("combination", "probability")
"""What exhibits and numbers may name."""
OUTSIDE = ("forecast_baserate", "forecast_analogues")


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return the step that learns the weights and the one that combines."""
    weights = _weights(plan)
    return weights, _headline(plan, weights)


def _weights(plan: Plan) -> Step:
    from overbuild.pipeline.estimate import files_read
    from overbuild.pipeline.task_results import EVENTS
    from overbuild.probability.combination_file import FILE

    files = sorted({f for e in ("ai", "telecom") for f in files_read("", e, plan.data)})
    settings: dict[str, Any] = {
        "definitions": sections(plan.data / "definitions.toml", ("combination", "baserate", *EVENTS)),
        "perimeters": {episode: perimeter(plan.data, episode) for episode in ("ai", "telecom")},
        "registers": registered(plan.data, files),
    }
    return Step(
        "combination",
        learn,
        {file: plan.data / file for file in files} | {"data_check": passed(plan)} | answers_on_file(plan),
        {"filed": plan.filed / FILE, "result": plan.results / "combination.json"},
        settings,
        ("overbuild.probability.combination_file", "overbuild.probability.impossible_events"),
        {"folder": str(plan.data), "filed": str(plan.filed)},
    )


def _headline(plan: Plan, weights: Step) -> Step:
    from overbuild.pipeline.task_results import EVENTS

    return Step(
        "probability",
        combine,
        {"weights": weights.produces["filed"], **answers_on_file(plan)},
        {"result": plan.results / "probability.json"},
        {"definitions": sections(plan.data / "definitions.toml", ("headline", "combination", *EVENTS))},
        ("overbuild.probability.combined_hindcasts",),
        {"folder": str(plan.data), "filed": str(plan.filed)},
    )


def answers_on_file(plan: Plan) -> dict[str, Path]:
    """Return what the combination rests on: results of the models and the inside view, and hindcasts."""
    from overbuild.probability.targets import FILES

    names = [
        *OUTSIDE,
        *(f"estimate_{m}_ai" for m in MODELS),
        *(f"hindcasts_{m}" for m in MODELS if hindcast(m)),
        *SIMULATED,
    ]
    hindcasts = {f"hindcasts/{name}": plan.filed / "hindcasts" / f"{name}.json" for name in FILES}
    return {name: plan.results / f"{name}.json" for name in names} | hindcasts


def learn(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Learn the weights, decide which events are impossible, and file both."""
    from overbuild.core.saving import save_json
    from overbuild.probability.combination_file import content, everything_said, impossible_key
    from overbuild.probability.definitions import read_definitions
    from overbuild.probability.impossible_events import impossible_events
    from overbuild.probability.plain import plain
    from overbuild.probability.targets import rows_on_file

    del reads
    data, filed = Path(settings["folder"]), Path(settings["filed"])
    rows = rows_on_file(filed)
    said = everything_said(filed, rows)
    definitions = read_definitions(data / "definitions.toml")
    key = impossible_key(data, definitions)
    found = plain(content(said, rows, definitions, impossible_events(said, data), key))
    save_json(produces["filed"], found)
    save_json(produces["result"], found)


def combine(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Combine what is on file, and ask the same of telecom by vintage."""
    from overbuild.core.saving import save_json
    from overbuild.probability.combined_hindcasts import combined_hindcasts
    from overbuild.probability.headline import probability_of_overbuild

    del reads
    data, filed = Path(settings["folder"]), Path(settings["filed"])
    answer = probability_of_overbuild("ai", data=data, filed=filed).to_dict()
    save_json(produces["result"], answer | {"telecom": combined_hindcasts(filed, data)})
