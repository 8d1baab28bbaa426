"""The two eras as data: which spending goes into which assets. Nothing else of the capital model differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import frequency_of, ordinal
from overbuild.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from overbuild.core.snapshot import Snapshot

type Array = NDArray[np.float64]

FEWEST_YEARS = 5


@dataclass(frozen=True)
class Flow:
    """Spending that is split over assets by one prior.

    Attributes
    ----------
    name
        What it is.
    split
        Name of the prior of its split, ``capital.split_<split>``.
    layer, series
        The layer of the history, or the series of the table, that holds it.
    part
        Part that counts: ``all``, or ``ai`` and ``other`` where a share is drawn.
    """

    name: str
    split: str
    layer: str = ""
    series: str = ""
    part: str = "all"


@dataclass(frozen=True)
class Era:
    """One episode: its flows, its assets, and whether revenue is compared with what it must earn."""

    flows: tuple[Flow, ...]
    assets: tuple[str, ...]
    revenue: bool = False


ERAS = {
    "ai": Era(
        (Flow("AI capex of the big five", "ai", layer="capex", part="ai"),),
        ("accelerator", "server", "network", "shell", "power"),
        revenue=True,
    ),
    "telecom": Era(
        (
            Flow("Structures of communications", "structures", series="bea_comm_structures"),
            Flow("Equipment of communications", "equipment", series="bea_comm_equipment"),
        ),
        ("fibre", "optics", "switching"),
    ),
}


def era_of(episode: str) -> Era:
    """Return the era of an episode.

    Raises
    ------
    UnknownNameError
        If the model of capital knows no assets of it.
    """
    if episode not in ERAS:
        raise UnknownNameError("era of the capital model", episode, tuple(ERAS))
    return ERAS[episode]


def spending(snapshot: Snapshot, era: Era) -> tuple[tuple[str, ...], Array]:
    """Return the periods in which every flow is known, and spending of shape (flow, period).

    Raises
    ------
    InputError
        If fewer than five years are known.
    """
    known = [_flow(snapshot, flow) for flow in era.flows]
    common = sorted(set.intersection(*(set(k) for k in known)), key=ordinal)
    start = len(common) - 1
    while start > 0 and ordinal(common[start]) - ordinal(common[start - 1]) == 1:
        start -= 1
    periods = tuple(common[max(start, 0) :])
    per_year = 4 if periods and frequency_of(periods[0]) == "Q" else 1
    if len(periods) < FEWEST_YEARS * per_year:
        raise InputError(
            f"Spending of '{snapshot.episode}' is known for {len(periods)} periods in a row as of "
            f"{snapshot.as_of}; the capital model needs {FEWEST_YEARS} years. Choose a later date."
        )
    return periods, np.array([[k[p] for p in periods] for k in known])


def _flow(snapshot: Snapshot, flow: Flow) -> dict[str, float]:
    if flow.series:
        rows = snapshot.table.loc[snapshot.table["series"] == flow.series]
        return dict(zip(rows["period"], rows["value"].astype(float), strict=True))
    if not snapshot.has_history(flow.layer):
        return {}
    history = snapshot.history(flow.layer)
    values = history.layer(flow.layer)[0]
    return {t: float(v) for t, v in zip(history.time, values, strict=True) if np.isfinite(v)}
