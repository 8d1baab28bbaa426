"""Shares of variance on functions whose shares are known, and pairs that interact."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from overbuild.probability.specifications import hypercube
from overbuild.probability.variance_shares import pairs, told_apart, variance_shares

LEVELS = (3, 2, 4, 5)
NAMES = ("a", "b", "c", "d")


def design(rows: int = 300, seed: int = 0) -> np.ndarray:
    return hypercube(LEVELS, rows, np.random.default_rng(seed))


def test_an_additive_function_has_the_shares_that_follow_from_its_effects():
    effects = [np.array([0.0, 1.0, -1.0]), np.array([0.5, -0.5]), np.zeros(4), np.arange(5.0)]
    x = design()
    values = np.sum([e[x[:, j]] for j, e in enumerate(effects)], axis=0)
    found = variance_shares(x, LEVELS, values, NAMES)
    expected = np.array([e.var() for e in effects])
    assert list(found.shares.values()) == pytest.approx(expected / expected.sum(), abs=1e-9)
    assert found.residual == pytest.approx(0, abs=1e-9)
    assert found.variance == pytest.approx(expected.sum())
    assert found.effects["d"] == pytest.approx(np.arange(5.0) - 2)


def test_a_full_factorial_gives_the_shares_of_the_analysis_of_variance():
    """Balanced: an axis explains (SS - df x mean square of the rest) / n, with the SS of statsmodels."""
    levels, names = (3, 2, 4), ("a", "b", "c")
    x = np.array(list(product(*map(range, levels))) * 3)
    rng = np.random.default_rng(5)
    values = np.array([0.0, 1.0, 3.0])[x[:, 0]] * (1 + 0.4 * x[:, 1]) + rng.normal(0, 1.0, len(x))
    table = pd.DataFrame(x, columns=pd.Index(names)).assign(y=values)
    rows = anova_lm(ols("y ~ C(a) + C(b) + C(c)", table).fit())
    rest = rows.loc["Residual", "mean_sq"]
    parts = [(rows.loc[f"C({n})", "sum_sq"] - rows.loc[f"C({n})", "df"] * rest) / len(x) for n in names]
    found = variance_shares(x, levels, values, names)
    assert list(found.shares.values()) == pytest.approx(np.array(parts) / (sum(parts) + rest))
    assert found.residual == pytest.approx(rest / (sum(parts) + rest))


def test_noise_is_told_as_residual_and_shares_are_unbiased():
    many = []
    for seed in range(40):
        noise = np.random.default_rng(1000 + seed)
        x = design(seed=seed)
        many.append(variance_shares(x, LEVELS, x[:, 1] - 0.5 + noise.normal(0, 1.0, len(x)), NAMES))
    share = np.array([[*f.shares.values(), f.residual] for f in many])
    assert share.sum(axis=1) == pytest.approx(np.ones(40))
    assert share.mean(axis=0) == pytest.approx([0, 0.2, 0, 0, 0.8], abs=0.02)
    printed = np.mean([f.errors["b"] for f in many])
    assert 0.6 < printed / share[:, 1].std(ddof=1) < 1.6


def test_an_interaction_is_in_the_residual_and_found_as_a_pair():
    x = design()
    values = (x[:, 0] - 1.0) * (x[:, 1] - 0.5)
    found = variance_shares(x, LEVELS, values, NAMES)
    assert found.residual == pytest.approx(1, abs=0.1)
    assert pairs(x, LEVELS, values, NAMES)[0][:2] == ("a", "b")
    assert pairs(x, LEVELS, values, NAMES)[0][2] == pytest.approx(1 - (1 - found.residual), abs=0.15)


def test_the_gain_of_a_pair_is_that_of_the_adjusted_r_squared():
    x = design(seed=3)
    values = x[:, 0] * (x[:, 2] - 1.5) + np.random.default_rng(6).normal(0, 1.0, len(x))
    table = pd.DataFrame(x, columns=pd.Index(NAMES)).assign(y=values)
    main = "y ~ C(a) + C(b) + C(c) + C(d)"
    gains = {(a, b): gain for a, b, gain in pairs(x, LEVELS, values, NAMES)}
    for a, b in (("a", "c"), ("b", "d")):
        whole = ols(f"{main} + C({a}):C({b})", table).fit()
        assert gains[a, b] == pytest.approx(whole.rsquared_adj - ols(main, table).fit().rsquared_adj)


def test_a_result_that_does_not_move_has_no_variance():
    assert variance_shares(design(), LEVELS, np.ones(300), NAMES).variance == pytest.approx(0, abs=1e-12)


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="cannot tell"):
        variance_shares(design(12), LEVELS, np.ones(12), NAMES)


def test_what_stands_out_is_told_apart_and_equals_are_not():
    x = design(seed=4)
    signs = np.where(x[:, [0, 1]] == 0, -1.0, 1.0) * np.array([np.sqrt(9 / 8), 1.0])  # the same variance
    values = signs.sum(axis=1) + np.random.default_rng(7).normal(0, 0.5, len(x))
    found = variance_shares(x, LEVELS, values, NAMES)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx([*found.errors.values(), found.residual_error])
    rows = found.frame().to_dict("records")
    assert {r["axis"] for r in told_apart(rows)} == {"a", "b"} and not rows[0]["apart"]
    nothing = variance_shares(x, LEVELS, np.random.default_rng(8).normal(0, 1.0, len(x)), NAMES)
    assert told_apart(nothing.frame().to_dict("records")) == []
