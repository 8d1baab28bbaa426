"""The quoted numbers of the combination: terms, weights, what was learnt, ranges, and others' forecasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, plain
from overbuild.exhibits.terms_named import inline
from overbuild.exhibits.wording import listed
from overbuild.probability.targets import CONTINUOUS

UNKNOWN = "unknown_models"
BELOW = 0.05


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``combination``.

    Parameters
    ----------
    results
        Name to content of ``probability``, ``combination`` and ``hindcasts_ai``.
    """
    answer, settings = results["probability"], results["combination"]["settings"]
    headline, seen, rules = answer["headline"], answer["learnt"]["seen"], settings["stacking"]
    counted = [t for t in headline["terms"] if t["weight"]]
    zero = [t for t in headline["terms"] if t["why_zero"]]
    models = [t for t in counted if t["model"] != UNKNOWN]
    return {
        "headline": plain(headline["probability"], "combination.headline"),
        "terms": {t["model"]: _term(t) for t in counted},
        "sum": label(" + ".join(f"{t['contribution']:.3f} ({inline(t['model'])})" for t in counted)),
        "counted": count(len(models), "combination.counted"),
        "names": label(listed(inline(t["model"]) for t in models)),
        "without": label(
            "; ".join(f"{inline(t['model'])} {t['why_zero']}" for t in zero) or "no model that speaks"
        ),
        "without_number": label(listed(_without_number(answer["combined"].values()))),
        "origins": label(listed(_origin(t) for t in models)),
        "ai_targets": label(_from_ai(seen)),
        "quarterly": _against_walk(results["hindcasts_ai"]["scores"]),
        "learnt": count(sum(t["origin"] == "learnt" for t in models), "combination.learnt"),
        "targets": count(seen["targets"], "combination.targets"),
        "worth": plain(seen["worth"], "combination.worth", 1),
        "clusters": count(seen["clusters"], "combination.clusters"),
        "prior_targets": plain(rules["prior_targets"], "combination.prior", 0),
        "hierarchical_above": count(rules["hierarchical_above"], "combination.above"),
        "prior_share": plain(
            100 * rules["prior_targets"] / (rules["prior_targets"] + seen["worth"]),
            "combination.prior_share",
            0,
        ),
        "floor": plain(settings["base_rate_weight_floor"], "combination.floor"),
        "mass": plain(settings["unknown_model_mass"], "combination.mass"),
        **{name: _ends(ends, name) for name, ends in answer["ranges"].items()},
        "equal": plain(answer["alternatives"]["equal"], "combination.equal"),
        "alone": _spread(answer["alternatives"]["alone"].values()),
        "drop_one": _spread(answer["alternatives"]["drop_one"].values() or [headline["probability"]]),
        "rules": _spread(answer["alternatives"]["rules"] or [headline["probability"]]),
        "by_horizon": {
            c["by"][:4]: plain(c["probability"], "combination.by_horizon")
            for c in answer["combined"].values()
            if c["event"] == headline["event"] and c["probability"] is not None
        },
        "physical": _physical(answer),
        "base_rate": _base_rate(answer),
        "telecom": _telecom(answer["telecom"]),
    }


def _origin(t: Mapping[str, Any]) -> str:
    how = f"learnt from {t['worth']:.1f}" if t["origin"] == "learnt" else t["origin"]
    return f"{inline(t['model'])} {how}"


def _without_number(combined: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the events of which no model may speak by any date."""
    spoken: dict[str, bool] = {}
    for each in combined:
        spoken[each["event"]] = spoken.get(each["event"], False) or each["probability"] is not None
    return [
        "core overbuild" if event == "composite" else event for event, any_of in spoken.items() if not any_of
    ]


def _from_ai(seen: Mapping[str, Any]) -> str:
    """Say how many targets of AI's own figures move a weight."""
    found = sum(n["targets"] for p, n in seen["by_panel"].items() if p in CONTINUOUS)
    return f"{found} AI targets move a weight today" if found else "no AI target moves a weight today"


def _against_walk(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return of how many panels and horizons `quarterly` has a worse mean CRPS than the random walk."""
    own = [s for s in scores if s["model"] == "quarterly" and s["skill"] is not None]
    tested = [s for s in own if s["test"] and s["test"]["p_value"] is not None]
    worse = [s for s in tested if s["skill"] < 0 and s["test"]["p_value"] < BELOW]
    return {
        "worse": count(sum(s["skill"] < 0 for s in own), "combination.quarterly.worse"),
        "of": count(len(own), "combination.quarterly.of"),
        "told_apart": count(len(worse), "combination.quarterly.told_apart"),
        "below": plain(BELOW, "combination.quarterly.below"),
    }


def _term(t: Mapping[str, Any]) -> dict[str, Any]:
    what = f"combination.terms.{t['model']}"
    return {
        "weight": plain(t["weight"], what),
        "probability": plain(t["probability"], what),
        "contribution": plain(t["contribution"], what, 3),
        "origin": label(t["origin"]),
        "worth": plain(t["worth"], what, 1),
    }


def _ends(ends: Any, name: str) -> dict[str, Any]:
    return {"low": plain(ends[0], f"combination.{name}"), "high": plain(ends[1], f"combination.{name}")}


def _spread(values: Any) -> dict[str, Any]:
    known = [v for v in values if v is not None]
    return _ends((min(known), max(known)), "alternatives")


def _physical(answer: Mapping[str, Any]) -> dict[str, Any]:
    found = answer["combined"].get("physical_overbuild", {"probability": None})
    return (
        plain(found["probability"], "combination.physical")
        if found["probability"] is not None
        else label("none")
    )


def _telecom(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was said at the end of 1999 of a fall by 2003, and the most before the bust."""
    shown = next((r for r in rows if (r["as_of"], r["by"]) == ("1999-12-31", "2003Q4")), None)
    before = [r["probability"] for r in rows if r["as_of"] < "2001"]
    none = label("nothing on file")
    return {
        "shown": plain(shown["probability"], "combination.telecom") if shown else none,
        "most": plain(max(before), "combination.telecom") if before else none,
    }


def _base_rate(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the base rate alone says of the headline event: by date, with its own interval."""
    event, by = answer["headline"]["event"], answer["headline"]["by"]
    said = [
        f
        for f in answer["by_model"].get("baserate", [])
        if f["event"] == event and f["probability"] is not None
    ]
    found = next(f for f in said if f["by"] == by)
    return {
        "headline": plain(found["probability"], "combination.base_rate"),
        "low": plain(found["spread"][0], "combination.base_rate"),
        "high": plain(found["spread"][2], "combination.base_rate"),
        "by_horizon": {f["by"][:4]: plain(f["probability"], "combination.base_rate") for f in said},
    }
