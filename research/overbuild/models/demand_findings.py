"""The findings of a demand fit: fans, the ceiling before and after, what carries them, and what they imply.

Everything here is shown and nothing of it is a forecast of an event. Refits (a source left out, another prior
of the ceiling, cloud revenue as the index) share the compiled model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.models.demand_capacity import compute_check, dial, technical_asymmetry
from overbuild.models.demand_curve import midpoint, turning_headroom
from overbuild.models.demand_data import CLOUD, DAYS, PARTS, WITHIN, DemandData
from overbuild.models.demand_paths import INDEX, Points, coming_dates, drawn_paths
from overbuild.models.sampler import Sampling

if TYPE_CHECKING:
    from overbuild.models.demand_posterior import DemandPosterior

type Array = NDArray[np.float64]

REFIT = Sampling(chains=2, draws=400, tune=400)
FACTORS, WIDTHS = (1 / 3, 1.0, 3.0), (0.5, 1.5)
"""Multiples of the median of the ceiling's prior, and of its width at the median itself."""
MULTIPLES = (4.0, 8.0, 16.0, 32.0)
"""Capacity at the horizon over demand served today."""
HALF = 0.5
YEARS_AHEAD = 5
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
BINS = 24
LEAST_LEARNT = 0.2


def findings(fit: DemandPosterior, rng: np.random.Generator) -> dict[str, Any]:
    """Return the findings as plain types."""
    data = fit.data
    horizon = max(2030, data.as_of.year) if data.index.name != "backbone" else data.as_of.year + YEARS_AHEAD
    horizon = min(horizon, data.reference.year + 8)
    ahead = horizon + 1 - data.years(np.zeros(1))[0]
    without = _without(fit, ahead, rng)
    left_out = [r for r in without if r["source"] in {s.name for s in data.sources}]
    found = {
        "index": {
            "name": data.index.name,
            "title": data.index.title,
            "unit": data.index.unit,
            "reference": data.reference.isoformat(),
            "horizon": horizon,
        },
        "sources": _sources(data),
        "points": _points(fit),
        "fan": _fan(fit, horizon, rng),
        "predicted": _predicted(fit, horizon, rng),
        "growth": _growth(fit),
        "turn": turn(fit, ahead, rng),
        "ceiling": _ceiling(fit, rng),
        "evidence": "prior-driven" if fit.learnt_of_headroom < LEAST_LEARNT else "paths",
        "without": without,
        "carrier": max(left_out, key=lambda r: abs(r["change"]))["source"] if left_out else None,
        "ceiling_prior": _ceiling_prior(fit, ahead, rng),
        "asymmetry": technical_asymmetry(fit, rng),
    }
    if data.index.name == "laboratories" and fit.snapshot is not None:
        found["cloud"] = _cloud(fit, rng)
        found["compute"] = compute_check(fit, rng)
    if fit.model.claim_weight(data.index) > 0:
        found["dial"] = dial(fit, rng)
    return found


def band(values: Array) -> dict[str, float]:
    """Return 5, 50 and 95 % points and the mean."""
    low, mid, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"q05": float(low), "q50": float(mid), "q95": float(high), "mean": float(np.mean(values))}


def turn(fit: DemandPosterior, ahead: float, rng: np.random.Generator) -> dict[str, Any]:
    """Return the chance that growth in levels has turned, by date, before and after the path is seen."""
    headroom, nu = fit.headroom_before(rng)
    today = (fit.data.as_of - fit.data.reference).days / DAYS
    growth = fit.growth
    start = float(fit.data.years(np.zeros(1))[0])
    years = range(fit.data.reference.year, round(start + ahead))
    return {
        "at_reference": float(fit.turned().mean()),
        "today": float(fit.turned(min(today, ahead)).mean()),
        "at_horizon": float(fit.turned(ahead).mean()),
        "by_end_of": {str(y): float(fit.turned(y + 1 - start).mean()) for y in years},
        "midpoint_passed": float(fit.past_midpoint().mean()),
        "prior": float(np.mean(headroom < turning_headroom(nu))),
        "prior_midpoint": float(np.mean(midpoint(growth, headroom, nu) < 0)),
    }


def _sources(data: DemandData) -> list[dict[str, Any]]:
    rows = []
    for s in data.sources:
        mine = data.slot == s.slot
        years = data.years()[mine]
        rows.append(
            {
                "source": s.name,
                "title": s.title,
                "role": "part" if s.slot < PARTS else "indicator",
                "figures": int(mine.sum()),
                "first": float(years.min()),
                "last": float(years.max()),
            }
        )
    return rows


def _points(fit: DemandPosterior) -> list[dict[str, Any]]:
    data = fit.data
    names = {s.slot: s.name for s in data.index.sources}
    rows = [
        {
            "source": names[int(k)],
            "year": float(t),
            "value": float(np.exp(v)),
            "low": float(np.exp(v - WITHIN * e)),
            "high": float(np.exp(v + WITHIN * e)),
            "used": True,
        }
        for t, v, k, e in zip(data.years(), data.value, data.slot, data.error, strict=True)
    ]
    return rows + _unused(fit)


def _unused(fit: DemandPosterior) -> list[dict[str, Any]]:
    """Return backbone traffic of 2002, of grade C and known late: to compare with, not to learn from."""
    if fit.data.index.name != "backbone" or fit.snapshot is None:
        return []
    t = fit.snapshot.table
    ends = [
        t.loc[(t["series"] == f"us_backbone_rate_{e}") & (t["period"] == "2002")] for e in ("low", "high")
    ]
    if any(e.empty for e in ends):
        return []
    seconds_a_month = 2.63e6
    low, high = (float(e["value"].iloc[0]) * seconds_a_month / 1e3 for e in ends)
    return [
        {
            "source": "backbone",
            "year": 2003.0,
            "value": float(np.sqrt(low * high)),
            "low": low,
            "high": high,
            "used": False,
        }
    ]


def _fan(fit: DemandPosterior, horizon: int, rng: np.random.Generator) -> dict[str, list[float]]:
    """Return quantiles of the index, deviations included, given all figures, by half-year."""
    data = fit.data
    parts = data.time[data.slot < PARTS]
    first = float(parts.min()) if parts.size else float(data.time.min())
    start = data.years(np.zeros(1))[0]
    years = np.arange(np.ceil(2 * (start + first) - 0.01) / 2, horizon + 1.01, 0.5)
    time = years - start
    wanted = Points(time, np.full(time.size, INDEX), np.zeros(time.size))
    paths = drawn_paths(fit.model, data, fit.truths, wanted, rng)
    found = {n: np.exp(np.quantile(paths, q, axis=0)).tolist() for n, q in QUANTILES.items()}
    return {"year": years.tolist(), **found}


def _predicted(fit: DemandPosterior, horizon: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return what each source is expected to print, at the dates at which it usually does."""
    points, names = coming_dates(fit.data, horizon)
    if not names:
        return []
    low, mid, high = np.exp(
        np.quantile(drawn_paths(fit.model, fit.data, fit.truths, points, rng), [0.05, 0.5, 0.95], axis=0)
    )
    years = fit.data.years(points.time)
    return [
        {
            "source": name,
            "date": due.isoformat(),
            "year": float(years[i]),
            "q05": float(low[i]),
            "q50": float(mid[i]),
            "q95": float(high[i]),
        }
        for i, (name, due) in enumerate(names)
    ]


def _growth(fit: DemandPosterior) -> dict[str, Any]:
    get = fit.sampled.draws
    slots = {s.slot: s.name for s in fit.data.sources if s.slot >= PARTS and s.elastic}
    return {
        "early": band(fit.growth),
        "now": band(get("growth_now")),
        "factor_now": band(np.exp(get("growth_now"))),
        "doubling_months": band(12 * np.log(2) / get("growth_now")),
        "elasticity": {name: band(get("elasticity")[:, k - PARTS]) for k, name in slots.items()},
        "claim": float(get("claim").mean()),
    }


def _ceiling(fit: DemandPosterior, rng: np.random.Generator) -> dict[str, Any]:
    """Return the ceiling over the level, and itself, before and after the path of demand is seen."""
    before, _ = fit.headroom_before(rng)
    after = fit.sampled.draws("headroom")
    edges = np.linspace(0.0, float(np.quantile(np.concatenate([before, after]), 0.995)), BINS + 1)
    densities = [np.histogram(x, bins=edges, density=True)[0] for x in (before, after)]
    p, q = (np.histogram(x, bins=edges)[0] + 0.5 for x in (after, before))
    p, q = p / p.sum(), q / q.sum()
    level = fit.sampled.draws("level")
    return {
        "prior": band(before),
        "posterior": band(after),
        "multiple": band(np.exp(after)),
        "multiple_prior": band(np.exp(before)),
        "ceiling": band(np.exp(fit.sampled.draws("log_ceiling"))),
        "level": band(np.exp(level)),
        "learnt": fit.learnt_of_headroom,
        "divergence": float(np.sum(p * np.log(p / q))),
        "bins": edges.tolist(),
        "density_prior": densities[0].tolist(),
        "density": densities[1].tolist(),
    }


def _without(fit: DemandPosterior, ahead: float, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return growth and the turn with each source left out, and with figures of grade C let in."""
    rows = [_row("all", fit, fit, ahead)]
    for source in fit.data.sources if len(fit.data.sources) > 1 else ():
        try:
            refit = fit.without(source.name, rng, REFIT)
            rows.append(_row(source.name, refit, fit, ahead))
        except InputError:
            continue
    if fit.snapshot is not None:
        wider = replace(fit.model, grades=("A", "B", "C"))
        data = wider.observed(fit.snapshot)
        if data.time.size != fit.data.time.size:
            rows.append(_row("with_grade_c", fit.refitted(wider, data, rng, REFIT), fit, ahead))
    return rows


def _row(name: str, refit: DemandPosterior, fit: DemandPosterior, ahead: float) -> dict[str, Any]:
    growth = refit.sampled.draws("growth_now")
    return {
        "source": name,
        "figures": int(refit.data.time.size),
        "reference": refit.data.reference.isoformat(),
        "change": float(growth.mean() - fit.sampled.draws("growth_now").mean()),
        "midpoint_passed": float(refit.past_midpoint().mean()),
        **_answer(refit, ahead),
    }


def _answer(fit: DemandPosterior, ahead: float) -> dict[str, Any]:
    """Return growth, the chance that the turn is passed, demand by the horizon, and how often it falls short.

    ``half_used`` is the chance that demand by the horizon, over that at the reference, is less than half of
    what capacity would then be over demand served at the reference.
    """
    gained = fit.gains(np.array([ahead]))[:, 0]
    return {
        "growth_now": band(fit.sampled.draws("growth_now")),
        "factor_now": band(np.exp(fit.sampled.draws("growth_now"))),
        "turned": float(fit.turned().mean()),
        "multiple_by_horizon": band(np.exp(gained)),
        "half_used": {f"{m:g}": float(np.mean(gained < np.log(HALF * m))) for m in MULTIPLES},
    }


def _ceiling_prior(fit: DemandPosterior, ahead: float, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return how the answer moves with the ceiling's prior: medians and widths, each a refit."""
    name = f"ceiling_{fit.data.index.name}"
    median, width = fit.model.priors[name]
    cells = [(f * median, width) for f in FACTORS] + [(median, w * width) for w in WIDTHS]
    rows = []
    for centre, spread in cells:
        own = (centre, spread) == (median, width)
        model = fit.model.with_priors(**{name: (centre, spread)})
        refit = fit if own else fit.refitted(model, fit.data, rng, REFIT)
        after = float(np.exp(np.median(refit.sampled.draws("log_ceiling"))))
        given = {"median": float(centre), "width": float(spread), "posterior_median": after}
        rows.append({**given, **_answer(refit, ahead)})
    return rows


def _cloud(fit: DemandPosterior, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return the same curve fitted to cloud revenue, of which the laboratories' is a part and a customer."""
    assert fit.snapshot is not None
    try:
        data = fit.model.observed(fit.snapshot, CLOUD)
    except InputError:
        return None
    refit = fit.refitted(fit.model, data, rng, REFIT)
    ahead = 2031 - data.years(np.zeros(1))[0]
    return {
        "title": CLOUD.title,
        "figures": int(data.time.size),
        "reference": data.reference.isoformat(),
        "growth": _growth(refit),
        "turn": turn(refit, ahead, rng),
        "ceiling": _ceiling(refit, rng),
        "fan": _fan(refit, 2030, rng),
        "points": _points(refit),
    }
