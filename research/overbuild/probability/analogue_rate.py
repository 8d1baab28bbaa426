"""How many past booms were physically overbuilt within five years of their peak: a rate, and what moves it.

The list of booms was put together by hand, so three doubts are shown and none is averaged away. *Labels*: a
boom may be ``partly`` overbuilt, and a reasonable critic reads some booms otherwise. *Independence*: some
booms are one event seen twice. *Selection*: if booms that ended well are remembered with probability psi
relative to the others, a share o on the list stands for a true share ``o psi / (1 - o + o psi)``; no figure
speaks about psi.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from overbuild.errors import InputError
from overbuild.probability.plain import plain
from overbuild.settings import INTERVAL

Array = NDArray[np.float64]
Labels = Literal["main", "critic"]
Votes = Literal["boom", "cluster"]

PHYSICAL_OVERBUILD = "physical_overbuild"
EVENT = "physically overbuilt within five years of the peak"
PRIOR = 0.5
"""Jeffreys' prior Beta(1/2, 1/2)."""
PSI = (0.2, 0.5, 1.0)
PARTLY = (0.0, 0.5, 1.0)
CERTAINTY = {"high": 1.0, "medium": 0.75, "low": 0.5}
COLUMNS = {"main": "overbuilt", "critic": "alternative"}
LABELS = ("yes", "partly", "no", "open")
NODES = 400
"""Points of the quantile rule for means over the posterior."""


@dataclass(frozen=True)
class Reading:
    """One way to count the list.

    Attributes
    ----------
    labels
        ``"main"``, or ``"critic"`` for the reading of a reasonable critic.
    partly
        What a boom that was partly overbuilt counts for, in [0, 1].
    certainty
        Whether booms are weighted by how well their label is supported (`CERTAINTY`).
    votes
        One vote a ``"boom"``, or one a ``"cluster"`` of booms that share a cause.
    psi
        Chance that a boom that ended well is on the list, relative to one that did not; in (0, 1].
    """

    labels: Labels = "main"
    partly: float = 0.0
    certainty: bool = False
    votes: Votes = "boom"
    psi: float = 1.0

    def __post_init__(self) -> None:
        if self.labels not in get_args(Labels) or self.votes not in get_args(Votes):
            raise InputError(
                f"labels = {self.labels!r}, votes = {self.votes!r}; expected main or critic, boom or cluster."
            )
        if not 0.0 <= self.partly <= 1.0:
            raise InputError(f"partly = {self.partly!r} cannot be used; expected a share between 0 and 1.")
        if not 0.0 < self.psi <= 1.0:
            raise InputError(
                f"psi = {self.psi!r} cannot be used; expected a probability above 0 and at most 1."
            )


@dataclass(frozen=True)
class Estimate:
    """A rate under one reading: votes for overbuild among all votes, mean, and 5 % and 95 % points."""

    reading: Reading
    overbuilt: float
    votes: float
    mean: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class AnalogueRate:
    """The rate of physical overbuild among past booms.

    Attributes
    ----------
    booms, open
        Booms counted, and booms left out because their outcome is open.
    counts
        Booms by label, main and critic's.
    prior, posterior
        Under the primary reading, before and after counting.
    sensitivity
        The same for every reading of the grid.
    subsets
        5 %, 50 % and 95 % points and extremes of the posterior mean over random halves of the list.
    subset_draws
        Number of them.
    """

    booms: int
    open: int
    counts: dict[str, dict[str, int]]
    prior: Estimate
    posterior: Estimate
    sensitivity: tuple[Estimate, ...]
    subsets: dict[str, float]
    subset_draws: int
    event: str = EVENT

    def sentence(self) -> str:
        """Say in one sentence what was counted, and how far the reading moves it."""
        means = [e.mean for e in self.sensitivity]
        mean, (low, high) = self.posterior.mean, self.posterior.interval
        return (
            f"Of {self.booms} past booms on the list, {self.counts['main']['yes']} were {self.event}: with a "
            f"Beta(1/2, 1/2) prior the rate is {mean:.2f} ({low:.2f}-{high:.2f}) if the list is taken as it "
            f"stands, and between {min(means):.2f} and {max(means):.2f} over the readings of labels, "
            "weights, clusters and selection."
        )

    def frame(self) -> pd.DataFrame:
        """Return prior, posterior and every reading side by side, one row each."""
        rows = [
            ("prior", self.prior),
            ("posterior", self.posterior),
            *(("sensitivity", e) for e in self.sensitivity),
        ]
        return pd.DataFrame([{"kind": kind, **_row(e)} for kind, e in rows])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return plain(
            {**{f: getattr(self, f) for f in self.__dataclass_fields__}, "sentence": self.sentence()}
        )


def analogue_rate(
    booms: pd.DataFrame, rng: np.random.Generator, reading: Reading | None = None, subset_draws: int = 1000
) -> AnalogueRate:
    """Count the booms of a list.

    Parameters
    ----------
    booms
        One row a boom; columns ``overbuilt``, ``alternative`` (yes, partly, no or open), ``certainty`` and
        ``cluster``.
    rng
        Generator of the random subsets; by convention the stream ``"analogue_rate/subsets"``.
    reading
        The primary reading; None: each boom one vote, ``partly`` not counted as overbuilt, psi = 1.
    subset_draws
        Number of random halves of the list.

    Raises
    ------
    InputError
        If a column is missing, a label or certainty is not known, or no boom has an outcome. Every fault is
        told.
    """
    primary = reading or Reading()
    _check(booms)
    settled = booms.loc[booms["overbuilt"] != "open"]
    if settled.empty:
        raise InputError("No boom on the list has an outcome; expected at least one that is not open.")
    draws = subset_means(*votes_of(settled, primary), primary.psi, subset_draws, rng)
    points = [float(p) for p in np.quantile(draws, [0, 0.05, 0.5, 0.95, 1])]
    counts = {
        name: {label: settled[column].tolist().count(label) for label in LABELS[:3]}
        for name, column in COLUMNS.items()
    }
    return AnalogueRate(
        booms=len(settled),
        open=len(booms) - len(settled),
        counts=counts,
        prior=estimate(primary, 0.0, 0.0),
        posterior=_counted(settled, primary),
        sensitivity=tuple(_counted(settled, r) for r in readings(primary)),
        subsets=dict(zip(("minimum", "p05", "median", "p95", "maximum"), points, strict=True)),
        subset_draws=subset_draws,
    )


def readings(primary: Reading) -> Iterator[Reading]:
    """Yield the grid of readings: labels, what ``partly`` counts for, certainty, votes and psi."""
    for labels, partly, certainty, votes, psi in product(
        get_args(Labels), PARTLY, (False, True), get_args(Votes), PSI
    ):
        yield replace(primary, labels=labels, partly=partly, certainty=certainty, votes=votes, psi=psi)


def votes_of(booms: pd.DataFrame, reading: Reading) -> tuple[Array, Array]:
    """Return what each boom says (1 overbuilt, 0 not) and the weight of its vote, shape (boom,) each.

    A boom that is open in these labels has no weight.
    """
    worth = {"yes": 1.0, "partly": reading.partly, "no": 0.0, "open": 0.0}
    labels = booms[COLUMNS[reading.labels]].tolist()
    weight = np.array([float(label != "open") for label in labels])
    if reading.votes == "cluster":
        clusters = booms["cluster"].tolist()
        members = Counter(c for c, w in zip(clusters, weight, strict=True) if w)
        weight = weight / np.array([max(members[c], 1) for c in clusters])
    if reading.certainty:
        weight = weight * np.array([CERTAINTY[c] for c in booms["certainty"]])
    return np.array([worth[label] for label in labels]), weight


def estimate(reading: Reading, overbuilt: float, votes: float) -> Estimate:
    """Return the rate after ``overbuilt`` of ``votes`` votes, under Beta(1/2, 1/2) and the reading's psi."""
    low, high = posterior_points(overbuilt, votes, reading.psi, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return Estimate(
        reading, overbuilt, votes, _mean(overbuilt, votes, reading.psi), (float(low), float(high))
    )


def posterior_points(overbuilt: float, votes: float, psi: float, at: Sequence[float] | Array) -> Array:
    """Return quantiles of the true rate: those of Beta(overbuilt + 1/2, the rest + 1/2), moved by psi."""
    return true_rate(stats.beta(overbuilt + PRIOR, votes - overbuilt + PRIOR).ppf(at), psi)


def true_rate(observed: Array | float, psi: Array | float) -> Array:
    """Return the true share, given the share on a list that remembers the other booms with psi."""
    o = np.asarray(observed, dtype=float)
    return o * psi / (1.0 - o + o * psi)


def mean_over_psi(overbuilt: float, votes: float, psi: tuple[float, float]) -> float:
    """Return the mean true rate when psi is Beta(a, b): what a prior on psi would make of the same list."""
    points = (np.arange(NODES) + 0.5) / NODES
    observed = posterior_points(overbuilt, votes, 1.0, points)
    return float(true_rate(observed[:, None], stats.beta(*psi).ppf(points)[None, :]).mean())


def subset_means(value: Array, weight: Array, psi: float, draws: int, rng: np.random.Generator) -> Array:
    """Return the posterior mean on random halves of the list, drawn without replacement, shape (draw,)."""
    size = max(value.size // 2, 1)
    chosen = rng.random((draws, value.size)).argsort(axis=1)[:, :size]
    votes, overbuilt = weight[chosen].sum(axis=1), (weight * value)[chosen].sum(axis=1)
    return np.array([_mean(float(y), float(n), psi) for y, n in zip(overbuilt, votes, strict=True)])


def _mean(overbuilt: float, votes: float, psi: float) -> float:
    if psi == 1.0:
        return (overbuilt + PRIOR) / (votes + 2 * PRIOR)
    points = (np.arange(NODES) + 0.5) / NODES
    return float(posterior_points(overbuilt, votes, psi, points).mean())


def _counted(booms: pd.DataFrame, reading: Reading) -> Estimate:
    value, weight = votes_of(booms, reading)
    return estimate(reading, float(value @ weight), float(weight.sum()))


def _row(e: Estimate) -> dict[str, Any]:
    return {
        **asdict(e.reading),
        "overbuilt": e.overbuilt,
        "weight": e.votes,
        "mean": e.mean,
        "low": e.interval[0],
        "high": e.interval[1],
    }


def _check(booms: pd.DataFrame) -> None:
    needed = (*COLUMNS.values(), "certainty", "cluster")
    missing = [c for c in needed if c not in booms.columns]
    if missing:
        found = ", ".join(map(str, booms.columns))
        raise InputError(f"The list of booms lacks {', '.join(missing)}; its columns are {found}.")
    allowed = dict.fromkeys(COLUMNS.values(), LABELS) | {"certainty": tuple(CERTAINTY)}
    settled = booms.loc[booms["overbuilt"] != "open"]
    faults = [
        f"Row {row}: {column} = {value!r}; expected one of {', '.join(values)}."
        for column, values in allowed.items()
        for row, value in zip(settled.index, settled[column].tolist(), strict=True)
        if value not in values
    ]
    if faults:
        raise InputError("\n".join(faults))
