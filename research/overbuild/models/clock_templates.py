"""Past booms as templates: how investment rose and fell around a peak, on a clock that is zero at the peak.

A template is a curve f(s) of template time s in years. At whole years it is the log of the boom's measure
less that of its peak year, so that f(0) = 0; between them it is interpolated by monotone cubics (Fritsch and
Carlson 1980, SIAM Journal on Numerical Analysis 17(2), 238-246), which add no peak of their own; before the
first and after the last year it is flat. The measure is the share of GDP where investment is known in
dollars, of real GDP where only chained dollars are, and a count (miles, starts) where there is no amount of
money.

A template enters a snapshot only if its whole course was known on the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.interpolate import PchipInterpolator

    from overbuild.core.snapshot import Snapshot

type Array = NDArray[np.float64]

GDP, REAL_GDP = "gdp_annual", "gdp_real_annual"
SHARE, REAL_SHARE, COUNT = "share of GDP", "share of real GDP", "count"
LATE = 9999
AFTER = 8
"""Years after the peak that a template holds at most, and the latest place on it that can be today's."""


@dataclass(frozen=True)
class Source:
    """Where a template comes from.

    Attributes
    ----------
    name, title
        Its name in code; for people.
    series
        Annual series that are added up.
    first, last
        Years that it holds. It starts where the boom does, or with the lowest year of the run-up, or with
        the record; it ends eight years after the peak, with the record, or where the next boom starts.
    measure
        `SHARE`, `REAL_SHARE` or `COUNT`.
    episode
        The episode that it is itself, which it must not explain.
    shares
        An episode whose firms it shares: it must not explain years that it holds.
    why
        Why these years.
    """

    name: str
    title: str
    series: tuple[str, ...]
    first: int
    last: int
    measure: str = SHARE
    episode: str = ""
    shares: str = ""
    why: str = ""


CLOUD = "cloud"
CLOUD_FIRMS = (
    ("capex_cash", "Microsoft"),
    ("capex_cash_net_of_proceeds", "Amazon"),
    ("capex_cash", "Meta"),
    ("capex_cash", "Oracle"),
)
"""Members of the cloud template. Alphabet's capital spending is not known for three quarters of 2012 to 2014,
Amazon's gross of incentives only from 2017: this is the set whose sum is whole from 2011 on."""

SOURCES: tuple[Source, ...] = (
    Source(
        "telecom",
        "Telecom, 1991–2008",
        ("bea_comm_structures", "bea_comm_equipment"),
        1991,
        2008,
        episode="telecom",
        why="from the lowest share before the boom to eight years after the peak of 2000",
    ),
    Source(
        "railroads",
        "US railroads, 1865–1873",
        ("railroad_miles_built",),
        1865,
        1873,
        COUNT,
        episode="us_railroads_1865_1873",
        why="the whole record; one year after the peak of 1872",
    ),
    Source(
        "housing",
        "US housing, 1991–2013",
        ("housing_starts",),
        1991,
        2013,
        COUNT,
        why="from the trough before the boom to eight years after the peak of 2005",
    ),
    Source(
        "shale",
        "US oil and gas drilling, 2010–2022",
        ("mining_exploration_real",),
        2010,
        2022,
        REAL_SHARE,
        why="from the start of the record to eight years after the peak of 2014",
    ),
    Source(
        "turbines_1970s",
        "US turbines, 1965–1980",
        ("bea_turbines",),
        1965,
        1980,
        episode="us_gas_turbines",
        why="from the trough before the boom to eight years after the peak of 1972",
    ),
    Source(
        "turbines_2000s",
        "US gas turbines, 1997–2004",
        ("bea_turbines",),
        1997,
        2004,
        episode="us_gas_turbines",
        why="from the trough before the boom to the next one; two years after the peak of 2002",
    ),
    Source(
        "interstates",
        "US highways, 1948–1966",
        ("bea_highways",),
        1948,
        1966,
        episode="us_interstate_highways",
        why="from the first peacetime year to eight years after the highest share, in 1958",
    ),
    Source(
        "postwar_power",
        "US electric power, 1947–1965",
        ("bea_electric_structures", "bea_transmission_equipment", "bea_turbines"),
        1947,
        1965,
        episode="us_electric_power_postwar_1947_1973",
        why="from the start of the record to eight years after the highest share, in 1957",
    ),
    Source(
        CLOUD,
        "Cloud data centres, 2011–2022",
        (),
        2011,
        2022,
        shares="ai",
        why="the whole record of four of the five firms before the boom that is to be explained; no fall",
    ),
)


@dataclass(frozen=True, eq=False)
class Template:
    """One past boom on its own clock.

    Attributes
    ----------
    name, title, measure
        As in `Source`.
    peak
        Year of the highest level.
    start
        Template time of the first year, negative.
    levels
        Log of the measure less that of the peak year, shape (year,).
    """

    name: str
    title: str
    measure: str
    peak: int
    start: float
    levels: Array

    @property
    def end(self) -> float:
        """Template time of the last year."""
        return self.start + self.levels.size - 1

    @property
    def span(self) -> tuple[float, float]:
        """Template times that today may correspond to."""
        return self.start, min(self.end, float(AFTER))

    @property
    def rise(self) -> float:
        """Log points by which the measure rose from its lowest year before the peak."""
        return float(-self.levels[: round(-self.start) + 1].min())

    @property
    def fall(self) -> float:
        """Log points by which it fell from the peak to its lowest year on record."""
        return float(abs(self.levels[round(-self.start) :].min()))

    def at(self, time: Array) -> Array:
        """Return f at template times of any shape."""
        return self._curve(np.clip(time, self.start, self.end))

    @cached_property
    def _curve(self) -> PchipInterpolator:
        from scipy.interpolate import PchipInterpolator

        return PchipInterpolator(self.start + np.arange(self.levels.size), self.levels)


def template_from(name: str, title: str, measure: str, level: pd.Series) -> Template:
    """Return the template of an annual level (any unit) indexed by consecutive years."""
    logs = np.log(level.to_numpy(dtype=float))
    peak = int(np.argmax(logs))
    years = np.asarray(level.index, dtype=int)
    return Template(name, title, measure, int(years[peak]), float(-peak), logs - logs[peak])


def templates_of(snapshot: Snapshot, first: str = "") -> tuple[Template, ...]:
    """Return the templates whose whole course was known, without the episode's own.

    Parameters
    ----------
    snapshot
        What is known.
    first
        First period of the path that they are to explain; empty: later than all templates.
    """
    return tuple(_known(snapshot, int(first[:4]) if first else LATE))


def _known(snapshot: Snapshot, first: int) -> Iterator[Template]:
    for source in SOURCES:
        held = source.shares == snapshot.episode and first <= source.last
        if held or source.episode == snapshot.episode:
            continue
        level = _level(snapshot, source).reindex(range(source.first, source.last + 1))
        if level.notna().all() and bool((level > 0).all()):
            yield template_from(source.name, source.title, source.measure, level)


def _level(snapshot: Snapshot, source: Source) -> pd.Series:
    every = [_annual(snapshot, name) for name in source.series]
    if source.name == CLOUD:
        every = [_year_sums(snapshot, *member) for member in CLOUD_FIRMS]
    level = sum(every[1:], every[0])
    if source.measure == COUNT:
        return level
    return level / _annual(snapshot, GDP if source.measure == SHARE else REAL_GDP)


def _year_sums(snapshot: Snapshot, series: str, entity: str) -> pd.Series:
    """Return the sums of years of which all four quarters are known."""
    table = snapshot.table
    rows = table.loc[(table["series"] == series) & (table["entity"] == entity) & (table["frequency"] == "Q")]
    by_year = rows.groupby(rows["period"].str[:4].astype(int))["value"]
    return by_year.sum().loc[by_year.size() == 4].astype(float)


def _annual(snapshot: Snapshot, name: str) -> pd.Series:
    table = snapshot.table
    rows = table.loc[
        (table["series"] == name) & (table["entity"] == "United States") & (table["frequency"] == "A")
    ]
    years = [int(p) for p in rows["period"]]
    return pd.Series(rows["value"].to_numpy(dtype=float), index=years, dtype=float).sort_index()
