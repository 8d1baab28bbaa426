"""The quoted numbers of the inside view: chances, dependence, what was learnt, and telecom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain

HORIZONS = {"2027Q4": "y2027", "2028Q4": "y2028", "2030Q4": "y2030"}
NAMES = {"O1": "cash", "O2": "use", "O3": "spending", "O4": "gap", "O5": "price", "composite": "composite"}
EVENT = "O3"


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``inside_view``.

    Parameters
    ----------
    results
        Name to content of ``inside_view`` and ``inside_view_telecom``.
    """
    found = results["inside_view"]
    made: dict[str, Any] = {
        "paths": count(found["inputs"]["paths"], "inside_view.paths"),
        "draws": count(found["inputs"]["draws"], "inside_view.draws"),
        "last": label(found["inputs"]["last"]),
        "takeoff": label(found["inputs"]["takeoff"]),
        "identities": plain(_exponent(found), "inside_view.identities", 0),
        "contracts": _contracts(found["contracts"]),
        "nested": _nested(found["checks"]["nested"]),
        "variants": _variants(found["variants"]),
        "later": _later(found["later"]),
        "telecom": _telecom(results["inside_view_telecom"]),
        "weightless": label(_weightless(found["forecasts"])),
        **_settings(found),
    }
    for by, short in HORIZONS.items():
        made[short] = _horizon(found, by)
    return made


def _horizon(found: Mapping[str, Any], by: str) -> dict[str, Any]:
    said = {f["event"]: f for f in found["forecasts"] if f["by"] == by}
    learnt = {r["event"]: r["learnt"] for r in found["learnt"] if r["by"] == by}
    row = next(r for r in found["dependence"] if r["by"] == by)
    made: dict[str, Any] = {
        name: {
            "chance": percent(said[event]["probability"], f"inside_view.{by}.{event}"),
            "low": _end(said[event], 0),
            "high": _end(said[event], 2),
        }
        for event, name in NAMES.items()
        if said[event]["probability"] is not None
    }
    made["learnt"] = {
        name: plain(learnt[event], f"inside_view.{by}.learnt.{event}")
        for event, name in NAMES.items()
        if event in learnt
    }
    for run in ("feedback", "one_way"):
        made[run] = _phi(row[run]["pairs"]) | {
            "spending": percent(row[run]["probability"][2], "inside_view.spending", 1),
            "composite": percent(row[run]["composite"], "inside_view.composite", 1),
            "independent": percent(row[run]["independent"], "inside_view.independent", 1),
        }
    by_rate = {r["rate"]: r["O1"] for r in found["rates"] if r["by"] == by}
    made["rates"] = {
        end: percent(by_rate[pick(by_rate)], "inside_view.rates")
        for end, pick in (("low", min), ("high", max))
    }
    made["prior"] = {
        NAMES[r["event"]]: percent(r["probability"], "inside_view.prior")
        for r in found["prior"]
        if r["by"] == by
    }
    return made


def _phi(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the correlations that exist: an event that never holds has none."""
    of = {tuple(p["pair"]): p for p in pairs}
    both = of["O2", "O3"]
    values = {
        "use_spending": both["phi"],
        "use_spending_error": both["phi_error"],
        "use_spending_within": both["within"],
        "cash_use": of["O1", "O2"]["phi"],
        "cash_spending": of["O1", "O3"]["phi"],
    }
    return {n: plain(v, f"inside_view.{n}") for n, v in values.items() if v is not None}


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was set: years of cash after a horizon, the ratio's bounds, rates, the mark of learning."""
    from overbuild.simulation.forecasts import LEAST_LEARNT
    from overbuild.simulation.run import RATIO_BOUNDS
    from overbuild.simulation.variants import PULLS
    from overbuild.simulation.view import InsideView

    rates = [r["rate"] for r in found["rates"]]
    return {
        "continued": count(InsideView().continued, "inside_view.continued"),
        "ratio_low": plain(RATIO_BOUNDS[0], "inside_view.ratio_low", 1),
        "ratio_high": plain(RATIO_BOUNDS[1], "inside_view.ratio_high", 0),
        "rate_low": percent(min(rates), "inside_view.rate_low"),
        "rate_high": percent(max(rates), "inside_view.rate_high"),
        **{n: plain(s, f"inside_view.{n}", 1) for n, s in PULLS.items() if s > 0},
        "least_learnt": plain(LEAST_LEARNT, "inside_view.least_learnt", 1),
    }


def _weightless(forecasts: Sequence[Mapping[str, Any]]) -> str:
    """Return in words how many of the forecasts have no weight."""
    spoken = [f for f in forecasts if f["probability"] is not None]
    without = sum(f["evidence"] == "prior-driven" or f["status"] == "failed" for f in spoken)
    return f"{without} of {len(spoken)}"


def _end(forecast: Mapping[str, Any], which: int) -> dict[str, Any]:
    spread: Sequence[float | None] = forecast["spread"] or (None,) * 3
    return percent(spread[which], "inside_view.spread")


def _exponent(found: Mapping[str, Any]) -> float:
    """Return the power of ten below which the books balance."""
    from math import ceil, log10

    worst = max(v for k, v in found["checks"]["identities"].items() if k != "passed")
    return float(-ceil(log10(max(worst, 1e-16))))


def _contracts(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "years": plain(found["years"], "inside_view.contracts.years", 0),
        "premium": plain(found["premium"]["q50"], "inside_view.contracts.premium"),
        "renewal": plain(found["renewal"]["q50"], "inside_view.contracts.renewal"),
        "simulated_years": plain(found["simulated_years"], "inside_view.contracts.simulated_years", 1),
        "simulated": plain(found["simulated"]["q50"], "inside_view.contracts.simulated"),
        "renewal_rate": _rate(found["renewal"]["q50"], found["years"]),
        "simulated_rate": _rate(found["simulated"]["q50"], found["simulated_years"]),
    }


def _rate(ratio: float, years: float) -> dict[str, Any]:
    """Return the fall a year, per cent, that leads to a ratio of prices."""
    return percent(1 - ratio ** (1 / years), "inside_view.contracts.rate", 1)


def _later(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return medians of use and price after the last horizon, by run and years."""
    made: dict[str, Any] = {}
    for r in rows:
        made.setdefault(r["run"], {})[f"y{r['years']}"] = {
            "use": plain(r["use"], "inside_view.later.use"),
            "price": plain(r["price_over_cost"], "inside_view.later.price"),
        }
    return made


def _nested(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "states": count(found["horizons"][0]["states"], "inside_view.nested.states"),
        "worst": plain(found["worst_difference"], "inside_view.nested.worst", 3),
    }


def _variants(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return, by the last horizon, the chances of each variant."""
    last = max(HORIZONS)
    return {
        r["variant"]: {
            NAMES[e]: percent(r[e], f"inside_view.variants.{r['variant']}") for e in ("O1", "O3", "composite")
        }
        for r in rows
        if r["by"] == last
    }


def _telecom(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the chance of the fall by year and years ahead, and which years failed a check."""
    failed = [each["as_of"][:4] for each in found if not all(each["checks_passed"].values())]
    made: dict[str, Any] = {"failed": label(" and ".join(failed) or "none")}
    for each in found:
        year = int(each["as_of"][:4])
        made[f"from_{year}"] = {
            f"ahead_{int(f['by'][:4]) - year}": percent(f["probability"], "inside_view.telecom", 1)
            for f in each["forecasts"]
            if f["event"] == EVENT and f["probability"] is not None
        }
    return made
