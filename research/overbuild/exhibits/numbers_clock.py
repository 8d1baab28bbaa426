"""The quoted numbers of the clock: the telecom year of today, weights, scores, and the two tries of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.clock_weights import RIVALS
from overbuild.exhibits.quoting import count, label, plain, quoted

TELECOM, MIXTURE, WALK = "telecom", "mixture", "random_walk_with_drift"
NEXT = 2
"""Quarters ahead whose score is quoted."""


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``clock``.

    Parameters
    ----------
    results
        Name to content of ``estimate_clock_ai``, ``estimate_clock_telecom_full`` and ``hindcasts_clock``.
    """
    ai = results["estimate_clock_ai"]["findings"]
    full = results["estimate_clock_telecom_full"]["findings"]
    ordered = sorted(ai["templates"], key=lambda t: -t["weight"])
    return {
        "today": label(ai["today"]),
        "first": label(ai["first"]),
        "quarters": count(len(ai["path"]), "clock.path"),
        "share": plain(ai["share"], "clock.share", 1),
        "templates": count(len(ordered), "clock.templates"),
        "telecom": _telecom(ai),
        "best": {"title": label(ordered[0]["title"]), "weight": plain(ordered[0]["weight"], "clock.best")},
        "second": {
            "title": label(ordered[1]["title"]),
            "weight": plain(ordered[1]["weight"], "clock.second"),
        },
        "mixture": _phase(ai["mixture"]),
        "scores": _scores(ai),
        "tried": _tried(ai["past_booms_summary"]),
        "read": {h["as_of"][:4]: _phase(h["findings"]["mixture"]) for h in results["hindcasts_clock"]},
        "known": {h["as_of"][:4]: label(h["findings"]["today"]) for h in results["hindcasts_clock"]},
        "full": {"today": label(full["today"]), **_phase(full["mixture"])},
        "other": _others(ai["sensitivity"]),
    }


def _telecom(ai: Mapping[str, Any]) -> dict[str, Any]:
    told = ai["telecom_year"]
    own = next(t for t in ai["templates"] if t["template"] == TELECOM)
    return {
        "low": plain(told["q05"], "clock.telecom_year", 1),
        "year": plain(told["q50"], "clock.telecom_year", 1),
        "high": plain(told["q95"], "clock.telecom_year", 1),
        "prior_low": plain(told["prior_q05"], "clock.telecom_year", 1),
        "prior_high": plain(told["prior_q95"], "clock.telecom_year", 1),
        "sd": plain(told["sd"], "clock.telecom_year", 1),
        "prior_sd": plain(told["prior_sd"], "clock.telecom_year", 1),
        "weight": plain(told["weight"], "clock.telecom_year"),
        "prior_weight": plain(told["prior_weight"], "clock.telecom_year"),
        "past": plain(told["past_peak"], "clock.telecom_year"),
        "height": plain(own["height"]["mean"], "clock.height", 1),
        "rise": quoted(own["rise"], f"{100 * math.expm1(own['rise']):.0f}"),
    }


def _phase(m: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "low": plain(m["q05"], "clock.phase", 1),
        "phase": plain(m["q50"], "clock.phase", 1),
        "high": plain(m["q95"], "clock.phase", 1),
        "past": plain(m["past_peak"], "clock.phase"),
        "prior_past": plain(m["prior_past_peak"], "clock.phase"),
    }


def _scores(ai: Mapping[str, Any]) -> dict[str, Any]:
    rows = [r for r in ai["mean_scores"] if r["horizon"] == NEXT]
    titles = {t["template"]: t["title"] for t in ai["templates"]} | RIVALS
    best = max(rows, key=lambda r: r["score"])
    template = max((r for r in rows if r["model"] not in RIVALS), key=lambda r: r["score"])
    by_model = {r["model"]: r["score"] for r in rows}
    return {
        "origins": count(best["origins"], "clock.scores"),
        "best": label(titles[best["model"]]),
        "best_score": plain(best["score"], "clock.scores"),
        "template": label(titles[template["model"]]),
        "template_score": plain(template["score"], "clock.scores"),
        "all": plain(by_model[MIXTURE], "clock.scores"),
        "telecom": plain(by_model[TELECOM], "clock.scores"),
        "walk": plain(by_model[WALK], "clock.scores"),
    }


def _tried(s: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "booms": count(s["booms"], "clock.tried"),
        "held": count(s["all"]["held"], "clock.tried"),
        "dates": count(s["all"]["dates"], "clock.tried"),
        "rising": count(s["rising"]["dates"], "clock.tried"),
        "error": plain(s["rising"]["error"], "clock.tried", 1),
        "constant": plain(s["rising"]["constant_error"], "clock.tried", 1),
        "brier": plain(s["brier"], "clock.tried"),
        "prior_brier": plain(s["prior_brier"], "clock.tried"),
    }


def _others(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return ranges over priors: telecom's weight, its median year, the chance that the peak is past."""
    weight = [r["weights"][TELECOM] for r in rows]
    year = [r["telecom_year"]["q50"] for r in rows]
    past = [r["past_peak"] for r in rows]
    made = {"readings": count(len(rows), "clock.sensitivity")}
    for name, values, decimals in (("weight", weight, 2), ("year", year, 1), ("past", past, 2)):
        made[name] = {
            "low": plain(min(values), "clock.sensitivity", decimals),
            "high": plain(max(values), "clock.sensitivity", decimals),
        }
    return made
