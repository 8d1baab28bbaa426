"""A list of past booms as the regression on analogues conditions on it: labels, covariates, what is missing.

Of each boom there are two readings of one truth, the list's main label and that of a reasonable critic, and
how well the main label is supported. Covariates are known after the fact: the life of the asset and whether
debt paid for it. What was not read stays missing (nan) and is never filled in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]

CERTAINTY = ("high", "medium", "low")
UNSTATED = "medium"
"""How well a label is taken to be supported where nothing is said of it."""
PARTLY = 0.5
"""How ``partly`` stands in the data; what it counts for is the model's to say."""
WORTH = {"no": 0.0, "partly": PARTLY, "yes": 1.0}
DEBT = {"no": 0.0, "yes": 1.0}
YEARS, DOUBLING = 20.0, float(np.log(2.0))
"""The life of an asset is measured in doublings of 20 years, fixed and not taken from the list."""
FEWEST = 8
"""Booms with an outcome that the regression asks for."""
SHOWN = {
    "asset_life_years": "life of the asset",
    "debt_financed": "financing",
    "peak_investment_percent_of_gdp": "investment over GDP at the peak",
    "utilisation_before": "utilisation before the fall",
    "utilisation_after": "utilisation after the fall",
}
"""Columns whose missing cells are counted; the first two are the covariates, the others too few to use."""


@dataclass(frozen=True, eq=False)
class AnalogueData:
    """Booms with an outcome; every array has shape (boom,).

    Attributes
    ----------
    names, clusters
        Name of each boom, and number of its cluster, from 0 without gaps.
    life
        Doublings of 20 years of asset life; nan where it was not read.
    debt
        1 debt-financed, 0 not; nan where it was not read.
    main, critic
        1 overbuilt, 0 not, 0.5 partly; nan where there is no reading.
    certainty
        Place in `CERTAINTY`.
    missing
        Column to how many of these booms lack it; None where the list has no such column.
    """

    names: tuple[str, ...]
    clusters: NDArray[np.int_]
    life: Array
    debt: Array
    main: Array
    critic: Array
    certainty: NDArray[np.int_]
    missing: Mapping[str, int | None]

    @property
    def booms(self) -> int:
        """Number of booms."""
        return len(self.names)

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.clusters.max()) + 1 if self.booms else 0

    def of(self, rows: Sequence[int] | NDArray[np.int_]) -> AnalogueData:
        """Return some of the booms, clusters numbered anew."""
        at = np.asarray(rows, dtype=int)
        parts = {n: getattr(self, n)[at] for n in ("life", "debt", "main", "critic", "certainty")}
        clusters = np.unique(self.clusters[at], return_inverse=True)[1]
        names = tuple(self.names[i] for i in at)
        return replace(self, names=names, clusters=clusters, **parts)

    def without(self, cluster: int) -> AnalogueData:
        """Return the booms of every other cluster."""
        return self.of(np.flatnonzero(self.clusters != cluster))

    def blind(self) -> AnalogueData:
        """Return the same booms with both covariates hidden."""
        nothing = np.full(self.booms, np.nan)
        return replace(self, life=nothing, debt=nothing)

    def arrays(self, partly: float) -> dict[str, NDArray[Any]]:
        """Return the values of every `pymc.Data` of the model; what is missing is 0 and marked not known."""
        out: dict[str, NDArray[Any]] = {}
        readings = {"main": read(self.main, partly), "critic": read(self.critic, partly)}
        for name, values in {"life": self.life, "debt": self.debt, **readings}.items():
            known = np.isfinite(values)
            out[name] = np.where(known, values, 0.0)
            out[f"{name}_known"] = known.astype(float)
        out["support"] = np.eye(len(CERTAINTY))[self.certainty]
        out["member"] = np.eye(self.count)[self.clusters].T.copy()
        return out


def read(labels: Array, partly: float) -> Array:
    """Return readings as 1, 0 or nan: ``partly`` counts for 0 or 1, and half a label says nothing."""
    return np.where(labels == PARTLY, partly if partly in (0.0, 1.0) else np.nan, labels)


def data_of(booms: pd.DataFrame) -> AnalogueData:
    """Return the booms whose outcome is known.

    Parameters
    ----------
    booms
        Columns ``boom`` and ``overbuilt``, and optionally ``alternative, certainty, cluster,
        asset_life_years, debt_financed`` as in ``history/booms.csv``; empty and ``unknown`` are missing.

    Raises
    ------
    InputError
        If too few booms have an outcome, or no covariate of any of them is known.
    """
    settled = booms.loc[booms["overbuilt"].isin(list(WORTH))].reset_index(drop=True)
    data = described(settled)
    if data.booms < FEWEST:
        raise InputError(
            f"{data.booms} booms have a known outcome (yes, partly or no); the regression on analogues needs "
            f"{FEWEST}. Take a longer list or a later day."
        )
    if not (np.isfinite(data.life).any() or np.isfinite(data.debt).any()):
        raise InputError(
            f"Of {data.booms} booms neither asset_life_years nor debt_financed is known for any: without a "
            "covariate there is nothing to regress on. Fill in one of the two for some booms, or count them "
            "(the constant rate)."
        )
    return data


def described(booms: pd.DataFrame) -> AnalogueData:
    """Return booms as data, whether or not they have an outcome."""
    size = len(booms)
    names = tuple(map(str, booms["boom"]))
    groups = [c or f"{n} (alone)" for c, n in zip(_texts(booms, "cluster"), names, strict=True)]
    clusters = np.unique(groups, return_inverse=True)[1] if size else np.zeros(0, dtype=int)
    years = np.array([float(v) if v else np.nan for v in _texts(booms, "asset_life_years")])
    supported = [c if c in CERTAINTY else UNSTATED for c in _texts(booms, "certainty")]
    return AnalogueData(
        names,
        clusters.astype(int),
        doublings(years),
        _coded(booms, "debt_financed", DEBT),
        _coded(booms, "overbuilt", WORTH),
        _coded(booms, "alternative", WORTH),
        np.array([CERTAINTY.index(c) for c in supported], dtype=int),
        {
            c: sum(t in ("", "unknown") for t in _texts(booms, c)) if c in booms.columns else None
            for c in SHOWN
        },
    )


def doublings(years: Array) -> Array:
    """Return a life in doublings of 20 years."""
    return np.log(years / YEARS) / DOUBLING


def _coded(booms: pd.DataFrame, column: str, codes: Mapping[str, float]) -> Array:
    return np.array([codes.get(t, np.nan) for t in _texts(booms, column)], dtype=float)


def _texts(booms: pd.DataFrame, column: str) -> list[str]:
    """Return the cells of a column as text; empty where they, or the column, are missing."""
    if column not in booms.columns:
        return [""] * len(booms)
    return ["" if pd.isna(v) else str(v).strip() for v in booms[column]]
