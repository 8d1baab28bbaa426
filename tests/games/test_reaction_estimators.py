"""Tests of the estimators: what is not identified, factors against Bai's iteration, the instrument's set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from overbuild.errors import InputError
from overbuild.games import reaction_estimators as e
from overbuild.games.reaction_panel import ReactionPanel, equal_weights, overlap_weights
from overbuild.games.reaction_simulation import World, simulate
from overbuild.games.reaction_sweeps import firm_effects, regress

EXPOSURE = np.array(
    [[0.7, 0.05, 0.25], [0.3, 0.45, 0.25], [0.75, 0.15, 0.1], [0.01, 0.74, 0.25], [0.9, 0.01, 0.09]]
)
WEIGHTS = overlap_weights(EXPOSURE)


def made(seed: int, quarters: int = 34, **told: float) -> ReactionPanel:
    return simulate(World(**told), quarters, WEIGHTS, EXPOSURE, np.random.default_rng(seed))


@settings(max_examples=20, deadline=None)
@given(st.integers(3, 7), st.integers(0, 10_000), st.booleans())
def test_under_equal_weights_rivals_are_time_effects_and_the_own_lag(
    n: int, seed: int, seasons: bool
) -> None:
    rng = np.random.default_rng(seed)
    before = rng.standard_normal((24, n))
    season = np.arange(24) % 4 if seasons else np.zeros(24, dtype=int)
    assert e.rivals_span(season, before) < 1e-12


def test_equal_weights_are_flagged_and_not_estimated() -> None:
    panel = made(1, common=0.8).with_weights(equal_weights(5))
    assert e.identification(panel) == {"ols": True, "two_way": False, "cce": False}
    for name in ("two_way", "cce"):
        found = e.estimate(panel, name)
        assert found["identified"] is False
        assert found["b"] is None
        with pytest.raises(InputError, match="unequal weights"):
            e.LINEAR[name](panel)
    with pytest.raises(InputError, match="granular instrument is zero"):
        e.granular(panel)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_under_equal_weights_a_factor_more_does_what_a_reaction_does(seed: int) -> None:
    """Under equal weights, r factors and any reaction fit no better than r + 1 factors and none."""
    panel = made(seed, reaction=0.3, common=0.8).with_weights(equal_weights(5))
    x, y = e.regressors(panel), panel.growth
    full = e.interactive_effects(y, x, panel.season, 1)
    n = panel.shape[1]

    def left(beta: np.ndarray, number: int) -> float:
        r = y - y.mean(axis=0) - np.tensordot(beta, x - x.mean(axis=1, keepdims=True), axes=1)
        return float(np.linalg.eigvalsh(r.T @ r)[: n - number].sum())

    b, rho, g = full.beta
    own = np.array([0.0, rho - b / (n - 1), g])
    assert left(own, 2) <= left(full.beta, 1) + 1e-10


def test_factors_are_those_of_bais_iteration() -> None:
    panel = made(3, reaction=0.3, common=0.8, quarters=60)
    y = panel.growth - panel.growth.mean(axis=0)
    x = e.regressors(panel)
    x = x - x.mean(axis=1, keepdims=True)
    beta = np.zeros(3)
    for _ in range(20_000):
        r = y - np.tensordot(beta, x, axes=1)
        f = np.linalg.svd(r, full_matrices=False)[0][:, :1]
        mx = (x - f @ (f.T @ x)).reshape(3, -1)
        new = np.linalg.solve(mx @ mx.T, mx @ y.ravel())
        if np.abs(new - beta).max() < 1e-12:
            break
        beta = new
    found = e.interactive_effects(panel.growth, e.regressors(panel), panel.season, 1)
    assert found.converged
    np.testing.assert_allclose(found.beta, beta, atol=1e-4)
    np.testing.assert_allclose(e.interactive(panel, 1).beta, found.beta, atol=1e-4)


def test_factors_are_exact_without_noise() -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal((3, 40, 5))
    y = np.tensordot([0.3, -0.2, 0.1], x, axes=1) + rng.standard_normal((40, 1)) @ rng.standard_normal((1, 5))
    found = e.interactive_effects(y, x, np.zeros(40, dtype=int), 1)
    np.testing.assert_allclose(found.beta, [0.3, -0.2, 0.1], atol=1e-5)


def test_too_many_factors_are_refused() -> None:
    panel = made(4)
    with pytest.raises(InputError, match="expected 1 to 4"):
        e.interactive_effects(panel.growth, e.regressors(panel), panel.season, 5)


def test_the_instrument_is_two_stage_least_squares() -> None:
    panel = made(5, reaction=0.3, common=0.5)
    found = e.granular(panel)
    own = panel.before - panel.before.mean(axis=0)
    loading = np.linalg.eigh(own.T @ own)[1][:, -1:]
    z = (own - own @ loading @ loading.T) @ (WEIGHTS - equal_weights(5)).T
    dummies = np.kron(np.ones((34, 1)), np.eye(5))
    exogenous = np.column_stack([panel.before.ravel(), panel.surprise.ravel(), dummies])
    x = np.column_stack([panel.rivals.ravel(), exogenous])
    instruments = np.column_stack([z.ravel(), exogenous])
    b = np.linalg.lstsq(instruments.T @ x, instruments.T @ panel.growth.ravel(), rcond=None)[0]
    assert found.interval.b == pytest.approx(b[0])
    assert found.first_stage > 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 1.0))
def test_the_robust_set_is_where_the_test_does_not_reject(seed: int, strength: float) -> None:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((34, 5))
    x = strength * z + rng.standard_normal((34, 5))
    y = 0.3 * x + rng.standard_normal((34, 5))
    found = e.robust_set(y, x, z, 1.05, 33.0)
    critical = float(stats.f.ppf(e.LEVEL, 1, 33))
    for b in np.linspace(-8, 8, 41):
        inside = any(low <= b <= high for low, high in found)
        zz, u = float((z * z).sum()), y - b * x
        c = float((z * u).sum()) / zz
        scores = np.einsum("ti,ti->t", z, u - c * z)
        f = c**2 * zz**2 / (1.05 * float((scores**2).sum()))
        assert inside == (f <= critical)
    ratio = float((z * y).sum() / (z * x).sum())
    assert any(low <= ratio <= high for low, high in found)


def test_a_common_shock_of_equal_loading_is_not_in_the_instrument() -> None:
    extra = WEIGHTS - equal_weights(5)
    np.testing.assert_allclose(extra.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.diag(extra), 0, atol=1e-12)


def test_least_squares_read_a_lasting_common_shock_as_a_reaction() -> None:
    b = [e.ols(made(s, common=0.8)).beta[0] for s in range(60)]
    clean = [e.ols(made(s)).beta[0] for s in range(60)]
    assert np.mean(b) > 0.12
    assert abs(np.mean(clean)) < 0.06


def test_an_unknown_supplier_counts_for_nothing() -> None:
    panel = made(7)
    np.testing.assert_allclose(e.ols_supplier(panel).beta, e.ols(panel).beta)
    known = replace(panel, supplier=np.random.default_rng(8).standard_normal(34))
    assert e.supplier_sweep(known).freedom == firm_effects(panel.season, 5).freedom - 5


def test_the_line_of_peers_is_ten_per_cent_a_standard_deviation() -> None:
    panel = made(9)
    assert np.exp(e.peers_line(panel) * panel.rivals.std()) == pytest.approx(1.10)


def test_lagged_dependent_variable_is_biased_down_by_order_one_over_t() -> None:
    """Between -(1 + rho) / T of many firms (Nickell 1981) and -(1 + 3 rho) / T of one (Kendall 1954)."""

    def error(quarters: int) -> float:
        panels = [made(s, quarters=quarters, own=0.5) for s in range(80)]
        fits = [regress(p.growth, p.before[None], firm_effects(p.season, 5)) for p in panels]
        return float(np.mean([f.beta[0] - 0.5 for f in fits]))

    assert -2.5 / 20 < error(20) < -1.5 / 20
    assert error(160) == pytest.approx(-2 / 160, abs=0.01)
