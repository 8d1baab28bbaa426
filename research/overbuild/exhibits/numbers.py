"""Every number that the text quotes, as a value and as it is written; the text quotes no other.

A number is ``{"value": ..., "text": ...}`` at a dotted name such as ``telecom.fall_3``. The paper and the
README print the text, tests read the value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from overbuild.errors import InputError
from overbuild.exhibits import numbers_models as modelled
from overbuild.exhibits import numbers_outside as outside
from overbuild.exhibits.quoting import billion, count, label, percent, plain

EVENTS = ("O1", "O2", "O3", "O4", "O5", "composite")
WORDS = {True: "true", False: "false", None: "unknown"}


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return every quoted number, nested by subject.

    Parameters
    ----------
    results
        Name of a result to its content: ``measures_ai``, ``measures_telecom``, ``score_ai``,
        ``score_telecom``, ``baserate``, ``forecast_baserate``, ``analogue_rate``, ``probability``,
        ``checks``, ``data_summary``, and those of `overbuild.exhibits.numbers_models`.

    Raises
    ------
    InputError
        If a result lacks a figure that the text quotes; the message names it.
    """
    return {
        "as_of": _day(results["measures_ai"]["as_of"]),
        "data": _data(results["data_summary"]),
        "ai": _ai(results["measures_ai"])
        | {"events": _verdicts(results["score_ai"]), "unknown": _unknown(results["score_ai"])},
        "telecom": _telecom(results["measures_telecom"])
        | _doublings(results["measures_telecom"], results["baserate"]["rule"])
        | {"events": _verdicts(results["score_telecom"])},
        "evidence": _evidence(results["score_telecom"]),
        "thresholds": _thresholds(results["score_telecom"]),
        "baserate": outside.base_rate(results["baserate"]),
        "analogues": _analogues(results["analogue_rate"]),
        "probability": _probability(results["probability"])
        | {
            "readings": outside.readings(
                outside.counted(results["probability"]), results["forecast_baserate"]
            ),
            "basis": outside.basis(
                outside.counted(results["probability"]), results["baserate"], _window(results)
            ),
        },
        "quiet": outside.quiet(results["baserate"], _window(results)),
        "checks": outside.checks(results["checks"]),
        **modelled.numbers(results),
    }


def _data(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: count(summary[name], f"data_summary.{name}") for name in ("files", "rows", "series", "booms")
    } | {"share_ab": percent(summary["share_ab"], "data_summary.share_ab")}


def _ai(measures: Mapping[str, Any]) -> dict[str, Any]:
    last = _last(measures["trailing"], "measures_ai.trailing")
    annual = _perimeter(measures, "big_five")
    year = annual[-1]
    first = next(r for r in annual if int(r["period"]) == int(year["period"]) - 3)
    over = sorted(f for f, r in measures["latest"].items() if (r["capex_to_operating_cash_flow"] or 0) > 1)
    quarter = sorted(
        f for f, r in measures["latest"].items() if (r["capex_to_operating_cash_flow_quarter"] or 0) > 1
    )
    return {
        "quarter": label(_quarter(last["period"])),
        "capex": billion(last["capex"], "AI capex of the trailing year"),
        "share_of_gdp": plain(last["share_of_gdp"], "AI share of GDP of the trailing year"),
        "growth": percent(last["growth"], "AI growth over the trailing year"),
        "drawdown": percent(last["drawdown"], "AI drawdown"),
        "to_cash_flow": plain(last["capex_to_operating_cash_flow"], "AI capex over operating cash flow"),
        "to_revenue": plain(last["capex_to_revenue"], "AI capex over revenue"),
        "year": label(year["period"]),
        "capex_year": billion(year["capex"], "AI capex of the last whole year"),
        "multiple_3": plain(year["capex"] / first["capex"], "AI capex over three years before", 1),
        "before": label(first["period"]),
        "over_cash_flow": _names(over),
        "over_cash_flow_quarter": _names(quarter),
        "take_off": label(measures["take_off"] or "not yet"),
    }


def _telecom(measures: Mapping[str, Any]) -> dict[str, Any]:
    boom = [r for r in _perimeter(measures, "narrow") if 1990 <= int(r["period"]) <= 2003]
    peak = max(boom, key=lambda r: r["capex"])
    after = {int(r["period"]) - int(peak["period"]): r for r in boom}
    trough = min((r for r in boom if r["period"] > peak["period"]), key=lambda r: r["capex"])
    share = max(boom, key=lambda r: r["share_of_gdp"])
    before = next(r for r in boom if r["period"] == "1996")
    return {
        "peak": label(peak["period"]),
        "capex_peak": billion(peak["capex"], "telecom capex at the peak"),
        "capex_1996": billion(before["capex"], "telecom capex in 1996"),
        "capex_trough": billion(trough["capex"], "telecom capex at the trough"),
        "trough": label(trough["period"]),
        "share_of_gdp_peak": plain(share["share_of_gdp"], "telecom share of GDP at its peak"),
        "share_of_gdp_1996": plain(before["share_of_gdp"], "telecom share of GDP in 1996"),
        **{f"fall_{h}": percent(after[h]["drawdown"], f"telecom fall {h} years after", 1) for h in (1, 2, 3)},
    }


def _doublings(measures: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far telecom had risen over the window of a run-up, and when that was a run-up."""
    out: dict[str, Any] = {}
    for name in ("narrow", "broad"):
        capex = {int(r["period"]): r["capex"] for r in _perimeter(measures, name)}
        rises = {y: capex[y] / capex[y - rule["window_years"]] for y in range(1990, 2004)}
        found = [str(y) for y, rise in rises.items() if rise >= rule["run_up"]]
        out[f"{name}_rise"] = plain(max(rises.values()), f"telecom rise, {name}")
        shares = {int(r["period"]): r["share_of_gdp"] for r in _perimeter(measures, name)}
        out[f"{name}_share_peak"] = plain(max(shares[y] for y in rises), f"telecom share of GDP, {name}")
        out[f"{name}_run_ups"] = {"value": found, "text": ", ".join(found) or "no year"}
    return out


def _verdicts(score: Mapping[str, Any]) -> dict[str, Any]:
    primary = {e: label(WORDS[score["definitions"][e]["primary"]["holds"]]) for e in EVENTS}
    variants = {
        f"{e}_{v['id']}": label(WORDS[v["holds"]])
        for e in EVENTS
        for v in score["definitions"][e]["variants"]
    }
    return primary | variants


def _unknown(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return the primary events O1 to O5 that are unknown."""
    return _names([e for e in EVENTS[:5] if score["definitions"][e]["primary"]["holds"] is None])


def _evidence(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the telecom verdicts rest on, by event and variant."""
    found = {}
    for event in EVENTS:
        entry = score["definitions"][event]
        for judged in (entry["primary"], *entry["variants"]):
            if judged["value"] is not None:
                name = event if judged["id"] == "primary" else f"{event}_{judged['id']}"
                ends = [k for k in ("value", "low", "high") if judged[k] is not None]
                found[name] = {k: plain(judged[k], f"{name}.{k}") for k in ends}
                found[name] |= {f"percent_{k}": percent(judged[k], f"{name}.{k}", 1) for k in ends}
                if event == "O4":
                    if judged["high"] is not None:
                        found[name]["edge"] = plain(math.exp(judged["high"]), f"{name}.high", 3)
                    found[name] |= {f"ratio_{k}": plain(math.exp(judged[k]), f"{name}.{k}") for k in ends}
    return found


def _thresholds(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return the thresholds that the definitions state."""
    primary = {e: score["definitions"][e]["primary"]["thresholds"] for e in EVENTS}
    severe = next(v for v in score["definitions"]["O3"]["variants"] if v["id"] == "severe")
    return {
        "O2_ratio": percent(primary["O2"]["ratio"], "threshold of O2"),
        "O3_fall": percent(primary["O3"]["fall"], "threshold of O3"),
        "O3_severe": percent(severe["thresholds"]["fall"], "threshold of O3/severe"),
        "O3_window": plain(primary["O3"]["window_years"], "window of O3", 0),
        "O4_excess": percent(primary["O4"]["ratio"] - 1, "threshold of O4"),
        "O4_ratio": plain(primary["O4"]["ratio"], "threshold of O4", 1),
        "O5_excess": percent(primary["O5"]["excess"], "threshold of O5"),
        "O5_years": plain(primary["O5"]["years"], "years of O5", 0),
    }


def _analogues(rate: Mapping[str, Any]) -> dict[str, Any]:
    means = [e["mean"] for e in rate["sensitivity"]]
    main, critic = rate["counts"]["main"], rate["counts"]["critic"]
    return {
        "booms": count(rate["booms"], "analogue_rate.booms"),
        "open": count(rate["open"], "analogue_rate.open"),
        **{name: count(main[name], f"analogue_rate.counts.{name}") for name in ("yes", "partly", "no")},
        "yes_critic": count(critic["yes"], "analogue_rate.counts.critic"),
        "mean": plain(rate["posterior"]["mean"], "analogue_rate.posterior"),
        "low": plain(rate["posterior"]["interval"][0], "analogue_rate.posterior"),
        "high": plain(rate["posterior"]["interval"][1], "analogue_rate.posterior"),
        "lowest": plain(min(means), "analogue_rate.sensitivity"),
        "highest": plain(max(means), "analogue_rate.sensitivity"),
    }


def _probability(answer: Mapping[str, Any]) -> dict[str, Any]:
    headline, ranges = answer["headline"], answer["ranges"]
    out = {
        "event": label(headline["event"]),
        "by": label(_quarter(headline["by"])),
        "year": label(headline["by"][:4]),
        "headline": plain(headline["probability"], "probability.headline"),
        "by_horizon": {},
    }
    for name, (low, high) in ranges.items():
        out[name] = {"low": plain(low, f"probability.{name}"), "high": plain(high, f"probability.{name}")}
    for found in answer["by_event"].values():
        for forecast in (f for f in found if f["event"] == headline["event"] and f["model"] == "baserate"):
            out["by_horizon"][forecast["by"][:4]] = plain(forecast["probability"], "probability.by_event")
    return out


def _window(results: Mapping[str, Any]) -> float:
    return results["score_telecom"]["definitions"]["O3"]["primary"]["thresholds"]["window_years"]


def _perimeter(measures: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = [r for r in measures["annual"] if r["perimeter"] == name and r["capex"] is not None]
    if not rows:
        raise InputError(f"The measures of '{measures['episode']}' hold no capex of the perimeter '{name}'.")
    return rows


def _last(rows: Sequence[dict[str, Any]], what: str) -> dict[str, Any]:
    if not rows:
        raise InputError(f"{what} is empty: no trailing year is known.")
    return rows[-1]


def _names(firms: Sequence[str]) -> dict[str, Any]:
    return {
        "value": list(firms),
        "text": " and ".join(", ".join(firms).rsplit(", ", 1)) or "none of the five",
    }


def _quarter(period: str) -> str:
    """Return a quarter in words (``2026Q2`` as ``the second quarter of 2026``); a year as it is."""
    if "Q" not in period:
        return period
    ordinals = ("first", "second", "third", "fourth")
    return f"the {ordinals[int(period[-1]) - 1]} quarter of {period[:4]}"


def _day(text: str) -> dict[str, Any]:
    day = date.fromisoformat(text)
    return {"value": text, "text": f"{day.day} {day:%B %Y}"}
