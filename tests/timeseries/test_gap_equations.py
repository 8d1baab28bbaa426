"""The equations of the gap: least squares, long runs, panels and extrapolation, against exact cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import kstest, t
from statsmodels.tsa.ardl import UECM

from overbuild.errors import InputError
from overbuild.timeseries.error_correction import Sample, design, deterministic, fit, least_squares, long_run
from overbuild.timeseries.extrapolation import Drawn, coefficient_draws, correlated_shocks, run_on, stable
from overbuild.timeseries.mean_group import Parts, given_long_run, hausman, panel, pooled_likelihood

RNG = np.random.default_rng


def drawn_sample(
    periods: int, seed: int, *, speed: float = -0.3, theta: tuple[float, ...] = (1.0, 0.5)
) -> Sample:
    rng = RNG(seed)
    x = 0.2 * rng.normal(size=(periods, len(theta))).cumsum(0)
    y = np.zeros(periods)
    for i in range(2, periods):
        error = y[i - 1] - x[i - 1] @ np.array(theta)
        y[i] = y[i - 1] + 0.1 + speed * error + 0.3 * (y[i - 1] - y[i - 2]) + 0.4 * (x[i, 0] - x[i - 1, 0])
        y[i] += 0.05 * rng.normal()
    return Sample(y, x, np.ones((periods, 1)), np.empty((periods, 0)))


def parts(sample: Sample) -> Parts:
    change, level, other = design(sample, 1, levels=True)
    return Parts(change, level[:, 0], level[:, 1:], other)


def test_the_equation_is_that_of_statsmodels() -> None:
    s = drawn_sample(80, 1)
    ours = fit(s, 1, levels=True, what="x")
    x = pd.DataFrame(s.x, columns=["a", "b"])
    theirs: Any = UECM(pd.Series(s.y, name="y"), 2, x, {"a": 2, "b": 2}, trend="c").fit()
    order = ["y.L1", "a.L1", "b.L1", "const", "D.a.L0", "D.b.L0", "D.a.L1", "D.b.L1", "D.y.L1"]
    assert ours.coefficients == pytest.approx(theirs.params[order].to_numpy(), rel=1e-7)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse[order].to_numpy(), rel=1e-6)


def test_the_long_run_and_its_error_are_the_delta_method() -> None:
    f = fit(drawn_sample(3000, 2), 1, levels=True, what="x")
    theta, covariance = long_run(f, 2)
    assert theta == pytest.approx([1.0, 0.5], abs=4 * np.sqrt(covariance.diagonal().max()))
    rng = RNG(3)
    b = rng.multivariate_normal(f.coefficients[:3], f.covariance[:3, :3], 200_000)
    assert covariance == pytest.approx(np.cov(-b[:, 1:] / b[:, :1], rowvar=False), rel=0.03)


def test_seasons_are_centred() -> None:
    d = deterministic(np.arange(8) % 4, 4)
    assert d.shape == (8, 4) and d[:, 1:].sum(0) == pytest.approx(0)
    assert deterministic(np.zeros(5, int), 1).shape == (5, 1)


def test_too_short_and_collinear_are_named() -> None:
    with pytest.raises(InputError, match=r"x: 9 usable periods for 4 coefficients leave 5"):
        least_squares(np.zeros(9), RNG(1).normal(size=(9, 4)), "x")
    with pytest.raises(InputError, match="sum of others"):
        least_squares(np.zeros(30), np.ones((30, 2)), "x")


def test_shocks_that_happened_give_the_path_that_happened() -> None:
    s = drawn_sample(90, 4)
    f = fit(s, 1, levels=True, what="x")
    one = Drawn(
        f.coefficients[:1], f.coefficients[None, 1:3], f.coefficients[None, 3:], np.array([f.scale]), 1.0
    )
    path = run_on(s, 70, 1, one, f.residuals[None, -20:] / f.scale)
    assert path[0] == pytest.approx(s.y[70:], abs=1e-12)
    changed = Sample(np.where(np.arange(90) < 70, s.y, 99.0), s.x, s.deterministic, s.known)
    assert np.array_equal(run_on(changed, 70, 1, one, None), run_on(s, 70, 1, one, None))


def test_one_step_ahead_is_students_t() -> None:
    s = drawn_sample(40, 5)
    f = fit(s.head(39), 0, levels=True, what="x")
    drawn = coefficient_draws(f, 2, 0, 40_000, RNG(6), levels=True, what="x")
    ahead = run_on(s, 39, 0, drawn, RNG(7).standard_normal((40_000, 1)))[:, 0]
    _, level, other = design(s, 0, levels=True)
    row = np.concatenate([level[-1], other[-1]])
    exact = t(f.freedom, s.y[38] + row @ f.coefficients, f.scale * np.sqrt(1 + row @ f.inverse @ row))
    assert drawn.kept > 0.99
    assert kstest(ahead[:4000], exact.cdf).pvalue > 0.001


def test_stability_is_the_largest_root() -> None:
    level, changes = np.array([-0.2, 0.1, -2.1]), np.array([[0.5], [0.0], [0.0]])
    assert list(stable(level, changes)) == [True, False, False]
    assert list(stable(np.zeros(2), np.array([[0.9], [1.1]]))) == [True, False]
    assert stable(np.zeros(3), np.empty((3, 0))).all()


def test_spending_that_runs_away_implies_nothing() -> None:
    y = 1.1 ** np.arange(60.0) + 0.001 * RNG(1).normal(size=60)
    s = Sample(y, RNG(2).normal(size=(60, 1)).cumsum(0), np.ones((60, 1)), np.empty((60, 0)))
    f = fit(s, 0, levels=True, what="x")
    with pytest.raises(InputError, match="not tied"):
        coefficient_draws(f, 1, 0, 100, RNG(3), levels=True, what="x")


def test_shocks_are_correlated_as_residuals_are() -> None:
    rng = RNG(8)
    common = rng.normal(size=200)
    residuals = [common + rng.normal(size=200), (common + rng.normal(size=200))[-80:], rng.normal(size=200)]
    made = correlated_shocks(residuals, 4000, 5, RNG(9))
    got: Any = np.corrcoef(np.array([m.ravel() for m in made]))
    assert got[0, 1] == pytest.approx(np.corrcoef(residuals[0][-80:], residuals[1])[0, 1], abs=0.03)
    assert got[0, 2] == pytest.approx(np.corrcoef(residuals[0], residuals[2])[0, 1], abs=0.03)
    assert [m.std() for m in made] == pytest.approx([1, 1, 1], abs=0.02)


def test_the_pooled_long_run_is_the_maximum_of_its_likelihood() -> None:
    samples = [drawn_sample(1500, seed, speed=-0.2 - 0.05 * seed) for seed in range(1, 5)]
    firms = [parts(s) for s in samples]
    found = panel(firms, [fit(s, 1, levels=True, what="x") for s in samples])
    best = minimize(lambda v: -pooled_likelihood(firms, v), found.mean_group, method="BFGS", tol=1e-10)
    assert found.pooled == pytest.approx(best.x, abs=1e-5)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-8)
    # Expected information against the curvature of the concentrated likelihood.
    h, curvature = 3e-4, np.zeros((2, 2))
    for i, j in np.ndindex(2, 2):
        a, b = h * np.eye(2)[i], h * np.eye(2)[j]
        values = [
            sign * pooled_likelihood(firms, found.pooled + u * a + v * b)
            for u, v, sign in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
        ]
        curvature[i, j] = -sum(values) / 4 / h**2
    close = 0.05 * found.pooled_covariance.max()
    assert found.pooled_covariance == pytest.approx(np.linalg.inv(curvature), abs=close)
    assert found.pooled == pytest.approx([1.0, 0.5], abs=4 * np.sqrt(found.pooled_covariance.max()))


def test_a_firm_at_its_own_long_run_is_its_own_least_squares() -> None:
    s = drawn_sample(100, 9)
    f = fit(s, 1, levels=True, what="x")
    theta, _ = long_run(f, 2)
    again = given_long_run(parts(s), theta, "x")
    assert again.residuals == pytest.approx(f.residuals, abs=1e-10)
    assert again.coefficients[0] == pytest.approx(f.coefficients[0])


def test_hausman_is_given_only_where_it_exists() -> None:
    assert hausman(np.array([2.0]), np.array([[1.0]]))[0] == pytest.approx(4.0)
    assert hausman(np.array([2.0]), np.array([[1.0]]))[1] == pytest.approx(0.0455, abs=1e-4)
    assert hausman(np.array([2.0]), np.array([[-1.0]])) == (None, None)
    with pytest.raises(InputError, match="two firms"):
        panel([parts(drawn_sample(60, 1))], [])
