"""The types that hold the project together: what was known, what may happen, and how a path is judged."""

from overbuild.core.dating import Dating
from overbuild.core.digest import digest_of, digest_table
from overbuild.core.draws import Draws
from overbuild.core.events import Event
from overbuild.core.forecast import Forecast, Forecaster, PathModel, Posterior, forecast_from_paths
from overbuild.core.paths import Paths
from overbuild.core.snapshot import Snapshot
from overbuild.core.verdicts import Verdicts, both, either, negation

__all__ = [
    "Dating",
    "Draws",
    "Event",
    "Forecast",
    "Forecaster",
    "PathModel",
    "Paths",
    "Posterior",
    "Snapshot",
    "Verdicts",
    "both",
    "digest_of",
    "digest_table",
    "either",
    "forecast_from_paths",
    "negation",
]
