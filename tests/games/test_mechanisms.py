"""Tests of the comparison of mechanisms: signs of the priors, densities, closed form, rule, calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from overbuild.errors import InputError
from overbuild.games.mechanism_checks import calibration, found_rates, predictive
from overbuild.games.mechanism_panel import COEFFICIENTS, Coefficients, coefficients, mechanism_regressors
from overbuild.games.mechanisms import (
    MECHANISMS,
    NAMES,
    PATTERNS,
    Scales,
    compare,
    factors,
    leader,
    log_densities,
    patterns_of,
    prior_draws,
    ranked,
    ranked_as_first_set,
    ranks,
)
from overbuild.games.reaction_panel import overlap_weights
from overbuild.games.reaction_simulation import World, simulate

EXPOSURE = np.array(
    [[0.7, 0.05, 0.25], [0.3, 0.45, 0.25], [0.75, 0.15, 0.1], [0.01, 0.74, 0.25], [0.9, 0.01, 0.09]]
)
WEIGHTS = overlap_weights(EXPOSURE)
SCALES = Scales(0.3, 0.05, 0.3, 0.04)
VARIANCE = np.diag([0.2, 0.4, 0.05, 0.2]) ** 2


def _of_patterns(posterior: np.ndarray) -> np.ndarray:
    """Return chances of the patterns where each has the same before."""
    one = np.array([posterior[[m.pattern for m in MECHANISMS].index(p)] for p in PATTERNS])
    return one / one.sum()


def estimates(value: tuple[float, ...], df: float = 10.0) -> Coefficients:
    return Coefficients(COEFFICIENTS, np.array(value), VARIANCE, df, 12)


def test_priors_have_the_signs_of_the_table() -> None:
    d = prior_draws(SCALES, 5000, np.random.default_rng(1))
    m, k, c, _ = d["substitutes"].T
    assert m.max() <= 0 and c.max() <= 0
    assert np.all((k >= 0) & (k <= -m))
    m, k, c, _ = d["stealing"].T
    assert m.min() >= 0 and c.min() >= 0
    assert np.all((k <= 0) & (-k <= m))
    m, _, _, a = d["regret"].T
    assert (m + a).min() >= 0
    assert (m - a).std() == pytest.approx(SCALES.narrow, rel=0.1)
    m, k, c, _ = d["learning"].T
    assert m.min() >= 0
    assert k.std() == pytest.approx(SCALES.narrow, rel=0.1)
    assert c.std() == pytest.approx(SCALES.narrow_cash, rel=0.1)
    np.testing.assert_allclose(d["none"].mean(axis=0), 0, atol=0.005)


def test_densities_are_those_of_the_multivariate_t() -> None:
    rng = np.random.default_rng(2)
    root = rng.standard_normal((3, 3))
    v = root @ root.T + np.eye(3)
    a, b = rng.standard_normal((4, 3)), rng.standard_normal((5, 3))
    found = log_densities(a, b, v, 7.0)
    t: Any = stats.multivariate_t
    expected = [[t(loc=m, shape=v, df=7).logpdf(x) for m in b] for x in a]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_variance_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="positive definite"):
        log_densities(np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((2, 2)), 5.0)


def test_marginal_density_of_no_reaction_is_its_closed_form() -> None:
    value = (0.1, -0.2, 0.02, 0.1)
    found = compare(estimates(value, df=1e7), SCALES, np.random.default_rng(3), 100_000)
    narrow = np.array([SCALES.narrow, SCALES.narrow, SCALES.narrow_cash, SCALES.narrow])
    normal: Any = stats.multivariate_normal
    expected = normal(np.zeros(4), VARIANCE + np.diag(narrow**2)).logpdf(value)
    assert found.log_marginal[NAMES.index("common")] == pytest.approx(expected, abs=0.005)


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.floats(-1, 1)] * 4), st.integers(0, 99))
def test_posterior_is_one_and_rows_of_one_pattern_are_alike(value: tuple[float, ...], seed: int) -> None:
    found = compare(estimates(value), SCALES, np.random.default_rng(seed), 2000)
    assert found.posterior.sum() == pytest.approx(1)
    f = factors(found.posterior)
    np.testing.assert_allclose(
        f / (f + len(PATTERNS) - 1), _of_patterns(found.posterior), rtol=1e-9, atol=1e-12
    )
    for one, other in (("contest", "hoarding"), ("common", "newsvendor")):
        assert found.posterior[NAMES.index(one)] == found.posterior[NAMES.index(other)]
    assert sum(patterns_of(found.posterior).values()) == pytest.approx(1)


def test_monte_carlo_error_is_that_of_repeated_runs() -> None:
    runs = [
        compare(estimates((0.2, 0.1, 0.03, 0.2)), SCALES, np.random.default_rng(s), 2000) for s in range(60)
    ]
    spread = np.std([r.posterior for r in runs], axis=0, ddof=1)
    told = np.mean([r.mc_error for r in runs], axis=0)
    np.testing.assert_allclose(told, spread, rtol=0.35)


def test_the_sign_of_a_strong_reaction_is_found() -> None:
    strong = Coefficients(("reaction",), np.array([-0.5]), np.array([[0.05**2]]), 30.0, 0)
    found = compare(strong, SCALES, np.random.default_rng(5))
    assert leader(found.posterior) == "substitutes"
    assert patterns_of(found.posterior)["substitutes"] > 0.95


def test_nothing_is_ranked_unless_every_reading_agrees_and_is_strong() -> None:
    def chances(pattern: str, each: float) -> np.ndarray:
        mine = np.array([m.pattern == pattern for m in MECHANISMS])
        return np.where(mine, each, (1 - each * mine.sum()) / (~mine).sum())

    strong, weak = chances("regret", 0.6), chances("regret", 0.3)
    assert ranked({"a": strong, "b": strong}, 3.0) == "regret"
    assert ranked({"a": strong, "b": weak}, 3.0) is None
    assert ranked({"a": strong, "b": chances("stealing", 0.6)}, 3.0) is None


def test_patterns_of_one_row_and_of_two_are_asked_the_same() -> None:
    """Of five patterns with equal chances before, more than 3 is a chance above 3/7 after, for every one."""
    for pattern in PATTERNS:
        for chance, expected in ((0.42, None), (0.44, pattern)):
            of = {p: chance if p == pattern else (1 - chance) / 4 for p in PATTERNS}
            rows = np.array([of[m.pattern] for m in MECHANISMS])
            assert ranked({"a": rows / rows.sum()}, 3.0) == expected


def test_no_reaction_with_a_chance_of_four_fifths_is_ranked_as_it_was_not_before() -> None:
    none = np.array([0.4 if m.pattern == "none" else 0.04 for m in MECHANISMS])
    assert ranked({"a": none}, 3.0) == "none"
    assert ranked_as_first_set({"a": none}, 3.0) is None


def test_the_rule_on_many_cases_is_the_rule_on_each() -> None:
    rng = np.random.default_rng(9)
    every = rng.dirichlet(np.full(len(MECHANISMS), 0.1), (1, 40)).repeat(2, axis=0)
    every[1, ::2] = rng.dirichlet(np.full(len(MECHANISMS), 0.1), 20)
    found = ranks(every, 3.0)
    assert set(found) > {-1}
    for i, k in enumerate(found):
        one = ranked({"a": every[0, i], "b": every[1, i]}, 3.0)
        assert one == (None if k < 0 else PATTERNS[k])


def test_prior_predictive_is_uniform_under_the_pattern_and_small_where_it_does_not_fit() -> None:
    assert predictive(estimates((0.0, 0.0, 0.0, 0.0)), SCALES)["none"] > 0.95
    far = predictive(estimates((0.0, 2.5, 0.0, 0.0), df=50.0), SCALES)
    assert max(far.values()) < 0.05


def test_chances_mean_what_they_say() -> None:
    found = calibration(estimates((0.0, 0.0, 0.0, 0.0)), SCALES, 3000)
    assert found["stated"] == pytest.approx(found["squared"], abs=4 * found["error"])
    for b in found["bins"]:
        error = np.sqrt(b["stated"] * (1 - b["stated"]) / b["cases"])
        assert b["happened"] == pytest.approx(b["stated"], abs=4 * error + 0.01)


def test_more_quarters_find_more() -> None:
    rows = found_rates(estimates((0.0, 0.0, 0.0, 0.0)), SCALES, 34, 3.0)
    for pattern in PATTERNS:
        own = [r["weight"] for r in rows if r["truth"] == pattern]
        assert own[-1] > own[0] + 0.1


def test_coefficients_of_a_long_panel_are_the_truth() -> None:
    rng = np.random.default_rng(6)
    strain = np.where(rng.uniform(size=(1500, 5)) < 0.2, 1.5, 0.5)
    world = World(0.3, strained=-0.2, rivals_cash=0.04, asymmetric=0.15, common=0.8)
    panel = simulate(world, 1500, WEIGHTS, EXPOSURE, rng, strain)
    found = coefficients(panel)
    assert found.names == COEFFICIENTS
    z = (found.value - [0.3, -0.2, 0.04, 0.15]) / np.sqrt(np.diag(found.variance))
    assert np.abs(z).max() < 3.5


def test_without_strained_quarters_that_coefficient_is_left_out() -> None:
    panel = simulate(World(), 34, WEIGHTS, EXPOSURE, np.random.default_rng(7))
    assert "strained" not in mechanism_regressors(panel)[0]
    found = coefficients(panel)
    assert compare(found, SCALES, np.random.default_rng(8), 2000).posterior.sum() == pytest.approx(1)
