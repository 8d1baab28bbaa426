"""Rates given where a series stands: counted by hand, coherent over horizons, and honest about censoring."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.conditional_rates import at_horizon, conditional_table, tally
from overbuild.probability.intervals import Means
from overbuild.probability.panels import panel_of
from overbuild.probability.runups import Panel, Rule

RULE = Rule(window_years=2, horizon_years=3, floor_usd_million=0.0)


def panel(**rows: Sequence[float]) -> Panel:
    return panel_of(
        {name: pd.Series(v, index=range(1950, 1950 + len(v)), dtype=float) for name, v in rows.items()}
    )


RISER = [100, 100, 210, 250, 430, 440, 440, 440, 440]
FALLER = [100, 100, 210, 250, 430, 120, 120, 120, 120]


def test_first_dates_are_followed_from_their_date():
    p = panel(a=RISER, b=FALLER)
    at_once = tally(p, RULE, "first_date", 0, 3)
    assert at_once.cases.tolist() == [1, 1]
    assert at_once.falls.tolist() == [[0, 0, 0], [0, 0, 1]]
    two_on = tally(p, RULE, "first_date", 2, 3)
    assert two_on.falls.tolist() == [[0, 0, 0], [1, 1, 1]]


def test_a_run_up_that_fell_is_no_survivor():
    assert tally(panel(b=FALLER), RULE, "first_date", 3, 1).cases.tolist() == [0]


def test_years_in_force_are_counted_at_their_age_or_older():
    p = panel(a=RISER, b=FALLER)
    assert tally(p, RULE, "in_force", 0, 3).cases.tolist() == [3, 3]
    older = tally(p, RULE, "in_force", 1, 3)
    assert older.cases.tolist() == [2, 2]
    assert older.falls.tolist() == [[0, 0, 0], [1, 2, 2]]
    assert tally(p, RULE, "in_force", 3, 3).cases.sum() == 0


def test_a_recovery_far_below_its_old_peak_is_not_at_risk():
    recovery = panel(a=[1000, 1000, 100, 100, 220, 230, 240, 250])
    assert tally(recovery, RULE, "in_force", 0, 1).cases.tolist() == [0]
    assert tally(recovery, RULE, "first_date", 0, 1).cases.tolist() == [0]


def test_quiet_years_are_the_others_that_do_not_stand_low():
    quiet = tally(panel(b=FALLER), RULE, "quiet", 0, 1)
    assert quiet.cases.tolist() == [0]
    assert tally(panel(a=RISER), RULE, "quiet", 0, 1).cases.tolist() == [3]


def test_a_year_counts_only_if_all_that_follow_are_known():
    assert tally(panel(a=RISER[:6]), RULE, "in_force", 0, 3).cases.tolist() == [1]
    assert tally(panel(a=RISER[:6]), RULE, "in_force", 0, 1).cases.tolist() == [3]


def test_an_old_peak_does_not_make_a_fall_where_the_peak_must_be_recent():
    slow = panel(a=[100, 100, 210, 205, 200, 190, 140, 140, 140])
    assert tally(slow, RULE, "first_date", 0, 4).falls.tolist() == [[0, 0, 0, 1]]
    recent = Rule(window_years=2, horizon_years=3, floor_usd_million=0.0, peak_years=3)
    assert tally(slow, recent, "first_date", 0, 4).falls.tolist() == [[0, 0, 0, 0]]


def test_rates_are_jeffreys_means():
    t = tally(panel(a=RISER, b=FALLER), RULE, "in_force", 1, 3)
    assert t.rates.tolist() == pytest.approx([1.5 / 5, 2.5 / 5, 2.5 / 5])


def test_the_bootstrap_draws_whole_series():
    t = tally(panel(a=RISER, b=FALLER), RULE, "in_force", 1, 3)
    weights = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    means = Means(weights=weights, bootstrap_prior=(0.5, 0.5))
    points = t.points("bootstrap", [0.0, 0.5, 1.0], means)
    assert points[:, 1].tolist() == pytest.approx([0.5 / 5, 2.5 / 5, 4.5 / 5])


def test_another_prior_moves_the_rate():
    t = tally(panel(a=RISER, b=FALLER), RULE, "in_force", 1, 3, prior=(2.0, 1.0))
    assert t.rates.tolist() == pytest.approx([3 / 7, 4 / 7, 4 / 7])


def test_between_whole_years_the_hazard_is_constant():
    rates = np.array([0.1, 0.3])
    assert at_horizon(rates, 0.0) == pytest.approx(0.0)
    assert at_horizon(rates, 1.0) == pytest.approx(0.1)
    assert at_horizon(rates, 2.0) == pytest.approx(0.3)
    assert at_horizon(rates, 0.5) == pytest.approx(1 - 0.9**0.5)
    assert at_horizon(rates, 1.5) == pytest.approx(1 - (0.9 * 0.7) ** 0.5)
    with pytest.raises(ValueError, match="lie outside"):
        at_horizon(rates, 2.5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6).map(sorted), st.floats(0, 1), st.floats(0, 1))
def test_the_probability_never_falls_with_the_horizon(rates: list[float], a: float, b: float):
    near, far = sorted((a * len(rates), b * len(rates)))
    p = np.array(rates)
    assert at_horizon(p, near) <= at_horizon(p, far) + 1e-12


def test_the_table_has_every_cell_and_its_intervals_are_in_order():
    rng = np.random.default_rng(1)
    walks = {f"s{i}": list(100 * np.exp(np.cumsum(rng.normal(0.1, 0.35, 40)))) for i in range(6)}
    p = panel(**walks)
    table = conditional_table(p, RULE, np.random.default_rng(2), years=range(3), most_years=4, draws=200)
    assert len(table) == 2 * 3 * 4 + 4
    some = table.loc[table["cases"] > 0]
    spreads = (
        ["beta_5", "mean", "beta_95"],
        ["bootstrap_5", "bootstrap_50", "bootstrap_95"],
        ["interval_5", "interval_50", "interval_95"],
    )
    for points in spreads:
        assert (np.diff(some[points].to_numpy(dtype=float), axis=1) >= 0).all()
    for _, cell in some.groupby(["state", "k"]):
        assert cell["share"].is_monotonic_increasing
    assert table.loc[table["state"] == "in_force", "falls"].sum() > 0


def test_weights_draw_as_many_series_as_there_are():
    weights = cluster_weights(7, 100, np.random.default_rng(3))
    assert (weights.sum(axis=1) == 7).all() and weights.std() > 0
