"""Work that is spread over processes gives what one process gives, and its errors come back."""

from __future__ import annotations

import math
import socket
from pathlib import Path

import pytest

from overbuild.errors import InputError
from overbuild.pipeline.executor import mapped, places_of
from overbuild.pipeline.units import worked


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


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_told(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(InputError, match=f"No dask scheduler answers at 'tcp://127.0.0.1:{port}'"):
        worked(math.factorial, {"a": 1}, tmp_path, cluster=f"tcp://127.0.0.1:{port}")
    assert not list(tmp_path.rglob("*"))


@pytest.mark.slow
def test_processes_of_a_cluster_give_what_one_process_gives() -> None:
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        assert places_of(1, cluster.scheduler_address) == 2
        found = sorted(mapped(math.factorial, range(6), cluster=cluster.scheduler_address))
    assert found == [1, 1, 2, 6, 24, 120]
