"""The decisiveness read from shares: data, grid, recovery, refusals, what is said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta, kstest, multivariate_normal, norm

from overbuild.core import Snapshot
from overbuild.episodes import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError
from overbuild.games.contest import SAFE_ELASTICITY, overbuild_ratio, takes_part
from overbuild.games.contest_data import ContestData
from overbuild.games.contest_grid import (
    Priors,
    axes_of,
    design,
    draw,
    draw_prior,
    error_covariance,
    mean_and_covariance,
    posterior,
    priors_of,
)
from overbuild.games.contest_readings import by_elasticity, derived, overbuild_ratio_draws, what_decides
from overbuild.games.contest_shares import ContestModel, ContestPosterior
from overbuild.models import checking
from overbuild.models.bayesian import BayesianModel, BayesianPosterior
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import events_for
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)
QUICK = Sampling(chains=2, draws=200)
ENOUGH = Sampling(chains=4, draws=500)


@cache
def snapshot(episode: str, as_of: date = TODAY) -> Snapshot:
    return DataBook.load().at(as_of, episode, model_series("contest", episode))


def model() -> ContestModel:
    return ContestModel.of(read_priors().at(TODAY), {}, ENOUGH)


@cache
def fitted(episode: str) -> ContestPosterior:
    return model().fit(snapshot(episode), stream("contest/test"))


@cache
def found(episode: str) -> dict[str, Any]:
    return fitted(episode).findings(stream("contest/test/findings"))


def made(firms: int = 3, periods: int = 12, rise: float = 0.3) -> ContestData:
    """Return quarters in which one firm's capital overtakes the others'."""
    quarters = tuple(f"{2000 + i // 4}Q{i % 4 + 1}" for i in range(periods))
    capital = np.zeros((periods, firms))
    capital[:, 0] = rise * np.sin(np.arange(periods))
    capital[periods // 2 :, -1] += rise
    revenue = stream("contest/made").normal(0, 0.05, (periods, firms))
    return ContestData(
        "made", tuple("abc"[:firms]), quarters, firms, revenue, np.empty(0), capital, 0.2, groups=(0,) * firms
    )


def priors(data: ContestData, **changed: Any) -> Priors:
    return priors_of({**model().priors, **changed}, data.contenders)


class TestData:
    def test_ai(self):
        data = fitted("ai").data
        assert data.firms == ("Amazon", "Microsoft", "Alphabet") and data.contenders == 5
        assert (data.periods[0], data.periods[-1]) == ("2020Q1", "2026Q2")
        assert np.exp(data.log_revenue[-1]) == pytest.approx([42200, 39306, 24768])
        # 2017: 11,955 for the year and 3,074 in its third quarter; the rest is spread evenly.
        assert data.spent[4:8, 0] == pytest.approx([8881 / 3, 8881 / 3, 3074, 8881 / 3])
        assert data.spent[-1] == pytest.approx([44203, 30876, 35674])
        assert data.redefined == ((1, data.periods.index("2024Q3")),) and data.groups == (1, 0, 0)

    def test_telecom(self):
        data = fitted("telecom").data
        assert data.periods == ("2001", "2002", "2003") and data.contenders == 8
        assert np.exp(data.log_capital(0.2)[0]) == pytest.approx([164735, 98651])

    @pytest.mark.parametrize(("episode", "day"), [("telecom", date(1999, 12, 31)), ("ai", date(2021, 6, 30))])
    def test_too_little_is_refused_with_how_much_there_is(self, episode, day):
        with pytest.raises(InputError, match=r"are known together for \d+ (years|quarters) as of"):
            model().observed(snapshot(episode, day))

    def test_capital_that_grew_as_assumed_is_on_its_path_at_once(self):
        flow = np.exp(0.2 / 4 * np.arange(12))[:, None] * [1.0, 2.0]
        data = ContestData("x", ("a", "b"), made().periods[:8], 2, np.zeros((8, 2)), flow, np.empty(0), 0.2)
        stock = np.exp(data.log_capital(0.15))
        assert stock.shape == (8, 2)
        assert np.diff(np.log(stock), axis=0)[-1] == pytest.approx([0.05, 0.05], abs=0.004)
        assert stock[:, 1] == pytest.approx(2 * stock[:, 0])

    def test_growth_that_all_capital_shares_moves_nothing_however_unequal_the_reliabilities(self):
        data = replace(made(), groups=(1, 0, 0))
        grown = replace(data, log_reported=data.log_reported + np.linspace(0, 2, 12)[:, None])
        m = np.array([1.0, 0.4])
        assert grown.deviations(0.2, m) == pytest.approx(data.deviations(0.2, m))
        assert data.deviations(0.2, m) != pytest.approx(data.deviations(0.2, np.ones(2)))

    def test_contrasts_drop_what_is_common_and_keep_lengths(self):
        data = made()
        c = data.contrasts
        assert c @ c.T == pytest.approx(np.eye(2)) and c.sum(axis=1) == pytest.approx([0, 0])
        moved = data.log_revenue + np.arange(12.0)[:, None]
        assert data.contrasted(moved) == pytest.approx(data.contrasted(data.log_revenue))
        y = stream("contest/y").normal(size=24)
        assert data.contrasted(data.with_contrasts(y).log_revenue) == pytest.approx(y)

    def test_a_users_file(self, tmp_path: Path):
        from overbuild.episodes.own import own_book

        rows = [
            f"{firm},{year},{100 + 10 * k + 3 * (year % 4) * (k + 1)},{400 + 50 * k + 9 * year % 7}"
            for k, firm in enumerate("ABC")
            for year in range(1990, 2000)
        ]
        file = tmp_path / "boom.csv"
        file.write_text("firm,period,capex,revenue\n" + "\n".join(rows) + "\n")
        book = own_book(file)
        post = model().fit(book.at(book.newest, "own"), stream("own"))
        data = post.data
        assert json.dumps(post.findings(stream("own/findings")), allow_nan=False)
        assert data.firms == ("A", "B", "C") and data.contenders == 3 and len(data.periods) == 9
        assert model().fit_data(data, stream("own"), QUICK).draws("decisiveness").shape == (400,)
        assert post.sampled.draws("reliability").shape == (2000, 1)


class TestGrid:
    def test_likelihood_is_that_of_a_normal(self):
        data = replace(made(), redefined=((2, 5),))
        p = priors(data)
        post, axes = posterior(data, p), axes_of(data, p)
        z, spreads = design(data, p)
        assert z.shape == (24, 2 + 1 + 8 + 2)
        y = data.contrasted(data.log_revenue)
        at = [(40, 3, 2, 4, 8), (10, 0, 4, 1, 12)]
        logs = []
        for cell in at:
            r, d, m, rho, sd = (a.centres[i] for a, i in zip(axes.values(), cell, strict=True))
            covariance = error_covariance(sd, rho, data) + z @ np.diag(spreads**2) @ z.T
            mean = r * data.deviations(float(d), np.array([m]))
            prior = sum(np.log(np.diff(a.below)[i]) for a, i in zip(axes.values(), cell, strict=True))
            of_y = multivariate_normal.logpdf(y, mean, covariance)  # pyright: ignore[reportArgumentType]
            logs.append(of_y + prior)
        assert [post.log_joint[c] for c in at] == pytest.approx(logs, abs=1e-8)

    def test_prior_is_the_product_cut_to_where_firms_take_part(self):
        data = replace(made(), contenders=5)
        p = priors(data)
        drawn = draw_prior(data, p, 40_000, stream("contest/prior"))
        rng = stream("contest/rejection")
        r = norm(1.0, 0.5).rvs(400_000, random_state=rng)
        eta = beta(2, 2).rvs(400_000, random_state=rng)
        kept = (r > 0) & (r < 2) & takes_part(5, np.abs(r), eta) & (eta <= SAFE_ELASTICITY)
        assert kstest(drawn["decisiveness"], r[kept]).statistic < 0.012
        assert kstest(drawn["elasticity"], eta[kept]).statistic < 0.012
        assert np.corrcoef(drawn["decisiveness"], drawn["elasticity"])[0, 1] == pytest.approx(
            np.corrcoef(r[kept], eta[kept])[0, 1], abs=0.02
        )

    def test_terms_are_those_of_the_normal_given_the_rest(self):
        data = made()
        p = priors(data)
        drawn = draw(posterior(data, p), data, p, 4000, stream("contest/terms"))
        names = ("decisiveness", "depreciation", "reliability", "persistence", "deviation", "terms")
        gaps = []
        for k in range(0, 4000, 40):
            mean, errors = mean_and_covariance({n: drawn[n][k] for n in names}, data, p)
            white = np.linalg.solve(np.linalg.cholesky(errors), data.contrasted(data.log_revenue) - mean)
            gaps.append(float((white**2).mean()))
        assert np.median(gaps) == pytest.approx(1.0, abs=0.35)

    def test_only_slope_times_reliability_is_in_the_likelihood(self):
        data = made()
        p = priors(data)
        flat = posterior(data, p).log_joint - sum(
            np.log(np.diff(a.below)).reshape([-1 if i == k else 1 for i in range(5)])
            for k, a in enumerate(axes_of(data, p).values())
        )
        r, m = p.decisiveness.centres, p.reliability[0].centres
        # Quadratic in r, hence exact between cells.
        one, other = (np.polyval(np.polyfit(r, flat[:, 3, k, 3, 8], 2), 0.3 / m[k]) for k in (2, 5))
        assert one == pytest.approx(other, abs=1e-6)

    def test_a_known_slope_is_found_again(self):
        data = replace(made(periods=28, rise=0.6), contenders=5)
        spec = model()
        truth = spec.prior_draw(data, stream("contest/truth"))
        truth |= {"decisiveness": np.array(0.8), "deviation": np.array(0.02), "reliability": np.array([1.2])}
        simulated = spec.simulated(truth, data, stream("contest/simulated"))
        p = replace(priors(data), reliability=(priors(data).reliability[0],) * 2)
        drawn = draw(posterior(simulated, p), simulated, p, 4000, stream("contest/again"))
        product = drawn["decisiveness"] * drawn["reliability"][:, 0]
        acting = float(p.reliability[0].centres[p.reliability[0].cell(np.array(1.2))])
        assert product.mean() == pytest.approx(0.8 * acting, abs=0.1) and product.std() < 0.1


class TestModel:
    def test_it_is_a_bayesian_model(self):
        spec: BayesianModel = model()
        post: BayesianPosterior = fitted("ai")
        assert spec.name == "contest" and post.sampled.diagnostics.passed

    def test_firms_take_part_in_every_draw(self):
        s = fitted("ai").sampled
        assert takes_part(5, s.draws("decisiveness"), s.draws("elasticity")).all()
        assert s.draws("elasticity").max() <= SAFE_ELASTICITY

    def test_the_data_look_like_the_priors_and_the_posteriors(self):
        spec, post = model(), fitted("ai")
        rng = stream("contest/predictive")
        before = checking.prior_predictive(spec, post.data, rng, draws=200)
        after = checking.posterior_predictive(spec, post.data, post.sampled, rng, draws=200)
        for table in (before, after):
            assert (table["p_value"].to_numpy(dtype=float) > 0.01).all()

    def test_priors_that_no_data_speak_to_are_named(self):
        post = fitted("ai")
        table = checking.learnt(model(), post.data, post.sampled, stream("contest/learnt"), draws=500)
        said = checking.not_identified(table, model().not_identified)
        assert "elasticity" in said and "transfer_share" in said
        learnt = dict(zip(table["parameter"], table["learnt"], strict=True))
        assert learnt["decisiveness"] > 0.2

    def test_no_look_ahead(self):
        book = DataBook.load()
        day = date(2026, 6, 30)
        later = (book.table["available_from"] > day).to_numpy()
        poisoned = replace(book, table=book.table.assign(value=book.table["value"].where(~later, 1e12)))
        one, two = (b.at(day, "ai", model_series("contest", "ai")) for b in (book, poisoned))
        a, b = model().observed(one), model().observed(two)
        assert a.periods == b.periods and np.array_equal(a.log_revenue, b.log_revenue)
        assert np.array_equal(a.spent, b.spent) and a.periods[-1] == "2026Q1"

    def test_a_day_before_its_priors_were_chosen_is_refused(self):
        day = date(2026, 6, 30)
        early = ContestModel.of(read_priors().at(day), {}, QUICK)
        with pytest.raises(InputError, match="2026-11-22"):
            early.fit(snapshot("ai", day), stream("x"))

    def test_it_forecasts_no_event(self):
        events = [e for found in events_for("ai", by="2028Q4").values() for e in found]
        made_ = fitted("ai").forecasts(snapshot("ai"), events, stream("x"))
        assert len(made_) == len(events) and all(f.probability is None and f.abstains for f in made_)

    @pytest.mark.slow
    def test_it_is_calibrated(self):
        spec = model()
        data = spec.observed(snapshot("ai"))
        sims = tuple(checking.simulate_and_fit(spec, data, k) for k in range(100))
        assert checking.Calibration("contest", sims).passed


class TestFindings:
    @pytest.mark.parametrize("episode", ["ai", "telecom"])
    def test_they_are_plain_and_whole(self, episode):
        text = json.dumps(found(episode), allow_nan=False)
        assert json.loads(text) == found(episode)
        for name in ("rivalry_ratio", "break_even_ratio", "overbuild_ratio", "dissipation", "reaction_slope"):
            both = found(episode)[name]
            for side in ("posterior", "prior"):
                assert both[side]["q05"] <= both[side]["q50"] <= both[side]["q95"]
            assert both["learnt"] < 1

    def test_without_a_transfer_nothing_is_overbuilt_and_more_of_it_raises_the_ratio(self):
        rows = found("ai")["overbuild_by_transfer_share"]
        assert rows[0]["posterior"]["above"] < 0.005
        medians = [r["posterior"]["q50"] for r in rows]
        assert medians == sorted(medians) and len(rows) == 4
        by = found("ai")["by_elasticity"]
        assert len(by) == 12 and all(0 <= r["above"] <= 1 for r in by)

    def test_given_an_elasticity_draws_are_those_of_decisiveness_and_elasticity_together(self):
        data = replace(made(), contenders=5)
        p = priors(data)
        drawn = draw_prior(data, p, 400_000, stream("contest/given"))
        r = drawn["decisiveness"]
        rows = by_elasticity(r, p.chance_of_part(r), 5)
        for eta in (0.2, 0.5, 0.8):
            near = np.abs(drawn["elasticity"] - eta) < 0.01
            ratio = overbuild_ratio(5, r[near], eta, 0.5)
            row = next(x for x in rows if (x["elasticity"], x["transfer_share"]) == (eta, 0.5))
            assert row["q50"] == pytest.approx(np.median(ratio), rel=0.05 if eta < 0.8 else 0.12)
            assert row["above"] == pytest.approx(np.mean(ratio > 1), abs=0.02)

    def test_telecom_learns_next_to_nothing(self):
        assert abs(found("telecom")["decisiveness"]["learnt"]) < 0.15
        assert len(found("telecom")["readings"]) >= 4

    def test_other_readings_are_told(self):
        what = {r["what"]: r for r in found("ai")["readings"]}
        assert {"as set", "without Amazon", "reliability 1", "no trends of firms"} <= set(what)
        assert what["as set"]["q50"] == found("ai")["decisiveness"]["q50"]
        assert what["reliability 1"]["q50"] < what["reliability below 1"]["q50"]
        wide = [what[n]["q95"] - what[n]["q05"] for n in ("reliability 1", "as set", "reliability below 1")]
        assert wide == sorted(wide)

    def test_draws_that_are_handed_on(self):
        handed = fitted("ai").overbuild_ratio()
        assert handed.name == "equilibrium over planner's capacity" and handed.as_of == TODAY
        assert (fitted("ai").overbuild_ratio(0.0).values <= 1 + 1e-9).all()
        draws = {
            "decisiveness": np.array([1.0]),
            "elasticity": np.array([0.5]),
            "transfer_share": np.array([0.5]),
        }
        assert overbuild_ratio_draws(draws, 5, TODAY).values == pytest.approx([3.24])
        assert overbuild_ratio(5, 1.0, 0.5, 0.5) == pytest.approx(3.24)

    def test_what_decides_is_a_split_of_the_variance(self):
        rng = stream("contest/decides")
        size = 20_000
        draws = {
            "decisiveness": np.full(size, 0.5) + 1e-6 * rng.random(size),
            "elasticity": np.full(size, 0.5) + 1e-6 * rng.random(size),
            "transfer_share": rng.uniform(0, 0.8, size),
        }
        split = what_decides(draws, 5)
        assert split["transfer_share"] > 0.98 and split["decisiveness"] < 0.02
        assert derived(draws, 5)["dissipation"] == pytest.approx(np.full(size, 0.5), abs=1e-5)

    def test_the_sentence_says_what_is_a_prior(self):
        said = fitted("ai").sentence()
        assert "no effect" in said and "priors" in said and "prior 0.1" in said
