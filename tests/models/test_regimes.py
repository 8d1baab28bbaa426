"""Paths, readings and findings of the regime model; what takes the sampler is slow."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Paths
from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError
from overbuild.models import checking
from overbuild.models.bayesian import BayesianModel
from overbuild.models.prior_file import read_priors
from overbuild.models.regime_checks import parameters_of, spells, statistics
from overbuild.models.regime_panel import CENTRE, RegimePanel, covariates_of, panel_from
from overbuild.models.regime_paths import Parameters, continued, drawn, simulate
from overbuild.models.regime_posterior import MAIN, RegimePosterior, spreads_ahead
from overbuild.models.regime_series import FIRMS, TELECOM
from overbuild.models.regimes import RegimeModel, build, kinds_of
from overbuild.models.sampler import Sampling, load
from overbuild.models.switching import BUST, forward, initial_states, smoothed
from overbuild.probability.definitions import events_for, read_definitions
from overbuild.randomness import stream

AS_OF = date(2026, 11, 22)
QUICK = Sampling(chains=2, draws=150, tune=200)
STILL = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
YEARS = 71


def model(sampling: Sampling | None = None) -> RegimeModel:
    return RegimeModel.of(read_priors().at(AS_OF), read_definitions(), sampling)


def shape(members: int, years: int = YEARS) -> RegimePanel:
    """Return a panel that gives sizes: every member known from the first year on."""
    clock = np.arange(1947, 1947 + years + 1)
    gdp = pd.Series(1e6 * np.exp(0.06 * np.arange(years + 1)), index=clock)
    spread = pd.Series(1.5 + np.sin(clock), index=clock)
    names = [f"s{i}" for i in range(min(members, 13))] + [*FIRMS][: max(members - 13, 0)]
    every = dict.fromkeys(names, gdp / 1000)
    return panel_from(every, dict.fromkeys(names, gdp), spreads=dict.fromkeys(names, spread))


def parameters(count: int, **changed: float | np.ndarray) -> Parameters:
    values = {
        "mu": np.array([0.05, 0.2, -0.2]),
        "log_sigma": np.log([1e-9, 1e-9, 1e-9]),
        "phi": 0.0,
        "exit": -50.0,
        "exit_age": 0.0,
        "exit_covariates": np.zeros(3),
        "moves": STILL,
    } | changed
    return Parameters(*(np.repeat(np.asarray(v)[None], count, axis=0) for v in values.values()))


def ahead(states: list[int], years: int = 4, ages: int = 8, **changed: float | np.ndarray) -> np.ndarray:
    count = len(states)
    levels, shares = (np.repeat(np.log([x]), count, axis=0) for x in ([100.0, 120.0], [0.01, 0.011]))
    spreads, gdp = np.full((count, years), CENTRE[2]), np.full((count, years), 0.05)
    rng = np.random.default_rng(1)
    of = parameters(count, **changed)
    return simulate(of, np.array(states), 0.2, levels, shares, spreads, gdp, np.inf, ages, rng)


def test_it_is_a_bayesian_model() -> None:
    made: BayesianModel = model()
    assert made.name == "regimes" and made.ranked == MAIN
    assert model().fall == {"fall": 0.30, "window_years": 3.0}


def test_a_state_that_lasts_grows_at_its_mean() -> None:
    growth = ahead([0, 1, 8, 9])
    np.testing.assert_allclose(growth.mean(axis=1), [0.05, 0.2, 0.2, -0.2], atol=1e-6)


def test_a_boom_that_is_left_goes_where_the_moves_say() -> None:
    np.testing.assert_allclose(ahead([3], exit=50.0)[0], -0.2, atol=1e-6)


def test_the_spread_of_a_year_before_ends_a_boom() -> None:
    changed = {"exit": -50.0, "exit_covariates": np.array([0.0, 0.0, 100.0])}
    history = (np.log([[100.0, 120.0]]), np.log([[0.01, 0.011]]))
    beside = CENTRE[2] + np.array([[0.0, 1.0, 0.0]]), np.full((1, 3), 0.05)
    growth = simulate(
        parameters(1, **changed), np.array([2]), 0.2, *history, *beside, np.inf, 8, np.random.default_rng(1)
    )
    np.testing.assert_allclose(growth[0], [0.2, -0.2, -0.2], atol=1e-6)


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


def test_the_spread_ahead_is_what_is_known_and_returns_to_its_mean() -> None:
    known = np.array([1.0, 2.0, CENTRE[2] + 1, np.nan])
    np.testing.assert_allclose(
        spreads_ahead(known, 1, 4), [2.0, CENTRE[2] + 1, CENTRE[2] + 0.7, CENTRE[2] + 0.49]
    )
    assert np.isnan(spreads_ahead(np.full(3, np.nan), 1, 2)).all()


@pytest.mark.parametrize(
    ("level", "count"),
    [([1, 2, 3], 0), ([1, 2, 1.3], 1), ([2, 1.3, 1.2, 1.4], 1), ([2, 1.3, 2.5, 1.5], 2), ([2, 1.5, 1.4], 1)],
)
def test_falls_of_thirty_percent_are_counted_once(level: list[float], count: int) -> None:
    assert spells(np.array(level, dtype=float), 0.3) == count


def test_simulated_data_have_the_regimes_that_made_them() -> None:
    rng, spec, data = np.random.default_rng(3), model(), shape(5, 200)
    truth = spec.prior_draw(data, rng)
    truth |= {"mu": np.tile([0.05, 0.3, -0.4], (5, 1)), "log_sigma": np.full((5, 3), np.log(0.02))}
    panel = spec.simulated(truth, data, rng)
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


def test_simulated_panels_have_the_shape_of_the_observed_and_covariates_of_their_own_growth() -> None:
    spec = model()
    data = spec.observed(load_episode("ai", AS_OF, also=model_series("regimes", "ai")).snapshot)
    rng = np.random.default_rng(5)
    made = spec.simulated(spec.prior_draw(data, rng), data, rng)
    np.testing.assert_array_equal(np.isfinite(made.growth), _inside(data))
    again = covariates_of(made.levels, made.shares, made.spreads)[:, :-1]
    np.testing.assert_allclose(again, made.covariates)
    np.testing.assert_array_equal(made.covariates[..., 2], data.covariates[..., 2])
    gdp = (made.levels - made.shares)[np.isfinite(made.levels)]
    np.testing.assert_allclose(gdp, (data.levels - data.shares)[np.isfinite(made.levels)])
    assert set(spec.statistics(made)) == set(spec.statistics(data))
    assert np.isfinite(list(spec.statistics(made).values())).all()


def _inside(data: RegimePanel) -> np.ndarray:
    clock = np.arange(data.growth.shape[1])
    return (clock >= data.first[:, None]) & (clock < data.stop[:, None])


def test_statistics_leave_out_what_is_too_short() -> None:
    rng, spec, data = np.random.default_rng(4), model(), shape(3)
    panel = spec.simulated(spec.prior_draw(data, rng), data, rng)
    cut = replace(panel, stop=np.array([71.0, 71.0, 0.0]))
    assert statistics(cut)["falls_of_30_percent"] <= statistics(panel)["falls_of_30_percent"]


class Fixed:
    """A posterior without a sampler: draws of the prior, around parameters that tell regimes apart."""

    def __init__(self, data: RegimePanel, spec: RegimeModel, count: int = 60) -> None:
        rng = np.random.default_rng(11)
        every = [spec.prior_draw(data, rng) for _ in range(count)]
        self.values = {n: np.array([d[n] for d in every]) for n in every[0]}
        self.diagnostics = SimpleNamespace(passed=True, r_hat=1.0)

    def draws(self, name: str) -> np.ndarray:
        return self.values[name]


def posterior(left_out: tuple[str, ...] = (), episode: str = "ai", as_of: date = AS_OF) -> RegimePosterior:
    spec = model()
    snapshot = load_episode(episode, as_of, also=model_series("regimes", episode)).snapshot
    data = replace(spec.observed(snapshot), left_out=left_out)
    own = spec.sector(snapshot)
    history = snapshot.history("capex")
    made: Any = Fixed(data, spec)
    return RegimePosterior(data, made, own, spec.priors, spec.ages, history, spec.fall, None, 0.0)


def test_a_member_that_is_left_out_is_read_with_parameters_of_its_population() -> None:
    found = posterior(left_out=(TELECOM,))
    read = found.parameters(TELECOM)
    assert read.mu.shape == (60, 3)
    own = found.sampled.draws("mu")[:, found.data.row(TELECOM)]
    assert not np.allclose(read.mu, own)
    np.testing.assert_array_equal(found.parameters(TELECOM).mu, read.mu)
    runs = [run[0] for run, _ in found._runs(TELECOM, read)]
    unread = [run[0] for run, _ in found._runs(TELECOM, read._replace(mu=own))]
    assert np.median(runs) > np.median(unread)
    data = found.data.data()
    assert data["stop"][found.data.row(TELECOM)] == 0 and np.isfinite(data["growth"]).any()


def test_findings_are_plain_and_small() -> None:
    found = posterior().findings(stream("findings"))
    assert len(json.dumps(found, allow_nan=False)) < 200_000
    probabilities = [f["probability"] for f in found["falls"]]
    assert probabilities == sorted(probabilities)
    assert found["without_telecom"] is None
    np.testing.assert_allclose(sum(found["now"].values()), 1.0, atol=1e-4)


def test_forecasts_speak_of_spending_and_abstain_from_the_rest() -> None:
    snapshot = load_episode("ai", AS_OF, also=model_series("regimes", "ai")).snapshot
    fall, use = (events_for("ai", by="2028Q4")[e][0] for e in ("O3", "O2"))
    said = posterior().forecasts(snapshot, [fall, use], stream("forecast"))
    assert said[0].probability is not None and 0 < said[0].probability < 1
    assert said[1].probability is None and said[1].abstains
    with pytest.raises(InputError, match="No event has a date"):
        posterior().forecasts(snapshot, [replace(fall, by="")], stream("forecast"))


def test_a_horizon_before_what_is_known_is_refused() -> None:
    with pytest.raises(InputError, match="ends before what is known"):
        posterior().paths("2026Q1", {}, stream("x"))


def test_paths_continue_history() -> None:
    made = posterior().paths("2028Q4", {}, stream("x"))
    assert isinstance(made, Paths) and made.time[-1] >= "2028Q4"
    assert (made.layer("capex")[:, -1] > 0).all()


@pytest.mark.slow
def test_the_prior_of_the_checks_is_that_of_the_model() -> None:
    """Both are written out; their means and deviations must be the same."""
    import pymc as pm

    spec, data = model(), shape(15)
    names = [*MAIN, "mu", "log_sigma"]
    made = build(spec.priors, kinds_of(data.members), 8)
    drawn_by_model = dict(
        zip(names, pm.draw([made[n] for n in names], draws=4000, random_seed=5), strict=True)
    )
    rng = np.random.default_rng(6)
    own = [spec.prior_draw(data, rng) for _ in range(4000)]
    assert set(own[0]) == set(names)
    for name in names:
        mine = np.array([d[name] for d in own])
        theirs = drawn_by_model[name]
        assert mine.shape == theirs.shape
        error = theirs.std(axis=0) * np.sqrt(2 / 4000)
        assert (np.abs(mine.mean(axis=0) - theirs.mean(axis=0)) <= 5 * error).all(), name
        np.testing.assert_allclose(mine.std(axis=0), theirs.std(axis=0), rtol=0.15, err_msg=name)


@pytest.mark.slow
def test_draws_depend_on_the_seed_alone(tmp_path) -> None:
    spec, data = model(QUICK), shape(13)
    rng = np.random.default_rng(7)
    panel, between = (spec.simulated(spec.prior_draw(data, rng), data, rng) for _ in range(2))
    first = spec.fit_data(panel, stream("a"))
    other = spec.fit_data(between, stream("b"))
    again = spec.fit_data(panel, stream("a"), replace(QUICK, cores=1))
    np.testing.assert_array_equal(first.draws("mu"), again.draws("mu"))
    assert (first.draws("exit") != other.draws("exit")).any()
    saved = load(first.save(tmp_path / "x.nc"))
    np.testing.assert_array_equal(saved.draws("mu"), first.draws("mu"))
    assert saved.diagnostics == first.diagnostics


@pytest.mark.slow
def test_known_regimes_are_recovered() -> None:
    spec, data = model(Sampling(chains=2, draws=500, tune=500)), shape(13)
    rng = np.random.default_rng(8)
    truth = spec.prior_draw(data, rng) | {
        "mu": np.tile([0.06, 0.25, -0.25], (13, 1)),
        "log_sigma": np.full((13, 3), np.log(0.06)),
        "from_normal": np.array([0.85, 0.10, 0.05]),
        "after_boom": np.array(0.7),
        "exit": np.array(-1.0),
    }
    fit = spec.fit_data(spec.simulated(truth, data, rng), stream("recovery"))
    for name, value in {"normal_growth": 0.06, "boom_gap": 0.19, "bust_gap": 0.31, "after_boom": 0.7}.items():
        low, high = np.quantile(fit.draws(name), [0.005, 0.995])
        assert low <= value <= high, name


@pytest.mark.slow
def test_ranks_are_uniform_under_simulation_based_calibration() -> None:
    spec = model()
    data = spec.observed(load_episode("ai", AS_OF, also=model_series("regimes", "ai")).snapshot)
    some = tuple(checking.simulate_and_fit(cast(BayesianModel, spec), data, i) for i in range(40))
    found = checking.Calibration("regimes", some)
    assert found.passed, found.frame().to_string()
    assert 0.84 <= found.frame()["coverage"].to_numpy(dtype=float).mean() <= 0.95


@pytest.mark.slow
def test_quiet_booms_stay_quiet_and_pauses_are_no_busts() -> None:
    """Interstates, postwar power, mobile and cloud, and the pauses of cloud in 2019 and 2023."""
    spec = model(Sampling(chains=2, draws=500, tune=500))
    snapshot = load_episode("ai", AS_OF, also=model_series("regimes", "ai")).snapshot
    found = spec.fit(snapshot, stream("quiet")).findings(stream("findings"))
    quiet = {b["boom"]: b for b in found["quiet"]}
    assert {"interstates", "postwar power", "mobile", "cloud"} <= set(quiet)
    for name, boom in quiet.items():
        assert boom["mean_bust"] < 0.05, name
        assert boom["largest_bust"] < 0.2, name
    cloud = {r["year"]: r["bust"] for r in found["regimes"]["cloud"]}
    assert max(cloud[2019], cloud[2023]) < 0.1
    loud = {b["boom"]: b for b in found["loud"]}
    assert loud["telecom"]["largest_bust"] > 0.6
