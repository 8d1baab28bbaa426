"""The inside view: one step for AI and one for telecom at the end of each year of its boom, filed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from overbuild.pipeline.plan import Plan
from overbuild.pipeline.step import Step
from overbuild.pipeline.task_data import passed
from overbuild.pipeline.task_models import YEARS

RESULTS = ("inside_view", "inside_view_telecom")
"""What exhibits and numbers may name."""
FITS = ("quarterly", "demand")
"""Models whose sampled draws are put together."""


def steps(plan: Plan) -> tuple[Step, ...]:
    """Return both steps; fits come first, for draws that are not on file are thinned from theirs."""
    from overbuild.pipeline.task_results import frozen_day

    telecom = tuple(f"{year}-12-31" for year in YEARS)
    return (
        _step(plan, "ai", (frozen_day(plan),), RESULTS[0], ("estimate_quarterly_ai", "estimate_demand_ai")),
        _step(plan, "telecom", telecom, RESULTS[1], tuple(f"hindcasts_{m}" for m in FITS)),
    )


def compute(reads: dict[str, Path], settings: dict[str, Any], produces: dict[str, Path]) -> None:
    """Take the answers from file where their keys match; else simulate and file them."""
    from overbuild.core.saving import save_json
    from overbuild.pipeline.inside_view import answered, asked, content
    from overbuild.probability.judgement import with_outcomes

    del reads
    folder, home = Path(settings["folder"]), Path(settings["home"])
    episode, made = settings["episode"], []
    for day in settings["days"]:
        what = asked(episode, as_of=date.fromisoformat(day), data=folder, quick=settings["quick"])
        record = answered(
            what,
            Path(settings["filed"]),
            posteriors=home / "posteriors",
            draws=folder / "filed",
            again=settings["refit"],
            keep=not settings["quick"],
        )
        made.append(content(record))
    if episode == "ai":
        save_json(produces["result"], made[0])
        return
    for each in made:
        known = date.fromisoformat(settings["judged"])
        each["forecasts"] = with_outcomes(each["forecasts"], episode, known, data=folder)
    save_json(produces["result"], made)


def _step(plan: Plan, episode: str, days: tuple[str, ...], result: str, fits: tuple[str, ...]) -> Step:
    from overbuild.pipeline.estimate import files_read
    from overbuild.pipeline.inside_view import CODE, CONTRACTS, asked, record_key
    from overbuild.pipeline.inside_view import FITS as BEHIND
    from overbuild.pipeline.task_results import frozen_day

    what = [asked(episode, as_of=date.fromisoformat(d), data=plan.data, quick=plan.quick) for d in days]
    keys = [record_key(w, plan.sources) for w in what]
    files = {f for m in BEHIND[episode] for f in files_read(m, episode, plan.data)}
    files |= set(CONTRACTS) if episode == "ai" else set()
    return Step(
        f"simulation_{episode}",
        compute,
        {file: plan.data / file for file in sorted(files)}
        | {name: plan.results / f"{name}.json" for name in fits}
        | {"data_check": passed(plan)},
        {f"record_{d}": plan.filed / "simulation" / f"{k}.json" for d, k in zip(days, keys, strict=True)}
        | {"result": plan.results / f"{result}.json"},
        {
            "episode": episode,
            "days": list(days),
            "keys": keys,
            "quick": plan.quick,
            "judged": frozen_day(plan),
        },
        ("overbuild.pipeline.inside_view", *CODE),
        {
            "folder": str(plan.data),
            "filed": str(plan.filed),
            "home": str(plan.folder),
            "refit": plan.refit,
        },
    )
