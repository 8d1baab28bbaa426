"""What the demand model conditions on: dated figures of several sources, as logs, with their errors.

An index of demand is the sum of one or two sources (its parts); other sources (indicators) move with it by
an elasticity of their own and have a level of their own, so that tokens are never joined to revenue, nor one
provider's tokens to another's. Of each source one figure a month is kept: the best grade, then the latest.

Left out are sellers with one figure, which says nothing of growth (AI services of Amazon Web Services), sums
that hold other business (custom silicon, xAI with X), sources whose definition broke (routed tokens, the
Census question before November 2025), and whatever a third party claims of a firm (grade D).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.errors import InputError, UnknownNameError

type Array = NDArray[np.float64]

PARTS, INDICATORS = 2, 4
WITHIN = 1.645
"""Standard deviations of a normal between its middle and an end of its 90 % interval."""
FEWEST, FEWEST_YEARS = 6, 1.5
DAYS = 365.25


@dataclass(frozen=True)
class Source:
    """One source of figures.

    Attributes
    ----------
    name
        As in priors (``elasticity_<name>``, ``level_of_source``) and exhibits.
    title
        For people.
    series, entity
        Where its figures stand; a pair of series is the low and the high end of an interval.
    slot
        0 and 1: parts of the index; 2 and above: indicators.
    first, last
        Calendar months, ``YYYY-MM``, between which its figures count; empty: all.
    scale
        Factor to the unit of the index.
    elastic
        Whether an indicator has an elasticity of its own; without, it moves one for one.
    grades
        Grades that count.
    """

    name: str
    title: str
    series: tuple[str, ...]
    entity: str
    slot: int
    first: str = ""
    last: str = ""
    scale: float = 1.0
    elastic: bool = True
    grades: tuple[str, ...] = ("A", "B")


@dataclass(frozen=True)
class Index:
    """One measure of demand.

    Attributes
    ----------
    name, title, unit
        Its name in priors; what it is; its unit.
    sources
        Its parts and indicators, one a slot.
    """

    name: str
    title: str
    unit: str
    sources: tuple[Source, ...]


LABORATORIES = Index(
    "laboratories",
    "Revenue of OpenAI and Anthropic",
    "USD million a year",
    (
        Source("openai", "OpenAI", ("ai_run_rate",), "OpenAI", 0),
        Source("anthropic", "Anthropic", ("ai_run_rate",), "Anthropic", 1),
        Source("microsoft_ai", "Microsoft AI business", ("ai_run_rate",), "Microsoft AI business", 2),
        Source("tokens", "Google tokens", ("tokens_per_month",), "Google, all AI products and surfaces", 3),
        Source("users", "ChatGPT weekly users", ("weekly_active_users",), "ChatGPT", 4),
        Source("adoption", "Firms using AI (Census)", ("btos_ai_use_rate",), "United States firms", 5),
    ),
)
CLOUD = Index(
    "cloud",
    "Revenue of Amazon Web Services and Google Cloud",
    "USD million a year",
    (
        Source("aws", "Amazon Web Services", ("cloud_revenue_aws",), "Amazon", 0, "2020-01", scale=4.0),
        Source("google_cloud", "Google Cloud", ("cloud_revenue_google_cloud",), "Alphabet", 1, scale=4.0),
        Source(
            "intelligent_cloud_before",
            "Microsoft Intelligent Cloud to 2024Q2",
            ("cloud_revenue_intelligent_cloud",),
            "Microsoft",
            2,
            "2020-01",
            "2024-06",
            4.0,
            False,
        ),
        Source(
            "intelligent_cloud",
            "Microsoft Intelligent Cloud from 2024Q3",
            ("cloud_revenue_intelligent_cloud",),
            "Microsoft",
            3,
            "2024-07",
            scale=4.0,
            elastic=False,
        ),
    ),
)
BACKBONE = Index(
    "backbone",
    "Traffic on US Internet backbones",
    "TB a month",
    (
        Source(
            "backbone",
            "US backbones",
            ("us_backbone_traffic_low", "us_backbone_traffic_high"),
            "United States",
            0,
            "1996-01",
        ),
        Source(
            "nsfnet",
            "Backbone to 1994",
            ("us_backbone_traffic_low", "us_backbone_traffic_high"),
            "United States",
            2,
            last="1994-12",
            elastic=False,
        ),
        Source("esnet", "ESnet", ("esnet_traffic",), "ESnet", 3),
    ),
)
INDICES = {i.name: i for i in (LABORATORIES, CLOUD, BACKBONE)}
OF_EPISODE = {"ai": "laboratories", "telecom": "backbone"}


@dataclass(frozen=True, eq=False)
class DemandData:
    """Figures of one index.

    Attributes
    ----------
    index
        Which.
    as_of
        The day whose knowledge it is.
    reference
        The day from which time is counted: that of the last figure of a part, or of any source if no part has
        figures.
    time
        Years from that day, shape (figure,).
    value
        Logs of the figures.
    slot
        Slot of the source of each.
    error
        Standard deviation of each, of its grade and of its interval.
    """

    index: Index
    as_of: date
    reference: date
    time: Array
    value: Array
    slot: NDArray[np.int_]
    error: Array

    @property
    def shared(self) -> bool:
        """Whether the index is the sum of two parts, of which both have figures."""
        return bool((self.slot == 0).any() and (self.slot == 1).any())

    @property
    def sources(self) -> tuple[Source, ...]:
        """Sources with figures."""
        return tuple(s for s in self.index.sources if (self.slot == s.slot).any())

    def years(self, time: Array | None = None) -> Array:
        """Return times as calendar years, the figures' own by default."""
        return decimal(self.reference) + (self.time if time is None else time)

    def without(self, name: str) -> DemandData:
        """Return the figures of all other sources.

        Raises
        ------
        UnknownNameError
            If no source of that name has figures.
        """
        slots = {s.name: s.slot for s in self.sources}
        if name not in slots:
            raise UnknownNameError("source of demand", name, tuple(slots))
        return self.kept(self.slot != slots[name])

    def kept(self, mask: NDArray[np.bool_]) -> DemandData:
        """Return the figures of a mask."""
        return replace(
            self,
            time=self.time[mask],
            value=self.value[mask],
            slot=self.slot[mask],
            error=self.error[mask],
        )


def index_of(episode: str) -> Index:
    """Return the index that measures demand in an episode.

    Raises
    ------
    InputError
        If the demand model knows none.
    """
    if episode not in OF_EPISODE:
        raise InputError(
            f"No series of demand are known for '{episode}'. The demand model reads {', '.join(OF_EPISODE)}."
        )
    return INDICES[OF_EPISODE[episode]]


def demand_data(
    snapshot: Snapshot, index: Index, errors: Mapping[str, float], grades: tuple[str, ...] = ()
) -> DemandData:
    """Return the figures that a snapshot holds of an index.

    Parameters
    ----------
    snapshot
        What is known.
    index
        The measure.
    errors
        Grade to standard deviation of a log figure of that grade.
    grades
        Grades that count, of every source; empty: each source's own.

    Raises
    ------
    InputError
        If there are fewer than six figures, or they span less than a year and a half.
    """
    found = [r for s in index.sources for r in _figures(snapshot, s, errors, grades or s.grades)]
    found.sort(key=lambda r: (r[0], r[2]))
    days = [r[0] for r in found]
    span = (days[-1] - days[0]).days / DAYS if found else 0.0
    if len(found) < FEWEST or span < FEWEST_YEARS:
        raise InputError(
            f"{index.title} and what moves with it are known by {len(found)} figures over {span:.1f} years "
            f"as of {snapshot.as_of}; the demand model needs {FEWEST} over {FEWEST_YEARS} years. Ask for a "
            "later day."
        )
    reference = max([r[0] for r in found if r[2] < PARTS] or days)
    return DemandData(
        index,
        snapshot.as_of,
        reference,
        np.array([(day - reference).days / DAYS for day in days]),
        np.array([r[1] for r in found]),
        np.array([r[2] for r in found], dtype=int),
        np.array([r[3] for r in found]),
    )


def decimal(day: date) -> float:
    """Return a day as a number of years."""
    return day.year + (day - date(day.year, 1, 1)).days / DAYS


def _figures(
    snapshot: Snapshot, source: Source, errors: Mapping[str, float], grades: tuple[str, ...]
) -> list[tuple[date, float, int, float]]:
    ends = [_rows(snapshot, source, name, grades) for name in source.series]
    months = sorted(set.intersection(*(set(e) for e in ends)))
    out = []
    for month in months:
        values = [e[month]["value"] * source.scale for e in ends]
        if min(values) <= 0:
            continue
        day, grade = ends[0][month]["period_end"], ends[0][month]["grade"]
        width = (log(values[-1]) - log(values[0])) / (2 * WITHIN)
        middle = (log(values[0]) + log(values[-1])) / 2
        error = (errors[grade] ** 2 + width**2) ** 0.5
        out.append((day, middle, source.slot, error))
    return out


def _rows(
    snapshot: Snapshot, source: Source, series: str, grades: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Return month to row of one series: the best grade of the month, then the latest."""
    t = snapshot.table
    rows = t.loc[(t["series"] == series) & (t["entity"] == source.entity) & t["grade"].isin(grades)]
    best: dict[str, dict[str, Any]] = {}
    for row in rows[["period_end", "value", "grade"]].to_dict("records"):
        month = f"{row['period_end']:%Y-%m}"
        if month < source.first or (source.last and month > source.last):
            continue
        held = best.get(month)
        if held is None or (row["grade"], -row["period_end"].toordinal()) < (
            held["grade"],
            -held["period_end"].toordinal(),
        ):
            best[month] = row
    return best
