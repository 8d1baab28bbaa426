"""The quoted numbers of the size and power of the explosive-root tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from overbuild.exhibits.psy_size_shares import POWERS, SIZES, Key, shares
from overbuild.exhibits.quoting import count, percent

PLAIN = ("plain0", "plain1")
LOW, HIGH = 0.03, 0.08
"""Between which a test of 5 % nominal size is asked to reject."""


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``psy_size``.

    Parameters
    ----------
    results
        Name to content of ``psy_size``.
    """
    result = results["psy_size"]
    found, sadf = shares(result), shares(result, "sadf")
    lengths = sorted({n for n, *_ in found})
    paths = {row[0]: row[4] for row in result["rows"]}
    return {
        "nominal": percent(result["size"], "psy_size.nominal"),
        "asked": {"low": percent(LOW, "psy_size.asked"), "high": percent(HIGH, "psy_size.asked")},
        "bootstraps": count(result["bootstraps"], "psy_size.bootstraps"),
        "draws": count(result["draws"], "psy_size.draws"),
        "late": percent(result["late"], "psy_size.late"),
        "paths": {f"n{n}": count(paths[n], "psy_size.paths") for n in lengths},
        "lengths": {f"n{n}": count(n, "psy_size.lengths") for n in lengths},
        "plain": _each(found, PLAIN, "montecarlo"),
        "wild": _each(found, PLAIN, "wild"),
        "wild_signs": _each(found, PLAIN, "wild_signs"),
        "known": _each(found, ("plain0",), "volatile"),
        "sign": _each(found, ("sign",), "montecarlo"),
        "centred": _each(found, ("centred",), "montecarlo"),
        "coefficient": _each(found, ("coefficient",), "montecarlo"),
        "coefficient_first": _each(sadf, ("coefficient",), "montecarlo"),
        "coefficient_known": _each(found, ("coefficient",), "volatile"),
        "coefficient_signs": _each(found, ("coefficient",), "wild_signs"),
        "lines": _each(found, ("coefficient",), "published"),
        "proxy": _each(found, ("proxy", "proxy1"), "montecarlo"),
        "proxy_signs": _each(found, ("proxy",), "wild_signs"),
        "late_proxy": _each(found, ("late",), "montecarlo"),
        "outside": _outside(found),
    }


def _each(found: Mapping[Key, float], tests: Iterable[str], values: str) -> dict[str, Any]:
    """Return the range over lengths and tests for every process, for all of `SIZES` and for the powers."""
    tests = tuple(tests)
    of = {k: v for k, v in found.items() if k[2] in tests and k[3] == values}
    ranges = {p: _range([v for k, v in of.items() if k[1] == p]) for p in sorted({k[1] for k in of})}
    everywhere = {
        name: _range([v for k, v in of.items() if k[1] in group])
        for name, group in (("sizes", SIZES), ("powers", POWERS))
    }
    return ranges | everywhere


def _range(values: list[float]) -> dict[str, Any]:
    return {
        "low": percent(min(values), "a share of rejections", 1),
        "high": percent(max(values), "a share of rejections", 1),
    }


def _outside(found: Mapping[Key, float]) -> dict[str, Any]:
    """Count designs without a bubble where the plain test is outside what is asked, and who is inside."""
    cells = [k[:3] for k in found if k[1] in SIZES and k[2] in PLAIN and k[3] == "montecarlo"]
    wrong = [c for c in cells if not LOW <= found[(*c, "montecarlo")] <= HIGH]
    above = [c for c in wrong if found[(*c, "montecarlo")] > HIGH]
    inside = {
        kind: {
            "wrong": count(sum(LOW <= found[(*c, kind)] <= HIGH for c in wrong), "psy_size.outside"),
            "above": count(sum(LOW <= found[(*c, kind)] <= HIGH for c in above), "psy_size.outside"),
            "cells": count(sum(LOW <= found[(*c, kind)] <= HIGH for c in cells), "psy_size.outside"),
        }
        for kind in ("wild", "wild_signs")
    }
    return {
        "cells": count(len(cells), "psy_size.outside"),
        "wrong": count(len(wrong), "psy_size.outside"),
        "above": count(len(above), "psy_size.outside"),
        **inside,
    }
