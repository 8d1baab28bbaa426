"""Gaps in series: each is listed in ``gaps.csv`` with its reason, so that a row that got lost is found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd

from overbuild.core.periods import label, ordinal
from overbuild.errors import Fault
from overbuild.sources.cells import period_fits
from overbuild.sources.reading import ROW, read_strings, shown

GAPS = "gaps.csv"
COLUMNS = ("series", "entity", "after", "before", "reason")
"""A gap lies after one period and before another; the reason is for people."""

FEWEST = 8
"""Periods below which a series is a handful of points, and no gap is looked for."""
MOST_GAPS = 1 / 6
"""Gaps over periods above which it is one, too."""

Gap = tuple[str, str, str, str]


def gap_faults(table: pd.DataFrame, folder: Path, unsure: set[str]) -> list[Fault]:
    """Return a fault for each gap that is not listed, and for each listed one that is not there.

    Parameters
    ----------
    table
        Tidy rows of all files, as read, with the columns ``file`` and `ROW`.
    folder
        The data folder; without ``gaps.csv`` no gap is listed.
    unsure
        Files with rows that cannot be placed: each would make a gap, so none is looked for.
    """
    register, faults = pd.DataFrame(columns=[*COLUMNS, ROW]), []
    if (folder / GAPS).exists():
        register, faults = read_strings(folder / GAPS, GAPS, COLUMNS)
    listed = {
        (r["series"], r["entity"], r["after"], r["before"]): r[ROW] for r in register.to_dict("records")
    }
    left_out = table["file"].isin(list(unsure))
    found = dict(_gaps(table.loc[~left_out]))
    unjudged = set(table.loc[left_out, "series"])
    for (series, entity, after, before), (file, row) in found.items():
        if (series, entity, after, before) not in listed:
            what = f"'{before}' of {shown(entity)} {shown(series)} follows {after}"
            problem = f"{what}; fill the gap, or list it with its reason in {GAPS}"
            faults.append(Fault(file, row, "period", problem))
    for gap, row in listed.items():
        if gap not in found and gap[0] not in unjudged:
            problem = f"of {shown(gap[1])} {shown(gap[0])} before '{shown(gap[3])}' is not in the data"
            faults.append(Fault(GAPS, int(row), "after", f"the gap after '{shown(gap[2])}' {problem}"))
    return faults


def _gaps(table: pd.DataFrame) -> Iterator[tuple[Gap, tuple[str, int]]]:
    """Yield each gap of the regular series, with file and line of the first row after it."""
    rows: dict[tuple[str, str, str], dict[int, tuple[str, int]]] = {}
    columns = ["series", "entity", "frequency", "period", "file", ROW]
    for series, entity, frequency, period, file, row in table[columns].itertuples(index=False):
        if frequency in ("A", "Q", "M") and period_fits(period, frequency):
            rows.setdefault((series, entity, frequency), {}).setdefault(ordinal(period), (file, int(row)))
    for (series, entity, frequency), at in rows.items():
        gaps = [(a, b) for a, b in pairwise(sorted(at)) if b - a > 1]
        if len(at) >= FEWEST and len(gaps) <= MOST_GAPS * len(at):
            for a, b in gaps:
                yield (series, entity, label(a, frequency), label(b, frequency)), at[b]
