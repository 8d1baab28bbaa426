"""The posterior of the class of game: against plain weighting of the prior, without data, and its limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.errors import CheckFailedError
from overbuild.games import class_results
from overbuild.games.class_design import design, limit
from overbuild.games.class_posterior import READINGS, class_posterior, proposed
from overbuild.games.class_priors import PRIORS, PriorDraws, draw_games
from overbuild.games.class_results import classes_of
from overbuild.games.entry import advantage, classify
from overbuild.games.quantal_data import UNKNOWN, QuantalData, quantal_data
from overbuild.games.quantal_kernel import log_likelihoods, shock_nodes
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


@pytest.mark.parametrize("reading", READINGS)
def test_the_evidence_is_that_of_plain_draws_of_the_prior(reading):
    """With every draw from the prior no proposal has to be weighed back."""
    data, size = panel(10), 12_000
    given: Any = dict(priors("quantal_response"))
    found = class_posterior(data, games, given, stream("test/class"), reading=reading, draws=6_000)
    rng: Any = stream("test/class/plain")
    drawn = games(size, rng)
    delta = drawn.precision[:, None] * advantage(drawn.game)
    if reading == "slope":
        delta = delta - delta[:, 2:3] + rng.normal(*given["level"], size)[:, None]
    own = np.column_stack([rng.normal(*given[name], size) for name in data.names])
    scale = np.abs(rng.normal(0, given["shock"], size))
    covariates = np.ascontiguousarray(data.covariates)
    told = log_likelihoods(delta, own, scale, data.y, covariates, *shock_nodes(13))
    weights = np.exp(told[np.isfinite(told)])
    error = weights.std() / weights.mean() / np.sqrt(weights.size) + 1 / np.sqrt(found.effective)
    assert found.log_evidence == pytest.approx(np.log(weights.mean()), abs=3 * error)
    assert error < 0.08


def test_the_level_of_the_gain_is_free_where_reactions_are_read():
    """Costs that differ by a constant shift Delta and change nothing but the class."""

    def dearer(size, rng):
        drawn = games(size, rng)
        return PriorDraws(replace(drawn.game, cost=np.full(size, 1.4)), drawn.precision)

    data, given = panel(6), priors("quantal_response")
    options: Any = {"draws": 600, "fewest": 0}
    one, other = (class_posterior(data, g, given, stream("test/level"), **options) for g in (games, dearer))
    assert np.allclose(one.weights, other.weights, rtol=1e-6)
    literal = [
        class_posterior(data, g, given, stream("test/level"), reading="literal", **options)
        for g in (games, dearer)
    ]
    assert not np.allclose(literal[0].weights, literal[1].weights, rtol=0.1)


@pytest.mark.parametrize("reading", READINGS)
def test_without_an_answer_the_prior_is_left(reading):
    data = replace(panel(), y=np.full_like(panel().y, UNKNOWN))
    found = class_posterior(
        data, games, priors("quantal_response"), stream("test/none"), reading=reading, draws=4_000
    )
    for share in found.classes().values():
        assert abs(share["posterior"] - share["prior"]) < 4 * share["posterior_error"] + 1e-9


def test_the_proposal_weighs_back_to_the_prior():
    data, given = panel(2), priors("quantal_response")
    made, log_ratio = proposed(data, given, True, 200_000, stream("test/proposed"))
    weights = np.exp(log_ratio)
    assert weights.mean() == pytest.approx(1.0, abs=0.02)
    weights /= weights.sum()
    mean = weights @ made
    sd = np.sqrt(weights @ (made - mean) ** 2)
    for k, name in enumerate(("level", *data.names)):
        assert mean[k] == pytest.approx(given[name][0], abs=0.03)
        assert sd[k] == pytest.approx(given[name][1], rel=0.05)
        assert np.sqrt(np.mean((made[:, k] - mean[k]) ** 2)) > 1.1 * sd[k]


def test_with_too_few_effective_draws_there_is_no_answer():
    with pytest.raises(CheckFailedError, match=r"Of 50 draws of the games \d+ are effective; 100 are needed"):
        class_posterior(panel(), games, priors("quantal_response"), stream("test/few"), draws=50)


def test_a_panel_without_end_tells_more_than_the_prior_and_less_than_all():
    chance = sum(np.mean(classify(games(4_000, stream("test/chance")).game) == c) ** 2 for c in range(9))
    slope = limit(games, stream("test/limit"), reading="slope", draws=8_000)
    literal = limit(games, stream("test/limit"), reading="literal", draws=8_000)
    assert chance < slope < literal < 0.95


def test_results_hold_both_readings_of_a_prior(monkeypatch):
    monkeypatch.setattr(class_results, "PRIORS", ("main",))
    found = classes_of(snapshot(), read_priors().at(TODAY), draws=5_000)
    assert set(found["posteriors"]) == {"main"} and set(PRIORS) > {"main"}
    for by in found["posteriors"].values():
        for made in by.values():
            assert sum(c["posterior"] for c in made["classes"].values()) == pytest.approx(1.0)
            assert made["identified"] == (made["moved"] - 2 * made["moved_error"] >= 0.2)
            assert 0 <= made["unsolved"] < 0.02 and 0.3 < made["unique"]["prior"] < 1
    hold = [found["rented"][share]["main"]["hold"] for share in ("0", "0.3", "0.6")]
    assert hold[0] < hold[1] < hold[2]
    dilemma = [found["rented"][share]["main"]["strict_dilemma"] for share in ("0", "0.3", "0.6")]
    assert dilemma[0] > dilemma[1] > dilemma[2]


@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS)
def test_the_class_that_was_played_gets_the_probability_it_deserves(reading):
    found = design(
        panel(),
        games,
        priors("quantal_response"),
        stream("test/design"),
        reading=reading,
        simulations=20,
        draws=(2_000, 8_000),
    )
    assert found["p_value"] > 0.01


def test_what_moved_counts_its_noise():
    found = class_posterior(panel(4), games, priors("quantal_response"), stream("test/moved"), draws=3_000)
    moved, error = found.moved()
    assert 0 < error < 0.05 and moved < 0.2
    assert found.where(found.unique).weights.sum() == pytest.approx(1.0)
    assert found.where(found.unique).weights.size == found.unique.sum()
