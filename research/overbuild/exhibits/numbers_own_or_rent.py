"""The quoted numbers of own or rent: prices, rented share, frontier, channels of a rental market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import billion, count, label, percent, plain

CASES = {"both": "both", "own only": "own", "rent only": "rent", "neither": "neither"}
DRIVERS = {
    "premium": "cost of owning over that of renting",
    "own_years": "life of the equipment",
    "rent_years": "length of the contract",
}
CHANNELS = ("level", "fully_pooled", "pool", "entry", "without", "with", "change", "in_all")


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``own_or_rent``.

    Parameters
    ----------
    results
        Name to content of ``rented_shares``.
    """
    found = results["rented_shares"]
    central = found["central"]
    spec, market = central["spec"], found["market"]
    first, last = central["frontier"][0], central["frontier"][-1]
    drivers = sorted(found["drivers"].items(), key=lambda d: -abs(d[1]))
    what = "own_or_rent"
    return {
        "draws": count(found["draws"], what),
        "firms": count(market["firms"], what),
        "gpus": count(found["contract"]["gpus"], what),
        "price": plain(found["contract"]["price"], what),
        "prepayment": percent(found["contract"]["prepayment"], what),
        "rent_price": plain(spec["rent_price"], what),
        "own_cost": plain(spec["own_cost"], what),
        "own_years": count(spec["own_years"], what),
        "rent_years": count(spec["rent_years"], what),
        "tail": percent(1 - central["level"], what),
        "premium": _ends(found["premium"], plain) | {"above": percent(found["premium"]["above"], what)},
        "as_filed": {
            "years": count(found["as_filed"]["own_years"], what),
            "premium": plain(found["as_filed"]["premium"], what),
            "share": percent(found["as_filed"]["rented_share"], what),
        },
        "at_least_risk": {
            "draws": count(found["least_risk"]["draws"], what),
            "no_more_rented": percent(found["least_risk"]["no_more_rented"], what),
            "more_committed": percent(found["least_risk"]["more_committed"], what),
        },
        "all_cost_counts": _point(found["all_cost_counts"]),
        "share": _ends(found["share"], percent),
        "mean_share": percent(found["share"]["mean"], what),
        "cases": {short: percent(found["cases"][name], what) for name, short in CASES.items()},
        "least_cost": _point(first),
        "least_risk": _point(last),
        "alone": _point(central["only_owning"]),
        "saved": percent(1 - first["cost"] / central["only_owning"]["cost"], what, 1),
        "saved_by_renting": {
            "median": percent(1 - found["cost_ratio"]["q50"], what, 1),
            "most": percent(1 - found["cost_ratio"]["q05"], what, 1),
        },
        "idle_saved": _ends(found["handed"]["cost_of_idle_saved"], lambda v, w: percent(v, w, 1)),
        "all_on_spot": {
            "neither": percent(found["all_on_spot"]["cases"]["neither"], what),
            "most": percent(max(p["rented_share"] for p in found["all_on_spot"]["frontier"]), what),
            "least_risk": _point(found["all_on_spot"]["frontier"][-1]),
        },
        "driver": {
            "first_name": label(_named(drivers[0][0])),
            "first": plain(drivers[0][1], what),
            "next_name": label(_named(drivers[1][0])),
            "next": plain(drivers[1][1], what),
            "volatility": plain(found["drivers"]["volatility"], what),
        },
        "market": {n: _ends(market[n], plain) for n in CHANNELS},
        "entry_above": percent(market["entry"]["above"], what),
        "change_above": percent(market["change"]["above"], what),
        "in_all_above": percent(market["in_all"]["above"], what),
        "needs_more": percent(market["needs_more"], what),
        "context": {
            name.partition("_")[2]: {
                "value": billion(row["value"] / 1000, what),
                "grade": label(row["grade"]),
            }
            for name, row in found["context"]["commitments"].items()
        },
    }


def _named(driver: str) -> str:
    return DRIVERS.get(driver, driver.replace("_", " "))


def _ends(values: Mapping[str, Any], write: Any) -> dict[str, Any]:
    names = {"low": "q05", "median": "q50", "high": "q95"}
    return {n: write(values[q], "own_or_rent") for n, q in names.items()}


def _point(point: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "share": percent(point["rented_share"], "own_or_rent"),
        "total": plain(point["owned"] + point["rented"], "own_or_rent"),
        "cost": plain(point["cost"], "own_or_rent"),
        "cvar": plain(point["cvar"], "own_or_rent"),
    }
