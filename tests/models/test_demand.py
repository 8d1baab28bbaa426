"""The demand model: its figures, its simulations, and what it may not look at; the sampler is slow."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from overbuild.core import Snapshot
from overbuild.episodes.databook import DataBook
from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError, UnknownNameError
from overbuild.models.demand import NAME, RANKED, DemandModel
from overbuild.models.demand_compute import installed_compute
from overbuild.models.demand_data import BACKBONE, CLOUD, LABORATORIES, DemandData
from overbuild.models.demand_kernel import fill_covariance
from overbuild.models.demand_paths import INDEX, Points, covariance, coverage, drawn_paths
from overbuild.models.demand_posterior import DemandPosterior
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import events_for
from overbuild.randomness import stream

TODAY, THEN = date(2026, 11, 22), date(1999, 12, 31)
QUICK = Sampling(chains=2, draws=150, tune=200)


@cache
def snapshot(episode: str, day: date) -> Snapshot:
    return load_episode(episode, day, also=model_series(NAME, episode)).snapshot


def model(day: date, sampling: Sampling | None = None) -> DemandModel:
    return DemandModel.of(read_priors().at(day), {}, sampling)


@cache
def observed(episode: str, day: date) -> DemandData:
    return model(day).observed(snapshot(episode, day))


def drawn(episode: str = "ai", day: date = TODAY, seed: int = 1) -> dict[str, np.ndarray]:
    return model(day).prior_draw(observed(episode, day), np.random.default_rng(seed))


def test_figures_are_those_of_the_files_and_time_ends_with_the_index() -> None:
    ai, telecom = observed("ai", TODAY), observed("telecom", THEN)
    assert ai.reference == date(2026, 5, 28) and telecom.reference == date(1997, 12, 31)
    last = ai.value[(ai.slot == 1) & (ai.time == 0)]
    np.testing.assert_allclose(np.exp(last), 47000)
    end = telecom.value[(telecom.slot == 0) & (telecom.time == 0)]
    np.testing.assert_allclose(np.exp(end), np.sqrt(2500 * 4000))
    width = telecom.error[(telecom.slot == 0) & (telecom.time == 0)]
    np.testing.assert_allclose(width, np.hypot(0.1, np.log(4000 / 2500) / 3.29), rtol=1e-3)
    assert ai.shared and not telecom.shared


def test_one_figure_a_month_of_each_source_and_none_of_grade_c() -> None:
    for data in (observed("ai", TODAY), observed("telecom", THEN)):
        for slot in np.unique(data.slot):
            days = [data.reference + timedelta(365.25 * t) for t in data.time[data.slot == slot]]
            assert len({(d.year, d.month) for d in days}) == len(days)
    wide = replace(model(TODAY), grades=("A", "B", "C")).observed(snapshot("ai", TODAY))
    assert wide.time.size > observed("ai", TODAY).time.size


def test_what_was_not_yet_printed_is_not_seen() -> None:
    assert {s.name for s in observed("telecom", date(1997, 12, 31)).sources} == {"esnet"}
    assert {s.name for s in observed("telecom", THEN).sources} == {"backbone", "nsfnet", "esnet"}
    known = observed("telecom", date(2001, 12, 31))
    assert int((known.slot == 0).sum()) == 5


def test_rows_of_later_days_change_nothing() -> None:
    book = DataBook.load()
    later = (book.table["available_from"] > THEN).to_numpy()
    poisoned = book.table.copy()
    poisoned.loc[later, "value"] *= 1e6
    also = model_series(NAME, "telecom")
    seen = model(THEN).observed(replace(book, table=poisoned).at(THEN, "telecom", also))
    plain = observed("telecom", THEN)
    np.testing.assert_array_equal(seen.value, plain.value)
    np.testing.assert_array_equal(seen.time, plain.time)


def test_too_little_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match=r"known by 0 figures .* needs 6 over 1.5 years"):
        model(THEN).observed(snapshot("ai", THEN))
    with pytest.raises(
        InputError, match=r"'demand.level_laboratories' could not be held.*cannot be modelled"
    ):
        model(THEN).observed(snapshot("ai", TODAY), LABORATORIES)
    none = replace(snapshot("telecom", THEN), table=snapshot("telecom", THEN).table.iloc[:0])
    with pytest.raises(InputError, match="0 figures"):
        model(THEN).observed(none)
    with pytest.raises(UnknownNameError, match="esnet"):
        observed("telecom", THEN).without("tokens")
    with pytest.raises(ValueError, match="ceiling"):
        model(THEN).with_priors(ceiling=1.0)


def test_the_covariance_of_the_paths_is_that_of_the_likelihood() -> None:
    spec, data, truth = model(TODAY), observed("ai", TODAY), drawn()
    given = spec.inputs(data)
    scales = (float(truth[n]) for n in ("common", "own", "memory"))
    loading = spec.loadings(truth, data.slot, data.index)
    kernel, _ = fill_covariance(data.time, given["slot"], data.error, given["bias"], loading, *scales)
    np.testing.assert_allclose(covariance(spec, truth, Points.of(data), data), kernel, rtol=1e-10)


def test_parts_add_up_to_the_index() -> None:
    spec, data, truth = model(TODAY), observed("ai", TODAY), drawn()
    time = np.array([-2.0, -1.0, 0.0])
    parts = [spec.means(truth, time, np.full(3, k), data) for k in (0, 1)]
    whole = np.logaddexp(*parts)
    assert whole[-1] == pytest.approx(float(truth["level"]))


def test_a_path_goes_through_figures_without_error() -> None:
    spec, data = model(THEN), observed("telecom", THEN)
    exact = replace(data, error=np.full(data.time.size, 1e-4))
    one = data.slot == 2
    wanted = Points(data.time[one], data.slot[one], np.full(one.sum(), 1e-6))
    made = drawn_paths(spec, exact, [drawn("telecom", THEN)], wanted, np.random.default_rng(2))
    np.testing.assert_allclose(made[0], data.value[one], atol=0.01)
    whole = Points(np.array([1.0]), np.array([INDEX]), np.array([0.0]))
    assert np.isfinite(
        drawn_paths(spec, data, [drawn("telecom", THEN)], whole, np.random.default_rng(3))
    ).all()


def test_statistics_of_simulated_figures_are_numbers() -> None:
    for episode, day in (("ai", TODAY), ("telecom", THEN), ("telecom", date(1997, 12, 31))):
        spec, data = model(day), observed(episode, day)
        rng = np.random.default_rng(4)
        again = spec.simulated(spec.prior_draw(data, rng), data, rng)
        found = spec.statistics(again)
        assert found.keys() == spec.statistics(data).keys() and np.isfinite(list(found.values())).all()


def test_simulated_figures_have_the_moments_of_the_likelihood() -> None:
    spec, data, truth = model(THEN), observed("telecom", THEN), drawn("telecom", THEN)
    truth = truth | {"claim": np.array(0.0)}
    rng = np.random.default_rng(5)
    made = np.array([spec.simulated(truth, data, rng).value for _ in range(4000)])
    mean = spec.means(truth, data.time, data.slot, data)
    cov = covariance(spec, truth, Points.of(data), data)
    assert (np.abs(made.mean(axis=0) - mean) < 5 * np.sqrt(np.diag(cov) / 4000)).all()
    np.testing.assert_allclose(made.var(axis=0), np.diag(cov), rtol=0.15)


def test_coverage_compares_a_source_with_itself_at_its_date() -> None:
    row = {"source": "esnet", "year": 1999.5, "q05": 1.0, "q50": 2.0, "q95": 3.0}
    later = [
        {"source": "esnet", "year": 1999.49, "value": 2.5},
        {"source": "nsfnet", "year": 1999.5, "value": 9},
    ]
    assert coverage([row], later)[0]["inside"] is True
    assert coverage([row | {"source": "backbone"}], later) == []


def test_compute_in_use_is_what_was_shipped_less_what_wore_out() -> None:
    ai = snapshot("ai", TODAY)
    kept, worn = installed_compute(ai, np.inf), installed_compute(ai, 3.0)
    assert kept.quarters[-1] == "2025Q4"
    assert kept.installed[-1] == pytest.approx(19.6e6, rel=0.01)
    assert (worn.installed <= kept.installed + 1e-6).all() and worn.growth() < kept.growth()
    age = (np.arange(worn.shipped.size)[::-1] + 0.5) / 4
    assert worn.installed[-1] == pytest.approx(np.sum(worn.shipped * 0.5 ** ((age / 3) ** 2)))
    with pytest.raises(InputError, match="NVIDIA are known for 0 quarters"):
        installed_compute(snapshot("telecom", THEN), 4.0)


@pytest.mark.slow
def test_the_prior_of_the_checks_is_that_of_the_graph() -> None:
    """Both are written out: the graph's prior at many draws is that of `DemandModel.prior_draw`."""
    import pymc as pm

    from overbuild.models.demand import build

    spec, data = model(TODAY), observed("ai", TODAY)
    made = build()
    given = spec.inputs(data)
    for name in ("free", "cut", "deviation", "elastic"):
        made[name].set_value(given[name])  # pyright: ignore[reportAttributeAccessIssue]
    rng = np.random.default_rng(6)
    logp = made.compile_logp(
        vars=[made["normal"], made["deviations"], made.potentials[0]], sum=True, jacobian=False
    )
    from scipy.stats import norm, truncnorm

    differences = []
    for _ in range(20):
        d = spec.prior_draw(data, rng)
        free = np.concatenate(
            [
                [d["level"], np.log(d["asymmetry"]), np.log(d["memory"] / (1 - d["memory"])), d["share"]],
                [d["drift"]],
                np.log(d["elasticity"]),
            ]
        )
        cut = np.array([d["growth"], d["growth_if_claim"], d["headroom"]])
        own = norm.logpdf(free, *given["free"].T).sum()
        own += np.log(2) * 2 + norm.logpdf([d["common"], d["own"]], 0, given["deviation"]).sum()
        centre = given["cut"][:, 0] - np.array([0, 0, d["level"]])
        own += truncnorm.logpdf(cut, -centre / given["cut"][:, 1], np.inf, centre, given["cut"][:, 1]).sum()
        point = {
            "normal": free,
            "deviations_log__": np.log([d["common"], d["own"]]),
            "positive_log__": np.log(cut),
        }
        differences.append(own - float(logp(point)))
    np.testing.assert_allclose(differences, differences[0], atol=1e-6)
    assert pm.__version__


@pytest.mark.slow
def test_a_fit_says_what_it_found_and_abstains() -> None:
    spec = model(THEN, QUICK)
    fit = spec.fit(snapshot("telecom", THEN), stream("demand/test"))
    assert isinstance(fit, DemandPosterior)
    found = fit.findings(stream("demand/findings"))
    assert len(json.dumps(found, allow_nan=False)) < 200_000
    assert found["evidence"] == "prior-driven" and found["ceiling"]["learnt"] < 0.2
    assert found["growth"]["now"]["q05"] < np.log(2) < found["growth"]["now"]["q95"]
    weights = [w["overbuilt"] for w in found["dial"]["weights"]]
    assert weights == sorted(weights, reverse=True) and weights[0] > 0.9 > 0.1 > weights[-1]
    moved = [r["multiple_by_horizon"]["q50"] for r in found["ceiling_prior"][:3]]
    assert moved == sorted(moved)
    asked = tuple(e for group in events_for("telecom", by="2002").values() for e in group)
    assert all(
        f.probability is None and f.abstains
        for f in fit.forecasts(snapshot("telecom", THEN), asked, stream("x"))
    )
    assert set(RANKED) <= set(fit.sampled.tree["posterior"].data_vars)
    assert BACKBONE.unit in found["index"]["unit"] and "factor" in fit.sentence()


@pytest.mark.slow
def test_known_growth_is_recovered_and_a_passed_turn_is_seen() -> None:
    spec, data = model(TODAY, Sampling(chains=2, draws=400, tune=500)), observed("ai", TODAY)
    scales = {"common": 0.05, "own": 0.05, "memory": 0.3, "claim": 0.0}
    curve = {"growth": 1.6, "headroom": 0.1, "asymmetry": 1.0, "level": 13.6, "share": 0.0, "drift": 0.3}
    truth = drawn() | {k: np.array(v) for k, v in (scales | curve).items()}
    again = spec.simulated(truth, data, np.random.default_rng(7))
    fit = DemandPosterior(spec, again, spec.fit_data(again, stream("r")), None, 0.0)
    low, high = np.quantile(fit.sampled.draws("growth"), [0.005, 0.995])
    assert low < 1.6 < high
    assert fit.turned().mean() > 0.8 and fit.learnt_of_headroom > 0.8


@pytest.mark.slow
def test_cloud_revenue_is_fitted_by_the_same_graph() -> None:
    spec = model(TODAY, QUICK)
    data = spec.observed(snapshot("ai", TODAY), CLOUD)
    assert data.shared and data.time.size > 60
    fit = spec.fit_data(data, stream("c"))
    assert 0.1 < fit.draws("growth_now").mean() < 0.5
