"""The base rate read in other ways: the primary reading, and other rules, are the forecaster's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from overbuild.episodes import load_episode
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.definitions import event_named, read_definitions
from overbuild.probability.outside import forecaster, priors_of
from overbuild.probability.rate_variants import DEFLATOR, LongView, Reading
from overbuild.probability.runups import Rule

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def view() -> LongView:
    definitions = read_definitions()
    section = definitions["baserate"]
    choices = BaseRateChoices.of(priors_of(None).at(DAY), definitions)
    snapshot = load_episode("ai", DAY, also=(DEFLATOR,)).snapshot
    return LongView(snapshot, tuple(section["series"]), Rule.of(section), choices)


@pytest.mark.parametrize("by", ["2027Q4", "2028Q4", "2030Q4"])
def test_the_primary_reading_is_the_forecast(view: LongView, by: str):
    model = forecaster("baserate", DAY, draws=1)
    (expected,) = model.forecast(view.snapshot, [event_named("O3", by=by)], np.random.default_rng(0))
    assert view.probability(Reading(), by) == expected.probability


@pytest.mark.parametrize("run_up", [1.5, 3.0])
def test_other_rules_are_the_forecasters_too(view: LongView, run_up: float):
    model: Any = forecaster("baserate", DAY, draws=1)
    other = replace(model, rule=replace(model.rule, run_up=run_up, window_years=3, floor_usd_million=100.0))
    (expected,) = other.forecast(view.snapshot, [event_named("O3", by="2028Q4")], np.random.default_rng(0))
    found = view.probability(Reading(run_up=run_up, run_up_years=3, floor=100.0), "2028Q4")
    assert found == expected.probability


@pytest.mark.parametrize("by", ["2027Q4", "2028Q4"])
def test_where_no_run_up_is_in_force_the_quiet_years_answer(view: LongView, by: str):
    model: Any = forecaster("baserate", DAY, draws=1)
    other = replace(model, rule=replace(model.rule, run_up=5.0))
    (expected,) = other.forecast(view.snapshot, [event_named("O3", by=by)], np.random.default_rng(0))
    assert expected.probability is not None
    assert view.probability(Reading(run_up=5.0), by) == expected.probability
    assert view.probability(Reading(run_up=5.0, state="first_date"), by) == expected.probability


def test_the_cases_behind_give_the_probability(view: LongView):
    telecom = read_definitions()["baserate"]["telecom_series"]
    whole, part = (view.behind(Reading(), "2029Q2", of) for of in (None, telecom))
    rest = view.behind(Reading(without=tuple(telecom)), "2029Q2")
    assert whole and part and rest
    rate = (whole["falls"] + 0.5) / (whole["cases"] + 1)  # three whole years: nothing between horizons
    assert view.probability(Reading(), "2029Q2") == pytest.approx(rate)
    assert {k: part[k] + rest[k] for k in whole} == whole
    assert view.behind(Reading(), "2040Q4") is None


def test_a_deeper_fall_is_rarer_and_a_longer_wait_commoner(view: LongView):
    by_fall: list[Any] = [view.probability(Reading(fall=f), "2028Q4") for f in (0.2, 0.3, 0.4)]
    by_window: list[Any] = [view.probability(Reading(window_years=w), "2028Q4") for w in (1.0, 2.0, 3.0, 4.0)]
    assert by_fall == sorted(by_fall, reverse=True) and by_window == sorted(by_window)


def test_every_choice_moves_the_number_and_gives_a_probability(view: LongView):
    primary = view.probability(Reading(), "2028Q4")
    for changed in (
        Reading(prices="real"),
        Reading(measure="share_of_gdp"),
        Reading(measure="real"),
        Reading(state="any"),
        Reading(state="first_date"),
        Reading(without=("bea_computers_51x", "bea_software_51x")),
        Reading(since=1970),
        Reading(prior=(1.0, 1.0)),
        Reading(estimate="beta_binomial"),
        Reading(estimate="bootstrap"),
    ):
        found = view.probability(changed, "2028Q4")
        assert found is not None and 0 < found < 1 and found != primary, changed


def test_a_horizon_out_of_reach_and_too_few_series_are_silent(view: LongView):
    assert view.probability(Reading(), "2040Q4") is None
    assert view.probability(Reading(without=view.series[2:]), "2028Q4") is None
