"""The quoted numbers of the reaction functions, their design, the mechanisms and the guidance cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain, quoted
from overbuild.exhibits.wording import number, typographic

FREE = ("two_way", "cce", "factors_1", "factors_2", "giv")
"""Estimators that allow for common shocks."""
SHORT, LONG = 34, 400


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
        "mechanisms": _mechanisms(results["mechanisms"]),
        "guidance": _guidance(results["guidance_cases"]["summary"]),
    }


def _estimate(r: Mapping[str, Any]) -> dict[str, Any]:
    name = f"reaction.{r['estimator']}"
    ends = {
        end: _rounded(r[end]) if r[end] is not None else quoted(None, infinite)
        for end, infinite in (("low", "-∞"), ("high", "∞"))
    }
    return {"b": plain(r["b"], name), **ends, "p": plain(r["p_randomisation"], name)}


def _rounded(value: float) -> dict[str, Any]:
    """Return a number of two decimals, without the sign where they are zero."""
    return quoted(value, number(value))


def _others(others: Mapping[str, Any]) -> dict[str, Any]:
    """Return one factor without Oracle, the estimate that another reading moves most."""
    row = next(r for r in others["without Oracle"] if r["estimator"] == "factors_1")
    return {k: plain(row[k], "reaction.others") for k in ("b", "low", "high")}


def _prediction(p: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        k: plain(p[k], f"reaction.predictions.{p['id']}") for k in ("b", "low", "high") if p[k] is not None
    }
    return told | {"verdict": label(p["verdict"])}


def _design(d: Mapping[str, Any]) -> dict[str, Any]:
    rows = {(r["world"], r["truth"], r["quarters"], r["estimator"]): r for r in d["rows"]}
    sizes = {(s["world"], s["estimator"], s["inference"]): s["size"] for s in d["sizes"]}

    def bias(world: str, quarters: int, name: str) -> dict[str, Any]:
        return plain(rows[world, 0.0, quarters, name]["bias"], "reaction.design")

    def cover(world: str, name: str) -> dict[str, Any]:
        return plain(rows[world, 0.0, SHORT, name]["coverage"], "reaction.design")

    free = [rows["product", 0.0, SHORT, n]["bias"] for n in FREE]
    power = [rows["none", 0.3, SHORT, n]["rejects"] for n in ("two_way", "cce", "giv")]
    return {
        "replications": count(d["replications"], "reaction.design"),
        "quarters": count(d["quarters"], "reaction.design"),
        "ols": {"none": bias("none", SHORT, "ols"), "common": bias("common", SHORT, "ols")},
        "ols_long": bias("common", LONG, "ols"),
        "ols_cover": cover("common", "ols"),
        "two_way": {"common": bias("common", SHORT, "two_way"), "product": bias("product", SHORT, "two_way")},
        "two_way_long": bias("product", LONG, "two_way"),
        "factors_cover": cover("common", "factors_1"),
        "giv_cover": cover("product", "giv"),
        "product": {"low": plain(min(free), "reaction.design"), "high": plain(max(free), "reaction.design")},
        "power": {"low": plain(min(power), "reaction.design"), "high": plain(max(power), "reaction.design")},
        "size_firm": plain(sizes["common", "two_way", "cr1_firm"], "reaction.design"),
        "size_relabelled": plain(sizes["common", "two_way", "relabelled"], "reaction.design"),
        "size_shifted": plain(sizes["common", "ols", "shifted"], "reaction.design"),
    }


def _mechanisms(m: Mapping[str, Any]) -> dict[str, Any]:
    posterior = [r["posterior"] for r in m["mechanisms"]]
    most = [r["factor"] for r in m["readings"]]
    found = {(r["quarters"], r["truth"]): r["weight"] for r in m["found"]}
    short = [w for (q, _), w in found.items() if q == SHORT]
    long = [w for (q, _), w in found.items() if q == LONG]
    wrong = next(r for r in m["panels"] if r["shocks"] == "product" and r["quarters"] == LONG)
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
        "strained": count(m["coefficients"][0]["strained"], "reaction.mechanisms"),
        "wrong": plain(wrong["wrong"], "reaction.mechanisms"),
        "stated": plain(m["calibration"]["stated"], "reaction.mechanisms", 3),
        "squared": plain(m["calibration"]["squared"], "reaction.mechanisms", 3),
    }


def _guidance(s: Mapping[str, Any]) -> dict[str, Any]:
    names = ("revisions", "alike", "rises", "cuts", "rises_after_a_rival", "statement_days",
             "statement_days_after_a_rival", "window")  # fmt: skip
    return {n: count(s[n], "reaction.guidance") for n in names}
