"""From a series to a result: the statistic, its distribution under a null, and the dated episodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.explosive.critical import (
    Advance,
    CriticalValues,
    Mapper,
    critical_values,
    false_alarms,
    own_lines,
)
from overbuild.explosive.date_spread import spread_of_dates
from overbuild.explosive.dating import Rule
from overbuild.explosive.episode import episodes_of
from overbuild.explosive.nulls import MonteCarlo, Null, SieveBootstrap
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.result import Result
from overbuild.explosive.series import Series, series_of
from overbuild.explosive.statistic import Array, Statistic
from overbuild.randomness import stream
from overbuild.settings import SEED

ALARM_REPLICATIONS = 399
"""Paths under the null from which the chance of a false episode is taken."""
FEWEST_FOR_A_CLAIM = 60
FEW = (
    "{} observations are fewer than {}: the tests have little power, so nothing follows from a null that is "
    "not rejected."
)
UNDERSTATED = (
    "The bootstrap understates how unsure the start of an episode is: in simulated bubbles its 90 % range "
    "held the true start in 71 to 73 % of samples."
)


def psy(
    data: Any,
    test: Statistic | None = None,
    null: Null | None = None,
    dating: Rule | None = None,
    *,
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
    dating
        How episodes are dated; default: `Rule`, that of Phillips, Shi and Yu (2015).
    seed, mapper, folder, progress
        As for `critical_values`.

    Returns
    -------
    tuple of Result
        One for each series, in their order.

    Raises
    ------
    InputError
        For series that cannot be tested.
    """
    work = partial(critical_values, seed=seed, mapper=mapper, folder=folder, progress=progress)
    test, null, many = test or RecursiveADF(), null or MonteCarlo(), series_of(data)
    _check_each(many, test, dating)
    return tuple(_tested(s.name, (s,), test, null, dating or Rule(), work) for s in many)


def psy_panel(
    data: Any,
    test: Statistic | None = None,
    null: Null | None = None,
    dating: Rule | None = None,
    *,
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
    work = partial(critical_values, seed=seed, mapper=mapper, folder=folder, progress=progress)
    test, null, many = test or RecursiveADF(), null or SieveBootstrap(), series_of(data)
    _check_panel(many)
    _check_each(many, test, dating)
    return _tested(f"panel of {len(many)} series", many, test, null, dating or Rule(), work)


def _tested(
    name: str,
    many: Sequence[Series],
    test: Statistic,
    null: Null,
    dating: Rule,
    work: Callable[[Statistic, Null, Array], CriticalValues],
) -> Result:
    values = np.stack([s.values for s in many])
    n, alone = values.shape[1], len(many) == 1
    statistic = test.at(n)
    sequences = statistic.sequences(values).panel()
    critical = work(statistic, null, values)
    lines = critical.boundaries(dating)
    episodes = episodes_of(dating.dated(sequences), lines.begin, dating.shortest(n), lines.end)
    spreads = ()
    if episodes and dating.replications and alone:
        rng = stream("explosive/dates", seed=critical.seed)
        spreads = spread_of_dates(
            statistic.under_null(values)[0], statistic, lines.begin, episodes, dating, rng, lines.end
        )
    few = (FEW.format(n, FEWEST_FOR_A_CLAIM),) if n < FEWEST_FOR_A_CLAIM else ()
    return Result(
        name,
        many[0].calendar,
        sequences,
        critical,
        dating,
        episodes,
        spreads,
        false_alarm=false_alarms(critical, values, dating, ALARM_REPLICATIONS),
        lags=statistic.lags_of(values[0]) if alone else statistic.lags,
        warnings=(*statistic.warnings, *few, *((UNDERSTATED,) if spreads else ())),
    )


def _check_each(many: Sequence[Series], test: Statistic, dating: Rule | None) -> None:
    for series in many:
        test.check(series)
        if dating is not None and dating.cut == "published":
            own_lines(test, len(series))


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
