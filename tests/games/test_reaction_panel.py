"""Tests of the panel of firms: what it is made of, weights, and that nothing later is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.core import Snapshot
from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError
from overbuild.games.reaction_panel import (
    FIRMS,
    carriers_with_runs,
    deseasoned,
    equal_weights,
    overlap_weights,
    reaction_panel,
)

DAY = date(2026, 11, 22)
EQUAL = equal_weights(5)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_episode("ai", DAY, also=model_series("reaction", "ai")).snapshot


def test_panel_is_the_five_firms_from_the_first_gross_year_of_amazon(snapshot: Snapshot) -> None:
    panel = reaction_panel(snapshot, EQUAL)
    assert panel.shape == (32, 5)
    assert panel.firms == FIRMS
    assert (panel.quarters[0], panel.quarters[-1]) == ("2018Q3", "2026Q2")
    t = snapshot.table
    capex = t[(t["series"] == "capex_cash") & (t["entity"] == "Amazon")].set_index("period")["value"]
    assert panel.growth[-1, 2] == pytest.approx(np.log(capex["2026Q2"] / capex["2026Q1"]))
    assert panel.before[0, 2] == pytest.approx(np.log(capex["2018Q2"] / capex["2018Q1"]))
    np.testing.assert_array_equal(panel.growth[:-1], panel.before[1:])
    assert np.isnan(panel.strain[0, 2]) and np.isfinite(panel.strain[2, 2])
    assert np.isfinite(panel.supplier).all()


def test_growth_by_year_is_the_sum_of_four_quarters(snapshot: Snapshot) -> None:
    quarterly, yearly = reaction_panel(snapshot, EQUAL), reaction_panel(snapshot, EQUAL, yearly=True)
    last = quarterly.growth[-4:].sum(axis=0)
    np.testing.assert_allclose(yearly.growth[-1], last)


def test_nothing_later_is_seen(snapshot: Snapshot) -> None:
    early = date(2024, 12, 31)
    then = load_episode("ai", early, also=model_series("reaction", "ai")).snapshot
    panel, whole = reaction_panel(then, EQUAL), reaction_panel(snapshot, EQUAL)
    assert panel.quarters[-1] == "2024Q3"
    n = len(panel.quarters)
    np.testing.assert_allclose(panel.growth, whole.growth[:n])
    for name in ("strain", "supplier"):
        np.testing.assert_allclose(getattr(panel, name), getattr(whole, name)[:n])


def test_quarters_explained_and_later_do_not_move_what_was_before(snapshot: Snapshot) -> None:
    """Poisoned figures of the last quarter and after change growth of that quarter alone."""
    whole = reaction_panel(snapshot, EQUAL)
    table = snapshot.table.copy()
    late = (table["frequency"] == "Q") & (table["period"] >= whole.quarters[-1])
    table.loc[late, "value"] *= 3
    poisoned = reaction_panel(replace(snapshot, table=table), EQUAL)
    n = len(whole.quarters)
    np.testing.assert_array_equal(poisoned.growth[: n - 1], whole.growth[:-1])
    assert (poisoned.growth[n - 1] > whole.growth[-1]).all()
    for name in ("before", "surprise", "strain", "supplier"):
        np.testing.assert_array_equal(getattr(poisoned, name)[:n], getattr(whole, name))


def test_rivals_of_one_firm_two_quarters_before(snapshot: Snapshot) -> None:
    panel = reaction_panel(snapshot, overlap_weights(np.array([[1, 1], [1, 2], [2, 1], [1, 3], [3, 1.0]])))
    late, cut = panel.lagged_twice("Oracle"), panel.since(panel.quarters[1])
    np.testing.assert_array_equal(late.rivals[:, :4], cut.rivals[:, :4])
    earlier = deseasoned(panel.before[:-1], cut.season)
    np.testing.assert_allclose(late.rivals[:, 4], earlier @ panel.weights[4])
    np.testing.assert_array_equal(late.before, cut.before)
    assert late.without("Oracle").late == ()
    assert late.since(late.quarters[3]).rivals.shape == (28, 5)


def test_too_few_quarters_are_refused(snapshot: Snapshot) -> None:
    table = snapshot.table
    short = replace(snapshot, table=table[table["period"] < "2020"])
    with pytest.raises(InputError, match="need 12"):
        reaction_panel(short, EQUAL)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=2, max_size=6))
def test_weights_add_up_to_one_and_no_firm_is_its_own_rival(exposure: list[list[float]]) -> None:
    w = overlap_weights(np.array(exposure))
    np.testing.assert_allclose(w.sum(axis=1), 1)
    assert np.all(np.diag(w) == 0)
    assert np.all(w >= 0)


def test_equal_exposures_are_equal_weights() -> None:
    np.testing.assert_allclose(overlap_weights(np.full((5, 3), 0.2)), EQUAL)


def test_a_firm_without_rivals_is_refused() -> None:
    with pytest.raises(InputError, match="no rival"):
        overlap_weights(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]))
    with pytest.raises(InputError, match="2 or more"):
        equal_weights(1)


def test_without_a_firm_its_weight_goes_to_the_others(snapshot: Snapshot) -> None:
    panel = reaction_panel(snapshot, overlap_weights(np.array([[1, 1], [1, 2], [2, 1], [1, 3], [3, 1.0]])))
    fewer = panel.without("Oracle")
    assert fewer.shape == (32, 4)
    np.testing.assert_allclose(fewer.weights.sum(axis=1), 1)
    assert fewer.weights[0, 1] / fewer.weights[0, 2] == pytest.approx(
        panel.weights[0, 1] / panel.weights[0, 2]
    )


def test_seasons_are_taken_out() -> None:
    season = np.arange(12) % 4
    values = np.column_stack([season * 1.0, np.arange(12.0)])
    out = deseasoned(values, season)
    np.testing.assert_allclose(out[:, 0], 0)
    for s in range(4):
        assert out[season == s].mean() == pytest.approx(0)


def test_carriers_are_too_few() -> None:
    telecom = load_episode("telecom", DAY, also=model_series("reaction", "telecom")).snapshot
    runs = carriers_with_runs(telecom)
    assert max(runs.values()) < 12
