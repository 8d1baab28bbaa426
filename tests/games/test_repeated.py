"""Repeated games: payoff sets equal to published ones and to the plain iteration, thresholds to both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.games.binary import from_symmetric
from overbuild.games.entry import CLASSES, DILEMMA, EntryGame, PayoffTable, class_of, classify
from overbuild.games.payoff_sets import PayoffSet, convex_hull, payoff_set
from overbuild.games.repeated import held_down_to, profile_threshold, restraint

DILEMMA_TABLE = np.array([[9.0, 1.0], [10.0, 3.0]])
EXAMPLE = np.array(
    [[(16, 9), (3, 13), (0, 3)], [(21, 1), (10, 4), (-1, 0)], [(9, 0), (5, -4), (-5, -15)]], float
)
"""The example of Abreu and Sannikov (2014); its set as QuantEcon.py gives it, to the digits of its tests."""
EXAMPLE_SET = [
    (7.33770472, 10.9826253), (1.1256824, 2.8), (7.33770472, 0.0), (7.86308964, 0.0), (19.7917977, 2.8),
    (15.5630896, 9.1),
]  # fmt: skip


def same_corners(found: np.ndarray, expected: list[tuple[float, float]], tolerance: float) -> bool:
    gaps = np.abs(found[:, None, :] - np.array(expected)[None]).max(axis=2)
    return len(found) == len(expected) and gaps.min(axis=0).max() < tolerance


def plain_iteration(first: np.ndarray, second: np.ndarray, discount: float, steps: int = 400) -> np.ndarray:
    """Return V* by the operator of Abreu, Pearce and Stacchetti, cutting polygons by half-planes."""
    g = np.stack([first, second], axis=-1)
    hull = convex_hull(g.reshape(-1, 2), 1e-13)
    threat = np.array([first.max(axis=0).min(), second.max(axis=1).min()])
    for _ in range(steps):
        made = []
        for a in range(g.shape[0]):
            for b in range(g.shape[1]):
                gain = np.array([first[:, b].max() - first[a, b], second[a].max() - second[a, b]])
                left = hull
                for axis in (0, 1):
                    left = cut(left, axis, threat[axis] + (1 - discount) / discount * gain[axis])
                made += [(1 - discount) * g[a, b] + discount * w for w in left]
        hull = convex_hull(np.array(made).reshape(-1, 2), 1e-13)
        if not len(hull):
            return hull
        threat = np.maximum(threat, hull.min(axis=0))
    return hull


def cut(hull: np.ndarray, axis: int, floor: float) -> np.ndarray:
    kept = []
    for p, q in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        if p[axis] >= floor - 1e-12:
            kept.append(p)
        if (p[axis] - floor) * (q[axis] - floor) < 0:
            kept.append(p + (floor - p[axis]) / (q[axis] - p[axis]) * (q - p))
    return np.array(kept).reshape(-1, 2)


def test_the_dilemma_and_the_example_of_abreu_and_sannikov():
    dilemma = payoff_set(DILEMMA_TABLE, DILEMMA_TABLE.T, 0.9)
    assert dilemma.converged
    assert same_corners(dilemma.vertices, [(3, 3), (9.75, 3), (9, 9), (3, 9.75)], 1e-9)
    example = payoff_set(EXAMPLE[..., 0], EXAMPLE[..., 1], 0.3)
    assert example.converged and same_corners(example.vertices, EXAMPLE_SET, 1e-7)
    assert example.threat == pytest.approx([1.1256824, 0.0], abs=1e-7)


@pytest.mark.parametrize("seed", range(8))
def test_both_iterations_have_one_limit(seed: int):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(-3, 4, (2, 2, 3)).astype(float)
    found = payoff_set(first, second, 0.6)
    other = plain_iteration(first, second, 0.6)
    assert found.converged and (len(found.vertices) == 0) == (len(other) == 0)
    if len(other):
        shown = PayoffSet(other, found.threat, 0, True)
        assert all(found.holds(p, 1e-6) for p in other) and all(shown.holds(p, 1e-6) for p in found.vertices)


def test_no_equilibrium_in_pure_strategies_and_not_converged_are_told_apart():
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    none = payoff_set(pennies, -pennies, 0.5)
    assert none.converged and len(none.vertices) == 0 and not none.holds(np.zeros(2))
    short = payoff_set(EXAMPLE[..., 0], EXAMPLE[..., 1], 0.3, steps=3)
    assert not short.converged and short.iterations == 3
    with pytest.raises(InputError, match="discount = 1"):
        payoff_set(pennies, -pennies, 1.0)
    with pytest.raises(InputError, match="of one shape"):
        payoff_set(pennies, np.zeros((2, 3)), 0.5)


def test_the_threshold_of_the_dilemma_by_hand():
    game = PayoffTable(np.array([10.0, 3.0]), np.array([9.0, 1.0]))
    kept = restraint(game)
    assert kept.threshold == pytest.approx(1 / 7) == kept.least
    assert (kept.gain, kept.payoff, kept.reversion) == (1, 9, 3)
    assert restraint(game, 2).threshold == 0
    assert profile_threshold(from_symmetric(game), (0, 0)) == pytest.approx(1 / 7)
    with pytest.raises(InputError, match="expected 0 to 2"):
        restraint(game, 3)


def test_taking_turns_may_need_less_patience_than_the_lot():
    game = PayoffTable(np.array([10.0, 3.0]), np.array([4.0, 1.0]))
    kept = restraint(game, 1)
    assert kept.threshold == pytest.approx(2 / 4.5) and kept.least is None
    first = np.array([[4.0, 1.0], [10.0, 3.0]])
    for discount, sustained in ((0.28, False), (0.29, True), (0.4, True)):
        assert payoff_set(first, first.T, discount).holds(np.array([5.5, 5.5])) == sustained
    assert restraint(game, 0).least is not None and restraint(game, 2).least == 0


@given(
    st.floats(0.1, 2),
    st.floats(0.1, 2.5),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.floats(0.02, 0.98),
)
@settings(max_examples=60, deadline=None)
def test_restraint_of_two_firms_is_in_the_payoff_set_from_the_threshold_on(
    surplus: float, at_risk: float, eta: float, phi: float, regret: float, discount: float
):
    game = EntryGame(
        2, surplus=surplus, expansion=eta, pass_through=phi, business_at_risk=at_risk, regret=regret
    )
    if class_of(game) not in DILEMMA:
        return
    kept = restraint(game)
    assert kept.least is not None and kept.threshold == pytest.approx(kept.least)
    if abs(discount - kept.threshold) < 0.01 or kept.threshold > 0.99:
        return
    build, hold = game.builder_payoff([1, 2]), game.holder_payoff([0, 1]) - regret * np.array([0, 0.5])
    first = np.array([hold, build])
    found = payoff_set(first, first.T, discount)
    assert found.converged
    if discount > kept.threshold or class_of(game) == "strict_dilemma":
        assert found.holds(np.zeros(2)) == (discount > kept.threshold)


def test_restraint_over_draws_and_where_no_patience_is_enough():
    surplus = np.array([0.9, 3.0])
    game = EntryGame(5, surplus=surplus, business_at_risk=1.5, pass_through=0.2)
    kept = restraint(game)
    assert kept.threshold[0] == pytest.approx(float(restraint(EntryGame(
        5, surplus=0.9, business_at_risk=1.5, pass_through=0.2)).threshold))  # fmt: skip
    assert np.isinf(kept.threshold[1])
    assert profile_threshold(from_symmetric(EntryGame(3, surplus=0.9, business_at_risk=1.5)), (0, 0, 0)) == (
        pytest.approx(float(restraint(EntryGame(3, surplus=0.9, business_at_risk=1.5)).threshold))
    )


def test_in_a_dilemma_no_punishment_is_harsher_than_going_back_to_building():
    rng, draws = np.random.default_rng(5), 5000
    for firms in (2, 5, 12):
        game = EntryGame(
            firms, surplus=rng.gamma(2, 0.7, draws), expansion=rng.random(draws), rented=rng.random(draws),
            pass_through=rng.random(draws), business_at_risk=rng.gamma(2, 0.7, draws),
            late_penalty=rng.exponential(0.1, draws), regret=rng.exponential(0.1, draws),
        )  # fmt: skip
        dilemma = np.isin(classify(game), [CLASSES.index(c) for c in DILEMMA])
        kept = restraint(game)
        assert (
            kept.least is not None
            and dilemma.sum() > 300
            and ((kept.threshold > 0) & (kept.threshold < 1))[dilemma].all()
        )
        assert kept.threshold[dilemma] == pytest.approx(kept.least[dilemma])
        assert (kept.least <= kept.threshold + 1e-12).all()


def test_rivals_that_mix_hold_a_firm_down_as_far_as_a_linear_programme_says():
    from scipy.optimize import linprog

    rng = np.random.default_rng(4)
    for _ in range(20):
        build, hold = rng.normal(size=(2, 4))
        rows = np.column_stack([np.stack([build, hold]), [-1, -1]])
        least = linprog([0, 0, 0, 0, 1], A_ub=rows, b_ub=[0, 0], A_eq=[[1, 1, 1, 1, 0]], b_eq=[1],
                        bounds=[(0, 1)] * 4 + [(None, None)])  # fmt: skip
        assert held_down_to(PayoffTable(build, hold)) == pytest.approx(least.fun, abs=1e-9)
