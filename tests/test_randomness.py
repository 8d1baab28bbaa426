"""Named streams: the name decides, not the order or the process."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from overbuild.randomness import stream
from overbuild.settings import SEED


def test_the_same_name_gives_the_same_draws_in_any_order() -> None:
    first = {name: stream(name).normal(size=4) for name in ("games/prior", "baserate/bootstrap")}
    np.random.default_rng(1).normal(size=100)
    again = {name: stream(name).normal(size=4) for name in ("baserate/bootstrap", "games/prior")}
    for name, draws in first.items():
        np.testing.assert_array_equal(draws, again[name])


def test_name_seed_and_index_each_change_the_draws() -> None:
    streams = [
        stream("a"),
        stream("b"),
        stream("a", seed=SEED + 1),
        stream("a", index=1),
        stream("a", index=2),
        stream(""),
        stream("a\x00"),
    ]
    assert len({float(s.random()) for s in streams}) == len(streams)
    assert stream("a", index=0).random() == stream("a").random()


def test_units_of_work_are_uncorrelated() -> None:
    draws = np.array([stream("hindcast", index=i).normal(size=500) for i in range(20)])
    between = np.corrcoef(draws) - np.eye(20)
    assert np.abs(between).max() < 5 / np.sqrt(500)


def test_streams_do_not_depend_on_the_process() -> None:
    code = (
        "from overbuild.randomness import stream; print(repr(float(stream('x', seed=7, index=3).random())))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(printed) == stream("x", seed=7, index=3).random()


def test_the_streams_of_a_name_never_change() -> None:
    assert stream("x", seed=7, index=3).random() == 0.8484329667437434


def test_asking_leaves_the_global_generator_alone() -> None:
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    stream("x").random(100)
    assert np.random.random() == expected  # noqa: NPY002
