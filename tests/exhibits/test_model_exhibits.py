"""Exhibits of the checks of the Bayesian models, from made-up results: what failed is named as failed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from overbuild.exhibits import bayesian_checks, calibration_ranks, fit_diagnostics, model_hindcasts
from overbuild.exhibits.base import Inputs
from overbuild.exhibits.models_named import MODELS
from overbuild.exhibits.numbers_models import _models
from overbuild.models.registry import MODELS as REGISTERED
from overbuild.models.registry import eras_of, hindcast

BROKEN = "demand"
"""The model that fails in these results."""


def fit(model: str, year: str, passed: bool = True) -> dict[str, Any]:
    statistics = [{"statistic": "falls", "p_value": 0.4}, {"statistic": "growth", "p_value": 0.05}]
    return {
        "model": model,
        "episode": "ai" if year == "2026" else "telecom",
        "as_of": f"{year}-12-31",
        "passed": passed,
        "checks": {"r_hat": passed, "ess_bulk": True},
        "diagnostics": {
            "r_hat": 1.002 if passed else 1.2,
            "ess_bulk": 900.0,
            "divergent": 0.0,
            "e_bfmi": None,
        },
        "seconds": {"compile": 12.0, "sample": 7.0},
        "predictive": {"prior": statistics, "posterior": statistics},
        "parameters": [{"identified": True}, {"identified": False}],
        "known_limits": "Nothing is known of tomorrow.",
        "forecasts": [
            {"event": "O3", "by": f"{int(year) + h}Q4", "probability": 0.1 * h, "spread": [0.0, 0.1, 0.5]}
            | {"happened": h > 2}
            for h in (2, 3, 4)
        ]
        + [{"event": "O1", "by": "2003Q4", "probability": None, "spread": None, "happened": None}],
    }


def calibration(passed: bool = True) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    ranks = {name: rng.integers(0, 101, 60).tolist() for name in ("level", "slope[0]")}
    row = {"chi_square_p": 0.2, "largest_gap_p": 0.3 if passed else 1e-6, "coverage": 0.9, "follows": 0.5}
    table = [{"parameter": name} | row for name in ranks]
    return {
        "simulations": 60,
        "levels": 100,
        "ranks": ranks,
        "table": table,
        "recovery": [{"parameter": name, "coverage": 0.8, "bias": 0.1} for name in ranks],
        "failed_fits": 0.0,
        "passed": passed,
    }


@pytest.fixture
def results() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for model in MODELS:
        good = model != BROKEN
        made[f"estimate_{model}_ai"] = fit(model, "2026")
        made[f"estimate_{model}_telecom"] = fit(model, "1999", good)
        made[f"estimate_{model}_telecom_full"] = fit(model, "2026", good)
        made[f"hindcasts_{model}"] = [fit(model, str(y), good or y != 1999) for y in range(1997, 2002)]
        made[f"calibration_{model}"] = calibration(good)
    return made


def test_the_models_have_a_name_for_people():
    assert tuple(MODELS) == tuple(REGISTERED)


def test_diagnostics_name_the_fit_that_failed(results):
    table = fit_diagnostics.build(Inputs({n: results[n] for n in fit_diagnostics.NEEDS}))
    rows: Any = table.frame.set_index(["model", "fit"])
    fits = {m: 3 if hindcast(m) else len(eras_of(m)) for m in MODELS}
    assert len(rows) == sum(fits.values()) and fits["contest"] == 2 and fits["quantal_response"] == 1
    assert rows.loc[("Demand", "telecom, end of 1999"), "verdict"] == "failed: r hat"
    assert rows.loc[("Demand", "telecom, worst of 1997–2001"), "verdict"] == "failed: 1999"
    assert rows.loc[("Demand", "telecom, worst of 1997–2001"), "r_hat"] == 1.2
    assert set(rows.loc["Capital", "verdict"]) == {"passed", "all passed"}


def test_checks_give_the_worst_of_each(results):
    table = bayesian_checks.build(Inputs({n: results[n] for n in bayesian_checks.NEEDS}))
    rows: Any = table.frame.set_index("model")
    assert rows.loc["Demand", "verdict"] == "failed" and rows.loc["Capital", "verdict"] == "passed"
    assert rows.loc["Demand", "ranks"] == pytest.approx(4e-6) and rows.loc["Capital", "ranks"] == 0.8
    assert rows.loc["Capital", "prior"] == 0.05 and rows.loc["Capital", "learnt"] == "1 of 2"
    assert "Capital: Nothing is known of tomorrow." in table.note


def test_ranks_are_drawn_for_every_parameter(results):
    figure = calibration_ranks.build(Inputs({n: results[n] for n in calibration_ranks.NEEDS}))
    data: Any = figure.data
    assert set(data["model"]) == set(MODELS) and set(data["parameter"]) == {"level", "slope[0]"}
    one: Any = data[(data["model"] == "clock") & (data["parameter"] == "level")]
    ranks = np.array(results["calibration_clock"]["ranks"]["level"])
    assert one["gap"].iloc[-1] == pytest.approx(0.0)
    assert one["gap"].iloc[10] == pytest.approx(np.mean(ranks <= 20) - 21 / 101)
    assert (one["band"] >= 0).all() and one["band"].max() == pytest.approx(
        2.576 * 0.5 / np.sqrt(60), rel=0.01
    )


def test_hindcasts_stand_beside_what_happened(results):
    table = model_hindcasts.build(Inputs({n: results[n] for n in model_hindcasts.NEEDS}))
    rows: Any = table.frame.set_index(["model", "event", "vintage"])
    assert rows.loc[("Regimes, annual", "spending", "1999"), "two"] == "0.20 (0.00–0.50), no"
    assert rows.loc[("Regimes, annual", "spending", "1999"), "three"] == "0.30 (0.00–0.50), yes"
    assert "hindcast on revised data; one event" in table.note


def test_numbers_count_what_failed(results):
    found = _models(results)
    assert found["failed_fits"]["value"] == 1 and found["failed"]["text"] == "Demand (telecom 1999)"
    assert found["uncalibrated"]["text"] == "Demand"
    assert found["fits"]["value"] == 6 * len(MODELS) and found["learnt"]["value"] == len(MODELS)
