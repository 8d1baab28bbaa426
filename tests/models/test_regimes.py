"""Paths, statistics and checks of the regime model; what takes the sampler is slow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from overbuild.models.prior_file import read_priors
from overbuild.models.regime_checks import (
    MAIN,
    Calibration,
    calibrate,
    parameters_of,
    prior_draw,
    simulated_panel,
    spells,
    statistics,
)
from overbuild.models.regime_posterior import Parameters, continued, drawn, simulate
from overbuild.models.regimes import RegimeModel
from overbuild.models.sampler import Sampling, load
from overbuild.models.switching import BUST, forward, initial_states, smoothed
from overbuild.probability.definitions import read_definitions
from overbuild.randomness import stream

AS_OF = date(2026, 11, 22)
QUICK = Sampling(chains=2, draws=150, tune=200)
STILL = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])


def model(sampling: Sampling | None = None) -> RegimeModel:
    return RegimeModel.of(read_definitions()["baserate"], read_priors().at(AS_OF), sampling)


def parameters(count: int, **changed: float | np.ndarray) -> Parameters:
    values = {
        "mu": np.array([0.05, 0.2, -0.2]),
        "log_sigma": np.log([1e-9, 1e-9, 1e-9]),
        "phi": 0.0,
        "exit": -50.0,
        "exit_age": 0.0,
        "exit_covariates": np.zeros(2),
        "moves": STILL,
    } | changed
    return Parameters(*(np.repeat(np.asarray(v)[None], count, axis=0) for v in values.values()))


def ahead(states: list[int], years: int = 4, ages: int = 8, **changed: float | np.ndarray) -> np.ndarray:
    history = np.log([100.0, 120.0]), np.log([0.01, 0.011])
    rng = np.random.default_rng(1)
    of = parameters(len(states), **changed)
    return simulate(of, np.array(states), 0.2, *history, 0.05, years, np.inf, ages, rng)


def test_a_state_that_lasts_grows_at_its_mean() -> None:
    growth = ahead([0, 1, 8, 9])
    np.testing.assert_allclose(growth.mean(axis=1), [0.05, 0.2, 0.2, -0.2], atol=1e-6)


def test_a_boom_that_is_left_goes_where_the_moves_say() -> None:
    np.testing.assert_allclose(ahead([3], exit=50.0)[0], -0.2, atol=1e-6)


def test_the_oldest_age_is_the_last_before_bust() -> None:
    np.testing.assert_allclose(ahead([5, 6], ages=5), [[0.2] * 4, [-0.2] * 4], atol=1e-6)


def test_persistence_is_of_the_deviation_from_the_regime_of_the_year_before() -> None:
    growth = ahead([0], phi=0.5)[0]
    np.testing.assert_allclose(growth, 0.05 + 0.15 * 0.5 ** np.arange(1, 5), atol=1e-6)


def test_quarters_keep_their_season_and_years_their_growth() -> None:
    last, growth = np.array([1.0, 2.0, 3.0, 4.0]), np.array([[0.1, -0.3]])
    made = continued(last, growth)
    assert made.shape == (1, 8)
    np.testing.assert_allclose(made[0, :4].sum() / last.sum(), np.exp(0.1))
    np.testing.assert_allclose(made[0, 4:] / made[0, :4], np.exp(-0.3))


def test_draws_have_the_probabilities_of_their_row() -> None:
    found = drawn(np.repeat([[0.2, 0.5, 0.3]], 20000, axis=0), np.random.default_rng(2))
    np.testing.assert_allclose(np.bincount(found) / found.size, [0.2, 0.5, 0.3], atol=0.01)


@pytest.mark.parametrize(
    ("level", "count"),
    [([1, 2, 3], 0), ([1, 2, 1.3], 1), ([2, 1.3, 1.2, 1.4], 1), ([2, 1.3, 2.5, 1.5], 2), ([2, 1.5, 1.4], 1)],
)
def test_falls_of_thirty_percent_are_counted_once(level: list[float], count: int) -> None:
    assert spells(np.array(level, dtype=float), 0.3) == count


def test_simulated_data_have_the_regimes_that_made_them() -> None:
    rng = np.random.default_rng(3)
    truth = prior_draw(model().priors, 5, rng)
    truth |= {"mu": np.tile([0.05, 0.3, -0.4], (5, 1)), "log_sigma": np.full((5, 3), np.log(0.02))}
    panel = simulated_panel(truth, model().priors, 8, rng, years=200)
    p = parameters_of(truth)
    base = truth["exit"] + panel.covariates[0] @ truth["exit_covariates"]
    age = truth["exit_age"] * np.log(np.arange(1, 9))
    initial = initial_states((0.7, 0.2, 0.1), 8)
    given = (p.mu[0], p.log_sigma[0], p.phi[0], base, age, p.moves[0], initial, 5.0)
    run = forward(panel.growth[0], 0, 200, *given)
    regimes = smoothed(run[1], run[2], run[3], run[4], p.moves[0])
    assert (regimes.max(axis=1) > 0.9).mean() > 0.95
    falling = panel.growth[0] < -0.25
    assert (regimes[falling].argmax(axis=1) == BUST).mean() > 0.9


def test_statistics_leave_out_what_is_too_short() -> None:
    rng = np.random.default_rng(4)
    panel = simulated_panel(prior_draw(model().priors, 3, rng), model().priors, 8, rng)
    cut = replace(panel, stop=np.array([71.0, 71.0, 0.0]))
    assert statistics(cut)["falls_of_30_percent"] <= statistics(panel)["falls_of_30_percent"]


@pytest.mark.slow
def test_the_prior_of_the_checks_is_that_of_the_model() -> None:
    """Both are written out; their means and deviations must be the same."""
    import pymc as pm

    from overbuild.models.regimes import build

    priors = model().priors
    names = [*MAIN, "mu", "log_sigma"]
    made = build(priors, 2, 8)
    drawn_by_model = dict(
        zip(names, pm.draw([made[n] for n in names], draws=4000, random_seed=5), strict=True)
    )
    rng = np.random.default_rng(6)
    own = [prior_draw(priors, 2, rng) for _ in range(4000)]
    for name in names:
        mine = np.array([d[name] for d in own])
        theirs = drawn_by_model[name]
        assert mine.shape == theirs.shape
        error = theirs.std(axis=0) * np.sqrt(2 / 4000)
        assert (np.abs(mine.mean(axis=0) - theirs.mean(axis=0)) <= 5 * error).all(), name
        np.testing.assert_allclose(mine.std(axis=0), theirs.std(axis=0), rtol=0.15, err_msg=name)


@pytest.mark.slow
def test_draws_depend_on_the_seed_alone(tmp_path) -> None:
    spec = model(QUICK)
    rng = np.random.default_rng(7)
    panel = simulated_panel(prior_draw(spec.priors, 13, rng), spec.priors, spec.ages, rng)
    first = spec.fit_panel(panel, stream("a"))
    other = spec.fit_panel(
        simulated_panel(prior_draw(spec.priors, 13, rng), spec.priors, 8, rng), stream("b")
    )
    again = replace(spec, sampling=replace(QUICK, cores=1)).fit_panel(panel, stream("a"))
    np.testing.assert_array_equal(first.sampled.draws("mu"), again.sampled.draws("mu"))
    assert (first.sampled.draws("exit") != other.sampled.draws("exit")).any()
    saved = load(first.sampled.save(tmp_path / "x.nc"))
    np.testing.assert_array_equal(saved.draws("mu"), first.sampled.draws("mu"))
    assert saved.diagnostics == first.sampled.diagnostics


@pytest.mark.slow
def test_known_regimes_are_recovered() -> None:
    spec = model(Sampling(chains=2, draws=500, tune=500))
    rng = np.random.default_rng(8)
    truth = prior_draw(spec.priors, 13, rng) | {
        "mu": np.tile([0.06, 0.25, -0.25], (13, 1)),
        "log_sigma": np.full((13, 3), np.log(0.06)),
        "from_normal": np.array([0.85, 0.10, 0.05]),
        "after_boom": np.array(0.7),
        "exit": np.array(-1.0),
    }
    fit = spec.fit_panel(simulated_panel(truth, spec.priors, spec.ages, rng), stream("recovery"))
    for name, value in {"normal_growth": 0.06, "boom_gap": 0.19, "bust_gap": 0.31, "after_boom": 0.7}.items():
        low, high = np.quantile(fit.sampled.draws(name), [0.005, 0.995])
        assert low <= value <= high, name


@pytest.mark.slow
def test_ranks_are_uniform_under_simulation_based_calibration() -> None:
    found = calibrate(model(), 200)
    assert isinstance(found, Calibration)
    assert found.passed, found.frame().to_string()
    assert 0.85 <= np.mean(found.covered.to_numpy()) <= 0.95
