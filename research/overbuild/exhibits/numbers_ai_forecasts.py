"""The numbers that the text quotes of AI's sub-forecasts and of leave-future-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.ai_forecasts_named import AHEAD
from overbuild.exhibits.quoting import count, label, percent, plain

NEEDS = ("hindcasts_ai",)
PANELS = {"capex": "ai_capex", "cash": "ai_free_cash_flow"}
HORIZONS = {1: "one", 2: "two", 4: "four"}
NOT_NAIVE = ("quarterly", "arima", "unobserved_components")
BELOW = 0.05


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the quoted numbers, by name below ``ai_forecasts``."""
    found = results[NEEDS[0]]
    scores = found["scores"]
    walk = [s for s in scores if s["model"] == "random_walk" and s["panel"] == PANELS["capex"]]
    tested = [s["test"]["p_value"] for s in scores if s["test"] and s["test"]["p_value"] is not None]
    made: dict[str, Any] = {
        "origins": count(max(s["n"] for s in walk), "ai_forecasts.origins"),
        "first": label(walk[0]["first"]),
        "last": label(max(s["last"] for s in walk)),
        "tests": count(len(tested), "ai_forecasts.tests"),
        "below": count(sum(p < BELOW for p in tested), "ai_forecasts.below"),
        "correlation": plain(found["cash"]["correlation"], "ai_forecasts.correlation"),
        "lfo": _left_out(found["lfo"]),
    }
    for model in ("random_walk", *NOT_NAIVE):
        mine = [s for s in scores if s["model"] == model]
        made[model] = {
            **{
                name: {HORIZONS[s["horizon"]]: _score(s) for s in mine if s["panel"] == panel}
                for name, panel in PANELS.items()
            },
            "won": count(sum(bool(s["won"]) for s in mine), "ai_forecasts.won"),
            "of": count(len(mine), "ai_forecasts.of"),
        }
    made["quarterly"]["first"] = label(next(s["first"] for s in scores if s["model"] == "quarterly"))
    guided = [s for s in scores if s["model"] == "guidance" and s["panel"] == PANELS["capex"]]
    made["guidance"] = {HORIZONS[s["horizon"]]: count(s["n"], "ai_forecasts.guidance") for s in guided} | {
        "bias": percent(next((s["bias"] for s in guided if s["horizon"] == min(AHEAD)), 0.0), "guidance.bias")
    }
    return made


def _score(s: Mapping[str, Any]) -> dict[str, Any]:
    """Return one score: shares in per cent, p-values as they are; skill only against another model."""
    made = {
        "n": count(s["n"], "ai_forecasts.n"),
        "covered": percent(s["covered_90"], "ai_forecasts.covered"),
        "bias": percent(s["bias"], "ai_forecasts.bias")
        if s["panel"] == PANELS["capex"]
        else plain(s["bias"], "ai_forecasts.bias", 1),
    }
    if s["skill"] is not None:
        made["skill"] = percent(s["skill"], "ai_forecasts.skill")
        made["lost"] = percent(-s["skill"], "ai_forecasts.lost")
    if s["test"] and s["test"]["p_value"] is not None:
        made["p"] = plain(s["test"]["p_value"], "ai_forecasts.p")
    return made


def _left_out(found: Mapping[str, Any]) -> dict[str, Any]:
    steps: Sequence[Mapping[str, Any]] = found["steps"]
    carried = [s for s in steps if not s["refitted"]]
    differences = [
        abs(c["crps_carried"] - c["crps_fitted"]) / c["crps_fitted"] for c in found["checked"]
    ] or [0.0]
    in_logs = [abs(c["log_score_carried"] - c["log_score_fitted"]) for c in found["checked"]] or [0.0]
    checked = {c["target"].rsplit("/", 1)[0] for c in found["checked"]}
    return {
        "origins": count(len(steps), "ai_forecasts.lfo.origins"),
        "fits": count(len(steps) - len(carried), "ai_forecasts.lfo.fits"),
        "threshold": plain(found["threshold"], "ai_forecasts.lfo.threshold", 1),
        "least": count(round(found["least_effective"]), "ai_forecasts.lfo.least"),
        "refitted": label(", ".join(s["origin"] for s in steps[1:] if s["refitted"]) or "none"),
        "largest": plain(max((s["k"] for s in carried), default=0.0), "ai_forecasts.lfo.largest"),
        "fewest": count(round(min((s["effective"] for s in carried), default=0)), "ai_forecasts.lfo.fewest"),
        "difference": percent(max(differences), "ai_forecasts.lfo.difference", 1),
        "log_difference": plain(max(in_logs), "ai_forecasts.lfo.log_difference"),
        "checked": count(len(checked), "ai_forecasts.lfo.checked"),
    }
