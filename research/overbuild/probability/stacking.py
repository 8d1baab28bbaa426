"""Stacking: weights of models that maximise the log score of their mixture, pulled to equal weights.

With p[t, k] what model k gave to the outcome of target t (a probability or a density), S_t the models that
speak of t, omega_t what t is worth and a the prior's worth in targets,

    J(w) = sum_t omega_t log( sum_{k in S_t} w_k p[t, k] / sum_{k in S_t} w_k ) + a/K sum_k log w_k

is maximised over the simplex. Where all models speak of all targets this is concave and Yao, Vehtari, Simpson
and Gelman's (2018) stacking with a Dirichlet(1 + a/K) prior. Where some are silent the mixture of those that
speak is renormalised, - log sum_{S_t} w is convex, and J need not be concave. Each step therefore maximises
a bound of J that touches it at the present weights: Jensen's for the first logarithm, as in EM, and the
tangent for the second. J never falls, and several starts guard against a lower summit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]
STEPS = 5000
CLOSE = 1e-9
"""Largest change of a weight at which the ascent ends."""
NEWTON = 60
EVEN = 1e-13


@dataclass(frozen=True)
class Prior:
    """What is set before any target is seen.

    Attributes
    ----------
    targets
        Worth of the Dirichlet prior in targets, spread equally over the models.
    floors
        Least weight of each model, shape (model,); below one in sum.
    """

    targets: float
    floors: Array


def scores_of(probability: Array, happened: NDArray[np.bool_], least: float) -> Array:
    """Return the log score of binary forecasts; NaN where the model is silent.

    Parameters
    ----------
    probability
        Shape (target, model), NaN where silent.
    happened
        Shape (target,).
    least
        Probabilities are read as between this and one less this.
    """
    clipped = np.clip(probability, least, 1.0 - least)
    return np.log(np.where(happened[:, None], clipped, 1.0 - clipped))


def stacked(scores: Array, worth: Array, prior: Prior) -> Array:
    """Return the weights, shape (model,).

    Parameters
    ----------
    scores
        Log scores, shape (target, model); NaN where a model does not speak of a target.
    worth
        What each target counts, shape (target,); not negative.
    prior
        What is set.

    Raises
    ------
    InputError
        If the shapes do not fit, a score is infinite, or the floors leave nothing to learn.
    """
    return stacked_many(scores, np.asarray(worth, dtype=float)[None], prior)[0]


def stacked_many(scores: Array, worth: Array, prior: Prior) -> Array:
    """Return the weights under several worths at once, shape (draw, model); ``worth`` is (draw, target)."""
    scores, worth = np.asarray(scores, dtype=float), np.atleast_2d(np.asarray(worth, dtype=float))
    _check(scores, worth, prior)
    models = scores.shape[1]
    if models <= 1:
        return np.ones((len(worth), models))
    density, speaks, worth = _compared(scores, worth)
    starts = _starts(models, prior.floors)
    weights = np.repeat(starts[None], len(worth), axis=0).reshape(-1, models)
    repeated = np.repeat(worth, len(starts), axis=0)
    weights = _ascended(weights, density, speaks, repeated, prior)
    reached = _objective(weights, density, speaks, repeated, prior).reshape(len(worth), len(starts))
    return weights.reshape(len(worth), len(starts), models)[np.arange(len(worth)), reached.argmax(axis=1)]


def objective(weights: Array, scores: Array, worth: Array, prior: Prior) -> float:
    """Return J at some weights, up to a constant that the weights do not move."""
    density, speaks, several = _compared(scores, worth[None])
    return float(_objective(weights[None], density, speaks, several, prior)[0])


def renormalised(weights: Array, speaks: NDArray[np.bool_]) -> Array:
    """Return weights of those that speak, summing to one."""
    kept = np.where(speaks, weights, 0.0)
    return kept / kept.sum(axis=-1, keepdims=True)


def cluster_worths(worth: Array, cluster: NDArray[np.int_], draws: int, rng: np.random.Generator) -> Array:
    """Return the worth of each target in samples of clusters drawn with replacement, shape (draw, target).

    Parameters
    ----------
    worth
        Shape (target,).
    cluster
        Number of each target's cluster, from 0.
    """
    count = int(cluster.max()) + 1 if len(cluster) else 0
    if not count:
        return np.zeros((draws, 0))
    times = rng.multinomial(count, np.full(count, 1.0 / count), size=draws)
    return worth * times[:, cluster]


def _check(scores: Array, worth: Array, prior: Prior) -> None:
    if scores.ndim != 2 or worth.shape[1] != scores.shape[0] or prior.floors.shape != scores.shape[1:]:
        raise InputError(
            f"Stacking needs scores by target and model, a worth for each target and a floor for each model; "
            f"found shapes {scores.shape}, {worth.shape} and {prior.floors.shape}."
        )
    if np.isinf(scores).any():
        raise InputError("A log score is infinite: keep probabilities of hindcasts away from 0 and 1.")
    if not np.isfinite(worth).all() or (worth < 0).any():
        raise InputError("What a target is worth must be a number that is not negative.")
    if not prior.targets > 0 or (prior.floors < 0).any() or prior.floors.sum() >= 1:
        raise InputError("The prior must be worth more than nothing, and floors must sum to less than one.")


def _compared(scores: Array, worth: Array) -> tuple[Array, NDArray[np.bool_], Array]:
    """Return densities, each target's highest being one, who speaks, and worths, where several speak.

    A target of which one model speaks says nothing of its weight: its renormalised mixture is that model.
    """
    speaks = np.isfinite(scores)
    several = speaks.sum(axis=1) > 1
    scores, speaks, worth = scores[several], speaks[several], worth[:, several]
    filled = np.where(speaks, scores, -np.inf)
    return np.exp(filled - filled.max(axis=1, keepdims=True, initial=-np.inf)), speaks, worth


def _starts(models: int, floors: Array) -> Array:
    """Return the middle of what the floors leave, and a point near each corner."""
    near = 0.9 * np.eye(models) + 0.1 / models
    return floors + (1.0 - floors.sum()) * np.vstack([np.full((1, models), 1.0 / models), near])


def _ascended(weights: Array, density: Array, speaks: NDArray[np.bool_], worth: Array, prior: Prior) -> Array:
    """Climb from every row of weights, shape (row, model), until none moves."""
    alpha, said = prior.targets / weights.shape[1], speaks.astype(float)
    moving = np.arange(len(weights))
    for _ in range(STEPS):
        now, own = weights[moving], worth[moving]
        mixture, mass = now @ density.T, now @ said.T
        gain = now * ((own / mixture) @ density) + alpha
        cost = (own / mass) @ said
        new = _bounded(gain, cost, prior.floors)
        weights[moving] = new
        moving = moving[np.abs(new - now).max(axis=1) > CLOSE]
        if not moving.size:
            break
    return weights


def _bounded(gain: Array, cost: Array, floors: Array) -> Array:
    """Maximise sum gain log w - cost w over the simplex with floors, row by row.

    The optimum is w = max(floor, gain / (lambda + cost)) with lambda where the weights sum to one. The sum
    is convex and falls in lambda; at the largest gain - cost it is at least one, so that Newton's steps from
    there never overshoot.
    """
    level = (gain - cost).max(axis=1, keepdims=True)
    for _ in range(NEWTON):
        raw = gain / (level + cost)
        free = raw > floors
        excess = np.where(free, raw, floors).sum(axis=1, keepdims=True) - 1.0
        if excess.max() < EVEN:
            break
        level = level + excess / np.where(free, raw / (level + cost), 0.0).sum(axis=1, keepdims=True)
    found = np.maximum(floors, gain / (level + cost))
    spare = (found - floors).sum(axis=1, keepdims=True)
    return floors + (found - floors) * (1.0 - floors.sum()) / spare


def _objective(
    weights: Array, density: Array, speaks: NDArray[np.bool_], worth: Array, prior: Prior
) -> Array:
    mixture = np.log(weights @ density.T) - np.log(weights @ speaks.T.astype(float))
    return (worth * mixture).sum(axis=1) + prior.targets / weights.shape[1] * np.log(weights).sum(axis=1)
