"""The quoted numbers of capital: what is in use, what it must earn, what accounts and counted chips say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from overbuild.errors import InputError
from overbuild.exhibits.quoting import billion, count, label, percent, plain

POINTS = {"value": "q50", "low": "q05", "high": "q95"}


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of the section on capital.

    Parameters
    ----------
    results
        Name of a result to its content: ``estimate_capital_ai``, ``estimate_capital_telecom``,
        ``hindcasts_capital``.
    """
    ai, telecom = (results[f"estimate_capital_{e}"]["findings"] for e in ("ai", "telecom"))
    every = [*ai["accounting_lives"], *telecom["accounting_lives"]]
    return {
        "ai": _capital(ai) | _covered(ai),
        "telecom": _capital(telecom),
        "telecom_peak": _capital(_latest(results["hindcasts_capital"])),
        "accounts": {_short(life["firm"]): _life(life) for life in every},
        "accounts_least": {
            "life": percent(min(x["new_life"]["learnt"] for x in every), "capital.learnt"),
            "lag": percent(max(x["lag"]["learnt"] for x in every), "capital.lag_learnt"),
        },
        "outside": _outside(ai["installed_compute"]),
    }


def _capital(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "period": label(found["period"]),
        "in_use": _billions(found["capital_in_use"], "capital.in_use"),
        "in_progress": _billions(found["in_progress"], "capital.in_progress"),
        "charge": _percents(found["charge_over_capital"], "capital.charge"),
    }


def _covered(found: Mapping[str, Any]) -> dict[str, Any]:
    first = found["must_be_true"][0]
    levers = {lever["lever"]: lever for lever in first["levers"]}
    proxy = found["o1_proxy"]
    lag = next(row for row in found["prior_driven"] if row["parameter"] == "completion lag")
    return {
        "lag": plain(lag["q50"], "capital.lag", 1),
        "required": _billions(found["required"], "capital.required"),
        "completed": _billions(found["required_when_completed"], "capital.completed"),
        "revenue": {end: billion(found["revenue"][end] / 1e3, "capital.revenue") for end in ("low", "high")},
        "cover": {end: _plains(found["cover"][end], "capital.cover") for end in ("low", "high")},
        "below_one": {
            when: {end: percent(share, "capital.below_one") for end, share in proxy[when].items()}
            for when in ("in_use", "when_completed")
        },
        "scenario": {
            "by": label(first["by"]),
            "low": _percents(levers["revenue_growth_from_high"], "capital.growth"),
            "high": _percents(levers["revenue_growth_from_low"], "capital.growth"),
        },
    }


def _life(life: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "periods": count(life["periods"][2], "capital.periods"),
        "old": _plains(life["old_life"], "capital.old_life", 1),
        "new": _plains(life["new_life"], "capital.new_life", 1),
        "learnt": percent(life["new_life"]["learnt"], "capital.learnt"),
        "lag_learnt": percent(life["lag"]["learnt"], "capital.lag_learnt"),
        "correlation": plain(life["correlation_new_life_lag"], "capital.correlation"),
    }


def _outside(found: Mapping[str, Any] | None) -> dict[str, Any]:
    if found is None:
        raise InputError("The text quotes chips counted outside, of which the snapshot of AI holds none.")
    last = found["quarters"][-1]
    return {
        "period": label(found["period"]),
        "owned": percent(found["owned_share"], "capital.owned"),
        "between": percent(found["between"], "capital.between"),
        **{name: _billions(last[name], f"capital.{name}") for name in ("in_use", "paid_for", "counted")},
        "ratio": _ratios(found["differences"]["level_in_use"], "capital.ratio"),
        "ratio_paid": _ratios(found["differences"]["level_paid_for"], "capital.ratio"),
        "growth_gap": _plains(found["differences"]["growth_paid_for"], "capital.growth_gap"),
    }


def _latest(hindcasts: list[dict[str, Any]]) -> dict[str, Any]:
    return max(hindcasts, key=lambda r: r["as_of"])["findings"]


def _short(firm: str) -> str:
    return "carriers" if firm.startswith("FCC") else firm.lower()


def _billions(band: Mapping[str, float], what: str) -> dict[str, Any]:
    return {name: billion(band[point] / 1e3, what) for name, point in POINTS.items()}


def _percents(band: Mapping[str, float], what: str) -> dict[str, Any]:
    return {name: percent(band[point], what) for name, point in POINTS.items()}


def _ratios(band: Mapping[str, float], what: str) -> dict[str, Any]:
    """Return a difference of logs as a ratio in per cent."""
    return {name: percent(math.exp(band[point]), what) for name, point in POINTS.items()}


def _plains(band: Mapping[str, float], what: str, decimals: int = 2) -> dict[str, Any]:
    return {name: plain(band[point], what, decimals) for name, point in POINTS.items()}
