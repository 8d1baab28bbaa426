"""The regression on analogues: what it conditions on, simulates, refuses and forecasts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Snapshot
from overbuild.episodes import DataBook, load_episode
from overbuild.errors import InputError
from overbuild.models.analogue_data import data_of, doublings
from overbuild.models.analogue_likelihood import PARAMETERS
from overbuild.models.analogue_posterior import PHYSICAL as ITS_EVENT
from overbuild.models.analogue_posterior import (
    AnaloguePosterior,
    chance_of,
    listed_as,
    lives,
    prior_draws,
)
from overbuild.models.analogue_regression import SAMPLING, AnalogueRegression
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import events_for
from overbuild.probability.outside import PHYSICAL
from overbuild.probability.selection import true_rate
from overbuild.randomness import stream

from .analogue_lists import ROWS, sampled, table

AS_OF, HINDCAST = date(2026, 11, 22), date(1999, 12, 31)


def model(day: date = AS_OF) -> AnalogueRegression:
    return AnalogueRegression.of(read_priors().at(day), {})


def snapshot(episode: str = "ai", day: date = AS_OF) -> Snapshot:
    return load_episode(episode, day).snapshot


def test_the_list_as_it_was_known_without_the_episode_itself() -> None:
    every, then = model().observed(snapshot()), model(HINDCAST).observed(snapshot("telecom", HINDCAST))
    later = model().observed(snapshot("telecom"))
    assert every.booms > later.booms > then.booms >= 8
    assert "us_telecom_1996_2002" in every.names
    assert not {"us_telecom_1996_2002", "us_web_hosting_1999_2003"} & {*then.names, *later.names}
    assert "ai_buildout_2023" not in every.names


def test_missing_cells_stay_missing_and_are_counted() -> None:
    data = data_of(table())
    assert np.isnan(data.life).sum() == 2
    assert np.isnan(data.debt).sum() == data.missing["debt_financed"] == 3
    assert data.missing["utilisation_before"] is None
    assert data.life[0] == pytest.approx(1.0)
    assert data.count == 6
    assert (data.of([0, 1, 7]).clusters == [0, 0, 1]).all()


def test_rows_known_later_change_nothing(project_data) -> None:
    book = DataBook.load(project_data)
    late = np.array([d > HINDCAST for d in book.booms["available_from"]])
    poisoned = book.booms.copy()
    poisoned.loc[late, "asset_life_years"] = "57000000"
    poisoned.loc[late, "overbuilt"] = "no"
    spec = model(HINDCAST)
    one, two = (spec.observed(b.at(HINDCAST, "telecom")) for b in (book, replace(book, booms=poisoned)))
    for name, values in one.arrays(0.0).items():
        np.testing.assert_array_equal(values, two.arrays(0.0)[name])


def test_ai_in_1999_is_refused_with_what_there_is_and_what_it_takes() -> None:
    with pytest.raises(InputError, match=r"16 past booms .* 2026-11-22") as told:
        model(HINDCAST).observed(snapshot("ai", HINDCAST))
    assert "\n" not in str(told.value)


def test_a_short_list_and_one_without_covariates_are_refused() -> None:
    with pytest.raises(InputError, match="7 booms have a known outcome"):
        data_of(table(ROWS[:7]))
    with pytest.raises(InputError, match="neither asset_life_years nor debt_financed"):
        data_of(table(asset_life_years="", debt_financed="unknown"))
    assert data_of(table(asset_life_years="")).booms == 8


def test_simulated_lists_keep_what_is_missing() -> None:
    spec, rng = model(), np.random.default_rng(1)
    data = data_of(table())
    for partly in (0.0, 0.5):
        chosen = spec.with_partly(partly)
        made = chosen.simulated(chosen.prior_draw(data, rng), data, rng)
        before, after = data.arrays(partly), made.arrays(partly)
        for name in ("life_known", "debt_known", "main_known", "critic_known", "member", "support"):
            np.testing.assert_array_equal(before[name], after[name])
        assert set(after["main"]) <= {0.0, 1.0}


def test_simulated_labels_err_and_repeat_as_often_as_they_should() -> None:
    spec, rng = model(), np.random.default_rng(2)
    data = data_of(table([(f"b{i}", "", *r[2:]) for i, r in enumerate([ROWS[0], ROWS[6]] * 4000)]))
    truth = spec.prior_draw(data, rng) | {
        "alpha": np.array(50.0),
        "beta_life": np.array(0.0),
        "beta_debt": np.array(0.0),
        "label_error": np.array([0.1, 0.1, 0.1]),
        "repeats": np.array([0.6, 0.6, 0.6]),
        "critic_error": np.array(0.3),
    }
    made = spec.simulated(truth, data, rng)
    assert np.mean(made.main) == pytest.approx(0.9, abs=0.02)
    differ = 0.4 * (0.9 * 0.3 + 0.1 * 0.7)
    assert np.mean(made.main != made.critic) == pytest.approx(differ, abs=0.02)


def test_statistics_are_finite_also_without_variation() -> None:
    spec = model()
    for data in (data_of(table()), data_of(table(overbuilt="yes", debt_financed="", cluster=""))):
        assert np.isfinite(list(spec.statistics(data).values())).all()
    assert spec.statistics(data_of(table()))["overbuilt, main label"] == pytest.approx(0.5)


def test_selection_and_event_are_those_of_the_constant_rate() -> None:
    o = np.linspace(0.01, 0.99, 9)
    for psi in (0.2, 0.5, 1.0):
        np.testing.assert_allclose(listed_as(o, psi), true_rate(o, psi))
    assert PHYSICAL.id == ITS_EVENT


def test_assumed_lives_have_the_median_and_the_ends_of_their_prior() -> None:
    years = lives((6.0, 0.5, 2.0, 20.0), 4001)
    assert 2.0 <= years.min() < years.max() <= 20.0
    assert np.median(lives((6.0, 0.5, 1e-3, 3.6e4), 4001)) == pytest.approx(6.0, rel=1e-3)


def test_of_its_event_it_gives_a_probability_and_of_others_a_reason() -> None:
    spec, seen = model(), snapshot()
    data = spec.observed(seen)
    fit = sampled(spec, np.random.default_rng(4))
    posterior = AnaloguePosterior(data, fit, 0.0, spec, "ai")
    events = [*(found[0] for found in events_for("ai", by="2030Q4").values()), PHYSICAL]
    made = posterior.forecasts(seen, events, stream("test"))
    assert [f.event for f in made] == [e.definition for e in events]
    assert all(f.abstains for f in made[:-1])
    last = made[-1]
    assert last.probability == pytest.approx(posterior.chance.mean())
    assert last.spread is not None
    assert last.probability is not None
    assert last.spread[0] < last.probability < last.spread[2]
    assert last.evidence == "prior-driven", "draws of the prior have learnt nothing"
    assert posterior.sentence()


def test_a_boom_of_which_nothing_is_assumed_is_averaged_over_the_list() -> None:
    spec = model()
    draws = prior_draws(spec, data_of(table()), np.random.default_rng(5), 50)
    assert chance_of(spec, None, draws).shape == (50,)
    assert doublings(np.array([20.0]))[0] == 0.0


def test_a_reading_is_another_model_with_the_same_machine_code() -> None:
    spec = model()
    assert spec.with_partly(1.0).partly == 1.0
    assert spec.sampling == SAMPLING
    assert replace(spec, sampling=Sampling(draws=10)).ranked == PARAMETERS


@pytest.mark.slow
def test_the_prior_of_the_checks_is_that_of_the_sampler() -> None:
    import pymc as pm

    from overbuild.models.analogue_graph import build

    spec, rng = model(), np.random.default_rng(6)
    graph = build(spec.priors)
    theirs = dict(
        zip(PARAMETERS, pm.draw([graph[n] for n in PARAMETERS], draws=4000, random_seed=7), strict=True)
    )
    mine = prior_draws(spec, data_of(table()), rng)
    for name in PARAMETERS:
        error = theirs[name].std(axis=0) * np.sqrt(2 / 4000)
        assert (np.abs(mine[name].mean(axis=0) - theirs[name].mean(axis=0)) <= 5 * error).all(), name
        np.testing.assert_allclose(mine[name].std(axis=0), theirs[name].std(axis=0), rtol=0.12, err_msg=name)


@pytest.mark.slow
def test_a_long_list_gives_back_the_coefficients_that_made_it() -> None:
    spec = replace(model(), sampling=Sampling(chains=2, draws=200, tune=300, target_accept=0.9))
    data = data_of(table([(f"b{i}", f"c{i // 2}", *ROWS[i % 8][2:]) for i in range(300)]))
    rng = stream("test/recovery")
    truth = spec.prior_draw(data, rng) | {
        "alpha": np.array(0.4),
        "beta_life": np.array(0.8),
        "beta_debt": np.array(-0.9),
        "tau": np.array(0.6),
        "label_error": np.array([0.03, 0.05, 0.1]),
    }
    fit = spec.fit_data(spec.simulated(truth, data, rng), rng)
    for name in ("alpha", "beta_life", "beta_debt", "life_mean", "life_sd", "debt_share"):
        draws = fit.draws(name)
        assert abs(draws.mean() - truth[name]) < 4 * draws.std(), name
    assert fit.draws("beta_life").std() < 0.3


@pytest.mark.slow
def test_a_fit_passes_and_its_findings_are_plain() -> None:
    spec, seen = model(HINDCAST), snapshot("telecom", HINDCAST)
    posterior = spec.fit(seen, stream("test/fit"))
    assert posterior.sampled.diagnostics.passed
    found = posterior.findings(stream("test/findings"))
    text = json.dumps(found, allow_nan=False)
    assert len(text) < 200_000
    assert found["scores"]["booms"] == posterior.data.booms
    again = spec.fit(seen, stream("test/fit"))
    pd.testing.assert_series_equal(pd.Series(posterior.chance), pd.Series(again.chance))
