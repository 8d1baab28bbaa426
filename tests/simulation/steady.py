"""Inputs with a known answer: one class of capital, scrapped at a constant rate, in steady growth."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from overbuild.core import Paths
from overbuild.core.periods import label, ordinal
from overbuild.simulation import Inputs, InsideView

LAST, PAST = "2026Q2", 400
GROWTH, SCRAPPED = 0.04, 0.2
STATES = 34
ALONE = InsideView(
    horizons=("2028Q4",), feedback=0.0, noise=False, ratio=False, contracts=False, discount_rate=None
)


def inputs(draws: int = 1, growth: float = GROWTH, **changed: Any) -> Inputs:
    """Return one class of capital, scrapped at a constant rate, on a record that has always grown alike."""
    one = np.ones(draws)
    state = np.zeros((draws, STATES))
    state[:, 0] = 1
    spent = np.exp(growth / 4 * np.arange(1 - PAST, 1))[None, :, None] * np.ones((draws, 1, 1))
    made: dict[str, Any] = {
        "normal_growth": growth * one,
        "boom_gap": 0.2 * one,
        "bust_gap": 0.3 * one,
        "deviation": 0 * one,
        "deviation_ratio": np.ones((draws, 2)),
        "persistence": 0 * one,
        "seasonal": np.zeros((draws, 4)),
        "exit": -1.7 * one,
        "exit_age": 0 * one,
        "from_normal": np.tile([1.0, 0.0, 0.0], (draws, 1)),
        "after_boom": 0.5 * one,
        "from_bust": np.tile([0.0, 0.0, 1.0], (draws, 1)),
        "state": state,
        **dict.fromkeys(("slack_exit", "slack_bust", "cover_exit", "cover_bust", "speed"), 0.3 * one),
        "ratio": one,
        "growth": 1e-9 * one,
        "headroom": 2 * one,
        "asymmetry": one,
        "memory": 0.5 * one,
        "common": 0 * one,
        "demand_deviation": 0 * one,
        "pace": one,
        "ceiling_growth": growth * one,
        "gamma": one,
        "epsilon": one,
        "use_now": one,
        "normal_use": 0.7 * one,
        "monetised_now": one,
        "monetised": one,
        "monetising": 0.5 * one,
        "under_contract": 0.5 * one,
        "contract_years": 4 * one,
        "contract_premium": one,
        "disembodied": 0 * one,
        "opex": 0.05 * one,
        "completion_lag": 1e-9 * one,
        "lag_shape": 2 * one,
        "cost_of_capital": 0.1 * one,
        "debt_share": 0.3 * one,
        "interest": 0.05 * one,
        "life": np.full((draws, 1), np.log(2) / SCRAPPED),
        "weibull_shape": one,
        "price_fall": np.zeros((draws, 1)),
        "split_ahead": np.ones((draws, 1)),
        "spent": spent,
        "level": one,
        "growth_before_start": growth / 4 * one,
    }
    time = tuple(label(ordinal(LAST) - k, "Q") for k in range(7, -1, -1))
    history = Paths(
        time, {"capex": spent[:1, -8:, 0]}, {"capex": "USD million"}, "history", date(2026, 11, 22)
    )
    made |= {n: v * np.ones_like(made[n]) for n, v in changed.items()}
    return Inputs(made, history, LAST, "2022Q4", date(2026, 6, 30), date(2026, 11, 22), "ai")
