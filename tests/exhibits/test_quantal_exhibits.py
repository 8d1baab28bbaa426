"""The exhibits and numbers of the game of accelerations, from small made-up results."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_quantal_response import numbers
from overbuild.exhibits.registry import exhibit, make
from overbuild.exhibits.tables import save
from overbuild.games.quantal_scores import MODELS
from overbuild.games.recovery import CELLS
from overbuild.locations import paper_dir

INTERVAL = {"mean": 0.0, "q05": -1.0, "q50": -0.3, "q95": 1.0}
GRID = [-2.0, 0.0, 2.0]


def cell(c: Any) -> dict[str, Any]:
    estimate = {"mean": 1.2, "sd": 0.7, "failed": 0}
    return {
        "periods": c.periods, "zeta": c.zeta, "shock": c.shock, "surprise": c.surprise,
        "replications": c.replications, "mean": 0.4 * c.zeta, "bias": -0.6 * c.zeta, "posterior_sd": 0.9,
        "bias_error": 0.02, "above": 0.5, "coverage": 0.9, "power": 0.1, "k_above": 0.01,
        "naive": estimate, "nested_fixed_point": estimate,
    }  # fmt: skip


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    findings = {
        "quarters": ["2016Q3", "2026Q2"],
        "counts": {"quarters": 40, "firms": 5, "answers": 200, "rises": 112},
        "zeta": {**INTERVAL, "sd": 0.9, "prior_sd": 1.0, "learnt": 0.22,
                 "positive": 0.35, "prior_positive": 0.5},
        "shock": INTERVAL, "multiplier": INTERVAL, "payoff_alone": INTERVAL, "payoff_all": INTERVAL,
        "alone_above_zero": 0.85,
        "density": {"zeta": GRID, "posterior": [0.1, 0.5, 0.1], "prior": [0.05, 0.4, 0.05]},
    }  # fmt: skip
    return {
        "estimate_quantal_response_ai": {
            "findings": findings,
            "parameters": [{"parameter": n, **INTERVAL} for n in ("index", "surprise", "own_lag")],
            "predictive": {"posterior": [{"statistic": "together", "observed": 0.9}]},
        },
        "quantal_scores": {
            "quarters": ["2020Q3", "2026Q2"], "number": 24, "answers": 120, "coin": -0.693,
            "naive": -1.0, "nested_fixed_point": 0.3,
            "sensitivity": [
                {"what": w, **INTERVAL, "positive": 0.4}
                for w in ("as set", "prior twice as wide", "index and surprise a quarter older")
            ],
            "models": [{"model": m, "score": -0.65, "gain": 0.04, "gain_error": 0.03} for m in MODELS],
            "pairs": [
                {"first": "own_lag", "second": "quantal_response", "difference": 0.01, "error": 0.02},
                {"first": "level_1", "second": "naive", "difference": -0.03, "error": 0.02},
            ],
            "timing": {"index_ends": 32, "index_out": 77, "surprise_out": 45},
            "gross_from": "2019Q2",
            "zeta_prior": {"mean": 0.0, "sd": 1.0, "low": -4.0, "high": 4.0},
        },
        "quantal_recovery": {"cells": [cell(c) for c in CELLS], "panels": 2560},
    }  # fmt: skip


def given(identity: str, results: dict[str, Any]) -> Inputs:
    return Inputs({name: results[name] for name in exhibit(identity).needs})


def test_figure_draws_prior_posterior_and_known_slopes(results: dict[str, Any]) -> None:
    made = make("quantal_posterior", given("quantal_posterior", results))
    assert isinstance(made, Figure)
    assert "200 answers of 5 firms" in made.note
    np.testing.assert_allclose(floats(where(made.data, panel="A", what="prior"), "x"), GRID)
    drawn = where(made.data, panel="B", what="structural", truth=1.5)
    assert list(floats(drawn, "x")) == [34, 40, 80, 160, 400]
    assert len(where(made.data, panel="B", what="structural_strong")) == 4


def test_recovery_has_a_row_a_cell(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("quantal_recovery", given("quantal_recovery", results))
    assert isinstance(made, Table)
    assert len(made.frame) == len(CELLS)
    save(made, tmp_path)


def test_scores_have_a_row_a_model(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("quantal_scores", given("quantal_scores", results))
    assert isinstance(made, Table)
    assert len(made.frame) == len(MODELS)
    assert "120 answers" in made.note
    save(made, tmp_path)


def test_what_was_asked_of_the_estimator_is_told_as_missed_or_reached(results: dict[str, Any]) -> None:
    made = numbers(results)
    asked = made["recovery"]["asked"]
    assert asked["outcome"]["text"] == asked["outcome_strong"]["text"] == "is missed"
    assert made["recovery"]["t400_true_strong"]["share"]["text"] == "40"
    assert made["recovery"]["lost"]["high"]["text"] == "19"
    assert made["pairs"]["largest"]["text"] == "1.50"
    close = [{**c, "bias": 0.1} for c in results["quantal_recovery"]["cells"]]
    for coverage, told in ((0.9, "is reached"), (0.8, "is missed"), (0.97, "is missed")):
        cells = [{**c, "coverage": coverage} for c in close]
        again = numbers({**results, "quantal_recovery": {"cells": cells, "panels": 2560}})
        assert again["recovery"]["asked"]["outcome"]["text"] == told


def test_every_number_of_the_section_is_defined(results: dict[str, Any]) -> None:
    made = {"quantal_response": numbers(results)}
    text = (paper_dir() / "sections" / "quantal_response.typ").read_text(encoding="utf-8")
    names = re.findall(r'#num\("([^"]+)"\)', text)
    assert len(names) > 40
    for name in names:
        found: Any = made
        for part in name.split("."):
            found = found[part]
        assert set(found) == {"value", "text"}, name
