"""The results of the build on breaks, regimes, trend and responses: both eras, each in one table."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from overbuild.episodes.episode import EPISODES
from overbuild.timeseries.breaks import BreakSpec
from overbuild.timeseries.era_breaks import BreaksAsked, breaks_of, designs, seen_on
from overbuild.timeseries.era_regimes import RegimesAsked, regimes_of
from overbuild.timeseries.era_responses import responses_of
from overbuild.timeseries.era_snapshots import snapshots_of
from overbuild.timeseries.era_trend import TrendAsked, trends_of

SEEN = {
    "ai": (
        "capex_to_revenue",
        ("2023-12-31", "2024-06-30", "2024-12-31", "2025-06-30", "2025-12-31", "2026-06-30"),
    ),
    "telecom": ("orders_to_gdp", ("1999-12-31", "2000-12-31", "2001-06-30", "2001-12-31", "2002-12-31")),
}
"""Days on which the tests are put again to what was known then."""


class Question(Protocol):
    """What a result is asked with: the data, the day, whether fewer draws will do, the master seed."""

    @property
    def data(self) -> Path: ...  # noqa: D102
    @property
    def as_of(self) -> date: ...  # noqa: D102
    @property
    def quick(self) -> bool: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102


def breaks(asked: Question) -> dict[str, Any]:
    """Return the breaks of both eras, and size and power of the test by simulation."""
    draws = 99 if asked.quick else 999
    how = BreaksAsked(BreakSpec(draws=draws), BreakSpec(trend=True, draws=draws), min(draws, 199))
    found = breaks_of(snapshots_of(EPISODES, asked.as_of, asked.data), how, asked.seed)
    made = designs(40 if asked.quick else 400, 199, asked.seed)
    seen = [
        row
        for era, (name, days) in SEEN.items()
        for row in seen_on(
            [snapshots_of((era,), date.fromisoformat(day), asked.data)[0] for day in days],
            name,
            how.trend,
            asked.seed,
        )
    ]
    return found.to_dict() | {"design": [asdict(d) for d in made], "seen": seen}


def regimes(asked: Question) -> dict[str, Any]:
    """Return the regimes of both eras."""
    how = RegimesAsked(bootstrap=39 if asked.quick else 999)
    return regimes_of(snapshots_of(EPISODES, asked.as_of, asked.data), how, asked.seed).to_dict()


def trend(asked: Question) -> dict[str, Any]:
    """Return the distance of both eras from trend."""
    how = TrendAsked(draws=20 if asked.quick else 200)
    return trends_of(snapshots_of(EPISODES, asked.as_of, asked.data), how, asked.seed).to_dict()


def response(asked: Question) -> dict[str, Any]:
    """Return the projections of both eras."""
    return responses_of(snapshots_of(EPISODES, asked.as_of, asked.data), seed=asked.seed).to_dict()
