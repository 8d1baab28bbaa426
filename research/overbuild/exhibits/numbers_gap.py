"""The quoted numbers of the fundamentals gap."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.errors import InputError
from overbuild.exhibits.quoting import count, label, plain, quoted

HEADLINES = {"ai": ("firms", "pooled"), "telecom": ("communications", "error_correction")}
UNITS = ("sector", "United States")
HELD = {"held": "full", "flat": "flat_prior", "known": "plug_in"}
SAME_YEARS = 2.0
"""Years after take-off at which the two eras are set side by side."""


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``gap``.

    Parameters
    ----------
    results
        Name to content of ``gap`` and ``gap_experiments``.
    """
    found, cells = results["gap"], results["gap_experiments"]["cells"]
    ai, telecom = found["ai"], found["telecom"]
    return {
        "ai": _headline(ai["headline"]) | {"window": label(_window(ai))},
        "telecom": _headline(telecom["headline"])
        | {
            "window": label(_window(telecom)),
            "last": _gap(_rows(telecom, *HEADLINES["telecom"])[-1]),
            "long_run": _long_run(telecom, "gdp"),
        },
        "same": {e: _gap(_at(_rows(found[e], *HEADLINES[e]), SAME_YEARS)) for e in HEADLINES},
        "class": {
            e: {
                "same": _gap(_at(_rows(found[e], "information_processing", "error_correction"), SAME_YEARS)),
                "peak": _gap(max(_class(found[e]), key=lambda r: r["gap"])),
                "now": _gap(_class(found[e])[-1]),
            }
            for e in HEADLINES
        },
        "variants": _variants(ai),
        "known": {f"y{k['as_of'][:4]}": _gap(k) | {"period": label(k["period"])} for k in found["known"]},
        "tests": _tests(ai["tests"]) | {"telecom": _one(telecom["tests"], "communications", "gdp")},
        "pooled": {p["fundamentals"].replace(" ", "_"): _pooled(p) for p in ai["panels"]},
        "experiments": _experiments(cells),
    }


def _headline(row: Mapping[str, Any]) -> dict[str, Any]:
    return _gap(row) | {
        "period": label(row["period"]),
        "above": _percent(row["gap"], "gap.headline"),
        "above_low": _percent(row["gap_low"], "gap.headline"),
        "above_high": _percent(row["gap_high"], "gap.headline"),
        "share": plain(row["share_above"], "gap.headline"),
        "actual": plain(row["actual"] / 1e3, "gap.headline", 0),
        "implied": plain(row["implied"] / 1e3, "gap.headline", 0),
    }


def _gap(row: Mapping[str, Any]) -> dict[str, Any]:
    names = {"gap": "gap", "low": "gap_low", "high": "gap_high"}
    return {name: plain(row[key], f"gap.{key}") for name, key in names.items()}


def _percent(value: float, what: str) -> dict[str, Any]:
    return quoted(value, f"{100 * math.expm1(value):.0f}")


def _rows(era: Mapping[str, Any], perimeter: str, equation: str) -> list[Mapping[str, Any]]:
    mine = [
        r
        for r in era["result"]
        if (r["perimeter"], r["equation"]) == (perimeter, equation) and r["unit"] in UNITS
    ]
    if not mine:
        raise InputError(f"The text quotes the gap of {perimeter} by {equation}, which was not found.")
    return [r for r in mine if r["fundamentals"] == mine[0]["fundamentals"]]


def _class(era: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _rows(era, "information_processing", "error_correction")


def _at(rows: Sequence[Mapping[str, Any]], years: float) -> Mapping[str, Any]:
    return next(r for r in rows if r["years_since_take_off"] == years)


def _window(era: Mapping[str, Any]) -> str:
    first = era["estimates"][0]
    return f"{first['first'][:4]}–{first['last'][:4]}"


def _long_run(era: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = next(e for e in era["estimates"] if e["equation"] == "error_correction")
    value = found["long_run"][name]
    return {
        "value": plain(value["value"], "gap.long_run"),
        "se": plain(value["se"], "gap.long_run"),
        "speed": plain(found["speed"], "gap.speed"),
    }


def _variants(era: Mapping[str, Any]) -> dict[str, Any]:
    last = era["headline"]["period"]
    rows = [r for r in era["result"] if r["unit"] == "sector" and r["period"] == last]
    gaps = [r["gap"] for r in rows]
    return {
        "count": count(len(rows), "gap.variants"),
        "lowest": plain(min(gaps), "gap.variants"),
        "highest": plain(max(gaps), "gap.variants"),
        "clear": count(sum(r["gap_low"] > 0 for r in rows), "gap.variants"),
    }


def _tests(tests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how many of the firms' bounds F reject, before the boom and through it."""
    mine = [t for t in tests if t["perimeter"] == "firms" and t["test"] == "bounds_f"]
    return {
        window: {
            "rejects": count(sum(t["rejects"] for t in mine if t["window"] == window), "gap.tests"),
            "count": count(sum(t["window"] == window for t in mine), "gap.tests"),
        }
        for window in ("before", "through")
    } | {
        "published": count(
            sum(bool(t["rejects_asymptotically"]) for t in mine if t["window"] == "through"), "gap.tests"
        )
    }


def _one(tests: Sequence[Mapping[str, Any]], perimeter: str, on: str) -> dict[str, Any]:
    return {
        window: {
            t["test"]: plain(t["p_value"], "gap.tests")
            for t in tests
            if (t["perimeter"], t["fundamentals"], t["window"]) == (perimeter, on, window)
        }
        for window in ("before", "through")
    }


def _pooled(panel: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"value": plain(v["value"], "gap.pooled"), "se": plain(v["se"], "gap.pooled")}
        for name, v in panel["pooled"].items()
    } | {
        "mean_group": {
            name: {"value": plain(v["value"], "gap.pooled"), "se": plain(v["se"], "gap.pooled")}
            for name, v in panel["mean_group"].items()
        }
    }


def _experiments(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    size = [c for c in cells if c["kind"] == "size" and c["speed"] == 0]
    power = {c["periods"]: c for c in cells if c["kind"] == "size" and c["speed"] != 0}
    tests = [k for k in size[0] if k.endswith("_bootstrap") and not k.startswith("bounds_all")]
    made = [c[k] for c in size for k in tests]
    published = [v for c in size for k, v in c.items() if k.endswith("_published")]
    cover = [c for c in cells if c["kind"] == "coverage"]
    return {
        "systems": count(size[0]["count"], "gap.experiments"),
        "size": _range(made),
        "published": _range(published),
        "power": {f"t{t}": plain(c["bounds_f_bootstrap"], "gap.experiments") for t, c in power.items()},
        **{name: _range(_held(cover, key)) for name, key in HELD.items()},
    }


def _held(cells: Sequence[Mapping[str, Any]], which: str) -> list[float]:
    """Return coverage of an interval over all cells and horizons."""
    return [v for c in cells for k, v in c.items() if k.startswith(f"{which}_") and "width" not in k]


def _range(values: Sequence[float]) -> dict[str, Any]:
    return {"low": plain(min(values), "gap.experiments"), "high": plain(max(values), "gap.experiments")}
