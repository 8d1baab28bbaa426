"""The base rate as a forecast of O3 under other definitions, rules, states, samples and estimators.

`overbuild.probability.baserate_forecaster` counts by one rule. Here falls may be judged at other prices than
run-ups, the state may be read in other ways, and the long series may be fewer or shorter. At the primary
choices both give the same number, which a test holds them to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Paths, Snapshot
from overbuild.core.periods import containing, ordinal, period_end
from overbuild.probability.baserate_forecaster import with_enough
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.conditional_rates import Tally, at_horizon, followed, tallied
from overbuild.probability.intervals import Means
from overbuild.probability.panels import panel_of, series_from_table
from overbuild.probability.runups import Panel, Rule, in_force
from overbuild.probability.spending_paths import LAYER, spending
from overbuild.probability.standing import Standing, standing_of

Array = NDArray[np.float64]
Prices = Literal["nominal", "real", "share_of_gdp"]
DEFLATOR = "gdp_deflator_annual"
GDP = "gdp_annual"


@dataclass(frozen=True)
class Reading:
    """How the base rate is read.

    Attributes
    ----------
    fall, window_years
        The event: depth of the fall, and years since the peak within which it counts.
    prices
        At which prices falls are judged: ``nominal`` or ``real``.
    four
        Whether the sector is without Oracle.
    run_up, run_up_years, floor
        The rule of a run-up.
    measure
        On what run-ups are judged: ``nominal``, ``real`` or ``share_of_gdp``.
    state
        Which years count while the sector's run-up is in force. ``age``: in force for at least as long as
        the sector's; ``any``: in force; ``first_date``: so many years after a run-up's date. Where none is in
        force by the rule, the years in which none was.
    without
        Long series that are left out.
    since
        First year of the long series.
    prior
        Beta prior of the share.
    estimate
        ``mean`` of all cases alike, or the median of an interval by series, such as ``beta_binomial``.
    """

    fall: float = 0.3
    window_years: float = 3.0
    prices: Prices = "nominal"
    four: bool = False
    run_up: float = 2.0
    run_up_years: int = 4
    floor: float = 20.0
    measure: Prices = "nominal"
    state: str = "age"
    without: tuple[str, ...] = ()
    since: int = 1900
    prior: tuple[float, float] = (0.5, 0.5)
    estimate: str = "mean"


@dataclass(frozen=True, eq=False)
class LongView:
    """The long series and the sector as known on a day.

    Attributes
    ----------
    snapshot
        With the annual deflator among its series.
    series
        Names of the long series.
    rule
        The primary rule: its horizon and its ways with peaks hold for every reading.
    choices
        Fewest cases, and the prior of the correlation.
    draws
        Draws of the bootstrap.
    seed
        Of the bootstrap's weights.
    """

    snapshot: Snapshot
    series: tuple[str, ...]
    rule: Rule
    choices: BaseRateChoices
    draws: int = 2000
    seed: int = 0

    @cached_property
    def known(self) -> dict[str, pd.Series]:
        """Annual series by name, prices and GDP among them."""
        return series_from_table(self.snapshot.table, (*self.series, DEFLATOR, GDP))

    def probability(self, reading: Reading, by: str) -> float | None:
        """Return the probability of O3 by a quarter's end.

        None where spending stands low already, where the quarter lies beyond the horizon that is counted, and
        where too few series, or no case at all, stand behind it.
        """
        asked = self._asked(reading, by)
        if asked is None:
            return None
        tally, left = asked
        if reading.estimate == "mean":
            return float(at_horizon(tally.rates, left))
        weights = cluster_weights(tally.cases.size, self.draws, np.random.default_rng(self.seed))
        means = Means(reading.prior, self.choices.correlation, weights, reading.prior)
        points = tally.points(reading.estimate, (0.5,), means)
        return float(at_horizon(points, left)[0])

    def behind(self, reading: Reading, by: str, of: Sequence[str] | None = None) -> dict[str, int] | None:
        """Return how many cases stand behind a probability, in how many series, and how many saw a fall.

        Falls are those within the first whole number of years that reaches the quarter. None where
        `probability` is.

        Parameters
        ----------
        reading, by
            As of `probability`.
        of
            Series whose cases are counted among all; None: every one.
        """
        asked = self._asked(reading, by)
        if asked is None:
            return None
        tally, left = asked
        own = np.array([of is None or n in of for n in self._names(reading)])
        cases, years = tally.cases[own], max(int(np.ceil(left)), 1)
        return {
            "cases": int(cases.sum()),
            "series": int((cases > 0).sum()),
            "falls": int(tally.falls[own, years - 1].sum()),
        }

    def _names(self, reading: Reading) -> list[str]:
        return [n for n in self.series if n in self.known and n not in reading.without]

    def _asked(self, reading: Reading, by: str) -> tuple[Tally, float] | None:
        """Return the count that answers, and the years left; None where there is no answer."""
        names = self._names(reading)
        if len(names) < self.choices.fewest_series:
            return None
        rule = replace(
            self.rule,
            run_up=reading.run_up,
            window_years=reading.run_up_years,
            floor_usd_million=reading.floor,
            fall=reading.fall,
            peak_years=round(reading.window_years),
        )
        paid, seen = (self._panel(names, p, reading.since) for p in (reading.prices, reading.measure))
        history = self.snapshot.history(LAYER)
        own = spending(history, four=reading.four, real=reading.measure == "real")
        if reading.measure == "share_of_gdp":
            own = _over_gdp(own, history)
        standing = standing_of(own, LAYER, replace(rule, floor_usd_million=0.0))
        left = (ordinal(containing(period_end(by), "Q")) - ordinal(standing.last)) / 4
        if standing.state == "low" or not 0 <= left <= rule.horizon_years:
            return None
        tally = self._tally(paid, seen, rule, reading, standing)
        return (tally, left) if tally.cases.sum() else None

    def _panel(self, names: list[str], prices: Prices, since: int) -> Panel:
        series = {n: self.known[n].loc[lambda s: s.index >= since] for n in names}
        nominal = panel_of(series)
        if prices == "nominal":
            return nominal
        base = self.known[GDP if prices == "share_of_gdp" else DEFLATOR].reindex(nominal.years)
        return replace(nominal, measured=nominal.level / np.asarray(base, dtype=float))

    def _tally(self, paid: Panel, seen: Panel, rule: Rule, reading: Reading, standing: Standing) -> Tally:
        hit, evaluable = in_force(seen, rule)
        after = replace(followed(paid, rule, rule.horizon_years), hit=hit, evaluable=evaluable)
        if standing.state == "quiet":
            return tallied(paid, rule, after, "quiet", 0, reading.prior)
        state = "first_date" if reading.state == "first_date" else "in_force"
        age = 0 if reading.state == "any" else standing.years
        return with_enough(
            lambda years: tallied(paid, rule, after, state, years, reading.prior), age, self.choices
        )


def reading_of(levels: Mapping[str, Any], telecom: tuple[str, ...]) -> Reading:
    """Return how a specification reads the base rate; ``telecom`` are the series that it may leave out."""
    return Reading(
        fall=levels["fall"],
        window_years=levels["window"],
        prices=levels["prices"],
        four=levels["perimeter"] == "four_firms",
        run_up=levels["run_up"],
        run_up_years=levels["run_up_years"],
        floor=levels["floor"],
        measure=levels["measure"],
        state=levels["state"],
        without=telecom if levels["series"] == "without_telecom" else (),
        since=levels["since"],
        prior=(levels["prior"], levels["prior"]),
        estimate=levels["estimate"],
    )


def _over_gdp(own: Paths, history: Paths) -> Paths:
    """Return spending over GDP of the same quarters."""
    first = ordinal(own.time[0]) - ordinal(history.time[0])
    gdp = history.layer("gdp")[0, first : first + len(own.time)]
    return replace(own, values={LAYER: own.layer(LAYER) / gdp})
