"""Explosive regimes: a price is a random walk, explosive or collapsing, with a volatility that changes.

The Bayesian twin of the right-tailed unit-root tests of Phillips, Wu and Yu (2011) and Phillips, Shi and Yu
(2015), with the collapse of Phillips and Shi (2018). With y a log price or a log price ratio by month,

    y_t - y_{t-1} = mu + k_s g_{b,t-1} + exp(l_t) e_t,     g_{b,t-1} = max(y_{t-1} - L_b, 0),
    k = 0 in a random walk, c > 0 in an explosion (root 1 + c), -d < 0 in a collapse (root 1 - d),

where L_b is the mean of the year before the quarter in which the explosion began
(`overbuild.models.explosive_data`): the root acts on the distance from there, and a collapse returns there.
The roots multiply y_{t-1} itself in the tests, whose intercept makes the origin of y irrelevant; here the
drift mu has a prior, and with y measured from zero the explosive root would be a second, larger drift.
Regimes follow one another in that order, each is left with a chance of its own, and with probability
1 - w the random walk is never left, so that "no explosion at all" is a hypothesis with prior odds.
e is Student's t with fixed degrees of freedom. The log of its scale is a first-order autoregression observed
each half-year with straight lines between (`KNOTS` of them): a stochastic volatility of fewer dimensions,

    l_k = ln v + phi (l_{k-1} - ln v) + tau sqrt(1 - phi^2) z_k,   z_k ~ N(0, 1),

where tau is the standard deviation of l over a long time, the fat tails taking the single months. Regimes
are summed out (`overbuild.models.explosive_kernel`), so that what is sampled is continuous.
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
from overbuild.models.bayesian import Array, Truth
from overbuild.models.explosive_data import (
    BEFORE,
    BESIDE,
    BLOCKS,
    MAIN,
    PER_BLOCK,
    WINDOW,
    PriceData,
    before_level,
    price_data,
)
from overbuild.models.explosive_kernel import COLLAPSE, EXPLOSIVE, RANDOM_WALK
from overbuild.models.explosive_posterior import Beside, ExplosivePosterior
from overbuild.models.priors import Priors
from overbuild.models.sampler import Compiled, Sampled, Sampling, compile_model

if TYPE_CHECKING:
    import pymc as pm

NAME = "explosive"
HALF_YEAR = 6
KNOTS = WINDOW // HALF_YEAR + 1
AGES = np.subtract.outer(np.arange(KNOTS), np.arange(KNOTS))
SHORT = Sampling(chains=4, draws=700, tune=700, target_accept=0.95)
"""For the series beside the main one, whose diagnostics are told with their dates."""
RANKED = (
    "drift",
    "explosive_root",
    "collapse_root",
    "stay_random_walk",
    "stay_explosive",
    "stay_collapse",
    "volatility",
    "volatility_persistence",
    "volatility_spread",
)


@dataclass(frozen=True)
class ExplosiveModel:
    """The specification.

    Attributes
    ----------
    priors
        Name to value of every prior of the model.
    series
        A name of `overbuild.models.explosive_data.SERIES`; empty: the main one of the episode, with others
        beside it.
    sampling
        How much to sample.
    """

    priors: Mapping[str, Any]
    series: str = ""
    sampling: Sampling = field(default_factory=lambda: Sampling(target_accept=0.9))

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", Frozen(self.priors))

    @property
    def name(self) -> str:
        """Name under which it is filed."""
        return NAME

    @property
    def ranked(self) -> tuple[str, ...]:
        """Names of the parameters that are printed, ranked and compared with their priors."""
        return RANKED

    @property
    def not_identified(self) -> str:
        """What no amount of such data could tell."""
        return (
            "Prices alone cannot tell an explosive root from fundamentals that grow as fast; one or two "
            "episodes a window say little about how often regimes begin and how long they last."
        )

    @classmethod
    def of(
        cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None
    ) -> ExplosiveModel:
        """Return the model with the priors held on a day; definitions play no part."""
        del definitions
        values = priors.values(NAME)
        return cls(values, sampling=sampling) if sampling else cls(values)

    def observed(self, snapshot: Snapshot) -> PriceData:
        """Return the window of the main series, or of the one that was asked for.

        Raises
        ------
        InputError
            If no share prices of the episode are on file, or too few were known on the day.
        """
        if not self.series and snapshot.episode not in MAIN:
            raise InputError(
                f"Share prices are on file for {', '.join(MAIN)} only; '{snapshot.episode}' has none to date."
            )
        return price_data(snapshot, self.series or MAIN.get(snapshot.episode, MAIN["ai"]))

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> ExplosivePosterior:
        """Learn from a snapshot: the main series in full, those beside it with fewer draws."""
        data = self.observed(snapshot)
        sampled = self.fit_data(data, rng)
        found = () if self.series else tuple(self._beside(snapshot, rng))
        compiled = compiled_model(Frozen(self.priors))
        return ExplosivePosterior(
            data, sampled, compiled.seconds, self.priors, snapshot.as_of, found, snapshot
        )

    def _beside(self, snapshot: Snapshot, rng: np.random.Generator) -> list[Beside]:
        from overbuild.errors import InputError

        found: list[Beside] = []
        for name in BESIDE.get(snapshot.episode, ()):
            try:
                data = price_data(snapshot, name)
            except InputError as why:
                found.append(Beside(name, None, None, str(why)))
                continue
            found.append(Beside(name, data, self.fit_data(data, rng, SHORT), ""))
        return found

    def fit_data(
        self, data: PriceData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from data; compiled once a process."""
        compiled = compiled_model(Frozen(self.priors))
        return compiled.sample(given(data, self.priors), rng, sampling or self.sampling)

    def prior_draw(self, data: PriceData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter and of the path of the volatility."""
        p = self.priors
        mean, deviation = p["drift_of_ratio"] if data.ratio else p["drift"]
        drift = mean + deviation * rng.standard_normal()
        roots = np.abs(rng.standard_normal(2)) * [p["explosive_root"], p["collapse_root"]]
        stay = [rng.beta(*p[f"stay_{r}"]) for r in ("random_walk", "explosive", "collapse")]
        volatility = p["volatility"][0] * np.exp(p["volatility"][1] * rng.standard_normal())
        persistence = rng.beta(*p["volatility_persistence"])
        spread = np.abs(rng.standard_normal()) * p["volatility_spread"]
        z = rng.standard_normal(KNOTS)
        z[1:] *= np.sqrt(1 - persistence**2)
        weights = np.where(AGES >= 0, persistence ** np.maximum(AGES, 0), 0.0)
        log_scale = np.log(volatility) + spread * (between() @ (weights @ z))
        made = (drift, *roots, *stay, volatility, persistence, spread)
        found = dict(zip(RANKED, (np.asarray(v, dtype=float) for v in made), strict=True))
        return found | {"log_scale": log_scale}

    def simulated(self, truth: Truth, data: PriceData, rng: np.random.Generator) -> PriceData:
        """Return prices drawn anew; the year before the window is that of ``data``."""
        return simulated_with_regimes(truth, data, self.priors, rng)[0]

    def statistics(self, data: PriceData) -> dict[str, float]:
        """Return the size, tails and clustering of monthly changes, and the longest rise and deepest fall."""
        x = data.change[data.first :]
        y = data.level[BEFORE - 1 :]
        size = np.abs(x - x.mean())
        lagged = np.corrcoef(size[1:], size[:-1])[0, 1] if np.ptp(size) > 0 else 0.0
        yearly = y[12:] - y[:-12]
        return {
            "deviation": float(x.std()),
            "largest_over_deviation": float(size.max() / max(x.std(), 1e-12)),
            "clustering": float(lagged),
            "mean_change": float(x.mean()),
            "largest_rise_of_a_year": float(yearly.max()),
            "deepest_fall": float(np.max(np.maximum.accumulate(y) - y)),
            "acceleration": float(np.sum(np.maximum(x[1:], 0) * x[:-1]) / max(np.sum(x**2), 1e-12)),
        }


def simulated_with_regimes(
    truth: Truth,
    data: PriceData,
    priors: Mapping[str, Any],
    rng: np.random.Generator,
    regimes: Array | None = None,
) -> tuple[PriceData, Array]:
    """Return simulated prices and the regime of each month; ``regimes`` None: drawn as the model has them.

    Parameters
    ----------
    truth
        Value of each parameter.
    data
        Gives the months and the year before them.
    regimes
        Shape (month,): the regimes to be imposed, in the order random walk, explosive, collapse.
    """
    first, months = data.first, len(data.months)
    stay = [float(truth[f"stay_{r}"]) for r in ("random_walk", "explosive", "collapse")]
    slope = {
        RANDOM_WALK: 0.0,
        EXPLOSIVE: float(truth["explosive_root"]),
        COLLAPSE: -float(truth["collapse_root"]),
    }
    leaves = rng.random() < float(priors["exists"])
    chances = rng.random(months)
    noise = np.exp(truth["log_scale"][first:]) * rng.standard_t(float(priors["degrees"]), months)
    level = np.concatenate([data.level[:BEFORE], np.zeros(months)])
    path = np.zeros(months, dtype=int)
    state, from_level = RANDOM_WALK, 0.0
    for t in range(months):
        if regimes is None:
            moves = chances[t] >= stay[state] and (leaves or state != RANDOM_WALK)
            now = (state + 1) % 3 if moves else state
        else:
            now = int(regimes[t])
        if now == EXPLOSIVE and state != EXPLOSIVE:
            block = min((first + t) // PER_BLOCK, BLOCKS - 1)
            from_level = before_level(level, max(block * PER_BLOCK, first) + BEFORE - first)
        state = now
        path[t] = state
        last = level[BEFORE + t - 1]
        gap = max(last - from_level, 0.0) if state != RANDOM_WALK else 0.0
        level[BEFORE + t] = last + float(truth["drift"]) + slope[state] * gap + noise[t]
    return PriceData(data.series, data.months, level, data.ratio), path


def given(data: PriceData, priors: Mapping[str, Any]) -> dict[str, Array]:
    """Return what the compiled model conditions on, by the names of its data."""
    drift = priors["drift_of_ratio"] if data.ratio else priors["drift"]
    return {
        "change": data.change,
        "gap": data.gap,
        "first": np.asarray(float(data.first)),
        "drift_prior": np.asarray(drift, dtype=float),
    }


def between() -> Array:
    """Return the weights of the knots in each month, shape (`WINDOW`, `KNOTS`): straight lines."""
    place = np.arange(WINDOW) / HALF_YEAR
    return np.maximum(1 - np.abs(place[:, None] - np.arange(KNOTS)), 0.0)


@lru_cache(maxsize=4)
def compiled_model(priors: Frozen) -> Compiled:
    """Return the compiled model of some priors: once a process, and from PyTensor's cache after the first."""
    return compile_model(build(priors))


def build(priors: Mapping[str, Any]) -> pm.Model:
    """Return the PyMC model with placeholders for data."""
    import pymc as pm
    import pytensor.tensor as pt

    from overbuild.models.explosive_op import explosive_log_likelihood

    p = priors
    with pm.Model() as model:
        change = pm.Data("change", np.zeros(WINDOW))
        gap = pm.Data("gap", np.zeros((WINDOW, BLOCKS)))
        first = pm.Data("first", np.asarray(0.0))
        drift_prior: Any = pm.Data("drift_prior", np.array([0.0, 1.0]))

        drift = pm.Deterministic("drift", drift_prior[0] + drift_prior[1] * pm.Normal("z_drift"))
        c = pm.HalfNormal("explosive_root", p["explosive_root"])
        d = pm.HalfNormal("collapse_root", p["collapse_root"])
        stay = pt.stack(
            [pm.Beta(f"stay_{r}", *p[f"stay_{r}"]) for r in ("random_walk", "explosive", "collapse")]
        )

        volatility = pm.LogNormal("volatility", np.log(p["volatility"][0]), p["volatility"][1])
        persistence: Any = pm.Beta("volatility_persistence", *p["volatility_persistence"])
        spread = pm.HalfNormal("volatility_spread", p["volatility_spread"])
        z: Any = pm.Normal("z_volatility", shape=KNOTS)
        weights = pt.where(AGES >= 0, persistence ** np.maximum(AGES, 0), 0.0)
        moved = pt.concatenate([z[:1], pt.sqrt(1 - persistence**2) * z[1:]])
        log_scale = pm.Deterministic(
            "log_scale", pt.log(volatility) + spread * pt.dot(between(), pt.dot(weights, moved))
        )
        outputs: Any = explosive_log_likelihood(
            change,
            gap,
            first,
            drift,
            c,
            d,
            log_scale,
            stay,
            np.float64(p["exists"]),
            np.float64(p["degrees"]),
        )
        pm.Potential("prices", outputs[0])
    return model
