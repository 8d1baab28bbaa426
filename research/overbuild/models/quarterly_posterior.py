"""What the quarterly model has learnt: regimes by quarter, paths ahead, and forecasts of spending events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Draws, Event, Forecast, Paths, Snapshot
from overbuild.core.forecast import forecast_from_paths
from overbuild.core.periods import horizon, label, ordinal, period_end
from overbuild.errors import InputError
from overbuild.models.quarterly_chain import boom_years, exit_hazard, log_density, quarterly_moves
from overbuild.models.quarterly_data import PER_YEAR, QuarterlyData
from overbuild.models.quarterly_draws import CHAIN, drawn, simulate
from overbuild.models.sampler import Sampled
from overbuild.models.switching import BOOM, BUST, REGIMES
from overbuild.models.switching_joint import joint_forward, joint_smoothed

if TYPE_CHECKING:
    from overbuild.models.quarterly import QuarterlyModel

type Array = NDArray[np.float64]

PARAMETER_DRAWS, PATHS_EACH = 500, 100
REGIME_DRAWS = 400
PRIOR_DRAWS = 4000
LEAST_LEARNT = 0.2
USED = (
    *("normal_growth", "boom_gap", "bust_gap", "deviation", "deviation_ratio", "persistence", "seasonal"),
    *CHAIN,
)


@dataclass(frozen=True, eq=False)
class QuarterlyPosterior:
    """Draws of the parameters, with the quarters that they were learnt from.

    Attributes
    ----------
    model
        The specification.
    data
        The quarters.
    sampled
        The draws.
    history
        What happened to the layers; None for simulated data.
    compile_seconds
        How long the model took to compile in this process.
    """

    model: QuarterlyModel
    data: QuarterlyData
    sampled: Sampled
    history: Paths | None
    compile_seconds: float

    @cached_property
    def parameters(self) -> dict[str, Array]:
        """All draws of the parameters that paths need, by name."""
        names = (*USED, "coupling") if len(self.data.layers) > 1 else USED
        return {name: self.sampled.draws(name) for name in names}

    def taken(self, which: NDArray[np.int_]) -> dict[str, Array]:
        """Return some draws of every parameter, in an order."""
        return {name: draws[which] for name, draws in self.parameters.items()}

    def spread(self, count: int) -> NDArray[np.int_]:
        """Return the places of so many draws, evenly spread over all."""
        every = self.parameters["exit"].size
        return np.unique(np.linspace(0, every - 1, min(count, every)).round().astype(int))

    @cached_property
    def parameter_draw(self) -> NDArray[np.int_]:
        """Which of the draws taken made each path."""
        return np.repeat(np.arange(self.spread(PARAMETER_DRAWS).size), PATHS_EACH)

    def runs(self, which: NDArray[np.int_]) -> Iterator[tuple[Any, Array, Array]]:
        """Return what `joint_forward` returns, the hazards and the moves, draw by draw."""
        data, initial = self.data.data(), self.model.initial
        degrees, ages = float(self.model.priors["degrees"]), initial.size - 2
        slack = data["slack"]
        for i in which:
            p = {name: draws[i] for name, draws in self.parameters.items()}
            density = log_density(
                np,
                data,
                p["normal_growth"] + np.array([0.0, p["boom_gap"], -p["bust_gap"]]),
                np.log(p["deviation"]),
                np.log([1.0, *p["deviation_ratio"]]),
                p["persistence"],
                p["seasonal"],
                np.tanh(p["coupling"]) if "coupling" in p else 0.0,
                degrees,
                len(self.data.layers),
            )
            hazard = exit_hazard(np, p["exit"], p["exit_age"], p["slack_exit"], slack, ages)
            moves = quarterly_moves(
                np, p["from_normal"], p["after_boom"], p["from_bust"], p["slack_bust"], slack
            )
            yield joint_forward(density, hazard, moves, initial), hazard, moves

    @cached_property
    def smoothed(self) -> Array:
        """P(regime | all quarters) given each of some draws, shape (draw, quarter, 3)."""
        found = [
            joint_smoothed(run[1], run[2], run[3], hazard, moves)
            for run, hazard, moves in self.runs(self.spread(REGIME_DRAWS))
        ]
        return np.array(found)

    @cached_property
    def filtered(self) -> Array:
        """P(regime | quarters to then) given each of some draws of all quarters, as `smoothed`."""
        states = np.array([run[1][1:] for run, _, _ in self.runs(self.spread(REGIME_DRAWS))])
        parts = [states[:, :, 0], states[:, :, 1:-1].sum(axis=2), states[:, :, -1]]
        return np.stack(parts, axis=2)

    def regimes(self) -> pd.DataFrame:
        """Return the mean over draws of P(regime | all quarters), one row a quarter, one column a regime."""
        index = pd.Index(self.data.time, name="quarter")
        return pd.DataFrame(self.smoothed.mean(axis=0), index=index, columns=pd.Index(REGIMES))

    def paths(
        self,
        until: str,
        inputs: Mapping[str, Draws],
        rng: np.random.Generator,
        slack: float | None = None,
    ) -> Paths:
        """Return simulated levels to the end of ``until``, with the history in front.

        Utilisation stays where it was last known: how it answers spending is the simulation's, not this
        model's.

        Parameters
        ----------
        until
            A period of any frequency.
        inputs
            Not used.
        rng
            Generator.
        slack
            Slack ahead, in tenths of a log point below normal utilisation; None: the last known.

        Raises
        ------
        InputError
            If ``until`` ends before what is known.
        """
        del inputs
        if self.history is None:
            raise ValueError("A posterior of simulated data has no history to continue.")
        last = ordinal(self.data.time[-1])
        quarters = ordinal(horizon(until, "Q")) - last
        if quarters < 1:
            raise InputError(
                f"The horizon {until} ends before what is known, which is {self.data.time[-1]}. "
                "Ask for a later one."
            )
        time = tuple(label(last + k, "Q") for k in range(1, quarters + 1))
        which = self.spread(PARAMETER_DRAWS)
        now = np.array([run[1][-1] for run, _, _ in self.runs(which)])
        each = self.parameter_draw
        growth = simulate(
            self.taken(which[each]),
            drawn(now[each], rng),
            np.repeat(self.data.growth[-1:], each.size, axis=0),
            np.array([ordinal(t) % PER_YEAR for t in time]),
            np.full(quarters, self.data.slack[-1] if slack is None else slack),
            float(self.model.priors["degrees"]),
            self.model.initial.size - 2,
            rng,
        )
        levels = self.data.levels[-1] * np.exp(growth.cumsum(axis=1))
        values = {name: levels[:, :, i] for i, name in enumerate(self.data.layers)}
        units = {name: self.history.units[name] for name in self.data.layers}
        return Paths(time, values, units, "simulated", self.history.as_of).after(self.history)

    @cached_property
    def standing(self) -> Array:
        """P(state in the last quarter | all quarters), mean over draws, shape (state,)."""
        return np.mean([run[1][-1] for run, _, _ in self.runs(self.spread(REGIME_DRAWS))], axis=0)

    def bust_odds(self, draws: Mapping[str, Array]) -> Array:
        """Return the log odds of a bust a year ahead, from the states now, as parameters have them.

        From a boom of each age: that it ends within the year and that a bust follows.
        """
        ages = self.standing.size - 2
        chance = self.standing[0] * draws["from_normal"][:, BUST]
        chance = chance + self.standing[-1] * draws["from_bust"][:, BUST]
        for year in range(int(boom_years(ages)[-1])):
            weight = self.standing[1:-1][boom_years(ages) == year + 1].sum()
            chance = chance + weight * ends_in_bust(draws, PER_YEAR * year + 1, np.zeros(1))[1][:, 0]
        kept = np.clip(chance, 1e-9, 1 - 1e-9)
        return np.log(kept) - np.log1p(-kept)

    def learnt(self, rng: np.random.Generator) -> dict[str, float]:
        """Return the share of the variance of the file's priors that was taken out of what decides O3.

        ``chance`` is of the log odds of `bust_odds`, ``depth`` of the log of how far growth falls in a bust.
        """
        plain = replace(self.model, panel=None)
        made = [plain.prior_draw(self.data, rng) for _ in range(PRIOR_DRAWS)]
        prior = {name: np.array([d[name] for d in made]) for name in self.parameters}
        pairs = {
            "chance": (self.bust_odds(prior), self.bust_odds(self.parameters)),
            "depth": (np.log(prior["bust_gap"]), np.log(self.parameters["bust_gap"])),
        }
        return {name: float(1 - after.var() / before.var()) for name, (before, after) in pairs.items()}

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event; those that other layers decide are abstentions."""
        until = max((e.by for e in events if e.by), key=period_end, default="")
        if not until:
            raise InputError("No event has a date to simulate to; give one with --by, such as 2028.")
        last = self.data.time[-1]
        until = until if period_end(until) > period_end(last) else label(ordinal(last) + 1, "Q")
        paths = self.paths(until, {}, rng)
        made = forecast_from_paths(self.model.name, snapshot, events, paths, self.parameter_draw)
        driven = self.learnt(rng)["chance"] < LEAST_LEARNT
        return tuple(
            self._filed(f, e, driven) if e.possible(snapshot) else f
            for f, e in zip(made, events, strict=True)
        )

    def _filed(self, forecast: Forecast, event: Event, driven: bool) -> Forecast:
        if forecast.abstains and event.layer not in self.data.layers:
            needs = ", ".join(f"'{n}'" for n in event.needs if n) or "other layers"
            own = ", ".join(f"'{n}'" for n in self.data.layers)
            return replace(
                forecast, abstains=f"the quarterly regimes make paths of {own}; this event needs {needs}"
            )
        if forecast.abstains:
            return forecast
        status = forecast.status if self.sampled.diagnostics.passed else "failed"
        return replace(forecast, evidence="prior-driven" if driven else "paths", status=status)

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return what exhibits draw and the text quotes."""
        from overbuild.models.quarterly_findings import findings_of

        return findings_of(self, rng)

    def sentence(self) -> str:
        """Say what regime the last quarter is in, and what the data could not tell."""
        shares = self.smoothed[:, -1].mean(axis=0)
        low, high = np.quantile(self.smoothed[:, -1, BUST], [0.05, 0.95])
        left, right = np.quantile(self.parameters["slack_exit"], [0.05, 0.95])
        prior = 1.645 * float(self.model.priors["slack_exit"])
        use = (
            f" The slope in slack of the end of a boom lies between {left:.2f} and {right:.2f} with 90 % "
            f"(prior: {-prior:.2f} and {prior:.2f})."
            if self.data.has_slack
            else " There is no utilisation series, so that slack is left to its prior."
        )
        verb = "are" if len(self.data.layers) > 1 else "is"
        return (
            f"In {self.data.time[-1]} {' and '.join(self.data.layers)} {verb} in a boom with probability "
            f"{shares[BOOM]:.2f}, in a bust with {shares[BUST]:.2f} ({low:.2f} to {high:.2f}).{use}"
        )


def ends_in_bust(draws: Mapping[str, Array], age: int, slack: Array) -> tuple[Array, Array]:
    """Return by the year the chance that a boom ends, and that it ends in a bust, shape (draw, slack).

    Parameters
    ----------
    draws
        Parameters.
    age
        Age of the boom in quarters.
    slack
        Shape (slack,).
    """
    year = boom_years(max(age, 1))[-1]
    eta = draws["exit"] + draws["exit_age"] * np.log(year)
    leaves = 1 / (1 + np.exp(-(eta[:, None] + draws["slack_exit"][:, None] * slack)))
    odds = np.exp(draws["slack_bust"][:, None] * slack)
    after = draws["after_boom"][:, None]
    return leaves, leaves * after * odds / (1 - after + after * odds)
