"""The tests put to every series of the register, with p-values adjusted for how many there are.

Each series is dated by the rule of Phillips, Shi and Yu (2015), and its GSADF has three p-values
(`Design.nulls`): under their Gaussian random walk; by the wild bootstrap, which keeps how volatility changed;
and by the bootstrap with the mean change of the sample kept. The second, chosen before any series was tested,
decides whether a series rejects; it is adjusted for the number of series by Benjamini and Hochberg (1995),
which bounds the expected share of false rejections where the statistics depend positively. Holm's (1979)
adjustment, which bounds the chance of any false rejection whatever the dependence, and both adjustments of
the first p-value stand beside. Resampling all series together (Romano and Wolf, 2005) would need one
calendar; these have three.

An episode is ``confirmed`` at the first date at which it has lasted as long as the shortest that counts:
nobody could have called it before. BSADF at a date uses no later observation; the length of the shortest
window does follow from the whole sample, and the figures are those published last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from overbuild.core.digest import digest_of
from overbuild.episodes import DataBook
from overbuild.errors import InputError
from overbuild.explosive.critical import critical_values, threads
from overbuild.explosive.dating import Rule
from overbuild.explosive.nulls import REPLICATIONS
from overbuild.explosive.observed import observed
from overbuild.explosive.register import Listed, Register, read_register
from overbuild.explosive.rejection_rates import Design, rejection_rates
from overbuild.explosive.result import Result
from overbuild.explosive.series import Series
from overbuild.explosive.testing import FEWEST_FOR_A_CLAIM, psy
from overbuild.settings import SEED

FEWEST_SHOWN = 20
"""Observations below which a series is named as missing."""
LEVEL = 0.05
"""Of the adjusted p-values."""
PRIMARY = "bootstrap"
"""The p-value that decides."""
ADJUSTED = ("bootstrap", "monte_carlo")
DATE_REPLICATIONS = 199
QUICK = 199
"""Paths of a quick answer."""


class Question(Protocol):
    """What is asked: the folder of the data, the day, whether fewer draws will do, and the master seed."""

    @property
    def data(self) -> Path: ...  # noqa: D102
    @property
    def as_of(self) -> date: ...  # noqa: D102
    @property
    def quick(self) -> bool: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class Subject:
    """A listed series with its observations, and what its snapshot must be called."""

    listed: Listed
    series: Series
    realtime: str

    @property
    def design(self) -> Design:
        """What decides its test."""
        return Design(len(self.series), self.listed.lags, self.listed.trailing)


def evidence(asked: Question, progress: Callable[[int, int, str], None] | None = None) -> dict[str, Any]:
    """Test every series of the register as known on a day.

    Returns
    -------
    dict
        Plain types: ``series`` (a row each), ``designs`` (size and power), ``missing`` (title to reason),
        and how the p-values were adjusted.
    """
    register = read_register(asked.data)
    subjects, missing = subjects_of(register, asked.data, asked.as_of)
    replications = QUICK if asked.quick else REPLICATIONS
    designs = sorted({s.design for s in subjects}, key=lambda d: (d.trailing, d.lags, d.observations))
    rows, rates = [], []
    for subject in subjects:
        rows.append(row_of(subject, replications, asked.seed))
        if progress:
            progress(len(rows), len(subjects) + len(designs), subject.listed.title)
    for design in designs:
        rates.append(rejection_rates(design, replications, asked.seed))
        if progress:
            progress(len(rows) + len(rates), len(subjects) + len(designs), "size and power")
    family = [row for row in rows if row["family"] and row["claims"]]
    for kind in ADJUSTED:
        adjusted = adjusted_p([row["p"][kind]["value"] for row in family])
        for row, found in zip(family, adjusted, strict=True):
            row["adjusted"][kind] = found
    return {
        "as_of": asked.as_of.isoformat(),
        "level": LEVEL,
        "fewest_for_a_claim": FEWEST_FOR_A_CLAIM,
        "fewest_shown": FEWEST_SHOWN,
        "replications": replications,
        "primary": PRIMARY,
        "family": len(family),
        "rejected": [r["id"] for r in family if r["adjusted"][PRIMARY]["benjamini_hochberg"] <= LEVEL],
        "series": rows,
        "designs": rates,
        "missing": missing,
    }


def key_of(asked: Question, code: str) -> str:
    """Return what decides the answer: the observations, the register, the code, the draws and the seed."""
    register = read_register(asked.data)
    subjects, missing = subjects_of(register, asked.data, asked.as_of)
    known = [(s.listed, s.series.values, s.series.calendar, s.realtime) for s in subjects]
    return digest_of(code, known, sorted(missing.items()), asked.as_of, asked.quick, asked.seed)[:20]


def subjects_of(register: Register, data: Path, as_of: date) -> tuple[tuple[Subject, ...], dict[str, str]]:
    """Return the series that are long enough to be shown, and what is missing with the reason."""
    book, missing, found = DataBook.load(data), dict(register.missing), []
    days = {listed.known_on(as_of) for listed in register.series}
    snapshots = {day: book.at(day, "ai", register.names) for day in days}
    for listed in register.series:
        snapshot = snapshots[listed.known_on(as_of)]
        try:
            series = observed(listed, snapshot)
        except InputError as error:
            missing[listed.title] = str(error)
            continue
        if len(series) < FEWEST_SHOWN:
            missing[listed.title] = f"{len(series)} observations, fewer than {FEWEST_SHOWN}"
        else:
            found.append(Subject(listed, series, snapshot.realtime))
    return tuple(found), missing


def row_of(subject: Subject, replications: int, seed: int = SEED) -> dict[str, Any]:
    """Return the row of one series."""
    listed, series = subject.listed, subject.series
    nulls = subject.design.nulls(replications)
    rule = Rule(replications=0 if listed.trailing > 1 else DATE_REPLICATIONS)
    statistic = subject.design.statistic
    (result,) = psy(series, statistic, nulls["monte_carlo"], rule, seed=seed, mapper=threads(2))
    gsadf, p = float(result.sequences.gsadf), dict[str, Any]()
    for name, null in nulls.items():
        found = critical_values(statistic, null, series.values, seed=seed, mapper=threads(2))
        value = found.p_value("gsadf", gsadf)
        p[name] = {"value": value.value, "error": value.error} if value else None
    return {
        "id": listed.id,
        "title": listed.title,
        "group": listed.group,
        "era": listed.era,
        "realtime": subject.realtime,
        "known_on": listed.as_of or None,
        "first": series.label(0),
        "last": series.label(-1),
        "observations": len(series),
        "lags": listed.lags,
        "trailing": listed.trailing,
        "window": result.min_window,
        "gsadf": gsadf,
        "critical": result.critical.value("gsadf").value,
        "family": listed.family,
        "claims": len(series) >= FEWEST_FOR_A_CLAIM,
        "p": p,
        "adjusted": {},
        "rise": _rise(series),
        "false_alarm": result.false_alarm.value if result.false_alarm else None,
        "shortest": result.min_duration,
        "episodes": _episodes(result),
        "drawn": _drawn(result) if listed.figure else None,
    }


def adjusted_p(values: Sequence[float]) -> list[dict[str, float]]:
    """Return the p-values adjusted for their number, in the order given."""
    from statsmodels.stats.multitest import multipletests

    if not values:
        return []
    methods = {"benjamini_hochberg": "fdr_bh", "holm": "holm"}
    found = {name: multipletests(values, method=method)[1] for name, method in methods.items()}
    return [{name: float(p[i]) for name, p in found.items()} for i in range(len(values))]


def _rise(series: Series) -> float:
    """Return the sum of changes in standard deviations of it: the drift as a test sees it."""
    changes = np.diff(series.values)
    return float(changes.mean() / changes.std() * np.sqrt(changes.size))


def _episodes(result: Result) -> list[dict[str, Any]]:
    dates = result.dates
    rows = result.dating().table.to_dict("records")
    return [
        {
            "start": row["start"],
            "start_low": row["start_low"],
            "start_high": row["start_high"],
            "confirmed": dates[episode.start + result.min_duration - 1],
            "peak": row["peak"],
            "last": dates[episode.stop - 1],
            "ongoing": episode.ongoing,
            "duration": episode.duration,
        }
        for episode, row in zip(result.episodes, rows, strict=True)
    ]


def _drawn(result: Result) -> dict[str, Any]:
    return {
        "first": result.dates[0],
        "bsadf": [round(float(v), 3) for v in result.sequences.bsadf],
        "critical": [round(float(v), 3) for v in result.cut],
    }
