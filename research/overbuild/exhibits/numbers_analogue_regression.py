"""The quoted numbers of the regression on past booms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain, quoted

WHAT = "analogue_regression"


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that the section quotes, by name below ``analogue_regression``."""
    ai, then = (results[f"estimate_{WHAT}_{e}"]["findings"] for e in ("ai", "telecom"))
    return {
        **_list(ai),
        "ai": _forecast(ai),
        "telecom": {**_list(then), **_forecast(then), "evidence": label(_evidence(results))},
        "coefficients": {row["name"]: _coefficient(row) for row in ai["coefficients"]},
        "errors": {row["name"]: percent(row["mean"], WHAT) for row in ai["errors"]},
        "wider": {
            "factor": plain(ai["wider_slopes"]["factor"], WHAT, 0),
            "ai": _band(ai["wider_slopes"]["forecast"]),
            "beta_debt": _coefficient({**ai["wider_slopes"]["beta_debt"], "learnt": 0.0}),
        },
        "debt_gap": _predicted(results[f"estimate_{WHAT}_ai"], "debt, overbuilt less others"),
        "scores": _scores(ai),
        "scores_1999": _scores(then),
        "halves": {
            "low": plain(ai["halves"]["p05"], WHAT),
            "high": plain(ai["halves"]["p95"], WHAT),
            "count": count(ai["halves"]["halves"], WHAT),
        },
        "shown": {f"life_{r['years']:.0f}_{'debt' if r['debt'] else 'none'}": _band(r) for r in ai["shown"]},
    }


def _evidence(results: Mapping[str, Any]) -> str:
    """Return as what the forecast for telecom is filed."""
    said = results[f"estimate_{WHAT}_telecom"]["forecasts"]
    return next((f["evidence"] for f in said if f["probability"] is not None), "an abstention")


def _list(found: Mapping[str, Any]) -> dict[str, Any]:
    labels, missing = found["labels"], {m["column"]: m["missing"] for m in found["missing"]}
    return {
        "booms": count(found["booms"], WHAT),
        "clusters": count(found["clusters"], WHAT),
        "overbuilt": count(labels["overbuilt"], WHAT),
        "partly": count(labels["partly"], WHAT),
        "differ": count(labels["differ_less_certain"], WHAT),
        "less_certain": count(labels["less_certain"], WHAT),
        "differ_high": count(labels["differ"] - labels["differ_less_certain"], WHAT),
        "short_lives": count(len(found["shortest_lives"]["booms"]), WHAT),
        "short_years": plain(found["shortest_lives"]["below_years"], WHAT, 0),
        "missing": {column: count(n, WHAT) for column, n in missing.items() if n is not None},
        "constant": _band(found["constant_rate"]),
    }


def _forecast(found: Mapping[str, Any]) -> dict[str, Any]:
    at, assumed, first = found["forecast"], found["assumed"], found["reading"]["partly"]
    means = [row["mean"] for row in found["by_reading"]]
    by_psi = {f"{r['psi']:g}": r for r in found["by_reading"] if r["partly"] == first}
    return {
        **_band(at),
        "learnt": percent(at["learnt"], WHAT),
        "prior": _band(at["prior"]),
        "lowest": plain(min(means), WHAT),
        "highest": plain(max(means), WHAT),
        "psi": {f"at_{name.replace('.', '_')}": _band(r) for name, r in by_psi.items()},
        "life": {
            "low": plain(assumed["life_q05"], WHAT, 0),
            "middle": plain(assumed["life_q50"], WHAT, 0),
            "high": plain(assumed["life_q95"], WHAT, 0),
        },
        "debt": percent(assumed["debt"], WHAT),
    }


def _predicted(result: Mapping[str, Any], statistic: str) -> dict[str, Any]:
    """Return a statistic of the list, and how it compares with lists drawn anew from the fit."""
    row = next(r for r in result["predictive"]["posterior"] if r["statistic"] == statistic)
    ends = {end: plain(row[end], WHAT) for end in ("observed", "low", "high")}
    return {**ends, "p_value": plain(row["p_value"], WHAT, 3)}


def _coefficient(row: Mapping[str, Any]) -> dict[str, Any]:
    signed = {end: _signed(row[key]) for end, key in (("mean", "mean"), ("low", "q05"), ("high", "q95"))}
    return {**signed, "learnt": percent(max(row["learnt"], 0.0), WHAT)}


def _scores(found: Mapping[str, Any]) -> dict[str, Any]:
    scores = found["scores"]
    out: dict[str, Any] = {
        name: {"log": plain(s["log"], WHAT, 3), "brier": plain(s["brier"], WHAT, 3)}
        for name, s in scores["scores"].items()
    }
    for rival, by in scores["difference"].items():
        out[rival]["better_by"] = {end: plain(by["log"][end], WHAT, 3) for end in ("mean", "low", "high")}
    return out


def _band(row: Mapping[str, float]) -> dict[str, Any]:
    return {"mean": plain(row["mean"], WHAT), "low": plain(row["q05"], WHAT), "high": plain(row["q95"], WHAT)}


def _signed(value: float) -> dict[str, Any]:
    return quoted(value, f"{value:+.2f}")
