"""What the regime model has learnt: regimes of the past year by year, and paths of spending ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Draws, Event, Forecast, Paths, Snapshot
from overbuild.core.periods import containing, label, ordinal, period_end
from overbuild.errors import InputError
from overbuild.models import regime_findings
from overbuild.models.bayesian import BayesianModel
from overbuild.models.regime_panel import CENTRE, RegimePanel
from overbuild.models.regime_paths import (
    CAPEX_LAYER,
    Array,
    Parameters,
    continued,
    drawn,
    known_part,
    simulate,
)
from overbuild.models.regime_series import CARRIERS, FIRMS
from overbuild.models.sampler import Sampled, Sampling
from overbuild.models.switching import REGIMES, forward, initial_states, smoothed
from overbuild.randomness import stream

PARAMETER_DRAWS, PATHS_EACH = 500, 100
PROPOSALS = 40
GDP_YEARS = 10
SPREAD_LASTS = 0.7
"""Autocorrelation of annual Baa spreads, 1962-93, rounded: what is left of a deviation a year later."""
MAIN = (
    "normal_growth",
    "boom_gap",
    "bust_gap",
    "spread_of_means",
    "firm_growth",
    "firm_deviation",
    "deviation",
    "deviation_ratio",
    "spread_of_deviations",
    "persistence",
    "exit",
    "exit_age",
    "exit_covariates",
    "from_normal",
    "after_boom",
    "from_bust",
)


@dataclass(frozen=True, eq=False)
class RegimePosterior:
    """Draws of the parameters, with the panel that they were learnt from.

    Attributes
    ----------
    data
        The panel.
    sampled
        The draws.
    own
        The member whose paths are simulated.
    priors
        Name to value.
    ages
        Ages of a boom that are told apart.
    history
        What happened to the own layer.
    fall
        Thresholds of the fall that findings show.
    beside
        Series that are read with what was learnt, and nothing was learnt from; None where there is none.
    compile_seconds
        How long the model took to compile in this process.
    model
        What fits the panel again with telecom left out; None: findings do without.
    """

    data: RegimePanel
    sampled: Sampled
    own: str
    priors: Mapping[str, Any]
    ages: int
    history: Paths
    fall: Mapping[str, float]
    beside: RegimePanel | None
    compile_seconds: float
    model: BayesianModel | None = None

    @property
    def initial(self) -> Array:
        """Probabilities of the states a year before a series starts."""
        return initial_states(tuple(self.priors["initial"]), self.ages)

    @property
    def degrees(self) -> float:
        """Degrees of freedom of Student's t."""
        return float(self.priors["degrees"])

    def panel_with(self, member: str) -> RegimePanel:
        """Return the panel that holds a member."""
        return self.data if member in self.data.members or self.beside is None else self.beside

    def parameters(self, member: str, draws: int | None = None) -> Parameters:
        """Return draws of a member's parameters, all or so many.

        Those of a member that nothing was learnt from come from its population, weighted by its own growth.
        """
        common = self._common()
        which = self._spread(draws or common.exit.size)
        if member not in self.data.members or member in self.data.left_out:
            return self._read(member, common.take(which), which)
        i = self.data.row(member)
        mu, log_sigma = self.sampled.draws("mu")[:, i], self.sampled.draws("log_sigma")[:, i]
        return common._replace(mu=mu, log_sigma=log_sigma).take(which)

    def regimes(self, member: str, draws: int = 400) -> pd.DataFrame:
        """Return the mean over draws of P(regime | all growth rates), one row a year, one column a regime."""
        found = np.mean(
            [
                smoothed(run[1], run[2], run[3], run[4], moves)
                for run, moves in self._runs(member, self.parameters(member, draws))
            ],
            axis=0,
        )
        panel = self.panel_with(member)
        i = panel.row(member)
        years = panel.years[int(panel.first[i]) : int(panel.stop[i])]
        return pd.DataFrame(found, index=pd.Index(years, name="year"), columns=pd.Index(REGIMES))

    def now(self, parameters: Parameters) -> Array:
        """Return P(state in the last year | growth to then) of the own member, shape (draw, state)."""
        return np.array([run[1][-1] for run, _ in self._runs(self.own, parameters)])

    @cached_property
    def own_parameters(self) -> Parameters:
        """Draws of the own member's parameters from which paths are made."""
        return self.parameters(self.own, PARAMETER_DRAWS)

    @cached_property
    def parameter_draw(self) -> NDArray[np.int_]:
        """Which draw of the parameters made each path."""
        return np.repeat(np.arange(self.own_parameters.exit.size), PATHS_EACH)

    def paths(self, until: str, inputs: Mapping[str, Draws], rng: np.random.Generator) -> Paths:
        """Return simulated spending to the end of the year of ``until``, with the history in front.

        Growth is drawn by year; each quarter of a year grows on its own quarter of the year before by the
        year's rate, which keeps the seasons. GDP goes on as in the last ten years; the spread of bonds is the
        last known one and returns to its mean.

        Raises
        ------
        InputError
            If ``until`` ends before what is known.
        """
        del inputs
        history = known_part(self.history)
        last, per_year = history.time[-1], history.per_year
        if period_end(until) <= period_end(last):
            raise InputError(
                f"The horizon {until} ends before what is known, which is {last}. Ask for a later one."
            )
        wanted = ordinal(containing(period_end(until), history.frequency)) - ordinal(last)
        growth = self._simulate(-(-wanted // per_year), rng)
        values = continued(history.layer(CAPEX_LAYER)[0, -per_year:], growth)
        time = tuple(label(ordinal(last) + k, history.frequency) for k in range(1, values.shape[1] + 1))
        units = {CAPEX_LAYER: history.units[CAPEX_LAYER]}
        return Paths(time, {CAPEX_LAYER: values}, units, "simulated", history.as_of).after(history)

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return regimes by year, quiet booms, the fan ahead and the chance of a fall by year."""
        return regime_findings.findings(self, rng)

    def sentence(self) -> str:
        """Say in which regime the sector is and how booms end."""
        return regime_findings.sentence(self)

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Judge events on paths to the last of their dates; a fit that failed a check says so."""
        return regime_findings.forecasts(self, snapshot, events, rng)

    def without(self, member: str, sampling: Sampling, rng: np.random.Generator) -> RegimePosterior:
        """Return what is learnt when a member is kept but not learnt from.

        Raises
        ------
        ValueError
            If the posterior was made without its model.
        """
        if self.model is None:
            raise ValueError("This posterior has no model to fit again.")
        data = replace(self.data, left_out=(*self.data.left_out, member))
        return replace(self, data=data, sampled=self.model.fit_data(data, rng, sampling))

    def _common(self) -> Parameters:
        """Return the draws of what all members share; mu and log_sigma are empty."""
        get = self.sampled.draws
        bust = get("after_boom")
        after_boom = np.stack([1 - bust, np.zeros_like(bust), bust], axis=1)
        moves = np.stack([get("from_normal"), after_boom, get("from_bust")], axis=1)
        names = ("persistence", "exit", "exit_age", "exit_covariates")
        phi, alpha, beta, gamma = (get(n) for n in names)
        empty = np.empty((bust.size, 3))
        return Parameters(empty, empty, phi, alpha, beta, gamma, moves)

    def _read(self, member: str, common: Parameters, which: NDArray[np.int_]) -> Parameters:
        """Return, for each draw, parameters of the population picked by the likelihood of the growth."""
        rng = stream(f"regimes/read/{member}")
        get = {
            n: self.sampled.draws(n)[which]
            for n in (
                "normal_growth",
                "boom_gap",
                "bust_gap",
                "spread_of_means",
                "firm_growth",
                "firm_deviation",
                "deviation",
                "deviation_ratio",
                "spread_of_deviations",
            )
        }
        firm = float(member in FIRMS or member in CARRIERS)
        count = which.size
        z = rng.standard_normal((count, PROPOSALS, 4))
        spread = get["spread_of_means"][:, None]
        normal = (get["normal_growth"] + firm * get["firm_growth"])[:, None] + spread[..., 0] * z[..., 0]
        boom = normal + get["boom_gap"][:, None] * np.exp(spread[..., 1] * z[..., 1])
        bust = normal - get["bust_gap"][:, None] * np.exp(spread[..., 2] * z[..., 2])
        mu = np.stack([normal, boom, bust], axis=-1)
        own = (np.log(get["deviation"]) + firm * get["firm_deviation"])[:, None]
        own = own + get["spread_of_deviations"][:, None] * z[..., 3]
        ratio = np.concatenate([np.zeros((count, 1)), np.log(get["deviation_ratio"])], axis=1)
        log_sigma = own[..., None] + ratio[:, None]
        every = common.take(np.repeat(np.arange(count), PROPOSALS))._replace(
            mu=mu.reshape(-1, 3), log_sigma=log_sigma.reshape(-1, 3)
        )
        value = np.array([run[0] for run, _ in self._runs(member, every)]).reshape(count, PROPOSALS)
        weight = np.exp(value - value.max(axis=1, keepdims=True))
        return every.take(np.arange(count) * PROPOSALS + drawn(weight, rng))

    def _spread(self, count: int) -> NDArray[np.int_]:
        """Return the places of so many draws, evenly spread over all."""
        every = self.sampled.draws("exit").size
        return np.unique(np.linspace(0, every - 1, min(count, every)).round().astype(int))

    def _runs(self, member: str, p: Parameters) -> Iterator[tuple[Any, Array]]:
        panel = self.panel_with(member)
        i = panel.row(member)
        ages, initial, degrees = np.log(np.arange(1, self.ages + 1)), self.initial, self.degrees
        first, stop = int(panel.first[i]), int(panel.stop[i])
        for k in range(p.exit.size):
            base = p.exit[k] + panel.covariates[i] @ p.exit_covariates[k]
            given = (p.mu[k], p.log_sigma[k], p.phi[k], base, p.exit_age[k] * ages, p.moves[k])
            yield forward(panel.growth[i], first, stop, *given, initial, degrees), p.moves[k]

    def _simulate(self, years: int, rng: np.random.Generator) -> Array:
        """Return annual log growth of the own member, shape (path, year)."""
        panel, i = self.data, self.data.row(self.own)
        end = int(panel.stop[i])
        states = drawn(np.repeat(self.now(self.own_parameters), PATHS_EACH, axis=0), rng)
        levels, shares = panel.levels[i, : end + 1], panel.shares[i, : end + 1]
        drift = float(np.nanmean(np.diff(levels - shares)[-GDP_YEARS:]))
        count = states.size

        def alike(values: Array) -> Array:
            return np.broadcast_to(values, (count, values.size))

        return simulate(
            self.own_parameters.take(self.parameter_draw),
            states,
            panel.growth[i, end - 1],
            alike(levels),
            alike(shares),
            alike(spreads_ahead(panel.spreads[i], end, years)),
            alike(np.full(years, drift)),
            self.degrees,
            self.ages,
            rng,
        )


def spreads_ahead(spreads: Array, end: int, years: int) -> Array:
    """Return the spread a year before each year ahead: what is known, then its return to the mean.

    ``end`` is the place of the last year of the sector in ``spreads``; spreads of later years may be known.
    """
    known = np.flatnonzero(np.isfinite(spreads))
    if not known.size:
        return np.full(years, np.nan)
    last = int(known[-1])
    ahead = np.arange(end, end + years)
    gone = CENTRE[2] + (spreads[last] - CENTRE[2]) * SPREAD_LASTS ** np.maximum(ahead - last, 0)
    inside = spreads[np.minimum(ahead, last)]
    return np.where((ahead <= last) & np.isfinite(inside), inside, gone)
