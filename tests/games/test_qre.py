"""Quantal response: against another program, a dense grid, closed forms, and the path of unlike firms."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.games.binary import BinaryGame, from_symmetric
from overbuild.games.entry import EntryGame, PayoffTable, advantage
from overbuild.games.nash import mixed_equilibria
from overbuild.games.qre import (
    branches,
    fixed_points,
    folds,
    mean_advantage,
    principal_branch,
    principal_share,
    reached_first,
    unique_below,
)
from overbuild.games.qre_path import follow

REFERENCE = Path(__file__).parents[1] / "reference"
TRAP = EntryGame(5, surplus=0.3, expansion=0.8, business_at_risk=1.7, regret=0.4)
DELTA = st.lists(st.floats(-3, 3).map(lambda v: round(v, 3)), min_size=2, max_size=20).map(np.array)
LOGITS = np.linspace(-60, 60, 120_001)


def test_symmetric_equilibria_equal_those_of_another_program():
    frame = pd.read_csv(REFERENCE / "symmetric_entry_qre.csv", comment="#").rename(
        columns={"lambda": "precision"}
    )
    assert len(frame) == 36
    for r in frame.to_dict("records"):
        game = EntryGame(
            int(r["N"]), base=r["B"], surplus=r["S"], expansion=r["eta"], pass_through=r["phi"],
            rented=r["theta"], business_at_risk=r["sB"], late_penalty=r["tau"], cost=r["C"],
            regret=r["kappa"],
        )  # fmt: skip
        found = principal_share(advantage(game), r["precision"])
        assert float(found) == pytest.approx(r["p_invest"], abs=1e-6)
        assert np.abs(fixed_points(advantage(game), r["precision"]) - r["p_invest"]).min() < 1e-6


@pytest.mark.parametrize("top_left", [1, 4, 9])
def test_unlike_firms_equal_those_of_another_program(top_left: int):
    frame = pd.read_csv(REFERENCE / "matching_pennies_qre.csv", comment="#")
    frame = frame.query("row_payoff_top_left == @top_left")
    row, column = np.array([[1.0, 0.0], [0.0, top_left]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    path = follow(BinaryGame(("row", "column"), np.stack([row, column])), frame["lambda"].tolist())
    assert path.converged and path.residual < 1e-9 and not path.folds
    found = np.array([c.shares for c in path.crossings])
    assert found == pytest.approx(frame[["p_row_top", "p_col_left"]].to_numpy(), abs=1e-6)


@given(DELTA, st.floats(0.05, 12))
@settings(max_examples=60, deadline=None)
def test_every_fixed_point_and_every_fold_is_found(delta: np.ndarray, precision: float):
    """Against a grid: two of a kind closer than its mesh are those that the grid misses."""
    shares = 1 / (1 + np.exp(-LOGITS))
    mean = np.zeros_like(shares)
    for m, c in enumerate(_binomial(delta.size - 1)):
        mean += c * delta[m] * shares**m * (1 / (1 + np.exp(LOGITS))) ** (delta.size - 1 - m)
    gap = LOGITS - precision * mean
    found = fixed_points(delta, precision)
    assert (np.diff(found) >= 0).all() and len(found) % 2 == 1
    counted = np.sum((gap[1:] > 0) != (gap[:-1] > 0))
    assert counted <= len(found)
    if len(found) > counted:
        logit = np.log(found) - np.log1p(-found)
        assert np.diff(logit).min() < 2e-3
    inner = found[(found > 1e-9) & (found < 1 - 1e-9)]
    residual = np.log(inner / (1 - inner)) - precision * mean_advantage(delta, inner)
    assert np.abs(residual).max(initial=0) < 1e-6
    for fold in folds(delta):
        around = [len(fixed_points(delta, fold.precision * (1 + e))) for e in (-1e-5, 1e-5)]
        assert abs(around[0] - around[1]) == 2 or fold.precision > 1e4 or _crowded(delta, fold.precision)


def _binomial(degree: int) -> list[int]:
    from math import comb

    return [comb(degree, m) for m in range(degree + 1)]


def _crowded(delta: np.ndarray, precision: float) -> bool:
    others = np.array([f.precision for f in folds(delta)])
    return bool(np.sum(np.abs(others / precision - 1) < 1e-4) > 1)


@given(DELTA)
@settings(max_examples=60, deadline=None)
def test_there_is_one_equilibrium_before_the_first_fold_and_below_the_bound(delta: np.ndarray):
    first = min((f.precision for f in folds(delta)), default=np.inf)
    bound = unique_below(delta)
    assert bound <= first * (1 + 1e-9)
    for precision in (0.999 * min(first, 1e3), 0.999 * min(bound, 1e3)):
        assert len(fixed_points(delta, precision)) == 1
    if np.isfinite(first) and first < 1e3:
        for p in fixed_points(delta, first * 1.01):
            slope = (mean_advantage(delta, p + 1e-7) - mean_advantage(delta, p - 1e-7)) / 2e-7
            if first * 1.01 * slope > 1 / (p * (1 - p)):
                break
        else:
            assert len(fixed_points(delta, first * 1.01)) == 1


@given(DELTA)
@settings(max_examples=60, deadline=None)
def test_branches_solve_their_equation_and_end_in_nash(delta: np.ndarray):
    if abs(mean_advantage(delta, 0.5)) < 1e-9:
        return
    made = branches(delta, 30.0, 60)
    assert [b.principal for b in made] == [True, *[False] * (len(made) - 1)]
    mixed = {round(e.share, 9) for e in mixed_equilibria(PayoffTable(delta, np.zeros_like(delta)))}
    for b in made:
        assert len(b.ends) == (1 if b.principal else 2)
        for end in b.ends:
            assert round(end, 9) in mixed or (end == 1 and delta[-1] >= 0) or (end == 0 and delta[0] <= 0)
        inner = (b.share > 1e-6) & (b.share < 1 - 1e-6)
        p, lam = b.share[inner], b.precision[inner]
        assert np.log(p / (1 - p)) == pytest.approx(lam * mean_advantage(delta, p), abs=1e-6)
    assert sum(len(b.folds) for b in made) == len(folds(delta))
    assert made[0].share[0] == 0.5 and made[0].precision[0] == 0


def test_one_branch_folds_where_it_says():
    (principal, other) = branches(advantage(TRAP), 20.0)
    (fold,) = other.folds
    assert not principal.folds and other.precision.min() == pytest.approx(fold.precision, rel=1e-3)
    assert len(fixed_points(advantage(TRAP), 0.999 * fold.precision)) == 1
    assert len(fixed_points(advantage(TRAP), 1.001 * fold.precision)) == 3
    assert principal.ends == (1.0,) and other.ends[0] == 0


def test_a_principal_branch_that_folds_is_followed_to_its_nash_equilibrium():
    """By the explicit precision, and by the length of the arc, the firms taken as unlike."""
    delta = np.array([-2.78, -0.64, -0.44, 6.78])
    principal = branches(delta, 10.0)[0]
    assert len(principal.folds) == 2 and principal.ends == (1.0,)
    path = follow(from_symmetric(PayoffTable(delta, np.zeros(4))), [0.44, 2.0])
    assert path.converged
    assert sorted(path.folds) == pytest.approx(sorted(f.precision for f in principal.folds), abs=1e-6)
    at = [c.shares[0] for c in path.crossings if c.precision == 0.44]
    own = [p for p in fixed_points(delta, 0.44) if p > 0.5]
    assert len(at) == 3 and sorted(at) == pytest.approx(own, abs=1e-8)
    assert float(principal_share(delta, 0.44)) == pytest.approx(min(own))


def test_two_firms_in_closed_form():
    """Two firms whose advantage does not depend on the other: p = 1/(1 + exp(-lam Delta)) and no other."""
    delta = np.array([0.7, 0.7])
    assert fixed_points(delta, 3.0) == pytest.approx([1 / (1 + np.exp(-2.1))], abs=1e-14)
    assert folds(delta) == () and unique_below(delta) == np.inf
    assert float(principal_share(delta, 0.0)) == 0.5
    coordination = np.array([-1.0, 1.0])
    assert unique_below(coordination) == 2.0
    assert len(fixed_points(coordination, 1.99)) == 1 and len(fixed_points(coordination, 2.01)) == 3
    flat = branches(coordination, 5.0)
    assert flat[0].principal and (flat[0].share == 0.5).all()


@pytest.mark.parametrize("firms", [2, 5, 20])
def test_draws_are_solved_together_as_one_by_one_and_fast(firms: int):
    rng = np.random.default_rng(3)
    delta = rng.normal(0, 1, (1000, firms))
    principal_branch(delta[:2], 20.0)
    start = time.perf_counter()
    share, precision = principal_branch(delta, 20.0, 200)
    assert time.perf_counter() - start < 2.0
    for i in (0, 500):
        alone = branches(delta[i], 20.0, 200)[0]
        kept = np.isfinite(share[i])
        assert share[i][kept] == pytest.approx(alone.share) and precision[i][kept] == pytest.approx(
            alone.precision
        )
    for d in delta[:50]:
        assert reached_first(d, fixed_points(d, 4.0)) == float(principal_share(d, 4.0))
    together = principal_share(delta[:20, None, :], np.array([0.5, 4.0]))
    assert together.shape == (20, 2)
    assert together[3, 1] == float(principal_share(delta[3], 4.0))
