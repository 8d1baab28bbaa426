"""Which source files a module rests on, read from the code without running it.

A result is stale when the code that made it has changed. Imports are followed from module to module, also
those inside functions; what stands under ``if TYPE_CHECKING:`` is not run and does not count. Libraries are
not followed: their versions are pinned in ``requirements.txt``.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from overbuild.locations import PACKAGE


def sources_of(module: str, package: Path = PACKAGE) -> tuple[Path, ...]:
    """Return the files of a module and of every module of the package that it imports, however indirectly.

    Parameters
    ----------
    module
        Dotted name, for example ``"overbuild.probability.baserate"``.
    package
        Folder of the package that the name starts with.

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
    known = modules_of(package)
    if module not in known:
        raise ModuleNotFoundError(f"No module '{module}' in {package}.")
    found: set[str] = set()
    waiting = {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _needed_by(name, known) - found
    return tuple(sorted(known[name] for name in found if name != package.name))


def fingerprint(*modules: str, package: Path = PACKAGE) -> str:
    """Return the sha256 of the source of the modules and of all that they import."""
    digest = hashlib.sha256()
    for path in sorted({path for module in modules for path in sources_of(module, package)}):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def modules_of(package: Path = PACKAGE) -> dict[str, Path]:
    """Return every module of a package: dotted name to file."""
    known = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        known[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return known


def _needed_by(module: str, known: dict[str, Path]) -> set[str]:
    """Return what a module imports itself, with the packages that hold those modules."""
    path = known[module]
    here = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = {_target(base, name, known) for base, name in _imports(path, here, path.stat().st_mtime_ns)}
    inside = {name for name in names if name in known}
    return inside | {".".join(n.split(".")[:i]) for n in inside for i in range(2, n.count(".") + 1)}


def _target(base: str, name: str, known: dict[str, Path]) -> str:
    """Return the module that ``from base import name`` needs: a submodule, a lazy name's home, or base."""
    if not name or base not in known:
        return base
    if f"{base}.{name}" in known:
        return f"{base}.{name}"
    path = known[base]
    return _lazy_names(path, path.stat().st_mtime_ns).get(name, base) if path.name == "__init__.py" else base


@cache
def _imports(path: Path, here: str, modified: int) -> tuple[tuple[str, str], ...]:
    """Return (module, name) of every import that is run; kept for as long as the file is not changed."""
    found: list[tuple[str, str]] = []
    for node in _executed(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, here)
            found += [(base, alias.name) for alias in node.names]
        elif (
            isinstance(node, ast.Call) and _is_import_module(node) and isinstance(node.args[0], ast.Constant)
        ):
            found.append((str(node.args[0].value), ""))
    return tuple(found)


@cache
def _lazy_names(path: Path, modified: int) -> dict[str, str]:
    """Return the table of names that a package loads on first use: ``{"name": "package.module"}``."""
    table: dict[str, str] = {}
    for node in ast.parse(path.read_text(encoding="utf-8"), str(path)).body:
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
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            for other in node.orelse:
                yield other
                yield from _executed(other)
        else:
            yield node
            yield from _executed(node)


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
