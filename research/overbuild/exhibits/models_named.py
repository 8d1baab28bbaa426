"""The Bayesian models as exhibits name them, in the order of the paper."""

from __future__ import annotations

from overbuild.core.frozen import Frozen

MODELS = Frozen(
    {
        "regimes": "Regimes, annual",
        "quarterly": "Regimes, quarterly",
        "capital": "Capital",
        "demand": "Demand",
        "explosive": "Explosive regimes",
        "clock": "One clock",
        "analogue_regression": "Past booms, regression",
    }
)
"""Name to title."""
