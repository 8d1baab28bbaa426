"""The bias-corrected draws: exact estimates inside, less bias outside, coverage nearer to its name."""

from __future__ import annotations

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.timeseries.bias_correction import _estimate, _Known, corrected_draws
from overbuild.timeseries.error_correction import Sample, design, fit
from overbuild.timeseries.extrapolation import coefficient_draws, run_on
from overbuild.timeseries.gap_experiment import Cell, replication, summary, system
from overbuild.timeseries.mean_group import Parts, given_long_run

RNG = np.random.default_rng


def sample(periods: int, seed: int, speed: float = -0.2) -> Sample:
    z = system(Cell("coverage", periods, speed, 0.3), 0, RNG(seed))
    return Sample(z[:, 0], z[:, 1:], np.ones((periods, 1)), np.empty((periods, 0)))


@pytest.mark.parametrize(("lags", "levels"), [(0, True), (2, True), (1, False), (0, False)])
def test_estimates_on_many_paths_are_least_squares_on_each(lags: int, levels: bool) -> None:
    s = sample(50, 1)
    y = s.y + 0.1 * RNG(2).normal(size=(3, 50))
    found = _estimate(s, y, lags, levels=levels, known=None)
    for i in range(3):
        one = fit(Sample(y[i], s.x, s.deterministic, s.known), lags, levels=levels, what="x").coefficients
        cut = 2 if levels else 0
        assert found.other[i] == pytest.approx(one[cut:], rel=1e-6, abs=1e-9)
        if levels:
            assert [found.level[i], found.fundamentals[i, 0]] == pytest.approx(one[:2], rel=1e-6)


def test_a_known_long_run_is_least_squares_on_its_error() -> None:
    s, theta = sample(60, 3), np.array([[1.1], [0.9]])
    known = _Known.of(s, 1, theta)
    found = known.uncentred(_estimate(s, np.repeat(s.y[None], 2, axis=0), 1, levels=True, known=known))
    change, level, other = design(s, 1, levels=True)
    for i in range(2):
        one = given_long_run(Parts(change, level[:, 0], level[:, 1:], other), theta[i], "x").coefficients
        assert found.level[i] == pytest.approx(one[0])
        assert found.fundamentals[i] == pytest.approx(-one[0] * theta[i])
        assert found.other[i] == pytest.approx(one[1:], rel=1e-6, abs=1e-9)


def test_the_speed_is_less_biased_than_least_squares() -> None:
    raw, corrected = [], []
    for seed in range(150):
        s = sample(40, seed)
        f = fit(s, 1, levels=True, what="x")
        raw.append(f.coefficients[0])
        corrected.append(np.median(corrected_draws(s, f, 1, 200, RNG(seed), levels=True, what="x").level))
    assert abs(np.mean(corrected) + 0.2) < 0.5 * abs(np.mean(raw) + 0.2)


def test_draws_are_those_of_their_stream_and_agree_with_the_flat_prior_in_long_samples() -> None:
    s = sample(2000, 5)
    f = fit(s, 1, levels=True, what="x")
    one, two = (corrected_draws(s, f, 1, 400, RNG(1), levels=True, what="x") for _ in range(2))
    assert np.array_equal(one.level, two.level) and one.kept == 1.0
    flat = coefficient_draws(f, 1, 1, 400, RNG(2), levels=True, what="x")
    assert one.level.mean() == pytest.approx(flat.level.mean(), abs=0.01)
    assert one.level.std() == pytest.approx(flat.level.std(), rel=0.15)


def test_a_panel_of_one_long_run_is_extrapolated_along_it() -> None:
    s = sample(200, 6)
    change, level, other = design(s.head(180), 1, levels=True)
    theta = np.array([1.0])
    own = given_long_run(Parts(change, level[:, 0], level[:, 1:], other), theta, "x")
    thetas = np.repeat(theta[None], 300, axis=0)
    d = corrected_draws(s.head(180), own, 1, 300, RNG(1), levels=True, what="x", long_runs=thetas)
    assert d.fundamentals[:, 0] == pytest.approx(-d.level)
    paths = run_on(s, 180, 1, d, RNG(2).standard_normal((300, 20)))
    assert (np.quantile(paths, 0.001, axis=0) < s.y[180:]).all()
    assert (np.quantile(paths, 0.999, axis=0) > s.y[180:]).all()


def test_intervals_hold_about_as_often_as_they_say() -> None:
    cell = Cell("coverage", 40, -0.3, 0.3, draws=200)
    found = summary(cell, [replication(cell, i) for i in range(150)])
    # Four standard errors of a share of 0.9 in 150 are 0.098.
    assert found["full_8"] == pytest.approx(0.9, abs=0.098)
    assert found["full_8"] > found["plug_in_8"] + 0.05


def test_spending_that_runs_away_implies_nothing() -> None:
    y = 1.1 ** np.arange(60.0) + 0.001 * RNG(1).normal(size=60)
    s = Sample(y, RNG(2).normal(size=(60, 1)).cumsum(0), np.ones((60, 1)), np.empty((60, 0)))
    f = fit(s, 0, levels=True, what="x")
    with pytest.raises(InputError, match="not tied"):
        corrected_draws(s, f, 0, 100, RNG(3), levels=True, what="x")
