"""The quoted numbers of the explosive regimes: how probable an explosion is, and when it began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain

OF = {
    "ai": "estimate_explosive_ai",
    "telecom": "estimate_explosive_telecom",
    "full": "estimate_explosive_telecom_full",
}
LEARNT = ("drift", "explosive_root", "stay_explosive", "stay_random_walk")


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers by estimate: ``ai``, ``telecom`` (end of 1999), ``full`` (to the end of 2006)."""
    found = {name: _estimate(results[result]) for name, result in OF.items()}
    ai = results[OF["ai"]]["findings"]
    common = {
        "prior_any": plain(ai["prior_any_long"], "explosive.prior_any_long"),
        "prior_exists": plain(ai["prior_exists"], "explosive.prior_exists", 1),
        "shortest": count(ai["shortest_episode_months"], "explosive.shortest"),
        "quarters_needed": count(ai["ratios"][0]["needed"], "explosive.ratios"),
        "quarters": count(ai["ratios"][0]["quarters"], "explosive.ratios"),
    }
    return found | common


def _estimate(result: Mapping[str, Any]) -> dict[str, Any]:
    f = result["findings"]
    parameters = {p["parameter"]: p for p in result["parameters"]}
    return {
        **_series(f),
        "root": _interval(parameters["explosive_root"], 3),
        "drift": _interval(parameters["drift"], 3),
        "learnt": {
            n: percent(max(parameters[n]["learnt"] or 0.0, 0.0), f"explosive.{n}.learnt") for n in LEARNT
        },
        "beside": {b["series"]: _series(b) for b in f["beside"] if not b.get("left_out")},
    }


def _series(found: Mapping[str, Any]) -> dict[str, Any]:
    main = max(found["episodes"], key=lambda e: e["probability"], default=None)
    start = {q: label(main["start"][q] if main else "none") for q in ("q05", "q50", "q95")}
    peak = label((main["peak"]["q50"] or "not yet") if main else "none")
    return {
        "any": plain(found["any_long"], "explosive.any_long"),
        "now": plain(found["now"]["explosive"], "explosive.now"),
        "first": label(found["months"][0]),
        "last": label(found["months"][-1]),
        "months": count(len(found["months"]), "explosive.months"),
        "start": {"low": start["q05"], "middle": start["q50"], "high": start["q95"]},
        "peak": peak,
    }


def _interval(parameter: Mapping[str, Any], decimals: int) -> dict[str, Any]:
    what = f"explosive.{parameter['parameter']}"
    return {
        "middle": plain(parameter["q50"], what, decimals),
        "low": plain(parameter["q05"], what, decimals),
        "high": plain(parameter["q95"], what, decimals),
    }
