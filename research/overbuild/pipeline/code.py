"""Which source files a module rests on, read from the code without running it.

A result is stale when the code that made it has changed. Imports are followed from module to module, also
those inside functions; what stands under ``if TYPE_CHECKING:`` is not run and does not count. Libraries are
not followed: their versions are pinned in ``requirements.txt``.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from overbuild.locations import PACKAGE


@dataclass(frozen=True)
class Sources:
    """The source of a package at one moment: each file is read once, when it is first asked for.

    Attributes
    ----------
    package
        Folder of the package.
    """

    package: Path = PACKAGE
    _needed: dict[str, set[str]] = field(default_factory=dict, repr=False, compare=False)
    _lazy: dict[str, dict[str, str]] = field(default_factory=dict, repr=False, compare=False)
    _digests: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)
    _closures: dict[str, set[str]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Every module of the package: dotted name to file."""
        known = {}
        for folder, _, names in os.walk(self.package):
            parts = Path(folder).relative_to(self.package.parent).parts
            for name in (n for n in names if n.endswith(".py")):
                stem = () if name == "__init__.py" else (name[:-3],)
                known[".".join((*parts, *stem))] = Path(folder, name)
        return known

    def of(self, module: str) -> tuple[Path, ...]:
        """Return the files of a module and of all the modules that it imports, however indirectly.

        Parameters
        ----------
        module
            Dotted name, for example ``"overbuild.probability.baserate"``.

        Returns
        -------
        tuple of pathlib.Path
            In alphabetical order. The package's own ``__init__.py`` is left out: it only names what is public
            and loads nothing by itself.

        Raises
        ------
        ModuleNotFoundError
            If the package has no such module.
        """
        return tuple(sorted(self.modules[name] for name in self.closure(module)))

    def fingerprint(self, *modules: str) -> str:
        """Return the sha256 of the source of the modules and of all that they import."""
        digest = hashlib.sha256()
        for name in sorted({name for module in modules for name in self.closure(module)}):
            digest.update(name.encode() + b"\0" + self._digest(name))
        return digest.hexdigest()

    def closure(self, module: str) -> set[str]:
        """Return the names of a module and of all the modules that it imports, however indirectly."""
        if module in self._closures:
            return self._closures[module]
        if module not in self.modules:
            raise ModuleNotFoundError(f"No module '{module}' in {self.package}.")
        found: set[str] = set()
        waiting = {module}
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= self._needed_by(name) - found
        self._closures[module] = found - {self.package.name}
        return self._closures[module]

    def _needed_by(self, module: str) -> set[str]:
        """Return what a module imports itself, with the packages that hold those modules."""
        if module not in self._needed:
            path = self.modules[module]
            here = module if path.name == "__init__.py" else module.rpartition(".")[0]
            names = {self._target(base, name) for base, name in _imports(_parsed(path), here)}
            inside = {name for name in names if name in self.modules}
            packages = {".".join(n.split(".")[:i]) for n in inside for i in range(2, n.count(".") + 1)}
            self._needed[module] = inside | packages
        return self._needed[module]

    def _target(self, base: str, name: str) -> str:
        """Return the module that ``from base import name`` needs: submodule, home of a lazy name, or base."""
        if not name or base not in self.modules:
            return base
        if f"{base}.{name}" in self.modules:
            return f"{base}.{name}"
        path = self.modules[base]
        if path.name != "__init__.py":
            return base
        if base not in self._lazy:
            self._lazy[base] = _lazy_names(_parsed(path))
        return self._lazy[base].get(name, base)

    def _digest(self, module: str) -> bytes:
        if module not in self._digests:
            self._digests[module] = hashlib.sha256(self.modules[module].read_bytes()).digest()
        return self._digests[module]


def sources_of(module: str, package: Path = PACKAGE) -> tuple[Path, ...]:
    """Return the files that a module rests on now: its own, and those of all that it imports."""
    return Sources(package).of(module)


def fingerprint(*modules: str, package: Path = PACKAGE) -> str:
    """Return the sha256 of the source that some modules rest on now."""
    return Sources(package).fingerprint(*modules)


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _imports(tree: ast.Module, here: str) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of every import that is run."""
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((_absolute(node, here), alias.name) for alias in node.names)
        elif (
            isinstance(node, ast.Call) and _is_import_module(node) and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value), ""


def _lazy_names(tree: ast.Module) -> dict[str, str]:
    """Return the table of names that a package loads on first use: ``{"name": "package.module"}``."""
    table: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if (
                    isinstance(key, ast.Constant)
                    and isinstance(value, ast.Constant)
                    and "." in str(value.value)
                ):
                    table[str(key.value)] = str(value.value)
    return table


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    waiting = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            found = node.orelse if isinstance(node, ast.If) and _is_type_checking(node.test) else (node,)
            yield from found
            waiting.extend(found)


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _is_import_module(node: ast.Call) -> bool:
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return called == "import_module" and bool(node.args)


def _absolute(node: ast.ImportFrom, here: str) -> str:
    if not node.level:
        return node.module or ""
    parts = here.split(".")
    base = ".".join(parts[: len(parts) + 1 - node.level])
    return f"{base}.{node.module}" if node.module else base
