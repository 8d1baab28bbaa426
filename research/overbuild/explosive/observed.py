"""From what was known on a day to a series that can be tested: sums, ratios, logs, cumulated returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from overbuild.core import Snapshot
from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError
from overbuild.explosive.register import Listed
from overbuild.explosive.series import Series


def observed(listed: Listed, snapshot: Snapshot) -> Series:
    r"""Return a listed series as known on the day of a snapshot.

    With :math:`a_t` the sum of its series and entities over ``trailing`` periods and :math:`b_t` that of
    ``over``, it is :math:`\log(a_t/b_t)` (``log``), :math:`a_t/b_t` (``level``) or, with :math:`r_t` a return
    in per cent, :math:`\sum_{s \le t} \log(1 + r_s/100) - \log b_t` (``return``), over the longest stretch
    without a gap in which :math:`b_t` is positive.

    Raises
    ------
    InputError
        If nothing is known of it by then, fewer than ten observations are, or one has no logarithm.
    """
    above = _summed(listed, snapshot, listed.series, listed.entities)
    over = (listed.over_entity,) if listed.over_entity else listed.entities
    if listed.form == "return":
        above = _invested(listed, above)
    below = _summed(listed, snapshot, (listed.over,), over) if listed.over else dict.fromkeys(above, 1.0)
    ratio = {p: v / below[p] for p, v in above.items() if below.get(p, 0.0) > 0}
    kept = longest_stretch(list(ratio))
    found = Series(listed.title, np.array([ratio[p] for p in kept]), tuple(kept))
    if listed.form == "level":
        return found
    return Series(listed.title, found.log().values, found.calendar)


def longest_stretch(periods: Sequence[str]) -> list[str]:
    """Return the longest run of consecutive periods, the last of equally long ones."""
    ordered = sorted(periods)
    if not ordered:
        return []
    breaks = np.flatnonzero(np.diff([ordinal(p) for p in ordered]) != 1) + 1
    runs = [run.tolist() for run in np.split(np.array(ordered, dtype=object), breaks)]
    return max(reversed(runs), key=len)


def _invested(listed: Listed, returns: Mapping[str, float]) -> dict[str, float]:
    """Return what one invested before the first month is worth, over the longest stretch of returns."""
    kept = longest_stretch(list(returns))
    before = label(ordinal(kept[0]) - 1, listed.frequency)
    worth = np.cumprod([1.0, *(1 + returns[p] / 100 for p in kept)])
    return dict(zip([before, *kept], map(float, worth), strict=True))


def _summed(
    listed: Listed, snapshot: Snapshot, series: Sequence[str], entities: Sequence[str]
) -> dict[str, float]:
    """Return period to the sum of series and entities over the trailing periods, where all are known."""
    table = snapshot.table
    rows = table.loc[
        table["series"].isin(list(series))
        & table["entity"].isin(list(entities))
        & (table["frequency"] == listed.frequency)
    ]
    wide = rows.pivot_table(index="period", columns=["series", "entity"], values="value", aggfunc="last")
    if wide.shape[1] < len(series) * len(entities):
        raise InputError(f"{listed.title}: not all of it is known as of {snapshot.as_of}.")
    whole = pd.Series(wide.dropna().sum(axis=1))
    found = {str(p): float(v) for p, v in whole.items()}
    if listed.trailing == 1:
        return found
    frequency = listed.frequency
    spans = {p: [label(ordinal(p) - k, frequency) for k in range(listed.trailing)] for p in found}
    return {p: sum(found[q] for q in span) for p, span in spans.items() if all(q in found for q in span)}
