"""The quoted numbers of the entry game: classes under three priors, what renting does, folds, patience."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.quoting import count, percent, plain

DILEMMA = ("strict_dilemma", "partial_dilemma")


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``entry``.

    Parameters
    ----------
    results
        Name to content of ``entry_priors`` and ``entry_branches``.
    """
    priors, quantal = results["entry_priors"], results["entry_branches"]
    classes = {
        prior: {name: c["probability"] for name, c in table.items()}
        for prior, table in priors["classes"].items()
    }
    error = max(c["mc_error"] for table in priors["classes"].values() for c in table.values())
    (fold,) = (f for b in quantal["branches"] for f in b["folds"])
    most = max(priors["rented"], key=float)
    return {
        "firms": count(quantal["firms"], "entry.firms"),
        "draws": count(priors["draws"], "entry.draws"),
        "mc_error": percent(error, "entry.mc_error", 1),
        **{prior: _classes(table) for prior, table in classes.items() if prior != "neutral"},
        "neutral": {"each": percent(1 / len(classes["neutral"]), "entry.neutral")},
        "rented": {_named(share): _classes(table) for share, table in priors["rented"].items()},
        "at_risk": {_times(k): _classes(table) for k, table in priors["at_risk"].items()},
        "at_risk_most": plain(max(map(float, priors["at_risk"])), "entry.at_risk", 0),
        "rented_most": percent(float(most), "entry.rented"),
        "patience": {
            prior: {
                "low": plain(q["q05"], "entry.patience"),
                "middle": plain(q["q50"], "entry.patience"),
                "high": plain(q["q95"], "entry.patience"),
            }
            for prior, q in priors["patience"].items()
        },
        "fold": {
            "precision": plain(fold["precision"], "entry.fold", 1),
            "share": plain(fold["share"], "entry.fold"),
        },
        "several": {
            prior: {
                "own": percent(s["at_own"], "entry.several", 1),
                "sharpest": percent(s["by_precision"][-1], "entry.several", 0),
            }
            for prior, s in quantal["several"].items()
        },
        "sharpest": plain(quantal["precisions"][-1], "entry.sharpest", 0),
    }


def _classes(table: Mapping[str, float]) -> dict[str, Any]:
    return {
        **{name: percent(p, f"entry.{name}") for name, p in table.items()},
        "dilemma": percent(sum(table[name] for name in DILEMMA), "entry.dilemma"),
    }


def _named(share: str) -> str:
    return {"0": "none", "0.3": "some", "0.6": "most"}[share]


def _times(multiple: str) -> str:
    return {"0.5": "half", "1": "same", "2": "twice"}[multiple]
