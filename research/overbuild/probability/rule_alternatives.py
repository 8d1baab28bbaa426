"""The base rate with one thing changed at a time: what the definitions of the rule are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from overbuild.probability.panels import panel_of
from overbuild.probability.rule_grid import counts
from overbuild.probability.runups import (
    Panel,
    Rule,
    at_least,
    deepest_fall,
    find_run_ups,
    first_dates,
    in_force,
)

O3_PEAK_YEARS = 3
"""O3 asks for the fall within three years of the peak; the base rate does not, and both are shown."""


@dataclass(frozen=True)
class Alternative:
    """The rate with one thing changed.

    Attributes
    ----------
    id, meaning
        Name, and what was changed.
    run_ups, falls, rate
        As in the base rate; for ``kaplan_meier`` every run-up and every fall seen, and the share fallen.
    """

    id: str
    meaning: str
    run_ups: int
    falls: int
    rate: float


def alternatives(
    series: Mapping[str, pd.Series], gdp: pd.Series | None, rule: Rule, telecom: Sequence[str] = ()
) -> tuple[Alternative, ...]:
    """Return the rate under each change; the one without telecom only where its series are named."""
    panel = panel_of(series, gdp, rule.measure)
    found = find_run_ups(panel, rule)
    seen = (found.fell.size, int(found.fell.sum()))
    out = [
        _counted(
            "peak_from_run_up",
            "falls measured from the peak since the run-up",
            panel,
            replace(rule, peak="run_up"),
        ),
        _counted(
            "within_three_years_of_peak",
            "only falls within three years of the peak, as in O3",
            panel,
            replace(rule, peak_years=O3_PEAK_YEARS),
        ),
        _counted(
            "unfinished_falls_counted",
            "unfinished windows counted where the fall has been seen",
            panel,
            replace(rule, incomplete="count_falls"),
        ),
        Alternative(
            "kaplan_meier", "unfinished windows at risk while seen", *seen, kaplan_meier(panel, rule)
        ),
    ]
    rest = {name: s for name, s in series.items() if name not in telecom}
    if telecom and rest:
        without = panel_of(rest, gdp, rule.measure)
        out.append(
            _counted("without_telecom", f"without {len(telecom)} communications series", without, rule)
        )
    return tuple(out)


def kaplan_meier(panel: Panel, rule: Rule) -> float:
    """Return the share fallen by the horizon, each unresolved run-up at risk for as long as it is seen.

    Source: Kaplan and Meier (1958), Journal of the American Statistical Association 53(282), 457-481.
    """
    series, year = first_dates(*in_force(panel, rule), rule.horizon_years)
    before, survival = np.zeros(series.size, dtype=bool), 1.0
    for step in range(1, rule.horizon_years + 1):
        deepest, complete = deepest_fall(panel.measured, step, rule.peak, rule.peak_years)
        fell = at_least(deepest[series, year], rule.fall)
        at_risk = complete[series, year] & ~before
        survival *= 1.0 - float((at_risk & fell).sum()) / max(int(at_risk.sum()), 1)
        before = fell
    return 1.0 - survival


def _counted(name: str, meaning: str, panel: Panel, rule: Rule) -> Alternative:
    run_ups, falls = counts(find_run_ups(panel, rule))
    return Alternative(name, meaning, run_ups, falls, falls / run_ups if run_ups else float("nan"))
