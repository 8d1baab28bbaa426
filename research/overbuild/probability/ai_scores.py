"""What the rows of AI's sub-forecasts add up to: scores by horizon and model, against the random walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from overbuild.core.periods import ordinal
from overbuild.probability.continuous import rounded
from overbuild.probability.scores import diebold_mariano, skill, uniformity
from overbuild.randomness import stream

REFERENCE = "random_walk"


def scores(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a panel, horizon and model.

    Returns
    -------
    list of dict
        ``panel, horizon, model, n, first, last`` (origins), ``crps, log_score`` (means), ``rmse``, ``bias``
        (mean error), ``covered_50, covered_90`` (shares of outcomes inside the central intervals), ``pit``
        (moments and p-value; None with too few), and against the random walk on the same origins
        ``reference_crps``, ``skill``, ``won`` (a lower mean CRPS; None for the reference) and ``test``
        (Diebold and Mariano on CRPS; None with too few). Scores of capex are of log growth, of cash flow in
        USD billion.
    """
    groups: dict[tuple[str, int, str], list[Mapping[str, Any]]] = {}
    for r in rows:
        groups.setdefault((r["panel"], r["horizon"], r["model"]), []).append(r)
    return [_scored(key, found, groups.get((*key[:2], REFERENCE), [])) for key, found in groups.items()]


def _scored(
    key: tuple[str, int, str], found: Sequence[Mapping[str, Any]], reference: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    panel, horizon, model = key
    ordered = sorted(found, key=lambda r: ordinal(r["cluster"]))
    crps, error = (np.array([r[name] for r in ordered]) for name in ("crps", "error"))
    return {
        "panel": panel,
        "horizon": horizon,
        "model": model,
        "n": len(ordered),
        "first": ordered[0]["cluster"],
        "last": ordered[-1]["cluster"],
        "crps": rounded(crps.mean()),
        "log_score": rounded(np.mean([r["log_score"] for r in ordered])),
        "rmse": rounded(np.sqrt((error**2).mean())),
        "bias": rounded(error.mean()),
        "covered_50": rounded(
            np.mean([r["quantiles"][1] <= r["value"] <= r["quantiles"][3] for r in ordered])
        ),
        "covered_90": rounded(
            np.mean([r["quantiles"][0] <= r["value"] <= r["quantiles"][4] for r in ordered])
        ),
        "pit": _uniform(ordered, key),
        **_against(ordered, {r["target"]: r["crps"] for r in reference}, horizon, model),
    }


def _uniform(ordered: Sequence[Mapping[str, Any]], key: tuple[str, int, str]) -> dict[str, Any] | None:
    panel, horizon, model = key
    places = np.array([ordinal(r["cluster"]) for r in ordered])
    if len(ordered) < horizon + 4 or np.any(np.diff(places) != 1):
        return None
    found = uniformity([r["pit"] for r in ordered], horizon, stream(f"uniformity/{panel}/{horizon}/{model}"))
    return {name: rounded(value) for name, value in asdict(found).items()}


def _against(
    ordered: Sequence[Mapping[str, Any]], reference: Mapping[str, float], horizon: int, model: str
) -> dict[str, Any]:
    both = [(r["crps"], reference[r["target"]]) for r in ordered if r["target"] in reference]
    if model == REFERENCE or not both:
        return {"reference_crps": None, "skill": None, "won": None, "test": None}
    mine, theirs = np.array(both).T
    enough = mine.size >= 2 * horizon + 1
    test = asdict(diebold_mariano(mine, theirs, horizon)) if enough else None
    if test:
        for name in ("difference", "statistic", "p_value"):
            test[name] = rounded(test[name]) if np.isfinite(test[name]) else None
    return {
        "reference_crps": rounded(theirs.mean()),
        "skill": rounded(skill(mine, theirs)),
        "won": bool(mine.mean() < theirs.mean()),
        "test": test,
    }


def growth_correlation(rows: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Return the correlation of the two flows' quarterly log growth less its mean of the season.

    Forecasts take the flows as independent given the past; this is what that leaves out.
    """
    quarters = sorted(set.intersection(*(set(by) for by in rows.values())), key=ordinal)
    pairs = [(a, b) for a, b in pairwise(quarters) if ordinal(b) == ordinal(a) + 1]
    growth = np.array([[np.log(by[b] / by[a]) for by in rows.values()] for a, b in pairs])
    season = np.array([ordinal(b) % 4 for _, b in pairs])
    rest = growth - np.array([growth[season == s].mean(axis=0) for s in range(4)])[season]
    return {"correlation": rounded(np.corrcoef(rest[:, 0], rest[:, 1]).ravel()[1]), "n": len(pairs)}
