"""What the regime model has learnt: regimes of the past year by year, and paths of spending ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Draws, Paths
from overbuild.core.periods import containing, label, ordinal, period_end
from overbuild.errors import InputError
from overbuild.models.regime_panel import LAYER, RegimePanel, standardised
from overbuild.models.sampler import Sampled
from overbuild.models.switching import BOOM, BUST, NORMAL, REGIMES, forward, smoothed

Array = NDArray[np.float64]

PARAMETER_DRAWS, PATHS_EACH = 500, 100
GDP_YEARS = 10
MAIN = (
    "normal_growth",
    "boom_gap",
    "bust_gap",
    "spread_of_means",
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


class Parameters(NamedTuple):
    """Draws of a member's parameters: ``mu, log_sigma`` by regime, ``moves``, others one a draw."""

    mu: Array
    log_sigma: Array
    phi: Array
    exit: Array
    exit_age: Array
    exit_covariates: Array
    moves: Array

    def take(self, which: NDArray[np.int_]) -> Parameters:
        """Return some of the draws, in an order."""
        return Parameters(*(x[which] for x in self))


@dataclass(frozen=True, eq=False)
class RegimePosterior:
    """Draws of the parameters, with the panel that they were learnt from.

    Attributes
    ----------
    panel
        The data.
    sampled
        The draws.
    own
        The member whose paths are simulated.
    initial
        Probabilities of the states a year before a series starts.
    degrees
        Degrees of freedom of Student's t.
    history
        What happened to the own layer; None for a simulated panel.
    compile_seconds
        How long the model took to compile in this process.
    """

    panel: RegimePanel
    sampled: Sampled
    own: str
    initial: Array
    degrees: float
    history: Paths | None
    compile_seconds: float

    def parameters(self, member: str) -> Parameters:
        """Return all draws of the parameters of a member."""
        i, get = self.panel.members.index(member), self.sampled.draws
        bust = get("after_boom")
        after_boom = np.stack([1 - bust, np.zeros_like(bust), bust], axis=1)
        return Parameters(
            get("mu")[:, i],
            get("log_sigma")[:, i],
            get("persistence"),
            get("exit"),
            get("exit_age"),
            get("exit_covariates"),
            np.stack([get("from_normal"), after_boom, get("from_bust")], axis=1),
        )

    def regimes(self, member: str, draws: int = 400) -> pd.DataFrame:
        """Return the mean over draws of P(regime | all growth rates), one row a year, one column a regime."""
        parameters = self.parameters(member).take(self._spread(draws))
        found = np.mean(
            [
                smoothed(run[1], run[2], run[3], run[4], moves)
                for run, moves in self._runs(member, parameters)
            ],
            axis=0,
        )
        i = self.panel.members.index(member)
        years = self.panel.years[int(self.panel.first[i]) : int(self.panel.stop[i])]
        return pd.DataFrame(found, index=pd.Index(years, name="year"), columns=pd.Index(REGIMES))

    def now(self, parameters: Parameters) -> Array:
        """Return P(state in the last year | growth to then) of the own member, shape (draw, state)."""
        return np.array([run[1][-1] for run, _ in self._runs(self.own, parameters)])

    @cached_property
    def parameter_draw(self) -> NDArray[np.int_]:
        """Which draw of the parameters made each path."""
        return np.repeat(np.arange(self._spread(PARAMETER_DRAWS).size), PATHS_EACH)

    def paths(self, until: str, inputs: Mapping[str, Draws], rng: np.random.Generator) -> Paths:
        """Return simulated spending to the end of the year of ``until``, with the history in front.

        Growth is drawn by year; each quarter of a year grows on its own quarter of the year before by the
        year's rate, which keeps the seasons. GDP goes on as in the last ten years.

        Raises
        ------
        InputError
            If ``until`` ends before what is known.
        """
        del inputs
        if self.history is None:
            raise ValueError("A posterior of a simulated panel has no history to continue.")
        history = known_part(self.history)
        last, per_year = history.time[-1], history.per_year
        if period_end(until) <= period_end(last):
            raise InputError(
                f"The horizon {until} ends before what is known, which is {last}. Ask for a later one."
            )
        wanted = ordinal(containing(period_end(until), history.frequency)) - ordinal(last)
        years = -(-wanted // per_year)
        parameters = self.parameters(self.own).take(self._spread(PARAMETER_DRAWS))
        growth = self._simulate(parameters, years, rng)
        values = continued(history.layer(LAYER)[0, -per_year:], growth)
        time = tuple(label(ordinal(last) + k, history.frequency) for k in range(1, values.shape[1] + 1))
        made = Paths(time, {LAYER: values}, {LAYER: history.units[LAYER]}, "simulated", history.as_of)
        return made.after(history)

    def summary(self) -> pd.DataFrame:
        """Return mean, standard deviation and 5, 50 and 95 % points of the common parameters."""
        rows = []
        for name in MAIN:
            draws = self.sampled.draws(name)
            flat = draws.reshape(draws.shape[0], -1)
            labels = self._labels(name, flat.shape[1])
            for k, suffix in enumerate(labels):
                low, mid, high = np.quantile(flat[:, k], [0.05, 0.5, 0.95])
                rows.append(
                    {
                        "parameter": f"{name}{suffix}",
                        "mean": flat[:, k].mean(),
                        "sd": flat[:, k].std(),
                        "q05": low,
                        "q50": mid,
                        "q95": high,
                    }
                )
        return pd.DataFrame(rows)

    def _labels(self, name: str, size: int) -> list[str]:
        if size == 1:
            return [""]
        dims = self.sampled.tree["posterior"][name].dims[-1]
        return [f"[{c}]" for c in self.sampled.tree["posterior"].coords[dims].values]

    def _spread(self, count: int) -> NDArray[np.int_]:
        """Return the places of so many draws, evenly spread over all."""
        every = self.sampled.draws("exit").size
        return np.unique(np.linspace(0, every - 1, min(count, every)).round().astype(int))

    def _runs(self, member: str, p: Parameters) -> Iterator[tuple[Any, Array]]:
        panel, i = self.panel, self.panel.members.index(member)
        ages = np.log(np.arange(1, self.initial.size - 1))
        first, stop = int(panel.first[i]), int(panel.stop[i])
        for k in range(p.exit.size):
            base = p.exit[k] + panel.covariates[i] @ p.exit_covariates[k]
            given = (p.mu[k], p.log_sigma[k], p.phi[k], base, p.exit_age[k] * ages, p.moves[k])
            yield forward(panel.growth[i], first, stop, *given, self.initial, self.degrees), p.moves[k]

    def _simulate(self, parameters: Parameters, years: int, rng: np.random.Generator) -> Array:
        """Return annual log growth of the own member, shape (path, year)."""
        panel, i = self.panel, self.panel.members.index(self.own)
        end = int(panel.stop[i])
        states = drawn(np.repeat(self.now(parameters), PATHS_EACH, axis=0), rng)
        levels, shares = panel.levels[i, : end + 1], panel.shares[i, : end + 1]
        gdp = np.diff(levels - shares)
        drift = float(np.nanmean(gdp[-GDP_YEARS:]))
        every = parameters.take(self.parameter_draw)
        start = panel.growth[i, end - 1], levels, shares, drift
        return simulate(every, states, *start, years, self.degrees, self.initial.size - 2, rng)


def simulate(
    p: Parameters,
    states: NDArray[np.int_],
    last_growth: float,
    levels: Array,
    shares: Array,
    gdp_growth: float,
    years: int,
    degrees: float,
    ages: int,
    rng: np.random.Generator,
) -> Array:
    """Return growth ahead, shape (path, year): next regime, then growth given it, year after year.

    Parameters
    ----------
    p
        Parameters of each path.
    states
        State of each path now: 0 normal, a the a-th year of a boom (up to ``ages``), above bust.
    last_growth, levels, shares
        Growth of the last year; log levels and shares of GDP to now, shape (year,).
    gdp_growth
        Log growth of GDP.
    """
    count = states.size
    level = np.repeat(levels[None], count, axis=0)
    share = np.repeat(shares[None], count, axis=0)
    regime = np.where(states == 0, NORMAL, np.where(states > ages, BUST, BOOM))
    age = np.where(regime == BOOM, states, 0)
    previous = np.full(count, last_growth)
    out = np.empty((count, years))
    rows = np.arange(count)
    for k in range(years):
        x = (standardised(level, share) * p.exit_covariates).sum(axis=1)
        hazard = 1 / (1 + np.exp(-(p.exit + p.exit_age * np.log(np.maximum(age, 1)) + x)))
        chances = p.moves[rows, regime]
        in_boom = regime == BOOM
        chances = np.where(in_boom[:, None], chances * hazard[:, None], chances)
        chances[:, BOOM] = np.where(in_boom, 1 - hazard, chances[:, BOOM])
        now = drawn(chances, rng)
        noise = rng.standard_t(degrees, count) if np.isfinite(degrees) else rng.standard_normal(count)
        gap = np.where(np.isfinite(previous), previous - p.mu[rows, regime], 0.0)
        growth = p.mu[rows, now] + p.phi * gap + np.exp(p.log_sigma[rows, now]) * noise
        age = np.where(now == BOOM, np.where(in_boom, np.minimum(age + 1, ages), 1), 0)
        regime, previous = now, growth
        level = np.concatenate([level, level[:, -1:] + growth[:, None]], axis=1)
        share = np.concatenate([share, share[:, -1:] + (growth - gdp_growth)[:, None]], axis=1)
        out[:, k] = growth
    return out


def continued(last_year: Array, growth: Array) -> Array:
    """Return the periods ahead, shape (path, period): each its own of a year before times the growth."""
    years = np.exp(np.cumsum(growth, axis=1))
    return (last_year[None, None, :] * years[:, :, None]).reshape(growth.shape[0], -1)


def drawn(chances: Array, rng: np.random.Generator) -> NDArray[np.int_]:
    """Return one place a row, drawn with the row's probabilities."""
    ends = np.cumsum(chances, axis=1)
    return (rng.random(len(chances))[:, None] * ends[:, -1:] > ends).sum(axis=1)


def known_part(history: Paths) -> Paths:
    """Return the own layer alone, from its first known period to its last."""
    values = history.layer(LAYER)[:1]
    known = np.flatnonzero(np.isfinite(values[0]))
    keep = slice(known[0], known[-1] + 1)
    return Paths(
        history.time[keep], {LAYER: values[:, keep]}, {LAYER: history.units[LAYER]}, "history", history.as_of
    )
