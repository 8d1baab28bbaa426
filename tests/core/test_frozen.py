"""A mapping that cannot be changed."""

from __future__ import annotations

import copy
import pickle

import pytest

from overbuild.core.frozen import Frozen


def test_a_read_only_copy() -> None:
    content = {"fall": 0.3}
    frozen = Frozen(content)
    content["fall"] = 0.4
    assert frozen["fall"] == 0.3
    assert {**frozen} == frozen == {"fall": 0.3}
    assert list(frozen) == ["fall"]
    assert repr(frozen) == "Frozen({'fall': 0.3})"
    with pytest.raises(TypeError):
        frozen["fall"] = 0.5  # type: ignore[index]


def test_order_does_not_matter_to_equality_and_hash() -> None:
    one, other = Frozen({"a": 1, "b": 2}), Frozen({"b": 2, "a": 1})
    assert one == other
    assert hash(one) == hash(other)
    assert one != Frozen({"a": 1})


def test_it_travels() -> None:
    frozen = Frozen({"a": (1, 2)})
    assert pickle.loads(pickle.dumps(frozen)) == frozen
    assert copy.deepcopy(frozen) == frozen
