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
        "contest": "Contest",
        "quantal_response": "Quantal response",
    }
)
"""Name to title."""
ROOTS = ("psy_evidence", "psy_size")
"""Parts of the paper about recursive tests for explosive roots."""
SERIES = ("gap", "breaks", "contribution")
"""Parts of the paper about the plain time series."""
GAMES = ("entry", "race", "reaction", "dilemma")
"""Parts of the paper about the games that are no Bayesian model of the registry."""
FINANCE = ("contract", "own_or_rent", "contagion")
"""Parts of the paper about contracts and who owes whom."""
PROBABILITY = ("inside_view", "ai_forecasts", "vintages", "combination", "sensitivity")
"""Parts of the paper about the probability of overbuild: simulated, scored, combined, taken apart."""
PARTS = (*ROOTS, *SERIES, *MODELS, *GAMES, *FINANCE, *PROBABILITY)
"""Every part that has numbers and a section of its own."""
