"""The forecasters of AI's spending as exhibits name them, and the horizons."""

from __future__ import annotations

from overbuild.core.frozen import Frozen

FORECASTERS = Frozen(
    {
        "quarterly": "Regimes, quarterly",
        "random_walk": "Random walk",
        "arima": "ARIMA",
        "unobserved_components": "Components",
        "guidance": "Guidance",
    }
)
"""Name to title."""
AHEAD = Frozen({1: "One quarter", 2: "Two quarters", 4: "Four quarters"})
"""Quarters ahead to title."""
