"""The clock: templates from the data, the grid against other integrals, recovery, look-ahead and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import kstest, lognorm, multivariate_normal, norm

from overbuild.core import Snapshot
from overbuild.episodes import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError
from overbuild.models.bayesian import BayesianModel, BayesianPosterior
from overbuild.models.clock import FEWEST, ClockModel, window_of
from overbuild.models.clock_grid import (
    COARSE,
    HEIGHT_EDGES,
    HEIGHT_MIDDLES,
    Axes,
    axes_of,
    beta_axis,
    covariances,
    draw,
    error_covariance,
    lognormal_axis,
    posterior,
    spread,
    uniform_axis,
    weights,
)
from overbuild.models.clock_posterior import ABSTAINS, ClockData, ClockPosterior
from overbuild.models.clock_scores import leave_future_out, mean_scores, normal_log_density, rival_evidence
from overbuild.models.clock_templates import AFTER, SOURCES, Template, template_from, templates_of
from overbuild.models.clock_validation import mixed_phase, read_past, summary
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling, load
from overbuild.probability.definitions import events_for
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)
QUICK = Sampling(chains=2, draws=100)
EXACT = 1e-9
"""Closed forms against the same sums done otherwise: rounding only."""


@cache
def snapshot(episode: str, as_of: date) -> Snapshot:
    return DataBook.load().at(as_of, episode, model_series("clock", episode))


def model(as_of: date = TODAY, sampling: Sampling = QUICK) -> ClockModel:
    return ClockModel.of(read_priors().at(as_of), {}, sampling)


@cache
def fitted(episode: str, as_of: date) -> ClockPosterior:
    return model(as_of).fit(snapshot(episode, as_of), stream("clock/test"))


@cache
def found(episode: str, as_of: date) -> dict[str, Any]:
    return fitted(episode, as_of).findings(stream("clock/test/findings"))


def hill() -> Template:
    """A boom that rises for six years and falls for four."""
    level = pd.Series([1.0, 1.2, 1.6, 2.3, 3.2, 3.8, 4.0, 3.0, 2.0, 1.6, 1.5], index=range(1900, 1911))
    return template_from("hill", "Hill", "count", level)


def ramp() -> Template:
    level = pd.Series(np.exp(0.1 * np.arange(11)), index=range(1900, 1911))
    return template_from("ramp", "Ramp", "count", level)


def axes(**changed: Any) -> Axes:
    return axes_of({**model().priors, **changed}, COARSE)


def data_of(*templates: Template, periods: int = 12) -> ClockData:
    names = tuple(str(1950 + i) for i in range(periods))
    years = np.arange(1.0 - periods, 1.0)
    return ClockData("made", names, np.zeros(periods), years, None, templates)


class TestTemplates:
    def test_they_are_what_is_published_of_them(self) -> None:
        every = {t.name: t for t in templates_of(snapshot("ai", TODAY))}
        assert set(every) == {s.name for s in SOURCES}
        peaks = {n: t.peak for n, t in every.items()}
        assert peaks["railroads"] == 1872
        assert peaks["telecom"] == 2000
        assert peaks["shale"] == 2014
        # Historical Statistics of the United States has 7,439 miles built in 1872 and 819 in 1865.
        assert every["railroads"].rise == pytest.approx(np.log(7439 / 819), abs=1e-3)
        # 0.90 % of GDP in 2000, 0.47 % in 2003.
        telecom = every["telecom"]
        assert np.exp(telecom.at(np.array([3.0])))[0] == pytest.approx(0.47 / 0.90, abs=0.01)

    def test_curve_passes_the_years_adds_no_peak_and_is_flat_outside(self) -> None:
        t = hill()
        assert (t.peak, t.start, t.end, t.span) == (1906, -6.0, 4.0, (-6.0, 4.0))
        np.testing.assert_allclose(t.at(np.arange(-6.0, 5.0)), t.levels, atol=EXACT)
        dense = t.at(np.linspace(-9, 9, 2001))
        assert dense.max() <= EXACT
        np.testing.assert_allclose(dense[[0, -1]], [t.levels[0], t.levels[-1]])
        assert t.rise == pytest.approx(np.log(4))
        assert t.fall == pytest.approx(np.log(4 / 1.5))

    def test_only_booms_whose_course_was_known_enter(self) -> None:
        in_1999 = {t.name for t in templates_of(snapshot("telecom", date(1999, 12, 31)))}
        assert in_1999 == {"railroads", "turbines_1970s", "interstates", "postwar_power"}
        in_2024 = {t.name for t in templates_of(snapshot("ai", date(2024, 6, 30)))}
        assert in_2024 == {s.name for s in SOURCES}

    def test_an_episode_does_not_explain_itself(self) -> None:
        assert "telecom" not in {t.name for t in templates_of(snapshot("telecom", TODAY))}

    def test_a_boom_does_not_explain_years_that_it_holds(self) -> None:
        assert "cloud" in {t.name for t in templates_of(snapshot("ai", TODAY), "2023Q1")}
        assert "cloud" not in {t.name for t in templates_of(snapshot("ai", TODAY), "2018Q1")}

    def test_today_is_at_most_eight_years_after_a_peak(self) -> None:
        assert all(t.span[1] <= AFTER for t in templates_of(snapshot("ai", TODAY)))


class TestAxes:
    def test_lognormal_cells_have_the_mass_of_the_cut_lognormal(self) -> None:
        axis = lognormal_axis(0.08, 0.6, 14)
        whole = lognorm(0.6, scale=0.08).cdf(axis.edges)
        expected = np.diff(whole) / (whole[-1] - whole[0])
        np.testing.assert_allclose(np.exp(axis.log_mass), expected, atol=EXACT)

    @pytest.mark.parametrize(
        "axis", [uniform_axis(-9, 8, 0.125), lognormal_axis(1, 0.3, 15), beta_axis(2, 3, 10)]
    )
    def test_draws_lie_in_their_cells(self, axis: Any) -> None:
        drawn = axis.draw(2000, stream("clock/test/axis"))
        cells = axis.cell(drawn)
        assert ((drawn >= axis.edges[cells]) & (drawn <= axis.edges[cells + 1])).all()
        np.testing.assert_array_equal(axis.cell(axis.centres), np.arange(axis.centres.size))
        share = np.bincount(cells, minlength=axis.centres.size) / drawn.size
        np.testing.assert_allclose(share, np.diff(axis.below), atol=0.05)

    def test_peak_is_an_edge_of_every_phase(self) -> None:
        for t in templates_of(snapshot("ai", TODAY)):
            assert np.isclose(axes_of(model().priors).phase(t).edges, 0.0, atol=EXACT).any()


class TestGrid:
    @pytest.mark.parametrize(("seasonal", "part"), [(False, 0), (True, 1), (True, 2), (False, 4)])
    def test_cell_equals_the_integral_over_height_of_a_normal_density(
        self, seasonal: bool, part: int
    ) -> None:
        t, own = hill(), axes()
        seasons = np.arange(9) % 4 if seasonal else None
        years = np.arange(-8.0, 1.0) / (4 if seasonal else 1)
        y = 0.3 * np.sin(years) + 0.1 * years
        post = posterior(y, years, seasons, t, own)
        i, j, g, d, p = 9, 4, part, 5, 2
        f = t.at(post.phase.centres[i] + own.pace.centres[j] * years)
        covariance = covariances(own, years, seasons, spread(HEIGHT_MIDDLES))[g, d, p]
        density = multivariate_normal(np.full(y.size, own.level[0]), covariance)
        mu, tau = own.height

        def integrand(h: float) -> float:
            return density.pdf(y - h * f) * norm.pdf(h, mu, tau) / norm.sf(0, mu, tau)

        expected = np.log(
            quad(integrand, HEIGHT_EDGES[g], min(HEIGHT_EDGES[g + 1], 12.0), epsabs=0, epsrel=1e-10)[0]
        )
        prior = sum(
            float(a.log_mass[k])
            for a, k in ((post.phase, i), (own.pace, j), (own.deviation, d), (own.persistence, p))
        )
        assert post.log_joint[i, j, g, d, p] - prior == pytest.approx(expected, abs=1e-7)

    def test_prior_is_a_distribution_and_comes_back_without_data(self) -> None:
        t, own = hill(), axes()
        post = posterior(np.empty(0), np.empty(0), None, t, own)
        assert post.log_evidence == pytest.approx(0.0, abs=EXACT)
        np.testing.assert_allclose(post.marginal(0), np.diff(post.phase.below), atol=EXACT)

    def test_covariance_of_errors_is_that_of_an_autoregression(self) -> None:
        rho, sigma, n = 0.6, 0.1, 5
        step = np.eye(n) - rho * np.eye(n, k=-1)
        innovations = np.diag([sigma**2] + [sigma**2 * (1 - rho**2)] * (n - 1))
        inverse = np.linalg.inv(step)
        np.testing.assert_allclose(
            error_covariance(sigma, rho, np.arange(float(n))), inverse @ innovations @ inverse.T, atol=EXACT
        )

    def test_draws_agree_with_the_cells(self) -> None:
        t, own = hill(), axes()
        years = np.arange(-8.0, 1.0)
        y = np.log(2.0) + 0.7 * t.at(2.0 + years)
        post = posterior(y, years, None, t, own)
        drawn = draw([post], [t], y, years, None, own, 20_000, stream("clock/test/draws"))
        share = np.bincount(post.phase.cell(drawn["phase"]), minlength=post.phase.centres.size) / 20_000
        np.testing.assert_allclose(share, post.marginal(0), atol=0.015)
        part = np.searchsorted(HEIGHT_EDGES, drawn["height"], side="right") - 1
        np.testing.assert_allclose(np.bincount(part, minlength=5) / 20_000, post.marginal(2), atol=0.015)
        assert drawn["level"].mean() == pytest.approx(np.log(2.0), abs=0.05)
        assert (drawn["height"] > 0).all()

    def test_weights_are_evidence_over_its_sum(self) -> None:
        years = np.arange(-8.0, 1.0)
        both = [posterior(0.1 * years, years, None, t, axes()) for t in (hill(), ramp())]
        first, second = (np.exp(p.log_evidence) for p in both)
        np.testing.assert_allclose(weights(both), np.array([first, second]) / (first + second))
        assert weights(both)[1] > 0.8


class TestScores:
    def test_random_walk_is_a_sum_of_independent_changes(self) -> None:
        own = axes(level=(0.0, 1e-3))
        years, y = np.arange(-4.0, 1.0), np.array([0.0, 0.1, 0.15, 0.3, 0.28])
        evidence = rival_evidence("random_walk", own, (0.0, 0.3))(y, years, None)
        mass = np.exp(own.deviation.log_mass)
        each = [norm.logpdf(np.diff(y), 0, s).sum() for s in own.deviation.centres]
        expected = np.log(mass @ np.exp(each)) + norm.logpdf(y[0], 0, 1e-3)
        assert evidence == pytest.approx(expected, abs=0.02)

    def test_normal_density_is_scipys(self) -> None:
        covariance = error_covariance(0.2, 0.5, np.arange(4.0))
        gap = np.array([0.1, -0.2, 0.3, 0.0])
        law: Any = multivariate_normal
        expected = law.logpdf(gap, np.zeros(4), covariance)
        assert normal_log_density(gap, covariance) == pytest.approx(expected)

    def test_scores_cover_every_origin_and_the_best_comes_first(self) -> None:
        years = np.arange(-8.0, 1.0)
        y = 0.9 * hill().at(years + 1)
        curves: dict[str, Any] = {"hill": hill(), "ramp": ramp()}
        rows = leave_future_out(y, years, None, [str(i) for i in range(9)], curves, axes(), (0.0, 0.3))
        assert {(r["origin"], r["horizon"]) for r in rows} == {
            ("5", 1), ("5", 2), ("6", 1), ("6", 2), ("7", 1)
        }  # fmt: skip
        table = mean_scores(rows)
        one = [r["score"] for r in table if r["horizon"] == 1]
        assert one == sorted(one, reverse=True)

    def test_score_of_a_mixture_lies_between_those_of_its_members(self) -> None:
        rows = found("ai", TODAY)["scores"]
        for origin in {r["origin"] for r in rows}:
            own = {r["model"]: r["score"] for r in rows if r["origin"] == origin and r["horizon"] == 2}
            members = [own[s.name] for s in SOURCES]
            assert min(members) <= own["mixture"] <= max(members)


class TestValidation:
    def test_a_copy_of_a_boom_reads_its_own_phase(self) -> None:
        twin = replace(hill(), name="twin")
        rows = read_past((hill(), twin), axes())
        after = [r for r in rows if r["truth"] > 0]
        assert after
        assert all(abs(r["q50"] - r["truth"]) < 0.5 for r in after)
        got = summary(rows)
        assert got is not None
        assert got["all"]["coverage"] == 1.0
        assert got["brier"] < got["prior_brier"]

    def test_one_template_can_be_tried_on_nothing(self) -> None:
        assert read_past((hill(),), axes()) == []
        assert summary([]) is None

    def test_mixed_phase_of_one_template_is_its_own(self) -> None:
        post = posterior(np.zeros(3), np.arange(-2.0, 1.0), None, hill(), axes())
        got = mixed_phase([post])
        ends = np.concatenate([[0.0], np.cumsum(post.marginal(0))])
        assert got["q50"] == pytest.approx(np.interp(0.5, ends, post.phase.edges))
        assert (got["prior_q50"], got["prior_sd"]) == pytest.approx((-1.0, 10 / np.sqrt(12)), abs=1e-6)


class TestModel:
    def test_it_is_a_bayesian_model(self) -> None:
        m: BayesianModel = model()
        p: BayesianPosterior = fitted("ai", TODAY)
        assert (m.name, p.compile_seconds) == ("clock", 0.0)

    def test_a_boom_past_its_peak_is_read_as_such(self) -> None:
        data, m = data_of(hill(), ramp(), periods=9), model()
        truth = {
            "template": 0.5, "phase": 2.05, "pace": 1.0, "height": 1.2, "level": 0.4,
            "deviation": 0.02, "persistence": 0.3,
        }  # fmt: skip
        rng = stream("clock/test/recovery")
        made = m.simulated({k: np.array(v) for k, v in truth.items()}, data, rng)
        fit = m.fit_data(made, rng, Sampling(chains=2, draws=500))
        assert (fit.draws("template") < 1).mean() > 0.95
        assert fit.draws("phase").mean() == pytest.approx(2.05, abs=0.4)
        assert fit.draws("height").mean() == pytest.approx(1.2, abs=0.3)
        assert (fit.draws("phase") > 0).mean() > 0.99

    def test_prior_draws_have_the_shapes_of_the_posterior(self) -> None:
        for episode in ("ai", "telecom"):
            data = model().observed(snapshot(episode, TODAY))
            drawn = model().prior_draw(data, stream("clock/test/prior"))
            fit = fitted(episode, TODAY).sampled
            assert all(fit.draws(n).shape[1:] == v.shape for n, v in drawn.items())
            assert set(model().ranked) <= set(drawn)
            again = model().simulated(drawn, data, stream("clock/test/again"))
            assert all(np.isfinite(v) for v in model().statistics(again).values())

    def test_same_stream_same_draws_and_they_can_be_saved(self, tmp_path: Path) -> None:
        data = model().observed(snapshot("telecom", date(1999, 12, 31)))
        one, two = (model().fit_data(data, stream("clock/test/same")) for _ in range(2))
        np.testing.assert_array_equal(one.draws("phase"), two.draws("phase"))
        np.testing.assert_array_equal(load(one.save(tmp_path / "c.nc")).draws("pace"), one.draws("pace"))

    def test_diagnostics_pass_with_the_usual_number_of_draws(self) -> None:
        data = model().observed(snapshot("telecom", date(1999, 12, 31)))
        found = model().fit_data(data, stream("clock/test/many"), Sampling()).diagnostics
        assert found.passed
        assert found.ess_bulk > 3000

    @pytest.mark.parametrize(
        ("episode", "as_of", "points"),
        [("ai", TODAY, 14), ("telecom", date(1997, 12, 31), 6), ("telecom", TODAY, 13)],
    )
    def test_windows(self, episode: str, as_of: date, points: int) -> None:
        data = model().observed(snapshot(episode, as_of))
        assert len(data.periods) == points
        assert data.years[-1] == 0
        assert (data.seasons is None) == (episode == "telecom")

    def test_share_of_gdp_is_what_is_quoted(self) -> None:
        data = model().observed(snapshot("telecom", TODAY))
        shares = dict(zip(data.periods, np.exp(data.y), strict=True))
        assert shares["2000"] == pytest.approx(0.90, abs=0.01)
        assert shares["2003"] == pytest.approx(0.47, abs=0.01)

    def test_findings_are_plain_small_and_whole(self) -> None:
        for episode in ("ai", "telecom"):
            text = json.dumps(found(episode, TODAY), allow_nan=False)
            assert len(text) < 200_000
            rows = found(episode, TODAY)["templates"]
            assert sum(r["weight"] for r in rows) == pytest.approx(1)
        told = found("ai", TODAY)["telecom_year"]
        assert sum(told["probability"]) == pytest.approx(1)
        assert 1991 <= told["q05"] <= told["q50"] <= told["q95"] <= 2008
        assert found("telecom", TODAY)["telecom_year"] is None
        assert "telecom template" in fitted("ai", TODAY).sentence()

    def test_telecom_after_its_fall_is_read_as_past_the_peak(self) -> None:
        assert found("telecom", TODAY)["mixture"]["past_peak"] > 0.8

    def test_it_abstains_from_every_event(self) -> None:
        events = [e for group in events_for("ai", by="2028Q4").values() for e in group]
        said = fitted("ai", TODAY).forecasts(snapshot("ai", TODAY), events, stream("clock/test/events"))
        assert [f.event for f in said] == [e.definition for e in events]
        assert all(f.probability is None and f.abstains == ABSTAINS for f in said)


class TestNoLookAhead:
    @pytest.mark.parametrize(
        ("episode", "as_of"), [("ai", date(2025, 6, 30)), ("telecom", date(1999, 12, 31))]
    )
    def test_rows_known_later_change_nothing(self, episode: str, as_of: date) -> None:
        book = DataBook.load()
        later = (book.table["available_from"] > as_of).to_numpy()
        value = book.table["value"].to_numpy(dtype=float)
        poisoned = replace(book, table=book.table.assign(value=np.where(later, 1e6 * value, value)))
        also = model_series("clock", episode)
        clean, other = (
            model(as_of).fit(b.at(as_of, episode, also), stream("clock/test/poison"))
            for b in (book, poisoned)
        )
        assert later.any()
        np.testing.assert_array_equal(clean.sampled.draws("phase"), other.sampled.draws("phase"))
        np.testing.assert_array_equal(clean.weights, other.weights)
        np.testing.assert_array_equal(clean.longer.y, other.longer.y)


class TestRefusals:
    def test_ai_in_1999(self) -> None:
        with pytest.raises(InputError, match=r"known for 0 quarters since 2023Q1 as of 1999-12-31.*needs 8"):
            model(date(1999, 12, 31)).observed(snapshot("ai", date(1999, 12, 31)))

    def test_too_few_years(self) -> None:
        with pytest.raises(InputError, match=f"5 years.*needs {FEWEST[1]}"):
            model(date(1996, 12, 31)).observed(snapshot("telecom", date(1996, 12, 31)))

    def test_no_history_at_all(self) -> None:
        empty = replace(snapshot("ai", TODAY), histories=())
        assert window_of(replace(empty, episode="own")).first == ""
        with pytest.raises(InputError, match="known for 0"):
            model().observed(empty)

    def test_no_template(self) -> None:
        seen = snapshot("telecom", TODAY)
        bare = replace(seen, table=seen.table.loc[seen.table["series"] == "gdp_annual"])
        with pytest.raises(InputError, match="No past boom"):
            model().observed(bare)

    def test_any_other_episode_is_read_over_the_last_years_of_its_record(self) -> None:
        data = model().observed(snapshot("us_wind_solar", TODAY))
        assert (data.periods[0], data.periods[-1]) == ("2010", "2017")


@pytest.mark.slow
def test_ranks_are_uniform() -> None:
    m = model()
    data = m.observed(snapshot("telecom", date(2001, 12, 31)))
    ranks: dict[str, list[float]] = {}
    for i in range(120):
        rng = stream("clock/test/calibration", index=i)
        truth = m.prior_draw(data, rng)
        fit = m.fit_data(m.simulated(truth, data, rng), rng)
        for name in (*m.ranked, "template"):
            ranks.setdefault(name, []).append(float((fit.draws(name) < truth[name]).mean()))
    p = {n: float(kstest(r, "uniform").pvalue) for n, r in ranks.items()}
    assert min(p.values()) > 0.01 / len(p), p
