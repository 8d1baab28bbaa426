"""Draws of one scalar."""

from __future__ import annotations

import pickle
from datetime import date

import numpy as np
import pytest

from overbuild.core import Draws

DAY = date(2026, 11, 22)


def make(values: object = (1.0, 2.0), name: str = "overbuild_ratio", day: date = DAY) -> Draws:
    return Draws(name, "ratio", values, "Equilibrium over planner's capacity.", day)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [[], [[1.0]], [1.0, np.nan], [np.inf], 3.0])
def test_only_finite_vectors(values: object) -> None:
    with pytest.raises(ValueError, match="one-dimensional, non-empty and finite"):
        make(values)


def test_a_frozen_copy() -> None:
    values = np.array([1.0, 2.0])
    draws = make(values)
    values[0] = 9
    assert draws.values[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        draws.values[0] = 9
    with pytest.raises(AttributeError):
        draws.name = "other"  # type: ignore[misc]


def test_digest() -> None:
    assert make().digest == make([1, 2]).digest
    others = [make([2.0, 1.0]), make(name="price"), make(day=date(2026, 11, 23))]
    assert len({d.digest for d in (make(), *others)}) == 4


def test_they_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(make())).digest == make().digest
