"""What a build did, and how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from pytask import TaskOutcome, hookimpl

if TYPE_CHECKING:
    from types import TracebackType

    from pytask import ExecutionReport, PTask, Session
    from rich.progress import Progress


@dataclass(frozen=True)
class Failure:
    """A step that could not be done: why in one line, and the traceback where there is one."""

    id: str
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes
    ----------
    built
        Steps that were out of date and are done.
    skipped
        Steps that were up to date.
    failures
        Steps that failed, and those that could not start because of them.
    seconds
        Wall time.
    changes
        After a refit: model to what changed, in Monte Carlo standard errors.
    """

    built: tuple[str, ...]
    skipped: tuple[str, ...]
    failures: tuple[Failure, ...]
    seconds: float
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[str, ...]:
        """Ids of the steps that are not done."""
        return tuple(f.id for f in self.failures)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild build --json`` prints them."""
        return {
            "built": list(self.built),
            "skipped": list(self.skipped),
            "failed": list(self.failed),
            "seconds": round(self.seconds, 2),
            "messages": {f.id: f.message for f in self.failures},
            "changes": {model: list(lines) for model, lines in self.changes.items()},
        }

    def sentence(self) -> str:
        """Say what was done in one line."""
        parts = [f"{len(self.built)} built", f"{len(self.skipped)} up to date", f"{len(self.failed)} failed"]
        return f"{', '.join(parts)} in {self.seconds:.1f} s"

    def lines(self, *, verbose: bool = False) -> Iterator[str]:
        """Yield one line a failure, with its traceback when verbose, then what a refit changed."""
        for failure in self.failures:
            yield f"{failure.id}: {failure.message}"
            if verbose and failure.traceback:
                yield failure.traceback.rstrip()
        for model, found in self.changes.items():
            yield from (f"{model}: {line}" for line in found)


class Bar:
    """A progress bar on the standard error of a terminal; nothing where there is no terminal."""

    def __init__(self, total: int, *, shown: bool) -> None:
        self.total = total
        self.progress: Progress | None = _progress() if shown and sys.stderr.isatty() else None

    def __enter__(self) -> Bar:
        if self.progress:
            self.progress.start()
            self.bar = self.progress.add_task("build", total=self.total, step="")
        return self

    def __exit__(self, *_: object) -> None:
        if self.progress:
            self.progress.stop()

    @hookimpl
    def pytask_execute_task_log_start(self, task: PTask) -> None:
        """Name the step that is being done."""
        if self.progress:
            self.progress.update(self.bar, step=id_of(task))

    @hookimpl
    def pytask_execute_task_log_end(self, report: ExecutionReport) -> None:
        """Count a step as done."""
        if self.progress:
            self.progress.advance(self.bar)


def report_of(session: Session, seconds: float) -> BuildReport:
    """Return what a session of pytask did."""
    built, skipped, failures = [], [], []
    for report in session.execution_reports:
        name = id_of(report.task)
        if report.outcome == TaskOutcome.SUCCESS:
            built.append(name)
        elif report.outcome == TaskOutcome.SKIP_UNCHANGED:
            skipped.append(name)
        else:
            failures.append(_failure(name, report))
    return BuildReport(tuple(built), tuple(skipped), tuple(failures), seconds)


def id_of(task: PTask) -> str:
    """Return the id of the step that a task was made from."""
    return task.name.rpartition("::")[2]


def _failure(name: str, report: ExecutionReport) -> Failure:
    if report.outcome == TaskOutcome.SKIP_PREVIOUS_FAILED:
        return Failure(name, "not done, because a step before it failed")
    _, error, trace = report.exc_info or (None, None, None)
    if error is None:
        return Failure(name, "not done")
    kind = type(error)
    text = " ".join(str(error).split()) or kind.__name__
    message = text if kind.__module__.startswith("overbuild") else f"{kind.__name__}: {text}"
    return Failure(name, message, _trace_text(error, trace))


def _trace_text(error: BaseException, trace: TracebackType | str | None) -> str:
    """Return the traceback from the step's own function on; a worker process hands on a text."""
    if isinstance(trace, str):
        return trace
    own = trace
    while own is not None and any(p in own.tb_frame.f_code.co_filename for p in ("_pytask", "pluggy")):
        own = own.tb_next
    return "".join(format_exception(type(error), error, own or trace))


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    # The stream is kept: while a task runs, sys.stderr is another one that catches what the task prints.
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[step]}"))
    return Progress(*columns, console=Console(file=sys.stderr), transient=True)
