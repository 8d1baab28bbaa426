"""From evidence to a number: definitions, judged events, base rates, forecasts and filed results.

The public names are loaded when they are first used: planning a build needs the filing alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overbuild.probability.headline import Probability, probability_of_overbuild
    from overbuild.probability.judgement import Score, score
    from overbuild.probability.outside import analogue_rate_of as analogue_rate
    from overbuild.probability.outside import base_rate_of as base_rate

_PUBLIC = {
    "Probability": ("headline", "Probability"),
    "Score": ("judgement", "Score"),
    "analogue_rate": ("outside", "analogue_rate_of"),
    "base_rate": ("outside", "base_rate_of"),
    "probability_of_overbuild": ("headline", "probability_of_overbuild"),
    "score": ("judgement", "score"),
}

__all__ = ["Probability", "Score", "analogue_rate", "base_rate", "probability_of_overbuild", "score"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    module, public = _PUBLIC[name]
    return getattr(import_module(f"{__name__}.{module}"), public)
