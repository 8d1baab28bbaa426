"""Many units of work that do not depend on one another: in this process, in several, or on a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from overbuild.errors import InputError

_ADDRESS = re.compile(r"^([a-z]+://)?[^\s:/]+:\d+$")


def mapped[T, R](
    function: Callable[[T], R], items: Iterable[T], *, workers: int = 1, cluster: str | None = None
) -> Iterator[R]:
    """Yield the result of each item as it is done, in no particular order.

    Parameters
    ----------
    function, items
        A function of the top level of a module, and what it is given; both travel between processes.
    workers
        Processes; 1: this one.
    cluster
        Address of a ``dask.distributed`` scheduler that sees the same files; None: this machine.

    Raises
    ------
    InputError
        If the cluster does not answer, or the extra ``cluster`` is not installed.
    """
    waiting = list(items)
    if cluster is None and (workers <= 1 or len(waiting) <= 1):
        yield from map(function, waiting)
        return
    with _pool(min(workers, len(waiting)), cluster) as pool:
        futures = [pool.submit(function, item) for item in waiting]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def places_of(workers: int, cluster: str | None) -> int:
    """Return how many items are worked on at a time: the workers, or the threads of the cluster's workers.

    Raises
    ------
    InputError
        As `mapped`.
    """
    if cluster is None:
        return max(workers, 1)
    client = client_of(cluster)
    try:
        return max(sum(client.nthreads().values()), 1)
    finally:
        client.close()


@contextmanager
def _pool(workers: int, cluster: str | None) -> Iterator[Executor]:
    if cluster is None:
        # A forked process may inherit a lock of a numerical library in mid-use; a spawned one starts clean.
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            yield pool
        return
    client = client_of(cluster)
    try:
        yield client.get_executor()
    finally:
        client.close()


def client_of(address: str) -> Any:
    """Return a client of a ``dask.distributed`` scheduler.

    Raises
    ------
    InputError
        If no scheduler answers, or the extra ``cluster`` is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "--cluster needs the package 'distributed'. Install it with: pip install 'overbuild[cluster]'."
        ) from None
    advice = "Start one with 'dask scheduler' and give the address that it prints, like tcp://127.0.0.1:8786."
    if not _ADDRESS.match(address):
        raise InputError(f"'{address}' is not the address of a dask scheduler. {advice}")
    try:
        return Client(address, timeout="5s", set_as_default=False)
    except OSError:
        raise InputError(f"No dask scheduler answers at '{address}'. {advice}") from None
