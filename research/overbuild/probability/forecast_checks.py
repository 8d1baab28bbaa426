"""Checks of the base rate's forecast on simulated panels, whose true chance of a fall is known.

The forecast counts the years of the long series that stood where the sector stands. Those years overlap, and
a series that falls later gives more of them; so whole panels are simulated, and the forecaster's own rule is
applied to each. The true chance is that over all simulated series together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.probability.baserate_forecaster import enough
from overbuild.probability.checks import ENDS, Recovered, recovered
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.conditional_rates import State, Tally, between, bracket, followed, tallied
from overbuild.probability.growth_panels import Growth, growth_panel
from overbuild.probability.intervals import Means, share_distribution
from overbuild.probability.runups import Rule

Array = NDArray[np.float64]

RATES, CORRELATIONS = 100, 20
"""Cells of the beta-binomial's grid, on thousands of panels."""


@dataclass(frozen=True)
class Asked:
    """What the forecaster asks of the long series.

    Attributes
    ----------
    rule
        What a run-up and a fall are.
    state, years
        Where the sector stands, and for how many years at least.
    left
        Years within which the fall must come.
    series
        Number of long series.
    """

    rule: Rule
    state: State
    years: int
    left: float
    series: int


def forecast_recovery(
    methods: Sequence[str],
    process: Growth,
    asked: Asked,
    choices: BaseRateChoices,
    simulations: int,
    draws: int,
    rng: np.random.Generator,
) -> tuple[Recovered, ...]:
    """Forecast from simulated panels.

    Parameters
    ----------
    methods
        Intervals.
    process
        How investment grows; every pair of its ``boom_busts`` and ``correlation`` is simulated.
    asked
        Where the sector stands.
    choices
        Priors and fewest cases.
    simulations
        Panels a pair.
    draws
        Draws of the bootstrap.
    rng
        Generator.

    Returns
    -------
    tuple of Recovered
        One a pair and method; the rate is the true chance, on average over the panels where the age that is
        asked for differs between them.
    """
    prior = choices.conditional_rate
    weights = cluster_weights(asked.series, draws, rng)
    means = Means(prior, choices.correlation, weights, prior, RATES, CORRELATIONS)
    out = []
    for correlation in process.correlation:
        for busts in process.boom_busts:
            panel = growth_panel(process, busts, correlation, simulations * asked.series, rng)
            after = followed(panel, asked.rule, asked.rule.horizon_years)
            ages = range(asked.years + 1) if asked.state == "in_force" else (0,)
            tallies = [tallied(panel, asked.rule, after, asked.state, k, prior) for k in ages]
            found = _forecasts(tallies, asked, choices)
            rate = float(found.truth.mean())
            for method in methods:
                low, high = found.ends(method, means)
                out.append(recovered(rate, correlation, method, found.estimate, low, high, found.truth))
    return tuple(out)


@dataclass(frozen=True)
class _Forecasts:
    """Forecasts of all panels.

    ``cases`` has the shape (panel, series), ``falls`` (horizon, panel, series) with the whole horizons that
    enclose the one asked for (one, where that is less than a year), the others (panel,).
    """

    cases: Array
    falls: Array
    weight: float
    estimate: Array
    truth: Array

    def ends(self, method: str, means: Means) -> Array:
        points = [share_distribution(method, f, self.cases, means).points(ENDS) for f in self.falls]
        return _between(np.stack(points), self.weight)


def _forecasts(tallies: Sequence[Tally], asked: Asked, choices: BaseRateChoices) -> _Forecasts:
    a, b = choices.conditional_rate
    below, weight = bracket(asked.left, asked.rule.horizon_years)
    columns = [below - 1, below] if below else [below]
    cases = np.stack([t.cases.reshape(-1, asked.series) for t in tallies])
    falls = np.stack([t.falls[:, columns].T.reshape(len(columns), -1, asked.series) for t in tallies])
    pooled = falls.sum(axis=(2, 3)) / np.maximum(cases.sum(axis=(1, 2)), 1.0)[:, None]
    used, panel = _oldest(np.asarray(enough(cases, choices))), np.arange(cases.shape[1])
    taken, fell = cases[used, panel], falls[used, :, panel].transpose(1, 0, 2)
    shares = (fell.sum(axis=2) + a) / (taken.sum(axis=1) + a + b)
    return _Forecasts(taken, fell, weight, _between(shares, weight), _between(pooled[used].T, weight))


def _between(at_whole: Array, weight: float) -> Array:
    """Return the chance between the first two whole horizons, or between none and the only one."""
    lower = at_whole[0] if len(at_whole) > 1 else np.zeros_like(at_whole[0])
    return between(lower, at_whole[-1], weight)


def _oldest(usable: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Return the greatest age that is usable, 0 where none is: shape (panel,) from (age, panel)."""
    ages = np.arange(len(usable))[:, None]
    return np.where(usable, ages, 0).max(axis=0)
