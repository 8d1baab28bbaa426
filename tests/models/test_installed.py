"""Chips as counted outside against the inventory: arithmetic by hand, and what is shown where they differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from overbuild.core.periods import span
from overbuild.episodes import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.models.capital import CapitalModel
from overbuild.models.capital_stock import CapitalStock
from overbuild.models.installed import Installed, compare, installed
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def held() -> CapitalStock:
    snapshot = DataBook.load().at(DAY, "ai", also=model_series("capital", "ai"))
    model = CapitalModel.of(read_priors().at(DAY), {}, Sampling(draws=100))
    return model.fit(snapshot, np.random.default_rng(1)).stock


def test_count_is_that_of_the_file(held: CapitalStock) -> None:
    found = held.data.installed
    assert found is not None
    assert found.quarters[0] == "2022Q1" and found.quarters[-1] == "2026Q1"
    assert (np.diff(found.cumulative) > 0).all()
    assert ((found.owned > 0.5) & (found.owned < 0.9)).all()
    # 334,198 (NVIDIA), 30,133 (TPU) and 15,081 (AMD) to 2026Q1, before the part of the five is taken.
    assert found.cumulative[-1] / found.owned[-1] == pytest.approx(379_412)
    assert found.log_sd == pytest.approx(np.log(19_426_022 / 14_855_852) / 3.29, rel=0.1)


def test_inventory_against_itself_agrees(held: CapitalStock) -> None:
    """A count that is the inventory's own median completions leaves no difference."""
    j = held.assets.index("accelerator")
    quarters = span("2019Q1", held.periods[-1])
    at = [held.periods.index(q) for q in quarters]
    completed = np.median(held.inventory.completed[:, at, j], axis=0)
    own = Installed(quarters, np.cumsum(completed), np.ones(len(quarters)), 0.05)
    found = compare(replace(held, data=replace(held.data, installed=own)), np.random.default_rng(2))
    assert found is not None
    assert found["differences"]["level_in_use"]["agrees"]
    assert found["differences"]["growth_in_use"]["agrees"]
    assert abs(found["differences"]["level_in_use"]["q50"]) < 0.15


def test_retiring_lowers_the_count_and_doubling_it_shows(held: CapitalStock) -> None:
    found = compare(held, np.random.default_rng(2))
    assert found is not None
    last = found["quarters"][-1]
    assert last["counted"]["q50"] < last["never_retired"]
    assert last["in_use"]["q50"] < last["paid_for"]["q50"]
    assert found["growth_agrees"]
    counted = held.data.installed
    assert counted is not None
    tripled = replace(counted, cumulative=3 * counted.cumulative)
    other = compare(replace(held, data=replace(held.data, installed=tripled)), np.random.default_rng(2))
    assert other is not None
    assert not other["level_agrees"]
    assert not other["differences"]["level_paid_for"]["agrees"]


def test_nothing_is_compared_where_nothing_is_counted(held: CapitalStock) -> None:
    assert installed(DataBook.load().at(DAY, "ai")) is None
    bare = replace(held, data=replace(held.data, installed=None))
    assert compare(bare, np.random.default_rng(0)) is None
