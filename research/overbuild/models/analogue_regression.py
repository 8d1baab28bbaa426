"""Past booms as a regression: whether the life of the asset, or debt, goes with physical overbuild.

The likelihood is that of `overbuild.models.analogue_likelihood`. Its truth is a state that nobody reads
without error; the forecast is of that state, for a boom with covariates of its own and in a cluster of its
own. The list was drawn up by hand: if booms that ended well are on it with chance psi relative to the
others, a chance o stands for ``o psi / (1 - o + o psi)``. No figure speaks about psi, so it is shown and
never learnt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.errors import InputError
from overbuild.models.analogue_data import CERTAINTY, FEWEST, AnalogueData, data_of, read
from overbuild.models.analogue_graph import compiled_model
from overbuild.models.analogue_likelihood import PARAMETERS
from overbuild.models.analogue_posterior import AnaloguePosterior
from overbuild.models.priors import Priors
from overbuild.models.sampler import Compiled, Sampled, Sampling

Array = NDArray[np.float64]

NAME = "analogue_regression"
EPISODES = ("ai", "telecom")
COVARIATES = ("life", "debt")
SAMPLING = Sampling(target_accept=0.9)
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
    partly
        What ``partly`` overbuilt counts for: 0, 1, or 0.5, which says nothing either way.
    psi
        Chance that a boom that ended well is on the list, in what is printed first.
    sampling
        How much to sample.
    """

    priors: Mapping[str, Any]
    later: Mapping[str, Any] = field(default_factory=lambda: Frozen({}))
    partly: float = 0.0
    psi: float = 1.0
    sampling: Sampling = SAMPLING
    name: str = NAME
    ranked: tuple[str, ...] = PARAMETERS
    not_identified: str = (
        "Not in the labels: how often they are wrong, whether the list or the critic is right where they "
        "differ, and how many booms that ended well are missing from the list."
    )

    def __post_init__(self) -> None:
        errors = {c: tuple(ab) for c, ab in self.priors["label_error"].items()}
        object.__setattr__(self, "priors", Frozen({**self.priors, "label_error": Frozen(errors)}))
        object.__setattr__(self, "later", Frozen(self.later))

    @classmethod
    def of(cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None) -> Self:
        """Return the model with the priors held on a day (``priors.at(as_of)``); no definition enters."""
        del definitions
        own = priors.of(NAME)
        held = {_short(p.name): p.value for p in own}
        later = {_short(n): p.known_from for n, p in own.later.items()}
        return cls(held, later, **held["reading"], sampling=sampling or SAMPLING)

    def with_partly(self, partly: float) -> Self:
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
            raise InputError(
                f"No past boom's outcome was known by {snapshot.as_of}; the regression on analogues needs "
                f"{FEWEST}. A list of one's own goes to 'overbuild analogues --episodes FILE.csv'."
            )
        mine = booms["boom"] == OWN_BOOM.get(snapshot.episode)
        if "cluster" in booms:
            mine |= booms["cluster"] == RELATED.get(snapshot.episode)
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
        logit = truth["alpha"] + truth["beta_life"] * life + truth["beta_debt"] * (debt - 0.5) + eta
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
