"""The rule-selected base rate of O3: how often a run-up of investment ends in a fall of a third or so.

Every run-up that the rule of `overbuild.probability.runups` finds in the long annual series counts, whatever
its fame and however it ended. The answer moves with the rule, so the grid of rules is part of the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from overbuild.errors import InputError, UnknownNameError
from overbuild.probability.cluster_bootstrap import cluster_weights, effective_cases, share_draws
from overbuild.probability.conditional_rates import HALF, conditional_table
from overbuild.probability.crash_regression import AgeScore, Specification, fitted_at, regression_table
from overbuild.probability.panels import panel_of
from overbuild.probability.plain import plain
from overbuild.probability.rule_alternatives import O3_PEAK_YEARS, Alternative, alternatives
from overbuild.probability.rule_grid import Grid, counts, grid_summary, grid_table
from overbuild.probability.runup_cases import Case, attributes, cases_of, regressions
from overbuild.probability.runups import Array, Panel, Rule, RunUps, find_run_ups

DRAWS = 5000
YEARS = {"peak_year": "Int64", "fall_year": "Int64"}
GSY_RUN_UPS = (1.5, 2.0, 2.5)
"""Run-ups of 50, 100 and 150 %, at which Greenwood, Shleifer and You report crashes in 20, 53 and 80 %."""


@dataclass(frozen=True)
class BaseRate:
    """How often run-ups ended in a fall, under the primary rule and beside it.

    Attributes
    ----------
    rule
        The primary rule.
    series, first_year, last_year
        Number of series, and the years that they cover.
    run_ups, falls, rate
        Resolved run-ups, those that fell, and their ratio.
    unresolved, unresolved_fallen
        Run-ups left out because their window runs beyond the data, and how many of them had fallen already.
    interval
        5 % and 95 % points of the rate, bootstrap by series.
    bootstrap_median
        Median of the same draws.
    jeffreys, jeffreys_effective
        5 % and 95 % points of the posterior under Beta(1/2, 1/2), with the run-ups taken as independent, and
        with their effective number.
    effective_run_ups
        Number of independent run-ups that would leave the variance of the bootstrap.
    cases
        Every run-up found, resolved or not.
    grid, grid_summary
        The rate under every rule of the grid; its range for each measure.
    alternatives
        The rate with one thing changed.
    conditional
        P(fall within h years | state of age k), see `conditional_rates`; with ``peak_years`` 3 for falls as
        O3 has them.
    regression, fitted, age_score
        What the attributes of a run-up say of its end.
    """

    rule: Rule
    series: int
    first_year: int
    last_year: int
    run_ups: int
    falls: int
    rate: float
    unresolved: int
    unresolved_fallen: int
    interval: tuple[float, float]
    bootstrap_median: float
    jeffreys: tuple[float, float]
    jeffreys_effective: tuple[float, float]
    effective_run_ups: float
    cases: tuple[Case, ...]
    grid: pd.DataFrame
    grid_summary: pd.DataFrame
    alternatives: tuple[Alternative, ...]
    conditional: pd.DataFrame
    regression: tuple[Specification, ...]
    fitted: dict[float, float]
    age_score: AgeScore | None

    def sentence(self) -> str:
        """Say in one sentence what the rate is a rate of."""
        of = "investment" if self.rule.measure == "nominal" else "investment as a share of GDP"
        rule, (low, high) = self.rule, self.interval
        alike = self.grid.loc[self.grid["measure"] == rule.measure, "rate"]
        rates = np.asarray(alike if len(alike) else self.grid["rate"], dtype=float)
        least, most = np.nanquantile(rates, [0.05, 0.95])
        return (
            f"Of {self.run_ups} run-ups (a year in which {of} is at least {rule.run_up:g} times its level "
            f"{rule.window_years} years before) in {self.series} US infrastructure series "
            f"{self.first_year}-{self.last_year}, {self.falls} were followed within {rule.horizon_years} "
            f"years by a fall of {100 * rule.fall:g} % or more from the running peak, a base rate of "
            f"{self.rate:.2f} (90 % interval {low:.2f}-{high:.2f}, bootstrap by series; revised data); over "
            f"the grid of rules 90 % of the rates lie between {least:.2f} and {most:.2f}."
        )

    def frame(self) -> pd.DataFrame:
        """Return the run-ups, one row each."""
        return pd.DataFrame([asdict(c) for c in self.cases]).astype(YEARS)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types; what is not known is None."""
        as_records = {
            "regression": regression_table(self.regression),
            "fitted": [{"run_up": k, "probability": v} for k, v in self.fitted.items()],
            "sentence": self.sentence(),
        }
        return plain({name: getattr(self, name) for name in self.__dataclass_fields__} | as_records)


def base_rate(
    series: Mapping[str, pd.Series],
    gdp: pd.Series | None,
    rule: Rule,
    grid: Grid,
    rng: np.random.Generator,
    *,
    telecom: Sequence[str] = (),
    draws: int = DRAWS,
) -> BaseRate:
    """Count the run-ups of a set of annual series and the falls that followed.

    Parameters
    ----------
    series
        Name to annual investment, nominal USD million, indexed by year.
    gdp
        Annual GDP, nominal, indexed by year; needed where the rule or the grid judges shares of GDP.
    rule, grid
        The primary rule, and the rules beside it.
    rng
        Generator of the bootstrap; by convention the stream ``"baserate/bootstrap"``.
    telecom
        Names of the series left out of the alternative without telecom; empty: no such alternative.
    draws
        Draws of the bootstrap.

    Raises
    ------
    InputError
        If nothing can be counted: no series, a malformed one, GDP missing, or no resolved run-up.
    """
    unknown = [name for name in telecom if name not in series]
    if unknown:
        raise UnknownNameError("series", unknown[0], tuple(series))
    panel = panel_of(series, gdp, rule.measure)
    found = find_run_ups(panel, rule)
    run_ups, falls = counts(found)
    if run_ups == 0:
        raise InputError(
            f"The rule finds no run-up with a known end in {panel.years[0]}-{panel.years[-1]} (run_up "
            f"{rule.run_up:g} in {rule.window_years} years, floor {rule.floor_usd_million:g} USD million). "
            "Lower run_up or the floor, or give longer series."
        )
    resampled = _bootstrap(found, len(panel.names), rng, draws)
    rate = falls / run_ups
    effective = effective_cases(rate, resampled)
    table = grid_table(series, gdp, rule, grid)
    covariates = attributes(panel, found, rule)
    regression, score = regressions(covariates, found, rng)
    unresolved = ~found.resolved
    low, mid, high = np.nanquantile(resampled, [0.05, 0.5, 0.95])
    return BaseRate(
        rule=rule,
        series=len(panel.names),
        first_year=int(panel.years[0]),
        last_year=int(panel.years[-1]),
        run_ups=run_ups,
        falls=falls,
        rate=rate,
        unresolved=int(unresolved.sum()),
        unresolved_fallen=int((unresolved & found.fell).sum()),
        interval=(float(low), float(high)),
        bootstrap_median=float(mid),
        jeffreys=jeffreys_interval(falls, run_ups),
        jeffreys_effective=jeffreys_interval(rate * effective, effective),
        effective_run_ups=effective,
        cases=cases_of(panel, found, covariates, rule),
        grid=table,
        grid_summary=grid_summary(table),
        alternatives=alternatives(series, gdp, rule, telecom),
        conditional=_conditional(panel, rule, rng, draws),
        regression=regression,
        fitted=fitted_at(regression[0], GSY_RUN_UPS) if regression else {},
        age_score=score,
    )


def jeffreys_interval(falls: float, run_ups: float) -> tuple[float, float]:
    """Return the 5 % and 95 % points of Beta(falls + 1/2, run-ups - falls + 1/2); nan if not known."""
    if not np.isfinite(run_ups):
        return (float("nan"), float("nan"))
    low, high = stats.beta(falls + HALF, run_ups - falls + HALF).ppf([0.05, 0.95])
    return (float(low), float(high))


def _bootstrap(found: RunUps, series: int, rng: np.random.Generator, draws: int) -> Array:
    weights = cluster_weights(series, draws, rng)
    return share_draws(found.count("falls", series), found.count("run_ups", series), weights)


def _conditional(panel: Panel, rule: Rule, rng: np.random.Generator, draws: int) -> pd.DataFrame:
    rules = {r.peak_years: r for r in (rule, replace(rule, peak_years=O3_PEAK_YEARS))}
    tables = [
        conditional_table(panel, r, rng, draws=draws).astype({"peak_years": object}) for r in rules.values()
    ]
    return pd.concat(tables, ignore_index=True)
