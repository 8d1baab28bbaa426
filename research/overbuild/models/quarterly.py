"""Capex regimes by quarter: one regime drives the series of an era, and slack moves the chance of its end.

For AI the series is the capex of the five firms; for telecom new orders and shipments of communications
equipment, which share one regime, with the utilisation of the plants that make it. With k the series, r the
regime now and q a quarter ago, growth stated by the year, and e multivariate Student's t with fixed degrees
of freedom and correlation rho,

    g_kt = mu_r / 4 + s_k,t + phi_k (g_k,t-1 - mu_q / 4 - s_k,t-1) + sigma_k kappa_r e_kt
    mu_boom = mu_normal + b,   mu_bust = mu_normal - d,   b, d > 0,   kappa_normal = 1
    logit h_t(year of the boom) = alpha + beta ln(year) + gamma_1 x_t-1
    odds of a bust = odds at normal use times exp(gamma_2 x_t-1)

s is a season that sums to zero, h the chance a year that a boom ends, x the slack: how far utilisation lies
below normal, in tenths of a log point. Growth on the quarter before, and not on the year before, is
modelled: rates over overlapping years would share three of four quarters. That a late order makes one
quarter low and the next high is in phi, which is negative for such a series. No sign is imposed on gamma.

Growth gaps, hazards and moves are stated by the year, as in `overbuild.models.regimes`, so that what the
annual panel taught can take the place of the priors (`overbuild.models.quarterly_panel`): a single era has
one boom at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.models.bayesian import Truth
from overbuild.models.priors import Priors
from overbuild.models.quarterly_chain import exit_hazard, log_density, quarterly_moves
from overbuild.models.quarterly_data import PER_YEAR, QuarterlyData, own_history, quarterly_data
from overbuild.models.quarterly_draws import CONTRASTS, prior_draw, simulated, statistics
from overbuild.models.quarterly_panel import Panel, with_panel
from overbuild.models.quarterly_posterior import QuarterlyPosterior
from overbuild.models.sampler import Compiled, Sampled, Sampling, compile_model
from overbuild.models.switching import initial_states

if TYPE_CHECKING:
    import pymc as pm

type Array = NDArray[np.float64]

NAME = "quarterly"
RANKED = (
    "normal_growth",
    "boom_gap",
    "bust_gap",
    "deviation",
    "deviation_ratio",
    "persistence",
    "exit",
    "exit_age",
    "slack_exit",
    "slack_bust",
    "from_normal",
    "after_boom",
    "from_bust",
)


@dataclass(frozen=True)
class QuarterlyModel:
    """The specification.

    Attributes
    ----------
    priors
        Name to value of every prior of the model.
    drawdown
        Thresholds of O3: ``fall`` and ``window_years``.
    ages
        Ages of a boom, in quarters, that are told apart; the last stands for all later ones.
    sampling
        How much to sample.
    panel
        What the annual panel taught: name to mean and standard deviation. None: the priors.
    """

    priors: Mapping[str, Any]
    drawdown: Mapping[str, float]
    ages: int = 32
    sampling: Sampling = field(default_factory=Sampling)
    panel: Panel | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", Frozen(self.priors))
        object.__setattr__(self, "drawdown", Frozen(self.drawdown))
        if self.panel is not None:
            object.__setattr__(self, "panel", Frozen(self.panel))

    @property
    def name(self) -> str:
        """Name under which it is estimated and filed."""
        return NAME

    @property
    def ranked(self) -> tuple[str, ...]:
        """Names of the parameters that are printed, ranked and compared with their priors."""
        return RANKED

    @property
    def not_identified(self) -> str:
        """What no amount of such data could tell."""
        return (
            "An era holds a boom and a bust at most: how long booms last, how deep a bust goes and if one "
            "follows a boom are taken from the priors or the annual panel until a bust has been seen. Where "
            "there is no utilisation series (AI), nothing is learnt of what slack does; where there is one "
            "(telecom), it is learnt from a single turn."
        )

    @classmethod
    def of(cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None) -> Self:
        """Return the model with the priors held on a day and the thresholds of O3."""
        return cls(priors.values(NAME), definitions["O3"]["thresholds"], sampling=sampling or Sampling())

    @property
    def effective(self) -> Frozen:
        """The priors, with what the annual panel taught in their place."""
        return Frozen(with_panel(self.priors, self.panel))

    def observed(self, snapshot: Snapshot) -> QuarterlyData:
        """Return what the model conditions on; refuses a snapshot that holds too little."""
        return quarterly_data(snapshot)

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> QuarterlyPosterior:
        """Learn from a snapshot."""
        data = self.observed(snapshot)
        sampled = self.fit_data(data, rng)
        return QuarterlyPosterior(
            self,
            data,
            sampled,
            own_history(snapshot, data.time[-1]),
            self.compiled(data).seconds,
        )

    def fit_data(
        self, data: QuarterlyData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from data, observed or simulated."""
        return self.compiled(data).sample(data.data(), rng, sampling or self.sampling)

    def compiled(self, data: QuarterlyData) -> Compiled:
        """Return the compiled model for so many series."""
        return compiled_model(self.effective, len(data.layers), self.ages)

    def prior_draw(self, data: QuarterlyData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter."""
        return prior_draw(self.effective, len(data.layers), rng)

    def simulated(self, truth: Truth, data: QuarterlyData, rng: np.random.Generator) -> QuarterlyData:
        """Return growth drawn anew given parameters, over the same quarters and with the same slack."""
        return simulated(truth, data, self.initial, float(self.priors["degrees"]), rng)

    def statistics(self, data: QuarterlyData) -> dict[str, float]:
        """Return what a fit must reproduce."""
        return statistics(data)

    @property
    def initial(self) -> Array:
        """Probabilities of the states in the quarter before the first growth rate."""
        return initial_states(tuple(self.priors["initial"]), self.ages, spread=5 * PER_YEAR)


@lru_cache(maxsize=4)
def compiled_model(priors: Frozen, series: int, ages: int) -> Compiled:
    """Return the compiled model of some priors: once a process, and from PyTensor's cache after the first."""
    return compile_model(build(priors, series, ages))


def build(priors: Mapping[str, Any], series: int, ages: int, quarters: int = 3) -> pm.Model:
    """Return the PyMC model with placeholders for data."""
    import pymc as pm
    import pytensor.tensor as pt

    from overbuild.models.switching_joint_op import joint_log_likelihood

    p = priors
    coords = {"series": range(series), "regime": ["normal", "boom", "bust"], "moved": ["boom", "bust"]}
    coords |= {"contrast": range(PER_YEAR - 1), "quarter": range(1, PER_YEAR + 1)}
    with pm.Model(coords=coords) as model:
        data = {
            name: pm.Data(name, np.zeros(shape))
            for name, shape in {
                "growth": (quarters, series),
                "before": (quarters, series),
                "known": (quarters,),
                "season": (quarters, PER_YEAR),
                "season_before": (quarters, PER_YEAR),
                "slack": (quarters,),
            }.items()
        }
        normal: Any = pm.Normal("normal_growth", *p["normal_growth"])
        boom: Any = pm.LogNormal("boom_gap", np.log(p["boom_gap"][0]), p["boom_gap"][1])
        bust: Any = pm.LogNormal("bust_gap", np.log(p["bust_gap"][0]), p["bust_gap"][1])
        deviation: Any = pm.LogNormal(
            "deviation", np.log(p["deviation"][0]), p["deviation"][1], dims="series"
        )
        ratios, width = p["deviation_ratio"], p["deviation_ratio"]["log_sd"]
        ratio: Any = pm.LogNormal(
            "deviation_ratio", np.log([ratios["boom"], ratios["bust"]]), width, dims="moved"
        )
        phi: Any = pm.Normal("persistence", *p["persistence"], dims="series")
        z: Any = pm.Normal("z_season", dims=("series", "contrast"))
        seasonal: Any = pm.Deterministic(
            "seasonal", p["season"] * z @ CONTRASTS.T, dims=("series", "quarter")
        )
        coupling: Any = pm.Normal("coupling", *p["coupling"]) if series > 1 else 0.0

        exit_logit = pm.Normal("exit", *p["exit"])
        exit_age = pm.Normal("exit_age", *p["exit_age"])
        slack_exit = pm.Normal("slack_exit", 0.0, p["slack_exit"])
        slack_bust = pm.Normal("slack_bust", 0.0, p["slack_bust"])
        from_normal = pm.Dirichlet("from_normal", np.array(p["from_normal"]), dims="regime")
        after_boom = pm.Beta("after_boom", *p["after_boom"])
        from_bust = pm.Dirichlet("from_bust", np.array(p["from_bust"]), dims="regime")

        density = log_density(
            pt,
            data,
            pt.stack([normal, normal + boom, normal - bust]),
            pt.log(deviation),
            pt.log(pt.concatenate([pt.ones(1), ratio])),
            phi,
            seasonal,
            pt.tanh(coupling) if series > 1 else np.float64(0.0),
            float(p["degrees"]),
            series,
        )
        outputs: Any = joint_log_likelihood(
            density,
            exit_hazard(pt, exit_logit, exit_age, slack_exit, data["slack"], ages),
            quarterly_moves(pt, from_normal, after_boom, from_bust, slack_bust, data["slack"]),
            initial_states(tuple(p["initial"]), ages, spread=5 * PER_YEAR),
        )
        pm.Potential("regimes", outputs[0])
    return model
