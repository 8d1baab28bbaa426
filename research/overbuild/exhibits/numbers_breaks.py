"""The quoted numbers of the plain time series: breaks, regimes, distance from trend, responses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain

KIND = {"level": "level", "level and trend": "trend"}
RULES = {
    "components": "components",
    "components, hindsight": "hindsight",
    "trend before": "before",
    "regression": "regression",
}
SHARES = {"information_processing_to_gdp": "it", "capex_to_gdp": "own"}
DRIVERS = {
    "cash flow": "cash_flow",
    "credit spread": "spread",
    "policy rate": "rate",
    "rivals' spending": "rivals",
}
YEARS = ("1998", "1999", "2000", "2001", "2002")


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``breaks``.

    Parameters
    ----------
    results
        Name to content of ``spending_breaks``, ``spending_regimes``, ``spending_trend`` and
        ``spending_response``.
    """
    return {
        **_breaks(results["spending_breaks"]),
        "regimes": _regimes(results["spending_regimes"]),
        "trend": _trend(results["spending_trend"]),
        "response": _responses(results["spending_response"]),
    }


def _breaks(found: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"ai": {}, "telecom": {}}
    for row in found["result"]:
        window = "" if row["window"] == "whole" else "quiet_"
        name = f"{window}{row['series']}_{KIND[row['model']]}"
        detail = found["detail"].get(f"{row['era']}.{row['series']}.{row['model']}")
        made[row["era"]][name] = {
            "number": count(row["number"], name),
            "p": plain(row["p_sup_f"], name, 3),
            "periods": count(row["periods"], name),
            "bic": count(row["by_bic"], name),
            "at": label(row["one_break_at"]),
        } | (_dates(detail["breaks"]) if detail and not window else {})
    for era in ("ai", "telecom"):
        placebo = found["detail"][f"{era}.placebo"]
        made[era]["placebo"] = {
            KIND[k]: {"p": plain(placebo[k]["own_p"], k, 3), "below": percent(placebo[k]["below"], k)}
            for k in KIND
        }
        made[era]["seen"] = _seen([r for r in found["seen"] if r["era"] == era])
    quiet = found["detail"]["ai.placebo"]
    return made | {
        "windows": count(quiet["level"]["windows"], "breaks.windows"),
        "quarters": count(quiet["quarters"], "breaks.quarters"),
        "rejected": percent(quiet["level and trend"]["rejected"], "breaks.rejected"),
        "design": _design(found["design"]),
    }


def _dates(breaks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        f"break_{i + 1}": {
            "date": label(b["date"]),
            "low": label(b["low"]),
            "high": label(b["high"]),
            "before": percent(math.expm1(b["slope_before"]), "breaks.slope"),
            "after": percent(math.expm1(b["slope_after"]), "breaks.slope"),
        }
        for i, b in enumerate(breaks)
    }


def _seen(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the first day on which a break was found and stayed found, and what was known then."""
    first = next((i for i in range(len(rows)) if all(r["number"] for r in rows[i:])), None)
    if first is None:
        return {"first": label("none of the days"), "last": label("-"), "p_before": label("-")}
    return {
        "first": label(rows[first]["as_of"]),
        "last": label(rows[first]["last"]),
        "date": label(rows[first]["dates"][-1]),
        "before": label(rows[first - 1]["as_of"]) if first else label("-"),
        "p_before": plain(rows[first - 1]["p"], "breaks.seen") if first else label("-"),
    }


def _design(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    short = [d for d in rows if d["periods"] == 40 and d["correlation"] > 0]
    power = next(d for d in short if d["correlation"] == 0.5 and not d["trend"])
    return {
        "periods": count(power["periods"], "breaks.design"),
        "least": plain(min(d["correlation"] for d in short), "breaks.design", 1),
        "most": plain(max(d["correlation"] for d in short), "breaks.design"),
        "low": percent(min(d["asymptotic"] for d in short), "breaks.design"),
        "high": percent(max(d["asymptotic"] for d in short), "breaks.design"),
        "size": percent(max(d["size"] for d in rows), "breaks.design", 1),
        "power": percent(power["power"], "breaks.design"),
        "repetitions": count(power["repetitions"], "breaks.design"),
    }


def _regimes(found: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for row in found["result"]:
        year = found["detail"][f"{row['era']}.{row['series']}"]["ahead"]
        name = row["era"] if row["main"] else f"{row['era']}_{row['series']}"
        made[name] = {
            **{k: percent(row[f"growth_{k}"], name, 1) for k in ("low", "high")},
            **{f"{k}_error": percent(row[f"growth_{k}_error"], name, 1) for k in ("low", "high")},
            **{f"sd_{k}": percent(row[f"sd_{k}"], name) for k in ("low", "high")},
            "now": plain(row["now_filtered"], name),
            "p": plain(row["p_linear"], name, 3),
            "gain": plain(row["gain_over_linear"], name, 1),
            "optima": percent(row["optima"], name),
            "median": percent(math.expm1(year["year"]["q50"]), name),
            "q05": percent(math.expm1(year["year"]["q05"]), name),
            "q95": percent(math.expm1(year["year"]["q95"]), name),
            "falls": percent(year["falls"], name),
        }
    then = found["detail"]["telecom.capex"]
    chances = dict(zip(then["periods"], then["filtered"], strict=True))
    return made | {f"y{year}": plain(chances.get(year), "breaks.regimes") for year in YEARS}


def _trend(found: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for row in found["result"]:
        if row["rule"] not in RULES or row["series"] not in SHARES:
            continue
        name = f"{row['era']}_{SHARES[row['series']]}"
        own = made.setdefault(name, {"share": plain(row["percent_of_gdp"], name), "at": label(row["at"])})
        own[RULES[row["rule"]]] = {"gap": percent(row["above_trend"], name)} | {
            end: percent(row[end], name) for end in ("low", "high") if row[end] is not None
        }
    return made


def _responses(found: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for row in found["result"]:
        if row["response"] is None:
            continue
        name = f"{row['era']}_{DRIVERS[row['driver']]}"
        made[name] = {
            "response": percent(math.expm1(row["response"]), name),
            "low": percent(math.expm1(row["low"]), name),
            "high": percent(math.expm1(row["high"]), name),
            "p": plain(row["p_holm"], name),
            "periods": count(row["periods"], name),
        }
    return made
