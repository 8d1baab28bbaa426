"""Which notion of equilibrium forecasts the next quarter's answers best, scored on quarters held out.

Every model is fitted to the quarters before t and gives the joint probability of the answers of quarter t,
for every t from the `FIRST`-th on: leave-future-out, one step ahead. (Covariates of the quarter before
are filed in the course of t, before its answers: `overbuild.games.quantal_data.timing`.) Scores are logs, in
nats an answer.

``constant`` one rate for all; ``own_lag`` a logit in a firm's own answer a year ago; ``independent`` the game
with zeta = 0 and the common shock; ``quantal_response`` the game; ``level_1`` best responds, with noise, to
the share of its rivals that rose a quarter ago (level-k with last quarter as level 0); ``naive`` the logit in
the share of its rivals that rise in the same quarter. The last is no forecast by itself; its conditional
probabilities are those of one joint distribution only, P(y) proportional to exp(sum_i v_i y_i + z / (N - 1)
sum_{i<j} y_i y_j) (Besag 1974, Journal of the Royal Statistical Society B 36(2), 192-236), which is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations, product
from typing import Any

import numpy as np

from overbuild.games.importance import Weighted, sampled
from overbuild.games.logit import Logit
from overbuild.games.naive import columns, rivals_share
from overbuild.games.quantal_exact import Target, posterior
from overbuild.games.quantal_kernel import Array
from overbuild.games.quantal_panel import QuantalData
from overbuild.randomness import stream

FIRST = 17
MODELS = ("constant", "own_lag", "independent", "quantal_response", "level_1", "naive")
type Score = Callable[[QuantalData, QuantalData, Mapping[str, Any], np.random.Generator], float]


def scores(data: QuantalData, priors: Mapping[str, Any]) -> dict[str, Any]:
    """Return mean log scores of the answers held out, and differences between models with errors.

    Parameters
    ----------
    data
        The panel.
    priors
        Of the quantal response model; rivals have the same for what they share with it.

    Returns
    -------
    dict
        ``quarters`` (first and last scored), ``answers``; by model ``score`` (nats an answer), ``gain`` over
        the constant rate and ``gain_error``, its standard error over quarters;
        ``pairs``, of every two models but the constant rate (``first``, ``second``) the ``difference`` of
        their scores and its ``error``. Errors take quarters as independent.
    """
    held_out = range(FIRST - 1, len(data.periods))
    answers = np.array([(data.y[t] >= 0).sum() for t in held_out])
    found = {
        name: np.array(
            [
                SCORES[name](
                    data.first(t), data.first(t + 1), priors, stream(f"games/scores/{name}", index=t)
                )
                for t in held_out
            ]
        )
        for name in MODELS
    }
    total = answers.sum()
    table = []
    for name, each in found.items():
        gain, error = difference(each, found["constant"], answers)
        table.append({"model": name, "score": float(each.sum() / total), "gain": gain, "gain_error": error})
    pairs = []
    for first, second in combinations(MODELS[1:], 2):
        gap, error = difference(found[first], found[second], answers)
        pairs.append({"first": first, "second": second, "difference": gap, "error": error})
    return {
        "quarters": [data.periods[held_out[0]], data.periods[-1]],
        "number": len(held_out),
        "answers": int(total),
        "coin": float(-np.log(2)),
        "models": table,
        "pairs": pairs,
    }


def difference(first: Array, second: Array, answers: np.ndarray) -> tuple[float, float]:
    """Return by how much the first of two scores by quarter is higher an answer, and its standard error."""
    gap = first - second
    return float(gap.sum() / answers.sum()), float(np.sqrt(len(gap)) * gap.std(ddof=1) / answers.sum())


def _constant(
    before: QuantalData, later: QuantalData, priors: Mapping[str, Any], rng: np.random.Generator
) -> float:
    return _logit_score(before, later, priors, rng, np.zeros((0,), dtype=int))


def _own_lag(
    before: QuantalData, later: QuantalData, priors: Mapping[str, Any], rng: np.random.Generator
) -> float:
    return _logit_score(before, later, priors, rng, np.array([before.names.index("own_lag")]))


def _level_1(
    before: QuantalData, later: QuantalData, priors: Mapping[str, Any], rng: np.random.Generator
) -> float:
    every = np.arange(len(before.names))
    return _logit_score(before, later, priors, rng, every, _share_before(later))


def _logit_score(
    before: QuantalData,
    later: QuantalData,
    priors: Mapping[str, Any],
    rng: np.random.Generator,
    kept: np.ndarray,
    share: Array | None = None,
) -> float:
    """Score a logit in some covariates, and in a share of rivals known a quarter ahead."""
    x, y = columns(before, None if share is None else share[: len(before.y)])
    shift = 0 if share is None else 1
    picked = np.concatenate([np.arange(shift + 1), shift + 1 + kept])
    mean, sd = _normals(before, priors, shift, kept)
    found = _posterior(Logit(x[:, picked], y, mean, sd), rng)
    design = [np.ones(later.y.shape[1]), *later.covariates[-1].T]
    last = np.stack(design if share is None else [share[-1], *design], axis=-1)[:, picked]
    known = later.y[-1] >= 0
    signed = (2.0 * later.y[-1][known] - 1) * (found.draws @ last[known].T)
    return found.log_mean(-np.logaddexp(0.0, -signed).sum(axis=1))


def _share_before(data: QuantalData) -> Array:
    """Return the share of its rivals that rose a quarter ago, less 1/2; 0 in the first quarter."""
    return np.concatenate([np.zeros((1, data.y.shape[1])), rivals_share(data)[:-1]])


def _naive(
    before: QuantalData, later: QuantalData, priors: Mapping[str, Any], rng: np.random.Generator
) -> float:
    x, y = columns(before, rivals_share(before))
    every = np.arange(len(before.names))
    mean, sd = _normals(before, priors, 1, every)
    found = _posterior(Logit(x, y, mean, sd), rng)
    slope, own = found.draws[:, 0], np.stack([np.ones(later.y.shape[1]), *later.covariates[-1].T], axis=-1)
    return joint_log_probability(found.draws[:, 1:] @ own.T - 0.5 * slope[:, None], slope, later.y[-1], found)


def joint_log_probability(own: Array, slope: Array, y: np.ndarray, found: Weighted) -> float:
    """Return ln P(y) of the joint distribution whose conditionals are logits in the share of rivals.

    ``own`` (draw, firm) is the index where no rival rises, ``slope`` (draw,) what all rivals add; answers
    unknown are summed over.
    """
    firms = y.size
    states = np.array(list(product((0, 1), repeat=firms)))
    pairs = states.sum(axis=1) * (states.sum(axis=1) - 1) / 2
    energy = own @ states.T + slope[:, None] * pairs / (firms - 1)
    fits = ((y < 0) | (states == y)).all(axis=1)
    each = np.logaddexp.reduce(energy[:, fits], axis=1) - np.logaddexp.reduce(energy, axis=1)
    return found.log_mean(each)


def _game(interacting: bool) -> Score:
    def score(
        before: QuantalData, later: QuantalData, priors: Mapping[str, Any], rng: np.random.Generator
    ) -> float:
        found = posterior(before, priors, rng, interacting=interacting)
        return Target(before, priors, interacting).next_log_score(found, later)

    return score


def _normals(
    data: QuantalData, priors: Mapping[str, Any], shift: int, kept: np.ndarray
) -> tuple[Array, Array]:
    pairs = [priors["zeta"][:2]] * shift + [priors["level"], *(priors[data.names[k]] for k in kept)]
    return np.array([p[0] for p in pairs], dtype=float), np.array([p[1] for p in pairs], dtype=float)


def _posterior(logit: Logit, rng: np.random.Generator) -> Weighted:
    return sampled(logit.log_density, logit.value_and_gradient, logit.mean, rng)


SCORES: Mapping[str, Score] = {
    "constant": _constant,
    "own_lag": _own_lag,
    "independent": _game(False),
    "quantal_response": _game(True),
    "level_1": _level_1,
    "naive": _naive,
}
