"""Capex regimes: growth is normal, booming or in bust, and a boom ends with a chance that depends on its age.

Fitted on all series of `overbuild.models.regime_panel` at once. With i the series, f_i 1 for a firm, r the
regime now and q a year ago, e Student's t with fixed degrees of freedom,

    g_it = mu_ir + phi (g_i,t-1 - mu_iq) + sigma_ir e_it
    mu_i,normal = m + m_f f_i + tau_1 z_i1
    mu_i,boom = mu_i,normal + b exp(tau_2 z_i2),   mu_i,bust = mu_i,normal - d exp(tau_3 z_i3)
    ln sigma_ir = ln s_i + ln k_r,   ln s_i = ln s + s_f f_i + tau_4 z_i4,   k_normal = 1
    logit h_it(age) = alpha + beta ln age + gamma'x_i,t-1

where h is the chance that a boom ends, x the run-up, the gap of the share of GDP and the spread of Baa bonds,
and b, d > 0 keep the regimes in order. Partial pooling is on means and scales; the moves between regimes are
common to all series, since one series holds few spells. Firms grow faster and swing more than industries:
m_f and s_f keep that out of the common means and scales.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.errors import InputError
from overbuild.models.priors import Priors
from overbuild.models.regime_checks import prior_draw, simulated_panel, statistics
from overbuild.models.regime_panel import COVARIATES, Array, RegimePanel, panel_from
from overbuild.models.regime_paths import CAPEX_LAYER
from overbuild.models.regime_posterior import MAIN, RegimePosterior
from overbuild.models.regime_series import (
    BIG_FIVE,
    CARRIERS,
    FIRMS,
    OWN,
    TELECOM,
    fitted_series,
    read_series,
    sector_of,
)
from overbuild.models.sampler import Compiled, Sampled, Sampling, compile_model
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
    series
        Long annual series of investment, by their names in the table.
    telecom
        Those of them that make up telecom, summed.
    gdp
        Name of annual GDP.
    floor
        A series counts after the last year in which it was below so many USD million.
    priors
        Name to value of every prior of the model.
    fall
        Thresholds of the fall that findings show, as event O3 has them.
    ages
        Ages of a boom that are told apart; the last stands for all later ones.
    without
        Members that nothing is learnt from, read with what the others taught.
    overlap
        Whether firms and carriers count also in the years in which the sum they are part of is known.
    sampling
        How much to sample.
    """

    series: tuple[str, ...]
    telecom: tuple[str, ...]
    gdp: str
    floor: float
    priors: Mapping[str, Any]
    fall: Mapping[str, float] = field(default_factory=lambda: {"fall": 0.3, "window_years": 3.0})
    ages: int = 8
    without: tuple[str, ...] = ()
    overlap: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    name: str = NAME
    ranked: tuple[str, ...] = MAIN
    not_identified: str = (
        "Whether the next boom is of the kind that ends in bust: one sector holds one or two spells, so that "
        "the hazard of a boom and the share of booms that bust are those of other industries and the prior."
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", Frozen(self.priors))
        object.__setattr__(self, "fall", Frozen(self.fall))

    @classmethod
    def of(cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None) -> Self:
        """Return the model with priors held on a day; its series are those of the base rate."""
        section, held = definitions["baserate"], priors.values(NAME)
        return cls(
            tuple(section["series"]),
            tuple(n for n in section["telecom_series"] if n in NARROW),
            section["gdp_series"],
            float(section["floor_usd_million"]),
            {n: held[n] for n in held.names},
            definitions["O3"]["thresholds"],
            sampling=sampling or Sampling(),
        )

    def observed(self, snapshot: Snapshot) -> RegimePanel:
        """Return the panel.

        Raises
        ------
        InputError
            If the sector or the long series are known for too few years.
        """
        panel = self.panel(snapshot)
        known = panel.known(self.sector(snapshot))
        if known < FEWEST_YEARS:
            raise InputError(
                f"'{CAPEX_LAYER}' of {snapshot.episode or 'this episode'} gives {known} annual growth rates "
                f"as of {snapshot.as_of}; the regimes need {FEWEST_YEARS}. Ask for a later day."
            )
        return panel

    def sector(self, snapshot: Snapshot) -> str:
        """Return the member that is the snapshot's sector."""
        return sector_of(snapshot, tuple(n for n in self.series if n not in self.telecom))

    def panel(self, snapshot: Snapshot) -> RegimePanel:
        """Return the panel, however little is known of the sector."""
        given = fitted_series(snapshot, self.series, self.telecom, self.gdp, overlap=self.overlap)
        if not any(len(given.levels[n]) for n in (*self.series, TELECOM) if n in given.levels):
            raise InputError(
                f"No long series of investment was known on {snapshot.as_of}; the regimes are learnt from "
                "them. Ask for a later day."
            )
        found = panel_from(given.levels, given.sizes, self.floor, given.spreads)
        return replace(found, left_out=self.without)

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> RegimePosterior:
        """Learn from a snapshot."""
        panel = self.observed(snapshot)
        beside = read_series(snapshot, self.gdp)
        read = panel_from(beside.levels, beside.sizes, self.floor, beside.spreads) if beside.levels else None
        compiled = self.compiled(panel)
        return RegimePosterior(
            panel,
            compiled.sample(panel.data(), rng, self.sampling),
            self.sector(snapshot),
            Frozen(self.priors),
            self.ages,
            snapshot.history(CAPEX_LAYER),
            self.fall,
            read,
            compiled.seconds,
            self,
        )

    def fit_data(
        self, data: RegimePanel, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from a panel, observed or simulated."""
        return self.compiled(data).sample(data.data(), rng, sampling or self.sampling)

    def compiled(self, data: RegimePanel) -> Compiled:
        """Return the compiled model for panels of this many members."""
        return compiled_model(Frozen(self.priors), kinds_of(data.members), self.ages)

    def prior_draw(self, data: RegimePanel, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter from the priors."""
        return prior_draw(self.priors, firms_of(data.members), rng)

    def simulated(
        self, truth: Mapping[str, Array], data: RegimePanel, rng: np.random.Generator
    ) -> RegimePanel:
        """Return a panel drawn anew: the same members and years, other growth."""
        return simulated_panel(truth, data, self.priors, self.ages, rng)

    def statistics(self, data: RegimePanel) -> dict[str, float]:
        """Return falls, run-ups, spread and persistence of growth."""
        return statistics(data)


def firms_of(members: Sequence[str]) -> tuple[bool, ...]:
    """Return whether each member is a firm."""
    return tuple(m in FIRMS or m in CARRIERS for m in members)


def kinds_of(members: Sequence[str]) -> tuple[str, ...]:
    """Return of each member whether it is a long series, a short one, or a firm, which is short too."""
    short = (BIG_FIVE, OWN)
    firms = zip(members, firms_of(members), strict=True)
    return tuple("firm" if firm else "short" if m in short else "long" for m, firm in firms)


@lru_cache(maxsize=4)
def compiled_model(priors: Frozen, kinds: tuple[str, ...], ages: int) -> Compiled:
    """Return the compiled model of some priors: once a process, and from PyTensor's cache after the first."""
    return compile_model(build(priors, kinds, ages))


def build(priors: Mapping[str, Any], kinds: Sequence[str], ages: int, years: int = 3) -> pm.Model:
    """Return the PyMC model with placeholders for data.

    ``kinds`` are those of `kinds_of`, long series first.
    """
    import pymc as pm
    import pytensor.tensor as pt

    from overbuild.models.switching_op import switching_log_likelihood

    p, members, long = priors, len(kinds), sum(k == "long" for k in kinds)
    firm = np.array([k == "firm" for k in kinds], dtype=float)
    coords = {
        "member": range(members),
        "long": range(long),
        "short": range(members - long),
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
        firm_growth = pm.Normal("firm_growth", *p["firm_growth"])
        z: Any = pm.Normal("z_mean", dims=("member", "regime"))
        own_normal = normal + firm * firm_growth + spread[0] * z[:, 0]
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
        ratios = [p["deviation"][r] for r in coords["moved"]]
        ratio = pm.LogNormal("deviation_ratio", np.log(ratios), p["deviation"]["log_sd"], dims="moved")
        own_sigma: Any = _log_scales(p, kinds)
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


def _log_scales(p: Mapping[str, Any], kinds: Sequence[str]) -> Any:
    """Return the log scale of growth of each member in a normal year, in the context of a model.

    Scales of the n long series are written around their own mean A, which the data tell well, and half-way
    between centred and not: ln s_i = A + tau_4 e_i with e summing to 0, and A ~ N(m, w^2 + tau_4^2 / n),
    where the prior is ln s ~ N(m, w^2), so that ln s given A is normal again. Short series are not centred.
    The model is that of the head of this module; its chains mix better.
    """
    import pymc as pm
    import pytensor.tensor as pt

    long = sum(k == "long" for k in kinds)
    if not long or "long" in kinds[long:]:
        raise ValueError("Long series come first, and there is at least one.")
    width, middle = p["deviation"]["log_sd"], np.log(p["deviation"]["normal"])
    tau: Any = pm.HalfNormal("spread_of_deviations", p["spread_of_deviations"])
    firm_deviation: Any = pm.Normal("firm_deviation", *p["firm_deviation"])
    of_mean = tau**2 / long
    kept = width**2 / (width**2 + of_mean)
    mean: Any = pm.Normal("mean_log_deviation", middle, pt.sqrt(width**2 + of_mean))
    common = middle + kept * (mean - middle) + pt.sqrt(kept * of_mean) * pm.Normal("z_common")
    pm.Deterministic("deviation", pt.exp(common))
    y: Any = pm.ZeroSumNormal("y_deviation", sigma=pt.sqrt(tau), dims="long")
    parts = [mean + pt.sqrt(tau) * y]
    if len(kinds) > long:
        firm = np.array([k == "firm" for k in kinds[long:]], dtype=float)
        z: Any = pm.Normal("z_deviation", dims="short")
        parts.append(common + firm * firm_deviation + tau * z)
    return pt.concatenate(parts)
