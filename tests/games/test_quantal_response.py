"""The model on its panel: what it reads, that its posterior is calibrated, and that two ways agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import kstest, norm

from overbuild.episodes import DataBook
from overbuild.errors import InputError
from overbuild.games.logit import Logit
from overbuild.games.quantal_data import CAPEX, FIRMS, accelerations, quantal_data, timing
from overbuild.games.quantal_exact import Target, posterior
from overbuild.games.quantal_posterior import QuantalPosterior
from overbuild.games.quantal_response import QuantalResponse
from overbuild.games.quantal_scores import MODELS, difference, joint_log_probability, scores
from overbuild.games.quantal_sensitivity import GROSS_FROM, from_quarter, older, without, without_firm
from overbuild.models.prior_file import read_priors
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)


@cache
def book():
    return DataBook.load()


@cache
def spec():
    return QuantalResponse.of(read_priors().at(TODAY), {})


@cache
def observed():
    return quantal_data(book().at(TODAY, "ai"))


def test_the_panel_is_forty_quarters_of_five_firms_without_a_gap():
    data = observed()
    assert (data.periods[0], data.periods[-1], data.firms) == ("2016Q3", "2026Q2", FIRMS)
    assert data.y.shape == (40, 5)
    assert data.cells == 200
    assert [(i, t) for t, i in zip(*np.nonzero(data.before < 0), strict=True)] == [(1, 0), (1, 1)]


def test_answers_are_those_of_filed_capex():
    rows = pd.read_csv("data/hyperscalers/financials_quarterly.csv")
    meta = rows[(rows["series"] == "capex_cash") & (rows["entity"] == "Meta")]
    level = dict(zip(meta["period"], meta["value"], strict=True))
    now, last = level["2026Q2"] / level["2025Q2"], level["2026Q1"] / level["2025Q1"]
    assert observed().y[-1, FIRMS.index("Meta")] == int(now > last)


def test_growth_of_amazon_never_joins_two_series():
    table = book().table
    gross = (table["series"] == "capex_cash") & (table["entity"] == "Amazon")
    scaled = replace(book(), table=table.assign(value=table["value"].where(~gross, 10 * table["value"])))
    found = accelerations(scaled.at(TODAY, "ai"), "Amazon")
    pd.testing.assert_series_equal(found, accelerations(book().at(TODAY, "ai"), "Amazon"), atol=1e-9)
    assert {"2015Q1", "2018Q3", "2018Q4"} <= set(found.index)


def test_amazons_gross_growth_starts_where_it_is_said_to():
    """2017Q4 is missing, so that the first quarter with growth now and a quarter ago is 2019Q2."""
    table = book().table
    net = (table["series"] != CAPEX) & (table["entity"] == "Amazon")
    moved = replace(book(), table=table.assign(value=table["value"].where(~net, table["value"] ** 2)))
    before, after = (accelerations(b.at(TODAY, "ai"), "Amazon") for b in (book(), moved))
    same = before.to_numpy() == after.to_numpy()
    assert list(same) == [str(p) >= GROSS_FROM for p in before.index]
    assert 0 < same.sum() < same.size


def test_covariates_are_filed_in_the_course_of_the_quarter_that_they_explain():
    found = timing(book().at(TODAY, "ai"), observed().periods)
    assert 20 < found["index_ends"] < found["index_out"] < 90
    assert found["surprise_out"] < 90
    last = timing(book().at(TODAY, "ai"), ("2026Q1",))
    assert (last["index_ends"], last["index_out"]) == (25, 70)


def test_later_rows_change_nothing():
    day = date(2024, 6, 30)
    table = book().table
    later = (table["available_from"] > day).to_numpy()
    poisoned = replace(
        book(), table=table.assign(value=np.where(later, 1e6 * table["value"], table["value"]))
    )
    clean, dirty = quantal_data(book().at(day, "ai")), quantal_data(poisoned.at(day, "ai"))
    np.testing.assert_array_equal(clean.y, dirty.y)
    np.testing.assert_array_equal(clean.covariates, dirty.covariates)
    assert clean.periods[-1] == "2024Q1"


@pytest.mark.parametrize(
    ("episode", "day", "told"),
    [
        ("telecom", date(1999, 12, 31), "SBC"),
        ("ai", date(1999, 12, 31), "0 quarters"),
        ("ai", date(2018, 1, 1), "later day"),
    ],
)
def test_eras_without_a_panel_and_early_days_are_refused(episode, day, told):
    with pytest.raises(InputError, match=told):
        quantal_data(book().at(day, episode))


def test_own_lag_follows_the_answers_of_simulated_panels():
    made = spec().simulated(
        spec().prior_draw(observed(), stream("test/q")), observed(), stream("test/q", index=1)
    )
    np.testing.assert_array_equal(made.covariates[4:, :, -1], 2.0 * made.y[:-4] - 1)
    np.testing.assert_array_equal(made.covariates[:4], observed().covariates[:4])
    np.testing.assert_array_equal(made.covariates[:, :, :2], observed().covariates[:, :, :2])


def test_gradient_of_the_posterior_is_that_of_finite_differences():
    target = Target(observed(), spec().priors)
    point = target.start() + 0.1
    steps = 1e-5 * np.eye(point.size)
    differences = [
        (target.value_and_gradient(point + e)[0] - target.value_and_gradient(point - e)[0]) / 2e-5
        for e in steps
    ]
    np.testing.assert_allclose(target.value_and_gradient(point)[1], differences, atol=1e-5)
    assert target.log_density(point[None])[0] == pytest.approx(target.value_and_gradient(point)[0])


def test_posterior_is_calibrated():
    """Ranks of the truth among weighted draws, over panels drawn from the prior."""
    names = ("zeta", "level", "index", "surprise", "own_lag", "shock")
    ranks = {n: [] for n in names}
    for k in range(25):
        rng = stream("test/quantal/sbc", index=k)
        truth = spec().prior_draw(observed(), rng)
        found = posterior(spec().simulated(truth, observed(), rng), spec().priors, rng, first=150, draws=300)
        for i, name in enumerate(names):
            ranks[name].append(1 - found.above(i, float(truth[name])))
    p_values = {n: kstest(r, "uniform").pvalue for n, r in ranks.items()}
    assert min(p_values.values()) > 0.005, p_values


@pytest.mark.slow
def test_sampler_and_importance_sampling_agree_and_the_sampler_passes_its_checks():
    from overbuild.games.recovery import Cell, panel

    for data in (observed(), panel(Cell(80, 1.5), stream("test/quantal/nuts"))):
        fit = spec().fit_data(data, stream("test/quantal/nuts", index=1))
        found = posterior(data, spec().priors, stream("test/quantal/is"), first=1000, draws=8000)
        assert all(fit.diagnostics.checks.values())
        assert found.k < 0.7
        zeta = fit.draws("zeta")
        assert found.mean[0] == pytest.approx(zeta.mean(), abs=0.08)
        np.testing.assert_allclose(
            found.quantile(0, [0.05, 0.95]), np.quantile(zeta, [0.05, 0.95]), atol=0.15
        )
        assert found.mean[-1] == pytest.approx(fit.draws("shock").mean(), abs=0.05)
    said = QuantalPosterior(data, fit, 0.0, spec().priors).findings(stream("test"))
    assert 0 < said["zeta"]["learnt"] < 1
    assert said["payoff_by_rivals"][0] == said["payoff_alone"]


def test_joint_of_the_naive_logit_has_its_conditionals_and_adds_up():
    rng = np.random.default_rng(3)
    own, slope = rng.normal(size=(1, 3)), np.array([1.4])

    class One:
        @staticmethod
        def log_mean(logs):
            return float(logs[0])

    def chance(*y):
        return np.exp(joint_log_probability(own, slope, np.array(y), One()))  # pyright: ignore[reportArgumentType]

    assert chance(-1, -1, -1) == pytest.approx(1.0)
    odds = chance(1, 1, 0) / chance(0, 1, 0)
    assert np.log(odds) == pytest.approx(own[0, 0] + 1.4 * 0.5)


def test_scores_are_those_of_every_model_on_held_out_quarters():
    data = observed()
    short = replace(
        data,
        periods=data.periods[-18:],
        y=data.y[-18:],
        covariates=data.covariates[-18:],
        before=data.y[-22:-18],
    )
    found = scores(short, spec().priors)
    assert [m["model"] for m in found["models"]] == list(MODELS)
    assert found["number"] == 2
    assert found["answers"] == 10
    assert found["models"][0]["gain"] == 0
    by_name = {m["model"]: m["score"] for m in found["models"]}
    assert by_name["constant"] == pytest.approx(exact(short, own=False), abs=0.01)
    assert by_name["own_lag"] == pytest.approx(exact(short, own=True), abs=0.02)
    assert len(found["pairs"]) == 10
    for pair in found["pairs"]:
        gap = by_name[pair["first"]] - by_name[pair["second"]]
        assert pair["difference"] == pytest.approx(gap, abs=1e-12)
        assert pair["error"] > 0


def exact(data, *, own):
    """Score the last two quarters by a logit, its posterior on a grid of level and slope."""
    level, slope = np.meshgrid(np.linspace(-4, 4, 321), np.linspace(-3, 3, 241) if own else [0.0])
    prior = norm.logpdf(level, *spec().priors["level"])
    prior = prior + (norm.logpdf(slope, *spec().priors["own_lag"]) if own else 0.0)

    def log_likelihood(quarters):
        y, lag = data.y[quarters].ravel(), data.covariates[quarters, :, -1].ravel()
        chance = expit(level[..., None] + slope[..., None] * lag)
        return np.log(np.where(y == 1, chance, 1 - chance)).sum(axis=-1)

    total = 0.0
    for t in (16, 17):
        before = prior + log_likelihood(slice(0, t))
        weight = np.exp(before - before.max())
        total += np.log((weight * np.exp(log_likelihood(slice(t, t + 1)))).sum() / weight.sum())
    return total / 10


def test_error_of_a_difference_is_that_of_the_mean_where_answers_are_as_many():
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=30), rng.normal(size=30)
    gap, error = difference(first, second, np.full(30, 5))
    assert gap == pytest.approx((first - second).mean() / 5)
    assert error == pytest.approx((first - second).std(ddof=1) / np.sqrt(30) / 5)
    assert difference(second, first, np.full(30, 5)) == pytest.approx((-gap, error))


def test_logit_finds_its_mode():
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(400), rng.normal(size=400)])
    y = (rng.random(400) < 1 / (1 + np.exp(-x @ [0.3, 1.0]))).astype(float)
    logit = Logit(x, y, np.zeros(2), np.full(2, 10.0))
    mode = logit.mode()
    np.testing.assert_allclose(logit.value_and_gradient(mode)[1], 0, atol=1e-6)
    np.testing.assert_allclose(mode, [0.3, 1.0], atol=0.4)


def test_parts_of_the_panel_keep_own_answers_in_step():
    data = observed()
    late = from_quarter(data, GROSS_FROM)
    np.testing.assert_array_equal(late.covariates[4:, :, -1], 2.0 * late.y[:-4] - 1)
    np.testing.assert_array_equal(late.with_answers(late.y).covariates, late.covariates)
    four = without_firm(data, "Amazon")
    assert four.y.shape == (40, 4)
    np.testing.assert_array_equal(four.with_answers(four.y).covariates, four.covariates)
    old = older(data)
    assert old.periods == data.periods[1:]
    np.testing.assert_array_equal(old.covariates[:, :, :2], data.covariates[:-1, :, :2])
    np.testing.assert_array_equal(old.covariates[:, :, -1], data.covariates[1:, :, -1])
    np.testing.assert_array_equal(old.with_answers(old.y).covariates, old.covariates)
    bare = without(data, "own_lag")
    assert bare.names == ("index", "surprise")
    assert not bare.lagged
