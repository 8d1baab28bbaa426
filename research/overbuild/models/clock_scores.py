"""Leave-future-out scores of the templates and of rivals that know no past boom.

Fitted to data up to an origin, a model gives the joint density of the next periods; its log is the score.
Both densities are exact, so the score is the difference of two evidences, ln p(y_1..n+h) - ln p(y_1..n),
with the clock set to 0 at the origin. Higher is better. Scores of neighbouring origins share most of their
data: they are an impression of one path and not a sample.

Rivals, with seasons and the prior of the level as in `overbuild.models.clock_grid`, a drift
g ~ N(m, d^2) log points a year, and the prior of the deviation for the s.d. of their errors:
a trend with errors as those of a template; a random walk, whose s.d. is that of the change over a year, with
and without drift.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.models.clock_grid import Axes, Curve, covariances, log_sum, posterior

type Array = NDArray[np.float64]
type Evidence = Callable[[Array, Array, NDArray[np.int_] | None], float]
"""Log density of data, given their times and seasons."""

MIXTURE = "mixture"
RIVALS = ("trend", "random_walk", "random_walk_with_drift")
LEAST_POINTS = {4: 8, 1: 6}
"""Points before the first origin, by periods a year."""
STEP = {4: 2, 1: 1}
HORIZONS = {4: (2, 4), 1: (1, 2)}


def normal_log_density(gap: Array, covariance: Array) -> Array:
    """Return the log density of a normal at one gap from its mean, for covariances of shape (..., n, n)."""
    solved = np.linalg.solve(covariance, np.broadcast_to(gap, covariance.shape[:-1])[..., None])[..., 0]
    log_det = np.linalg.slogdet(covariance)[1]
    return -(gap.size * np.log(2 * np.pi) + log_det + solved @ gap) / 2


def rival_evidence(name: str, axes: Axes, growth: tuple[float, float]) -> Evidence:
    """Return the evidence of a rival."""

    def evidence(y: Array, years: Array, seasons: NDArray[np.int_] | None) -> float:
        mass = axes.deviation.log_mass[:, None] + axes.persistence.log_mass
        covariance = covariances(axes, years, seasons)
        gap = y - axes.level[0]
        if name != "trend":
            since = years - years[0]
            walk = axes.deviation.centres[:, None, None] ** 2 * np.minimum(since[:, None], since)
            common = np.full((years.size, years.size), axes.level[1] ** 2)
            if seasons is not None:
                common = common + axes.season**2 * (seasons[:, None] == seasons)
            covariance, mass = (walk + common)[:, None], axes.deviation.log_mass[:, None]
            covariance = covariance + SMALL**2 * np.eye(years.size)
        if name != "random_walk":
            gap = gap - growth[0] * years
            covariance = covariance + growth[1] ** 2 * np.outer(years, years)
        return log_sum(normal_log_density(gap, covariance) + mass)

    return evidence


SMALL = 1e-4
"""S.d. of an error of measurement that keeps a random walk's covariance invertible at its first period."""


def template_evidence(curve: Curve, axes: Axes) -> Evidence:
    """Return the evidence of a template."""
    return lambda y, years, seasons: posterior(y, years, seasons, curve, axes).log_evidence


def leave_future_out(
    y: Array,
    years: Array,
    seasons: NDArray[np.int_] | None,
    periods: Sequence[str],
    curves: dict[str, Curve],
    axes: Axes,
    growth: tuple[float, float],
) -> list[dict[str, Any]]:
    """Return one row an origin, horizon and model: ``origin, horizon`` (periods), ``model, score``."""
    per_year = 1 if seasons is None else 4
    every = {n: template_evidence(c, axes) for n, c in curves.items()}
    every |= {n: rival_evidence(n, axes, growth) for n in RIVALS}
    rows: list[dict[str, Any]] = []
    for n in range(LEAST_POINTS[per_year], y.size, STEP[per_year]):
        ahead = [h for h in HORIZONS[per_year] if n + h <= y.size]
        known: dict[int, dict[str, float]] = {}
        for h in (0, *ahead):
            part = None if seasons is None else seasons[: n + h]
            clock = years[: n + h] - years[n - 1]
            known[h] = {m: evidence(y[: n + h], clock, part) for m, evidence in every.items()}
            known[h][MIXTURE] = log_sum(np.array([known[h][m] for m in curves]))
        rows += [
            {"origin": periods[n - 1], "horizon": h, "model": m, "score": known[h][m] - known[0][m]}
            for h in ahead
            for m in known[h]
        ]
    return rows


def mean_scores(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the mean score of each model at each horizon over origins, the best first."""
    keys = sorted({(r["horizon"], r["model"]) for r in rows})
    found = []
    for horizon, model in keys:
        own = [r["score"] for r in rows if (r["horizon"], r["model"]) == (horizon, model)]
        found.append({"horizon": horizon, "model": model, "score": float(np.mean(own)), "origins": len(own)})
    return sorted(found, key=lambda r: (r["horizon"], -r["score"]))
