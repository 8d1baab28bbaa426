"""Spending on other perimeters and at constant prices."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from overbuild.core import Paths
from overbuild.probability.spending_paths import spending

TIME = tuple(f"{2024 + i // 4}Q{i % 4 + 1}" for i in range(8))
CAPEX = np.array([np.nan, np.nan, 10.0, 10.0, 20.0, 20.0, 20.0, 40.0])
PRICES = 1.01 ** np.arange(8.0)


def history() -> Paths:
    values = {
        "capex": CAPEX[None],
        "capex_four_firms": 0.8 * CAPEX[None],
        "gdp_deflator": np.append(PRICES[:7], np.nan)[None],
    }
    return Paths(TIME, values, dict.fromkeys(values, ""), "history", date(2026, 1, 1))


def test_what_is_simulated_follows_what_happened():
    made = spending(history(), np.array([[40.0, 50.0], [10.0, 5.0]]))
    assert made.time[0] == "2024Q3" and made.time[-1] == "2026Q2"
    assert made.layer("capex")[1].tolist() == [10, 10, 20, 20, 20, 40, 10, 5]


def test_four_firms_keep_their_share():
    made = spending(history(), np.array([[40.0, 50.0]]), four=True)
    assert made.layer("capex")[0] == pytest.approx([8, 8, 16, 16, 16, 32, 32, 40])


def test_prices_go_on_as_in_the_last_year():
    made = spending(history(), np.array([[40.0, 50.0]]), real=True).layer("capex")[0]
    nominal = np.array([10, 10, 20, 20, 20, 40, 40, 50])
    assert made == pytest.approx(nominal / 1.01 ** np.arange(-5.0, 3.0))


def test_what_lies_before_a_gap_is_left_out():
    broken = np.where(np.arange(8) == 3, np.nan, CAPEX)[None]
    values = {**history().values, "capex": broken}
    made = spending(Paths(TIME, values, history().units, "history", date(2026, 1, 1)))
    assert made.time == TIME[4:] and np.isfinite(made.layer("capex")).all()
