"""What must be believed is found again on closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from overbuild.probability.must_believe import monotone, needed, share_needed

X = np.linspace(-3, 3, 61)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("target", [0.10, 0.25, 0.50, 0.75])
def test_a_logistic_curve_gives_its_inverse(sign, target):
    found = needed(X, expit(sign * X), 0.0, target)
    assert found.value == pytest.approx(sign * logit(target), abs=2e-3)
    assert found.monotone and found.error == 0


def test_the_error_is_that_of_the_probability_over_the_slope():
    found = needed([0.0, 1.0], [0.2, 0.6], [0.01, 0.01], 0.3)
    assert found.value == pytest.approx(0.25) and found.error == pytest.approx(0.01 / 0.4)


def test_noise_gives_the_value_within_its_error():
    rng, misses = np.random.default_rng(3), []
    for _ in range(200):
        p = expit(X[::6])
        se = np.sqrt(p * (1 - p) / 2000)
        found = needed(X[::6], p + se * rng.standard_normal(p.size), se, 0.25)
        misses.append((found.value - logit(0.25)) / found.error)
    assert np.abs(np.mean(misses)) < 0.5 and 0.5 < np.std(misses) < 1.5


def test_a_value_with_a_small_error_counts_for_more():
    curve = monotone(np.array([0.1, 0.4, 0.2, 0.9]), np.array([0.1, 0.1, 0.2, 0.1]))
    assert curve == pytest.approx([0.1, 0.36, 0.36, 0.9])


def test_a_target_that_nothing_reaches_is_told_with_the_range():
    found = needed([0.0, 1.0, 2.0], [0.1, 0.2, 0.4], 0.0, 0.5)
    assert found.value is None and (found.lowest, found.highest) == (0.1, 0.4)
    assert needed([0.0, 1.0], [0.2, 0.2], 0.0, 0.2).value is None


def test_a_curve_that_turns_is_told():
    assert not needed([0.0, 1.0, 2.0], [0.1, 0.5, 0.1], 0.01, 0.3).monotone


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_the_monotone_curve_never_leaves_the_range(p):
    curve = monotone(np.array(p), np.full(len(p), 0.01))
    assert min(p) - 1e-9 <= curve.min() and curve.max() <= max(p) + 1e-9
    assert (np.diff(curve) >= -1e-12).all() or (np.diff(curve) <= 1e-12).all()


def test_a_term_of_a_sum():
    assert share_needed(0.5, 0.1, 0.8) == pytest.approx(0.5)
    assert share_needed(0.95, 0.1, 0.8) is None and share_needed(0.5, 0.5, 0.0) is None
