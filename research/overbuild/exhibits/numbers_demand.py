"""The quoted numbers of demand: growth, the ceiling, what carries them, the claims of 1998, later traffic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.demand_hindcasts import compared
from overbuild.exhibits.quoting import billion, count, label, percent, plain, quoted

AI, THEN, FULL, HINDCASTS = (
    "estimate_demand_ai",
    "estimate_demand_telecom",
    "estimate_demand_telecom_full",
    "hindcasts_demand",
)
SMALL = 1e-6


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers by name below ``demand``."""
    ai, then, full = (results[name]["findings"] for name in (AI, THEN, FULL))
    return {
        "ai": _index(ai) | _ai(ai),
        "cloud": _cloud(ai.get("cloud")),
        "telecom": _index(then) | {"dial": _dial(then["dial"]), "stock": _stock(then["asymmetry"], "fibre")},
        "telecom_full": _index(full),
        "coverage": _coverage(results[HINDCASTS], results[FULL]),
        "compute": _compute(ai.get("compute")),
    }


def _index(found: Mapping[str, Any]) -> dict[str, Any]:
    growth, ceiling, turn = found["growth"], found["ceiling"], found["turn"]
    return {
        "reference": label(found["index"]["reference"]),
        "horizon": label(str(found["index"]["horizon"])),
        "figures": count(sum(s["figures"] for s in found["sources"]), "demand.sources"),
        "growth": _band(growth["factor_now"], 1),
        "multiple": _band(ceiling["multiple"], 0),
        "multiple_prior": _band(ceiling["multiple_prior"], 0),
        "learnt": percent(ceiling["learnt"], "demand.learnt"),
        "turned": plain(turn["at_reference"], "demand.turn"),
        "turned_prior": plain(turn["prior"], "demand.turn"),
        "turned_by": {y: plain(v, "demand.turn") for y, v in turn["by_end_of"].items()},
        "midpoint": plain(turn["midpoint_passed"], "demand.turn"),
        "evidence": label(found["evidence"]),
        "carrier": label(_title(found, found["carrier"])),
        "carrier_change": plain(_change(found, found["carrier"]), "demand.without"),
    }


def _ai(found: Mapping[str, Any]) -> dict[str, Any]:
    low, _, high = sorted(found["ceiling_prior"][:3], key=lambda r: r["median"])
    others = [r for r in found["without"] if r["source"] not in ("all", "with_grade_c")]
    elasticity = found["growth"]["elasticity"]
    return {
        "level": _money(found["ceiling"]["level"]),
        "ceiling": _money(found["ceiling"]["ceiling"]),
        "demand": _band(found["without"][0]["multiple_by_horizon"], 0),
        "least_growth": plain(min(r["factor_now"]["q50"] for r in others), "demand.without", 1),
        "most_growth": plain(max(r["factor_now"]["q50"] for r in others), "demand.without", 1),
        "low_ceiling": _prior(low),
        "middle_ceiling": _prior(found["ceiling_prior"][1]),
        "high_ceiling": _prior(high),
        "elasticity": {name: _band(band, 2) for name, band in elasticity.items()},
        "stock": {
            kind: _stock(found["asymmetry"], kind) for kind in ("chip", "fibre") if kind in found["asymmetry"]
        },
    }


def _prior(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "median": billion(row["median"] / 1e3, "demand.ceiling_prior"),
        "demand": plain(row["multiple_by_horizon"]["q50"], "demand.ceiling_prior", 0),
        "turned": plain(row["turned"], "demand.ceiling_prior"),
        "short": {m: plain(v, "demand.ceiling_prior") for m, v in row["half_used"].items()},
    }


def _cloud(found: Mapping[str, Any] | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "figures": count(found["figures"], "demand.cloud"),
        "growth": _band(found["growth"]["factor_now"], 2),
        "learnt": percent(found["ceiling"]["learnt"], "demand.cloud"),
        "turned": plain(found["turn"]["at_reference"], "demand.cloud"),
    }


def _dial(found: Mapping[str, Any]) -> dict[str, Any]:
    readings = found["readings"]
    after = max(w["after_measurements"] for w in found["weights"] if 0 < w["weight"] < 1)
    return {
        "capacity": plain(found["capacity_multiple"], "demand.dial", 0),
        "measured": _last(readings["measured"]),
        "claimed": _last(readings["claimed_without_ceiling"]),
        "claimed_ceiling": _last(readings["claimed"]),
        "overbuilt": {
            f"{100 * w['weight']:.0f}": plain(w["overbuilt"], "demand.dial") for w in found["weights"]
        },
        "overbuilt_ceiling": {
            f"{100 * w['weight']:.0f}": plain(w["overbuilt_with_ceiling"], "demand.dial")
            for w in found["weights"]
        },
        "after": quoted(after, "below one in a million" if after < SMALL else f"{after:.2g}"),
    }


def _last(bands: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: quoted(bands[q][-1], f"{bands[q][-1]:,.0f}")
        for name, q in (("low", "q05"), ("middle", "q50"), ("high", "q95"))
    }


def _stock(found: Mapping[str, Any], kind: str) -> dict[str, Any]:
    of = found[kind]
    return {
        **{
            name: {
                "years": label("never") if of[name]["q50"] is None else plain(of[name]["q50"], "demand", 1),
                "never": percent(of[name]["never"], "demand.asymmetry"),
            }
            for name in ("as_is", "all_embodied", "all_disembodied")
        },
        "omega": plain(of["as_is"]["omega"], "demand.asymmetry"),
    }


def _coverage(hindcasts: Any, full: Mapping[str, Any]) -> dict[str, Any]:
    every = [compared(h, full) for h in hindcasts]
    came = [row for rows in every for row in rows]
    backbone = [row for row in came if row["source"] == "backbone"]
    unused = {(p["source"], round(p["year"], 1)) for p in full["findings"]["points"] if not p["used"]}
    keys = [(row["source"], round(row["year"], 1)) for row in came]
    return {
        "distinct": count(len(set(keys)), "demand.coverage"),
        "unused": count(sum(key in unused for key in keys), "demand.coverage"),
        "hindcasts": count(len(every), "demand.coverage"),
        "figures": count(len(came), "demand.coverage"),
        "inside": count(sum(r["inside"] for r in came), "demand.coverage"),
        "backbone": count(len(backbone), "demand.coverage"),
        "backbone_inside": count(sum(r["inside"] for r in backbone), "demand.coverage"),
        "first": label(min(h["as_of"] for h in hindcasts)[:4]),
        "last": label(max(h["as_of"] for h in hindcasts)[:4]),
        "widest": quoted(
            max(r["q95"] / r["q05"] for r in backbone),
            f"{max(r['q95'] / r['q05'] for r in backbone):.0f}",
        ),
    }


def _compute(found: Mapping[str, Any] | None) -> dict[str, Any]:
    if found is None:
        return {}
    factor = {n: math.exp(v) for n, v in found["growth"].items()}
    demand = {n: math.exp(v) for n, v in found["demand_growth"].items()}
    made = {
        "quarter": label(found["quarter"]),
        "growth": plain(factor["q50"], "demand.compute", 1),
        "demand": _band(demand, 1),
        "nvidia": plain(math.exp(found["nvidia"]["growth"]), "demand.compute", 1),
        "nvidia_quarter": label(found["nvidia"]["quarter"]),
    }
    if found["capex_growth"] is not None:
        made["capex"] = plain(math.exp(found["capex_growth"]), "demand.compute", 1)
    return made


def _band(found: Mapping[str, float], decimals: int) -> dict[str, Any]:
    return {
        name: quoted(found[q], f"{found[q]:,.{decimals}f}")
        for name, q in (("low", "q05"), ("middle", "q50"), ("high", "q95"))
    }


def _money(found: Mapping[str, float]) -> dict[str, Any]:
    return {
        name: billion(found[q] / 1e3, "demand")
        for name, q in (("low", "q05"), ("middle", "q50"), ("high", "q95"))
    }


def _title(found: Mapping[str, Any], source: str | None) -> str:
    return next((s["title"] for s in found["sources"] if s["source"] == source), "none")


def _change(found: Mapping[str, Any], source: str | None) -> float:
    return next((r["change"] for r in found["without"] if r["source"] == source), 0.0)
