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

from overbuild.errors import InputError, UnknownNameError
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.cluster_bootstrap import cluster_weights, effective_cases, share_draws
from overbuild.probability.conditional_rates import conditional_table
from overbuild.probability.crash_regression import AgeScore, Specification, fitted_at, regression_table
from overbuild.probability.intervals import METHODS, Means, interval_points
from overbuild.probability.panels import panel_of
from overbuild.probability.plain import plain
from overbuild.probability.rule_alternatives import O3_PEAK_YEARS, Alternative, alternatives
from overbuild.probability.rule_grid import Grid, counts, grid_summary, grid_table
from overbuild.probability.runup_cases import Case, attributes, cases_of, regressions
from overbuild.probability.runups import Array, Panel, Rule, find_run_ups

DRAWS = 5000
WORDS = {
    "bootstrap": "bootstrap by series",
    "independent": "run-ups taken as independent",
    "effective": "effective number of run-ups",
    "korn_graubard": "number of run-ups corrected by series",
    "beta_binomial": "beta-binomial by series",
}
"""How the sentence names an interval."""
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
    interval, interval_method, forecast_interval_method
        5 % and 95 % points of the rate that are printed first, by which method, and by which method those of
        the rates given a state.
    intervals
        The same by every method of `overbuild.probability.intervals`, run-ups in clusters by series.
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
    interval_method: str
    forecast_interval_method: str
    intervals: dict[str, tuple[float, float]]
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
            f"{self.rate:.2f} (90 % interval {low:.2f}-{high:.2f}, {WORDS[self.interval_method]}; revised "
            f"data); over the grid of rules 90 % of the rates lie between {least:.2f} and {most:.2f}."
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
    choices: BaseRateChoices | None = None,
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
    choices
        Priors, and which interval is printed first; None: those of the data files.

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
    given = choices or BaseRateChoices()
    weights = cluster_weights(len(panel.names), draws, rng)
    fallen, counted = found.count("falls", len(panel.names)), found.count("run_ups", len(panel.names))
    rate = falls / run_ups
    table = grid_table(series, gdp, rule, grid)
    covariates = attributes(panel, found, rule)
    regression, score = regressions(covariates, found, rng, given.rate)
    unresolved = ~found.resolved
    intervals = _intervals(fallen, counted, Means(given.rate, given.correlation, weights))
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
        interval=intervals[given.interval],
        interval_method=given.interval,
        forecast_interval_method=given.forecast_interval,
        intervals=intervals,
        effective_run_ups=float(effective_cases(rate, share_draws(fallen, counted, weights))),
        cases=cases_of(panel, found, covariates, rule),
        grid=table,
        grid_summary=grid_summary(table),
        alternatives=alternatives(series, gdp, rule, telecom),
        conditional=_conditional(panel, rule, rng, draws, given),
        regression=regression,
        fitted=fitted_at(regression[0], GSY_RUN_UPS) if regression else {},
        age_score=score,
    )


def _intervals(falls: Array, run_ups: Array, means: Means) -> dict[str, tuple[float, float]]:
    found = {m: interval_points(m, falls, run_ups, (0.05, 0.95), means)[:, 0] for m in METHODS}
    return {m: (float(low), float(high)) for m, (low, high) in found.items()}


def _conditional(
    panel: Panel, rule: Rule, rng: np.random.Generator, draws: int, choices: BaseRateChoices
) -> pd.DataFrame:
    rules = {r.peak_years: r for r in (rule, replace(rule, peak_years=O3_PEAK_YEARS))}
    tables = [
        conditional_table(panel, r, rng, draws=draws, choices=choices).astype({"peak_years": object})
        for r in rules.values()
    ]
    return pd.concat(tables, ignore_index=True)
