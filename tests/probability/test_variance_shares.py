"""Shares of variance on functions whose shares are known, and pairs that interact."""

from __future__ import annotations

import numpy as np
import pytest

from overbuild.probability.specifications import hypercube
from overbuild.probability.variance_shares import pairs, variance_shares

LEVELS = (3, 2, 4, 5)
NAMES = ("a", "b", "c", "d")


def design(rows: int = 300, seed: int = 0) -> np.ndarray:
    return hypercube(LEVELS, rows, np.random.default_rng(seed))


def test_an_additive_function_has_the_shares_that_follow_from_its_effects():
    effects = [np.array([0.0, 1.0, -1.0]), np.array([0.5, -0.5]), np.zeros(4), np.arange(5.0)]
    x = design()
    values = sum(e[x[:, j]] for j, e in enumerate(effects))
    found = variance_shares(x, LEVELS, values, NAMES)
    expected = np.array([e.var() for e in effects])
    assert list(found.shares.values()) == pytest.approx(expected / expected.sum(), abs=1e-9)
    assert found.residual == pytest.approx(0, abs=1e-9)
    assert found.variance == pytest.approx(expected.sum())
    assert found.effects["d"] == pytest.approx(np.arange(5.0) - 2)


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


def test_a_result_that_does_not_move_has_no_variance():
    assert variance_shares(design(), LEVELS, np.ones(300), NAMES).variance == pytest.approx(0, abs=1e-12)


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="cannot tell"):
        variance_shares(design(12), LEVELS, np.ones(12), NAMES)
