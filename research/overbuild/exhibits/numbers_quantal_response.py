"""The quoted numbers of the game of accelerations: the slope in rivals' choices, its recovery, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain

ESTIMATE, SCORES, RECOVERY = "estimate_quantal_response_ai", "quantal_scores", "quantal_recovery"
SHOCK, OWN, STRONG = 0.8, 0.5, 1.5


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``quantal``.

    Parameters
    ----------
    results
        Name to content of ``estimate_quantal_response_ai``, ``quantal_scores`` and ``quantal_recovery``.
    """
    estimate, scores = results[ESTIMATE], results[SCORES]
    found = estimate["findings"]
    zeta, counts = found["zeta"], found["counts"]
    parameters = {p["parameter"]: p for p in estimate["parameters"]}
    predicted = {r["statistic"]: r for r in estimate["predictive"]["posterior"]}
    return {
        "first": label(found["quarters"][0]),
        "last": label(found["quarters"][1]),
        "quarters": count(counts["quarters"], "quantal.quarters"),
        "firms": count(counts["firms"], "quantal.firms"),
        "answers": count(counts["answers"], "quantal.answers"),
        "rises": count(counts["rises"], "quantal.rises"),
        "zeta": _interval(zeta, "zeta"),
        "zeta_sd": plain(zeta["sd"], "quantal.zeta_sd"),
        "learnt": percent(zeta["learnt"], "quantal.learnt"),
        "positive": plain(zeta["positive"], "quantal.positive"),
        "prior_positive": plain(zeta["prior_positive"], "quantal.prior_positive"),
        "shock": _interval(found["shock"], "shock"),
        "multiplier": _interval(found["multiplier"], "multiplier"),
        "alone": _interval(found["payoff_alone"], "alone"),
        "all": _interval(found["payoff_all"], "all"),
        "alone_above_zero": plain(found["alone_above_zero"], "quantal.alone_above_zero"),
        **{n: _interval(parameters[n], n) for n in ("index", "surprise", "own_lag")},
        "together": plain(predicted["together"]["observed"], "quantal.together"),
        "naive": plain(scores["naive"], "quantal.naive"),
        "nested": plain(scores["nested_fixed_point"], "quantal.nested"),
        "scores": {
            m["model"]: {
                "score": plain(m["score"], "quantal.score", 3),
                "gain": plain(m["gain"], "quantal.gain", 3),
                "error": plain(m["gain_error"], "quantal.gain_error", 3),
            }
            for m in scores["models"]
        },
        "held_out": count(scores["number"], "quantal.held_out"),
        "held_out_answers": count(scores["answers"], "quantal.held_out_answers"),
        "other": _others(scores["sensitivity"]),
        "recovery": _recovery(results[RECOVERY]),
    }


def _others(readings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the range of P(zeta > 0) and of the median over readings other than the first, as set."""
    positive = [r["positive"] for r in readings[1:]]
    middle = [r["q50"] for r in readings[1:]]
    wide = next(r for r in readings if r["what"] == "prior twice as wide")
    return {
        "readings": count(len(positive), "quantal.other"),
        "positive": {
            "low": plain(min(positive), "quantal.other"),
            "high": plain(max(positive), "quantal.other"),
        },
        "middle": {"low": plain(min(middle), "quantal.other"), "high": plain(max(middle), "quantal.other")},
        "wide": {"low": plain(wide["q05"], "quantal.other"), "high": plain(wide["q95"], "quantal.other")},
    }


def _recovery(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return cells by name: ``t34_zero`` and ``t34_true``, with ``strong``, ``none`` or ``calm`` behind."""
    made: dict[str, Any] = {"panels": count(found["panels"], "quantal.panels")}
    for c in found["cells"]:
        kind = "" if c["surprise"] == OWN else "_strong" if c["surprise"] == STRONG else "_none"
        calm = "_calm" if c["shock"] == 0 else ""
        name = f"t{c['periods']}_{'zero' if c['zeta'] == 0 else 'true'}{kind}{calm}"
        made[name] = {
            "truth": plain(c["zeta"], name, 1),
            "mean": plain(c["mean"], name),
            "bias": plain(c["bias"], name),
            "sd": plain(c["posterior_sd"], name),
            "coverage": percent(c["coverage"], name),
            "power": percent(c["power"], name),
            "naive": plain(c["naive"]["mean"], name),
            "nested": plain(c["nested_fixed_point"]["mean"], name),
            "nested_sd": plain(c["nested_fixed_point"]["sd"], name),
        }
    return made


def _interval(found: Mapping[str, float], what: str) -> dict[str, Any]:
    return {
        "middle": plain(found["q50"], f"quantal.{what}"),
        "low": plain(found["q05"], f"quantal.{what}"),
        "high": plain(found["q95"], f"quantal.{what}"),
    }
