"""The base rate as a forecaster of O3: what followed in the long series from where the sector stands now.

The base rate itself, P(fall within five years of a run-up's date), is no forecast of O3 by a given date. A
boom's own date is seldom known (the sector's figures begin when the run-up is already in force), and some
years have passed without a fall. So the forecaster asks the long series the question that the snapshot can
answer: the run-up condition holds now, it has held for at least k years, and spending does not stand low; how
often did spending fall as O3 defines it within the h years that are left? Where the condition does not hold
it answers with the rate of the years in which it did not hold: a rule that sees no run-up should say so in a
number that can be scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Paths, Snapshot
from overbuild.core.forecast import Evidence, impossible
from overbuild.core.judging import trailing_year
from overbuild.core.periods import containing, ordinal, period_end
from overbuild.errors import UnknownNameError
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.conditional_rates import AT, State, Tally, at_horizon, tally
from overbuild.probability.intervals import METHODS, Means
from overbuild.probability.learning import LEVELS, learnt_from
from overbuild.probability.panels import panel_of, series_from_table
from overbuild.probability.runups import Array, Panel, Rule
from overbuild.probability.standing import Standing, standing_of

OTHER_EVENTS = (
    "the base rate counts falls of investment after run-ups; the long series hold neither utilisation, cash "
    "flow, required capital nor prices of capacity"
)
OTHER_VARIANTS = "the base rate is counted for the primary variant of O3 only"
STANDS_LOW = "spending stands low already; the rate is that of series that do not"


@dataclass(frozen=True)
class BaseRateForecaster:
    """Forecasts O3 (primary) by counting; abstains from everything else.

    The fall, and within how many years of its peak it must come, are taken from the event; the run-up from
    the rule. Spending is judged on trailing years that end with the last known period, so that annual and
    quarterly sectors are asked the same. The probability is the posterior mean under Beta(1/2, 1/2), hence
    never 0 or 1 but where the event is impossible or has happened; its spread is the interval by series that
    the choices name; no path is simulated, so there is no Monte Carlo error. Between whole years the hazard
    is constant.

    Attributes
    ----------
    series
        Names of the long annual series in the snapshot's table.
    rule
        What a run-up is; nominal.
    draws
        Draws of the bootstrap.
    choices
        Priors, the fewest cases, and which interval is the spread.
    """

    series: tuple[str, ...]
    rule: Rule = field(default_factory=Rule)
    draws: int = 5000
    choices: BaseRateChoices = field(default_factory=BaseRateChoices)
    name: str = "baserate"

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> BaseRateForecaster:
        """Return the forecaster of the section ``[baserate]`` of ``definitions.toml``."""
        return cls(tuple(section["series"]), Rule.of(section))

    @property
    def needs(self) -> tuple[str, ...]:
        """Series without which it abstains."""
        return self.series

    def forecast(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event, in the order given."""
        panel, means = self._panel(snapshot, rng)
        return tuple(self._one(snapshot, event, panel, means) for event in events)

    def spreads(
        self, snapshot: Snapshot, event: Event, rng: np.random.Generator
    ) -> dict[str, tuple[float, float, float]]:
        """Return the spread of a forecast by every method; empty where the model is silent or certain."""
        panel, means = self._panel(snapshot, rng)
        if panel is None or self._one(snapshot, event, panel, means).probability in (None, 0.0, 1.0):
            return {}
        counted, left = self._counted(snapshot, event, panel)
        found = {m: at_horizon(counted.points(m, AT, means), left) for m in METHODS}
        return {m: (float(low), float(mid), float(high)) for m, (low, mid, high) in found.items()}

    def asked(self, snapshot: Snapshot, event: Event) -> tuple[Rule, State, int, float] | None:
        """Return what a forecast counts: rule, state, its age before it is lowered, and years left.

        None where the model is silent or certain.
        """
        (forecast,) = self.forecast(snapshot, [event], np.random.default_rng(0))
        if forecast.probability in (None, 0.0, 1.0):
            return None
        rule, history = _rule_of(event, self.rule), snapshot.history(event.layer)
        standing = standing_of(history, event.layer, rule)
        state: State = "in_force" if standing.state == "in_force" else "quiet"
        return rule, state, standing.years, _years_left(event, history, standing)

    def _panel(self, snapshot: Snapshot, rng: np.random.Generator) -> tuple[Panel | None, Means]:
        known = series_from_table(snapshot.table, self.series)
        panel = panel_of(known) if known else None
        weights = cluster_weights(len(panel.names), self.draws, rng) if panel else np.empty((0, 0))
        prior = self.choices.conditional_rate
        return panel, Means(prior, self.choices.correlation, weights, prior)

    def readings(self, snapshot: Snapshot, event: Event) -> pd.DataFrame:
        """Return the probability under each way to read where the sector stands; the forecast is one of them.

        Columns ``state, k, falls, cases, series, probability, used``.

        Raises
        ------
        UnknownNameError
            If the snapshot lacks the event's layer.
        InputError
            If it lacks the long series.
        """
        panel = panel_of(series_from_table(snapshot.table, self.series))
        rule = _rule_of(event, self.rule)
        history = snapshot.history(event.layer)
        standing = standing_of(history, event.layer, rule)
        used, left = self._tally(panel, rule, standing), _years_left(event, history, standing)
        ages = range(standing.years + 1)
        ways: list[tuple[State, int]] = [("in_force", k) for k in ages]
        ways.extend(("first_date", k) for k in ages)
        ways.append(("quiet", 0))
        tallies = [self._count(panel, rule, state, k) for state, k in ways]
        return pd.DataFrame(
            [
                {
                    "state": t.state,
                    "k": t.years,
                    "falls": int(t.falls[:, -1].sum()),
                    "cases": int(t.cases.sum()),
                    "series": int((t.cases > 0).sum()),
                    "probability": float(at_horizon(t.rates, left)),
                    "used": (t.state, t.years) == (used.state, used.years),
                }
                for t in tallies
            ]
        )

    def _one(self, snapshot: Snapshot, event: Event, panel: Panel | None, means: Means) -> Forecast:
        reason = _silence(snapshot, event, panel, self.rule, self.choices.fewest_series)
        if reason or panel is None:
            return _abstain(self.name, snapshot, event, reason)
        history = snapshot.history(event.layer)
        if event.judge(history).holds[0] == 1:
            return _speak(self.name, snapshot, event, 1.0, np.ones(3))
        if not event.possible(snapshot):
            return impossible(event, snapshot, self.name, evidence="rule", status=_status(snapshot))
        rule = _rule_of(event, self.rule)
        standing = standing_of(history, event.layer, rule)
        reason = _out_of_reach(event, rule, standing, _years_left(event, history, standing))
        if reason:
            return _abstain(self.name, snapshot, event, reason)
        counted, left = self._counted(snapshot, event, panel)
        if not counted.cases.sum():
            return _abstain(self.name, snapshot, event, "no long series has stood where the sector stands")
        method = self.choices.forecast_interval
        spread = at_horizon(counted.points(method, AT, means), left)
        fine = at_horizon(counted.points(method, LEVELS, means), left)
        evidence = learnt_from(means.rate_prior, fine, left, self.choices.least_learnt)
        return _speak(self.name, snapshot, event, float(at_horizon(counted.rates, left)), spread, evidence)

    def _counted(self, snapshot: Snapshot, event: Event, panel: Panel) -> tuple[Tally, float]:
        """Return the falls that are asked for, and within how many years."""
        rule, history = _rule_of(event, self.rule), snapshot.history(event.layer)
        standing = standing_of(history, event.layer, rule)
        return self._tally(panel, rule, standing), _years_left(event, history, standing)

    def _tally(self, panel: Panel, rule: Rule, standing: Standing) -> Tally:
        if standing.state != "in_force":
            return self._count(panel, rule, "quiet", 0)
        return with_enough(
            lambda years: self._count(panel, rule, "in_force", years), standing.years, self.choices
        )

    def _count(self, panel: Panel, rule: Rule, state: State, years: int) -> Tally:
        return tally(panel, rule, state, years, rule.horizon_years, self.choices.conditional_rate)


def with_enough(count: Callable[[int], Tally], years: int, choices: BaseRateChoices) -> Tally:
    """Return the count of run-ups in force for so many years, or for the most below with enough cases."""
    counted = count(years)
    for fewer in range(years - 1, -1, -1):
        if enough(counted.cases, choices):
            break
        counted = count(fewer)
    return counted


def enough(cases: Array, choices: BaseRateChoices) -> np.bool_ | NDArray[np.bool_]:
    """Return whether cases by series, shape (..., series), suffice to stand behind a rate."""
    return (cases.sum(axis=-1) >= choices.fewest_cases) & ((cases > 0).sum(axis=-1) >= choices.fewest_series)


def _silence(snapshot: Snapshot, event: Event, panel: Panel | None, rule: Rule, fewest_series: int) -> str:
    if event.id != "O3":
        return OTHER_EVENTS
    if event.variant != "primary":
        return OTHER_VARIANTS
    if panel is None or len(panel.names) < fewest_series:
        return f"the snapshot holds fewer than {fewest_series} of the long annual series"
    try:
        history = snapshot.history(event.layer)
    except UnknownNameError as error:
        return str(error)
    known = np.isfinite(trailing_year(history.layer(event.layer)[:1], history.per_year)).sum()
    if known <= rule.window_years * history.per_year:
        return f"'{event.layer}' is known for too few years to see a run-up"
    return "" if event.by else "the event has no date"


def _out_of_reach(event: Event, rule: Rule, standing: Standing, left: float) -> str:
    if standing.state == "low":
        return STANDS_LOW
    if left > rule.horizon_years:
        return f"{event.by} is {left:g} years off; falls are counted within {rule.horizon_years}"
    return ""


def _rule_of(event: Event, rule: Rule) -> Rule:
    years = event.thresholds.get("window_years")
    fall = event.thresholds.get("fall", rule.fall)
    return replace(rule, fall=fall, peak_years=None if years is None else round(years))


def _years_left(event: Event, history: Paths, standing: Standing) -> float:
    by = containing(period_end(event.by), history.frequency)
    return max(ordinal(by) - ordinal(standing.last), 0) / history.per_year


def _status(snapshot: Snapshot) -> str:
    return "ok" if snapshot.realtime == "vintage" else "hindcast"


def _speak(
    model: str,
    snapshot: Snapshot,
    event: Event,
    probability: float,
    spread: Array,
    evidence: Evidence = "rule",
) -> Forecast:
    low, mid, high = (float(p) for p in spread)
    name = event.name.split(" by ")[0]
    details: dict[str, Any] = {"evidence": evidence, "status": _status(snapshot), "spread": (low, mid, high)}
    return Forecast(name, event.by, snapshot.as_of, model, probability, **details)


def _abstain(model: str, snapshot: Snapshot, event: Event, reason: str) -> Forecast:
    details: dict[str, Any] = {"evidence": "rule", "status": _status(snapshot), "abstains": reason}
    return Forecast(event.name.split(" by ")[0], event.by, snapshot.as_of, model, None, **details)
