"""Capex regimes: growth is normal, booming or in bust, and a boom ends with a chance that depends on its age.

Fitted on all series of `overbuild.models.regime_panel` at once. With i the series, r the regime now and q a
year ago, e Student's t with fixed degrees of freedom,

    g_it = mu_ir + phi (g_i,t-1 - mu_iq) + sigma_ir e_it
    mu_i,normal = m + tau_1 z_i1
    mu_i,boom = mu_i,normal + b exp(tau_2 z_i2),   mu_i,bust = mu_i,normal - d exp(tau_3 z_i3)
    ln sigma_ir = ln s_i + ln k_r,   ln s_i = ln s + tau_4 z_i4,   k_normal = 1
    logit h_it(age) = alpha + beta ln age + gamma'x_i,t-1

where h is the chance that a boom ends, x the run-up and the gap of the share of GDP, and b, d > 0 keep the
regimes in order. Partial pooling is on means and scales; the moves between regimes are common to all
series, since one series holds few spells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.errors import InputError
from overbuild.models.priors import Priors
from overbuild.models.regime_panel import COVARIATES, LAYER, OWN, TELECOM, RegimePanel, panel_of
from overbuild.models.regime_posterior import RegimePosterior
from overbuild.models.sampler import Compiled, Sampling, compile_model
from overbuild.models.switching import REGIMES, initial_states

if TYPE_CHECKING:
    import pymc as pm

NAME = "regimes"
FEWEST_YEARS = 4
NARROW = ("bea_comm_equipment", "bea_comm_structures")
"""Telecom's narrow perimeter, among the series of ``definitions.toml``."""


@dataclass(frozen=True)
class RegimeModel:
    """The specification.

    Attributes
    ----------
    series, telecom, gdp, floor
        As for `overbuild.models.regime_panel.panel_of`.
    priors
        Name to value of every prior of the model.
    ages
        Ages of a boom that are told apart; the last stands for all later ones.
    sampling
        How much to sample.
    """

    series: tuple[str, ...]
    telecom: tuple[str, ...]
    gdp: str
    floor: float
    priors: Mapping[str, Any]
    ages: int = 8
    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", Frozen(self.priors))

    @classmethod
    def of(cls, section: Mapping[str, Any], priors: Priors, sampling: Sampling | None = None) -> RegimeModel:
        """Return the model of section ``[baserate]`` of ``definitions.toml`` with priors held on a day."""
        narrow = tuple(
            n for n in section["telecom_series"] if n in ("bea_comm_equipment", "bea_comm_structures")
        )
        return cls(
            tuple(section["series"]),
            narrow,
            section["gdp_series"],
            float(section["floor_usd_million"]),
            priors.values(NAME),
            sampling=sampling or Sampling(),
        )

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> RegimePosterior:
        """Learn from a snapshot.

        Raises
        ------
        InputError
            If the sector or the long series are known for too few years.
        """
        panel = self.panel(snapshot)
        own = TELECOM if snapshot.episode == TELECOM else OWN
        known = int(panel.stop[panel.members.index(own)] - panel.first[panel.members.index(own)])
        if known < FEWEST_YEARS:
            raise InputError(
                f"'{LAYER}' of {snapshot.episode or 'this episode'} gives {known} annual growth rates as of "
                f"{snapshot.as_of}; the regimes need {FEWEST_YEARS}. Ask for a later day."
            )
        return self.fit_panel(panel, rng, snapshot, own)

    def fit_panel(
        self, panel: RegimePanel, rng: np.random.Generator, snapshot: Snapshot | None = None, own: str = OWN
    ) -> RegimePosterior:
        """Learn from a panel, as simulated for a check."""
        compiled = compiled_model(Frozen(self.priors), len(panel.members), self.ages)
        sampled = compiled.sample(panel.data(), rng, self.sampling)
        initial = initial_states(tuple(self.priors["initial"]), self.ages)
        history = snapshot.history(LAYER) if snapshot else None
        degrees = float(self.priors["degrees"])
        return RegimePosterior(panel, sampled, own, initial, degrees, history, compiled.seconds)

    def panel(self, snapshot: Snapshot) -> RegimePanel:
        """Return what the model conditions on."""
        return panel_of(snapshot, self.series, self.telecom, self.gdp, self.floor)


@lru_cache(maxsize=4)
def compiled_model(priors: Frozen, members: int, ages: int) -> Compiled:
    """Return the compiled model of some priors: once a process, and from PyTensor's cache after the first."""
    return compile_model(build(priors, members, ages))


def build(priors: Mapping[str, Any], members: int, ages: int, years: int = 3) -> pm.Model:
    """Return the PyMC model with placeholders for data."""
    import pymc as pm
    import pytensor.tensor as pt

    from overbuild.models.switching_op import switching_log_likelihood

    p = priors
    coords = {
        "member": range(members),
        "regime": list(REGIMES),
        "moved": list(REGIMES[1:]),
        "covariate": list(COVARIATES),
    }
    with pm.Model(coords=coords) as model:
        growth = pm.Data("growth", np.zeros((members, years)))
        first = pm.Data("first", np.zeros(members))
        stop = pm.Data("stop", np.zeros(members))
        covariates = pm.Data("covariates", np.zeros((members, years, len(COVARIATES))))

        normal = pm.Normal("normal_growth", *p["normal_growth"])
        boom = pm.LogNormal("boom_gap", np.log(p["boom_gap"][0]), p["boom_gap"][1])
        bust = pm.LogNormal("bust_gap", np.log(p["bust_gap"][0]), p["bust_gap"][1])
        scales = [p["spread_of_means"][r] for r in coords["regime"]]
        spread = pm.HalfNormal("spread_of_means", np.array(scales), dims="regime")
        z: Any = pm.Normal("z_mean", dims=("member", "regime"))
        own_normal = normal + spread[0] * z[:, 0]
        mu = pm.Deterministic(
            "mu",
            pt.stack(
                [
                    own_normal,
                    own_normal + boom * pt.exp(spread[1] * z[:, 1]),
                    own_normal - bust * pt.exp(spread[2] * z[:, 2]),
                ],
                axis=1,
            ),
            dims=("member", "regime"),
        )
        width = p["deviation"]["log_sd"]
        deviation = pm.LogNormal("deviation", np.log(p["deviation"]["normal"]), width)
        ratios = [p["deviation"][r] for r in ("boom", "bust")]
        ratio = pm.LogNormal("deviation_ratio", np.log(ratios), width, dims="moved")
        spread_sigma = pm.HalfNormal("spread_of_deviations", p["spread_of_deviations"])
        own_sigma: Any = pm.Normal("log_deviation", pt.log(deviation), spread_sigma, dims="member")
        by_regime: Any = pt.log(pt.concatenate([pt.ones(1), ratio]))
        log_sigma = pm.Deterministic(
            "log_sigma", own_sigma[:, None] + by_regime[None, :], dims=("member", "regime")
        )
        phi = pm.Normal("persistence", *p["persistence"])

        alpha = pm.Normal("exit", *p["exit"])
        beta = pm.Normal("exit_age", *p["exit_age"])
        gamma = pm.Normal("exit_covariates", 0.0, p["exit_covariates"], dims="covariate")
        from_normal = pm.Dirichlet("from_normal", np.array(p["from_normal"]), dims="regime")
        after_boom = pm.Beta("after_boom", *p["after_boom"])
        from_bust = pm.Dirichlet("from_bust", np.array(p["from_bust"]), dims="regime")
        moves = pt.stack([from_normal, pt.stack([1 - after_boom, 0.0, after_boom]), from_bust])

        outputs: Any = switching_log_likelihood(
            growth,
            first,
            stop,
            mu,
            log_sigma,
            phi,
            alpha + (covariates * gamma).sum(axis=-1),
            beta * np.log(np.arange(1, ages + 1)),
            moves,
            initial_states(tuple(p["initial"]), ages),
            np.float64(p["degrees"]),
        )
        pm.Potential("regimes", outputs[0])
    return model
