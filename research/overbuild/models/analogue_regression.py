"""Past booms as a regression: does a short life of the asset, or debt, go with physical overbuild?

The likelihood is that of `overbuild.models.analogue_likelihood`. Its truth is a state that nobody reads
without error; the forecast is of that state, for a boom with covariates of its own and in a cluster of its
own. The list was drawn up by hand: if booms that ended well are on it with chance psi relative to the
others, a chance o stands for ``o psi / (1 - o + o psi)``. No figure speaks about psi, so it is shown and
never learnt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.errors import InputError
from overbuild.models.analogue_data import CERTAINTY, AnalogueData, data_of, read
from overbuild.models.analogue_likelihood import CLUSTER_NODES, LIFE_NODES, LOG_2PI, PARAMETERS, gauss
from overbuild.models.analogue_posterior import AnaloguePosterior
from overbuild.models.priors import Beta, Priors
from overbuild.models.sampler import Compiled, Sampled, Sampling, compile_model

if TYPE_CHECKING:
    import pymc as pm

Array = NDArray[np.float64]

NAME = "analogue_regression"
EPISODES = ("ai", "telecom")
COVARIATES = ("life", "debt")
OWN_BOOM = {"ai": "ai_buildout_2023", "telecom": "us_telecom_1996_2002"}
"""The row of the list that is the episode itself, which is forecast and not learnt from."""
RELATED = {"telecom": "us_telecom_1990s"}
"""Cluster of the list that is the episode itself in parts."""


@dataclass(frozen=True)
class AnalogueRegression:
    """The specification.

    Attributes
    ----------
    priors
        Name to value of the model's priors that could be held on the day.
    later
        Name to the first day of those that could not.
    rate
        Beta prior of the constant rate, the rival.
    partly
        What ``partly`` overbuilt counts for: 0, 1, or 0.5, which says nothing either way.
    psi
        Chance that a boom that ended well is on the list, in what is printed first.
    least_learnt
        Least share of the prior's variance that a forecast must have lost.
    sampling
        How much to sample.
    """

    priors: Mapping[str, Any]
    later: Mapping[str, Any] = field(default_factory=lambda: Frozen({}))
    rate: Beta = (0.5, 0.5)
    partly: float = 0.0
    psi: float = 1.0
    least_learnt: float = 0.2
    sampling: Sampling = field(default_factory=Sampling)
    name: str = NAME
    ranked: tuple[str, ...] = PARAMETERS
    not_identified: str = (
        "How often labels are wrong, whether the critic or the list is right where they differ, and how many "
        "booms that ended well are missing from the list are not in the labels; asset life beyond the lives on "
        "the list is extrapolation."
    )

    def __post_init__(self) -> None:
        errors = {c: tuple(ab) for c, ab in self.priors["label_error"].items()}
        object.__setattr__(self, "priors", Frozen({**self.priors, "label_error": Frozen(errors)}))
        object.__setattr__(self, "later", Frozen(self.later))

    @classmethod
    def of(cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None) -> Self:
        """Return the model with the priors held on a day (``priors.at(as_of)``) and the definitions."""
        own, reading = priors.of(NAME), priors.value("analogues.reading")
        return cls(
            {_short(p.name): p.value for p in own},
            {_short(n): p.known_from for n, p in own.later.items()},
            rate=priors.value("analogues.rate"),
            partly=reading["partly"],
            psi=reading["psi"],
            least_learnt=definitions["checks"]["learnt"],
            sampling=sampling or Sampling(),
        )

    def reading(self, partly: float) -> Self:
        """Return the same model with another worth of ``partly``."""
        return replace(self, partly=partly)

    def observed(self, snapshot: Snapshot) -> AnalogueData:
        """Return the booms whose outcome was known, without the episode itself and its parts.

        Raises
        ------
        InputError
            If too few are known, no covariate is, or what is said of the episode's own covariates could not
            be said on the day.
        """
        booms = snapshot.booms
        if booms is None or booms.empty:
            raise InputError(f"No past boom's outcome was known by {snapshot.as_of}.")
        own = OWN_BOOM.get(snapshot.episode)
        mine = (booms["boom"] == own) | (booms["cluster"] == RELATED.get(snapshot.episode))
        data = data_of(booms.loc[~mine])
        for name in (f"{snapshot.episode}_{c}" for c in COVARIATES):
            if name in self.later:
                raise InputError(
                    f"{data.booms} past booms had an outcome by {snapshot.as_of}, but what is assumed of the "
                    f"asset life and the financing of '{snapshot.episode}' ({NAME}.{name}) could first be "
                    f"held on {self.later[name]}. Ask for that day or a later one."
                )
        return data

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> AnaloguePosterior:
        """Learn from a snapshot."""
        data = self.observed(snapshot)
        sampled = self.fit_data(data, rng)
        episode = snapshot.episode if snapshot.episode in EPISODES else None
        return AnaloguePosterior(data, sampled, self.compiled.seconds, self, episode)

    @property
    def compiled(self) -> Compiled:
        """The compiled model, which serves every list, day and reading of ``partly``."""
        return compiled_model(Frozen({n: v for n, v in self.priors.items() if n in SAMPLED}))

    def fit_data(
        self, data: AnalogueData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from data, observed or simulated."""
        return self.compiled.sample(data.arrays(self.partly), rng, sampling or self.sampling)

    def prior_draw(self, data: AnalogueData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter; the sizes do not depend on the data."""
        del data
        p = self.priors
        support = [p["label_error"][c] for c in CERTAINTY]
        made = {
            "alpha": rng.normal(*p["alpha"]),
            "beta_life": rng.normal(*p["beta_life"]),
            "beta_debt": rng.normal(*p["beta_debt"]),
            "tau": abs(rng.standard_normal()) * p["tau"],
            "life_mean": rng.normal(*p["life_mean"]),
            "life_sd": abs(rng.standard_normal()) * p["life_sd"],
            "debt_share": rng.beta(*p["debt_share"]),
            "label_error": 0.5 * np.array([rng.beta(*ab) for ab in support]),
            "repeats": rng.beta(*p["repeats"], size=len(CERTAINTY)),
            "critic_error": 0.5 * rng.beta(*p["critic_error"]),
        }
        return {name: np.asarray(value, dtype=float) for name, value in made.items()}

    def simulated(
        self, truth: Mapping[str, Array], data: AnalogueData, rng: np.random.Generator
    ) -> AnalogueData:
        """Return a list drawn anew: same booms, clusters and support; what is missing stays missing."""
        size = data.booms
        life = truth["life_mean"] + truth["life_sd"] * rng.standard_normal(size)
        debt = (rng.random(size) < truth["debt_share"]).astype(float)
        eta = truth["tau"] * rng.standard_normal(data.count)[data.clusters]
        logit = (
            truth["alpha"] + truth["beta_life"] * life + truth["beta_debt"] * (debt - 0.5) + eta
        )
        overbuilt = rng.random(size) < 1.0 / (1.0 + np.exp(-logit))
        main = overbuilt ^ (rng.random(size) < truth["label_error"][data.certainty])
        own = overbuilt ^ (rng.random(size) < truth["critic_error"])
        seen = np.isfinite(read(data.main, self.partly))
        repeats = seen & (rng.random(size) < truth["repeats"][data.certainty])
        critic = np.where(repeats, main, own)
        return replace(
            data,
            life=np.where(np.isnan(data.life), np.nan, life),
            debt=np.where(np.isnan(data.debt), np.nan, debt),
            main=np.where(seen, main, np.nan),
            critic=np.where(np.isfinite(read(data.critic, self.partly)), critic, np.nan),
        )

    def statistics(self, data: AnalogueData) -> dict[str, float]:
        """Return shares, the gap between the two readings, and how covariates and clusters go with labels."""
        main, critic = read(data.main, self.partly), read(data.critic, self.partly)
        both = np.isfinite(main) & np.isfinite(critic)
        return {
            "overbuilt, main label": _mean(main),
            "overbuilt, critic": _mean(critic),
            "readings differ": _mean((main != critic)[both].astype(float)),
            "life, overbuilt less others": _gap(data.life, main),
            "debt, overbuilt less others": _gap(data.debt, main),
            "pairs of a cluster alike": _alike(main, data.clusters),
        }


SAMPLED = frozenset(PARAMETERS)


def _short(name: str) -> str:
    return name.partition(".")[2]


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else 0.0


def _gap(covariate: Array, main: Array) -> float:
    """Return the mean of the overbuilt less that of the others; 0 where there are none of either."""
    known = np.isfinite(covariate)
    ends = [covariate[known & (main == v)] for v in (1.0, 0.0)]
    return float(ends[0].mean() - ends[1].mean()) if all(e.size for e in ends) else 0.0


def _alike(main: Array, clusters: NDArray[np.int_]) -> float:
    """Return the share of pairs of booms of one cluster with the same label; 0.5 without pairs."""
    known = np.isfinite(main)
    same = clusters[:, None] == clusters[None, :]
    pair = np.triu(same & known[:, None] & known[None, :], 1)
    return float((main[:, None] == main[None, :])[pair].mean()) if pair.any() else 0.5


@lru_cache(maxsize=4)
def compiled_model(priors: Frozen) -> Compiled:
    """Return the compiled model of some priors: once a process, and from PyTensor's cache after the first."""
    return compile_model(build(priors))


def build(priors: Mapping[str, Any]) -> pm.Model:
    """Return the PyMC model with placeholders for data of any number of booms and clusters."""
    import pymc as pm
    import pytensor.tensor as pt

    p = priors
    support = np.array([p["label_error"][c] for c in CERTAINTY], dtype=float)
    points, weights = gauss(CLUSTER_NODES)
    at, share_at = gauss(LIFE_NODES)
    with pm.Model(coords={"certainty": list(CERTAINTY)}) as model:
        given = {
            n: pm.Data(n, np.ones(3))
            for name in ("life", "debt", "main", "critic")
            for n in (name, f"{name}_known")
        }
        certain: Any = pm.Data("support", np.eye(3))
        member: Any = pm.Data("member", np.eye(3)[:2])

        alpha = pm.Normal("alpha", *p["alpha"])
        beta_life = pm.Normal("beta_life", *p["beta_life"])
        beta_debt = pm.Normal("beta_debt", *p["beta_debt"])
        tau = pm.HalfNormal("tau", p["tau"])
        mean = pm.Normal("life_mean", *p["life_mean"])
        sd = pm.HalfNormal("life_sd", p["life_sd"])
        share = pm.Beta("debt_share", *p["debt_share"])
        twice = pm.Beta("twice_label_error", support[:, 0], support[:, 1], dims="certainty")
        error: Any = pm.Deterministic("label_error", 0.5 * twice, dims="certainty")
        repeats: Any = pm.Beta("repeats", *p["repeats"], dims="certainty")
        of_critic: Any = pm.Beta("twice_critic_error", *p["critic_error"])
        wrong: Any = pm.Deterministic("critic_error", 0.5 * of_critic)

        life, life_known, debt, debt_known, main, main_known, critic, critic_known = given.values()
        x = life_known[:, None] * life[:, None] + (1 - life_known[:, None]) * (mean + sd * at)
        d = debt_known * debt + (1 - debt_known) * share
        base = pt.concatenate(
            [alpha + beta_life * x + beta_debt * (v - 0.5) for v in (0.0, 1.0)], axis=1
        )
        weight = pt.concatenate([(1 - d)[:, None] * share_at, d[:, None] * share_at], axis=1)
        nodes = pt.sigmoid(base[:, None, :] + (tau * points)[None, :, None])
        chance = (nodes * weight[:, None, :]).sum(axis=2)

        e, r = certain @ error, certain @ repeats
        reading = []
        for truth in (1, 0):
            right, agreed = (main if truth else 1 - main), (critic if truth else 1 - critic)
            first = 1 - main_known + main_known * (right * (1 - e) + (1 - right) * e)
            own = agreed * (1 - wrong) + (1 - agreed) * wrong
            same = main * critic + (1 - main) * (1 - critic)
            both = (1 - main_known) * own + main_known * (r * same + (1 - r) * own)
            reading.append(first * (1 - critic_known + critic_known * both))
        log_boom = pt.log(reading[1][:, None] + (reading[0] - reading[1])[:, None] * chance)
        of_cluster = member @ log_boom + np.log(weights)
        pm.Potential("readings", pt.logsumexp(of_cluster, axis=1).sum())
        gap = (life - mean) / sd
        pm.Potential("lives", -(life_known * (0.5 * (gap**2 + LOG_2PI) + pt.log(sd))).sum())
        odds = debt * pt.log(share) + (1 - debt) * pt.log1p(-share)
        pm.Potential("debts", (debt_known * odds).sum())
    return model
