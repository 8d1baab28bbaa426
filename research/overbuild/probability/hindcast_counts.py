"""What counting says of a case: the base rate as it is asked of O3, and two rivals that know less.

``baserate`` counts the years in which other series stood where this one stands (`conditional_rates`). The
``constant`` rate knows nothing of the case; ``boom_age`` knows the years since the lowest level of the last
ten. Both count the same years of the same other series: every year in which a series does not stand low and
the years that decide are known. Of run-ups, which are cases of their own, they count those of other series.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from overbuild.core import Paths
from overbuild.probability.baserate_forecaster import STANDS_LOW, with_enough
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.conditional_rates import (
    Followed,
    Tally,
    at_horizon,
    between,
    bracket,
    followed,
    tallied,
)
from overbuild.probability.crash_regression import firth_logit
from overbuild.probability.hindcast_cases import RUN_UP, Hindcast
from overbuild.probability.runup_cases import age_of, attributes
from overbuild.probability.runups import Array, Panel, Rule, at_least, find_run_ups
from overbuild.probability.standing import Standing, standing_of

LAYER = "spending"
UNKNOWN = "too few years of the series are known to say whether a run-up is in force"
NO_CASE = "no other series has stood there with the years that decide known"
FEWEST_RUN_UPS = 10


@dataclass(frozen=True, eq=False)
class Counts:
    """What can be counted in some series.

    Attributes
    ----------
    panel
        The series, none of them that of the case.
    rule, choices
        What a run-up and a fall are; priors and fewest cases.
    peak_years
        Within how many years of the peak O3 must see the fall.
    """

    panel: Panel
    rule: Rule
    choices: BaseRateChoices
    peak_years: int

    def of(self, event: str) -> Rule:
        """Return the rule of an event: that of O3 counts a fall only within so many years of its peak."""
        return replace(self.rule, peak_years=None if event == RUN_UP else self.peak_years)


def base_rate(counts: Counts, past: pd.Series, case: Hindcast) -> float | str:
    """Return the base rate's chance of a case, or why it is silent; the forecaster's own steps."""
    rule = counts.of(case.event)
    if past.size <= rule.window_years:
        return UNKNOWN
    standing = standing_of(_paths(past), LAYER, rule)
    if case.event != RUN_UP and standing.state == "low":
        return STANDS_LOW
    after = followed(counts.panel, rule, rule.horizon_years)
    tally = _tally(counts, rule, after, standing)
    if not tally.cases.sum():
        return NO_CASE
    return float(at_horizon(tally.rates, case.by - case.known))


def constant(counts: Counts, case: Hindcast, years: float | None = None) -> float | str:
    """Return the share of all years, or of all run-ups, that a fall follows: a posterior mean."""
    a, b = counts.choices.conditional_rate
    if case.event == RUN_UP:
        fell = _run_ups(counts)[1]
        return float((fell.sum() + a) / (fell.size + a + b)) if fell.size else NO_CASE
    _, within = _years(counts, counts.of(case.event))
    if not within.shape[1]:
        return NO_CASE
    rates = (within.sum(axis=1) + a) / (within.shape[1] + a + b)
    return float(at_horizon(rates, case.by - case.known if years is None else years))


def boom_age(counts: Counts, age: float, case: Hindcast, years: float | None = None) -> float | str:
    """Return the chance given the age of the boom alone, by Firth's logit in the log of the age."""
    if case.event == RUN_UP:
        found, fell = _run_ups(counts)
        return _logit(found["log_age"], fell, float(np.log(age)))
    ages, within = _years(counts, counts.of(case.event))
    ahead = float(case.by - case.known) if years is None else years
    below, weight = bracket(ahead, len(within))
    ends = []
    for h in (below - 1, below):
        chance = 0.0 if h < 0 else _logit(np.log(ages), within[h], float(np.log(age)))
        if isinstance(chance, str):
            return chance
        ends.append(np.array(chance))
    return float(between(ends[0], ends[1], weight))


def crash_logit(counts: Counts, past: pd.Series, case: Hindcast) -> float | str:
    """Return the chance given the size of the run-up, by Firth's logit on the run-ups of other series."""
    if case.event != RUN_UP:
        return "the regression is fitted to run-ups at their dates"
    found, fell = _run_ups(counts)
    ratio = float(past.loc[case.known] / past.loc[case.known - counts.rule.window_years])
    return _logit(found["log_run_up"], fell, float(np.log(ratio)))


def _run_ups(counts: Counts) -> tuple[dict[str, Array], Array]:
    """Return covariates and outcomes of the resolved run-ups."""
    found = find_run_ups(counts.panel, counts.rule)
    known = attributes(counts.panel, found, counts.rule)
    kept = found.resolved
    return {n: v[kept] for n, v in known.items()}, found.fell[kept].astype(float)


def _years(counts: Counts, rule: Rule) -> tuple[Array, Array]:
    """Return the age of every year that counts, and whether a fall came within 1, 2, ... years of it.

    Shapes (case,) and (horizon, case).
    """
    panel = counts.panel
    after = followed(panel, rule, rule.horizon_years)
    keep = after.evaluable & ~after.low & after.complete & at_least(panel.level, rule.floor_usd_million)
    return ages_of(panel.measured)[keep], np.array([w[keep] for w in after.within], dtype=float)


def ages_of(x: Array) -> Array:
    """Return years since the lowest of the last ten years, at least 1, shape (series, year); nan: unknown."""
    out = np.full(x.shape, np.nan)
    for i, t in zip(*np.nonzero(np.isfinite(x)), strict=True):
        out[i, t] = age_of(x[i, : t + 1])
    return out


def _tally(counts: Counts, rule: Rule, after: Followed, standing: Standing) -> Tally:
    prior = counts.choices.conditional_rate
    if standing.state == "quiet":
        return tallied(counts.panel, rule, after, "quiet", 0, prior)
    return with_enough(
        lambda years: tallied(counts.panel, rule, after, "in_force", years, prior),
        standing.years,
        counts.choices,
    )


def _logit(covariate: Array, fell: Array, at: float) -> float | str:
    """Return the chance at a value; a reason where cases are too few or all alike."""
    if fell.size < FEWEST_RUN_UPS or not 0 < fell.sum() < fell.size or np.ptp(covariate) == 0:
        return f"fewer than {FEWEST_RUN_UPS} cases of other series are known, or all ended alike"
    try:
        fit = firth_logit(np.column_stack([np.ones(fell.size), covariate]), fell)
    except ArithmeticError:
        return "the logit does not settle on the few cases of other series that are known"
    return float(expit(fit.beta[0] + fit.beta[1] * at))


def _paths(past: pd.Series) -> Paths:
    years: NDArray[np.int_] = np.arange(int(past.index[0]), int(past.index[-1]) + 1)
    values = past.reindex(years).to_numpy(dtype=float)[None, :]
    units = {LAYER: "USD million"}
    day = date(int(years[-1]), 12, 31)
    return Paths(tuple(str(y) for y in years), {LAYER: values}, units, "history", day)
