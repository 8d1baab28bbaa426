"""A step of the build: what it reads, which settings and code it rests on, what it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from overbuild.errors import UnknownNameError
from overbuild.pipeline.code import Sources

Function = Callable[[dict[str, Path], dict[str, Any], dict[str, Path]], None]
"""``function(reads, settings, produces)`` loads what it reads, calls one function, saves what it produces."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    id
        Its name for ``--only`` and in reports.
    function
        What is run; a function of the module of its stage, whose own source is part of the step's state.
    reads
        Name to file. A change in the content of one makes the step stale.
    produces
        Name to file. A step whose file is missing or was changed by hand is redone.
    settings
        Plain values, compared by content.
    modules
        Modules that do the work. Their source, and that of all they import, is compared by content.
    options
        Values that the function is given but that do not make it stale (whether to refit).
    """

    id: str
    function: Function
    reads: Mapping[str, Path]
    produces: Mapping[str, Path]
    settings: Mapping[str, Any] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def task(self, sources: Sources) -> Callable[..., None]:
        """Return the step as a pytask task; ``sources`` is the code as it stands."""
        from pytask import PythonNode, task

        from overbuild.core.digest import digest_of

        nodes = {name: PythonNode(value=value, hash=digest_of) for name, value in self.settings.items()}
        nodes["code"] = PythonNode(value=sources.fingerprint(*self.modules), hash=True)
        nodes |= {name: PythonNode(value=value) for name, value in self.options.items()}
        given = {"reads": dict(self.reads), "settings": nodes, "produces": dict(self.produces)}
        return task(name=self.id, kwargs=given)(partial(self.function))


def needed(steps: Iterable[Step], only: Iterable[str]) -> tuple[Step, ...]:
    """Return the named steps and every step whose products they read, however indirectly; by default, all.

    Raises
    ------
    UnknownNameError
        If there is no step of a name.
    """
    steps = tuple(steps)
    by_id = {s.id: s for s in steps}
    makers = {path: s for s in steps for path in s.produces.values()}
    waiting = list(only)
    for name in waiting:
        if name not in by_id:
            raise UnknownNameError("step of the build", name, tuple(by_id))
    keep: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in keep:
            keep.add(name)
            waiting += [makers[p].id for p in by_id[name].reads.values() if p in makers]
    return tuple(s for s in steps if s.id in keep) if keep else steps
