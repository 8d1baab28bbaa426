"""Checks that can fail: books of a recursion that is wrong, and fitted values in the wrong order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overbuild.simulation import Inputs, InsideView, cohort, kernel, simulate
from overbuild.simulation.checks import LEAST_CORRELATION, books, nested_check

from .steady import inputs

VIEW = InsideView(horizons=("2027Q4",), continued=1)


def _given() -> Inputs:
    moving = {"deviation": 0.1, "common": 0.3, "opex": 0.1, "under_contract": 0.6, "price_fall": 0.2}
    return inputs(3, **moving, contract_premium=1.4, completion_lag=1.2, use_now=np.array([0.7, 1.0, 1.5]))


def _mutant(old: str, new: str) -> Any:
    """Return the recursion, uncompiled, with one line of it changed."""
    source = Path(kernel.__file__).read_text(encoding="utf-8")
    assert source.count(old) == 1
    plain = source.replace("from numba import njit", "njit = lambda **_: lambda f: f")
    space: dict[str, Any] = {"__name__": "mutant"}
    exec(compile(plain.replace(old, new), "mutant", "exec"), space)
    return space["run"]


def test_books_made_again_outside_agree_with_the_recursion() -> None:
    found = books(simulate(VIEW, _given(), 30, np.random.default_rng(0)))
    assert found["passed"], found
    assert {"cash", "debt", "value_served", "price", "served", "required"} <= set(found)


@pytest.mark.parametrize(
    ("old", "new", "layer"),
    [
        ("income = money * revenue / 4", "income = 7 * money * revenue / 4", "cash"),
        ("running = p[P_OPEX] * book / 4", "running = -3 * p[P_OPEX] * book / 4", "debt"),
        ("revenue = price_old * under + spot * (served - under)", "revenue = spot * served", "value_served"),
        ("markup = x ** p[P_GAMMA] * exp(", "markup = x ** (p[P_GAMMA] + 1) * exp(", "price"),
    ],
)
def test_books_of_a_recursion_that_is_wrong_do_not_balance(
    old: str, new: str, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "run", _mutant(old, new))
    found = books(simulate(VIEW, _given(), 6, np.random.default_rng(0)))
    assert not found["passed"]
    assert found[layer] > 1e-3


def test_fitted_values_that_are_right_in_the_mean_alone_do_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    given = inputs(40, common=0.3, deviation=0.08, use_now=rng.uniform(0.7, 1.3, 40))
    view, right = InsideView(horizons=("2028Q4",), continued=5), cohort.expected
    assert nested_check(view, given, 1200, np.random.default_rng(2))["passed"]
    monkeypatch.setattr(cohort, "expected", lambda made: rng.permutation(right(made)))
    found = nested_check(view, given, 1200, np.random.default_rng(2))
    row = found["horizons"][0]
    assert abs(row["below_one"] - row["below_one_fitted"]) < 0.1
    assert not found["passed"] and row["correlation"] < LEAST_CORRELATION
