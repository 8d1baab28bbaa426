"""The errors a user can cause; each carries one plain message and ends the command with exit status 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class OverbuildError(Exception):
    """Base of every error whose message is meant for the user."""


class InputError(OverbuildError):
    """A value, option or file that cannot be used; the message names it, what was expected and what to do."""


class UnknownNameError(InputError):
    """A name that is not known; the message lists what is available."""

    def __init__(self, kind: str, name: str, available: Sequence[str]) -> None:
        self.kind = kind
        self.name = name
        self.available = tuple(available)
        listed = ", ".join(sorted(self.available)) or "none"
        super().__init__(f"No {kind} '{name}'. Available: {listed}.")

    def __reduce__(self) -> tuple[type[UnknownNameError], tuple[str, str, tuple[str, ...]]]:
        return type(self), (self.kind, self.name, self.available)


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in one place of one data file.

    ``row`` is the line number in the file (the header is line 1) and 0 where the fault is the whole file's;
    ``column`` is empty where no single column is at fault.
    """

    file: str
    row: int
    column: str
    problem: str

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: {self.problem}"


class DataError(InputError):
    """A data file that fails its checks; carries every fault that was found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(f) for f in self.faults))

    def __reduce__(self) -> tuple[type[DataError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


class ServiceError(OverbuildError):
    """A live service that did not answer as it should; what was held before is kept."""


class CheckFailedError(OverbuildError):
    """The work ran and its answer is no; the command ends with exit status 1."""
