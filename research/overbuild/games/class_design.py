"""What choices could tell of the class of game: panels played from known games, and a limit on any panel.

Two questions that stand apart from the data. Does the posterior of `overbuild.games.class_posterior` mean
what it says: of simulated panels of today's size, does the class that was played get the probability with
which it is true? And how much could be told by a panel without end, from which Delta would be known as it is
(or up to its level)? With five firms or more the steps of Delta tell, but for special games, four numbers:

    lam [(1-th)(1-phi) sB + kappa],   lam S,   eta,   lam tau.

Games that are alike in these are then all that is left, and the share of them that are of the class that was
played is what is known of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.spatial import KDTree
from scipy.stats import norm

from overbuild.games.class_posterior import (
    FEWEST_EFFECTIVE,
    Array,
    ClassPosterior,
    DrawGames,
    at_half,
    class_posterior,
)
from overbuild.games.entry import CLASSES, advantage, classify
from overbuild.games.quantal_data import QuantalData
from overbuild.games.quantal_simulation import played

NEIGHBOURS = 10
LEAST_PENALTY = 1e-4
"""Of renting late, below which it counts as this: its log is compared."""


def design(
    data: QuantalData,
    draw_games: DrawGames,
    priors: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    reading: str = "slope",
    simulations: int = 40,
    draws: Sequence[int] = (2_000, 8_000, 32_000),
) -> dict[str, float]:
    """Return how the posterior of the class fares on panels of which the class is known.

    Parameters
    ----------
    data
        Gives the sizes and covariates of the panels.
    draw_games, priors, reading
        As for `overbuild.games.class_posterior.class_posterior`.
    rng
        Random numbers.
    simulations
        Number of panels.
    draws
        For the posterior of each; the next number is taken where too few are effective.

    Returns
    -------
    dict
        ``true_before``, ``true_after``: mean prior and posterior probability of the class that was played;
        ``fewest_effective``: draws of the worst posterior; ``gap``: ``true_after`` less the mean of the sum
        of squared posterior probabilities, which is 0 on average if the posterior is right, with
        ``gap_error`` and the two-sided ``p_value``.
    """
    before, after, expected, effective = (np.empty(simulations) for _ in range(4))
    truths = draw_games(simulations, rng)
    deltas = truths.precision[:, None] * advantage(truths.game)
    for k, code in enumerate(classify(truths.game)):
        panel = _panel(deltas[k], data, priors, reading, rng)
        found = _enough(panel, draw_games, priors, rng, reading, draws)
        shares = found.classes()
        posterior = np.array([shares[name]["posterior"] for name in CLASSES])
        before[k], after[k] = shares[CLASSES[code]]["prior"], posterior[code]
        expected[k], effective[k] = (posterior**2).sum(), found.effective
    gap, error = (after - expected).mean(), (after - expected).std(ddof=1) / np.sqrt(simulations)
    return {
        "simulations": simulations,
        "true_before": float(before.mean()),
        "true_after": float(after.mean()),
        "fewest_effective": float(effective.min()),
        "gap": float(gap),
        "gap_error": float(error),
        "p_value": float(2 * norm.sf(abs(gap) / error)),
    }


def _enough(
    panel: QuantalData,
    draw_games: DrawGames,
    priors: Mapping[str, Any],
    rng: np.random.Generator,
    reading: str,
    draws: Sequence[int],
) -> ClassPosterior:
    """Return the posterior with the first number of draws of which enough are effective, or the last."""
    for number in draws[:-1]:
        found = class_posterior(panel, draw_games, priors, rng, reading=reading, draws=number, fewest=0)
        if found.effective >= FEWEST_EFFECTIVE:
            return found
    return class_posterior(panel, draw_games, priors, rng, reading=reading, draws=draws[-1], fewest=0)


def limit(
    draw_games: DrawGames, rng: np.random.Generator, *, reading: str = "slope", draws: int = 40_000
) -> float:
    """Return the mean probability of the true class once Delta, or Delta less its level, is known: at least.

    Estimated from the nearest draws, which are near and not equal, so that it is a little too low, the less
    so the more draws there are.
    """
    drawn = draw_games(draws, rng)
    game, lam = drawn.game, drawn.precision
    rented, passed, at_risk, regret, surplus, eta, late = (
        np.asarray(v, float)
        for v in (
            game.rented,
            game.pass_through,
            game.business_at_risk,
            game.regret,
            game.surplus,
            game.expansion,
            game.late_penalty,
        )
    )
    inseparable = (1 - rented) * (1 - passed) * at_risk + regret
    known = [
        np.log(lam * inseparable),
        np.log(lam * surplus),
        eta,
        np.log(lam * np.maximum(late, LEAST_PENALTY)),
    ]
    if reading == "literal":
        known.append(np.arcsinh(lam * advantage(game)[:, 0]))
    scaled = np.column_stack([(v - v.mean()) / v.std() for v in known])
    codes = classify(game)
    near = np.asarray(KDTree(scaled).query(scaled, k=NEIGHBOURS + 1)[1])
    return float((codes[near[:, 1:]] == codes[:, None]).mean())


def _panel(
    delta: Array, data: QuantalData, priors: Mapping[str, Any], reading: str, rng: np.random.Generator
) -> QuantalData:
    """Return a panel played from one game, the rest drawn from its prior."""
    if reading == "slope":
        delta = delta - at_half(delta[None]) + rng.normal(*priors["level"])
    coefficients = np.array([rng.normal(*priors[name]) for name in data.names])
    return played(delta, coefficients, abs(rng.normal(0.0, priors["shock"])), data, rng)
