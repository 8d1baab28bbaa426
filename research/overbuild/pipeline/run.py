"""Running steps with pytask: what is out of date is done, in this process, in several, or on a cluster."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytask

from overbuild.errors import InputError
from overbuild.pipeline.code import Sources
from overbuild.pipeline.executor import client_of
from overbuild.pipeline.report import Bar, BuildReport, report_of
from overbuild.pipeline.step import Step

CUSTOM = "custom"
BEGAN = time.time()
"""When this process began to load the code that it runs."""


def run(
    steps: Sequence[Step],
    folder: Path,
    sources: Sources | None = None,
    *,
    workers: int = 1,
    cluster: str | None = None,
    progress: bool = False,
) -> BuildReport:
    """Do the steps that are out of date.

    Parameters
    ----------
    steps
        All steps to look at; every file that one reads and another makes orders them.
    folder
        Where the state of earlier runs is kept (``pytask.lock`` and the cache of digests).
    sources
        The code that they rest on; None: that of the package as it stands.
    workers
        Number of processes.
    cluster
        Address of a ``dask.distributed`` scheduler that sees the same files; None: this machine.
    progress
        Show a progress bar where standard error is a terminal.

    Returns
    -------
    BuildReport
        A step that fails stops those that need it and no others.

    Raises
    ------
    InputError
        If the cluster does not answer, or if code has changed since it was loaded.
    KeyboardInterrupt
        When interrupted; steps that were done stay done.
    """
    start = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    code = sources or Sources()
    _check_fresh(steps, code)
    _forget()
    with _executor(workers, cluster) as parallel, Bar(len(steps), shown=progress) as bar, _silence():
        manager = pytask.get_plugin_manager()
        manager.register(bar)
        _without_database(manager)
        pytask.storage.store(manager)
        # With a command given, pytask takes the plug-ins stored above and a complete configuration.
        tasks: dict[str, Any] = {"tasks": [step.task(code) for step in steps]}
        session = pytask.build(
            **_defaults()
            | {"command": "build", "root": folder, "config": None, "paths": []}
            | tasks
            | {"capture": "sys", "verbose": 0, "show_traceback": False}
            | parallel
        )
    if session.exit_code in (pytask.ExitCode.CONFIGURATION_FAILED, pytask.ExitCode.COLLECTION_FAILED):
        raise RuntimeError(_first_problem(session))
    report = report_of(session, time.perf_counter() - start)
    errors = [r.exc_info[1] for r in session.execution_reports if r.exc_info]
    interrupted = any(isinstance(error, KeyboardInterrupt) for error in errors)
    if session.exit_code == pytask.ExitCode.DAG_FAILED:
        raise RuntimeError(
            "The steps of the build read each other's files in a circle, or a file that is missing."
        )
    if interrupted or len(session.execution_reports) < len(steps):
        raise KeyboardInterrupt
    return report


def _check_fresh(steps: Sequence[Step], code: Sources) -> None:
    """Refuse to file results of code that was loaded before it was changed."""
    rests_on = {name for step in steps for module in step.modules for name in code.closure(module)}
    loaded = (name for name in rests_on & set(sys.modules) if code.modules[name].stat().st_mtime > BEGAN)
    changed = sorted(loaded)
    if changed:
        raise InputError(
            f"{', '.join(changed)} changed after Python loaded it. Start Python anew and build again."
        )


def _forget() -> None:
    """Empty the caches of the package: data and definitions may have changed since an earlier build."""
    for module in [m for name, m in sys.modules.items() if name.startswith("overbuild.")]:
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def _defaults() -> dict[str, Any]:
    commands = pytask.cli.commands.values()
    return {option.name: option.default for command in commands for option in command.params if option.name}


def _without_database(manager: Any) -> None:
    """Leave out the database in which pytask keeps every state a second time: the lock file has them."""
    for plugin in manager.get_plugins():
        if getattr(plugin, "__name__", "") == "_pytask.database":
            manager.unregister(plugin)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep pytask's console quiet, and give the standard streams back however the run ends."""
    streams = sys.stdin, sys.stdout, sys.stderr
    quiet, pytask.console.quiet = pytask.console.quiet, True
    try:
        yield
    finally:
        pytask.console.quiet = quiet
        sys.stdin, sys.stdout, sys.stderr = streams


@contextmanager
def _executor(workers: int, cluster: str | None) -> Iterator[dict[str, Any]]:
    """Yield the settings of pytask-parallel."""
    if cluster is None:
        yield {"n_workers": workers, "parallel_backend": "processes"} if workers > 1 else {"n_workers": 1}
        return
    from pytask_parallel.backends import ParallelBackend, registry

    client = client_of(cluster)
    try:
        threads = max(sum(client.nthreads().values()), 1)
        registry.register_parallel_backend(ParallelBackend.CUSTOM, lambda n_workers: client.get_executor())
        yield {"n_workers": threads, "parallel_backend": CUSTOM}
    finally:
        client.close()


def _first_problem(session: pytask.Session) -> str:
    for report in session.collection_reports:
        if report.exc_info:
            return f"{type(report.exc_info[1]).__name__}: {report.exc_info[1]}"
    return "pytask could not start."
