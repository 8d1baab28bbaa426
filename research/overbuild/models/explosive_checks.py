"""Size and power of the explosive regimes: how often they cry wolf, and how often they see one.

Size: prices simulated as random walks whose volatility changes, all other parameters from the prior; how
often is an explosion of half a year or more called more likely than not? Power: the same with one explosion
of known length and root planted, followed by a collapse; how often is it called, and how far off is its
start?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from overbuild.core.periods import label, ordinal
from overbuild.models.explosive import ExplosiveModel, simulated_with_regimes
from overbuild.models.explosive_data import BEFORE, WINDOW, PriceData
from overbuild.models.explosive_episodes import episodes_of
from overbuild.models.explosive_kernel import COLLAPSE, EXPLOSIVE
from overbuild.models.explosive_posterior import Regimes, regimes_of
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream

CHECK = Sampling(chains=2, draws=300, tune=400, target_accept=0.9, cores=2)
START, LENGTH, COLLAPSED = 96, 60, 18
ROOTS = (0.02, 0.04, 0.06)
CALLED = 0.5


def size(model: ExplosiveModel, n: int, seed: int) -> dict[str, Any]:
    """Return how often an explosion is called where there is none.

    Parameters
    ----------
    model
        The specification.
    n
        Number of simulated prices.
    seed
        Master seed; each price has its own stream.
    """
    chances = [r.any_long for _, r in _runs(model, n, seed, "size", None)]
    return {"n": n, **_called(chances)}


def power(model: ExplosiveModel, n: int, seed: int) -> list[dict[str, Any]]:
    """Return, by root, how often a planted explosion of `LENGTH` months is called, and how well it is dated.

    The error of the start is that of the episode which holds the last month of the planted one, in months;
    None where no run has such an episode.
    """
    found = []
    for root in ROOTS:
        chances, errors, held = [], [], []
        for data, regimes in _runs(model, n, seed, f"power/{root}", root):
            chances.append(regimes.any_long)
            for e in episodes_of(regimes.path, data.level[BEFORE - 1 :]):
                if e.start[0] <= START + LENGTH - 1 <= e.last[2]:
                    errors.append(e.start[1] - START)
                    held.append(e.start[0] <= START <= e.start[2])
        found.append(
            {
                "root": 1 + root,
                "months": LENGTH,
                "n": n,
                **_called(chances),
                "dated": len(errors),
                "median_error_of_start": float(np.median(errors)) if errors else None,
                "start_in_interval": float(np.mean(held)) if held else None,
            }
        )
    return found


def template() -> PriceData:
    """Return prices that never moved, which give the sizes of a full window."""
    first = ordinal("1990-01")
    months = tuple(label(first + t, "M") for t in range(WINDOW))
    return PriceData("nasdaq", months, np.zeros(BEFORE + WINDOW), False)


def _runs(
    model: ExplosiveModel, n: int, seed: int, name: str, root: float | None
) -> Iterator[tuple[PriceData, Regimes]]:
    regimes = np.zeros(WINDOW, dtype=int)
    if root is not None:
        regimes[START : START + LENGTH] = EXPLOSIVE
        regimes[START + LENGTH : START + LENGTH + COLLAPSED] = COLLAPSE
    for i in range(n):
        rng = stream(f"explosive/{name}", seed=seed, index=i)
        start = template()
        walk = model.prior_draw(start, rng)
        noise = walk["volatility"] * rng.standard_normal(BEFORE)
        start = replace(start, level=np.concatenate([np.cumsum(noise), np.zeros(WINDOW)]))
        truth = walk if root is None else walk | {"explosive_root": np.asarray(root)}
        data, _ = simulated_with_regimes(truth, start, model.priors, rng, regimes)
        sampled = model.fit_data(data, rng, CHECK)
        yield data, regimes_of(data, sampled, model.priors, rng)


def _called(chances: list[float]) -> dict[str, float]:
    called = np.array(chances) > CALLED
    rate = float(called.mean())
    return {
        "called": rate,
        "called_se": float(np.sqrt(rate * (1 - rate) / called.size)),
        "mean_probability": float(np.mean(chances)),
    }
