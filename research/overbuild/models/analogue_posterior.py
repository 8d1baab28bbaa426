"""What the regression on analogues has learnt: coefficients, the state behind labels, and one forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.frozen import Frozen
from overbuild.models.analogue_data import (
    CERTAINTY,
    PARTLY,
    SHOWN,
    YEARS,
    AnalogueData,
    doublings,
    read,
)
from overbuild.models.analogue_likelihood import PARAMETERS, predicted, truth_given_readings
from overbuild.models.sampler import Sampled
from overbuild.randomness import stream

if TYPE_CHECKING:
    from overbuild.models.analogue_regression import AnalogueRegression

Array = NDArray[np.float64]

PHYSICAL = "physical_overbuild"
"""The only event it speaks of: the label of the list, which no path decides."""
EVENT = "physically overbuilt within five years of the peak"
ABSTAINS = (
    "the regression learns from labels of which booms were physically overbuilt; they measure neither cash, "
    "nor a fall of spending, a gap, a price or a rate of utilisation by a date"
)
LEAST_LEARNT = 0.2
LIVES, PRIOR_DRAWS = 25, 4000
CURVE = tuple(float(y) for y in np.geomspace(2.0, 60.0, 30))
"""Asset lives in years at which the probability is drawn."""
SLOPES = ("beta_life", "beta_debt")
WIDER = 2.0
"""By how much the priors of the slopes are widened in what is shown beside the forecast."""
TOLD = ("alpha", "beta_life", "beta_debt", "tau")
FINANCING = {0.0: "not debt-financed", 1.0: "debt-financed"}


@dataclass(frozen=True, eq=False)
class AnaloguePosterior:
    """Draws of the common parameters, with the list that they were learnt from.

    Attributes
    ----------
    data, sampled, compile_seconds
        As `overbuild.models.bayesian.BayesianPosterior` has them.
    model
        The specification.
    episode
        ``ai`` or ``telecom``; None for a list of booms of which none is the episode.
    """

    data: AnalogueData
    sampled: Sampled
    compile_seconds: float
    model: AnalogueRegression
    episode: str | None

    @cached_property
    def draws(self) -> dict[str, Array]:
        """Name to draws of every parameter."""
        return drawn(self.sampled)

    @cached_property
    def chance(self) -> Array:
        """Probability that the episode is overbuilt, list as it stands; shape (draw,)."""
        return chance_of(self.model, self.episode, self.draws)

    @cached_property
    def prior(self) -> dict[str, Array]:
        """Draws from the prior, the same wherever the share that was learnt is asked for."""
        return prior_draws(self.model, self.data, stream(f"{self.model.name}/prior_of_forecast"))

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return what exhibits draw and the text quotes.

        The model is refitted without each cluster, on random halves and with other worths of ``partly``;
        all of it with the machine code at hand.
        """
        from overbuild.models.analogue_scores import constant_rate, halves, leave_one_cluster_out, refitted

        model, data, prior = self.model, self.data, self.prior
        before, after = chance_of(model, self.episode, prior), self.chance
        by_reading = []
        for partly in model.priors["partly"]:
            other = model.with_partly(partly)
            same = partly == model.partly
            again = after if same else chance_of(other, self.episode, drawn(refitted(other, data, rng)))
            by_reading += [
                {"partly": partly, "psi": psi, **band(listed_as(again, psi))} for psi in model.priors["psi"]
            ]
        return {
            "booms": data.booms,
            "clusters": data.count,
            "reading": {"partly": model.partly, "psi": model.psi},
            "labels": labels_of(data, model.partly),
            "missing": missing_of(data),
            "shortest_lives": shortest(data),
            "coefficients": [_compared(n, prior[n], self.draws[n]) for n in TOLD],
            "errors": self._errors(prior),
            "forecast": {
                **band(listed_as(after, model.psi)),
                "prior": band(listed_as(before, model.psi)),
                "learnt": _learnt(listed_as(before, model.psi), listed_as(after, model.psi)),
            },
            "assumed": assumed_of(model, self.episode),
            "by_reading": by_reading,
            "wider_slopes": self._wider(rng) if self.episode == "ai" else None,
            "by_covariates": self._by_covariates(CURVE),
            "shown": self._by_covariates(tuple(model.priors.get("ai_lives_shown", ()))),
            "constant_rate": constant_rate(data, model.partly),
            "scores": leave_one_cluster_out(model, data, rng).to_dict(),
            "halves": halves(model, data, self.episode, rng),
            "truth": self._truth(),
        }

    def sentence(self) -> str:
        """Say what the regression gives and how much of it was learnt."""
        data, at = self.data, band(listed_as(self.chance, self.model.psi))
        least = min(self.model.priors["psi"])
        low = band(listed_as(self.chance, least))["mean"]
        life, debt = (band(self.draws[n]) for n in ("beta_life", "beta_debt"))
        who = {"ai": "the AI build-out", "telecom": "telecom"}.get(self.episode or "", "a boom like these")
        return (
            f"Learnt from {data.booms} past booms in {data.count} clusters, the probability that {who} is "
            f"{EVENT} is {at['mean']:.2f} ({at['q05']:.2f}-{at['q95']:.2f}) if the list is taken as it "
            f"stands, and {low:.2f} if a boom that ended well is on it with chance {least:g} relative to the "
            f"others. Twice the asset life moves the logit by {signed(life)}, debt by {signed(debt)}; both "
            "covariates are known after the fact."
        )

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event: of physical overbuild, and an abstention from every other."""
        return tuple(self._forecast(snapshot, event, rng) for event in events)

    def _forecast(self, snapshot: Snapshot, event: Event, rng: np.random.Generator) -> Forecast:
        own = snapshot.realtime == "vintage" and snapshot.episode != "telecom"
        status = "ok" if own else "hindcast"
        named = event.definition, event.by, snapshot.as_of, self.model.name
        if event.id != PHYSICAL:
            return Forecast(*named, None, abstains=ABSTAINS, status=status)
        prior = chance_of(self.model, self.episode, self.prior)
        before, after = (listed_as(c, self.model.psi) for c in (prior, self.chance))
        at = band(after)
        error = after.std() / np.sqrt(max(self.sampled.diagnostics.ess_bulk, 1.0))
        return Forecast(
            *named,
            at["mean"],
            float(error),
            (at["q05"], at["q50"], at["q95"]),
            "direct" if _learnt(before, after) >= LEAST_LEARNT else "prior-driven",
            status=status,
        )

    def _errors(self, prior: Mapping[str, Array]) -> list[dict[str, Any]]:
        rows = []
        for name in ("label_error", "repeats"):
            pairs = zip(CERTAINTY, prior[name].T, self.draws[name].T, strict=True)
            rows += [_compared(f"{name}_{c}", b, a) for c, b, a in pairs]
        return [*rows, _compared("critic_error", prior["critic_error"], self.draws["critic_error"])]

    def _wider(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return the forecast and the slopes of a refit with priors of the slopes `WIDER` times as wide."""
        from overbuild.models.analogue_scores import refitted

        priors = self.model.priors
        wide = {n: (priors[n][0], WIDER * priors[n][1]) for n in SLOPES}
        model = replace(self.model, priors=Frozen({**priors, **wide}))
        draws = drawn(refitted(model, self.data, rng))
        chance = chance_of(model, self.episode, draws)
        return {
            "factor": WIDER,
            "forecast": band(listed_as(chance, model.psi)),
            **{n: band(draws[n]) for n in SLOPES},
        }

    def _by_covariates(self, years: Sequence[float]) -> list[dict[str, Any]]:
        rows = []
        for debt in FINANCING:
            life = doublings(np.array(years, dtype=float))
            made = predicted(self.draws, life, np.full(life.size, debt))
            for year, chance in zip(years, made.T, strict=True):
                by_psi = [{"psi": p, **band(listed_as(chance, p))} for p in self.model.priors["psi"]]
                rows.append({"years": year, "debt": bool(debt), **band(chance), "by_psi": by_psi})
        return rows

    def _truth(self) -> list[dict[str, Any]]:
        data, thin = self.data, {n: v[:: max(len(v) // 1000, 1)] for n, v in self.draws.items()}
        found = truth_given_readings(thin, data, self.model.partly).mean(axis=0)
        words = {0.0: "no", PARTLY: "partly", 1.0: "yes"}
        return [
            {
                "boom": data.names[i],
                "main": words.get(data.main[i]),
                "critic": words.get(data.critic[i]),
                "certainty": CERTAINTY[data.certainty[i]],
                "years": float(YEARS * 2.0 ** data.life[i]) if np.isfinite(data.life[i]) else None,
                "probability": float(found[i]),
            }
            for i in range(data.booms)
        ]


def drawn(sampled: Sampled) -> dict[str, Array]:
    """Return name to draws of every parameter."""
    return {n: sampled.draws(n) for n in PARAMETERS}


def prior_draws(
    model: AnalogueRegression, data: AnalogueData, rng: np.random.Generator, count: int = PRIOR_DRAWS
) -> dict[str, Array]:
    """Return draws of every parameter from the prior."""
    made = [model.prior_draw(data, rng) for _ in range(count)]
    return {n: np.array([m[n] for m in made]) for n in PARAMETERS}


def chance_of(model: AnalogueRegression, episode: str | None, draws: Mapping[str, Array]) -> Array:
    """Return the probability that an episode is overbuilt, averaged over what is assumed of its covariates.

    The episode is in a cluster of its own. Of an episode of which nothing is assumed both covariates are
    missing, and the list's own distribution stands for them.
    """
    if episode is None:
        return predicted(draws, np.array([np.nan]), np.array([np.nan]))[:, 0]
    life, share = doublings(lives(model.priors[f"{episode}_life"])), model.priors[f"{episode}_debt"]
    without, with_debt = (predicted(draws, life, np.full(life.size, d)).mean(axis=1) for d in (0.0, 1.0))
    return (1.0 - share) * without + share * with_debt


def lives(prior: Sequence[float], count: int = LIVES) -> Array:
    """Return years of equal prior mass: a lognormal, ``(median, log s.d., lowest, highest)``, cut."""
    median, spread, low, high = prior
    ends = ndtr(np.log(np.array([low, high]) / median) / spread)
    at = ends[0] + (ends[1] - ends[0]) * (np.arange(count) + 0.5) / count
    return median * np.exp(spread * ndtri(at))


def listed_as(chance: ArrayLike, psi: float) -> Array:
    """Return the true chance where a boom that ended well is on the list with chance psi.

    A chance o on the list stands for ``o psi / (1 - o + o psi)``.
    """
    o = np.asarray(chance, dtype=float)
    return o * psi / (1.0 - o + o * psi)


def band(values: Array) -> dict[str, float]:
    """Return mean and 5, 50 and 95 % points."""
    low, mid, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"mean": float(values.mean()), "q05": float(low), "q50": float(mid), "q95": float(high)}


def labels_of(data: AnalogueData, partly: float) -> dict[str, int]:
    """Return how many booms each reader calls overbuilt, and where the two differ."""
    main, critic = read(data.main, partly), read(data.critic, partly)
    contested = np.isfinite(main) & np.isfinite(critic) & (main != critic)
    less = data.certainty > 0
    return {
        "overbuilt": int(np.nansum(main)),
        "overbuilt_critic": int(np.nansum(critic)),
        "partly": int((data.main == PARTLY).sum()),
        "differ": int(contested.sum()),
        "less_certain": int(less.sum()),
        "differ_less_certain": int((contested & less).sum()),
    }


def missing_of(data: AnalogueData) -> list[dict[str, Any]]:
    """Return how many booms lack each column, the covariates first."""
    return [
        {"column": c, "what": SHOWN[c], "missing": n, "used": c in list(SHOWN)[:2]}
        for c, n in data.missing.items()
    ]


def shortest(data: AnalogueData, years: float = 10.0) -> dict[str, Any]:
    """Return the booms whose assets last less than some years: what a forecast at short lives rests on."""
    rows = np.flatnonzero(data.life < doublings(np.array(years)))
    return {"below_years": years, "booms": [data.names[i] for i in rows]}


def assumed_of(model: AnalogueRegression, episode: str | None) -> dict[str, float] | None:
    """Return what is assumed of the episode's covariates: years of life, and the chance of debt."""
    if episode is None:
        return None
    low, mid, high = np.quantile(lives(model.priors[f"{episode}_life"], 400), [0.05, 0.5, 0.95])
    life = {"life_q05": float(low), "life_q50": float(mid), "life_q95": float(high)}
    return {**life, "debt": float(model.priors[f"{episode}_debt"])}


def signed(values: Mapping[str, float]) -> str:
    """Return a mean with its 5 and 95 % points, all with their signs."""
    return f"{values['mean']:+.2f} ({values['q05']:+.2f} to {values['q95']:+.2f})"


def _learnt(before: Array, after: Array) -> float:
    return float(1.0 - after.var() / before.var())


def _compared(name: str, before: Array, after: Array) -> dict[str, Any]:
    return {"name": name, "prior": band(before), **band(after), "learnt": _learnt(before, after)}
