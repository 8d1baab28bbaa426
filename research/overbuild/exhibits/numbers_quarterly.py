"""The quoted numbers of the quarterly regimes: regimes of both eras, slack, forecasts and what was learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.errors import InputError
from overbuild.exhibits.quoting import count, label, percent, plain
from overbuild.exhibits.utilisation_hazard import turn

MARK = 0.9
"""Chance of a bust above which quarters are counted, as in the findings."""
ORDERS, SHIPMENTS, CAPEX = "supplier_orders", "supplier_shipments", "capex"


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers by name, below ``quarterly``."""
    eras = {
        "ai": results["estimate_quarterly_ai"],
        "telecom": results["estimate_quarterly_telecom"],
        "full": results["estimate_quarterly_telecom_full"],
    }
    made: dict[str, Any] = {name: _era(name, found) for name, found in eras.items()}
    made["mark"] = plain(MARK, "quarterly.mark", 1)
    made["slack"] = _slack(eras["full"]["findings"])
    made["down"] = label(turn(eras["full"]["findings"])[1])
    made["hindcasts"] = {
        found["as_of"][:4]: _ahead(found["findings"], ORDERS) for found in results["hindcasts_quarterly"]
    }
    return made


def _era(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    panel = found.get("panel")
    if panel is not None and not panel["used"]:
        raise InputError(
            f"The text says that the annual panel stands behind the quarterly fit ({name}); the fit of the "
            f"panel on file ({panel['key']}) failed a check and was not used."
        )
    findings = found["findings"]
    rows = {p["parameter"]: p for p in found["parameters"]}
    quarters = findings["quarters"]
    made = {
        "first": label(quarters[0]["quarter"]),
        "last": label(quarters[-1]["quarter"]),
        "quarters": count(len(quarters), f"quarterly.{name}.quarters"),
        "now": {r: plain(findings["now"][r], f"quarterly.{name}.now") for r in ("normal", "boom", "bust")},
        "learnt": {
            part: percent(max(findings["learnt"][part], 0.0), f"quarterly.{name}.learnt")
            for part in ("chance", "depth")
        },
        "bust_gap": _interval(rows, "bust_gap", name),
        "boom_gap": _interval(rows, "boom_gap", name),
        "windows": {w: _window(v, name) for w, v in findings["windows"].items()},
    }
    first = findings["layers"][0]
    if name != "full":
        made["ahead"] = _ahead(findings, first)
    if name == "telecom":
        made["shipments_ahead"] = _ahead(findings, SHIPMENTS)
    return made


def _interval(rows: Mapping[str, Mapping[str, Any]], name: str, era: str) -> dict[str, Any]:
    """Return mean and 90 % interval of a gap of growth a year, in points."""
    if name not in rows:
        raise InputError(f"The estimate of the quarterly regimes of {era} holds no parameter '{name}'.")
    what = f"quarterly.{era}.{name}"
    ends = {"mean": "mean", "low": "q05", "high": "q95"}
    return {key: percent(rows[name][column], what) for key, column in ends.items()}


def _window(found: Mapping[str, Any], era: str) -> dict[str, Any]:
    what = f"quarterly.{era}.windows"
    return {k: plain(found[k], what) for k in ("least", "mean", "largest", "largest_then")} | {
        k: count(found[k], what) for k in ("quarters", "above_90")
    }


def _ahead(findings: Mapping[str, Any], layer: str) -> dict[str, Any]:
    """Return by years ahead the chance of O3, and the date by which."""
    return {
        f"years_{r['years']}": {
            "by": label(r["by"]),
            "year": label(r["by"][:4]),
            "probability": plain(r["probability"], "quarterly.ahead"),
        }
        for r in findings["ahead"]
        if r["layer"] == layer
    }


def _slack(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the two slopes in slack beside their priors, and the use of plants at the turn."""
    made: dict[str, Any] = {}
    for name, slope in findings["slopes"].items():
        what = f"quarterly.slack.{name}"
        made[name] = {
            "mean": plain(slope["mean"], what),
            "low": plain(slope["q05"], what),
            "high": plain(slope["q95"], what),
            "above_zero": plain(slope["above_zero"], what),
            "learnt": percent(max(slope["learnt"], 0.0), what),
            "prior_sd": plain(slope["prior_sd"], what, 1),
        }
    used = [(q["utilisation"], q["quarter"]) for q in findings["quarters"] if q["utilisation"] is not None]
    if not used:
        raise InputError("The text quotes the use of telecom's plants, which is not in the estimate.")
    busts = [q for q in findings["quarters"] if q["bust"] > 0.5]
    first = busts[0]["quarter"] if busts else None
    if first is None:
        raise InputError("The text quotes telecom's first quarter of bust; the estimate holds none.")
    before = next(u for u, quarter in reversed(used) if quarter < first)
    made["peak"] = {"quarter": label(max(used)[1]), "percent": percent(max(used)[0] - 1, "quarterly.use")}
    made["turn"] = {"quarter": label(first), "percent_before": percent(before - 1, "quarterly.use")}
    return made
