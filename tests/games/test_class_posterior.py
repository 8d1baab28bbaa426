"""The posterior of the class of game: against plain weighting of the prior, without data, and its limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.errors import CheckFailedError
from overbuild.games.class_design import design, limit
from overbuild.games.class_posterior import READINGS, at_half, class_posterior, proposed
from overbuild.games.class_priors import PriorDraws, draw_games
from overbuild.games.class_results import classes_of
from overbuild.games.entry import CLASSES, advantage, classify
from overbuild.games.quantal_data import UNKNOWN, QuantalData, quantal_data
from overbuild.models.prior_file import read_priors
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)


@cache
def snapshot() -> Any:
    return load_episode("ai", TODAY, also=model_series("quantal_response", "ai")).snapshot


@cache
def panel(quarters: int | None = None) -> QuantalData:
    data = quantal_data(snapshot())
    return data if quarters is None else data.first(quarters)


@cache
def priors(model: str) -> Any:
    return read_priors().at(TODAY).values(model)


def games(size: int, rng: np.random.Generator) -> PriorDraws:
    return draw_games("main", size, rng, priors("entry"))


def log_likelihood(delta: Any, own: Any, scale: float, data: QuantalData) -> float:
    """Return the log-likelihood of one draw by fixed-point iteration over all rivals' profiles."""
    firms = len(data.firms)
    profiles = np.array(np.meshgrid(*[[0, 1]] * (firms - 1))).reshape(firms - 1, -1).T
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    total = 0.0
    for t in range(len(data.periods)):
        chances = []
        for node in nodes:
            p = np.full(firms, 0.5)
            for _ in range(40):
                gain = np.empty(firms)
                for i in range(firms):
                    rivals = np.delete(p, i)
                    each = np.where(profiles == 1, rivals, 1 - rivals).prod(axis=1)
                    gain[i] = each @ delta[profiles.sum(axis=1)]
                p = 0.5 * p + 0.5 * expit(own[t] + scale * node + gain)
            known = data.y[t] >= 0
            chances.append(np.where(data.y[t] == 1, p, 1 - p)[known].prod())
        total += np.log(weights @ np.array(chances) / weights.sum())
    return total


@pytest.mark.parametrize("reading", READINGS)
def test_weights_are_those_of_the_plain_prior(reading):
    """A short panel, so that draws of the prior itself, weighted one by one, are enough."""
    data = panel(2)
    given = priors("quantal_response")
    found = class_posterior(data, games, given, stream("test/class"), reading=reading, draws=6_000)
    rng, size = stream("test/class/plain"), 300
    drawn = games(size, rng)
    delta = drawn.precision[:, None] * advantage(drawn.game)
    if reading == "slope":
        delta = delta - at_half(delta)[:, None] + rng.normal(*given["level"], size)[:, None]
    own = sum(
        data.covariates[None, :, :, k] * rng.normal(*given[name], size)[:, None, None]
        for k, name in enumerate(data.names)
    )
    scale = np.abs(rng.normal(0, given["shock"], size))
    calm = np.abs(np.diff(delta, axis=1)).max(axis=1) < 1
    weights = np.array([
        np.exp(log_likelihood(delta[r], own[r], scale[r], data)) if calm[r] else 0.0 for r in range(size)
    ])  # fmt: skip
    steep = np.abs(np.diff(found.precision[:, None] * advantage(found.game), axis=1)).max(axis=1) >= 1
    kept = np.where(steep, 0.0, found.weights)
    kept /= kept.sum()
    weights /= weights.sum()
    compared = 0
    for code in range(len(CLASSES)):
        theirs, mine = classify(drawn.game) == code, found.codes == code
        plain, ours = weights @ theirs, kept @ mine
        if ours > 0.05:
            spread = np.sqrt(weights**2 @ (theirs - plain) ** 2 + kept**2 @ (mine - ours) ** 2)
            assert abs(ours - plain) < 3.5 * spread
            compared += 1
    assert compared >= 4


@pytest.mark.parametrize("reading", READINGS)
def test_without_an_answer_the_prior_is_left(reading):
    data = replace(panel(), y=np.full_like(panel().y, UNKNOWN))
    found = class_posterior(
        data, games, priors("quantal_response"), stream("test/none"), reading=reading, draws=4_000
    )
    for share in found.classes().values():
        assert abs(share["posterior"] - share["prior"]) < 4 * share["posterior_error"] + 1e-9


def test_the_proposal_weighs_back_to_the_prior():
    given = priors("quantal_response")
    made, log_ratio = proposed(panel(), given, True, 200_000, stream("test/proposed"))
    weights = np.exp(log_ratio)
    assert weights.mean() == pytest.approx(1.0, abs=0.15)
    assert made.shape == (200_000, 1 + len(panel().names))


def test_with_too_few_effective_draws_there_is_no_answer():
    with pytest.raises(CheckFailedError, match=r"Of 50 draws of the games \d+ are effective; 100 are needed"):
        class_posterior(panel(), games, priors("quantal_response"), stream("test/few"), draws=50)


def test_a_panel_without_end_tells_more_than_the_prior_and_less_than_all():
    chance = sum(np.mean(classify(games(4_000, stream("test/chance")).game) == c) ** 2 for c in range(9))
    slope = limit(games, stream("test/limit"), reading="slope", draws=8_000)
    literal = limit(games, stream("test/limit"), reading="literal", draws=8_000)
    assert chance < slope < literal < 0.95


def test_results_hold_both_readings_of_every_prior():
    found = classes_of(snapshot(), read_priors().at(TODAY), draws=5_000)
    assert set(found["posteriors"]) == {"main", "wide_expansion", "neutral"}
    for by in found["posteriors"].values():
        for made in by.values():
            assert sum(c["posterior"] for c in made["classes"].values()) == pytest.approx(1.0)
            assert made["identified"] == (made["moved"] >= 0.2)
    hold = [found["rented"][share]["main"]["hold"] for share in ("0", "0.3", "0.6")]
    assert hold == sorted(hold)
    dilemma = [found["rented"][share]["main"]["strict_dilemma"] for share in ("0", "0.3", "0.6")]
    assert dilemma == sorted(dilemma, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS)
def test_the_class_that_was_played_gets_the_probability_it_deserves(reading):
    found = design(
        panel(), games, priors("quantal_response"), stream("test/design"), reading=reading, simulations=40
    )
    assert found["p_value"] > 0.01
