"""How O1, O2 and O3 go together on the paths, and what that does to the composite."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event
from overbuild.simulation.bounded import judge
from overbuild.simulation.run import Simulated

type Array = NDArray[np.float64]

RESAMPLES = 400
HALF = 0.5
"""Added to each count of a table, so that an odds ratio exists where a cell is empty."""


def joint(made: Simulated, events: Mapping[str, Event], rng: np.random.Generator) -> dict[str, Any]:
    """Return chances, dependence by pair, and the composite as it is and as if its parts were independent.

    Errors and intervals are of resampled draws of the inputs, each with all its paths. ``within`` is the
    mean over draws of the covariance of the indicators over the root of the product of their variances:
    dependence that is left when the parameters are known.

    Parameters
    ----------
    made
        Paths.
    events
        ``O1, O2, O3``, dated.
    rng
        Of the resampling.
    """
    paths = made.paths()
    names = tuple(events)
    holds = np.stack([np.nan_to_num(judge(events[n], made, paths).holds) for n in names])
    value = _counts(holds, made.draw)
    picked = rng.integers(0, value.shape[0], (RESAMPLES, value.shape[0]))
    again = [_statistics(value[rows]) for rows in picked]
    found = _statistics(value)
    return {
        "events": list(names),
        "probability": found["probability"].tolist(),
        "cells": value.sum(axis=0).tolist(),
        "pairs": [
            {
                "pair": [names[i], names[j]],
                "phi": float(found["phi"][k]),
                "phi_error": _spread([float(a["phi"][k]) for a in again]),
                "log_odds_ratio": float(found["odds"][k]),
                "log_odds_ratio_error": float(np.std([a["odds"][k] for a in again])),
                "within": _within(holds[i], holds[j], made.draw),
            }
            for k, (i, j) in enumerate(combinations(range(3), 2))
        ],
        "composite": float(found["composite"]),
        "composite_error": float(np.std([a["composite"] for a in again])),
        "independent": float(found["independent"]),
        "independent_error": float(np.std([a["independent"] for a in again])),
        "difference_error": float(np.std([a["composite"] - a["independent"] for a in again])),
    }


def _spread(values: list[float]) -> float:
    """Return the standard deviation of those that exist: an event that never holds has no correlation."""
    known = [v for v in values if np.isfinite(v)]
    return float(np.std(known)) if known else float("nan")


def _counts(holds: Array, draw: NDArray[np.int_]) -> Array:
    """Return how many paths of each draw fall in each cell, O1 + 2 O2 + 4 O3, shape (draw, 8)."""
    cell = (holds[0] + 2 * holds[1] + 4 * holds[2]).astype(int)
    size = int(draw.max()) + 1
    return np.bincount(8 * draw + cell, minlength=8 * size).reshape(size, 8).astype(float)


def _statistics(counts: Array) -> dict[str, Any]:
    share = counts.sum(axis=0) / counts.sum()
    cells = np.arange(8)
    bit = [(cells >> k) & 1 for k in range(3)]
    p = np.array([share[b == 1].sum() for b in bit])
    phi, odds = [], []
    total = counts.sum(axis=0)
    for i, j in combinations(range(3), 2):
        both = share[(bit[i] == 1) & (bit[j] == 1)].sum()
        root = np.sqrt(p[i] * (1 - p[i]) * p[j] * (1 - p[j]))
        phi.append((both - p[i] * p[j]) / root if root > 0 else np.nan)
        table = [total[(bit[i] == a) & (bit[j] == b)].sum() + HALF for a in (0, 1) for b in (0, 1)]
        odds.append(np.log(table[0] * table[3] / (table[1] * table[2])))
    composite = share[(bit[0] == 1) & ((bit[1] == 1) | (bit[2] == 1))].sum()
    independent = p[0] * (p[1] + p[2] - p[1] * p[2])
    return {
        "probability": p,
        "phi": np.array(phi),
        "odds": np.array(odds),
        "composite": composite,
        "independent": independent,
    }


def _within(one: Array, two: Array, draw: NDArray[np.int_]) -> float | None:
    count = np.bincount(draw)
    a, b, ab = (np.bincount(draw, x) / count for x in (one, two, one * two))
    root = np.sqrt(np.mean(a * (1 - a)) * np.mean(b * (1 - b)))
    return float(np.mean(ab - a * b) / root) if root > 0 else None
