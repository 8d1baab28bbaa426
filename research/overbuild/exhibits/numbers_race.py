"""The quoted numbers of the capacity race: ratios, losses, counterfactuals, what a fall leaves, signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain

OF_EVERY = {
    "social": ("capacity_to_social", plain),
    "joint": ("capacity_to_joint", plain),
    "owners": ("owners_loss", percent),
    "society": ("society_loss", percent),
}
OF_ONE = {
    "base": {
        "price": ("price_to_cost", plain),
        "idle": ("idle", percent),
        "users": ("users_gain", percent),
        "below": ("below_cost", percent),
    },
    "tax": {"rate": ("tax", percent)},
}
"""What is quoted of every counterfactual, and of one: name to field and how it is written."""
AT_END = 0.1
"""Chance of a firm at the end of the lattice from which a draw is said to be cut short."""
YEARS_AFTER = {"first": 0, "third": 3, "tenth": 10}


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``race``.

    Parameters
    ----------
    results
        Name to content of ``race``.
    """
    found = results["race"]
    eras = found["episodes"]
    return {
        "firms": count(eras["ai"]["spec"]["firms"], "race.firms"),
        "levels": count(eras["ai"]["spec"]["levels"], "race.levels"),
        "demand": count(len(eras["ai"]["spec"]["market"]), "race.demand"),
        "draws": count(len(eras["ai"]["sweep"]), "race.draws"),
        "fewer": count(min(s["draws"] for s in eras["ai"]["scenarios"]), "race.fewer"),
        "equilibria": {e: count(len(v["exact"]["equilibria"]), "race.equilibria") for e, v in eras.items()},
        "starts": count(sum(q["starts"] for q in eras["ai"]["exact"]["equilibria"]), "race.starts"),
        "accuracy": {f"n{a['firms']}": _accuracy(a) for a in found["accuracy"]},
        "smoothing": _smoothing(eras),
        "signs": _signs(found["signs"]),
        **{e: _era(v) for e, v in eras.items()},
    }


def _era(episode: Mapping[str, Any]) -> dict[str, Any]:
    fallen = episode["after_fall"]["idle"]
    cut = [o["at_top"] > AT_END for o in episode["sweep"]]
    return {
        "depreciation": percent(episode["spec"]["depreciation"], "race.depreciation"),
        "cut": count(sum(cut), "race.cut"),
        "failed": count(episode["failed"], "race.failed"),
        "fall": {n: percent(fallen[y], "race.fall") for n, y in YEARS_AFTER.items()},
        "driver": _driver(episode["drivers"]),
        "planner_below": percent(episode["planner_below"], "race.planner_below"),
        **{s["id"]: _scenario(s) for s in episode["scenarios"]},
    }


def _scenario(scenario: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for short, (name, write) in (OF_EVERY | OF_ONE.get(scenario["id"], {})).items():
        what, ends = f"race.{scenario['id']}.{short}", scenario["ranges"][name]
        made[short] = {
            "middle": write(scenario["middle"][name], what),
            "low": write(ends["q05"], what),
            "high": write(ends["q95"], what),
        }
    return made


def _driver(drivers: Mapping[str, float]) -> dict[str, Any]:
    """Return the parameter that moves most with the ratio, how much so, and the next's correlation."""
    first, second = sorted(drivers, key=lambda n: -abs(drivers[n]))[:2]
    return {
        "name": label(first.replace("_", " ")),
        "first": plain(drivers[first], "race.driver"),
        "next_name": label(second.replace("_", " ")),
        "next": plain(drivers[second], "race.driver"),
    }


def _accuracy(row: Mapping[str, Any]) -> dict[str, Any]:
    worst = max(abs(g) for g in row["gaps"].values())
    return {
        "states": count(row["states"], "race.accuracy"),
        "reduced": count(row["reduced"], "race.accuracy"),
        "worst": percent(worst, "race.accuracy", 1),
    }


def _smoothing(eras: Mapping[str, Any]) -> dict[str, Any]:
    """Return the largest change of a ratio when private shocks are half or twice as large."""
    moved = []
    for era in eras.values():
        rows = era["smoothing"]
        set_ = next(r for r in rows if r["factor"] == 1)
        moved += [abs(r[k] / set_[k] - 1) for r in rows for k in ("social", "joint")]
    return {"most": percent(max(moved), "race.smoothing", 1)}


def _signs(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    def ends(competition: str, parameter: str, what: str, write: Any) -> dict[str, Any]:
        own = [r for r in rows if (r["competition"], r["parameter"]) == (competition, parameter)]
        own.sort(key=lambda r: r["value"])
        first, most, last = own[0], max(own, key=lambda r: r[what]), own[-1]
        made = {}
        for name, row in (("first", first), ("most", most), ("last", last)):
            made[name] = write(row[what], "race.signs")
            made[f"{name}_at"] = percent(row["value"], "race.signs")
        return made

    quantities = [
        r["gap"] for r in rows if r["competition"] == "quantities" and r["parameter"] != "substitution"
    ]
    return {
        "depreciation": ends("prices", "depreciation", "gap", percent),
        "scrap": ends("prices", "scrap", "gap", percent),
        "overshoot": ends("prices", "scrap", "overshoot", percent),
        "substitution": ends("quantities", "substitution", "ratio", plain),
        "quantities": percent(max(quantities), "race.signs"),
    }
