"""The rate of physical overbuild among past booms: the design's numbers, closed forms, and calibration."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from overbuild.core import Event, Forecaster, Snapshot
from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.probability.analogue_forecaster import AnalogueForecaster
from overbuild.probability.analogues import (
    Estimate,
    analogue_rate,
    estimate,
    readings,
    subset_means,
    votes_of,
)
from overbuild.probability.choices import AnalogueChoices, Reading
from overbuild.probability.physical import PHYSICAL_OVERBUILD
from overbuild.probability.selection import mean_over_psi, posterior_points, true_rate

CHOICES = AnalogueChoices()
BOOMS = pd.DataFrame(
    [
        ("a", "yes", "partly", "high", "one"),
        ("b", "yes", "yes", "medium", "one"),
        ("c", "partly", "no", "low", "two"),
        ("d", "no", "no", "high", "three"),
        ("e", "open", "open", "", "four"),
    ],
    columns=["boom", "overbuilt", "alternative", "certainty", "cluster"],
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def listed() -> pd.DataFrame:
    return pd.read_csv(data_dir() / "history" / "booms.csv", dtype=str, keep_default_na=False)


def estimated(reading: Reading, overbuilt: float, votes: float) -> Estimate:
    """Return the estimate with all votes in one cluster each."""
    size = int(votes)
    return estimate(
        reading, np.repeat([1.0, 0.0], [int(overbuilt), size - int(overbuilt)]), np.ones(size), CHOICES
    )


def test_the_list_is_that_of_the_design(listed: pd.DataFrame):
    result = analogue_rate(listed, rng())
    assert (result.booms, result.open) == (34, 2)
    assert result.counts == {
        "main": {"yes": 20, "partly": 6, "no": 8},
        "critic": {"yes": 18, "partly": 11, "no": 5},
    }
    assert result.posterior.mean == pytest.approx(20.5 / 35)


def test_selection_moves_the_rate_as_the_design_says():
    assert true_rate(20 / 34, 1.0) == pytest.approx(0.59, abs=0.005)
    for psi, expected in (((2, 4), 0.31), ((1, 1), 0.38), ((8, 2), 0.53)):
        assert mean_over_psi(20, 34, psi) == pytest.approx(expected, abs=0.005)


def test_selection_undoes_a_list_that_forgets():
    overbuilt, ended_well, remembered = 300, 700, 0.2
    on_the_list = overbuilt / (overbuilt + remembered * ended_well)
    assert true_rate(on_the_list, remembered) == pytest.approx(0.3)
    assert true_rate(np.array([0.0, 0.4, 1.0]), 1.0).tolist() == pytest.approx([0.0, 0.4, 1.0])


def test_the_estimate_is_a_beta_posterior():
    e = estimated(Reading(), 3, 4)
    assert e.mean == pytest.approx(0.70)
    assert e.independent == pytest.approx((0.35, 0.95), abs=0.01)
    assert e.independent == pytest.approx(tuple(stats.beta(3.5, 1.5).ppf([0.05, 0.95])))


def test_clusters_of_one_boom_are_independent_and_shared_ends_widen_the_interval():
    single = estimated(Reading(), 20, 34)
    assert single.interval == pytest.approx(single.independent, abs=0.002)
    alike = estimate(Reading(), np.array([10.0, 10, 0]), np.array([10.0, 10, 14]), CHOICES)
    assert alike.mean == single.mean and alike.independent == single.independent
    assert alike.interval[0] < single.interval[0] - 0.1 and single.interval[1] + 0.1 < alike.interval[1]


@pytest.mark.parametrize("psi", [0.2, 0.5])
def test_means_under_selection_agree_with_an_integral(psi: float):
    exact = stats.beta(20.5, 14.5).expect(lambda o: o * psi / (1 - o + o * psi))
    assert estimated(Reading(psi=psi), 20, 34).mean == pytest.approx(exact, abs=1e-4)


def test_votes_by_hand():
    settled = BOOMS.iloc[:4]
    value, weight = votes_of(settled, Reading(partly=0.5), CHOICES.certainty)
    assert (value.tolist(), weight.tolist()) == ([1, 1, 0.5, 0], [1, 1, 1, 1])
    assert votes_of(settled, Reading(labels="critic", partly=0.5), CHOICES.certainty)[0].tolist() == [
        0.5,
        1,
        0,
        0,
    ]
    assert votes_of(settled, Reading(votes="cluster"), CHOICES.certainty)[1].tolist() == [0.5, 0.5, 1, 1]
    assert votes_of(settled, Reading(certainty=True), CHOICES.certainty)[1].tolist() == [1, 0.75, 0.5, 1]
    assert votes_of(settled, Reading(certainty=True, votes="cluster"), CHOICES.certainty)[1].tolist() == [
        0.5,
        0.375,
        0.5,
        1,
    ]


def test_a_label_that_is_open_to_the_critic_has_no_vote_in_his_reading():
    booms = BOOMS.assign(alternative=["open", "yes", "no", "no", "open"]).iloc[:4]
    assert votes_of(booms, Reading(labels="critic", votes="cluster"), CHOICES.certainty)[1].tolist() == [
        0,
        1,
        1,
        1,
    ]
    assert votes_of(booms, Reading(), CHOICES.certainty)[1].tolist() == [1, 1, 1, 1]


def test_prior_posterior_and_every_reading_stand_side_by_side():
    frame = analogue_rate(BOOMS, rng()).frame()
    assert frame["kind"].value_counts().to_dict() == {"sensitivity": 72, "prior": 1, "posterior": 1}
    assert frame.loc[0, "mean"] == 0.5 and frame.loc[0, "high"] - frame.loc[0, "low"] > 0.98
    means = {e.reading: e.mean for e in analogue_rate(BOOMS, rng()).sensitivity}
    assert len(means) == 72
    for reading, mean in means.items():
        if reading.psi < 1.0:
            assert mean < means[replace(reading, psi=1.0)]
        if reading.partly < 1.0:
            assert mean <= means[replace(reading, partly=1.0)]
    assert means[Reading()] < means[Reading(partly=0.5)] < means[Reading(partly=1.0)]


def test_random_halves_by_hand_and_by_seed():
    ones, weights = np.ones(6), np.ones(6)
    assert subset_means(ones, weights, 1.0, 20, rng()).tolist() == pytest.approx([3.5 / 4] * 20)
    value = np.array([1.0, 0, 1, 0, 1, 0, 0, 0])
    drawn = subset_means(value, np.ones(8), 1.0, 4000, rng(1))
    possible = {(y + 0.5) / 5 for y in range(4)}
    assert {round(d, 9) for d in drawn} == {round(p, 9) for p in possible}
    assert drawn.mean() == pytest.approx((4 * 3 / 8 + 0.5) / 5, abs=0.01)
    a, b, c = (analogue_rate(BOOMS, rng(s)).subsets for s in (1, 1, 2))
    assert a == b and a["minimum"] <= a["p05"] <= a["median"] <= a["p95"] <= a["maximum"]
    assert c.keys() == a.keys()


def test_ranks_of_true_rates_in_their_posteriors_are_uniform():
    """Simulation-based calibration: Talts et al. (2018), with 20 bins of posterior quantiles."""
    generator, bins = rng(2), np.arange(1, 20) / 20
    for votes, psi in ((34, 1.0), (10, 0.5)):
        ranks = []
        for _ in range(1500):
            observed = generator.beta(0.5, 0.5)
            overbuilt = generator.binomial(votes, observed)
            points = posterior_points(overbuilt, votes, psi, bins)
            ranks.append(int((true_rate(observed, psi) > points).sum()))
        counts = np.bincount(ranks, minlength=20)
        assert stats.chisquare(counts).pvalue > 0.01


def test_a_wrong_prior_would_fail_that_check():
    generator, bins = rng(3), np.arange(1, 20) / 20
    ranks = []
    for _ in range(1500):
        observed = generator.beta(4, 1)
        points = posterior_points(generator.binomial(4, observed), 4, 1.0, bins)
        ranks.append(int((observed > points).sum()))
    assert stats.chisquare(np.bincount(ranks, minlength=20)).pvalue < 1e-6


def test_plain_json_and_a_sentence_that_names_the_event():
    result = analogue_rate(BOOMS, rng())
    out = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert {"booms", "open", "prior", "posterior", "sensitivity", "subsets", "event"} <= set(out)
    assert "physically overbuilt within five years of the peak" in result.sentence()
    assert len(list(readings(Reading(), CHOICES))) == 72


@pytest.mark.parametrize(
    ("booms", "said"),
    [
        (BOOMS.drop(columns=["cluster"]), "lacks cluster"),
        (BOOMS.assign(overbuilt="maybe"), "overbuilt = 'maybe'"),
        (BOOMS.assign(certainty="sure"), "certainty = 'sure'"),
        (BOOMS.iloc[4:], "not open"),
    ],
)
def test_a_bad_list_is_refused(booms: pd.DataFrame, said: str):
    with pytest.raises(InputError, match=said):
        analogue_rate(booms, rng())


@pytest.mark.parametrize(
    "bad", [{"psi": 0.0}, {"psi": 1.5}, {"partly": -0.1}, {"labels": "mine"}, {"votes": "all"}]
)
def test_a_bad_reading_is_refused(bad: dict):
    with pytest.raises(InputError, match="expected"):
        Reading(**bad)


def snapshot(booms: pd.DataFrame | None, realtime: str = "vintage") -> Snapshot:
    empty = pd.DataFrame({"available_from": pd.Series(dtype=object)})
    held = None if booms is None else booms.assign(available_from=date(2020, 12, 31))
    return Snapshot(date(2026, 11, 22), realtime, empty, booms=held)  # type: ignore[arg-type]


OWN = Event(PHYSICAL_OVERBUILD, "primary", "", "below_level", thresholds={"level": 1.0})


def test_it_forecasts_its_own_event_only():
    model = AnalogueForecaster()
    assert isinstance(model, Forecaster)
    others = [
        Event("O1", "primary", "v", "below_level", by="2028Q4", thresholds={"level": 1.0}),
        Event(
            "O3", "primary", "capex", "drawdown", by="2028Q4", thresholds={"fall": 0.3, "window_years": 3.0}
        ),
        Event("O5", "primary", "p", "faster_fall", by="2028Q4", thresholds={"excess": 0.2, "years": 2.0}),
    ]
    own, *rest = model.forecast(snapshot(BOOMS), [OWN, *others], rng())
    assert own.probability == pytest.approx(2.5 / 5) and own.event == PHYSICAL_OVERBUILD
    alone = stats.beta(2.5, 2.5).ppf([0.05, 0.5, 0.95])
    assert own.spread is not None and own.spread[2] - own.spread[0] > alone[2] - alone[0]
    assert all(f.probability is None and "five years of the peak" in f.abstains for f in rest)
    assert [f.by for f in rest] == ["2028Q4"] * 3


def test_the_reading_is_the_forecasters():
    (selected,) = AnalogueForecaster(AnalogueChoices(reading=Reading(psi=0.2))).forecast(
        snapshot(BOOMS), [OWN], rng()
    )
    assert selected.probability == pytest.approx(estimated(Reading(psi=0.2), 2, 4).mean)
    assert selected.spread is not None and selected.spread[0] < selected.spread[1] < selected.spread[2]


def test_without_known_outcomes_it_abstains():
    for booms in (None, BOOMS.iloc[4:]):
        (f,) = AnalogueForecaster().forecast(snapshot(booms, "lagged_revised"), [OWN], rng())
        assert "outcome was known by 2026-11-22" in f.abstains and f.status == "hindcast"
