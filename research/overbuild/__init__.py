"""Is the AI data-centre boom the telecom fibre bubble again? Data, judged events, a first probability.

The public names, in reading order, are loaded when they are first used, so that the import is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overbuild.core import Event, Forecast, Paths, Snapshot
    from overbuild.episodes import DataBook, load_episode
    from overbuild.episodes.measures import measures
    from overbuild.pipeline.backtest import backtest
    from overbuild.probability import analogue_rate, base_rate, probability_of_overbuild, score
    from overbuild.simulation import simulate

__version__ = "0.1.0"

_PUBLIC = {
    "load_episode": "overbuild.episodes",
    "DataBook": "overbuild.episodes",
    "Snapshot": "overbuild.core",
    "Event": "overbuild.core",
    "Paths": "overbuild.core",
    "Forecast": "overbuild.core",
    "measures": "overbuild.episodes.measures",
    "score": "overbuild.probability",
    "base_rate": "overbuild.probability",
    "analogue_rate": "overbuild.probability",
    "probability_of_overbuild": "overbuild.probability",
    "backtest": "overbuild.pipeline.backtest",
    "simulate": "overbuild.simulation",
}

__all__ = [
    "DataBook",
    "Event",
    "Forecast",
    "Paths",
    "Snapshot",
    "analogue_rate",
    "backtest",
    "base_rate",
    "load_episode",
    "measures",
    "probability_of_overbuild",
    "score",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(
            f"module 'overbuild' has no attribute '{name}'. Available: {', '.join(__all__)}."
        )
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
