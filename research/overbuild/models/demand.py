"""Demand: how fast it grows, and what is known of where it stops.

The index D of `overbuild.models.demand_data` follows the curve of `overbuild.models.demand_curve` with a
persistent deviation; its sources see it with a bias, a deviation of their own and an error, as in
`overbuild.models.demand_kernel`. With x(t) = ln D(t) - ln D(0) on the curve, the mean of a figure is

    part of the index:   ln D(0) + ln share_s(t) + x(t),   logit share_1(t) = a + d t
    indicator:           c_s + lambda_s x(t),

lambda an elasticity, c_s a constant of the source's unit. Two readings of growth stand beside each other,
that of what was measured and that of what was claimed, with prior weights 1 - pi and pi; pi is set, and an
index without a claim has pi = 0. The ceiling M has a prior; headroom ln M - ln D(0) is positive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import truncnorm

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.errors import InputError
from overbuild.models.bayesian import Truth
from overbuild.models.demand_curve import gain, slope
from overbuild.models.demand_data import INDICATORS, PARTS, DemandData, Index, demand_data, index_of
from overbuild.models.demand_kernel import fill_covariance
from overbuild.models.priors import Priors
from overbuild.models.sampler import Compiled, Sampled, Sampling, compile_model

if TYPE_CHECKING:
    import pymc as pm

    from overbuild.models.demand_posterior import DemandPosterior

type Array = NDArray[np.float64]

NAME = "demand"
RANKED = (
    "level",
    "growth",
    "log_ceiling",
    "growth_now",
    "asymmetry",
    "memory",
    "common",
    "own",
    "elasticity",
    "share",
    "drift",
)
"""Headroom is left out: it is the ceiling less the level, and would pass for learnt because the level is."""
FREE = ("level", "asymmetry", "memory", "share", "drift")
CUT = ("growth", "growth_if_claim", "headroom")
"""Parameters with a normal prior, of a logarithm or logit where they must be, and with one cut at zero."""
NO_CLAIM = 1e-300
TARGET_ACCEPT = 0.97
"""Steps small enough where demand has all but stopped growing and its ceiling is near."""
NOT_IDENTIFIED = (
    "Before the growth of demand has visibly slowed, no series of demand says where it stops: the ceiling is "
    "its prior, cut below by what has been reached, and with it every statement on when capacity is too much."
)


@dataclass(frozen=True)
class DemandModel:
    """The specification.

    Attributes
    ----------
    priors
        Name to value of every prior of the model that could be held on the day.
    sampling
        How much to sample.
    grades
        Grades of figures that count; empty: each source's own.
    """

    priors: Mapping[str, Any]
    sampling: Sampling = field(default_factory=Sampling)
    grades: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", Frozen(self.priors))

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
        return NOT_IDENTIFIED

    @classmethod
    def of(
        cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None
    ) -> DemandModel:
        """Return the model with the priors held on a day; those of the other era may not be held yet."""
        del definitions
        held = {n.partition(".")[2]: p.value for n, p in priors.of(NAME).entries.items()}
        return cls(held, sampling) if sampling else cls(held)

    def with_priors(self, **changed: Any) -> DemandModel:
        """Return the model with some priors changed: another model, at no cost of compilation."""
        unknown = [n for n in changed if n not in self.priors]
        if unknown:
            raise ValueError(f"There is no prior '{unknown[0]}' of the demand model.")
        return replace(self, priors={**self.priors, **changed})

    def observed(self, snapshot: Snapshot, index: Index | None = None) -> DemandData:
        """Return what the model conditions on.

        Raises
        ------
        InputError
            If the snapshot holds too few figures, or a prior could not be held on its day.
        """
        chosen = index or index_of(snapshot.episode)
        data = demand_data(snapshot, chosen, self.priors["error"], self.grades)
        missing = [n for n in _names(chosen) if n not in self.priors]
        if missing:
            raise InputError(
                f"The prior 'demand.{missing[0]}' could not be held on the day of the priors; {chosen.title} "
                "cannot be modelled with them. Ask for a later day."
            )
        return data

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> DemandPosterior:
        """Learn from a snapshot."""
        from overbuild.models.demand_posterior import DemandPosterior

        data = self.observed(snapshot)
        sampled = self.fit_data(data, rng)
        return DemandPosterior(self, data, sampled, snapshot, compiled_model().seconds)

    def fit_data(
        self, data: DemandData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from data, observed or simulated; compiled once a process, with steps no larger than set."""
        chosen = sampling or self.sampling
        careful = replace(chosen, target_accept=max(chosen.target_accept, TARGET_ACCEPT))
        return compiled_model().sample(self.inputs(data), rng, careful)

    def inputs(self, data: DemandData) -> dict[str, Array]:
        """Return what the graph reads: figures, and priors of the index."""
        index, p = data.index, self.priors
        part = data.slot < PARTS
        weight = self.claim_weight(index)
        return {
            "value": data.value,
            "time": data.time,
            "slot": data.slot.astype(float),
            "error": data.error,
            "bias": np.where(part, p["bias"], p["scale"]),
            "constant": self._constants(index)[data.slot],
            "log_weight": np.log(np.maximum([1 - weight, weight], NO_CLAIM)),
            "shared": np.array(float(data.shared)),
            "elastic": np.array([float(_elastic(index, k)) for k in range(PARTS, PARTS + INDICATORS)]),
            "free": np.concatenate([self._settings(index, FREE), self._elasticities(index)]),
            "cut": self._settings(index, ("growth", "claim", "ceiling")),
            "deviation": np.array([p["deviation_common"], p["deviation_own"]]),
        }

    def claim_weight(self, index: Index) -> float:
        """Return pi: the prior weight of what was claimed."""
        return float(self.priors["claim_weight"]) if f"claim_{index.name}" in self.priors else 0.0

    def setting(self, index: Index, name: str) -> tuple[float, float]:
        """Return mean and s.d. of a prior, of the logarithm where the file has a median."""
        p = self.priors
        if name == "ceiling":
            median, spread = p[f"ceiling_{index.name}"]
            return float(np.log(median)), spread
        if name == "asymmetry":
            return float(np.log(p["asymmetry"][0])), p["asymmetry"][1]
        if name == "claim":
            return p.get(f"claim_{index.name}", p[f"growth_{index.name}"])
        if name in ("level", "growth"):
            return p[f"{name}_{index.name}"]
        return p[name]

    def prior_draw(self, data: DemandData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter, as the posterior names them."""
        of = {n: self.setting(data.index, n) for n in (*FREE, "growth", "claim", "ceiling")}
        level = rng.normal(*of["level"])
        growth, claim = (_above_zero(*of[n], rng) for n in ("growth", "claim"))
        headroom = _above_zero(of["ceiling"][0] - level, of["ceiling"][1], rng)
        asymmetry = np.exp(rng.normal(*of["asymmetry"]))
        means, spreads = self._elasticities(data.index).T
        made = {
            "level": level,
            "growth": growth,
            "growth_if_claim": claim,
            "headroom": headroom,
            "log_ceiling": level + headroom,
            "asymmetry": asymmetry,
            "growth_now": slope(np.array(0.0), *map(np.asarray, (growth, headroom, asymmetry))),
            "memory": expit(rng.normal(*of["memory"])),
            "common": abs(rng.normal(0, self.priors["deviation_common"])),
            "own": abs(rng.normal(0, self.priors["deviation_own"])),
            "elasticity": np.exp(rng.normal(means, spreads)),
            "share": rng.normal(*of["share"]),
            "drift": rng.normal(*of["drift"]),
            "claim": self.claim_weight(data.index),
        }
        return {k: np.asarray(v, dtype=float) for k, v in made.items()}

    def simulated(self, truth: Truth, data: DemandData, rng: np.random.Generator) -> DemandData:
        """Return figures drawn anew, at the dates, with the sources and the errors of ``data``."""
        claimed = rng.random() < float(truth["claim"])
        mean = self.means(truth, data.time, data.slot, data, claimed=claimed)
        cov, _ = fill_covariance(
            data.time,
            data.slot.astype(float),
            data.error,
            self.inputs(data)["bias"],
            self.loadings(truth, data.slot, data.index),
            float(truth["common"]),
            float(truth["own"]),
            float(truth["memory"]),
        )
        drawn = mean + np.linalg.cholesky(cov) @ rng.standard_normal(mean.size)
        return replace(data, value=drawn)

    def means(
        self, truth: Truth, time: Array, slot: NDArray[np.int_], data: DemandData, *, claimed: bool = False
    ) -> Array:
        """Return the means of figures at some dates given parameters, shape (figure,)."""
        growth = truth["growth_if_claim"] if claimed else truth["growth"]
        x = gain(time, growth, truth["headroom"], truth["asymmetry"])
        logit = truth["share"] + truth["drift"] * time
        shares = np.where(slot == 1, logit, 0.0) - np.logaddexp(0.0, logit)
        base = np.where(
            slot < PARTS,
            truth["level"] + data.shared * shares,
            self._constants(data.index)[slot],
        )
        return base + self.loadings(truth, slot, data.index) * x

    def loadings(self, truth: Truth, slot: NDArray[np.int_], index: Index) -> Array:
        """Return how much a figure of each slot moves with the index in logs."""
        by_slot = np.ones(PARTS + INDICATORS)
        for k in range(INDICATORS):
            if _elastic(index, PARTS + k):
                by_slot[PARTS + k] = truth["elasticity"][k]
        return by_slot[slot]

    def statistics(self, data: DemandData) -> dict[str, float]:
        """Return growth a year of every source, and how much it slowed, in logs."""
        found: dict[str, float] = {}
        for source in data.sources:
            mine = data.slot == source.slot
            t, y = data.time[mine], data.value[mine]
            if t.size < 2 or np.ptp(t) < 0.25:
                continue
            found[f"growth_{source.name}"] = float(np.polyfit(t, y, 1)[0])
            if t.size >= 5:
                found[f"bend_{source.name}"] = float(2 * np.polyfit(t, y, 2)[0])
        return found

    def _settings(self, index: Index, names: Sequence[str]) -> Array:
        return np.array([self.setting(index, n) for n in names], dtype=float)

    def _constants(self, index: Index) -> Array:
        logs = np.zeros(PARTS + INDICATORS)
        for s in index.sources:
            if s.slot >= PARTS:
                logs[s.slot] = np.log(self.priors["level_of_source"][s.name])
        return logs

    def _elasticities(self, index: Index) -> Array:
        """Return mean and s.d. of each log elasticity; a slot that uses none has a standard one."""
        out = np.tile([0.0, 0.3], (INDICATORS, 1))
        for s in index.sources:
            if s.slot >= PARTS and s.elastic:
                median, spread = self.priors[f"elasticity_{s.name}"]
                out[s.slot - PARTS] = np.log(median), spread
        return out


@lru_cache(maxsize=1)
def compiled_model() -> Compiled:
    """Return the compiled model: one graph for every index, day and prior."""
    return compile_model(build())


def build(figures: int = 3) -> pm.Model:
    """Return the PyMC model with placeholders for figures and priors."""
    import pymc as pm
    from pytensor import tensor

    from overbuild.models.demand_op import demand_log_likelihood

    pt: Any = tensor
    with pm.Model(coords={"indicator": range(INDICATORS)}) as model:
        given = {n: pm.Data(n, np.zeros(figures)) for n in ("value", "time", "slot", "error", "bias")}
        constant = pm.Data("constant", np.zeros(figures))
        log_weight = pm.Data("log_weight", np.zeros(2))
        shared = pm.Data("shared", np.array(0.0))
        elastic = cast(Any, pm.Data("elastic", np.zeros(INDICATORS)))
        free = cast(Any, pm.Data("free", np.ones((len(FREE) + INDICATORS, 2))))
        cut = cast(Any, pm.Data("cut", np.ones((len(CUT), 2))))
        deviation = pm.Data("deviation", np.ones(2))

        normal: Any = pm.Normal("normal", free[:, 0], free[:, 1], shape=len(FREE) + INDICATORS)
        level: Any = pm.Deterministic("level", normal[0])
        asymmetry: Any = pm.Deterministic("asymmetry", pt.exp(normal[1]))
        memory = pm.Deterministic("memory", pt.sigmoid(normal[2]))
        share, drift = (
            cast(Any, pm.Deterministic(n, normal[3 + i])) for i, n in enumerate(("share", "drift"))
        )
        elasticity: Any = pm.Deterministic("elasticity", pt.exp(normal[len(FREE) :]), dims="indicator")
        deviations: Any = pm.HalfNormal("deviations", deviation, shape=2)
        common, own = (pm.Deterministic(n, deviations[i]) for i, n in enumerate(("common", "own")))

        # Normals cut at zero; only the ceiling's place of the cut moves, and with it the norming constant.
        positive: Any = pm.HalfFlat("positive", shape=len(CUT))
        centre = cut[:, 0] - pt.stack([0.0, 0.0, level])
        apart = (positive - centre) / cut[:, 1]
        left = pt.log(0.5 * pt.erfc(-centre[2] / (cut[2, 1] * np.sqrt(2))))
        pm.Potential("cut_normals", -0.5 * pt.sum(apart**2) - left)
        growth, claimed, headroom = (cast(Any, pm.Deterministic(n, positive[i])) for i, n in enumerate(CUT))
        pm.Deterministic("log_ceiling", level + headroom)

        start = asymmetry * headroom
        inner: Any = start + pt.log1mexp(-start)
        pm.Deterministic("growth_now", growth * pt.sigmoid(inner))
        time, slot = cast(Any, given["time"]), cast(Any, given["slot"])
        by_slot: Any = pt.concatenate([pt.ones(PARTS), 1 + elastic * (elasticity - 1)])
        loading = by_slot[slot.astype("int64")]
        logit: Any = share + drift * time
        shares: Any = pt.where(pt.eq(slot, 1.0), logit, 0.0) - pt.softplus(logit)
        base: Any = pt.where(slot < PARTS, level + shared * shares, constant)

        def means(rate: Any) -> Any:
            return base + loading * (headroom - pt.softplus(inner - rate * asymmetry * time) / asymmetry)

        outputs: Any = demand_log_likelihood(
            given["value"],
            time,
            slot,
            given["error"],
            given["bias"],
            log_weight,
            means(growth),
            means(claimed),
            loading,
            common,
            own,
            memory,
        )
        pm.Potential("figures", outputs[0])
        pm.Deterministic("claim", outputs[1])
    return model


def _names(index: Index) -> Sequence[str]:
    own = [f"{n}_{index.name}" for n in ("level", "growth", "ceiling")]
    return [*own, *(f"elasticity_{s.name}" for s in index.sources if s.slot >= PARTS and s.elastic)]


def _elastic(index: Index, slot: int) -> bool:
    return any(s.slot == slot and s.elastic for s in index.sources)


def _above_zero(mean: float, spread: float, rng: np.random.Generator) -> float:
    """Return a draw of a normal cut at zero."""
    return float(truncnorm.rvs(-mean / spread, np.inf, loc=mean, scale=spread, random_state=rng))
