"""The quoted numbers of sensitivity: the curve, its causes, what must be believed, what to watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import billion, count, label, percent, plain
from overbuild.exhibits.sensitivity_wording import SPOKEN, level_title, moves, rest_apart, short_title
from overbuild.exhibits.watch_moves import headline_moves
from overbuild.exhibits.wording import listed, small
from overbuild.probability.variance_shares import told_apart

LARGEST = 3
"""Choices that the text names where it does not ask which are told apart."""


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
    of_composite = found["shares"]["composite"]
    first = found["specifications"][0]
    return {
        "by": label(found["by"]),
        "composite_by": label(found["composite_by"]),
        "same": count(
            sum(s["kind"] == "alone" and s["headline"] == first["headline"] for s in found["specifications"]),
            "sensitivity.same",
        ),
        "runs": count(len(kinds), "sensitivity.runs"),
        "axes": count(len(found["axes"]), "sensitivity.axes"),
        "together": count(kinds.count("together"), "sensitivity.together"),
        "paths": count(found["paths"], "sensitivity.paths"),
        "primary": plain(first["headline"], "sensitivity.primary"),
        "gap": plain(max((abs(r["gap"]) for r in found["filed"]), default=None), "sensitivity.gap", 3),
        "gap_errors": plain(
            max((r["errors"] or 0.0 for r in found["filed"]), default=None), "sensitivity.gap_errors", 1
        ),
        "headline": _curve(found["curve"]["headline"], "headline"),
        "composite": _curve(found["curve"]["composite"], "composite")
        | {
            "primary": plain(first["composite"], "sensitivity.composite.primary"),
            "own": plain(found["primary"]["composite"], "sensitivity.composite.own"),
            "error": plain(found["primary"]["composite_error"], "sensitivity.composite.error"),
            "without_mass": count(_without_mass(found), "sensitivity.composite.without_mass"),
            "largest": label(_named(found, _axes(of_composite)[:LARGEST])),
            "apart": label(_apart(of_composite)),
        }
        | _moved(found, "composite"),
        "largest": label(_named(found, _leading(shares))),
        "rest": label(rest_apart(_axes(shares))),
        "residual": percent(_residual(shares), "sensitivity.residual"),
        "pair": label(_pair(found, shares)),
        "pairs": count(len(found["axes"]) * (len(found["axes"]) - 1) // 2, "sensitivity.pairs"),
        "behind": _behind(found),
        "weights": label(_weights(found["weights"])),
        "believe": _believe(found),
        "watch": _watch(watch) | {"headline": label(_through(watch, found))},
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


def _axes(shares: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [r for r in shares["axes"] if r["axis"] != "residual"] if shares else []


def _leading(shares: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return told_apart(_axes(shares))


def _named(found: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    titles = {a["name"]: small(short_title(a["title"])) for a in found["axes"]}
    told = [f"{titles[r['axis']]} ({100 * r['share']:.0f} ± {100 * r['error']:.0f} %)" for r in rows]
    return listed(told) or "none"


def _apart(shares: Mapping[str, Any] | None) -> str:
    """Return which of the choices that the text names are told apart from those after them."""
    few = {0: "none of them is", 1: "only the first is", 2: "the first two are"}
    return few.get(len(_leading(shares)), "all of them are")


def _without_mass(found: Mapping[str, Any]) -> int:
    """Return in how many combinations there is no mass of unknown models."""
    place = next(k for k, a in enumerate(found["axes"]) if a["name"] == "unknown")
    levels = found["axes"][place]["levels"]
    return sum(s["kind"] == "together" and levels[s["places"][place]] == 0 for s in found["specifications"])


def _behind(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return base rates with all series and without telecom's, and the cases behind each."""
    behind = found["behind"]
    without = next(a["levels"].index("without_telecom") for a in found["axes"] if a["name"] == "series")
    read = {"all": "primary", "without": f"series-{without}", "telecom": "telecom"}
    out: dict[str, Any] = {"listed": count(found["telecom_series"], "sensitivity.behind.listed")}
    for name, key in read.items():
        row = behind[key] or {}
        told = {n: count(row.get(n), f"sensitivity.behind.{name}.{n}") for n in ("cases", "series")}
        falls = row.get("falls")
        out[name] = told | {"falls": label("none" if not falls else f"{falls:d}")}
        if name != "telecom":
            out[name]["probability"] = plain(row.get("probability"), f"sensitivity.behind.{name}")
    return out


def _through(watch: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return the headline's move by the capex that is next through each component with a law of it."""
    through = headline_moves(watch, found)
    told = [f"{at['capex_next']:.3f} through the {SPOKEN[m]}" for m, at in through.items() if at]
    return listed(told) or "nothing that can be said"


def _residual(shares: Mapping[str, Any] | None) -> float | None:
    rows = shares["axes"] if shares else []
    return next((r["share"] for r in rows if r["axis"] == "residual"), 0.0)


def _pair(found: Mapping[str, Any], shares: Mapping[str, Any] | None) -> str:
    titles = {a["name"]: small(short_title(a["title"])) for a in found["axes"]}
    if not shares or not shares["pairs"]:
        return "not known"
    first = shares["pairs"][0]
    return f"{' with '.join(titles[n] for n in first['axes'])} (gain {100 * first['gain']:.0f} points)"


def _weights(weights: Mapping[str, float]) -> str:
    return listed(f"{SPOKEN[m]} {w:.2f}" for m, w in weights.items() if w > 0)


def _believe(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return how high single assumptions take the headline and the inside view, and what a half asks."""
    believe = found["believe"]
    out = {}
    for whose in ("headline", "simulation"):
        lines = [x for x in believe[whose] if x["assumption"] not in ("up", "down")]
        top = max(lines, key=lambda x: x["highest"], default=None)
        titles = {a["name"]: small(short_title(a["title"])) for a in found["axes"]}
        out[whose] = {
            "at": label(level_title(top["assumption"], _at_highest(top)) if top else "none"),
            "searched": count(sum(map(moves, lines)), f"sensitivity.believe.{whose}.searched"),
            "highest": plain(top["highest"] if top else 0.0, f"sensitivity.believe.{whose}"),
            "assumption": label(titles[top["assumption"]] if top else "none"),
            "up": plain(_pair_reach(believe[whose], "up", "highest"), f"sensitivity.believe.{whose}.up"),
            "down": plain(_pair_reach(believe[whose], "down", "lowest"), f"sensitivity.believe.{whose}.down"),
        }
    base = next((c for c in believe["components"] if c["component"] == "baserate"), None)
    half = next((n["value"] for n in base["needed"] if n["target"] == 0.5), None) if base else None
    out["base_for_half"] = label(
        "would not do, whatever it said" if half is None else f"would have to be {half:.2f}"
    )
    out["headline"]["within"] = label(_within(found))
    return out


def _at_highest(line: Mapping[str, Any]) -> Any:
    return max(zip(line["values"], line["probability"], strict=True), key=lambda at: at[1])[0]


def _within(found: Mapping[str, Any]) -> str:
    """Return which single choices take the headline highest within the levels of the curve, over all axes."""
    axes = {a["name"]: a for a in found["axes"]}
    reached = []
    for each in found["alone"]["headline"]:
        levels = zip(each["levels"][1:], each["probability"][1:], strict=True)
        told = [(p, each["axis"], k, level) for k, (level, p) in enumerate(levels, start=1) if p is not None]
        reached += [max(told)] if told else []
    out = []
    for p, name, k, level in sorted(reached, reverse=True)[:LARGEST]:
        cases = found["behind"].get(f"{name}-{k}")
        counted = axes[name]["part"] in ("event", "baserate") and cases
        stand = f" (base rate of {cases['cases']} cases in {cases['series']} series)" if counted else ""
        out.append(
            f"{small(short_title(axes[name]['title']))}, {level_title(name, level)}, to {p:.2f}{stand}"
        )
    return "; ".join(out)


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
    asked = [f"{c['probability']:.2f}" for c in cases]
    last = watch["triggers"][-1]
    return models | {
        "first": label(watch["next"][0]),
        "last": label(watch["next"][-1]),
        "spread": plain(watch["spread"]["expected_change"], "sensitivity.watch.spread", 3),
        "baserate": plain(now["probability"], "sensitivity.watch.baserate"),
        "baserate_after": plain(cases[1]["probability"], "sensitivity.watch.baserate_after"),
        "baserate_ends": label(
            "as at its 10 and 90 % points, so that the calendar moves it and not the figure"
            if len(set(asked)) == 1
            else f"and to {asked[0]} and {asked[-1]} at its 10 and 90 % points"
        ),
        "years": label(f"{now['years']} to {cases[1]['years']}"),
        "level": billion(last["level"] / 1e3, "sensitivity.watch.level"),
        "peak": billion(last["peak"] / 1e3, "sensitivity.watch.peak"),
        "excluded": label(
            listed(r["quarter"] for r in watch["triggers"] if not r["possible"]) or "no quarter listed"
        ),
    }
