"""Level-k and the neglect of competition: their two ends, and direct iteration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.games import qre
from overbuild.games.entry import EntryGame, advantage
from overbuild.games.level_k import competition_neglect, level_k

DELTA = st.lists(st.floats(-3, 3), min_size=2, max_size=12).map(np.array)
SHARE = st.floats(0, 1)


@given(DELTA, SHARE)
@settings(deadline=None)
def test_neglect_lies_between_level_one_and_quantal_response(delta: np.ndarray, last: float):
    level_one = level_k(delta, last, 1, 2.0)[1]
    assert competition_neglect(delta, last, 0.0, 2.0) == pytest.approx([level_one], abs=1e-9)
    whole = qre.fixed_points(delta, 2.0)
    assert competition_neglect(delta, last, 1.0, 2.0) == pytest.approx(whole, abs=1e-7)


@given(DELTA, SHARE, SHARE)
@settings(deadline=None)
def test_neglect_solves_its_equation(delta: np.ndarray, last: float, weight: float):
    for p in competition_neglect(delta, last, weight, 2.0):
        mean = float(qre.mean_advantage(delta, last + weight * (p - last)))
        assert p == pytest.approx(1 / (1 + np.exp(-2.0 * mean)), abs=1e-8)


def test_best_responses_go_round_in_chicken_and_settle_in_a_dilemma():
    chicken, dilemma = np.array([1.0, -1.0]), np.array([0.5, 0.2])
    assert level_k(chicken, 0.0, 4).tolist() == [0, 1, 0, 1, 0]
    assert level_k(dilemma, 0.0, 3).tolist() == [0, 1, 1, 1]


def test_draws_go_together():
    game = EntryGame(5, surplus=np.linspace(0.2, 2, 7), business_at_risk=0.5)
    shares = level_k(advantage(game), 0.4, 3, np.full(7, 3.0))
    assert shares.shape == (4, 7)
    assert shares[2, 3] == pytest.approx(float(level_k(advantage(game)[3], 0.4, 2, 3.0)[2]))


def test_shares_and_precision_have_their_range():
    with pytest.raises(InputError, match=r"last_share = 1\.2"):
        level_k(np.zeros(3), 1.2, 1)
    with pytest.raises(InputError, match=r"weight = -0\.1"):
        competition_neglect(np.zeros(3), 0.5, -0.1, 1.0)
    with pytest.raises(InputError, match="precision = inf"):
        competition_neglect(np.zeros(3), 0.5, 0.1, np.inf)
