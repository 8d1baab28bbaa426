"""What the cohort is expected to be worth at a horizon: least-squares Monte Carlo, and a nested check.

The present value realised on a path holds what happens after the horizon. What an owner who knows the state
and the path's parameters expects is its conditional mean, the regression of the realised value on functions
of the state (Longstaff and Schwartz 2001, Review of Financial Studies 14(1), 113-147): second-order
polynomials and an exponential of one, one regression a horizon, and what the paths of one draw of the
parameters have in common beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from overbuild.simulation.run import Simulated

type Array = NDArray[np.float64]

RIDGE = 1e-6
FLOOR, LOWEST, MOST = 0.5, 0.02, 4.0
"""Value over cost around which errors stop growing with it: errors below one count most."""
FEWEST_DRAWS = 20
FEWEST = 200
"""Paths below which linear terms alone are used."""
YEARS_AHEAD = (1.0, 2.0, 4.0, 8.0, 16.0)


def expected(made: Simulated) -> Array:
    """Return value over replacement cost as expected at each horizon, shape (path, horizon)."""
    if made.view.continued == 0:
        return np.full(made.realised.shape, np.nan)
    return np.stack([_fitted(made, e) for e in range(made.prepared.ends.size)], axis=1)


def state_at(made: Simulated, e: int) -> Array:
    """Return what is known at a horizon, shape (path, feature), not standardised."""
    from overbuild.models.demand_curve import gain
    from overbuild.simulation.kernel import AT

    end = int(made.prepared.ends[e])
    at = {n: v[:, end - 1] for n, v in made.layers.items()}
    p = {n: made.prepared.params[made.draw, i] for n, i in AT.items()}
    since = made.prepared.since_reference + end / 4
    curve = [
        gain(np.full(len(made.draw), since + y), p["growth"], p["headroom"], p["asymmetry"])
        - gain(np.full(len(made.draw), since), p["growth"], p["headroom"], p["asymmetry"])
        for y in YEARS_AHEAD
    ]
    elastic = 1 + p["gamma"] * p["epsilon"]
    pressed = (at["demand"] - np.log(at["required_full"])) / elastic
    beyond = [pressed + c / elastic for c in curve]
    return np.stack(
        [
            np.log(at["use"]),
            np.log(at["markup"]),
            pressed,
            at["deviation"] / elastic,
            *beyond,
            np.log(at["capex"] / at["required"]),
            np.log(at["required_full"] / at["required"]),
            np.where(at["regime"] == 1, 1.0, 0.0),
            np.where(at["regime"] == 2, 1.0, 0.0),
            np.log1p(at["age"]),
            np.log(at["cover"]),
            np.log(p["monetised"]),
            p["gamma"],
            p["speed"],
            p["log_ratio"],
            p["normal_growth"],
            p["fall"],
            p["opex"],
            p["ceiling_growth"],
            p["epsilon"],
            p["normal_use"],
        ],
        axis=1,
    )


def _fitted(made: Simulated, e: int) -> Array:
    y = made.realised[:, e]
    features = state_at(made, e)
    spread = features.std(axis=0)
    z = (features - features.mean(axis=0))[:, spread > 1e-12] / spread[spread > 1e-12]
    z = np.clip(z, -5, 5)
    columns = [np.ones((len(z), 1)), z]
    if len(z) >= FEWEST:
        i, j = np.triu_indices(z.shape[1])
        few = len(z) < 8 * i.size
        columns.append(z**2 if few else z[:, i] * z[:, j])
    basis = np.concatenate(columns, axis=1)
    logs = np.log(np.maximum(y, LOWEST))
    product = np.exp(np.clip(basis @ _solved(basis, logs, np.ones_like(y)), np.log(LOWEST), MOST))[:, None]
    scale = np.hypot(FLOOR, product[:, 0])
    basis = np.concatenate([basis, product, product * z], axis=1)
    found = basis @ _solved(basis, y, 1 / scale)
    return found + scale * _of_draw((y - found) / scale, made.draw)


def _of_draw(rest: Array, draw: NDArray[np.int_]) -> Array:
    """Return what paths of one draw have in common beyond the regression: best linear predictor.

    With s2 the variance within draws, t2 that between them and n paths of a draw, its mean counts n / (n +
    s2/t2).
    """
    groups, inverse, count = np.unique(draw, return_inverse=True, return_counts=True)
    if groups.size < FEWEST_DRAWS or count.min() < 2:
        return np.zeros_like(rest)
    mean = np.bincount(inverse, rest) / count
    within = float(np.sum((rest - mean[inverse]) ** 2) / (rest.size - groups.size))
    between = max(float(mean.var() - within * np.mean(1 / count)), 0.0)
    weight = count * between / (count * between + within) if within > 0 else np.ones_like(mean)
    return (weight * mean)[inverse]


def _solved(basis: Array, y: Array, weight: Array) -> Array:
    """Return coefficients of a least-squares regression; weights are functions of the state, never of y."""
    weighted = basis * weight[:, None]
    gram = weighted.T @ weighted
    gram[np.diag_indices_from(gram)] += RIDGE * np.trace(gram) / len(gram)
    return np.linalg.solve(gram, weighted.T @ (y * weight))


def nested(
    made: Simulated, drawn: Any, e: int, chosen: NDArray[np.int_], inner: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return the mean of the realised value given the state of some paths at a horizon, and its error.

    Parameters
    ----------
    made, drawn
        Paths and the random numbers that made them.
    e
        Which horizon.
    chosen
        Paths whose past is kept up to the horizon.
    inner
        Continuations of each.
    rng
        Of the continuations.
    """
    from overbuild.simulation.run import Randomness, continued, randomness

    which = np.repeat(made.draw[chosen], inner)
    rows = np.repeat(chosen, inner)
    new = randomness(made.view, made.prepared, which, rng)
    end = int(made.prepared.ends[e])

    def joined(name: str) -> Array:
        kept = getattr(drawn, name)[rows]
        return np.concatenate([kept[:, :end], getattr(new, name)[:, end:]], axis=1)

    again = continued(
        made.view,
        made.inputs,
        made.prepared,
        which,
        Randomness(
            drawn.state[rows], drawn.deviation[rows], joined("uniform"), joined("noise"), joined("shocks")
        ),
    )
    values = again.realised[:, e].reshape(chosen.size, inner)
    return values.mean(axis=1), values.std(axis=1, ddof=1) / np.sqrt(inner)
