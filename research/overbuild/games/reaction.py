"""The reaction functions of the five firms: every estimate, its inference, other readings and predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from overbuild.games.asked import Asked
from overbuild.games.mechanism_panel import renters_difference, short_of_cash, strained_difference
from overbuild.games.reaction_data import asked_panel, asked_priors, asked_snapshot
from overbuild.games.reaction_estimators import (
    LINEAR,
    TITLES,
    NotConvergedError,
    cce,
    estimate,
    estimates,
    granular,
    identification,
    interactive,
    peers_line,
    rivals_span,
    supplier_sweep,
)
from overbuild.games.reaction_inference import p_relabelled, p_relabelled_by, p_shifted, p_wild
from overbuild.games.reaction_panel import (
    FEWEST,
    ReactionPanel,
    carriers_with_runs,
    deseasoned,
    equal_weights,
)
from overbuild.games.reaction_sweeps import (
    Interval,
    firm_effects,
    interval_cr1,
    two_way_effects,
)
from overbuild.randomness import stream

DRAWS, QUICK = 999, 99
RANDOMISED = {
    "ols": "shifts",
    "ols_supplier": "shifts",
    "two_way": "relabelling",
    "cce": "relabelling",
    "factors_1": "relabelling",
    "factors_2": "relabelling",
    "giv": "relabelling",
}
"""Estimator to what is permuted for its ``p_randomisation``."""
RESAMPLED = ("ols", "ols_supplier", "two_way")
"""Estimators with a wild bootstrap: the effects of the others are made from growth, which it would redraw."""
NOTES = {
    "ols": "A lasting common shock is read as a reaction.",
    "ols_supplier": "The supplier’s growth is an outcome of the same orders.",
    "two_way": "Learns from unequal weights alone; biased by shocks to products.",
    "cce": "An average of five firms holds a fifth of each firm’s own error.",
    "factors_1": "Factors of five firms are estimated with error that the interval leaves out.",
    "factors_2": "The same, with three dimensions of five left.",
    "giv": "Valid if what is left of a rival’s move is its own; the interval is Anderson and Rubin’s.",
}
BOOM = "2022Q4"
"""First quarter of the panel that is cut to the boom."""
MET_MOST = 3
THINNEST = 3
"""Carriers with 12 years or quarters in a row that a panel of telecom would need."""


def result(asked: Asked) -> dict[str, Any]:
    """Return the estimates.

    Returns
    -------
    dict
        ``estimators`` (one a row: ``estimator, title, b, se, df, low, high, p, p_randomisation, randomised,
        p_wild_time, p_wild_firm, n, note, identified, rho, left``), ``giv`` (first stage and robust set),
        ``others`` (the same estimates under equal weights, without Oracle, with Oracle's rivals two quarters
        before, on growth by year, in the boom alone), ``overlap`` (the least and largest weight of Oracle
        among the rivals of those whom it meets most), ``identification`` under equal weights,
        ``predictions``, ``peers_line``, ``telecom``, ``panel``, ``sentence``.
    """
    panel = asked_panel(asked)
    priors = asked_priors(asked, "reaction")
    number = int(priors["factors"])
    draws = QUICK if asked.quick else DRAWS
    rows = [_row(panel, name, number, draws, asked.seed) for name in TITLES]
    equal = panel.with_weights(equal_weights(len(panel.firms)))
    others = {
        "equal weights": equal,
        "without Oracle": panel.without("Oracle"),
        "Oracle’s rivals two quarters before": panel.lagged_twice("Oracle"),
        "growth by year": asked_panel(asked, yearly=True),
        f"from {BOOM}": panel.since(BOOM),
    }
    return {
        "estimators": rows,
        "others": {name: _estimated(p, number) for name, p in others.items()},
        "identification": {
            "equal_weights": identification(equal),
            "unequal_weights": identification(panel),
            "distance": rivals_span(panel.season, panel.before),
        },
        "predictions": predictions(panel, priors),
        "peers_line": peers_line(panel),
        "telecom": telecom(asked),
        "panel": described(panel),
        "overlap": _overlap(panel),
        "rope": float(priors["rope"]),
        "sentence": _sentence(rows, float(priors["rope"])),
    }


def _overlap(panel: ReactionPanel) -> dict[str, float]:
    """Return Oracle's weight among the rivals of each firm, and those of the three that it meets most."""
    oracle = panel.firms.index("Oracle")
    weight = np.delete(panel.weights[:, oracle], oracle)
    most = np.sort(weight)[-MET_MOST:]
    return {"low": float(most.min()), "high": float(most.max()), "firms": int(most.size)}


def _row(panel: ReactionPanel, name: str, number: int, draws: int, seed: int) -> dict[str, Any]:
    found = estimate(panel, name, number)
    empty = dict.fromkeys(("p_randomisation", "p_wild_time", "p_wild_firm"))
    row: dict[str, Any] = {**found, **empty, "randomised": RANDOMISED[name], "note": NOTES[name]}
    if row["b"] is None:
        return row
    row["p_randomisation"] = randomised(panel, name, number)
    if name in RESAMPLED:
        r = LINEAR[name](panel)
        for by in ("time", "firm"):
            rng = stream(f"reaction/wild/{name}/{by}", seed=seed)
            row[f"p_wild_{by}"] = p_wild(r, rng, by=by, draws=draws)
    return row


def randomised(panel: ReactionPanel, name: str, number: int = 1) -> float | None:
    """Return the randomisation p-value that suits an estimator (see `RANDOMISED`).

    Averages and factors are made again under each relabelling, since they hold the mean of rivals; None where
    factors are not found under one of them.
    """
    n = panel.shape[1]
    if name == "ols":
        return p_shifted(panel, firm_effects(panel.season, n))
    if name == "ols_supplier":
        return p_shifted(panel, supplier_sweep(panel))
    if name == "two_way":
        return p_relabelled(panel, two_way_effects(panel.season, n))
    try:
        return p_relabelled_by(panel, lambda p: _statistic(p, name, number))
    except NotConvergedError:
        return None


def _statistic(panel: ReactionPanel, name: str, number: int) -> float:
    if name == "giv":
        return _t(granular(panel, number).interval)
    if name == "cce":
        return _t(interval_cr1(cce(panel)))
    return _t(interval_cr1(interactive(panel, 1 if name == "factors_1" else 2)))


def _t(i: Interval) -> float:
    return i.b / i.se


def _estimated(panel: ReactionPanel, number: int) -> list[dict[str, Any]]:
    """Return the estimates that there are: equal weights leave the granular instrument empty."""
    kept = ("estimator", "b", "se", "low", "high", "identified", "converged", "first_stage")
    return [{k: found.get(k) for k in kept} for found in estimates(panel, number=number)]


def predictions(panel: ReactionPanel, priors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the predictions whose sign and region of equivalence were fixed before the estimates.

    Exploratory: three of many, none of them the question asked first.
    """
    rope = float(priors["rope"])
    renters = np.array([float(bool(priors["renters"][f])) for f in panel.firms])
    return [
        _prediction(
            "i", "The reaction is smaller where capex exceeds cash flow", strained_difference(panel), rope
        ),
        _prediction("ii", "Firms that rent capacity react less", renters_difference(panel, renters), rope),
        {
            "id": "v",
            "title": "Guidance is raised more after rivals raise",
            "sign": 1,
            "b": None,
            "low": None,
            "high": None,
            "verdict": "not testable",
        },
    ]


def _prediction(identity: str, title: str, found: Interval | None, rope: float) -> dict[str, Any]:
    told = {"id": identity, "title": title, "sign": -1}
    if found is None:
        return told | {"b": None, "low": None, "high": None, "verdict": "not testable"}
    return told | {"b": found.b, "low": found.low, "high": found.high, "verdict": verdict(found, -1, rope)}


def verdict(found: Interval, sign: int, rope: float) -> str:
    """Return what a 90 % interval says of a sign and a region of practical equivalence around zero."""
    low, high = sorted((sign * found.low, sign * found.high))
    if low > rope:
        return "as predicted"
    if high < -rope:
        return "opposite"
    return "no effect of note" if -rope <= low and high <= rope else "undecided"


def telecom(asked: Asked) -> dict[str, Any]:
    """Return why carriers have no reaction function here: hindcast on revised data; one event."""
    runs = carriers_with_runs(asked_snapshot(asked, "telecom"))
    long = [n for n, years in runs.items() if years >= FEWEST]
    longest = next(iter(runs.items()), ("", 0))
    return {
        "abstains": len(long) < THINNEST,
        "carriers": len(runs),
        "longest": {"carrier": longest[0], "years": longest[1]},
        "reason": (
            f"no carrier has {FEWEST} years of capex in a row; the longest run is {longest[1]} years "
            f"({longest[0]}). A reaction function needs {THINNEST} carriers with {FEWEST}."
        ),
    }


def described(panel: ReactionPanel) -> dict[str, Any]:
    """Return size, spread and weights of the panel."""
    grown, tight = deseasoned(panel.growth, panel.season), short_of_cash(panel)
    n = len(panel.firms)
    together = np.asarray(np.corrcoef(grown.T), dtype=np.float64)
    pairs = together[np.triu(np.ones((n, n)), 1) > 0]
    return {
        "firms": list(panel.firms),
        "first": panel.quarters[0],
        "last": panel.quarters[-1],
        "quarters": len(panel.quarters),
        "deviation": float(grown.std(ddof=1)),
        "rivals_deviation": float(panel.rivals.std()),
        "correlation": float(pairs.mean()),
        "strained": int(tight.sum()),
        "strained_firms": {f: int(k) for f, k in zip(panel.firms, tight.sum(axis=0), strict=True) if k > 0},
        "weights": panel.weights.tolist(),
    }


def _sentence(rows: list[dict[str, Any]], rope: float) -> str:
    free = [r for r in rows if r["b"] is not None and r["estimator"] not in ("ols", "ols_supplier")]
    lost = [r["title"].lower() for r in rows if not r["converged"]]
    end = f" No estimate by {' and '.join(lost)}: it did not converge." if lost else ""
    if not free:
        return f"No estimate that allows for common shocks is to be had.{end}"
    ends = f"{min(r['b'] for r in free):.2f} to {max(r['b'] for r in free):.2f}"
    low, high = ([r[end] for r in free if r[end] is not None] for end in ("low", "high"))
    start = f"Estimates that allow for common shocks run from {ends}"
    if max(low, default=0) <= 0 <= min(high, default=0) and min(high, default=np.inf) > rope:
        return (
            f"{start} and every 90 % interval holds both zero and reactions of more than {rope:g}: whether "
            f"the firms react to each other cannot be told from these data.{end}"
        )
    apart = [r["title"].lower() for r in free if (r["low"] or 0) > 0 or (r["high"] or 0) < 0]
    return f"{start}; the interval of {', '.join(apart) or 'none'} leaves out zero.{end}"
