"""The design of the curve is what it says: no specification twice, every level there, balanced."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.probability.specifications import Axis, axes_of, hypercube, places, specifications

AXES = (
    Axis("fall", "Fall", "event", (0.3, 0.2, 0.4)),
    Axis("run_up", "Run-up", "baserate", (2.0, 1.5, 2.5, 3.0)),
    Axis("measure", "Measure", "baserate", ("nominal", "share")),
    Axis("feedback", "Feedback", "simulation", (1.0, 0.0, 0.5, 2.0, 4.0)),
)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_no_specification_comes_twice_and_every_level_comes():
    made = specifications(AXES, 120, rng())
    assert len({tuple(s.levels.values()) for s in made}) == len(made)
    assert len({s.name for s in made}) == len(made)
    for axis in AXES:
        assert {s.levels[axis.name] for s in made if s.kind == "together"} == set(axis.levels)


def test_each_axis_alone_leaves_the_others_primary():
    made = specifications(AXES, 0, rng())
    assert [s.kind for s in made] == ["primary"] + ["alone"] * 10
    at = places(made, AXES)
    assert (at[0] == 0).all() and ((at[1:] > 0).sum(axis=1) == 1).all()


@given(
    st.lists(st.integers(2, 6), min_size=1, max_size=8),
    st.integers(2, 120),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=50)
def test_levels_of_the_hypercube_come_equally_often_up_to_one(levels, rows, seed):
    found = hypercube(levels, rows, np.random.default_rng(seed))
    for column, count in zip(found.T, levels, strict=True):
        times = np.bincount(column, minlength=count)
        assert np.abs(times - rows / count).max() < 2 and len(times) == count
        if rows % count == 0:
            assert (times == rows // count).all()


def test_the_design_is_fixed_by_its_seed():
    assert specifications(AXES, 30, rng()) == specifications(AXES, 30, rng())


def test_faults_of_an_axis_are_told():
    with pytest.raises(InputError, match=r"axes\.a: lacks 'part'"):
        axes_of({"a": {"title": "A", "levels": [1, 2]}})
    with pytest.raises(InputError, match="two or more different levels"):
        axes_of({"a": {"title": "A", "part": "event", "levels": [1, 1]}})
    with pytest.raises(InputError, match="part 'x' is not one of"):
        axes_of({"a": {"title": "A", "part": "x", "levels": [1, 2]}})
