"""The logit of the fall: closed forms, recovery of known coefficients, separation, the score of age alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from overbuild.probability.cluster_bootstrap import cluster_weights, effective_cases, share_draws
from overbuild.probability.crash_regression import (
    age_score,
    crash_regression,
    firth_logit,
    fitted_at,
    regression_table,
)


def with_constant(*columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(columns[0])), *columns])


@pytest.mark.parametrize(("falls", "cases"), [(0, 5), (3, 9), (14, 30), (7, 7)])
def test_firth_with_a_constant_alone_adds_half_to_each_outcome(falls: int, cases: int):
    y = np.r_[np.ones(falls), np.zeros(cases - falls)]
    fit = firth_logit(np.ones((cases, 1)), y)
    assert fit.beta[0] == pytest.approx(logit((falls + 0.5) / (cases + 1)))


def test_firth_on_a_two_by_two_table_is_the_log_odds_ratio_with_halves():
    a, b, c, d = 1, 7, 6, 2
    x = np.r_[np.ones(a + b), np.zeros(c + d)]
    y = np.r_[np.ones(a), np.zeros(b), np.ones(c), np.zeros(d)]
    fit = firth_logit(with_constant(x), y)
    assert fit.beta[1] == pytest.approx(np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5))), abs=1e-8)


def test_firth_recovers_known_coefficients():
    rng = np.random.default_rng(4)
    x = with_constant(rng.normal(size=4000), rng.normal(size=4000))
    beta = np.array([-0.5, 1.0, -0.7])
    fit = firth_logit(x, (rng.random(4000) < expit(x @ beta)).astype(float))
    assert (np.abs(fit.beta - beta) < 3.5 * fit.standard_error).all()
    assert (fit.standard_error < 0.06).all()


def test_separated_outcomes_leave_maximum_likelihood_empty_and_firth_finite():
    x = np.linspace(0.1, 2.0, 20)
    (fit,) = crash_regression({"log_run_up": x}, (x > 1).astype(float), np.arange(20) % 5, [("log_run_up",)])
    assert np.isnan(fit.beta).all() and np.isnan(fit.standard_error).all()
    assert np.isfinite(fit.firth.beta).all() and fit.firth.beta[1] > 0


def test_maximum_likelihood_solves_its_equations_and_firth_shrinks_towards_zero():
    rng = np.random.default_rng(5)
    x = rng.normal(size=60)
    y = (rng.random(60) < expit(1.5 * x)).astype(float)
    (fit,) = crash_regression({"log_run_up": x}, y, np.arange(60) % 8, [("log_run_up",)])
    design = with_constant(x)
    assert design.T @ (y - expit(design @ fit.beta)) == pytest.approx([0, 0], abs=1e-5)
    assert 0 < fit.firth.beta[1] < fit.beta[1]
    assert (fit.cases, fit.clusters, fit.falls) == (60, 8, int(y.sum()))


def test_clustered_errors_grow_when_cases_are_copies_of_each_other():
    rng = np.random.default_rng(6)
    x = rng.normal(size=30)
    y = (rng.random(30) < expit(x)).astype(float)
    twice, copies = np.r_[x, x, x, x], np.r_[y, y, y, y]
    (copied,) = crash_regression({"log_run_up": twice}, copies, np.tile(np.arange(30), 4), [("log_run_up",)])
    (apart,) = crash_regression({"log_run_up": twice}, copies, np.arange(120), [("log_run_up",)])
    assert copied.standard_error[1] > 1.5 * apart.standard_error[1]


def test_cases_with_an_unknown_covariate_are_left_out():
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=40), (rng.random(40) < 0.5).astype(float)
    gap = x.copy()
    gap[:5] = np.nan
    (fit,) = crash_regression({"log_age": gap}, y, np.arange(40) % 6, [("log_age",)])
    assert fit.cases == 35
    table = regression_table([fit])
    assert table["covariate"].tolist() == ["constant", "log_age"]


def test_fitted_probabilities_need_the_run_up_alone():
    rng = np.random.default_rng(8)
    x, y = rng.normal(0.8, 0.3, size=40), (rng.random(40) < 0.5).astype(float)
    alone, both = crash_regression(
        {"log_run_up": x, "log_age": rng.normal(size=40)},
        y,
        np.arange(40) % 6,
        [("log_run_up",), ("log_run_up", "log_age")],
    )
    at = fitted_at(alone, [2.0])
    assert at[2.0] == pytest.approx(expit(alone.firth.beta @ [1.0, np.log(2.0)]))
    with pytest.raises(ValueError, match="log run-up alone"):
        fitted_at(both, [2.0])


def test_the_constant_rate_is_that_of_the_other_series():
    fell = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    cluster = np.array([0, 0, 1, 1, 2, 2])
    score = age_score(
        np.log(np.array([1.0, 2, 3, 4, 5, 6])), fell, cluster, np.random.default_rng(9), draws=200
    )
    rates = np.array([1.5 / 5, 1.5 / 5, 3.5 / 5, 3.5 / 5, 2.5 / 5, 2.5 / 5])
    assert score.constant == pytest.approx(np.mean((rates - fell) ** 2))
    assert score.difference == pytest.approx(score.age - score.constant)
    assert score.interval[0] <= score.interval[1]


def test_age_wins_where_it_decides_and_not_where_it_is_noise():
    rng = np.random.default_rng(10)
    age, cluster = rng.normal(size=300), np.arange(300) % 12
    decided = (rng.random(300) < expit(3 * age)).astype(float)
    noise = (rng.random(300) < 0.5).astype(float)
    assert age_score(age, decided, cluster, rng, draws=200).interval[1] < 0
    assert age_score(age, noise, cluster, rng, draws=200).difference > -0.01


def test_the_share_in_a_draw_is_that_of_its_clusters():
    weights = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    drawn = share_draws(np.array([1.0, 0.0]), np.array([2.0, 0.0]), weights)
    assert drawn[:2].tolist() == pytest.approx([0.5, 0.5]) and np.isnan(drawn[2])


def test_independent_cases_are_worth_their_number_and_copies_less():
    rng = np.random.default_rng(11)
    single = share_draws(np.r_[np.ones(40), np.zeros(60)], np.ones(100), cluster_weights(100, 4000, rng))
    assert effective_cases(0.4, single) == pytest.approx(100, rel=0.1)
    copies = share_draws(
        np.r_[np.full(8, 5.0), np.zeros(12)], np.full(20, 5.0), cluster_weights(20, 4000, rng)
    )
    assert effective_cases(0.4, copies) == pytest.approx(20, rel=0.1)
    assert np.isnan(effective_cases(1.0, np.ones(10)))


def test_the_bootstrap_interval_covers_about_as_often_as_it_says():
    rng = np.random.default_rng(12)
    covered = independent = 0
    for _ in range(300):
        cases = np.full(20, 4.0)
        falls = rng.binomial(4, rng.beta(1.0, 1.5, size=20)).astype(float)
        draws = share_draws(falls, cases, cluster_weights(20, 400, rng))
        low, high = np.quantile(draws, [0.05, 0.95])
        covered += low <= 0.4 <= high
        rate = falls.sum() / 80
        independent += abs(rate - 0.4) <= 1.645 * np.sqrt(rate * (1 - rate) / 80)
    assert 0.82 <= covered / 300 <= 0.95
    assert independent / 300 < covered / 300 - 0.04
