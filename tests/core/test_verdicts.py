"""Kleene's logic: all nine pairs, its laws, and what a set of verdicts may hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overbuild.core import Verdicts, both, either, negation

NAN = math.nan
TRUTHS = (0.0, NAN, 1.0)
truth = st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=6)


def same(a: object, b: object) -> bool:
    return np.array_equal(np.asarray(a, dtype=float), np.asarray(b, dtype=float), equal_nan=True)


@pytest.mark.parametrize(
    ("a", "b", "conjunction", "disjunction"),
    [
        (0, 0, 0, 0),
        (0, NAN, 0, NAN),
        (0, 1, 0, 1),
        (NAN, 0, 0, NAN),
        (NAN, NAN, NAN, NAN),
        (NAN, 1, NAN, 1),
        (1, 0, 0, 1),
        (1, NAN, NAN, 1),
        (1, 1, 1, 1),
    ],
)
def test_truth_table(a: float, b: float, conjunction: float, disjunction: float) -> None:
    assert same(both(a, b), [conjunction])
    assert same(either(a, b), [disjunction])


def test_negation() -> None:
    assert same(negation([0, NAN, 1]), [1, NAN, 0])


@given(truth, st.sampled_from(TRUTHS), st.sampled_from(TRUTHS))
def test_laws(a: list[float], b: float, c: float) -> None:
    assert same(negation(both(a, b)), either(negation(a), negation(b)))
    assert same(negation(either(a, b)), both(negation(a), negation(b)))
    assert same(both(a, b), both(b, a))
    assert same(both(a, both(b, c)), both(both(a, b), c))
    assert same(both(a, either(b, c)), either(both(a, b), both(a, c)))
    assert same(either(a, both(a, b)), a)
    assert same(negation(negation(a)), a)


@given(st.sampled_from(TRUTHS), st.sampled_from((0.0, 1.0)))
def test_learning_never_reverses_a_verdict(a: float, learnt: float) -> None:
    """What holds (or fails) while something is unknown still does once it is known."""
    for operation in (both, either):
        before, after = operation(a, NAN)[0], operation(a, learnt)[0]
        assert math.isnan(before) or before == after


def test_no_other_truth_values() -> None:
    with pytest.raises(ValueError, match="truth value"):
        both([0.5], [1])


def test_a_verdict_that_is_unknown_says_why() -> None:
    with pytest.raises(ValueError, match="reason"):
        Verdicts(np.array([1.0, NAN]), np.zeros(2), np.array(["2001", ""]))


@pytest.mark.parametrize(("values", "when"), [(np.zeros(2), ["", "", ""]), (np.zeros((3, 1)), ["", "", ""])])
def test_shapes_agree(values: np.ndarray, when: list[str]) -> None:
    with pytest.raises(ValueError, match="same length"):
        Verdicts(np.zeros(3), values, np.array(when))


def test_verdicts_are_frozen_copies() -> None:
    holds = np.array([1.0])
    verdicts = Verdicts(holds, np.array([0.4]), np.array(["2002"]))
    holds[0] = 0
    assert verdicts.one() is True
    for array in (verdicts.holds, verdicts.value, verdicts.when):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]
    with pytest.raises(AttributeError):
        verdicts.why_unknown = "x"  # type: ignore[misc]
    assert {verdicts: "kept"}[verdicts] == "kept"


def test_one() -> None:
    assert Verdicts(np.array([0.0]), np.zeros(1), np.array([""])).one() is False
    assert Verdicts(np.array([NAN]), np.zeros(1), np.array([""]), "no data").one() is None
    with pytest.raises(ValueError, match="2 draws"):
        Verdicts(np.zeros(2), np.zeros(2), np.array(["", ""])).one()


@pytest.mark.parametrize(
    ("holds", "verdict", "why"),
    [
        ([1.0], True, ""),
        ([1.0, 1.0], True, ""),
        ([0.0, 0.0], False, ""),
        ([1.0, 0.0], None, "the range straddles"),
        ([1.0, NAN], None, "the range straddles"),
        ([NAN, NAN], None, "no data"),
    ],
)
def test_consensus_of_a_range(holds: list[float], verdict: bool | None, why: str) -> None:
    reason = "no data" if np.isnan(holds).any() else ""
    when = np.where(np.array(holds) == 1, "2002", "")
    agreed = Verdicts(np.array(holds), np.array([0.3, 0.5])[: len(holds)], when, reason).consensus(
        "the range straddles"
    )
    assert agreed.one() is verdict
    assert agreed.why_unknown == why
    assert agreed.value[0] == 0.3
    assert agreed.when[0] == ("2002" if verdict else "")
