"""Work that is spread over processes gives what one process gives, and its errors come back."""

from __future__ import annotations

import math

import pytest

from overbuild.errors import InputError
from overbuild.pipeline.executor import mapped


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_is_done_once(workers):
    assert sorted(mapped(math.factorial, range(6), workers=workers)) == [1, 1, 2, 6, 24, 120]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_comes_back(workers):
    with pytest.raises(ValueError, match=r"factorial|negative"):
        list(mapped(math.factorial, [3, -1], workers=workers))


def test_a_cluster_that_is_not_there_is_told():
    with pytest.raises(InputError, match="not the address of a dask scheduler"):
        list(mapped(math.factorial, [1, 2], cluster="here"))
