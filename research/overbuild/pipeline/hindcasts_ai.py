"""AI's own resolving sub-forecasts, worked in units, resumed if killed, filed as one summary under a key."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.core.digest import digest_file, digest_of
from overbuild.core.saving import save_text
from overbuild.locations import build_dir, data_dir
from overbuild.models.prior_file import read_priors
from overbuild.pipeline.code import Sources
from overbuild.pipeline.describe import sections
from overbuild.pipeline.estimate import files_read
from overbuild.pipeline.units import Progress, worked
from overbuild.probability.plain import plain
from overbuild.settings import SEED

if TYPE_CHECKING:
    from overbuild.probability.ai_origins import Origin

CHECKED = ("2021Q4", "2023Q2", "2024Q4", "2025Q4")
"""Origins at which the carried posterior is held against a fit of its own, the last far from its own fit."""
GUIDANCE = "hyperscalers/guidance.csv"
MODULES = ("overbuild.probability.ai_forecasts", "overbuild.probability.ai_scores")
SILENT = {
    "regimes": (
        "makes paths by the year; the targets are quarters, and what a year's growth says of its last "
        "quarter is not in the model"
    ),
    "simulation": (
        "the inside view needs fits of demand and capital and contracts of that day; before 2025 there are "
        "too few to make it"
    ),
}
"""Models that speak at no origin, and why."""


def hindcasts(
    as_of: date,
    *,
    data: Path | None = None,
    folder: Path | None = None,
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
    sampling: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Return the rows, scores and record of leave-future-out, as plain types.

    Parameters
    ----------
    as_of
        The day whose knowledge gives what came.
    data
        A data folder; None: the project's.
    folder
        Where units are kept; None: ``build/``.
    workers, cluster, progress
        As for `overbuild.pipeline.units.worked`.
    sampling
        Chains and draws of a fit; None: as the model asks.

    Returns
    -------
    dict
        ``key, as_of, rows, abstentions, scores, lfo`` (``threshold, least_effective, steps, checked``) and
        ``cash``.
    """
    from overbuild.probability.ai_forecasts import Work, quarterly_forecasts, rival_forecasts
    from overbuild.probability.ai_origins import episode_on, known_flows, origins
    from overbuild.probability.ai_scores import growth_correlation, scores
    from overbuild.probability.leave_future_out import LEAST_EFFECTIVE, MOST_K

    home = data or data_dir()
    key = key_of(as_of, home, sampling)
    episode = episode_on(as_of.isoformat(), home)
    every, came = origins(episode), known_flows(episode.snapshot)
    work = Work(str(home), every, came, sampling=sampling)
    units = (folder or build_dir()) / "hindcasts" / "ai" / key
    options: dict[str, Any] = {"workers": workers, "cluster": cluster, "progress": progress}
    rivals = worked(
        rival_forecasts, {o.period: replace(work, origins=(o,)) for o in every}, units / "rivals", **options
    )
    carried = worked(quarterly_forecasts, {"carried": work}, units / "quarterly", **options)["carried"]
    again = {o.period: replace(work, origins=(o,)) for o in every if o.period in CHECKED}
    fitted = worked(quarterly_forecasts, again, units / "fitted", **options)
    made = [*rivals.values(), carried]
    rows = [row for each in made for row in each["rows"]]
    return plain(
        {
            "key": key,
            "as_of": as_of,
            "rows": rows,
            "abstentions": [a for each in made for a in each["abstentions"]] + _silent(every),
            "scores": scores(rows),
            "lfo": {
                "threshold": MOST_K,
                "least_effective": LEAST_EFFECTIVE,
                "steps": carried["steps"],
                "checked": _checked(carried["rows"], [r for f in fitted.values() for r in f["rows"]]),
            },
            "cash": growth_correlation(came),
        }
    )


def key_of(as_of: date, data: Path, sampling: tuple[int, int] | None = None) -> str:
    """Return what decides the result: data, priors, thresholds, code and the seed."""
    files = sorted({*files_read("quarterly", "ai", data), GUIDANCE})
    priors = read_priors(data / "priors.toml").at(as_of).values("quarterly")
    parts = (
        {name: digest_file(data / name) for name in files},
        sections(data / "perimeter.toml", ("ai",)),
        sections(data / "definitions.toml", ("O3",)),
        dict(priors),
        Sources().fingerprint(*MODULES),
        list(CHECKED),
        sampling,
    )
    return digest_of(as_of, plain(parts), SEED)[:20]


def filed_path(filed: Path) -> Path:
    """Return where the summary is filed."""
    return filed / "hindcasts" / "ai.json"


def save(path: Path, found: dict[str, Any]) -> None:
    """Write a result with one row a line: half the size of one number a line."""
    lines = ",\n".join(json.dumps(r, ensure_ascii=False, allow_nan=False) for r in found["rows"])
    rest = json.dumps({**found, "rows": []}, indent=1, ensure_ascii=False, allow_nan=False)
    save_text(path, rest.replace('"rows": []', f'"rows": [\n{lines}\n]', 1) + "\n")


def _silent(every: tuple[Origin, ...]) -> list[dict[str, Any]]:
    return [
        {"model": m, "origin": "every", "as_of": every[0].day, "reason": why} for m, why in SILENT.items()
    ]


def _checked(carried: list[dict[str, Any]], fitted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return by target the scores of the carried posterior beside those of a fit of its own."""
    own = {r["target"]: r for r in fitted}
    return [
        {
            "target": r["target"],
            **{f"{n}_carried": r[n] for n in ("mean", "crps", "log_score")},
            **{f"{n}_fitted": own[r["target"]][n] for n in ("mean", "crps", "log_score")},
            "quantiles_carried": r["quantiles"],
            "quantiles_fitted": own[r["target"]]["quantiles"],
        }
        for r in carried
        if r["target"] in own and r["panel"] == "ai_capex"
    ]
