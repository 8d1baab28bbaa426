"""The regression on analogues on a user's own tables: past booms in, probabilities of others out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.episodes.own_booms import read_booms, read_predicted
from overbuild.errors import InputError
from overbuild.models.analogue_data import AnalogueData, data_of, described
from overbuild.models.analogue_likelihood import predicted
from overbuild.models.analogue_posterior import EVENT, band, drawn, labels_of, missing_of, signed
from overbuild.models.analogue_regression import NAME, AnalogueRegression
from overbuild.models.analogue_scores import REFIT, constant_rate, leave_one_cluster_out
from overbuild.models.diagnostics import Diagnostics
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream
from overbuild.settings import SEED

IMPUTED = (
    "A covariate that is missing is averaged over its distribution on the list: it widens the interval and "
    "says nothing."
)


@dataclass(frozen=True)
class Predictions:
    """What a user's own list says of booms.

    Attributes
    ----------
    episodes
        Names, in the order of the table.
    probability, interval
        Mean, and 5 and 95 % points over draws, shape (boom,) and (boom, 2).
    imputed
        How many of its two covariates each boom lacks.
    kind
        ``predicted`` (another table), ``open`` (booms of the list without an outcome) or ``left out`` (each
        boom of the list, learnt from other clusters).
    booms, clusters
        What was learnt from.
    labels, missing
        Counts of labels and of missing cells.
    constant
        The constant rate, with 5 and 95 % points.
    coefficients
        Name to mean and points of the slopes.
    diagnostics
        Of the fit.
    """

    episodes: tuple[str, ...]
    probability: NDArray[np.float64]
    interval: NDArray[np.float64]
    imputed: NDArray[np.int_]
    kind: str
    booms: int
    clusters: int
    labels: Mapping[str, int]
    missing: list[dict[str, Any]]
    constant: Mapping[str, float]
    coefficients: Mapping[str, Mapping[str, float]]
    diagnostics: Diagnostics

    def frame(self) -> pd.DataFrame:
        """Return one row a boom."""
        return pd.DataFrame(
            {
                "episode": self.episodes,
                "probability": self.probability,
                "low": self.interval[:, 0],
                "high": self.interval[:, 1],
                "missing_covariates": self.imputed,
            }
        )

    def sentence(self) -> str:
        """Say what was learnt from what, and whether the fit can be relied on."""
        life, debt = (self.coefficients[n] for n in ("beta_life", "beta_debt"))
        what = {
            "predicted": f"{len(self.episodes)} booms predicted",
            "open": f"{len(self.episodes)} booms of the list without an outcome predicted",
            "left out": "no boom is open: each is predicted from the other clusters",
        }[self.kind]
        at = {m["column"]: m["missing"] or 0 for m in self.missing}
        share = self.constant
        counted = f"{share['mean']:.2f}, {share['q05']:.2f}-{share['q95']:.2f}"
        return (
            f"From {self.booms} booms in {self.clusters} clusters, {self.labels['overbuilt']} of them "
            f"{EVENT} (constant rate {counted}): {what}. Twice the asset life moves the logit by "
            f"{signed(life)}, debt by {signed(debt)}. Missing: asset life of {at['asset_life_years']} booms, "
            f"financing of {at['debt_financed']}. {IMPUTED} {self.diagnostics.sentence()}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain types: ``predictions`` with ``episode, probability, interval``, and what is behind."""
        rows = zip(self.episodes, self.probability, self.interval, self.imputed, strict=True)
        return {
            "event": EVENT,
            "kind": self.kind,
            "predictions": [
                {
                    "episode": n,
                    "probability": float(p),
                    "interval": [float(i[0]), float(i[1])],
                    "missing_covariates": int(k),
                }
                for n, p, i, k in rows
            ],
            "learnt_from": {"booms": self.booms, "clusters": self.clusters, "labels": dict(self.labels)},
            "missing": self.missing,
            "constant_rate": dict(self.constant),
            "coefficients": {n: dict(v) for n, v in self.coefficients.items()},
            "diagnostics": self.diagnostics.to_dict(),
            "sentence": self.sentence(),
        }


def analogues(
    episodes: Path,
    predict: Path | None = None,
    *,
    sampling: Sampling | None = None,
    seed: int = SEED,
    priors: Path | None = None,
) -> Predictions:
    """Learn from a user's list of booms and predict others.

    Parameters
    ----------
    episodes
        Past booms, as `overbuild.episodes.own_booms.read_booms` reads them.
    predict
        Booms to predict; None: those of the list that are open or, if none is, each boom of the list from
        the other clusters.
    sampling
        How much to sample; None: four chains of a thousand draws.
    seed
        Master seed.
    priors
        A file of priors; None: the project's.

    Raises
    ------
    InputError
        If a file is missing, or the list has too few outcomes or no covariate at all.
    DataError
        With every fault of a file, by row and column.
    """
    table = read_booms(episodes)
    others = read_predicted(predict) if predict else table.loc[table["overbuilt"] == "open"]
    data = data_of(table)
    if not len(others) and data.count < 2:
        raise InputError(
            "The list has one cluster: nothing is left to learn from when it is left out. Give booms to "
            "predict, or name the clusters."
        )
    model = AnalogueRegression.of(read_priors(priors).at(date.max), {}, sampling)
    fit = model.fit_data(data, stream(f"{NAME}/own", seed=seed))
    draws = drawn(fit)
    if len(others):
        kind, asked = "predicted" if predict else "open", described(others.reset_index(drop=True))
        chance = predicted(draws, asked.life, asked.debt, (data, model.partly), _places(table, others, data))
        names, mean = asked.names, chance.mean(axis=0)
        interval = np.quantile(chance, [0.05, 0.95], axis=0).T
        imputed = _lacking(asked)
    else:
        kind = "left out"
        scores = leave_one_cluster_out(model, data, stream(f"{NAME}/own/left_out", seed=seed), REFIT)
        if not scores.names:
            raise InputError("No boom of the list has a label that can be scored. Give booms to predict.")
        names, mean, interval = scores.names, scores.truth, scores.interval
        imputed = _lacking(data.of([data.names.index(n) for n in names]))
    return Predictions(
        names,
        mean,
        interval,
        imputed,
        kind,
        data.booms,
        data.count,
        labels_of(data, model.partly),
        missing_of(data)[:2],
        constant_rate(data, model.partly),
        {n: band(draws[n]) for n in ("beta_life", "beta_debt")},
        fit.diagnostics,
    )


def _places(table: pd.DataFrame, others: pd.DataFrame, data: AnalogueData) -> NDArray[np.int_]:
    """Return the cluster among the data of each boom to predict; -1 where it has none there."""
    named = dict(zip(table["boom"], table["cluster"], strict=True))
    place = {named[n]: int(c) for n, c in zip(data.names, data.clusters, strict=True) if named[n]}
    return np.array([place.get(c, -1) for c in others["cluster"]], dtype=int)


def _lacking(data: AnalogueData) -> NDArray[np.int_]:
    return np.isnan(data.life).astype(int) + np.isnan(data.debt).astype(int)
