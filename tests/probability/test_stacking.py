"""Stacking weights: against a grid, closed forms and a known truth; what they must not depend on."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from overbuild.errors import InputError
from overbuild.probability.stacking import (
    Prior,
    cluster_worths,
    objective,
    scores_of,
    stacked,
    stacked_many,
)


def prior(models: int, targets: float = 10.0, floor: float = 0.0) -> Prior:
    return Prior(targets, np.array([floor, *[0.0] * (models - 1)]))


def gapped(rng: np.random.Generator, targets: int, models: int, silent: float) -> np.ndarray:
    scores = rng.normal(0.0, 1.5, (targets, models))
    scores[rng.random((targets, models)) < silent] = np.nan
    return scores


def best_on_grid(scores: np.ndarray, worth: np.ndarray, held: Prior, points: int) -> float:
    axis = np.linspace(0.0, 1.0, points + 1)
    every = [
        (*w, 1.0 - sum(w))
        for w in itertools.product(axis, repeat=scores.shape[1] - 1)
        if sum(w) < 1.0 - 1e-9 and min(w) > 0
    ]
    allowed = [np.array(w) for w in every if (np.array(w) >= held.floors - 1e-12).all()]
    return max(objective(w, scores, worth, held) for w in allowed)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("models", "points"), [(2, 1000), (3, 60)])
def test_no_point_of_a_grid_is_better(seed: int, models: int, points: int) -> None:
    rng = np.random.default_rng(seed)
    scores, worth = gapped(rng, 12, models, 0.4), rng.uniform(0.1, 3.0, 12)
    for held in (prior(models, 1.0), prior(models, 10.0), prior(models, 2.0, 0.3)):
        found = stacked(scores, worth, held)
        assert found.sum() == pytest.approx(1.0, abs=1e-12) and (found >= held.floors - 1e-12).all()
        assert objective(found, scores, worth, held) >= best_on_grid(scores, worth, held, points) - 1e-9


def test_the_renormalised_objective_is_not_concave_and_its_lower_summit_is_left() -> None:
    # Two models are compared where the third decides how much they count: chords lie above the surface.
    rng = np.random.default_rng(3)
    scores, worth, held = gapped(rng, 15, 3, 0.5), np.full(15, 20.0), prior(3, 0.1)
    ends = rng.dirichlet(np.ones(3), (2000, 2))
    chord = [
        objective(0.5 * (a + b), scores, worth, held)
        - 0.5 * (objective(a, scores, worth, held) + objective(b, scores, worth, held))
        for a, b in ends
    ]
    assert min(chord) < -1e-6
    found = stacked(scores, worth, held)
    assert objective(found, scores, worth, held) >= best_on_grid(scores, worth, held, 120) - 1e-9


def test_where_all_speak_it_is_the_stationary_point_of_yao_and_others() -> None:
    rng = np.random.default_rng(5)
    scores, worth, held = rng.normal(size=(40, 3)), np.ones(40), prior(3)
    w, density = stacked(scores, worth, held), np.exp(scores)
    gradient = (density / (density @ w)[:, None]).sum(axis=0) + held.targets / 3 / w
    assert np.allclose(gradient, gradient[0], rtol=1e-5)


def test_known_weights_come_back_and_few_targets_are_pulled_to_equal_ones() -> None:
    truth, rng = np.array([0.7, 0.3]), np.random.default_rng(7)
    means, deviations = np.array([0.0, 3.0]), np.array([1.0, 0.7])
    gaps = []
    for count in (5, 50, 5000):
        which = rng.random(count) < truth[1]
        drawn = rng.normal(means[which.astype(int)], deviations[which.astype(int)])
        scores = stats.norm.logpdf(drawn[:, None], means, deviations)
        gaps.append(abs(stacked(scores, np.ones(count), prior(2))[0] - 0.5))
    assert gaps[-1] == pytest.approx(0.2, abs=0.03)
    assert gaps[0] < 0.5 * 5 / 15 < gaps[-1]


def test_a_model_that_was_right_once_does_not_get_everything() -> None:
    once = np.log([[1.0, 0.05, 0.05, 0.05]])
    found = stacked(once, np.ones(1), prior(4))
    assert 0.25 < found[0] < 1 / 3
    # Closed form without rivals' chance: the prior of ten and one target make (10 / 4 + 1) / 11.
    alone = stacked(np.array([[0.0, -700.0, -700.0, -700.0]]), np.ones(1), prior(4))
    assert alone[0] == pytest.approx(3.5 / 11)


def test_a_silent_model_keeps_its_share_and_the_others_are_compared_without_it() -> None:
    rng = np.random.default_rng(11)
    scores = np.column_stack([rng.normal(size=(30, 2)), np.full(30, np.nan)])
    found = stacked(scores, np.ones(30), prior(3))
    assert found[2] == pytest.approx(1 / 3)
    two = stacked(scores[:, :2], np.ones(30), prior(2, 20 / 3))
    assert found[:2] / found[:2].sum() == pytest.approx(two)


def test_without_targets_weights_are_equal_or_at_the_floor() -> None:
    nothing = np.empty((0, 4))
    assert stacked(nothing, np.empty(0), prior(4)) == pytest.approx(0.25)
    assert stacked(nothing, np.empty(0), prior(4, floor=0.4)) == pytest.approx([0.4, 0.2, 0.2, 0.2])
    assert stacked(np.empty((0, 1)), np.empty(0), prior(1)).tolist() == [1.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.floats(0.0, 0.6))
def test_order_of_models_and_of_targets_changes_nothing(seed: int, models: int, silent: float) -> None:
    rng = np.random.default_rng(seed)
    scores, worth, held = gapped(rng, 10, models, silent), rng.uniform(0.1, 1, 10), prior(models, floor=0.25)
    found = stacked(scores, worth, held)
    rows, columns = rng.permutation(10), rng.permutation(models)
    again = stacked(scores[rows][:, columns], worth[rows], Prior(held.targets, held.floors[columns]))
    assert again == pytest.approx(found[columns], abs=1e-6)
    assert found[0] >= 0.25 - 1e-12


def test_a_constant_added_to_a_target_and_a_worth_of_nothing_change_nothing() -> None:
    rng = np.random.default_rng(2)
    scores, worth = gapped(rng, 8, 3, 0.3), np.ones(8)
    found = stacked(scores, worth, prior(3))
    assert stacked(scores + rng.normal(0, 50, (8, 1)), worth, prior(3)) == pytest.approx(found, abs=1e-6)
    more = np.vstack([scores, [[9.0, 0.0, -9.0]]])
    assert stacked(more, np.append(worth, 0.0), prior(3)) == pytest.approx(found, abs=1e-9)


def test_many_at_once_is_each_by_itself() -> None:
    rng = np.random.default_rng(4)
    scores = gapped(rng, 9, 3, 0.3)
    worth = cluster_worths(np.ones(9), np.arange(9) // 3, 20, rng)
    assert (worth.sum(axis=1) == 9).all()
    every = stacked_many(scores, worth, prior(3))
    assert every == pytest.approx(np.array([stacked(scores, w, prior(3)) for w in worth]), abs=1e-9)


def test_scores_of_binary_forecasts() -> None:
    found = scores_of(np.array([[0.2, np.nan], [0.0, 1.0]]), np.array([True, True]), 0.001)
    assert np.exp(found[0, 0]) == pytest.approx(0.2) and np.isnan(found[0, 1])
    assert np.exp(found[1]) == pytest.approx([0.001, 0.999])


@pytest.mark.parametrize(
    ("scores", "worth", "held", "said"),
    [
        (np.zeros((2, 2)), np.ones(3), prior(2), "shapes"),
        (np.array([[-np.inf, 0.0]]), np.ones(1), prior(2), "infinite"),
        (np.zeros((1, 2)), -np.ones(1), prior(2), "not negative"),
        (np.zeros((1, 2)), np.ones(1), prior(2, floor=1.0), "less than one"),
    ],
)
def test_refusals(scores: np.ndarray, worth: np.ndarray, held: Prior, said: str) -> None:
    with pytest.raises(InputError, match=said):
        stacked(scores, worth, held)
