"""The quoted numbers of the reaction functions, their design, the mechanisms and the guidance cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain, quoted
from overbuild.exhibits.wording import number, span, typographic

SPARED = "factors_2"
"""The estimator that shocks to products move least."""
LEFT = ("two_way", "cce", "factors_1", "giv")
"""The others that allow for common shocks."""
TITLES = {
    "ols": "least squares",
    "ols_supplier": "least squares with the supplier",
    "two_way": "time effects",
    "cce": "averages",
    "factors_1": "one factor",
    "factors_2": "two factors",
    "giv": "the instrument",
}
READINGS = {
    "equal weights": "under equal weights",
    "without Oracle": "without Oracle",
    "Oracle’s rivals two quarters before": "with Oracle’s rivals two quarters before",
    "growth by year": "on growth by year",
}
LATER = "Oracle’s rivals two quarters before"


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``reaction``.

    Parameters
    ----------
    results
        Name to content of ``reaction``, ``reaction_design``, ``mechanisms`` and ``guidance_cases``.
    """
    found = results["reaction"]
    rows = {r["estimator"]: r for r in found["estimators"]}
    panel = found["panel"]
    return {
        "first": label(panel["first"]),
        "last": label(panel["last"]),
        "quarters": count(panel["quarters"], "reaction.quarters"),
        "correlation": plain(panel["correlation"], "reaction.correlation"),
        "estimates": {n: _estimate(r) for n, r in rows.items()},
        "sentence": label(typographic(found["sentence"])),
        "left": percent(rows["two_way"]["left"], "reaction.left"),
        "first_stage": plain(rows["giv"]["first_stage"], "reaction.first_stage", 0),
        "peers": plain(found["peers_line"], "reaction.peers_line"),
        "others": _others(found["others"]),
        "predictions": {p["id"]: _prediction(p) for p in found["predictions"]},
        "telecom": {
            "longest": count(found["telecom"]["longest"]["years"], "reaction.telecom"),
            "carrier": label(found["telecom"]["longest"]["carrier"]),
        },
        "design": _design(results["reaction_design"]),
        "overlap": {k: percent(found["overlap"][k], "reaction.overlap") for k in ("low", "high")}
        | {"firms": count(found["overlap"]["firms"], "reaction.overlap")},
        "strained": label(" and ".join(f"{k} of {f}" for f, k in panel["strained_firms"].items())),
        "mechanisms": _mechanisms(results["mechanisms"]),
        "guidance": _guidance(results["guidance_cases"]["summary"]),
    }


def _estimate(r: Mapping[str, Any]) -> dict[str, Any]:
    name = f"reaction.{r['estimator']}"
    ends = {
        end: _rounded(r[end]) if r[end] is not None else quoted(None, infinite)
        for end, infinite in (("low", "-∞"), ("high", "∞"))
    }
    told = {"b": plain(r["b"], name), **ends}
    for short, long, decimals in (("p", "p_randomisation", 2), ("wild", "p_wild_time", 3)):
        if r[long] is not None:
            told[short] = plain(r[long], name, decimals)
    return told


def _rounded(value: float) -> dict[str, Any]:
    """Return a number of two decimals, without the sign where they are zero."""
    return quoted(value, number(value))


def _others(others: Mapping[str, Any]) -> dict[str, Any]:
    """Return the estimates of other readings whose intervals leave out zero, and how Oracle's months tell."""
    every = [(name, r) for name, rows in others.items() for r in rows if r["b"] is not None]
    apart = [
        f"{TITLES[r['estimator']]} {READINGS.get(name, name)} {number(r['b'])} ({span(r['low'], r['high'])})"
        for name, r in every
        if _leaves_out_zero(r)
    ]
    moved = {
        short: {r["estimator"]: plain(r["b"], "reaction.others") for r in others[name] if r["b"] is not None}
        for short, name in (("later", LATER), ("without", "without Oracle"))
    }
    strength = {
        f"first_stage_{short}": plain(r["first_stage"], "reaction.others", 0)
        for short, name in (("later", LATER), ("without", "without Oracle"))
        for r in others[name]
        if r["estimator"] == "giv"
    }
    return {
        "count": count(len(every), "reaction.others"),
        "apart": label("; ".join(apart) or "none"),
        "apart_count": count(len(apart), "reaction.others"),
        **moved,
        **strength,
    }


def _leaves_out_zero(r: Mapping[str, Any]) -> bool:
    return (r["low"] is not None and r["low"] > 0) or (r["high"] is not None and r["high"] < 0)


def _prediction(p: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        k: plain(p[k], f"reaction.predictions.{p['id']}") for k in ("b", "low", "high") if p[k] is not None
    }
    return told | {"verdict": label(p["verdict"])}


def _design(d: Mapping[str, Any]) -> dict[str, Any]:
    rows = {(r["world"], r["truth"], r["quarters"], r["estimator"]): r for r in d["rows"]}
    short, long, truth = d["quarters"], d["long"], d["truth"]
    sizes = {(s["world"], s["estimator"], s["inference"]): s["size"] for s in d["sizes"]}

    def bias(world: str, quarters: int, name: str) -> dict[str, Any]:
        return _rounded(rows[world, 0.0, quarters, name]["bias"])

    def cover(world: str, name: str) -> dict[str, Any]:
        return plain(rows[world, 0.0, short, name]["coverage"], "reaction.design")

    def error(world: str, quarters: int, name: str) -> dict[str, Any]:
        return plain(rows[world, 0.0, quarters, name]["error"], "reaction.design")

    free = [rows["product", 0.0, short, n]["bias"] for n in LEFT]
    free_long = [rows["product", 0.0, long, n]["bias"] for n in LEFT]
    errors = [rows["product", 0.0, short, n]["error"] for n in LEFT]
    power = [rows["none", truth, short, n]["rejects"] for n in ("two_way", "cce", "giv")]
    return {
        "replications": count(d["replications"], "reaction.design"),
        "few": count(d["few"], "reaction.design"),
        "sized": count(d["sizes"][0]["replications"], "reaction.design"),
        "quarters": count(short, "reaction.design"),
        "long": count(long, "reaction.design"),
        "truth": plain(truth, "reaction.design", 1),
        "ols": {"none": bias("none", short, "ols"), "common": bias("common", short, "ols")},
        "ols_long": bias("common", long, "ols"),
        "ols_cover": cover("common", "ols"),
        "two_way": {
            "common": bias("common", short, "two_way"),
            "error": error("common", short, "two_way"),
            "product": bias("product", short, "two_way"),
        },
        "spared": {"b": bias("product", short, SPARED), "error": error("product", short, SPARED)},
        "spared_long": {"b": bias("product", long, SPARED), "error": error("product", long, SPARED)},
        "factors_cover": cover("common", "factors_1"),
        "spared_cover": cover("common", SPARED),
        "giv_cover": cover("product", "giv"),
        "product": {"low": plain(min(free), "reaction.design"), "high": plain(max(free), "reaction.design")},
        "product_long": {
            "low": plain(min(free_long), "reaction.design"),
            "high": plain(max(free_long), "reaction.design"),
        },
        "error": plain(max(errors), "reaction.design"),
        "power": {"low": plain(min(power), "reaction.design"), "high": plain(max(power), "reaction.design")},
        "size_firm": plain(sizes["common", "two_way", "cr1_firm"], "reaction.design"),
        "size_relabelled": plain(sizes["common", "two_way", "relabelled"], "reaction.design"),
        "size_shifted": plain(sizes["common", "ols", "shifted"], "reaction.design"),
    }


def _mechanisms(m: Mapping[str, Any]) -> dict[str, Any]:
    posterior = [r["posterior"] for r in m["mechanisms"]]
    most = [r["factor"] for r in m["readings"]]
    found = {(r["quarters"], r["truth"]): r["weight"] for r in m["found"]}
    quarters, far = m["quarters"], max(q for q, _ in found)
    short = [w for (q, _), w in found.items() if q == quarters]
    long = [w for (q, _), w in found.items() if q == far]
    panels = {r["shocks"]: r for r in m["panels"] if r["quarters"] == far and r["truth"] == "none"}
    ideal = next(r for r in m["found"] if r["quarters"] == far and r["truth"] == "none")
    fit = {c["by"]: c["predictive"].values() for c in m["coefficients"]}
    first, checked = m["as_first_set"], m["panel_calibration"]
    what = "reaction.mechanisms"
    return {
        "rows": count(len(posterior), "reaction.mechanisms"),
        "patterns": count(len(m["patterns"]), "reaction.mechanisms"),
        "prior": plain(m["mechanisms"][0]["prior"], "reaction.mechanisms"),
        "low": plain(min(posterior), "reaction.mechanisms"),
        "high": plain(max(posterior), "reaction.mechanisms"),
        "least": plain(m["rule"]["least_factor"], "reaction.mechanisms", 0),
        "readings": count(m["rule"]["readings"], "reaction.mechanisms"),
        "factor": {
            "low": plain(min(most), "reaction.mechanisms", 1),
            "high": plain(max(most), "reaction.mechanisms", 1),
        },
        "identified": label("identified" if m["identified"] else "not identified"),
        "short": {
            "low": plain(min(short), "reaction.mechanisms"),
            "high": plain(max(short), "reaction.mechanisms"),
        },
        "long": {
            "low": plain(min(long), "reaction.mechanisms"),
            "high": plain(max(long), "reaction.mechanisms"),
        },
        "first_set": {
            "low": plain(first["low"], what, 1),
            "high": plain(first["high"], what, 1),
            "one": plain(len(posterior), what, 1),
            "two": plain(len(posterior) / 2, what, 1),
            "answer": label("nothing either" if first["leader"] is None else first["leader"]),
        },
        "fit": {
            short_: {"low": plain(min(fit[by]), what), "high": plain(max(fit[by]), what)}
            for short_, by in (("time", "time effects"), ("factor", "one factor"))
        },
        "tight": {
            short_: {k: plain(m["strained"][by][k], what) for k in ("b", "low", "high")}
            for short_, by in (("time", "time effects"), ("factor", "one factor"))
        },
        "long_quarters": count(far, what),
        "strained": count(m["coefficients"][0]["strained"], what),
        "panels": {
            "count": count(panels["product"]["count"], what),
            **{
                f"{shocks}{one}": plain(r[f"wrong{one}"], what)
                for shocks, r in (*panels.items(), ("unbiased", ideal))
                for one in ("", "_one")
            },
        },
        "calibration": {k: plain(checked[k], what) for k in ("stated", "squared", "error")}
        | {"count": count(checked["count"], what)},
    }


def _guidance(s: Mapping[str, Any]) -> dict[str, Any]:
    names = ("revisions", "alike", "rises", "cuts", "not_alike", "rises_dated", "rises_after_a_rival",
             "statement_days", "statement_days_after_a_rival", "window")  # fmt: skip
    return {n: count(s[n], "reaction.guidance") for n in names}
