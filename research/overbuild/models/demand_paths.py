"""Paths of demand and of its sources given what is known, and how later figures compare with them.

Given parameters, figures known and figures to come are jointly normal, with the covariance of
`overbuild.models.demand_kernel`; so is the index itself, which has neither bias nor error nor a source's own
deviation. Every draw of the parameters gives one path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.models.demand_data import DAYS, PARTS, DemandData

if TYPE_CHECKING:
    from overbuild.models.demand import DemandModel
    from overbuild.models.sampler import Sampled

type Array = NDArray[np.float64]

INDEX = -1
"""Slot that stands for the index itself."""
SAME_FIGURE = 0.1
"""Years by which a prediction and a figure of one source may differ to be compared."""


@dataclass(frozen=True, eq=False)
class Points:
    """Figures without values.

    Attributes
    ----------
    time, slot, error
        Years from the reference, slot of the source (-1: the index), s.d. of the error; shape (figure,).
    """

    time: Array
    slot: NDArray[np.int_]
    error: Array

    @staticmethod
    def of(data: DemandData) -> Points:
        """Return those of the data."""
        return Points(data.time, data.slot, data.error)

    def and_then(self, other: Points) -> Points:
        """Return these and others."""
        joined = [np.concatenate(pair) for pair in zip(self._fields(), other._fields(), strict=True)]
        return Points(*joined)

    def _fields(self) -> tuple[Any, ...]:
        return self.time, self.slot, self.error


def covariance(model: DemandModel, truth: Mapping[str, Array], points: Points, data: DemandData) -> Array:
    """Return the covariance of figures of sources and of the index, shape (figure, figure)."""
    p = model.priors
    is_index = points.slot == INDEX
    loading = _loadings(model, truth, points, data)
    bias = np.select([is_index, points.slot < PARTS], [0.0, p["bias"]], p["scale"])
    own = np.where(is_index, 0.0, truth["own"])
    rho = truth["memory"] ** np.abs(points.time[:, None] - points.time[None, :])
    same = points.slot[:, None] == points.slot[None, :]
    shared = np.outer(loading, loading) * truth["common"] ** 2 * rho
    return shared + same * (np.outer(bias, bias) + np.outer(own, own) * rho) + np.diag(points.error**2)


def drawn_paths(
    model: DemandModel,
    data: DemandData,
    truths: Iterable[Mapping[str, Array]],
    wanted: Points,
    rng: np.random.Generator,
) -> Array:
    """Return one path a draw of the parameters, given the figures known, shape (draw, figure), in logs."""
    known = Points.of(data)
    every = known.and_then(wanted)
    n = known.time.size
    out = []
    for truth in truths:
        claimed = bool(rng.random() < float(truth["claim"]))
        cov = covariance(model, truth, every, data)
        mean = _means(model, truth, every, data, claimed)
        gain = np.linalg.solve(cov[:n, :n], cov[:n, n:]).T
        middle = mean[n:] + gain @ (data.value - mean[:n])
        left = cov[n:, n:] - gain @ cov[:n, n:]
        values, vectors = np.linalg.eigh((left + left.T) / 2)
        noise = rng.standard_normal(values.size) * np.sqrt(np.maximum(values, 0))
        out.append(middle + vectors @ noise)
    return np.array(out)


def truths_of(
    model: DemandModel, data: DemandData, sampled: Sampled, draws: int
) -> list[dict[str, NDArray[np.float64]]]:
    """Return so many draws of all parameters, evenly spread over the sample."""
    names = list(model.prior_draw(data, np.random.default_rng(0)))
    values = {name: sampled.draws(name) for name in names}
    size = values["level"].shape[0]
    picked = np.unique(np.linspace(0, size - 1, min(draws, size)).round().astype(int))
    return [{n: v[i] for n, v in values.items()} for i in picked]


def coming_dates(data: DemandData, until: int) -> tuple[Points, list[tuple[str, date]]]:
    """Return the dates after each source's last figure on which more are due: its usual month, every year.

    An index of the present has figures in June and December.
    """
    rows: list[tuple[float, int, str, date]] = []
    for source in data.sources:
        mine = data.time[data.slot == source.slot]
        last = float(mine.max())
        if source.last:
            continue
        spaced = float(np.median(np.diff(mine))) if mine.size > 1 else 1.0
        months = ((6, 30), (12, 31)) if spaced < 0.9 else (_month_of(data, last),)
        for year in range(data.as_of.year - 3, until + 1):
            for month, day in months:
                due = date(year, month, day)
                at = (due - data.reference).days / DAYS
                if at > last + SAME_FIGURE:
                    rows.append((at, source.slot, source.name, due))
    error = np.full(len(rows), 0.1)
    points = Points(np.array([r[0] for r in rows]), np.array([r[1] for r in rows], dtype=int), error)
    return points, [(r[2], r[3]) for r in rows]


def coverage(
    predicted: Sequence[Mapping[str, Any]], later: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return which later figures fell in the interval that was predicted for them.

    Parameters
    ----------
    predicted
        Rows ``source, year, q05, q50, q95`` of an earlier fit's findings.
    later
        Rows ``source, year, value`` of a later fit's findings; they were in no fit that predicted them.

    Returns
    -------
    list
        The predicted rows for which a figure came, with ``value`` and ``inside``.
    """
    found = []
    for row in predicted:
        near = [
            p for p in later if p["source"] == row["source"] and abs(p["year"] - row["year"]) < SAME_FIGURE
        ]
        if near:
            value = near[0]["value"]
            found.append({**row, "value": value, "inside": bool(row["q05"] <= value <= row["q95"])})
    return found


def _month_of(data: DemandData, time: float) -> tuple[int, int]:
    """Return month and last day of the month of a time."""
    day = date.fromordinal(data.reference.toordinal() + round(time * DAYS))
    return (6, 30) if day.month <= 6 else (12, 31)


def _means(
    model: DemandModel, truth: Mapping[str, Array], points: Points, data: DemandData, claimed: bool
) -> Array:
    from overbuild.models.demand_curve import gain

    slot = np.where(points.slot == INDEX, 0, points.slot)
    mean = model.means(truth, points.time, slot, data, claimed=claimed)
    growth = truth["growth_if_claim"] if claimed else truth["growth"]
    curve = truth["level"] + gain(points.time, growth, truth["headroom"], truth["asymmetry"])
    return np.where(points.slot == INDEX, curve, mean)


def _loadings(model: DemandModel, truth: Mapping[str, Array], points: Points, data: DemandData) -> Array:
    slot = np.where(points.slot == INDEX, 0, points.slot)
    return model.loadings(truth, slot, data.index)
