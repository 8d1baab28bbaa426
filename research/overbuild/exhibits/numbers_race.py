"""The quoted numbers of the capacity race: ratios, losses, counterfactuals, what a fall leaves, signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain
from overbuild.games.race_scenarios import CUT_SHORT

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
        "created": ("society_gain", percent),
        "below": ("below_cost", percent),
    },
    "tax": {"rate": ("tax", percent)},
}
"""What is quoted of every counterfactual, and of one: name to field and how it is written."""
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
        "accuracy": {
            f"n{n}": _accuracy([a for a in found["accuracy"] if a["firms"] == n])
            for n in sorted({a["firms"] for a in found["accuracy"]})
        },
        "demand_states": _demand(eras["ai"]["spec"]),
        "smoothing": _smoothing(eras),
        "signs": _signs(found["signs"]),
        **{e: _era(v) for e, v in eras.items()},
    }


def _era(episode: Mapping[str, Any]) -> dict[str, Any]:
    fallen = episode["after_fall"]["idle"]
    cut = [o["at_top"] > CUT_SHORT for o in episode["sweep"]]
    return {
        "depreciation": percent(episode["spec"]["depreciation"], "race.depreciation"),
        "cut": count(sum(cut), "race.cut"),
        "failed": count(episode["failed"], "race.failed"),
        "fall": {n: percent(fallen[y], "race.fall") for n, y in YEARS_AFTER.items()},
        "driver": _driver(episode["drivers"]),
        "market_clears": plain(episode["market_clears"]["social"], "race.market_clears"),
        "lattice": _lattice(episode["lattice"]),
        "planner_below": percent(episode["planner_below"], "race.planner_below"),
        **{s["id"]: _scenario(s) for s in episode["scenarios"]},
    }


def _scenario(scenario: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for short, (name, write) in (OF_EVERY | OF_ONE.get(scenario["id"], {})).items():
        what, ends = f"race.{scenario['id']}.{short}", scenario["ranges"][name]
        made[short] = {
            "middle": write(scenario["middle"][name], what),
            "median": write(ends["q50"], what),
            "low": write(ends["q10"], what),
            "high": write(ends["q90"], what),
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


def _demand(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the other states over the lowest, and what a fall from the highest to the lowest is."""
    market, stays = spec["market"], (1 + spec["persistence"]) / 2
    return {
        "middle": plain(market[len(market) // 2] / market[0], "race.demand", 1),
        "top": plain(market[-1] / market[0], "race.demand", 1),
        "fall": percent(1 - market[0] / market[-1], "race.demand"),
        "chance": percent((1 - stays) ** (len(market) - 1), "race.demand", 1),
    }


def _lattice(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the race of few firms in whole units and in halves."""
    write = {"social": plain, "joint": plain, "society": lambda v, what: percent(v, what, 1)}
    return {"firms": count(found["firms"], "race.lattice")} | {
        size: {n: w(found[size][n], "race.lattice") for n, w in write.items()} for size in ("unit", "half")
    }


def _accuracy(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    worst = max(abs(g) for row in rows for g in row["gaps"].values())
    return {
        "states": count(rows[0]["states"], "race.accuracy"),
        "reduced": count(rows[0]["reduced"], "race.accuracy"),
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
    """Return what is quoted of the races of two firms, over all equilibria that were found."""

    def of(competition: str, parameter: str) -> list[Mapping[str, Any]]:
        own = [r for r in rows if (r["competition"], r["parameter"]) == (competition, parameter)]
        return sorted(own, key=lambda r: r["value"])

    def ends(own: Sequence[Mapping[str, Any]], what: str, write: Any) -> dict[str, Any]:
        made = {}
        for name, row in (("first", own[0]), ("last", own[-1])):
            made[name] = write(row[what], "race.signs")
            made[f"{name}_at"] = percent(row["value"], "race.signs")
        return made

    def between(own: Sequence[Mapping[str, Any]], what: str) -> dict[str, Any]:
        values = [r[what] for r in own]
        return {"low": percent(min(values), "race.signs"), "high": percent(max(values), "race.signs")}

    worn, scrap = of("prices", "depreciation"), of("prices", "scrap")
    one = [r for r in worn if r["equilibria"] == 1]
    several = [r for r in worn if r["equilibria"] > 1]
    widest = {r["value"]: max(q["gap"] for q in several if q["value"] == r["value"]) for r in several}
    led = [r for r in several if r["gap"] == widest[r["value"]]]
    others = [r for r in several if r["gap"] < widest[r["value"]]]
    quantities = [r for r in rows if r["competition"] == "quantities"]
    return {
        "depreciation": ends(one, "gap", percent),
        "overshoot_one": between(one, "overshoot"),
        "several": ends(several, "gap", percent),
        "led": between(led, "gap") | {"overshoot": between(led, "overshoot")},
        "others": between(others, "gap") | {"overshoot": between(others, "overshoot")},
        "scrap": ends(scrap, "gap", percent),
        "overshoot": ends(scrap, "overshoot", percent),
        "substitution": ends(of("quantities", "substitution"), "ratio", plain),
        "quantities": between(quantities, "gap") | {"overshoot": between(quantities, "overshoot")},
    }
