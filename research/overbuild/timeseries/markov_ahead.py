"""Forecasts of a switching model past the sample, which statsmodels does not give, parameters drawn too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.timeseries.markov import Switching, model_of, parts_of

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ahead:
    """Draws of what follows the sample.

    Attributes
    ----------
    growth
        Shape (draw, step).
    regimes
        Probability of each regime, shape (step, regime), regimes in order of their means.
    """

    growth: Array
    regimes: Array


def regimes_ahead(found: Switching, steps: int) -> Array:
    r"""Return :math:`\xi_{T+h|T} = (P')^h \xi_{T|T}`, shape (step, regime), at the estimates."""
    made, now = [], found.filtered[-1]
    for _ in range(steps):
        now = now @ found.transition
        made.append(now)
    return np.array(made)


def mean_ahead(found: Switching, steps: int) -> Array:
    r"""Return the expected growth at the estimates, shape (step,), for at most one lag.

    .. math:: E y_{T+h} = \mu' \xi_{T+h|T} + \phi^h (y_T - \mu' \xi_{T|T})
    """
    if found.spec.order > 1:
        raise ValueError("The closed form is of at most one lag; take the mean of the draws.")
    means = regimes_ahead(found, steps) @ found.means
    if not found.spec.order:
        return means
    last = float(found.fitted.model.orig_endog[-1]) - float(found.filtered[-1] @ found.means)
    return means + found.lags[0] ** np.arange(1, steps + 1) * last


def draw_ahead(
    found: Switching, y: Array, steps: int, draws: int, rng: np.random.Generator, parameters: int = 200
) -> Ahead:
    """Draw growth after the sample.

    Parameters
    ----------
    found
        The fitted model.
    y
        The growth rates it was fitted to, shape (period,).
    steps, draws
        Periods ahead, and draws.
    rng
        Generator.
    parameters
        Draws of the parameters, from the normal approximation in logs of variances and logits of transition
        probabilities; the filter is run at each. 0, or a fit without standard errors: the estimates alone.
    """
    vectors = _parameter_draws(found, parameters, rng)
    each = -(-draws // len(vectors))
    growth, regimes = [], np.zeros((steps, found.spec.regimes))
    for vector in vectors:
        made, visited = _paths(found, y, vector, steps, each, rng)
        growth.append(made)
        regimes += visited / len(vectors)
    return Ahead(np.concatenate(growth)[:draws], regimes[:, found.order_of])


def _parameter_draws(found: Switching, count: int, rng: np.random.Generator) -> list[Array]:
    if not count or found.covariance is None:
        return [found.estimates]
    k = found.spec.regimes
    moves, variances = k * (k - 1), k if found.spec.switching_variance else 1
    theta = found.estimates
    kinds = np.repeat([0, 1, 2, 1], [moves, k, variances, found.spec.order])
    slope = np.where(kinds == 0, theta * (1 - theta), np.where(kinds == 2, theta, 1.0))
    free = np.diag(found.covariance) > 0
    root = np.zeros_like(found.covariance)
    inner = found.covariance[np.ix_(free, free)] / np.outer(slope[free], slope[free])
    root[np.ix_(free, free)] = np.linalg.cholesky((inner + inner.T) / 2 + 1e-12 * np.eye(int(free.sum())))
    safe = np.clip(theta, 1e-12, 1 - 1e-12)
    made = []
    while len(made) < count:
        z = root @ rng.standard_normal(theta.size)
        logit = np.log(safe / (1 - safe)) if k == 2 else safe
        move = 1 / (1 + np.exp(-(logit + z))) if k == 2 else theta + z * slope
        vector = np.where(kinds == 0, move, np.where(kinds == 2, np.abs(theta) * np.exp(z), theta + z))
        vector = np.where(free, vector, theta)
        transition = parts_of(vector, found.spec)[0]
        stationary = abs(np.sum(vector[theta.size - found.spec.order :])) < 1 if found.spec.order else True
        if (transition >= 0).all() and stationary:
            made.append(vector)
    return made


def _paths(
    found: Switching, y: Array, vector: Array, steps: int, draws: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return growth of one parameter vector, and how often each regime was visited (statsmodels' order)."""
    spec = found.spec
    transition, means, variances, lags = parts_of(vector, spec)
    result = model_of(y, spec).filter(vector)
    # Joint filtered probabilities of the regimes now and `order` periods back, the newest first.
    joint = np.asarray(result.filtered_joint_probabilities)[..., -1]
    kept = max(spec.order, 1)
    joint = np.clip(joint, 0, None).sum(axis=tuple(range(kept, joint.ndim)))
    flat = rng.choice(joint.size, draws, p=joint.ravel() / joint.sum())
    history = np.array(np.unravel_index(flat, joint.shape))  # (lag, draw), the newest first
    deviation = np.array([y[-1 - j] - means[history[j]] for j in range(spec.order)]).reshape(
        spec.order, draws
    )
    state, cumulated = history[0], np.cumsum(transition, axis=1)
    growth, visited = np.empty((draws, steps)), np.zeros((steps, spec.regimes))
    for h in range(steps):
        state = np.minimum((rng.random(draws)[:, None] > cumulated[state]).sum(axis=1), spec.regimes - 1)
        now = np.sqrt(variances[state]) * rng.standard_normal(draws)
        if spec.order:
            now = now + lags @ deviation
            deviation = np.vstack([now[None], deviation[:-1]])
        growth[:, h] = means[state] + now
        visited[h] = np.bincount(state, minlength=spec.regimes) / draws
    return growth, visited
