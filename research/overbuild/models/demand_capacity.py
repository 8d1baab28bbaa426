"""Demand against capacity: the two claims of 1998, what is already built, and compute in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.judging import trailing_year
from overbuild.errors import InputError
from overbuild.models import draws_of
from overbuild.models.demand_compute import installed_compute
from overbuild.models.demand_curve import gain
from overbuild.models.demand_paths import INDEX, Points, drawn_paths
from overbuild.models.demand_progress import (
    FIBRE_CAPACITY,
    FIBRE_PROGRESS,
    RETROSPECT,
    catch_up,
    stock_gain,
)

if TYPE_CHECKING:
    from overbuild.models.demand_posterior import DemandPosterior

type Array = NDArray[np.float64]

EXCESS = 1.5
"""Capacity over what demand requires at which O4 holds."""
BUILT_YEARS = 4
"""Years over which potential capacity grew five hundredfold."""
HALF_USED, LASTS, LONGEST = 0.5, 4.0, 25.0
"""Use of what is built when building stops; years for which progress goes on; last year looked at."""


def dial(fit: DemandPosterior, rng: np.random.Generator) -> dict[str, Any]:
    """Return what each reading of 1998 implies, and the mixture at each weight of the claim.

    Measured: growth, headroom and asymmetry as learnt. Claimed: the claim taken at its word, growth from the
    claim's prior, headroom and asymmetry from theirs, since its holders did not believe the measurements.
    The weight a reader ends with who takes the measurements for what the model takes them for is shown
    beside the dial; the dial itself is never updated.
    """
    get, index = fit.sampled.draws, fit.data.index
    years = np.arange(1.0, BUILT_YEARS + 1)
    measured = _gains(years, get("growth"), get("headroom"), get("asymmetry"))
    headroom, nu = fit.headroom_before(rng)
    mean, spread = fit.model.setting(index, "claim")
    claimed = _gains(years, np.maximum(rng.normal(mean, spread, size=nu.size), 0.01), headroom, nu)
    without_end = rng.normal(mean, spread, size=nu.size)[:, None] * years
    readings = {"measured": measured, "claimed": claimed, "claimed_without_ceiling": without_end}
    chance = {
        n: float(np.mean(BUILT_YEARS * FIBRE_CAPACITY - x[:, -1] > np.log(EXCESS)))
        for n, x in readings.items()
    }
    weights = [float(w) for w in fit.model.priors["dial"]]
    prior = fit.model.claim_weight(index)
    odds = _odds(float(get("claim").mean()))
    return {
        "retrospect": RETROSPECT,
        "capacity_multiple": float(np.exp(BUILT_YEARS * FIBRE_CAPACITY)),
        "years": years.tolist(),
        "readings": {
            n: {k: np.exp(np.quantile(x, q, axis=0)).tolist() for k, q in _QUANTILES.items()}
            for n, x in readings.items()
        },
        "overbuilt": chance,
        "weights": [
            {
                "weight": w,
                "overbuilt": w * chance["claimed_without_ceiling"] + (1 - w) * chance["measured"],
                "overbuilt_with_ceiling": w * chance["claimed"] + (1 - w) * chance["measured"],
                "after_measurements": w if w in (0.0, 1.0) else _chance(odds / _odds(prior) * _odds(w)),
            }
            for w in weights
        ],
    }


def technical_asymmetry(fit: DemandPosterior, rng: np.random.Generator) -> dict[str, Any]:
    """Return how long it takes demand to fill again what stands half used when building stops."""
    p, size = fit.model.priors, fit.sampled.draws("level").size
    time = np.arange(0.0, LONGEST + 0.01, 0.05)
    demand = fit.gains(time)
    out: dict[str, Any] = {"use": HALF_USED, "progress_lasts": LASTS, "longest": LONGEST}
    kinds = {"fibre": "life_fibre"} if fit.data.index.name == "backbone" else {}
    if "progress_chip" in p:
        kinds |= {"chip": "life_chip", "fibre": "life_fibre"}
    for kind, life_name in kinds.items():
        omega = draws_of.beta(p[f"disembodied_{kind}"], size, rng)
        progress = (
            np.full(size, FIBRE_PROGRESS)
            if kind == "fibre"
            else draws_of.lognormal(p["progress_chip"], size, rng)
        )
        life = draws_of.lognormal(p[life_name], size, rng)
        rows = {}
        for name, reach in (
            ("as_is", omega),
            ("all_embodied", 0 * omega),
            ("all_disembodied", 1 + 0 * omega),
        ):
            years = catch_up(time, demand, stock_gain(time, reach, progress, LASTS, life), HALF_USED)
            rows[name] = {**_years(years), "omega": float(np.mean(reach))}
        out[kind] = {"progress": float(np.median(progress)), "life": float(np.median(life)), **rows}
    if "fibre" in out:
        out["retrospect"] = RETROSPECT
    return out


def compute_check(fit: DemandPosterior, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return growth over the same year of compute in use, of demand and of capital spending."""
    snapshot = fit.snapshot
    assert snapshot is not None
    low, mid, high = (float(x) for x in _life_band(fit, rng))
    try:
        by_life = {n: installed_compute(snapshot, v) for n, v in (("q05", low), ("q50", mid), ("q95", high))}
        never = installed_compute(snapshot, np.inf)
    except InputError:
        return None
    made = by_life["q50"]
    year_end = (int(made.quarters[-1][:4]), int(made.quarters[-1][-1]))
    end = year_end[0] + year_end[1] / 4 - fit.data.years(np.zeros(1))[0]
    wanted = Points(np.array([end - 1, end]), np.full(2, INDEX), np.zeros(2))
    paths = drawn_paths(fit.model, fit.data, fit.truths, wanted, rng)
    demand = np.quantile(paths[:, 1] - paths[:, 0], [0.05, 0.5, 0.95])
    return {
        "quarter": made.quarters[-1],
        "quarters": list(made.quarters),
        "installed": made.installed.tolist(),
        "shipped_total": float(never.installed[-1]),
        "growth": {n: c.growth() for n, c in by_life.items()},
        "growth_never_retired": never.growth(),
        "nvidia": _nvidia(snapshot, mid),
        "demand_growth": dict(zip(("q05", "q50", "q95"), map(float, demand), strict=True)),
        "capex_growth": _capex_growth(snapshot, made.quarters[-1]),
    }


_QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def _gains(years: Array, growth: Array, headroom: Array, nu: Array) -> Array:
    return gain(years[None, :], growth[:, None], headroom[:, None], nu[:, None])


def _years(found: Array) -> dict[str, Any]:
    never = float(np.mean(np.isnan(found)))
    filled = np.where(np.isnan(found), np.inf, found)
    return {
        **{n: _finite(np.quantile(filled, q, method="lower")) for n, q in _QUANTILES.items()},
        "never": never,
    }


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _odds(share: float) -> float:
    held = min(max(share, 1e-300), 1 - 1e-12)
    return held / (1 - held)


def _chance(odds: float) -> float:
    return odds / (1 + odds)


def _life_band(fit: DemandPosterior, rng: np.random.Generator) -> Array:
    lives = draws_of.lognormal(fit.model.priors["life_chip"], 2000, rng)
    return np.quantile(lives, [0.05, 0.5, 0.95])


def _nvidia(snapshot: Any, life: float) -> dict[str, Any]:
    made = installed_compute(snapshot, life, ("NVIDIA",))
    return {"quarter": made.quarters[-1], "growth": made.growth()}


def _capex_growth(snapshot: Any, quarter: str) -> float | None:
    """Return the log growth over a year of the sector's spending in the year to a quarter."""
    if not snapshot.has_history("capex"):
        return None
    history = snapshot.history("capex")
    if quarter not in history.time:
        return None
    values = trailing_year(history.layer("capex")[:1], history.per_year)[0]
    at = history.time.index(quarter)
    return float(np.log(values[at] / values[at - history.per_year]))
