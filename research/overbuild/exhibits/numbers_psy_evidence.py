"""The quoted numbers of the recursive tests: p-values by series, dates, and what the tests can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import count, label, plain

KINDS: Mapping[str, str] = {"plain": "monte_carlo", "wild": "bootstrap"}


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers by series (``series``) and by what its test can do (``rates``)."""
    result = results["psy_evidence"]
    rows = result["series"]
    family = [row for row in rows if row["adjusted"]]
    least = min(family, key=lambda row: row["adjusted"]["bootstrap"]["benjamini_hochberg"])
    by_plain = [
        row for row in family if row["adjusted"]["monte_carlo"]["benjamini_hochberg"] <= result["level"]
    ]
    designs = {(d["observations"], d["lags"], d["trailing"]): d["rates"] for d in result["designs"]}
    by_lags = [d["size_by_lags"] for d in result["designs"] if d["size_by_lags"] is not None] or [None]
    return {
        "replications": count(result["replications"], "psy_evidence.replications"),
        "family": count(result["family"], "psy_evidence.family"),
        "long": count(sum(row["claims"] for row in rows), "psy_evidence.long"),
        "short": count(sum(not row["claims"] for row in rows), "psy_evidence.short"),
        "needed": count(result["fewest_for_a_claim"], "psy_evidence.needed"),
        "rejected": count(len(result["rejected"]), "psy_evidence.rejected"),
        "rejected_plain": count(len(by_plain), "psy_evidence.rejected_plain"),
        "named_plain": label("; ".join(row["title"] for row in by_plain) or "none"),
        "least": label(least["title"]),
        "least_bh": plain(least["adjusted"]["bootstrap"]["benjamini_hochberg"], "psy_evidence.least", 2),
        "by_lags": {
            "low": plain(min(by_lags), "psy_evidence.by_lags"),
            "high": plain(max(by_lags), "psy_evidence.by_lags"),
        },
        "series": {row["id"]: _series(row) for row in rows},
        "rates": {
            row["id"]: _rates(designs[row["observations"], row["lags"], row["trailing"]]) for row in rows
        },
    }


def _series(row: Mapping[str, Any]) -> dict[str, Any]:
    what = f"psy_evidence.{row['id']}"
    last = row["episodes"][-1] if row["episodes"] else None
    made: dict[str, Any] = {
        "n": count(row["observations"], what),
        "window": count(row["window"], what),
        "first": label(row["first"]),
        "last": label(row["last"]),
        "gsadf": plain(row["gsadf"], what),
        "rise": plain(row["rise"], what, 1),
        "alarm": plain(row["false_alarm"], what),
        "episodes": count(len(row["episodes"]), what),
        "drift": plain(row["p"]["drift"]["value"], what, 3),
        "start": label(last["start"] if last else "none"),
        "confirmed": label(last["confirmed"] if last else "none"),
        "end": label(("open" if last["ongoing"] else last["last"]) if last else "none"),
    }
    for name, kind in KINDS.items():
        made[name] = plain(row["p"][kind]["value"], what, 3)
        if row["adjusted"]:
            made[f"{name}_bh"] = plain(row["adjusted"][kind]["benjamini_hochberg"], what, 2)
            made[f"{name}_holm"] = plain(row["adjusted"][kind]["holm"], what, 2)
    return made


def _rates(rates: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    return {
        process: {name: plain(of[kind], "psy_evidence.rates") for name, kind in KINDS.items()}
        for process, of in rates.items()
    }
