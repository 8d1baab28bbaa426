"""The quoted numbers of the hindcasts: telecom from vintage to vintage, quiet booms, run-ups and booms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.quoting import count, label, percent, plain
from overbuild.exhibits.vintage_film import YEARS

SHOWN = ("1998", "1999", "2000")
FILM = ("baserate", "regimes", "equal_weights", "boom_age")
ORDERS = ("1998Q4", "1999Q4", "2000Q4", "2001Q2", "2001Q3", "2001Q4")
FORECASTERS: Mapping[str, tuple[str, ...]] = {
    "telecom_spending": ("baserate", "regimes", "boom_age", "constant"),
    "telecom_suppliers": ("quarterly", "arima", "boom_age", "constant"),
    "run_ups": ("baserate", "regimes", "crash_regression", "boom_age", "constant", "coin"),
    "booms": ("analogue_regression", "analogues", "constant", "coin"),
}
COMPARED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "baserate": ("run_ups", ("constant", "coin", "boom_age")),
    "regimes": ("run_ups", ("constant", "coin", "boom_age")),
    "analogue_regression": ("booms", ("constant", "coin")),
}
"""Differences that are quoted: model to panel and rivals."""


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``vintages``.

    Parameters
    ----------
    results
        Name to content of ``hindcasts_telecom``, ``hindcasts_run_ups`` and ``hindcasts_booms``.
    """
    telecom, run_ups, booms = (results[f"hindcasts_{n}"] for n in ("telecom", "run_ups", "booms"))
    scores = [*telecom["scores"], *run_ups["scores"], *booms["scores"]]
    resolved = {r["target"]: r["happened"] for r in run_ups["rows"]}
    verdicts = [a["verdict"] for s in scores if not s["rival"] for a in s["against"] if "p_value" in a]
    return {
        "film": {f["model"]: _film(f) for f in telecom["film_findings"] if _shown(f)},
        "orders": {q: percent(_order(telecom["rows"], q), f"vintages.orders.{q}", 1) for q in ORDERS},
        "near_miss": _near_miss(telecom["near_miss"]),
        "came": {name: label(period) for name, period in telecom["came"].items()},
        "run_ups": {
            "cases": count(len(resolved), "vintages.run_ups"),
            "fell": count(sum(resolved.values()), "vintages.run_ups"),
            "low": count(run_ups["known"]["targets"], "vintages.run_ups"),
        },
        "booms": {
            "cases": count(len({r["target"] for r in booms["rows"]}), "vintages.booms"),
            "clusters": count(len({r["cluster"] for r in booms["rows"]}), "vintages.booms"),
        },
        "scores": {
            panel: {m: _score(scores, panel, m) for m in models} for panel, models in FORECASTERS.items()
        },
        "rivals": {
            model: {rival: _against(scores, panel, model, rival) for rival in rivals}
            for model, (panel, rivals) in COMPARED.items()
        },
        "swing": _swing(run_ups["swing"]),
        "verdicts": {
            name: count(verdicts.count(words), "vintages.verdicts")
            for name, words in (("won", "won"), ("lost", "lost"), ("even", "not told apart"))
        },
        "known": count(telecom["known"]["targets"], "vintages.known"),
    }


def _shown(found: Mapping[str, Any]) -> bool:
    return found["years"] == YEARS and found["model"] in FILM


def _film(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return one model four years ahead: telecom left out and as seen, and the quiet booms of 2000's age."""
    what = f"vintages.film.{found['model']}"
    seen = found["as_seen"]
    return {
        **{f"at_{v}": percent(found["telecom"].get(v), what, 1) for v in SHOWN},
        **{f"seen_{v}": percent(seen.get(v), what, 1) for v in SHOWN},
        "quiet": count(found["quiet"], what),
        "below": count(found["below"], what),
        "median": percent(found["quiet_median"], what, 1),
        "highest": percent(found["quiet_highest"], what),
    }


def _order(rows: Sequence[Mapping[str, Any]], quarter: str) -> float | None:
    target = f"telecom orders {quarter} +{YEARS}"
    return next((r["probability"] for r in rows if (r["target"], r["model"]) == (target, "quarterly")), None)


def _near_miss(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "quarter": label(found["quarter"]),
        "rate": plain(found["rate"], "vintages.near_miss", 2),
        "threshold": plain(found["rate_at_threshold"], "vintages.near_miss", 2),
        "ratio": plain(found["of_normal"], "vintages.near_miss", 3),
    }


def _score(scores: Sequence[Mapping[str, Any]], panel: str, model: str) -> dict[str, Any]:
    what = f"vintages.scores.{panel}.{model}"
    found = next(s for s in scores if (s["panel"], s["model"]) == (panel, model))
    return {
        "brier": plain(found["brier"], what),
        "cases": count(found["cases"], what),
        "prior": count(found["prior_driven"], what),
    }


def _swing(found: Mapping[str, Any]) -> dict[str, Any]:
    against = found["regimes_against"]
    return {
        "correlation": plain(found["rank_correlation"], "vintages.swing"),
        "cases": count(found["common"], "vintages.swing"),
        "constant": plain(found["against_constant"]["brier"], "vintages.swing", 3),
        "mean": plain(against["brier"], "vintages.swing", 3),
        "p": plain(against["p_value"], "vintages.swing", 3),
    }


def _against(scores: Sequence[Mapping[str, Any]], panel: str, model: str, rival: str) -> dict[str, Any]:
    what = f"vintages.{panel}.{model}.{rival}"
    found = next(s for s in scores if (s["panel"], s["model"]) == (panel, model))
    against = next(a for a in found["against"] if a["rival"] == rival)
    return {
        "cases": count(against["cases"], what),
        "mean": plain(against["brier"], what, 3),
        "p": plain(against["p_value"], what),
        "clusters": count(against["clusters"], what),
        "verdict": label(against["verdict"]),
    }
