"""The exhibits of the regression on past booms, from a result made up in the form in which it is filed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from overbuild.exhibits import analogue_regression, analogue_regression_scores
from overbuild.exhibits.base import Inputs
from overbuild.exhibits.frames import where
from overbuild.exhibits.numbers_analogue_regression import numbers
from overbuild.exhibits.tables import save

PREDICTIVE = {
    "posterior": [
        {
            "statistic": "debt, overbuilt less others",
            "observed": 0.6,
            "low": -0.2,
            "high": 0.5,
            "p_value": 0.01,
        }
    ]
}
HINDCAST = "hindcast on revised data; one event"


def band(mean: float) -> dict[str, float]:
    return {"mean": mean, "q05": mean - 0.1, "q50": mean, "q95": mean + 0.1}


def finding(booms: int) -> dict[str, Any]:
    compared = {"prior": band(0.0), **band(0.2), "learnt": 0.4}
    gap = {"mean": 0.05, "low": -0.01, "high": 0.1}
    lower = {"mean": -0.02, "low": -0.05, "high": 0.01}
    names = ("regression", "constant", "bare", "coin")
    by_psi = [{"psi": p, **band(0.4)} for p in (0.2, 0.5, 1.0)]
    columns = ("asset_life_years", "debt_financed", "peak_investment_percent_of_gdp", "utilisation_before")
    errors = [f"{n}_{c}" for n in ("label_error", "repeats") for c in ("high", "medium", "low")]
    return {
        "booms": booms,
        "clusters": booms // 2,
        "reading": {"partly": 0.0, "psi": 1.0},
        "labels": {
            "overbuilt": 6,
            "overbuilt_critic": 5,
            "partly": 2,
            "differ": 3,
            "less_certain": 4,
            "differ_less_certain": 3,
        },
        "missing": [{"column": c, "what": c, "missing": k, "used": k < 2} for k, c in enumerate(columns)],
        "shortest_lives": {"below_years": 10.0, "booms": ["a"]},
        "coefficients": [{"name": n, **compared} for n in ("alpha", "beta_life", "beta_debt", "tau")],
        "errors": [{"name": n, **compared} for n in (*errors, "critic_error")],
        "forecast": {**band(0.5), "prior": band(0.5), "learnt": 0.3},
        "assumed": {"life_q05": 3.0, "life_q50": 6.0, "life_q95": 13.0, "debt": 0.7},
        "by_reading": [
            {"partly": k, "psi": p, **band(p / 2)} for k in (0.0, 0.5, 1.0) for p in (0.2, 0.5, 1.0)
        ],
        "by_covariates": [
            {"years": y, "debt": d, **band(0.5), "by_psi": by_psi} for d in (False, True) for y in (2.0, 60.0)
        ],
        "wider_slopes": {
            "factor": 2.0,
            "forecast": band(0.5),
            "beta_debt": band(0.8),
            "beta_life": band(0.6),
        },
        "shown": [
            {"years": y, "debt": d, **band(0.4), "by_psi": by_psi}
            for d in (False, True)
            for y in (4.0, 6.0, 15.0)
        ],
        "constant_rate": band(0.6),
        "scores": {
            "booms": booms,
            "clusters": booms // 2,
            "scores": {n: {"log": -0.7, "brier": 0.25} for n in names},
            "difference": {n: {"log": gap, "brier": lower} for n in names[1:]},
            "better": {"constant": "undecided", "bare": "undecided", "coin": "coin"},
            "forecasts": [],
        },
        "halves": {"halves": 30, "minimum": 0.3, "p05": 0.4, "median": 0.5, "p95": 0.6, "maximum": 0.7},
        "truth": [{"boom": "a", "main": "yes", "critic": "no", "years": y} for y in (2.0, None)],
    }


@pytest.fixture
def inputs() -> Inputs:
    return Inputs(
        {
            "estimate_analogue_regression_ai": {"findings": finding(20), "predictive": PREDICTIVE},
            "estimate_analogue_regression_telecom": {
                "findings": finding(10),
                "forecasts": [
                    {"evidence": "direct", "probability": None},
                    {"evidence": "prior-driven", "probability": 0.5},
                ],
            },
        }
    )


def test_the_figure_draws_what_was_found(inputs: Inputs) -> None:
    made = analogue_regression.build(inputs)
    assert HINDCAST in made.note
    assert "Learnt from 20 booms" in made.note
    assert len(where(made.data, panel="A")) == 8
    assert set(where(made.data, panel="C")["what"]) == {"ai", "telecom"}
    assert where(made.data, panel="B", kind="listed")["x"].tolist() == [2.0]


def test_the_table_shows_gains_with_the_sign_of_better(inputs: Inputs, tmp_path: Path) -> None:
    made = analogue_regression_scores.build(inputs)
    assert HINDCAST in made.note
    assert "it loses to a coin, it cannot be told from the constant rate" in made.note
    assert len(made.frame) == 8
    cells = made.frame.loc[1]
    assert cells["log_difference"].startswith("0.050 (−0.010 to 0.100")
    assert cells["brier_difference"].startswith("0.020 (−0.010 to 0.050")
    save(made, tmp_path)


def test_every_number_has_a_text(inputs: Inputs) -> None:
    def leaves(found: dict[str, Any]) -> list[str]:
        if "text" in found:
            return [found["text"]]
        return [t for v in found.values() for t in leaves(v)]

    made = numbers(inputs.results)
    assert all(leaves(made))
    assert made["telecom"]["booms"]["text"] == "10"
    assert made["telecom"]["evidence"]["text"] == "prior-driven"
    assert made["scores"]["constant"]["better_by"]["low"]["text"] == "−0.010"
