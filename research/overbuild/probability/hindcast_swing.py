"""What the regimes go by on run-ups: how widely each series has swung so far, and what they add to that.

Asked after the scores of the run-ups had been seen, and so beside them and not among the rivals: the rank
correlation of the regimes' chances with the standard deviation of past log growth, and the score of a logit
on the log of that deviation alone, each cluster forecast from the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import spearmanr

from overbuild.probability.crash_regression import firth_logit
from overbuild.probability.hindcast_cases import Hindcast
from overbuild.probability.hindcast_data import HindcastData, cluster_of
from overbuild.probability.hindcast_rows import row, spoken
from overbuild.probability.hindcast_run_ups import PANEL, target_of
from overbuild.probability.hindcast_scores import compared
from overbuild.probability.runups import Array

NAME = "swing"
FEWEST = 3


def swing_of(past: pd.Series, floor: float) -> float:
    """Return the standard deviation of log growth over the years above a floor; nan if they are too few."""
    low = np.flatnonzero(past.to_numpy(dtype=float) < max(floor, np.finfo(float).tiny))
    level = past.iloc[low[-1] + 1 :] if low.size else past
    growth = np.diff(np.log(level.to_numpy(dtype=float)))
    return float(growth.std(ddof=1)) if growth.size >= FEWEST else float("nan")


def swing(data: HindcastData, rows: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """Return the rank correlation, and the score of the deviation alone beside the regimes'.

    Parameters
    ----------
    data
        Series and cases.
    rows
        Hindcasts of the run-ups; a case without one is set aside.
    seed
        As for `overbuild.probability.hindcast_scores.scores`.
    """
    asked = {r["target"] for r in rows}
    every = {c: target_of(data, c) for c in data.run_ups if np.isfinite(_swing(data, c))}
    targets = {c: t for c, t in every.items() if t.target in asked}
    cases = list(targets)
    x = np.log([_swing(data, c) for c in cases])
    fell = np.array([targets[c].happened for c in cases], dtype=float)
    said = left_out(x, fell, np.array([cluster_of(c.series) for c in cases]))
    made = [row(targets[c], NAME, float(p)) for c, p in zip(cases, said, strict=True)]
    regimes = {r["target"]: r["probability"] for r in spoken(rows, PANEL, "regimes")}
    both = [(v, regimes[m["target"]]) for v, m in zip(x, made, strict=True) if m["target"] in regimes]
    chances = np.array([m["probability"] for m in made])
    return {
        "cases": len(made),
        "rank_correlation": float(spearmanr(*np.array(both).T).statistic),
        "common": len(both),
        "brier": float(((chances - fell) ** 2).mean()),
        "against_constant": compared([*rows, *made], PANEL, NAME, "constant", seed),
        "regimes_against": compared([*rows, *made], PANEL, "regimes", NAME, seed),
        "why_apart": "set after the scores had been seen",
    }


def left_out(x: Array, fell: Array, cluster: np.ndarray) -> Array:
    """Return each case's chance by Firth's logit on the other clusters, shape (case,)."""
    out = np.empty(fell.size)
    for name in np.unique(cluster):
        mine = cluster == name
        fit = firth_logit(np.column_stack([np.ones((~mine).sum()), x[~mine]]), fell[~mine])
        out[mine] = expit(fit.beta[0] + fit.beta[1] * x[mine])
    return out


def _swing(data: HindcastData, case: Hindcast) -> float:
    past = data.series[case.series].loc[: case.known].dropna()
    return swing_of(past, data.rule.floor_usd_million)
