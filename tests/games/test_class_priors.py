"""Three priors over pay-offs: their shares, their speed, and that the neutral one favours no class."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import numpy as np
import pytest

from overbuild.errors import OverbuildError, UnknownNameError
from overbuild.games import class_priors
from overbuild.games.class_priors import PRIORS, class_table, draw_games
from overbuild.games.entry import CLASSES, DILEMMA, class_shares, classify
from overbuild.models.prior_file import read_priors


@pytest.fixture(scope="module")
def priors() -> Any:
    return read_priors().at(date(2026, 11, 22)).values("entry")


def shares(prior: str, priors: Any, size: int = 60_000, firms: int = 5) -> dict[str, float]:
    return class_shares(draw_games(prior, size, np.random.default_rng(1), priors, firms=firms).game)


def test_the_shares_are_near_those_of_the_first_design(priors: Any):
    """Hold 32, chicken 18, partial 14, strict 11, trap 9, harmony 8, congestion 4 %; ranges unrecorded."""
    found = shares("main", priors)
    design = {
        "hold": 0.32, "chicken": 0.18, "partial_dilemma": 0.14, "strict_dilemma": 0.11, "trap": 0.09,
        "harmony": 0.08, "congestion": 0.04,
    }  # fmt: skip
    assert all(abs(found[name] - share) < 0.08 for name, share in design.items())
    wide = shares("wide_expansion", priors)
    assert wide["harmony"] == pytest.approx(0.22, abs=0.03)
    assert sum(wide[c] for c in DILEMMA) == pytest.approx(0.20, abs=0.03)
    assert found["stag_hunt"] == 0 < wide["stag_hunt"]


def test_the_neutral_prior_gives_every_class_that_can_be_the_same(priors: Any):
    found = draw_games("neutral", 9001, np.random.default_rng(2), priors)
    counts = np.bincount(classify(found.game), minlength=len(CLASSES))
    assert counts.sum() == 9001 and set(counts) == {1000, 1001}
    assert abs(np.corrcoef(classify(found.game), np.arange(9001))[0, 1]) < 0.05
    two = shares("neutral", priors, size=800, firms=2)
    assert two["mixed"] == 0 and two["hold"] == pytest.approx(1 / 8)


def test_a_class_that_the_wide_prior_leaves_out_is_told(priors: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(class_priors, "BATCHES", 3)
    narrow = {**priors, "expansion_wide": (0.0, 1.0)}
    for firms in (2, 5):
        with pytest.raises(OverbuildError, match="no weight to stag_hunt; widen"):
            draw_games("neutral", 90, np.random.default_rng(1), narrow, firms=firms)


def test_within_a_class_the_neutral_prior_is_the_wide_one(priors: Any):
    neutral = draw_games("neutral", 18_000, np.random.default_rng(3), priors).game
    wide = draw_games("wide_expansion", 60_000, np.random.default_rng(4), priors).game
    for name in ("hold", "strict_dilemma"):
        code = CLASSES.index(name)
        a, b = (np.asarray(g.surplus)[classify(g) == code] for g in (neutral, wide))
        error = np.sqrt(np.var(np.log(a)) / a.size + np.var(np.log(b)) / b.size)
        assert abs(np.log(a).mean() - np.log(b).mean()) < 4 * error


def test_draws_are_fast_and_asking_twice_gives_the_same(priors: Any):
    draw_games("neutral", 100, np.random.default_rng(5), priors)
    start = time.perf_counter()
    drawn = {p: draw_games(p, 200_000, np.random.default_rng(5), priors) for p in PRIORS[:2]}
    assert time.perf_counter() - start < 2.0
    assert drawn["main"].precision.shape == (200_000,)
    assert np.median(drawn["main"].precision) == pytest.approx(priors["precision"][0], rel=0.02)
    again = draw_games("main", 200_000, np.random.default_rng(5), priors)
    assert (np.asarray(again.game.surplus) == np.asarray(drawn["main"].game.surplus)).all()


def test_the_table_has_its_errors_and_unknown_priors_are_told(priors: Any):
    table = class_table(5000, np.random.default_rng(6), priors)
    hold = table["main"]["hold"]
    assert hold["mc_error"] == pytest.approx(np.sqrt(hold["probability"] * (1 - hold["probability"]) / 5000))
    assert set(table) == set(PRIORS) and table["neutral"]["hold"]["mc_error"] == 0
    with pytest.raises(UnknownNameError, match="main, neutral, wide_expansion"):
        draw_games("flat", 10, np.random.default_rng(6), priors)
