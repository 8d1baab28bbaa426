"""The quoted numbers of sensitivity: the curve, its causes, what must be believed, what to watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import billion, count, label, percent, plain
from overbuild.exhibits.sensitivity_wording import COMPONENTS, level_title, short_title
from overbuild.exhibits.watch_bounds import headline_bounds
from overbuild.exhibits.wording import listed, small

LARGEST = 4
"""Choices that the text names."""


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``sensitivity``.

    Parameters
    ----------
    results
        Name to content of ``specification`` and ``watch``.
    """
    found, watch = results["specification"], results["watch"]
    kinds = [s["kind"] for s in found["specifications"]]
    shares = found["shares"]["headline"]
    return {
        "runs": count(len(kinds), "sensitivity.runs"),
        "axes": count(len(found["axes"]), "sensitivity.axes"),
        "together": count(kinds.count("together"), "sensitivity.together"),
        "paths": count(found["paths"], "sensitivity.paths"),
        "primary": plain(found["specifications"][0]["headline"], "sensitivity.primary"),
        "gap": plain(max((abs(r["gap"]) for r in found["filed"]), default=None), "sensitivity.gap", 3),
        "gap_errors": plain(
            max((r["errors"] or 0.0 for r in found["filed"]), default=None), "sensitivity.gap_errors", 1
        ),
        "headline": _curve(found["curve"]["headline"], "headline"),
        "composite": _curve(found["curve"]["composite"], "composite")
        | {"primary": plain(found["specifications"][0]["composite"], "sensitivity.composite.primary")}
        | _moved(found, "composite"),
        "largest": label(_largest(found, shares)),
        "residual": percent(_residual(shares), "sensitivity.residual"),
        "pair": label(_pair(found, shares)),
        "weights": label(_weights(found["weights"])),
        "believe": _believe(found),
        "watch": _watch(watch)
        | {
            "headline": {
                figure: plain(most, f"sensitivity.watch.headline.{figure}", 3)
                for figure, most in headline_bounds(watch, found).items()
            }
        },
    }


def _curve(curve: Mapping[str, Any], what: str) -> dict[str, Any]:
    points = curve.get("points") or {}
    named = {"least": "0.0", "low": "0.05", "median": "0.5", "high": "0.95", "most": "1.0"}
    return {n: plain(points.get(k), f"sensitivity.{what}.{n}") for n, k in named.items()} | {
        "silent": count(curve["silent"], f"sensitivity.{what}.silent")
    }


def _moved(found: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return which single choice moves an event most, all else primary: its name, its level, and to where."""
    titles = {a["name"]: small(short_title(a["title"])) for a in found["axes"]}
    first = found["specifications"][0][what] or 0.0
    moves = [
        (abs(p - first), each["axis"], level, p)
        for each in found["alone"][what]
        for level, p in zip(each["levels"], each["probability"], strict=True)
        if p is not None
    ]
    _, axis, level, p = max(moves, key=lambda move: move[0])
    return {
        "moved_by": label(f"{titles[axis]}: {level_title(axis, level)}"),
        "moved_to": plain(p, f"sensitivity.{what}.moved_to"),
    }


def _largest(found: Mapping[str, Any], shares: Mapping[str, Any] | None) -> str:
    titles = {a["name"]: a["title"] for a in found["axes"]}
    rows = [r for r in shares["axes"] if r["axis"] in titles][:LARGEST] if shares else []
    return (
        listed(f"{small(short_title(titles[r['axis']]))} {100 * r['share']:.0f} %" for r in rows)
        or "not known"
    )


def _residual(shares: Mapping[str, Any] | None) -> float | None:
    rows = shares["axes"] if shares else []
    return next((r["share"] for r in rows if r["axis"] == "residual"), 0.0)


def _pair(found: Mapping[str, Any], shares: Mapping[str, Any] | None) -> str:
    titles = {a["name"]: small(short_title(a["title"])) for a in found["axes"]}
    if not shares or not shares["pairs"]:
        return "not known"
    first = shares["pairs"][0]
    return f"{listed(titles[n] for n in first['axes'])} (gain {100 * first['gain']:.0f} points)"


def _weights(weights: Mapping[str, float]) -> str:
    return listed(f"{small(COMPONENTS[m])} {w:.2f}" for m, w in weights.items() if w > 0)


def _believe(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return how high single assumptions take the headline and the inside view, and what a half asks."""
    believe = found["believe"]
    out = {}
    for whose in ("headline", "simulation"):
        lines = [x for x in believe[whose] if x["assumption"] not in ("up", "down")]
        top = max(lines, key=lambda x: x["highest"], default=None)
        titles = {a["name"]: small(short_title(a["title"])) for a in found["axes"]}
        out[whose] = {
            "highest": plain(top["highest"] if top else 0.0, f"sensitivity.believe.{whose}"),
            "assumption": label(titles[top["assumption"]] if top else "none"),
            "up": plain(_pair_reach(believe[whose], "up", "highest"), f"sensitivity.believe.{whose}.up"),
            "down": plain(_pair_reach(believe[whose], "down", "lowest"), f"sensitivity.believe.{whose}.down"),
        }
    base = next((c for c in believe["components"] if c["component"] == "baserate"), None)
    half = next((n["value"] for n in base["needed"] if n["target"] == 0.5), None) if base else None
    out["base_for_half"] = label(
        "would not do, whatever it is" if half is None else f"would have to be {half:.2f}"
    )
    return out


def _pair_reach(lines: Any, name: str, end: str) -> float:
    return next((x[end] for x in lines if x["assumption"] == name), 0.0)


def _watch(watch: Mapping[str, Any]) -> dict[str, Any]:
    models = {
        model: {
            "before": plain(of["probability"], f"sensitivity.watch.{model}"),
            **{
                row["figure"]: {
                    "change": plain(row["expected_change"], f"sensitivity.watch.{model}.change", 3),
                    "rises": percent(row["rises"], f"sensitivity.watch.{model}.rises"),
                    "low": plain(row["probabilities"][0], f"sensitivity.watch.{model}.low"),
                    "high": plain(row["probabilities"][-1], f"sensitivity.watch.{model}.high"),
                }
                for row in of["figures"]
            },
        }
        for model, of in watch["models"].items()
    }
    now, *cases = watch["baserate"]
    last = watch["triggers"][-1]
    return models | {
        "first": label(watch["next"][0]),
        "last": label(watch["next"][-1]),
        "spread": plain(watch["spread"]["expected_change"], "sensitivity.watch.spread", 3),
        "baserate": plain(now["probability"], "sensitivity.watch.baserate"),
        "baserate_after": plain(cases[1]["probability"], "sensitivity.watch.baserate_after"),
        "level": billion(last["level"] / 1e3, "sensitivity.watch.level"),
        "peak": billion(last["peak"] / 1e3, "sensitivity.watch.peak"),
        "excluded": label(
            listed(r["quarter"] for r in watch["triggers"] if not r["possible"]) or "no quarter listed"
        ),
    }
