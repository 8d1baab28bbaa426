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
        "coverage": 0.9, "power": 0.1, "k_above": 0.01, "naive": estimate, "nested_fixed_point": estimate,
    }  # fmt: skip


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    findings = {
        "quarters": ["2016Q3", "2026Q2"],
        "counts": {"quarters": 40, "firms": 5, "answers": 200, "rises": 112},
        "zeta": {**INTERVAL, "sd": 0.9, "learnt": 0.22, "positive": 0.35, "prior_positive": 0.5},
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
                {"what": w, **INTERVAL, "positive": 0.4} for w in ("as set", "prior twice as wide")
            ],
            "models": [{"model": m, "score": -0.65, "gain": 0.04, "gain_error": 0.03} for m in MODELS],
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
