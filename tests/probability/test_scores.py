"""Scores against closed forms, exact identities and other implementations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from overbuild.errors import InputError
from overbuild.probability import scores

RNG = np.random.default_rng


def test_brier_and_log_by_hand() -> None:
    p, y = [0.7, 0.2, 1.0, 0.0], [1, 1, 1, 0]
    assert scores.brier(p, y) == pytest.approx([0.09, 0.64, 0.0, 0.0])
    assert scores.log_score(p, y) == pytest.approx([np.log(0.7), np.log(0.2), 0.0, 0.0])


def test_certain_and_wrong_is_minus_infinity_and_the_floor_is_reported() -> None:
    found = scores.mean_log_score([0.0, 0.5], [1, 0], floor=0.01)
    assert np.isneginf(found.mean) and found.infinite == 1 and found.moved == 1
    assert found.floored == pytest.approx((np.log(0.01) + np.log(0.5)) / 2)


@pytest.mark.parametrize(("p", "y"), [([1.2], [1]), ([0.5], [2]), ([0.5], [1, 0]), ([], []), ([np.nan], [1])])
def test_what_is_no_forecast_is_refused(p: list[float], y: list[float]) -> None:
    with pytest.raises(InputError):
        scores.brier(p, y)


def test_crps_of_an_ensemble_is_the_double_sum_and_the_fair_one_is_unbiased() -> None:
    rng = RNG(1)
    x, y = rng.normal(size=(7, 5)), rng.normal(size=7)
    pairs = np.abs(x[:, :, None] - x[:, None, :]).sum(axis=(1, 2))
    first = np.abs(x - y[:, None]).mean(axis=1)
    assert scores.crps_ensemble(x, y, fair=False) == pytest.approx(first - pairs / 50)
    assert scores.crps_ensemble(x, y) == pytest.approx(first - pairs / 40)
    few = scores.crps_ensemble(rng.normal(size=(200_000, 3)), np.full(200_000, 0.4))
    exact = float(scores.crps_normal(0.0, 1.0, 0.4))
    assert few.mean() == pytest.approx(exact, abs=4 * few.std() / np.sqrt(few.size))


def test_crps_normal_is_the_integral() -> None:
    from scipy.integrate import quad

    def square(x: float) -> float:
        return float((norm.cdf(x, 0.3, 1.7) - (x >= 2.0)) ** 2)

    exact = quad(square, -20, 2.0)[0] + quad(square, 2.0, 20)[0]
    assert float(scores.crps_normal(0.3, 1.7, 2.0)) == pytest.approx(exact, rel=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_murphy_sums_to_the_brier_score(n: int, seed: int, binned: bool) -> None:
    rng = RNG(seed)
    p = np.round(rng.uniform(size=n), 2 if binned else 1)
    y, w = rng.integers(0, 2, n), rng.uniform(0.1, 2, n)
    m = scores.murphy(p, y, edges=[0, 0.1, 0.5, 1.0] if binned else None, weights=w)
    total = m.reliability - m.resolution + m.uncertainty + m.within_variance - m.within_covariance
    assert total == pytest.approx(m.brier, abs=1e-12)
    assert m.brier == pytest.approx(np.average(scores.brier(p, y), weights=w))
    if not binned:
        assert m.within_variance == pytest.approx(0, abs=1e-15)
        assert m.within_covariance == pytest.approx(0, abs=1e-15)


def test_murphy_within_terms_are_needed_in_bins() -> None:
    m = scores.murphy([0.1, 0.3, 0.6, 0.9], [0, 1, 1, 1], edges=[0, 0.5, 1])
    assert (m.reliability, m.resolution) == pytest.approx((0.5 * 0.09 + 0.5 * 0.0625, 0.0625))
    assert (m.within_variance, m.within_covariance) == pytest.approx((0.01625, 0.05))


def test_pit_is_uniform_for_exchangeable_draws_with_ties() -> None:
    rng = RNG(3)
    x = rng.integers(0, 4, size=(20_000, 10))
    u = scores.pit_ensemble(x[:, 1:], x[:, 0], rng)
    from scipy.stats import kstest

    assert kstest(u, "uniform").pvalue > 0.001


@pytest.mark.parametrize("horizon", [1, 4])
def test_uniformity_has_its_size_and_finds_bias_and_narrowness(horizon: int) -> None:
    rng = RNG(4)
    n = 24

    def pits(shift: float, narrow: float) -> np.ndarray:
        shocks = np.cumsum(rng.normal(size=n + horizon))
        z = (shocks[horizon:] - shocks[:-horizon]) / np.sqrt(horizon)
        return norm.cdf((z + shift) * narrow)

    def share(shift: float, narrow: float) -> float:
        cases = (pits(shift, narrow) for _ in range(200))
        found = [scores.uniformity(u, horizon, RNG(7), replications=400).p_value for u in cases]
        return float(np.mean(np.array(found) < 0.1))

    assert 0.04 < share(0.0, 1.0) < 0.18
    assert share(2.0, 1.0) > 0.5
    assert share(0.0, 4.0) > 0.5


def test_uniformity_is_about_chi_squared_in_long_samples() -> None:
    found = scores.uniformity(RNG(5).uniform(size=4000), 1, RNG(6))
    assert found.p_value == pytest.approx(found.p_asymptotic, abs=0.03)


def test_diebold_mariano_by_hand() -> None:
    # d has mean 1 and, with divisor n, variance 2 and first autocovariance -1: with two lags the sum is 0.
    d = np.array([1.0, -1.0, 2.0, 0.0, 3.0])
    one = scores.diebold_mariano(d, np.zeros(5))
    assert one.statistic == pytest.approx(np.sqrt(4 / 5) / np.sqrt(2 / 5))
    gamma1 = (0 * -2 + -2 * 1 + 1 * -1 + -1 * 2) / 5
    two = scores.diebold_mariano(d, np.zeros(5), 2)
    correction = np.sqrt((5 + 1 - 4 + 2 / 5) / 5)
    assert gamma1 == -1.0 and two.variance == "bartlett"
    assert two.statistic == pytest.approx(correction / np.sqrt((2 + gamma1) / 5))


@pytest.mark.parametrize("horizon", [1, 3])
def test_diebold_mariano_against_statsmodels(horizon: int) -> None:
    """Statsmodels tapers: with one step, or where the rectangular variance fails, the two are one test."""
    from statsmodels.tsa.stattools import diebold_mariano_test

    rng = RNG(11)
    tried = 0
    while tried < 5:
        y, a, b = rng.normal(size=(3, 15))
        mine = scores.diebold_mariano((y - a) ** 2, (y - b) ** 2, horizon)
        if horizon > 1 and mine.variance == "rectangular":
            continue
        theirs = diebold_mariano_test(y, a, b, lags=horizon - 1, harvey_adj=True, horizon=horizon)
        assert (mine.statistic, mine.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
        tried += 1


def test_diebold_mariano_says_when_losses_never_differ() -> None:
    found = scores.diebold_mariano(np.full(9, 0.3), np.full(9, 0.1), 2)
    assert np.isnan(found.p_value) and found.difference == pytest.approx(0.2)
    with pytest.raises(InputError):
        scores.diebold_mariano([1.0, np.inf, 2.0], [0.0, 0.0, 0.0])
