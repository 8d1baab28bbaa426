"""What each estimator and each inference finds in made-up panels of our length, the truth known.

Three worlds: no common shock; a lasting common shock with unequal loadings; that and shocks to products,
which reach rivals along the very weights that a reaction would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.games.asked import Asked
from overbuild.games.reaction_data import asked_panel, asked_priors
from overbuild.games.reaction_estimators import (
    LINEAR,
    TITLES,
    NotConvergedError,
    granular,
    identification,
    rivals_span,
    two_way,
)
from overbuild.games.reaction_inference import p_relabelled, p_shifted, p_wild
from overbuild.games.reaction_panel import YEAR, ReactionPanel, equal_weights, exposures
from overbuild.games.reaction_simulation import World, simulate
from overbuild.games.reaction_sweeps import (
    LEVEL,
    firm_effects,
    interval_cr1,
    interval_cr2,
    two_way_effects,
)
from overbuild.randomness import stream

type Array = NDArray[np.float64]

MANY = 400
TRUTHS = (0.0, 0.3)
COMMON = 0.8
"""S.d. of the common shock, and of each product's, over that of a firm's own."""
WORLDS: Mapping[str, Mapping[str, float]] = {
    "none": {},
    "common": {"common": COMMON},
    "product": {"common": COMMON, "product": COMMON},
}
OWN = -0.05
"""Effect of the own lag, as in the data."""
REPLICATIONS, QUICK, FEW = 200, 20, 40
DRAWS = 199
ESTIMATORS = tuple(n for n in TITLES if n != "ols_supplier")
"""There is no supplier in a made-up panel."""


def result(asked: Asked) -> dict[str, Any]:
    """Return bias, spread and coverage of every estimator, and the size of every inference.

    Returns
    -------
    dict
        ``rows`` (one a world, truth, length and estimator: ``bias`` with its Monte Carlo ``error``,
        ``median, sd, q05, q95, rmse, coverage, rejects, replications``, ``not_converged``), ``sizes``
        (one a world, estimator and inference: ``size`` of a test at 10 %),
        ``equal_weights`` (what is identified under them, and how far rivals' moves are from the effects and
        the own lag),
        ``replications, few`` (of long panels), ``quarters, long, level``.
    """
    exposure = exposures(asked_priors(asked, "reaction"))
    panel = asked_panel(asked)
    weights, quarters = panel.weights, panel.shape[0]
    few = QUICK if asked.quick else FEW
    replications = QUICK if asked.quick else REPLICATIONS
    rows, sizes = [], []
    for world in WORLDS:
        for truth in TRUTHS:
            panels = made(world, truth, quarters, replications, weights, exposure)
            rows += _rows(world, truth, quarters, panels)
            if truth == 0:
                sizes += _sizes(world, panels[: replications // 2])
        if world != "none":
            long = made(world, 0.0, MANY, few, weights, exposure)
            rows += _rows(world, 0.0, MANY, long)
    equal = made("common", 0.0, quarters, 1, weights, exposure)[0].with_weights(equal_weights(len(weights)))
    return {
        "rows": rows,
        "sizes": sizes,
        "equal_weights": {
            "identified": identification(equal),
            "distance": rivals_span(equal.season, equal.before),
        },
        "replications": replications,
        "few": few,
        "quarters": quarters,
        "long": MANY,
        "truth": max(TRUTHS),
        "level": LEVEL,
        "common": COMMON,
    }


def made(
    world: str, truth: float, quarters: int, count: int, weights: Array, exposure: Array
) -> list[ReactionPanel]:
    """Return made-up panels, each from its own stream."""
    name = f"reaction/{world}/{truth}/{quarters}"
    told = World(truth, OWN, **WORLDS[world])
    return [
        simulate(told, quarters, weights, exposure, stream(name, index=i), seasons=YEAR) for i in range(count)
    ]


def estimated(panel: ReactionPanel, name: str) -> tuple[float, float, float]:
    """Return b and the ends of its interval: Anderson and Rubin's hull of ``giv``, CR2 of the others."""
    if name == "giv":
        found = granular(panel)
        return found.interval.b, found.robust[0][0], found.robust[-1][1]
    i = interval_cr2(LINEAR[name](panel))
    return i.b, i.low, i.high


def _found(panel: ReactionPanel, name: str) -> tuple[float, float, float] | None:
    try:
        return estimated(panel, name)
    except NotConvergedError:
        return None


def _rows(world: str, truth: float, quarters: int, panels: list[ReactionPanel]) -> list[dict[str, Any]]:
    rows = []
    for name in ESTIMATORS:
        found = [e for p in panels if (e := _found(p, name)) is not None]
        b, low, high = np.array(found).T
        rows.append(
            {
                "world": world,
                "truth": truth,
                "quarters": quarters,
                "estimator": name,
                "bias": float(b.mean() - truth),
                "error": float(b.std(ddof=1) / np.sqrt(len(found))),
                "median": float(np.median(b) - truth),
                "sd": float(b.std(ddof=1)),
                "q05": float(np.quantile(b, 0.05)),
                "q95": float(np.quantile(b, 0.95)),
                "rmse": float(np.sqrt(((b - truth) ** 2).mean())),
                "coverage": float(((low <= truth) & (truth <= high)).mean()),
                "rejects": float(((low > 0) | (high < 0)).mean()),
                "replications": len(found),
                "not_converged": len(panels) - len(found),
            }
        )
    return rows


def _sizes(world: str, panels: list[ReactionPanel]) -> list[dict[str, Any]]:
    """Return how often a test at 10 % rejects the true null, by estimator and inference."""
    found: dict[tuple[str, str], list[float]] = {}
    for number, panel in enumerate(panels):
        n = panel.shape[1]
        sweeps = {"ols": firm_effects(panel.season, n), "two_way": two_way_effects(panel.season, n)}
        for name, fit in (("ols", LINEAR["ols"]), ("two_way", two_way)):
            r = fit(panel)
            rng = stream(f"reaction/wild/{world}/{name}", index=number)
            values = {
                "cr1_firm": interval_cr1(r, by="firm").p,
                "cr1_time": interval_cr1(r).p,
                "cr2_time": interval_cr2(r).p,
                "wild_firm": p_wild(r, rng, by="firm", draws=DRAWS),
                "wild_time": p_wild(r, rng, draws=DRAWS),
                "relabelled": p_relabelled(panel, sweeps[name]),
                "shifted": p_shifted(panel, sweeps[name]),
            }
            for method, p in values.items():
                found.setdefault((name, method), []).append(p)
    return [
        {
            "world": world,
            "estimator": name,
            "inference": method,
            "size": float(np.mean(np.array(p) <= 1 - LEVEL + 1e-12)),
            "replications": len(p),
        }
        for (name, method), p in found.items()
    ]
