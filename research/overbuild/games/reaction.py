"""The reaction functions of the five firms: every estimate, its inference, other readings and predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.games.asked import Asked
from overbuild.games.mechanism_panel import renters_difference, short_of_cash, strained_difference
from overbuild.games.reaction_data import asked_panel, asked_priors, asked_snapshot
from overbuild.games.reaction_estimators import (
    LINEAR,
    TITLES,
    cce_sweep,
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
    Sweep,
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
THINNEST = 3
"""Carriers with 12 years or quarters in a row that a panel of telecom would need."""


def result(asked: Asked) -> dict[str, Any]:
    """Return the estimates.

    Returns
    -------
    dict
        ``estimators`` (one a row: ``estimator, title, b, se, df, low, high, p, p_randomisation, randomised,
        p_wild_time, p_wild_firm, n, note, identified, rho, left``), ``giv`` (first stage and robust set),
        ``others`` (the same estimates under equal weights, without Oracle, on growth by year, in the boom
        alone), ``identification`` under equal weights, ``predictions``, ``peers_line``, ``telecom``,
        ``panel``, ``sentence``.
    """
    panel = asked_panel(asked)
    priors = asked_priors(asked, "reaction")
    number = int(priors["factors"])
    draws = QUICK if asked.quick else DRAWS
    rows = [_row(panel, name, number, draws) for name in TITLES]
    equal = panel.with_weights(equal_weights(len(panel.firms)))
    others = {
        "equal weights": equal,
        "without Oracle": panel.without("Oracle"),
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
        "rope": float(priors["rope"]),
        "sentence": _sentence(rows, float(priors["rope"])),
    }


def _row(panel: ReactionPanel, name: str, number: int, draws: int) -> dict[str, Any]:
    found = estimate(panel, name, number)
    empty = dict.fromkeys(("p_randomisation", "p_wild_time", "p_wild_firm"))
    row: dict[str, Any] = {**found, **empty, "randomised": RANDOMISED[name], "note": NOTES[name]}
    if not found["identified"]:
        return row
    row["p_randomisation"] = randomised(panel, name, number)
    if name in LINEAR:
        r = LINEAR[name](panel)
        for by in ("time", "firm"):
            row[f"p_wild_{by}"] = p_wild(r, stream(f"reaction/wild/{name}/{by}"), by=by, draws=draws)
    else:
        row["interval_2sls"] = [row["low"], row["high"]]
        row["low"], row["high"] = row["robust"][0][0], row["robust"][-1][1]
        for end in ("low", "high"):
            row[end] = row[end] if np.isfinite(row[end]) else None
        row["robust"] = [[e if np.isfinite(e) else None for e in part] for part in row["robust"]]
    return row


def randomised(panel: ReactionPanel, name: str, number: int = 1) -> float:
    """Return the randomisation p-value that suits an estimator (see `RANDOMISED`)."""
    n = panel.shape[1]
    if name == "ols":
        return p_shifted(panel, firm_effects(panel.season, n))
    if name == "ols_supplier":
        return p_shifted(panel, supplier_sweep(panel))
    if name in ("two_way", "cce"):
        sweep: Sweep = two_way_effects(panel.season, n) if name == "two_way" else cce_sweep(panel)
        return p_relabelled(panel, sweep)
    if name == "giv":
        return p_relabelled_by(panel, lambda p: _t(granular(p, number).interval))
    count = 1 if name == "factors_1" else 2
    return p_relabelled_by(panel, lambda p: _t(interval_cr1(interactive(p, count))))


def _t(i: Interval) -> float:
    return i.b / i.se


def _estimated(panel: ReactionPanel, number: int) -> list[dict[str, Any]]:
    """Return the estimates that there are: equal weights leave the granular instrument empty."""
    rows = []
    for name in TITLES:
        try:
            found = estimates(panel, (name,), number)[0]
        except InputError:
            found = {"estimator": name, "title": TITLES[name], "b": None, "se": None, "identified": False}
        rows.append({k: found.get(k) for k in ("estimator", "b", "se", "low", "high", "identified")})
    return rows


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
    grown = deseasoned(panel.growth, panel.season)
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
        "strained": int(short_of_cash(panel).sum()),
        "weights": panel.weights.tolist(),
    }


def _sentence(rows: list[dict[str, Any]], rope: float) -> str:
    known = [r for r in rows if r["identified"] and r["b"] is not None]
    free = [r for r in known if r["estimator"] not in ("ols", "ols_supplier")]
    ends = f"{min(r['b'] for r in free):.2f} to {max(r['b'] for r in free):.2f}"
    low, high = ([r[end] for r in free if r[end] is not None] for end in ("low", "high"))
    start = f"Estimates that allow for common shocks run from {ends}"
    if max(low) <= 0 <= min(high) and min(high) > rope:
        return (
            f"{start} and every 90 % interval holds both zero and reactions of more than {rope:g}: whether "
            "the firms react to each other is not identified."
        )
    apart = [r["title"].lower() for r in free if (r["low"] or 0) > 0 or (r["high"] or 0) < 0]
    return f"{start}; the interval of {', '.join(apart) or 'none'} leaves out zero."
