"""Where a sector stands by the run-up rule: is one in force, since when at least, does spending stand low."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from overbuild.core import Paths
from overbuild.core.judging import trailing_year
from overbuild.probability.runups import Panel, Rule, at_least, drawdown, in_force, years_in_force


@dataclass(frozen=True)
class Standing:
    """Where a sector stands.

    Attributes
    ----------
    last
        Period that ends the last known year of spending.
    state
        ``"in_force"``; ``"quiet"`` where no run-up is; ``"low"`` where spending is below its running peak by
        the rule's fall or more.
    years
        For how many years the run-up is known to have been in force.
    since
        Period that ends the first of them; empty where no run-up is in force.
    since_or_before
        Whether the run-up was already in force when the figures first allowed to say so.
    ratio
        Spending over its level ``window_years`` before.
    """

    last: str
    state: Literal["in_force", "quiet", "low"]
    years: int
    since: str
    since_or_before: bool
    ratio: float


def standing_of(history: Paths, layer: str, rule: Rule) -> Standing:
    """Return where a sector stands, judged on trailing years that end with the last known period.

    Parameters
    ----------
    history
        One-draw path, annual or finer, with at least one known trailing year.
    layer
        The spending, USD million.
    rule
        What a run-up is, and what standing low is.
    """
    step = history.per_year
    flow = trailing_year(history.layer(layer)[:1], step)
    last = int(np.flatnonzero(np.isfinite(flow[0]))[-1])
    columns = np.arange(last % step, last + 1, step)
    x = flow[:, columns]
    hit, evaluable = in_force(Panel((layer,), columns, x, x), rule)
    years = int(years_in_force(hit)[0, -1])
    first = columns.size - 1 - years
    low = bool(at_least(drawdown(flow[:, : last + 1]), rule.fall)[0, -1])
    before = x[0, -1 - rule.window_years] if columns.size > rule.window_years else np.nan
    risen = years >= 0
    return Standing(
        last=history.time[last],
        state="low" if low else "in_force" if risen else "quiet",
        years=max(years, 0),
        since=history.time[int(columns[first])] if risen else "",
        since_or_before=risen and not evaluable[0, :first].any(),
        ratio=float(x[0, -1] / before) if before > 0 else float("nan"),
    )
