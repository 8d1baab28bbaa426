"""Accelerators as an outside source counts them, to hold against the perpetual inventory.

Epoch AI cumulates chips shipped, by designer, at cost, and never retires them. The part that five firms own
is the share of chips that the same source gives them, in H100-equivalents; it is retired by the survival
curve of the draw, so that

    E_t = sum_v (c_v - c_{v-1}) S(t - v),   c_v = xi * sum_j share_jv x cost_jv,

with j the designers and xi one error for the whole count, lognormal with the width of the source's interval.
The inventory pays for chips before they run: E, which counts what was delivered, should lie between the
accelerators in use and those in use or paid for. Not wholly independent in level: the prior of the share of
accelerators was set beside the sales of chips that the same source gives. Growth is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import ordinal, span

if TYPE_CHECKING:
    import pandas as pd

    from overbuild.core.snapshot import Snapshot
    from overbuild.models.capital_stock import CapitalStock

type Array = NDArray[np.float64]

OWNERS = ("Microsoft", "Google", "Amazon", "Meta", "Oracle")
DESIGNERS = {"NVIDIA": "NVIDIA", "Google TPU": "TPU", "AMD Instinct": "AMD"}
"""Designer to its name in the series of owners. Trainium is left out: its cost is not on file."""
RELIABLE = ("A", "B")
FIRST_SHOWN = "2023Q4"
ASSET = "accelerator"
Z90 = 1.6448536269514722


@dataclass(frozen=True, eq=False)
class Installed:
    """Chips delivered to the five firms.

    Attributes
    ----------
    quarters
        Labels, without a gap.
    cumulative
        USD million delivered up to each, never retired.
    owned
        Share of all chips, at cost, that the five own.
    log_sd
        Log s.d. of the whole count.
    """

    quarters: tuple[str, ...]
    cumulative: Array
    owned: Array
    log_sd: float


def installed(snapshot: Snapshot) -> Installed | None:
    """Return what a snapshot holds of the count; None where it holds too little."""
    t = snapshot.table
    cost = _wide(t.loc[(t["series"] == "chips_cumulative_cost") & (t["frequency"] == "Q")])
    total = _wide(t.loc[(t["series"] == "chips_cumulative_h100e") & (t["frequency"] == "Q")])
    owned = _wide(
        t.loc[
            (t["series"] == "owner_installed_h100e")
            & (t["frequency"] == "Q")
            & t["grade"].isin(RELIABLE).to_numpy()
        ]
    )
    if any(d not in cost or d not in total for d in DESIGNERS) or not owned:
        return None
    last = min(max(map(ordinal, cost[d])) for d in DESIGNERS)
    first = min(cost["NVIDIA"], key=ordinal)
    quarters = tuple(q for q in span(first, max(cost["NVIDIA"], key=ordinal)) if ordinal(q) <= last)
    world, five = np.zeros(len(quarters)), np.zeros(len(quarters))
    for designer, short in DESIGNERS.items():
        delivered = np.array([cost[designer].get(q, 0.0) for q in quarters])
        world += delivered
        five += delivered * _share(owned, total[designer], short, quarters)
    return Installed(quarters, five, five / world, _log_sd(t))


def compare(held: CapitalStock, rng: np.random.Generator) -> dict[str, Any] | None:
    """Hold the count against the inventory's accelerators, on the same draws of their life.

    Returns
    -------
    dict or None
        By quarter the bands of accelerators in use, in use or paid for, and counted; and whether level and
        growth agree: whether zero lies within the 90 % band of the log difference. None where there is no
        count.
    """
    counted = held.data.installed
    if counted is None or ASSET not in held.assets:
        return None
    j = held.assets.index(ASSET)
    terms = held.parameters.terms
    flows = np.diff(counted.cumulative, prepend=0.0)
    age = (np.arange(flows.size) + 0.5) / held.per_year
    alive = np.exp(-np.log(2) * (age / terms.median_life[:, j, None]) ** terms.shape[:, j, None])
    kept = np.stack([alive[:, t::-1] @ flows[: t + 1] for t in range(flows.size)], axis=1)
    kept = kept * np.exp(counted.log_sd * rng.standard_normal((kept.shape[0], 1)))
    at = [held.periods.index(q) for q in counted.quarters]
    in_use = held.inventory.capital[:, at, j]
    paid = in_use + held.inventory.in_progress[:, at, j]
    shown = [k for k, q in enumerate(counted.quarters) if ordinal(q) >= ordinal(FIRST_SHOWN)]
    gaps = {
        "level_in_use": np.log(in_use[:, -1] / kept[:, -1]),
        "level_paid_for": np.log(paid[:, -1] / kept[:, -1]),
        "growth_in_use": _growth(in_use) - _growth(kept),
        "growth_paid_for": _growth(paid) - _growth(kept),
    }
    agree = {name: _agreement(gap) for name, gap in gaps.items()}
    return {
        "source": "Epoch AI, chips shipped at cost, the part of five owners, retired by the survival curve",
        "period": counted.quarters[-1],
        "owned_share": float(counted.owned[-1]),
        "left_out": "Trainium, whose cost is not on file",
        "quarters": [
            {
                "period": counted.quarters[k],
                "in_use": _band(in_use[:, k]),
                "paid_for": _band(paid[:, k]),
                "counted": _band(kept[:, k]),
                "never_retired": float(counted.cumulative[k]),
            }
            for k in shown
        ],
        "differences": agree,
        "between": float(np.mean((kept[:, -1] >= in_use[:, -1]) & (kept[:, -1] <= paid[:, -1]))),
        "level_agrees": _brackets(gaps["level_in_use"], gaps["level_paid_for"]),
        "growth_agrees": agree["growth_paid_for"]["agrees"],
    }


def _brackets(low: Array, high: Array) -> bool:
    """Return whether the count lies between the inventory's two stocks, the bands of either allowed."""
    return bool(np.quantile(low, 0.05) <= 0 <= np.quantile(high, 0.95))


def _agreement(gap: Array) -> dict[str, Any]:
    band = _band(gap)
    return band | {"agrees": bool(band["q05"] <= 0 <= band["q95"])}


def _growth(values: Array) -> Array:
    """Return log growth over the last four quarters."""
    return np.log(values[:, -1] / values[:, -5])


def _band(values: Array) -> dict[str, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"q05": float(low), "q50": float(middle), "q95": float(high)}


def _wide(rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for entity, period, value in zip(
        rows["entity"], rows["period"], rows["value"].astype(float), strict=True
    ):
        found.setdefault(str(entity), {})[str(period)] = float(value)
    return found


def _share(
    owned: dict[str, dict[str, float]], total: dict[str, float], designer: str, quarters: tuple[str, ...]
) -> Array:
    """Return the share of a designer's chips that the five own; the nearest known one where none is."""
    parts = [owned[f"{o}, {designer} chips"] for o in OWNERS if f"{o}, {designer} chips" in owned]
    known = sorted(
        (ordinal(q), min(1.0, sum(p.get(q, 0.0) for p in parts) / total[q]))
        for q in set().union(*parts)
        if q in total
    )
    if not known:
        return np.zeros(len(quarters))
    places, shares = zip(*known, strict=True)
    return np.interp([ordinal(q) for q in quarters], places, shares)


def _log_sd(t: pd.DataFrame) -> float:
    """Return the log s.d. that the source's interval of NVIDIA's chips implies, in its last quarter."""
    ends = []
    for end in ("low", "high"):
        chosen = (t["series"] == f"chips_cumulative_h100e_{end}") & (t["entity"] == "NVIDIA")
        by_quarter = _wide(t.loc[chosen & (t["frequency"] == "Q")]).get("NVIDIA", {})
        ends.append(by_quarter)
    common = sorted(set(ends[0]) & set(ends[1]), key=ordinal)
    if not common:
        return 0.0
    return float(np.log(ends[1][common[-1]] / ends[0][common[-1]]) / (2 * Z90))
