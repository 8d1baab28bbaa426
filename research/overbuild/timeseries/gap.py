"""The fundamentals gap: spending against what the relation of before the boom implies, on one clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from overbuild.core.frozen import Frozen
from overbuild.core.periods import frequency_of, horizon, label, ordinal
from overbuild.errors import InputError
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.timeseries.cointegration import levels_tests
from overbuild.timeseries.fundamentals import SERIES, Unit, units
from overbuild.timeseries.gap_paths import (
    EQUATIONS,
    Equation,
    Fitted,
    estimates,
    fitted,
    implied,
    rows,
    told,
)
from overbuild.timeseries.mean_group import Panel
from overbuild.timeseries.vintages import stated

if TYPE_CHECKING:
    import pandas as pd

    from overbuild.core import Snapshot

YEARS_SHOWN = 9
"""Years after take-off to which the relation is extrapolated."""
WINDOWS: Mapping[str, int | None] = Frozen(
    {"firms": 20, "information_processing": 20, "communications": None}
)
"""Perimeter to the longest window of estimation, in years."""


@dataclass(frozen=True)
class Era:
    """How an episode is asked.

    Attributes
    ----------
    perimeters
        What is compared; the first is the headline.
    take_off
        Year 0 of its clock, as `overbuild.episodes.clock.take_off` dates it; None: the year after ``until``.
    until
        Last year of estimation; None: to be given.
    equation
        The headline's equation.
    unit
        The headline's unit.
    """

    perimeters: tuple[str, ...]
    take_off: int | None
    until: str | None
    equation: Equation
    unit: str


ERAS: Mapping[str, Era] = Frozen(
    {
        "ai": Era(("firms", "information_processing"), 2023, "2022", "pooled", "sector"),
        "telecom": Era(
            ("communications", "information_processing"), 1996, "1996", "error_correction", "United States"
        ),
    }
)
OWN = Era(("firms",), None, None, "error_correction", "")
"""A user's file: its firms, windows to be given."""


@dataclass(frozen=True)
class GapSpecification:
    """What decides a gap.

    Attributes
    ----------
    since, until
        Window of estimation, years or quarters; None: the era's.
    boom_from
        First period of the boom; None: the one after ``until``.
    lags
        Lagged differences; None: one, or none where a window has no room for one.
    draws
        Paths.
    bootstrap
        Systems drawn for each test.
    """

    since: str | None = None
    until: str | None = None
    boom_from: str | None = None
    lags: int | None = None
    draws: int = 4000
    bootstrap: int = 2000

    def __post_init__(self) -> None:
        for name in ("since", "until", "boom_from"):
            value = getattr(self, name)
            try:
                good = value is None or frequency_of(value) in ("A", "Q")
            except ValueError:
                good = False
            if not good:
                raise InputError(f"{name} is '{value}'; expected a year (1996) or a quarter (1996Q4).")
        if self.until and self.boom_from and ordinal_of(self.boom_from, first=True) <= ordinal_of(self.until):
            raise InputError(
                f"The estimation window to {self.until} overlaps the boom from {self.boom_from}: the boom "
                "would be explained by itself. End the window before the boom begins."
            )
        if self.since and self.until and ordinal_of(self.since, first=True) > ordinal_of(self.until):
            raise InputError(f"The window from {self.since} to {self.until} is empty.")
        if self.lags is not None and self.lags < 0:
            raise InputError(f"lags is {self.lags}; expected 0 or more.")
        for name, least in (("draws", 100), ("bootstrap", 99)):
            if getattr(self, name) < least:
                raise InputError(f"{name} is {getattr(self, name)}; expected at least {least}.")

    @property
    def chosen(self) -> bool:
        """Whether any window or lag was asked for, so that a refusal is the answer."""
        return any(v is not None for v in (self.since, self.until, self.boom_from, self.lags))


@dataclass(frozen=True)
class Gap:
    """The gap of one episode.

    Attributes
    ----------
    episode, title, label
        Which, and how an exhibit must call it.
    take_off
        Year 0.
    result
        One record a perimeter, unit, equation and period; money in the data's million a year, gaps in logs.
    estimates, tests, panels
        Equations, cointegration tests before the boom and through it, long runs of panels.
    refused
        What could not be asked, and why.
    headline
        The record of the headline in which spending was highest.
    vintage
        As `overbuild.timeseries.vintages.stated`.
    """

    episode: str
    title: str
    label: str
    take_off: int
    result: tuple[dict[str, Any], ...]
    estimates: tuple[dict[str, Any], ...]
    tests: tuple[dict[str, Any], ...]
    panels: tuple[dict[str, Any], ...]
    refused: tuple[dict[str, Any], ...]
    headline: dict[str, Any]
    vintage: dict[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """Return the headline in words."""
        h = self.headline
        low, middle, high = (100 * (np.exp(h[k]) - 1) for k in ("gap_low", "gap", "gap_high"))
        verdict = "above" if middle >= 0 else "below"
        crosses = "" if h["gap_low"] > 0 or h["gap_high"] < 0 else "; the interval holds zero"
        return (
            f"{self.title}: in the year to {h['period']}, the highest known, spending stood "
            f"{abs(middle):.0f} % {verdict} what the relation of before the boom implies ({low:.0f} to "
            f"{high:.0f} %, nine draws in ten, parameters and shocks uncertain{crosses}); grades "
            f"{self.grades()}; {self.label}."
        )

    def grades(self) -> str:
        """Return the grades of the headline's data in words."""
        mine = [e["grades"] for e in self.estimates if e["perimeter"] == self.headline["perimeter"]]
        found = sorted({g for grades in mine for g in grades})
        return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}" if found else "not stated"

    def frame(self) -> pd.DataFrame:
        """Return the result as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.result))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return {
            "episode": self.episode,
            "title": self.title,
            "label": self.label,
            "take_off": self.take_off,
            "sentence": self.sentence(),
            "headline": self.headline,
            "result": list(self.result),
            "estimates": list(self.estimates),
            "tests": list(self.tests),
            "panels": list(self.panels),
            "refused": list(self.refused),
            "vintage": self.vintage,
        }


def gap(
    episode: str,
    as_of: date | None = None,
    specification: GapSpecification | None = None,
    *,
    data: Path | None = None,
    seed: int = SEED,
) -> Gap:
    """Return the gap of an episode as a day knew it.

    Parameters
    ----------
    episode
        ``ai``, ``telecom`` or the path of a user's CSV file, for which ``until`` must be given.
    as_of
        The day; None: all data.
    specification
        Windows, lags and draws.
    data
        A data folder; None: the project's.
    seed
        Master seed.

    Raises
    ------
    InputError
        If the day knows too little, windows overlap, quarters are missing or series are constant.
    """
    from overbuild.episodes import load_episode

    also = tuple(sorted({s for names in SERIES.values() for s in names}))
    loaded = load_episode(episode, as_of, data, also=() if episode.lower().endswith(".csv") else also)
    return gap_of(loaded.snapshot, specification, title=loaded.title, label=loaded.label, seed=seed)


def gap_of(
    snapshot: Snapshot,
    specification: GapSpecification | None = None,
    *,
    title: str = "",
    label: str = "",
    seed: int = SEED,
) -> Gap:
    """Return the gap of what a snapshot knows; it looks at nothing else."""
    asked = specification or GapSpecification()
    era = ERAS.get(snapshot.episode, OWN)
    until = asked.until or era.until
    if until is None:
        raise InputError("Say where the estimation window ends: until (--until) is needed for an own file.")
    if asked.boom_from and ordinal_of(asked.boom_from, first=True) <= ordinal_of(until):
        raise InputError(
            f"The estimation window to {until} overlaps the boom from {asked.boom_from}; end it earlier."
        )
    take_off = era.take_off or int(until[:4]) + 1
    found: dict[str, list[dict[str, Any]]] = {
        k: [] for k in ("result", "estimates", "tests", "panels", "refused")
    }
    for perimeter in era.perimeters:
        _perimeter(snapshot, perimeter, era, until, take_off, asked, seed, found)
    unit = era.unit or ("sector" if len({r["unit"] for r in found["result"]}) > 1 else "")
    lead = (era.perimeters[0], era.equation)
    mine = [
        r
        for r in found["result"]
        if (r["perimeter"], r["equation"]) == lead and r["unit"] == (unit or r["unit"])
    ]
    headline = [r for r in mine if r["fundamentals"] == mine[0]["fundamentals"]]
    if not headline:
        raise InputError("; ".join(dict.fromkeys(r["why"] for r in found["refused"])))
    series = [s for p in era.perimeters for s in SERIES[p]]
    return Gap(
        snapshot.episode,
        title or str(snapshot.perimeter["title"]),
        label or str(snapshot.perimeter.get("caveat") or snapshot.label),
        take_off,
        tuple(found["result"]),
        tuple(found["estimates"]),
        tuple(found["tests"]),
        tuple(found["panels"]),
        tuple(found["refused"]),
        max(headline, key=lambda r: r["actual"]),
        stated(snapshot, series),
    )


def ordinal_of(period: str, *, first: bool = False) -> int:
    """Return the quarter that a year or quarter ends with, or begins with."""
    if frequency_of(period) == "A":
        return 4 * int(period) + (0 if first else 3)
    return ordinal(period)


def _perimeter(
    snapshot: Snapshot,
    perimeter: str,
    era: Era,
    until: str,
    take_off: int,
    asked: GapSpecification,
    seed: int,
    found: dict[str, list[dict[str, Any]]],
) -> None:
    try:
        members = units(snapshot, perimeter)
    except InputError as error:
        if perimeter == era.perimeters[0]:
            raise
        found["refused"].append({"perimeter": perimeter, "unit": None, "why": str(error)})
        return
    lead = members[0]
    sets = [lead.fundamentals, *lead.others]
    asked_of: list[tuple[Equation, tuple[str, ...]]] = [(e, f) for f in sets for e in EQUATIONS]
    for equation, fundamentals in asked_of:
        if equation == "pooled" and len(members) < 2:
            continue
        if equation == "accelerator" and (fundamentals != sets[0] or lead.known.columns.empty):
            continue
        of = {"perimeter": perimeter, "equation": equation, "fundamentals": told(fundamentals)}
        fits = []
        for unit in members:
            try:
                chosen = replace(unit, fundamentals=fundamentals)
                fits.append(_fit(chosen, perimeter, equation, until, take_off, asked))
            except InputError as error:
                if asked.chosen and perimeter == era.perimeters[0] and equation == era.equation:
                    raise
                found["refused"].append({**of, "unit": unit.name, "why": str(error)})
        if not fits or (equation == "pooled" and len(fits) < 2):
            continue
        name = f"gap/{snapshot.episode}/{perimeter}/{of['fundamentals']}"
        try:
            paths = implied(fits, equation, asked.draws, seed, name)
        except InputError as error:
            found["refused"].append({**of, "unit": None, "why": str(error)})
            continue
        whole = len(fits) == len(members)
        found["result"] += [r for r in rows(paths, of, take_off) if whole or r["unit"] != "sector"]
        found["estimates"] += [
            {"perimeter": perimeter, **estimates(f, equation, paths.kept[f.unit.name])} for f in fits
        ]
        if equation == "error_correction":
            found["tests"] += [t for f in fits for t in _tests(f, perimeter, asked.bootstrap, seed, name)]
        if paths.panel is not None:
            found["panels"].append({"perimeter": perimeter, **_panel(paths.panel, fits)})


def _fit(
    unit: Unit, perimeter: str, equation: Equation, until: str, take_off: int, asked: GapSpecification
) -> Fitted:
    frequency = "Q" if unit.per_year == 4 else "A"
    last = label(ordinal(horizon(str(take_off + YEARS_SHOWN), frequency)), frequency)
    return fitted(unit, equation, asked.since, until, last, asked.lags, WINDOWS[perimeter])


def _tests(f: Fitted, perimeter: str, draws: int, seed: int, name: str) -> list[dict[str, Any]]:
    made = []
    for window, count in (("before", f.before), ("through", len(f.sample.y))):
        sample = f.sample.head(count)
        rng = stream(f"{name}/tests/{window}/{f.unit.name}", seed=seed)
        levels = np.column_stack([sample.y, sample.x])
        what = f"{f.unit.name} {f.first} to {f.last if window == 'before' else f.until}"
        try:
            found = levels_tests(levels, sample.deterministic, f.lags, draws, rng, what=what)
        except InputError:
            continue
        made += [
            {
                "perimeter": perimeter,
                "unit": f.unit.name,
                "fundamentals": told(f.unit.fundamentals),
                "window": window,
                "periods": count,
                "lags": f.lags,
                "draws": draws,
                **t.to_dict(),
            }
            for t in found
        ]
    return made


def _panel(group: Panel, fits: Sequence[Fitted]) -> dict[str, Any]:
    names = fits[0].unit.fundamentals
    pairs = (
        ("mean_group", group.mean_group, group.mean_group_covariance),
        ("pooled", group.pooled, group.pooled_covariance),
    )
    return {
        "fundamentals": told(names),
        "firms": [f.unit.name for f in fits],
        **{
            key: {
                n: {"value": float(value[i]), "se": float(np.sqrt(covariance[i, i]))}
                for i, n in enumerate(names)
            }
            for key, value, covariance in pairs
        },
        "speeds": {f.unit.name: float(s) for f, s in zip(fits, group.speeds, strict=True)},
        "hausman": group.hausman,
        "hausman_p": group.hausman_p,
    }
