"""The quoted numbers of the contest: its example, its layers, the decisiveness that was read, the ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain

HALF = 0.5


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``contest``.

    Parameters
    ----------
    results
        Name to content of ``contest_values``, ``newsvendor``, ``estimate_contest_ai`` and
        ``estimate_contest_telecom_full``.
    """
    values = results["contest_values"]
    return {
        "example": _outcome(values["example"]),
        "equal": _outcome(values["equal"]),
        "undamped": {
            "start": percent(values["undamped"]["start"], "contest.undamped"),
            "end": percent(values["undamped"]["end"], "contest.undamped"),
            "rounds": count(values["undamped"]["rounds"], "contest.undamped"),
        },
        "regret": _regret(values["regret"]),
        "financing": _financing(values["financing"]),
        "near_one": {
            "elasticity": plain(values["near_one"]["elasticity"], "contest.near_one"),
            "low": plain(values["near_one"]["low"], "contest.near_one"),
            "high": plain(values["near_one"]["high"], "contest.near_one"),
            "safe": plain(values["near_one"]["safe"], "contest.near_one", 1),
        },
        "newsvendor": _newsvendor(results["newsvendor"]["rows"]),
        "ai": _era(results["estimate_contest_ai"]),
        "telecom": _era(results["estimate_contest_telecom_full"]),
    }


def _outcome(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "firms": count(found["firms"], "contest.example"),
        "decisiveness": plain(found["decisiveness"], "contest.example", 1),
        "elasticity": plain(found["elasticity"], "contest.example", 1),
        "rivalry": plain(found["rivalry_ratio"], "contest.example"),
        "break_even": plain(found["break_even_ratio"], "contest.example"),
        "spent": plain(found["dissipation"], "contest.example"),
        "slope": plain(found["reaction_slope"], "contest.example"),
        "tax": percent(found["corrective_tax"], "contest.example"),
        "subsidy": percent(abs(found["planner_tax"]), "contest.example"),
    }


def _regret(r: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "share": percent(r["linear"], "contest.regret"),
        "low": plain(r["low"], "contest.regret"),
        "high": plain(r["high"], "contest.regret"),
        "slope": plain(r["slope"], "contest.regret", 1),
        "down": plain(r["reactions"]["down"], "contest.regret"),
    }


def _financing(f: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "limit": percent(f["limit"], "contest.financing"),
        "price": percent(f["shadow_price"], "contest.financing"),
        "others": percent(f["others"], "contest.financing"),
        "industry": percent(abs(f["industry"]), "contest.financing"),
    }


def _newsvendor(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first, last = rows[0], rows[-1]
    return {
        "low_fractile": plain(first["fractile"], "contest.newsvendor"),
        "low": plain(first["ratio"], "contest.newsvendor"),
        "high_fractile": plain(last["fractile"], "contest.newsvendor"),
        "high": plain(last["ratio"], "contest.newsvendor"),
        "high_more": percent(last["ratio"] - 1, "contest.newsvendor"),
        "pooled_low": plain(first["pooled"], "contest.newsvendor"),
        "pooled_high": plain(last["pooled"], "contest.newsvendor"),
        "idle_low": percent(first["idle_pooled"], "contest.newsvendor"),
        "idle_high": percent(last["idle_pooled"], "contest.newsvendor"),
        "idle_apart_low": percent(first["idle_unpooled"], "contest.newsvendor"),
        "idle_apart_high": percent(last["idle_unpooled"], "contest.newsvendor"),
    }


def _era(result: Mapping[str, Any]) -> dict[str, Any]:
    f = result["findings"]
    by_share = {
        f"transfer_{100 * r['transfer_share']:.0f}": _ratio(r) for r in f["overbuild_by_transfer_share"]
    }
    return {
        "firms": count(f["contenders"], "contest.firms"),
        "observed": count(len(f["firms"]), "contest.firms"),
        "periods": count(f["periods"], "contest.periods"),
        "first": label(f["first"]),
        "last": label(f["today"]),
        "decisiveness": _decisiveness(f["decisiveness"]),
        "rivalry": _ratio(f["rivalry_ratio"]),
        "break_even": _ratio(f["break_even_ratio"]),
        "planner": _ratio(f["overbuild_ratio"]),
        **by_share,
        "spent": _ratio(f["dissipation"]),
        "slope": _ratio(f["reaction_slope"]),
        "substitutes": percent(f["substitutes"]["posterior"], "contest.substitutes"),
        "prior_substitutes": percent(f["substitutes"]["prior"], "contest.substitutes"),
        "rise": percent(1 - f["substitutes"]["posterior"], "contest.substitutes"),
        "prior_rise": percent(1 - f["substitutes"]["prior"], "contest.substitutes"),
        "at": _by_elasticity(f["by_elasticity"]),
        "decides": {n: percent(v, "contest.decides") for n, v in f["what_decides"]["posterior"].items()},
        "implied": {
            "low": plain(f["spent"]["implied_q05"], "contest.implied"),
            "high": plain(f["spent"]["implied_q95"], "contest.implied"),
        },
        "readings": _readings(f["readings"]),
    }


def _by_elasticity(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the elasticities from low to high, and the ratio given each if half the prize is a transfer."""
    half = [r for r in rows if r["transfer_share"] == HALF]
    return {
        name: {
            "elasticity": plain(r["elasticity"], "contest.by_elasticity", 1),
            "ratio": plain(r["q50"], "contest.by_elasticity"),
            "ratio_low": plain(r["q05"], "contest.by_elasticity"),
            "ratio_high": plain(r["q95"], "contest.by_elasticity"),
        }
        for name, r in zip(("low", "mid", "high"), half, strict=True)
    }


def _decisiveness(d: Mapping[str, Any]) -> dict[str, Any]:
    made = {
        n: plain(d[q], "contest.decisiveness") for n, q in (("low", "q05"), ("mid", "q50"), ("high", "q95"))
    }
    before = {
        f"prior_{n}": plain(d[f"prior_{q}"], "contest.decisiveness")
        for n, q in (("low", "q05"), ("mid", "q50"), ("high", "q95"))
    }
    return {**made, **before, "learnt": percent(d["learnt"], "contest.decisiveness")}


def _ratio(r: Mapping[str, Any]) -> dict[str, Any]:
    after, before = r["posterior"], r["prior"]
    return {
        "low": plain(after["q05"], "contest.ratio"),
        "mid": plain(after["q50"], "contest.ratio"),
        "high": plain(after["q95"], "contest.ratio"),
        "prior_low": plain(before["q05"], "contest.ratio"),
        "prior_mid": plain(before["q50"], "contest.ratio"),
        "prior_high": plain(before["q95"], "contest.ratio"),
        "above": percent(after["above"], "contest.ratio"),
        "prior_above": percent(before["above"], "contest.ratio"),
    }


def _readings(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the range of medians and chances over all readings, and those that the text names."""
    medians, chances = [r["q50"] for r in rows], [r["more_than_planner"] for r in rows]
    found: dict[str, Any] = {
        "count": count(len(rows), "contest.readings"),
        "decisiveness": {
            "low": plain(min(medians), "contest.readings"),
            "high": plain(max(medians), "contest.readings"),
        },
        "planner": {
            "low": percent(min(chances), "contest.readings"),
            "high": percent(max(chances), "contest.readings"),
        },
    }
    named = {
        "as_set": "as set",
        "exact": "reliability 1",
        "below_one": "reliability below 1",
        "without_amazon": "without Amazon",
        "no_trends": "no trends of firms",
    }
    by_name = {r["what"]: r for r in rows}
    for name, what in named.items():
        if what in by_name:
            r = by_name[what]
            found[name] = {
                "mid": plain(r["q50"], "contest.readings"),
                "low": plain(r["q05"], "contest.readings"),
                "high": plain(r["q95"], "contest.readings"),
                "learnt": percent(r["learnt"], "contest.readings"),
                "planner": percent(r["more_than_planner"], "contest.readings"),
                "joint": percent(r["more_than_joint_profit"], "contest.readings"),
            }
    evidence = {n: by_name[what]["log_evidence"] for n, what in named.items() if what in by_name}
    pairs = {
        "trends": ("as_set", "no_trends", 0),
        "only_less": ("below_one", "exact", 1),
        "either_way": ("as_set", "exact", 1),
    }
    for name, (one, other, digits) in pairs.items():
        if one in evidence and other in evidence:
            found[name] = plain(evidence[one] - evidence[other], "contest.readings", digits)
    return found
