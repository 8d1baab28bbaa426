"""The quoted numbers of the contributions to growth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.errors import InputError
from overbuild.exhibits.quoting import count, label, percent, plain

CORE, CONSTRUCTION = "information_technology", "datacentre_construction"


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``contribution``.

    Parameters
    ----------
    results
        Name to content of ``contribution``.
    """
    ai, telecom = (results["contribution"][era] for era in ("ai", "telecom"))
    latest = {r["component"]: r for r in ai["latest"]}
    single = {r["statement"]: r for r in ai["statements"] if r["statement"] != "bis"}
    bis = [r for r in ai["statements"] if r["statement"] == "bis"]
    years = {w["year"]: w["tornqvist"] for w in telecom["windows"] if w["component"] == CORE}
    best = max(years, key=lambda y: years[y])
    return {
        "quarter": label(latest["software"]["period"]),
        "equipment": _latest(latest["information_processing_equipment"]),
        "software": _latest(latest["software"]),
        "total": plain(_at(ai, CORE, latest["software"]["period"]), "contribution.total"),
        "construction": plain(
            _at(ai, CONSTRUCTION, latest["software"]["period"]), "contribution.construction"
        ),
        "year": {
            y: plain(w["tornqvist"], "contribution.year")
            for w in ai["windows"]
            if w["component"] == CORE and (y := f"y{w['year']}") in ("y2023", "y2024", "y2025")
        },
        "method": _method(ai["compared"]),
        "telecom": {
            "mean": plain(sum(years.values()) / len(years), "contribution.telecom"),
            "best": plain(years[best], "contribution.telecom"),
            "best_year": label(best),
            "last": plain(years["2001"], "contribution.telecom"),
            "proxy": plain(telecom["compared"][0]["mean"], "contribution.proxy"),
        },
        "bis": _bis(bis),
        "furman": {
            "share": percent(single["furman_share"]["found"], "contribution.furman"),
            "rest": plain(single["furman_rest"]["found"], "contribution.furman", 1),
        },
        "consumption": {
            "ours": plain(single["more_than_consumption"]["found"], "contribution.consumption"),
            "theirs": plain(single["more_than_consumption"]["said"], "contribution.consumption"),
        },
        "dotcom": {
            name: plain(single[f"half_of_dotcom_{name}"]["found"], "contribution.dotcom")
            for name in ("then", "now")
        },
        "revised": _revised(ai["revisions"]),
    }


def _latest(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "published": plain(row["published"], "contribution.latest"),
        "ours": plain(row["tornqvist"], "contribution.latest"),
        "difference": plain(row["difference"], "contribution.latest"),
        "revision": percent(abs(row["closing_revision"]), "contribution.latest", 1),
    }


def _at(era: Mapping[str, Any], component: str, period: str) -> float:
    for r in era["result"]:
        if (r["component"], r["period"]) == (component, period):
            return r["tornqvist"]
    raise InputError(f"The text quotes the contribution of {component} in {period}, which is not known.")


def _method(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    row = next(r for r in rows if r["component"] == "nonresidential_investment")
    return {
        "quarters": count(row["periods"], "contribution.method"),
        "mean": plain(row["mean_absolute"], "contribution.method", 3),
        "largest": plain(abs(row["largest"]), "contribution.method"),
        "largest_in": label(row["largest_in"]),
    }


def _bis(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    seen = [r for r in rows if r["could_be_seen"]]
    return {
        "before": plain(rows[0]["said_before"], "contribution.bis"),
        "since": plain(rows[0]["said_since"], "contribution.bis"),
        "tried": count(len(seen), "contribution.bis"),
        "hold": count(sum(r["holds"] for r in seen), "contribution.bis"),
        "least_before": plain(min(r["before"] for r in seen), "contribution.bis"),
        "most_before": plain(max(r["before"] for r in seen), "contribution.bis"),
        "least_since": plain(min(r["since"] for r in seen), "contribution.bis"),
        "most_since": plain(max(r["since"] for r in seen), "contribution.bis"),
        "most_rise": plain(max(r["rise"] for r in seen), "contribution.bis"),
        "rise_now": plain(max(r["rise"] for r in rows), "contribution.bis"),
    }


def _revised(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ratios = [r["ratio"] for r in rows if r["series"] == CONSTRUCTION]
    equipment = next(r for r in rows if r["series"] == "contribution_equipment")
    return {
        "low": percent(min(ratios), "contribution.revised"),
        "high": percent(max(ratios), "contribution.revised"),
        "equipment_then": plain(equipment["then"], "contribution.revised"),
        "equipment_now": plain(equipment["now"], "contribution.revised"),
    }
