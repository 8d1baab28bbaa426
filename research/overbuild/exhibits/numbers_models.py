"""Numbers quoted about the Bayesian models: those of each, and how many came through their checks."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from overbuild.exhibits.models_named import MODELS, PARTS
from overbuild.exhibits.quoting import count, label, percent

_MODULES = {name: f"overbuild.exhibits.numbers_{name}" for name in PARTS}


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of every part below its name, and ``models``: how the checks went.

    Parameters
    ----------
    results
        Name of a result to its content; of each model ``estimate_<model>_ai``, ``estimate_<model>_telecom``,
        ``estimate_<model>_telecom_full``, ``hindcasts_<model>`` and ``calibration_<model>``.
    """
    found = {name: import_module(module).numbers(results) for name, module in _MODULES.items()}
    return {**found, "models": _models(results)}


def _models(results: Mapping[str, Any]) -> dict[str, Any]:
    calibrations = {name: results[f"calibration_{name}"] for name in MODELS}
    fits = {n: [results[f"estimate_{n}_ai"], *results.get(f"hindcasts_{n}", ())] for n in MODELS}
    parameters = [p for name in MODELS for p in results[f"estimate_{name}_ai"]["parameters"]]
    uncalibrated = [MODELS[n] for n, c in calibrations.items() if not c["passed"]]
    failed = [
        f"{MODELS[n]} ({f['episode']} {f['as_of'][:4]})"
        for n, of in fits.items()
        for f in of
        if not f["passed"]
    ]
    return {
        "count": count(len(MODELS), "models"),
        "fits": count(sum(len(of) for of in fits.values()), "fits"),
        "failed_fits": count(len(failed), "fits that failed"),
        "failed": label("; ".join(failed) or "none"),
        "uncalibrated": label("; ".join(uncalibrated) or "none"),
        "simulations": count(sum(c["simulations"] for c in calibrations.values()), "simulated data sets"),
        "parameters": count(len(parameters), "ranked parameters"),
        "learnt": count(sum(p["identified"] for p in parameters), "parameters learnt"),
        "coverage": percent(_coverage(calibrations), "coverage of all intervals"),
    }


def _coverage(calibrations: Mapping[str, Any]) -> float:
    rows = [r["coverage"] for c in calibrations.values() for r in c["table"]]
    return sum(rows) / len(rows)
