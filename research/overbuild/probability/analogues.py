"""How many past booms were physically overbuilt within five years of their peak: a rate, and what moves it.

The list of booms was put together by hand, so three doubts are shown and none is averaged away. *Labels*: a
boom may be ``partly`` overbuilt, and a reasonable critic reads some booms otherwise. *Independence*: some
booms are one event seen twice. *Selection*: if booms that ended well are remembered with probability psi
relative to the others, a share o on the list stands for a true share ``o psi / (1 - o + o psi)``; no figure
speaks about psi.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.models.priors import JEFFREYS, Beta
from overbuild.probability.choices import AnalogueChoices, Labels, Reading, Votes
from overbuild.probability.physical import EVENT
from overbuild.probability.plain import plain
from overbuild.probability.selection import clustered_points, posterior_mean, posterior_points
from overbuild.settings import INTERVAL

Array = NDArray[np.float64]

COLUMNS = {"main": "overbuilt", "critic": "alternative"}
LABELS = ("yes", "partly", "no", "open")
CERTAINTY = ("high", "medium", "low")
ENDS = ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2)


@dataclass(frozen=True)
class Estimate:
    """A rate under one reading.

    Attributes
    ----------
    reading
        How the list is counted.
    overbuilt, votes
        Votes for overbuild among all votes.
    mean
        Posterior mean, all votes alike.
    interval
        5 % and 95 % points that are printed first: booms of one cluster share a cause.
    independent
        The same with every vote taken as independent.
    """

    reading: Reading
    overbuilt: float
    votes: float
    mean: float
    interval: tuple[float, float]
    independent: tuple[float, float]


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
    clusters
        Clusters of booms that share a cause, among the booms counted.
    interval_method
        Which interval is printed first (`overbuild.probability.intervals`).
    """

    booms: int
    open: int
    counts: dict[str, dict[str, int]]
    prior: Estimate
    posterior: Estimate
    sensitivity: tuple[Estimate, ...]
    subsets: dict[str, float]
    subset_draws: int
    clusters: int
    interval_method: str
    event: str = EVENT

    def sentence(self) -> str:
        """Say in one sentence what was counted, and how far the reading moves it."""
        means = [e.mean for e in self.sensitivity]
        mean, (low, high) = self.posterior.mean, self.posterior.interval
        return (
            f"Of {self.booms} past booms on the list, {self.counts['main']['yes']} were {self.event}: the "
            f"rate is {mean:.2f} ({low:.2f}-{high:.2f}, by {self.clusters} clusters of booms) if the list is "
            f"taken as it stands, and between {min(means):.2f} and {max(means):.2f} over readings of labels, "
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
    booms: pd.DataFrame,
    rng: np.random.Generator,
    reading: Reading | None = None,
    subset_draws: int = 1000,
    choices: AnalogueChoices | None = None,
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
        The primary reading; None: that of the choices.
    subset_draws
        Number of random halves of the list.
    choices
        Priors, weights, axes, and which interval is printed first; None: those of the data files.

    Raises
    ------
    InputError
        If a column is missing, a label or certainty is not known, or no boom has an outcome. Every fault is
        told.
    """
    given = choices or AnalogueChoices()
    primary = reading or given.reading
    settled = settled_booms(booms)
    values = votes_of(settled, primary, given.certainty)
    draws = subset_means(*values, primary.psi, subset_draws, rng, given.rate)
    points = [float(p) for p in np.quantile(draws, [0, 0.05, 0.5, 0.95, 1])]
    counts = {
        name: {label: settled[column].tolist().count(label) for label in LABELS[:3]}
        for name, column in COLUMNS.items()
    }
    return AnalogueRate(
        booms=len(settled),
        open=len(booms) - len(settled),
        counts=counts,
        prior=estimate(primary, np.zeros(1), np.zeros(1), given),
        posterior=counted(settled, primary, given),
        sensitivity=tuple(counted(settled, r, given) for r in readings(primary, given)),
        subsets=dict(zip(("minimum", "p05", "median", "p95", "maximum"), points, strict=True)),
        subset_draws=subset_draws,
        clusters=len(set(settled["cluster"])),
        interval_method=given.interval,
    )


def settled_booms(booms: pd.DataFrame) -> pd.DataFrame:
    """Return the booms whose outcome is not open, after the list was found to be as it should.

    Raises
    ------
    InputError
        As `analogue_rate` says.
    """
    _check(booms)
    settled = booms.loc[booms["overbuilt"] != "open"]
    if settled.empty:
        raise InputError("No boom on the list has an outcome; expected at least one that is not open.")
    return settled


def readings(primary: Reading, choices: AnalogueChoices) -> Iterator[Reading]:
    """Yield the grid of readings: labels, what ``partly`` counts for, certainty, votes and psi."""
    for labels, partly, certainty, votes, psi in product(
        get_args(Labels), choices.partly, (False, True), get_args(Votes), choices.psi
    ):
        yield replace(primary, labels=labels, partly=partly, certainty=certainty, votes=votes, psi=psi)


def votes_of(booms: pd.DataFrame, reading: Reading, certainty: Mapping[str, float]) -> tuple[Array, Array]:
    """Return what each boom says (1 overbuilt, 0 not) and the weight of its vote, shape (boom,) each.

    ``certainty`` is what a vote is worth where the reading weights booms by how well their label is
    supported. A boom that is open in these labels has no weight.
    """
    worth = {"yes": 1.0, "partly": reading.partly, "no": 0.0, "open": 0.0}
    labels = booms[COLUMNS[reading.labels]].tolist()
    weight = np.array([float(label != "open") for label in labels])
    if reading.votes == "cluster":
        clusters = booms["cluster"].tolist()
        members = Counter(c for c, w in zip(clusters, weight, strict=True) if w)
        weight = weight / np.array([max(members[c], 1) for c in clusters])
    if reading.certainty:
        weight = weight * np.array([certainty[c] for c in booms["certainty"]])
    return np.array([worth[label] for label in labels]), weight


def by_cluster(booms: pd.DataFrame, value: Array, weight: Array) -> tuple[Array, Array]:
    """Return votes for overbuild and all votes of each cluster, shape (cluster,) each."""
    labels, group = np.unique(booms["cluster"].tolist(), return_inverse=True)
    return (
        np.bincount(group, weight * value, minlength=labels.size),
        np.bincount(group, weight, minlength=labels.size),
    )


def counted(booms: pd.DataFrame, reading: Reading, choices: AnalogueChoices) -> Estimate:
    """Return the rate among settled booms under one reading."""
    return estimate(reading, *by_cluster(booms, *votes_of(booms, reading, choices.certainty)), choices)


def estimate(reading: Reading, overbuilt: Array, votes: Array, choices: AnalogueChoices) -> Estimate:
    """Return the rate after ``overbuilt`` of ``votes`` votes, shape (cluster,) each."""
    found, all_votes, psi = float(overbuilt.sum()), float(votes.sum()), reading.psi
    alike = posterior_points(found, all_votes, psi, ENDS, choices.rate)
    shown = clustered_points(overbuilt, votes, psi, ENDS, choices) if all_votes else alike
    return Estimate(
        reading,
        found,
        all_votes,
        posterior_mean(found, all_votes, psi, choices.rate),
        (float(shown[0]), float(shown[1])),
        (float(alike[0]), float(alike[1])),
    )


def subset_means(
    value: Array, weight: Array, psi: float, draws: int, rng: np.random.Generator, prior: Beta = JEFFREYS
) -> Array:
    """Return the posterior mean on random halves of the list, drawn without replacement, shape (draw,)."""
    size = max(value.size // 2, 1)
    chosen = rng.random((draws, value.size)).argsort(axis=1)[:, :size]
    votes, overbuilt = weight[chosen].sum(axis=1), (weight * value)[chosen].sum(axis=1)
    return np.array(
        [posterior_mean(float(y), float(n), psi, prior) for y, n in zip(overbuilt, votes, strict=True)]
    )


def _row(e: Estimate) -> dict[str, Any]:
    return {
        **asdict(e.reading),
        "overbuilt": e.overbuilt,
        "weight": e.votes,
        "mean": e.mean,
        "low": e.interval[0],
        "high": e.interval[1],
        "independent_low": e.independent[0],
        "independent_high": e.independent[1],
    }


def _check(booms: pd.DataFrame) -> None:
    needed = (*COLUMNS.values(), "certainty", "cluster")
    missing = [c for c in needed if c not in booms.columns]
    if missing:
        found = ", ".join(map(str, booms.columns))
        raise InputError(f"The list of booms lacks {', '.join(missing)}; its columns are {found}.")
    allowed = dict.fromkeys(COLUMNS.values(), LABELS) | {"certainty": CERTAINTY}
    settled = booms.loc[booms["overbuilt"] != "open"]
    faults = [
        f"Row {row}: {column} = {value!r}; expected one of {', '.join(values)}."
        for column, values in allowed.items()
        for row, value in zip(settled.index, settled[column].tolist(), strict=True)
        if value not in values
    ]
    if faults:
        raise InputError("\n".join(faults))
