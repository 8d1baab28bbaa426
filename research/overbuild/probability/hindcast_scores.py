"""Scores of binary hindcasts by panel and model, beside rivals: won, lost, or not told apart.

A difference of Brier scores is taken on the targets of which both speak. It is called won or lost where a
test that flips the signs of whole clusters rejects at 10 % that there is none (two-sided, and exact to 14
clusters). A panel of one cluster, as telecom is, tells nobody apart: its differences are printed, and so is
Diebold and Mariano's test where origins are evenly spaced, which knows nothing of the one event that all of
its cases share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from overbuild.probability.hindcast_rows import PANELS, RIVALS, spoken
from overbuild.probability.scores import (
    brier,
    diebold_mariano,
    log_score,
    mean_log_score,
    murphy,
)
from overbuild.probability.sign_flips import sign_flip_p_value
from overbuild.randomness import stream

EDGES = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""Bins of the decomposition."""
AGAINST: Mapping[str, tuple[str, ...]] = {
    "telecom_spending": ("constant", "boom_age", "random_walk", "arima", "unobserved_components"),
    "telecom_suppliers": ("constant", "boom_age", "random_walk", "arima", "unobserved_components"),
    "run_ups": ("constant", "coin", "boom_age"),
    "booms": ("constant", "coin"),
}
LEVEL = 0.10
"""Of the two-sided test."""
ONE_CLUSTER, TIED = "one cluster: cannot be told apart", "not told apart"
Row = Mapping[str, Any]


def scores(rows: Sequence[Row], seed: int) -> list[dict[str, Any]]:
    """Return one entry a panel and model, rivals too: its scores and its differences from rivals.

    Parameters
    ----------
    rows
        Binary hindcasts; those without a probability count as silence.
    seed
        Of the flips that are drawn where the clusters are too many to enumerate.
    """
    found = []
    for panel in PANELS:
        of_panel = [r for r in rows if r["panel"] == panel]
        models = list(dict.fromkeys(r["model"] for r in spoken(of_panel)))
        targets = len({r["target"] for r in of_panel})
        found += [_scored(panel, model, of_panel, targets, seed) for model in models]
    return found


def _scored(panel: str, model: str, rows: Sequence[Row], targets: int, seed: int) -> dict[str, Any]:
    mine = spoken(rows, panel, model)
    p, y = _arrays(mine)
    logs, parts = mean_log_score(p, y), murphy(p, y, edges=EDGES)
    kept = parts.weight > 0
    return {
        "panel": panel,
        "model": model,
        "rival": model in RIVALS,
        "targets": targets,
        "cases": len(mine),
        "happened": int(y.sum()),
        "clusters": len({r["cluster"] for r in mine}),
        "prior_driven": sum(r["evidence"] == "prior-driven" for r in mine),
        "failed": sum(r["status"] == "failed" for r in mine),
        "brier": float(brier(p, y).mean()),
        "log": None if logs.infinite else logs.mean,
        "log_floored": logs.floored,
        "infinite": logs.infinite,
        "mean_if_happened": float(p[y == 1].mean()) if (y == 1).any() else None,
        "mean_if_not": float(p[y == 0].mean()) if (y == 0).any() else None,
        "murphy": {
            "reliability": parts.reliability,
            "resolution": parts.resolution,
            "uncertainty": parts.uncertainty,
            "within": parts.within_variance - parts.within_covariance,
        },
        "reliability": [
            {"forecast": float(f), "frequency": float(q), "share": float(w)}
            for f, q, w in zip(parts.forecast[kept], parts.frequency[kept], parts.weight[kept], strict=True)
        ],
        "against": [compared(rows, panel, model, rival, seed) for rival in AGAINST[panel] if rival != model],
    }


def compared(rows: Sequence[Row], panel: str, model: str, rival: str, seed: int) -> dict[str, Any]:
    """Return the difference of Brier scores where both speak; below 0 the model is better than the rival."""
    other = {r["target"]: r for r in spoken(rows, panel, rival)}
    both = [(r, other[r["target"]]) for r in spoken(rows, panel, model) if r["target"] in other]
    made: dict[str, Any] = {"rival": rival, "cases": len(both)}
    if len(both) < 2:
        return made | {"verdict": "no common cases"}
    both.sort(key=lambda pair: (pair[0]["as_of"], pair[0]["target"]))
    (p, y), (q, _) = _arrays([a for a, _ in both]), _arrays([b for _, b in both])
    mine, theirs = brier(p, y), brier(q, y)
    clusters = np.array([a["cluster"] for a, _ in both])
    exact, against = log_score(p, y), log_score(q, y)
    finite = np.isfinite(exact) & np.isfinite(against)
    made |= {
        "brier": float((mine - theirs).mean()),
        "log": float((exact - against)[finite].mean()) if finite.any() else None,
    }
    if np.abs(mine - theirs).max() < 1e-12:
        return made | {"verdict": "the same forecasts"}
    size = np.unique(clusters).size
    if size < 2:
        tested = _tested(mine, theirs, [a["as_of"] for a, _ in both])
        return made | {"diebold_mariano": tested, "verdict": ONE_CLUSTER}
    rng = stream(f"hindcasts/{panel}/flips", seed=seed)
    p_value = sign_flip_p_value(mine - theirs, clusters, rng)
    verdict = TIED if p_value > LEVEL else "won" if made["brier"] < 0 else "lost"
    return made | {"p_value": p_value, "clusters": size, "verdict": verdict}


def _tested(mine: np.ndarray, theirs: np.ndarray, days: Sequence[str]) -> dict[str, Any] | None:
    """Return the test on means by origin; None where origins are too few or not evenly spaced.

    Windows of neighbouring origins overlap: as many lags are counted as the test allows, up to those of four
    years.
    """
    names, origin = np.unique(np.array(days), return_inverse=True)
    months = np.array([12 * int(d[:4]) + int(d[5:7]) for d in names])
    if np.unique(np.diff(months)).size != 1:
        return None
    count = np.bincount(origin)
    first, second = (np.bincount(origin, weights=x) / count for x in (mine, theirs))
    per_year = max(1, 12 // int(months[1] - months[0]))
    lags = min(4 * per_year + 1, (count.size - 1) // 2)
    if lags < 1:
        return None
    found = diebold_mariano(first, second, lags)
    plain = {"statistic": found.statistic, "p_value": found.p_value}
    return {k: float(v) if np.isfinite(v) else None for k, v in plain.items()} | {
        "origins": found.n,
        "lags": found.horizon,
        "variance": found.variance,
    }


def _arrays(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([r["probability"] for r in rows], dtype=float),
        np.array([r["happened"] for r in rows], dtype=float),
    )
