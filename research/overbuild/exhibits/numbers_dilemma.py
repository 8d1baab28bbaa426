"""The quoted numbers of the synthesis: class of the game under three priors, and counterfactuals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain
from overbuild.games.class_posterior import LEARNT_FROM
from overbuild.games.class_results import RENTED
from overbuild.games.entry import DILEMMA

MAIN, OTHERS = "main", ("wide_expansion", "neutral")


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``dilemma``.

    Parameters
    ----------
    results
        Name to content of ``classes`` and ``counterfactuals``.
    """
    found = results["classes"]
    by: Mapping[str, Any] = found["posteriors"]
    panel = found["panel"]
    slopes = [readings["slope"] for readings in by.values()]
    return {
        "first": label(panel["first"]),
        "last": label(panel["last"]),
        "answers": count(panel["answers"], "dilemma.answers"),
        "share": percent(panel["share"], "dilemma.share"),
        "draws": count(by[MAIN]["slope"]["draws"], "dilemma.draws"),
        "effective": count(
            round(min(of["effective"] for r in by.values() for of in r.values())), "dilemma.effective"
        ),
        "priors": count(len(by), "dilemma.priors"),
        "identified": count(sum(of["identified"] for of in slopes), "dilemma.identified"),
        "asked": percent(LEARNT_FROM, "dilemma.asked"),
        "avoided": percent(max(RENTED), "dilemma.avoided"),
        "moved": {
            "least": percent(min(of["moved"] for of in slopes), "dilemma.moved"),
            "most": percent(max(of["moved"] for of in slopes), "dilemma.moved"),
            "literal": percent(by[MAIN]["literal"]["moved"], "dilemma.moved"),
        },
        **{prior: _prior(by[prior]) for prior in (MAIN, *OTHERS)},
        "limit": {reading: percent(found["limit"][MAIN][reading], "dilemma.limit") for reading in by[MAIN]},
        "chance": percent(
            sum(c["prior"] ** 2 for c in by[MAIN]["slope"]["classes"].values()), "dilemma.chance"
        ),
        "rented": {
            name: percent(sum(found["rented"][share][MAIN][c] for c in DILEMMA), "dilemma.rented")
            for name, share in (("none", "0"), ("most", "0.6"))
        },
        "contest": {era: _contest(results["counterfactuals"][era]) for era in ("ai", "telecom")},
        "subsidy": percent(results["counterfactuals"]["subsidy"], "dilemma.subsidy"),
    }


def _prior(readings: Mapping[str, Any]) -> dict[str, Any]:
    first = readings["slope"]
    return {
        "before": plain(first["dilemma"]["prior"], "dilemma.prior"),
        "slope": plain(first["dilemma"]["posterior"], "dilemma.slope"),
        "literal": plain(readings["literal"]["dilemma"]["posterior"], "dilemma.literal"),
        "literal_error": plain(readings["literal"]["dilemma"]["posterior_error"], "dilemma.error"),
        "several": percent(1 - first["unique"]["posterior"], "dilemma.several"),
        "unique": plain(first["unique"]["dilemma"]["posterior"], "dilemma.unique"),
        "moved_where_unique": percent(first["unique"]["moved"], "dilemma.moved"),
        "hold": {
            "before": plain(first["classes"]["hold"]["prior"], "dilemma.hold"),
            "literal": plain(readings["literal"]["classes"]["hold"]["posterior"], "dilemma.hold"),
        },
        **{
            half: {
                "before": plain(first[half]["prior"], f"dilemma.{half}"),
                "slope": plain(first[half]["posterior"], f"dilemma.{half}"),
                "literal": plain(readings["literal"][half]["posterior"], f"dilemma.{half}"),
            }
            for half in ("builds_alone", "all_build_is_worse", "complements")
        },
    }


def _contest(found: Mapping[str, Any]) -> dict[str, Any]:
    cases = found["cases"]
    return {
        "firms": count(found["firms"], "dilemma.firms"),
        "above": plain(cases["base"]["above_planner"], "dilemma.above"),
        **{name: _spread(cases[name]["over_planner"]) for name in ("base", "restraint", "subsidy")},
        "merger": _spread(cases["merger"]["level"]),
        "shorter": _spread(cases["life_3"]["level"]),
        "longer": _spread(cases["life_6"]["level"]),
        "tax": {end: percent(found["tax"][q], "dilemma.tax") for end, q in ENDS.items()},
    }


ENDS = {"middle": "q50", "low": "q05", "high": "q95"}


def _spread(found: Mapping[str, float]) -> dict[str, Any]:
    return {end: plain(found[q], "dilemma.spread") for end, q in ENDS.items()}
