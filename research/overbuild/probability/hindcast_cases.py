"""What hindcasts are asked: telecom by vintage, run-ups by rule, and quiet booms at telecom's ages.

A case stands on a day of which it knows the years to ``known``, and asks whether spending falls by ``by``. No
case is chosen by what a model says of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.probability.runups import Array, Flags, Rule, at_least, drawdown

if TYPE_CHECKING:
    from overbuild.probability.runup_cases import Case

TELECOM = "telecom"
VINTAGES = tuple(range(1995, 2003))
YEARS_AHEAD = (2, 3, 4)
TROUGH = 1991
"""Year of telecom's lowest spending in the ten years before its peak: lines up the film, no model sees it."""
AGES = tuple(v - TROUGH for v in VINTAGES)
RUN_UP, FALL = "run_up", "O3"


@dataclass(frozen=True)
class Hindcast:
    """One question to the past of one annual series.

    Attributes
    ----------
    series
        Name of the series; ``telecom`` is the narrow perimeter's sum.
    known
        Last year that is known.
    by
        Year by whose end the fall must have come.
    event
        ``O3``: 30 % below the running peak, within three years of it; ``run_up``, the label of the rule:
        below the running peak, whenever that was. Either after the known years: where a series fell in
        another boom, that fall decides nothing.
    boom
        Name of the boom; empty where the case is a run-up by itself.
    age
        Years since the boom's trough, at the vintage; -1 where that is not asked.
    """

    series: str
    known: int
    by: int
    event: str
    boom: str = ""
    age: int = -1

    @property
    def vintage(self) -> int:
        """The year at whose end the case stands, a year of a series being published in the next."""
        return self.known if self.event == RUN_UP else self.known + 1


def telecom_cases(
    vintages: Sequence[int] = VINTAGES, years: Sequence[int] = YEARS_AHEAD
) -> tuple[Hindcast, ...]:
    """Return telecom at the end of each vintage, asked so many years ahead."""
    return tuple(Hindcast(TELECOM, v - 1, v + h, FALL, TELECOM, v - TROUGH) for v in vintages for h in years)


def run_up_cases(cases: Sequence[Case], rule: Rule) -> tuple[Hindcast, ...]:
    """Return every resolved run-up at its date."""
    return tuple(
        Hindcast(c.series, c.year, c.year + rule.horizon_years, RUN_UP)
        for c in cases
        if c.label != "unresolved"
    )


def quiet_cases(
    cases: Sequence[Case],
    series: Mapping[str, pd.Series],
    without: Sequence[str] = (),
    ages: Sequence[int] = AGES,
    years: Sequence[int] = YEARS_AHEAD,
) -> tuple[Hindcast, ...]:
    """Return run-ups that did not end in a fall, at the ages at which telecom stood, counted from the trough.

    A boom is aligned as telecom is: its age at a vintage is the number of years since the trough that the
    rule's case has, and the years to the one before the vintage are known. Series of telecom are left out.
    """
    found = []
    for c in (c for c in cases if c.label == "no fall" and c.series not in without):
        level, trough = series[c.series].dropna(), c.year - c.age
        for age in ages:
            known = trough + age - 1
            if known not in level.index:
                continue
            name = f"{c.series} {c.year}"
            found += [Hindcast(c.series, known, known + 1 + h, FALL, name, age) for h in years]
    return tuple(found)


def falls(x: Array, years: NDArray[np.int_], case: Hindcast, fall: float, peak_years: int) -> Flags:
    """Return whether a case comes true on each path, shape (path,).

    Parameters
    ----------
    x, years
        Spending from the first known year on, shape (path, year), and its years.
    case
        Only years after the known ones count, to ``by``.
    fall, peak_years
        Least fall, a fraction; and within how many years of the peak O3 must see it.
    """
    deep = at_least(drawdown(x, None if case.event == RUN_UP else peak_years), fall)
    return deep[:, (years > case.known) & (years <= case.by)].any(axis=1)
