"""From a series to a result: the statistic, its distribution under a null, and the dated episodes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive.critical import LEVELS, RULES, Advance, Mapper, critical_values, false_alarms
from overbuild.explosive.date_spread import spread_of_dates
from overbuild.explosive.dating import default_duration, episodes_of
from overbuild.explosive.nulls import MonteCarlo, Null, SieveBootstrap
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.result import Result
from overbuild.explosive.series import Series, series_of
from overbuild.explosive.statistic import Array, Sequences, Statistic
from overbuild.randomness import stream
from overbuild.settings import SEED

ALARM_REPLICATIONS = 399
"""Paths under the null from which the chance of a false episode is taken."""
DATE_REPLICATIONS = 399
"""Paths from which the spread of dates is taken."""
FEWEST_FOR_A_CLAIM = 60
FEW = (
    "{} observations are fewer than {}: the tests have little power, so nothing follows from a null that is "
    "not rejected."
)
UNDERSTATED = (
    "The bootstrap understates how unsure the start of an episode is: in simulated bubbles its 90 % range "
    "held the true start about two times in three."
)


def psy(
    data: Any,
    test: Statistic | None = None,
    null: Null | None = None,
    *,
    level: float = 0.95,
    rule: str = "psy",
    min_duration: int | None = None,
    date_replications: int = DATE_REPLICATIONS,
    seed: int = SEED,
    mapper: Mapper | None = None,
    folder: Path | None = None,
    progress: Advance | None = None,
) -> tuple[Result, ...]:
    """Test each series for explosive behaviour and date its episodes.

    Parameters
    ----------
    data
        A `Series` or several, a pandas Series or DataFrame, or an array (`series_of`).
    test
        Default: `RecursiveADF` with a constant, no lags and the default window. Its ``min_window`` counts
        rows of the regression, as exuber's ``minw``.
    null
        Where critical values come from; default: `MonteCarlo`.
    level, rule
        Of the critical values by which episodes are dated: one of `LEVELS`, one of `RULES`.
    min_duration
        Dates of the shortest episode; default: `default_duration`.
    date_replications
        Paths from which the spread of each date is taken; 0: none.
    seed, mapper, folder, progress
        As for `critical_values`.

    Returns
    -------
    tuple of Result
        One for each series, in their order.

    Raises
    ------
    InputError
        For series that cannot be tested and choices that are impossible.
    """
    test, null = test or RecursiveADF(), null or MonteCarlo()
    _check_rule(level, rule)
    made = []
    many = series_of(data)
    for series in many:
        test.check(series)
    for series in many:
        made.append(
            _tested(
                series.name, series.calendar, series.values[None, :], test, null, level, rule, min_duration,
                seed, mapper, folder, progress, date_replications,
            )
        )  # fmt: skip
    return tuple(made)


def psy_panel(
    data: Any,
    test: Statistic | None = None,
    null: Null | None = None,
    *,
    level: float = 0.95,
    rule: str = "psy",
    min_duration: int | None = None,
    seed: int = SEED,
    mapper: Mapper | None = None,
    folder: Path | None = None,
    progress: Advance | None = None,
) -> Result:
    """Test a panel: the mean BSADF over series and its largest value, the panel GSADF.

    It is the panel test of Pavlidis et al. (2016). Parameters as for `psy`; the default null is the
    `SieveBootstrap`, which keeps the dependence across series. A panel has no spread of dates.

    Raises
    ------
    InputError
        Also if there are fewer than two series, or they do not have the same dates.
    """
    test, null = test or RecursiveADF(), null or SieveBootstrap()
    _check_rule(level, rule)
    many = series_of(data)
    _check_panel(many)
    for series in many:
        test.check(series)
    values = np.stack([s.values for s in many])
    name = f"panel of {len(many)} series"
    return _tested(
        name,
        many[0].calendar,
        values,
        test,
        null,
        level,
        rule,
        min_duration,
        seed,
        mapper,
        folder,
        progress,
        0,
    )


def _tested(
    name: str,
    calendar: tuple[Any, ...],
    values: Array,
    test: Statistic,
    null: Null,
    level: float,
    rule: str,
    min_duration: int | None,
    seed: int,
    mapper: Mapper | None,
    folder: Path | None,
    progress: Advance | None,
    date_replications: int,
) -> Result:
    n = values.shape[1]
    statistic = test.at(n)
    sequences: Sequences = statistic.sequences(values).panel()
    critical = critical_values(
        statistic, null, values, seed=seed, mapper=mapper, folder=folder, progress=progress
    )
    shortest = default_duration(n) if min_duration is None else min_duration
    cut = critical.sequence(level, rule)
    episodes = episodes_of(sequences.bsadf, cut, shortest)
    spreads = ()
    if episodes and date_replications:
        rng = stream("explosive/dates", seed=seed)
        spreads = spread_of_dates(
            values[0],
            statistic,
            cut,
            episodes,
            replications=date_replications,
            min_duration=shortest,
            rng=rng,
        )
    lags_of = getattr(statistic, "lags_of", None)
    lags = lags_of(values[0]) if lags_of and len(values) == 1 else statistic.lags
    alarms = None
    if null.observations(statistic, n) == n:
        alarms = false_alarms(critical, values, cut, shortest, ALARM_REPLICATIONS)
    warnings = tuple(getattr(statistic, "warnings", ()))
    if n < FEWEST_FOR_A_CLAIM:
        warnings += (FEW.format(n, FEWEST_FOR_A_CLAIM),)
    if spreads:
        warnings += (UNDERSTATED,)
    return Result(
        name,
        calendar,
        statistic,
        sequences,
        critical,
        level,
        rule if null.pointwise else "familywise",
        shortest,
        alarms,
        episodes,
        spreads,
        lags,
        warnings,
    )


def _check_rule(level: float, rule: str) -> None:
    if rule not in RULES:
        raise UnknownNameError("rule for critical values by date", rule, tuple(RULES))
    if level not in LEVELS:
        raise InputError(f"level {level:g}: expected one of {', '.join(f'{at:g}' for at in LEVELS)}.")


def _check_panel(many: Sequence[Series]) -> None:
    if len(many) < 2:
        raise InputError("A panel needs two series or more; test a single one by itself.")
    for series in many[1:]:
        if series.calendar != many[0].calendar:
            raise InputError(
                f"{series.name} is observed from {series.label(0)} to {series.label(-1)} ({len(series)} "
                f"observations), {many[0].name} from {many[0].label(0)} to {many[0].label(-1)} "
                f"({len(many[0])}). A panel needs the same dates: cut the series to those that all have."
            )
