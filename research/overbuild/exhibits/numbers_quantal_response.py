"""The quoted numbers of the game of accelerations: the slope in rivals' choices, its recovery, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain

ESTIMATE, SCORES, RECOVERY = "estimate_quantal_response_ai", "quantal_scores", "quantal_recovery"
OWN, STRONG = 0.5, 1.5
MOST_BIAS, LEAST_COVERAGE, MOST_COVERAGE = 0.2, 0.85, 0.95
"""What was asked of the estimator beforehand, in panels of 400 quarters with a common shock."""
TRUTHS, SHOCKS = ("zero", "true"), ("", "_calm")
ASKED = ("t400_zero", "t400_true")
ASKED_STRONG = ("t400_zero_strong", "t400_true_strong")


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``quantal_response``.

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
        "pairs": _pairs(scores["pairs"]),
        "timing": {k: count(v, f"quantal.{k}") for k, v in scores["timing"].items()},
        "gross_from": label(scores["gross_from"]),
        "prior": {
            "mean": plain(scores["zeta_prior"]["mean"], "quantal.prior", 0),
            "sd": plain(scores["zeta_prior"]["sd"], "quantal.prior", 0),
            "edge": plain(scores["zeta_prior"]["high"], "quantal.prior", 0),
        },
        "mean": plain(zeta["mean"], "quantal.mean"),
        "held_out": count(scores["number"], "quantal.held_out"),
        "held_out_answers": count(scores["answers"], "quantal.held_out_answers"),
        "other": _others(scores["sensitivity"]),
        "recovery": _recovery(results[RECOVERY], zeta["prior_sd"]),
    }


def _others(readings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the range of P(zeta > 0) and of the median over readings other than the first, as set."""
    positive = [r["positive"] for r in readings[1:]]
    middle = [r["q50"] for r in readings[1:]]
    by_name = {r["what"]: r for r in readings}
    wide, older = by_name["prior twice as wide"], by_name["index and surprise a quarter older"]
    return {
        "readings": count(len(positive), "quantal.other"),
        "positive": {
            "low": plain(min(positive), "quantal.other"),
            "high": plain(max(positive), "quantal.other"),
        },
        "middle": {"low": plain(min(middle), "quantal.other"), "high": plain(max(middle), "quantal.other")},
        "wide": {"low": plain(wide["q05"], "quantal.other"), "high": plain(wide["q95"], "quantal.other")},
        "older": plain(older["positive"], "quantal.other"),
    }


def _pairs(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how many pairs of models are compared, and the largest difference over its error."""
    largest = max(abs(p["difference"]) / p["error"] for p in pairs)
    past = next(p for p in pairs if (p["first"], p["second"]) == ("own_lag", "quantal_response"))
    return {
        "count": count(len(pairs), "quantal.pairs"),
        "largest": plain(largest, "quantal.pairs"),
        "own_lag": plain(past["difference"], "quantal.pairs", 3),
        "own_lag_error": plain(past["error"], "quantal.pairs", 3),
    }


def _recovery(found: Mapping[str, Any], prior_sd: float) -> dict[str, Any]:
    """Return cells by name: ``t34_zero`` and ``t34_true``, with ``strong``, ``none`` or ``calm`` behind.

    ``above`` is the mean posterior probability of a slope above 0, ``lost`` the share of the prior's variance
    that is gone, ``share`` the posterior mean over the truth.
    """
    made: dict[str, Any] = {
        "panels": count(found["panels"], "quantal.panels"),
        "times": plain(STRONG / OWN, "quantal.times", 0),
    }
    cells: dict[str, Mapping[str, Any]] = {}
    for c in found["cells"]:
        kind = "" if c["surprise"] == OWN else "_strong" if c["surprise"] == STRONG else "_none"
        calm = "_calm" if c["shock"] == 0 else ""
        name = f"t{c['periods']}_{'zero' if c['zeta'] == 0 else 'true'}{kind}{calm}"
        cells[name] = c
        made[name] = {
            "periods": count(c["periods"], name),
            "panels": count(c["replications"], name),
            "truth": plain(c["zeta"], name, 1),
            "above": plain(c["above"], name),
            "lost": percent(1 - (c["posterior_sd"] / prior_sd) ** 2, name),
            "bias_error": plain(c["bias_error"], name),
            "mean": plain(c["mean"], name),
            "bias": plain(c["bias"], name),
            "sd": plain(c["posterior_sd"], name),
            "coverage": percent(c["coverage"], name),
            "power": percent(c["power"], name),
            "naive": plain(c["naive"]["mean"], name),
            "nested": plain(c["nested_fixed_point"]["mean"], name),
            "nested_sd": plain(c["nested_fixed_point"]["sd"], name),
        }
        if c["zeta"]:
            made[name]["share"] = percent(c["mean"] / c["zeta"], name)
    lost = [1 - (cells[f"t40_{z}{s}"]["posterior_sd"] / prior_sd) ** 2 for z, s in product(TRUTHS, SHOCKS)]
    made["lost"] = {"low": percent(min(lost), "lost"), "high": percent(max(lost), "lost")}
    return {**made, "asked": _asked(cells)}


def _asked(cells: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was asked of the estimator beforehand, and whether it does it at every truth."""
    return {
        "bias": plain(MOST_BIAS, "asked", 1),
        "low": percent(LEAST_COVERAGE, "asked"),
        "high": percent(MOST_COVERAGE, "asked"),
        "outcome": _outcome([cells[name] for name in ASKED]),
        "outcome_strong": _outcome([cells[name] for name in ASKED_STRONG]),
    }


def _outcome(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    met = all(abs(c["bias"]) < MOST_BIAS and LEAST_COVERAGE <= c["coverage"] <= MOST_COVERAGE for c in cells)
    return label("is reached" if met else "is missed")


def _interval(found: Mapping[str, float], what: str) -> dict[str, Any]:
    return {
        "middle": plain(found["q50"], f"quantal.{what}"),
        "low": plain(found["q05"], f"quantal.{what}"),
        "high": plain(found["q95"], f"quantal.{what}"),
    }
