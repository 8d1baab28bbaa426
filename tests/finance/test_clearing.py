"""Clearing payments: worked examples, other ways to the same answer, and what must hold of any network."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from overbuild.errors import InputError
from overbuild.finance.clearing import clear
from overbuild.finance.debtrank import debtrank

CLOSE = 1e-8


def network(seed: int, nodes: int, *, costs: bool = False):
    """Return outside assets, liabilities and running costs of a random network in which some nodes fail."""
    rng = np.random.default_rng(seed)
    owed = rng.exponential(1.0, (nodes, nodes)) * (rng.random((nodes, nodes)) < 0.6)
    np.fill_diagonal(owed, 0.0)
    assets = rng.exponential(0.6, nodes) * (rng.random(nodes) < 0.8)
    spent = rng.exponential(0.3, nodes) * (rng.random(nodes) < 0.5) if costs else np.zeros(nodes)
    return assets, owed, spent


NETWORKS = st.builds(network, st.integers(0, 10**6), st.integers(2, 7), costs=st.booleans())
SHARES = st.floats(0.0, 1.0)


def test_two_nodes_by_hand():
    found = clear([1.0, 0.0], [[0.0, 10.0], [5.0, 0.0]])
    np.testing.assert_allclose(found.paid, [[6.0, 5.0]])
    np.testing.assert_allclose(found.equity, [[0.0, 1.0]])
    assert found.default.tolist() == [[True, False]]


def test_three_nodes_by_hand_fail_in_turn_and_share_pro_rata():
    owed = [[0.0, 10.0, 10.0], [0.0, 0.0, 8.0], [1.0, 0.0, 0.0]]
    found = clear([7.0, 1.0, 0.0], owed)
    np.testing.assert_allclose(found.paid, [[8.0, 5.0, 1.0]])
    np.testing.assert_allclose(found.equity, [[0.0, 0.0, 8.0]])
    assert found.default.tolist() == [[True, True, False]]


def test_two_nodes_by_hand_with_costs_of_bankruptcy():
    found = clear([1.0, 0.0], [[0.0, 10.0], [5.0, 0.0]], alpha=0.5, beta=0.8)
    np.testing.assert_allclose(found.paid, [[0.5 / 0.36, 0.4 / 0.36]])
    assert found.default.all() and found.destroyed.sum() == pytest.approx(1.0)


def test_rogers_and_veraart_example_3_3_takes_the_greatest_of_several_solutions():
    """Default of both is a solution too, and so a run would be; nobody fails in the greatest."""
    found = clear([1.0, 1.0], [[0.0, 2.0], [2.2, 0.0]], alpha=0.5, beta=0.5)
    np.testing.assert_allclose(found.paid, [[2.0, 2.2]])
    assert not found.default.any()


@pytest.mark.parametrize("epsilon", [0.7, 0.8, 1.0])
def test_rogers_and_veraart_circular_network_of_section_5_1(epsilon):
    """Six banks in a ring; where all fail, payments are those of their equation in closed form."""
    a, gamma, alpha, beta = 2.0, 0.4, 0.5, 0.5
    owed = np.zeros((6, 6))
    for i in range(6):
        owed[i, (i + 1) % 6] = a + (epsilon if i % 2 else 0.0)
    odd, even = gamma * (1 - epsilon), gamma * (1 + epsilon)
    found = clear([odd, even] * 3, owed, alpha=alpha, beta=beta)
    assert found.default.all()
    scale = alpha / (1 - beta**2)
    expected = [scale * (odd + beta * even), scale * (beta * odd + even)]
    np.testing.assert_allclose(found.paid[0], expected * 3)


def test_a_ring_without_assets_pays_in_full_in_the_greatest_solution():
    ring = np.roll(10 * np.eye(3), 1, axis=1)
    found = clear(np.zeros(3), ring, alpha=0.5, beta=0.5)
    np.testing.assert_allclose(found.paid, 10.0)
    assert not found.default.any()


def test_running_costs_come_before_liabilities():
    found = clear([5.0, 0.0], [[0.0, 4.0], [0.0, 0.0]], costs=[3.0, 0.0])
    np.testing.assert_allclose(found.paid[0], [2.0, 0.0])
    np.testing.assert_allclose(found.costs_paid[0], [3.0, 0.0])
    poor = clear([2.0, 0.0], [[0.0, 4.0], [0.0, 0.0]], costs=[3.0, 0.0])
    np.testing.assert_allclose(poor.paid[0], [0.0, 0.0])
    np.testing.assert_allclose(poor.costs_paid[0], [2.0, 0.0])


def test_payments_jump_where_a_node_fails_with_costs_and_do_not_without():
    owed = [[0.0, 10.0], [0.0, 0.0]]
    for alpha, jump in ((1.0, 0.0), (0.5, 5.0)):
        just, below = (clear([a, 0.0], owed, alpha=alpha).paid[0, 0] for a in (10.0, 10.0 - 1e-6))
        assert just - below == pytest.approx(jump, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(NETWORKS)
def test_without_costs_it_is_the_linear_program_of_eisenberg_and_noe(given_network):
    assets, owed, _ = given_network
    total = owed.sum(axis=1)
    share = np.divide(owed, total[:, None], out=np.zeros_like(owed), where=total[:, None] > 0)
    best = linprog(
        -np.ones(len(assets)),
        A_ub=np.eye(len(assets)) - share.T,
        b_ub=assets,
        bounds=[(0.0, t) for t in total],
    )
    np.testing.assert_allclose(clear(assets, owed).paid[0], best.x, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(NETWORKS, SHARES, SHARES)
def test_it_is_the_greatest_of_all_default_sets(given_network, alpha, beta):
    assets, owed, costs = (v[..., :4] if v.ndim == 1 else v[:4, :4] for v in given_network)
    total, n = owed.sum(axis=1), len(assets)
    share = np.divide(owed, total[:, None], out=np.zeros_like(owed), where=total[:, None] > 0)
    solutions = []
    for k in range(n + 1):
        for fails in combinations(range(n), k):
            p = total.copy()
            for _ in range(3000):
                has = np.maximum(alpha * assets + beta * share.T @ p - costs, 0.0)
                new = np.where(np.isin(range(n), fails), np.minimum(has, total), total)
                if np.abs(new - p).max() < 1e-13:
                    break
                p = new
            left = assets + share.T @ p - costs - total
            if all((left[i] < 1e-9) if i in fails else (left[i] >= -1e-9) for i in range(n)):
                solutions.append(p)
    np.testing.assert_allclose(
        clear(assets, owed, costs, alpha, beta).paid[0], np.max(solutions, axis=0), atol=1e-6
    )


@settings(max_examples=150, deadline=None)
@given(NETWORKS, SHARES, SHARES)
def test_value_is_conserved_and_payments_are_a_fixed_point(given_network, alpha, beta):
    assets, owed, costs = given_network
    f = clear(assets, owed, costs, alpha, beta)
    np.testing.assert_allclose(
        assets + f.received[0], (f.paid + f.equity + f.costs_paid + f.destroyed)[0], atol=CLOSE
    )
    np.testing.assert_allclose(f.paid.sum(), f.received.sum(), atol=CLOSE)
    total = owed.sum(axis=1)
    in_default = np.maximum(alpha * assets + beta * f.received[0] - costs, 0.0)
    np.testing.assert_allclose(f.paid[0], np.where(f.default[0], in_default, total), atol=CLOSE)
    assert (assets + f.received[0] - costs >= total - CLOSE)[~f.default[0]].all()
    assert (f.equity[f.default] == 0).all() and (f.destroyed >= -CLOSE).all()


@settings(max_examples=100, deadline=None)
@given(NETWORKS, SHARES, SHARES, st.integers(0, 6), st.floats(0.0, 2.0))
def test_more_assets_never_mean_less_paid(given_network, alpha, beta, place, more):
    assets, owed, costs = given_network
    richer = assets.copy()
    richer[place % len(assets)] += more
    poor, rich = (clear(a, owed, costs, alpha, beta) for a in (assets, richer))
    assert (rich.paid >= poor.paid - CLOSE).all() and (rich.equity >= poor.equity - CLOSE).all()
    assert not (rich.default & ~poor.default).any()


@settings(max_examples=60, deadline=None)
@given(NETWORKS, SHARES, SHARES)
def test_costs_of_bankruptcy_never_help(given_network, alpha, beta):
    assets, owed, costs = given_network
    free, costly = clear(assets, owed, costs), clear(assets, owed, costs, alpha, beta)
    assert (costly.paid <= free.paid + CLOSE).all()


def test_draws_are_cleared_each_for_itself():
    assets, owed, costs = zip(*(network(s, 5, costs=True) for s in range(50)), strict=True)
    alpha, beta = np.random.default_rng(1).random((2, 50))
    every = clear(np.array(assets), np.array(owed), np.array(costs), alpha, beta)
    for k in range(50):
        one = clear(assets[k], owed[k], costs[k], alpha[k], beta[k])
        np.testing.assert_array_equal(every.paid[k], one.paid[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1.0, 1.0], [[0.0, 1.0, 2.0]] * 2), "a row and a column for each of 2 nodes"),
        (([1.0, -1.0], [[0.0, 1.0], [0.0, 0.0]]), "Outside assets must be finite and 0 or more"),
        (([1.0, 1.0], [[0.0, -1.0], [0.0, 0.0]]), "Liabilities must be finite and 0 or more"),
        (([1.0, 1.0], [[2.0, 1.0], [0.0, 0.0]]), "a liability to itself"),
        (([1.0, 1.0], [[0.0, 1.0], [0.0, 0.0]], None, 1.5), "alpha is 1.5; expected a share"),
    ],
)
def test_bad_networks_are_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        clear(*arguments)


def test_debtrank_passes_every_loss_on_and_agrees_with_the_linear_sum_on_a_chain():
    claims = np.zeros((1, 3, 3))
    claims[0, 1, 0], claims[0, 2, 1] = 4.0, 5.0
    found = debtrank(claims, [[10.0, 8.0, 10.0]], [[2.0, 0.0, 0.0]])
    np.testing.assert_allclose(found, [[0.2, 0.2 * 4 / 8, 0.1 * 5 / 10]])


def test_debtrank_goes_round_a_ring_as_the_leontief_inverse():
    claims = np.array([[[0.0, 3.0], [2.0, 0.0]]])
    equity, loss = np.array([[10.0, 10.0]]), np.array([[1.0, 0.0]])
    inverse = np.linalg.inv(np.eye(2) - claims[0] / equity[0][:, None]) @ (loss / equity)[0]
    np.testing.assert_allclose(debtrank(claims, equity, loss)[0], inverse, atol=1e-8)


@settings(max_examples=50, deadline=None)
@given(NETWORKS, st.floats(0.0, 1.0))
def test_without_costs_debtrank_loses_no_less_than_clearing(given_network, shock):
    assets, owed, _ = given_network
    assets = assets + owed.sum(axis=1) + 0.01
    before, after = clear(assets, owed), clear((1 - shock) * assets, owed)
    lost = debtrank(owed.T[None], before.equity, (shock * assets)[None]) * before.equity
    assert (lost >= before.equity - after.equity - 1e-6).all()
