"""The quoted numbers of the base rate: the rate, the forecast made from it, and how that was checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.errors import InputError
from overbuild.exhibits.quoting import billion, count, label, percent, plain, quantile


def base_rate(rate: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rate, its intervals, its rule and what other rules give."""
    rule = rate["rule"]
    low, high = rate["interval"]
    rates = [row["rate"] for row in rate["grid"] if row["rate"] is not None]
    grid_low, grid_high = quantile(rates, 0.05), quantile(rates, 0.95)
    return {
        "series": count(rate["series"], "baserate.series"),
        "first_year": label(str(rate["first_year"])),
        "last_year": label(str(rate["last_year"])),
        "run_ups": count(rate["run_ups"], "baserate.run_ups"),
        "falls": count(rate["falls"], "baserate.falls"),
        "unresolved": count(rate["unresolved"], "baserate.unresolved"),
        "rate": plain(rate["rate"], "baserate.rate"),
        "low": plain(low, "baserate.interval"),
        "high": plain(high, "baserate.interval"),
        "effective": plain(rate["effective_run_ups"], "baserate.effective_run_ups", 0),
        "by_method": {name: _interval(ends, f"baserate.{name}") for name, ends in rate["intervals"].items()},
        "grid": {"low": plain(grid_low, "baserate.grid"), "high": plain(grid_high, "baserate.grid")},
        "grid_rules": count(len(rate["grid"]), "baserate.grid"),
        "run_up": plain(rule["run_up"], "baserate.rule", 0),
        "window": count(rule["window_years"], "baserate.rule"),
        "fall": percent(rule["fall"], "baserate.rule"),
        "horizon": count(rule["horizon_years"], "baserate.rule"),
        "floor": billion(rule["floor_usd_million"], "baserate.rule"),
        "below_old_peak": count(_below_old_peak(rate), "baserate.cases"),
        "alternatives": {
            a["id"]: {
                "run_ups": count(a["run_ups"], "baserate.alternatives"),
                "falls": count(a["falls"], "baserate.alternatives"),
                "rate": plain(a["rate"], "baserate.alternatives"),
            }
            for a in rate["alternatives"]
        },
        "grid_by": {
            g["measure"]: {
                "rules": count(g["combinations"], "baserate.grid_summary"),
                "fewest": count(g["fewest_run_ups"], "baserate.grid_summary"),
                "low": plain(g["p05"], "baserate.grid_summary"),
                "high": plain(g["p95"], "baserate.grid_summary"),
            }
            for g in rate["grid_summary"]
        },
    }


def _below_old_peak(rate: Mapping[str, Any]) -> int:
    """Return the falls that stood below an older peak by the threshold on the day the run-up began."""
    fall = rate["rule"]["fall"]
    return sum(c["label"] == "fall" and c["below_old_peak"] >= fall for c in rate["cases"])


def _interval(ends: Sequence[float], what: str) -> dict[str, Any]:
    return {"low": plain(ends[0], what), "high": plain(ends[1], what)}


def counted(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``by`` and ``probability`` of what the base rate alone says of the headline event.

    Raises
    ------
    InputError
        If it does not speak of it.
    """
    event, by = answer["headline"]["event"], answer["headline"]["by"]
    for f in answer["by_model"].get("baserate", []):
        if (f["event"], f["by"]) == (event, by) and f["probability"] is not None:
            return {"by": by, "probability": f["probability"]}
    raise InputError(f"The text quotes the base rate of {event} by {by}, and the base rate is silent on it.")


def readings(headline: Mapping[str, Any], forecast: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many rules of the base rate forecast the headline event, and the middle of what they say."""
    said = [r["probability"] for r in forecast["readings"] if r["by"] == headline["by"]]
    return {
        "rules": count(len(said), "forecast_baserate.readings"),
        "median": plain(quantile(said, 0.5), "forecast_baserate.readings"),
        "lower": count(sum(p < headline["probability"] for p in said), "forecast_baserate.readings"),
    }


def basis(headline: Mapping[str, Any], rate: Mapping[str, Any], window: float) -> dict[str, Any]:
    """Return the series-years behind the base rate: those whose rates at two and three years enclose it.

    Raises
    ------
    InputError
        If the rates of no age, or of several, lead to the headline.
    """
    rows = {
        (r["k"], r["h"]): r
        for r in rate["conditional"]
        if r["peak_years"] == window and r["state"] == "in_force"
    }
    pairs = [(r, rows[k, 3]) for (k, h), r in rows.items() if h == 2]
    # Two and a half years are left; the chance to escape a fall is interpolated in its logarithm.
    found = [
        (two, three)
        for two, three in pairs
        if math.isclose(
            1 - math.sqrt((1 - two["mean"]) * (1 - three["mean"])), headline["probability"], rel_tol=1e-6
        )
    ]
    if len(found) != 1:
        raise InputError(
            f"The text names the series-years behind the base rate; {len(found)} ages lead to "
            f"{headline['probability']:.4f}, expected one. Describe its basis anew in the paper."
        )
    two, three = found[0]
    return {
        "age": count(two["k"], "baserate.conditional"),
        "cases": count(two["cases"], "baserate.conditional"),
        "series": count(two["series"], "baserate.conditional"),
        "falls_2": count(two["falls"], "baserate.conditional"),
        "falls_3": count(three["falls"], "baserate.conditional"),
    }


def quiet(rate: Mapping[str, Any], window: float) -> dict[str, Any]:
    """Return the rate of falls within three years of a year without a run-up, as O3 asks."""
    row = next(
        r for r in rate["conditional"] if (r["state"], r["h"], r["peak_years"]) == ("quiet", 3, window)
    )
    return {"rate": plain(row["mean"], "baserate.conditional"), "cases": count(row["cases"], "quiet")}


def checks(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the closest pass of the forecaster, and how many intervals were tried."""
    model = found["models"]["baserate"]
    bias = next(v for v in model["verdicts"] if v["check"] == "forecast_recovery")
    return {
        "forecast_bias": plain(bias["value"], "checks.forecast_recovery", 3),
        "forecast_bias_mark": plain(bias["high"], "checks.forecast_recovery"),
        "intervals": count(len({r["method"] for r in model["recovery"]}), "checks.recovery"),
    }
