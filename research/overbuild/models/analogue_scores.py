"""Does the regression say more of a boom than a constant rate? Each cluster is forecast from the others.

The regression is fitted anew without the cluster and gives the probability of each main label in it:
``e + (1 - 2e) pi``, since what is scored is a label and a label may be wrong. Its rivals are the constant
rate, the mean of a Beta(1/2, 1/2) posterior of the share of labels among the same other clusters; the same
regression with both covariates hidden, which says what the covariates are worth; and a coin. Scores are
means over booms; the intervals of their differences resample clusters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overbuild.models.analogue_data import AnalogueData, read
from overbuild.models.analogue_likelihood import predicted
from overbuild.models.analogue_posterior import chance_of, drawn
from overbuild.models.priors import JEFFREYS
from overbuild.models.sampler import Sampled, Sampling

if TYPE_CHECKING:
    from overbuild.models.analogue_regression import AnalogueRegression

Array = NDArray[np.float64]

REFIT = Sampling(chains=2, draws=500, tune=500, target_accept=0.9)
REGRESSION, CONSTANT, BARE, COIN = "regression", "constant", "bare", "coin"
RIVALS = (CONSTANT, BARE, COIN)
RESAMPLED, HALVES = 4000, 30


@dataclass(frozen=True, eq=False)
class Scores:
    """Booms whose main label is a yes or a no, each forecast from other clusters; arrays of shape (boom,).

    Attributes
    ----------
    names, clusters
        The booms.
    label
        1 overbuilt, 0 not.
    truth, interval
        Probability of overbuild by the regression, and its 5 and 95 % points, shape (boom, 2).
    forecasts
        Forecaster (`REGRESSION` and `RIVALS`) to its probability of the label.
    difference
        Rival to score to the regression's score less the rival's, with 5 and 95 % points over resampled
        clusters: of the log score above 0, of the Brier score below 0 where the regression is better.
    """

    names: tuple[str, ...]
    clusters: NDArray[np.int_]
    label: Array
    truth: Array
    interval: Array
    forecasts: dict[str, Array]
    difference: dict[str, dict[str, tuple[float, float, float]]]

    def better(self, rival: str) -> str:
        """Return which of the two is better by the log score, or ``undecided``."""
        mean, low, high = self.difference[rival]["log"]
        if low <= 0.0 <= high:
            return "undecided"
        return REGRESSION if mean > 0 else rival

    def to_dict(self) -> dict[str, Any]:
        """Return scores, differences and every forecast as plain types."""
        ends = ("mean", "low", "high")
        rows = zip(self.names, self.label, *self.forecasts.values(), strict=True)
        return {
            "booms": len(self.names),
            "clusters": len(set(self.clusters.tolist())),
            "scores": {
                n: {k: float(f.mean()) for k, f in each(p, self.label).items()}
                for n, p in self.forecasts.items()
            },
            "difference": {
                rival: {k: dict(zip(ends, v, strict=True)) for k, v in by.items()}
                for rival, by in self.difference.items()
            },
            "better": {rival: self.better(rival) for rival in self.difference},
            "forecasts": [
                {"boom": n, "label": int(y), **dict(zip(self.forecasts, map(float, p), strict=True))}
                for n, y, *p in rows
            ],
        }


def leave_one_cluster_out(
    model: AnalogueRegression,
    data: AnalogueData,
    rng: np.random.Generator,
    sampling: Sampling = REFIT,
    resampled: int = RESAMPLED,
) -> Scores:
    """Forecast every cluster from the others and score it against the rivals.

    Parameters
    ----------
    model, data
        The specification, and the list; booms whose label says nothing are not scored.
    rng
        For the refits and for resampling.
    sampling
        How much to sample each refit.
    resampled
        Draws of clusters.
    """
    label, blind = read(data.main, model.partly), data.blind()
    truth, interval = np.full(data.booms, np.nan), np.full((data.booms, 2), np.nan)
    made = {n: np.full(data.booms, 0.5) for n in (REGRESSION, *RIVALS)}
    scored = np.isfinite(label)
    for cluster in range(data.count):
        held, rest = np.flatnonzero(data.clusters == cluster), data.without(cluster)
        if not scored[held].any() or not rest.booms:
            scored[held] = False
            continue
        chance = {
            name: _labels(model, given, cluster, held, rng, sampling)
            for name, given in ((REGRESSION, data), (BARE, blind))
        }
        truth[held] = chance[REGRESSION][0].mean(axis=0)
        interval[held] = np.quantile(chance[REGRESSION][0], [0.05, 0.95], axis=0).T
        for name, (_, of_label) in chance.items():
            made[name][held] = of_label.mean(axis=0)
        made[CONSTANT][held] = constant_rate(rest, model.partly)["mean"]
    y, groups = label[scored], data.clusters[scored]
    forecasts = {n: p[scored] for n, p in made.items()}
    by_boom = {n: each(p, y) for n, p in forecasts.items()}
    difference = {
        rival: {
            k: (
                float((v - by_boom[rival][k]).mean()),
                *_resampled(v - by_boom[rival][k], groups, rng, resampled),
            )
            for k, v in by_boom[REGRESSION].items()
        }
        for rival in RIVALS
    }
    names = tuple(n for n, k in zip(data.names, scored, strict=True) if k)
    return Scores(names, groups, y, truth[scored], interval[scored], forecasts, difference)


def _labels(
    model: AnalogueRegression,
    data: AnalogueData,
    cluster: int,
    held: NDArray[np.int_],
    rng: np.random.Generator,
    sampling: Sampling,
) -> tuple[Array, Array]:
    """Return draws of the probability of overbuild, and of its label, of the booms held out."""
    draws = drawn(refitted(model, data.without(cluster), rng, sampling))
    chance = predicted(draws, data.life[held], data.debt[held])
    error = draws["label_error"][:, data.certainty[held]]
    return chance, error + (1.0 - 2.0 * error) * chance


def each(probability: Array, label: Array) -> dict[str, Array]:
    """Return log score (higher is better) and Brier score (lower is better) of each forecast."""
    of_label = np.where(label == 1.0, probability, 1.0 - probability)
    return {"log": np.log(of_label), "brier": (probability - label) ** 2}


def constant_rate(data: AnalogueData, partly: float) -> dict[str, float]:
    """Return mean and 5 and 95 % points of the share of labels, booms independent, after Jeffreys."""
    label = read(data.main, partly)
    hits, booms = float(np.nansum(label)), float(np.isfinite(label).sum())
    posterior = stats.beta(hits + JEFFREYS[0], booms - hits + JEFFREYS[1])
    low, high = posterior.ppf([0.05, 0.95])
    return {"mean": float(posterior.mean()), "q05": float(low), "q95": float(high)}


def halves(
    model: AnalogueRegression,
    data: AnalogueData,
    episode: str | None,
    rng: np.random.Generator,
    count: int = HALVES,
) -> dict[str, Any]:
    """Return the forecast learnt from random halves of the list, drawn without replacement."""
    means = np.array(list(_halves(model, data, episode, rng, count)))
    points = [float(p) for p in np.quantile(means, [0.0, 0.05, 0.5, 0.95, 1.0])]
    names = ("minimum", "p05", "median", "p95", "maximum")
    return {"halves": count, **dict(zip(names, points, strict=True))}


def refitted(
    model: AnalogueRegression, data: AnalogueData, rng: np.random.Generator, sampling: Sampling = REFIT
) -> Sampled:
    """Return a short fit to some of the booms; nothing is compiled anew."""
    return model.fit_data(data, rng, sampling)


def _halves(
    model: AnalogueRegression, data: AnalogueData, episode: str | None, rng: np.random.Generator, count: int
) -> Iterator[float]:
    for _ in range(count):
        half = data.of(np.sort(rng.permutation(data.booms)[: max(data.booms // 2, 1)]))
        yield float(chance_of(model, episode, drawn(refitted(model, half, rng))).mean())


def _resampled(
    values: Array, groups: NDArray[np.int_], rng: np.random.Generator, draws: int
) -> tuple[float, float]:
    """Return 5 and 95 % points of the mean over booms when whole clusters are drawn with replacement."""
    group = np.unique(groups, return_inverse=True)[1]
    sums, sizes = np.bincount(group, values), np.bincount(group)
    often = rng.multinomial(sums.size, np.full(sums.size, 1.0 / sums.size), size=draws)
    low, high = np.quantile((often @ sums) / (often @ sizes), [0.05, 0.95])
    return float(low), float(high)
