"""Recursive right-tailed unit-root tests, which date exuberance from plain arrays.

In reading order: a `Series` is checked, a test (`RecursiveADF`) makes `Sequences` of it, a null makes paths
on which the *same* test gives `CriticalValues`, and `psy` puts a `Result` together.

Robust variants take the place of `RecursiveADF`: `SignADF` (any variance), `StochasticVolatilityADF` (lines
of its own to begin and end an episode) and `TechnologyAdjusted` (what observed technology leaves).

``min_window`` counts **rows of the regression**, as ``minw`` does in exuber. A window of that length uses
``min_window + lags + 1`` observations, so the first statistic belongs to observation ``min_window + lags +
1`` (counted from one) and a series of ``n`` observations gives ``n - min_window - lags`` statistics.
"""

from overbuild.explosive.critical import CriticalValues, critical_values
from overbuild.explosive.dating import Rule
from overbuild.explosive.episode import Boundaries, Episode, episodes_of
from overbuild.explosive.nulls import FamilyWiseBootstrap, MonteCarlo, SieveBootstrap, WildBootstrap
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.result import Result
from overbuild.explosive.series import Series, series_of
from overbuild.explosive.signs import SignADF
from overbuild.explosive.simulators import (
    BlanchardWatson,
    CollapsingBubbles,
    Evans,
    RandomWalk,
    Shocks,
    TechnologyHump,
)
from overbuild.explosive.statistic import Sequences, Statistic, default_window
from overbuild.explosive.technology import Proxy, TechnologyAdjusted
from overbuild.explosive.testing import psy, psy_panel
from overbuild.explosive.volatile import StochasticVolatilityADF
from overbuild.explosive.volatile_null import VolatileWalks, volatile_shocks

__all__ = [
    "BlanchardWatson",
    "Boundaries",
    "CollapsingBubbles",
    "CriticalValues",
    "Episode",
    "Evans",
    "FamilyWiseBootstrap",
    "MonteCarlo",
    "Proxy",
    "RandomWalk",
    "RecursiveADF",
    "Result",
    "Rule",
    "Sequences",
    "Series",
    "Shocks",
    "SieveBootstrap",
    "SignADF",
    "Statistic",
    "StochasticVolatilityADF",
    "TechnologyAdjusted",
    "TechnologyHump",
    "VolatileWalks",
    "WildBootstrap",
    "critical_values",
    "default_window",
    "episodes_of",
    "psy",
    "psy_panel",
    "series_of",
    "volatile_shocks",
]
