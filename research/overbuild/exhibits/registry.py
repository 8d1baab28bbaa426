"""The exhibits there are: each module of this folder that names an ``ID`` and defines ``build``.

What an exhibit needs is read from its source, so that the build can plan without loading any of them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from overbuild.errors import InputError, UnknownNameError
from overbuild.exhibits.base import Figure, Inputs, Table

FOLDER = Path(__file__).resolve().parent
HINDCAST = "hindcast on revised data; one event"
"""What the note of every exhibit that uses telecom must say."""


@dataclass(frozen=True)
class Exhibit:
    """One exhibit as its module declares it.

    Attributes
    ----------
    id
        Name of the module and of the files.
    kind
        ``figure`` or ``table``: what ``build`` is annotated to return.
    needs
        Names of the results it reads.
    data
        Data files it reads, as named in the catalogue.
    """

    id: str
    kind: Literal["figure", "table"]
    needs: tuple[str, ...]
    data: tuple[str, ...]

    @property
    def module(self) -> str:
        """Dotted name of its module."""
        return f"overbuild.exhibits.{self.id}"

    def files(self, paper: Path) -> dict[str, Path]:
        """Return kind to path of the files it is saved as, below a folder of the paper."""
        if self.kind == "figure":
            return {k: paper / "figures" / f"{self.id}.{k}" for k in ("svg", "png", "csv")}
        return {k: paper / "tables" / f"{self.id}.{k}" for k in ("csv", "typ", "tex")}


def exhibits(folder: Path = FOLDER) -> tuple[Exhibit, ...]:
    """Return every exhibit of a folder, by id.

    Raises
    ------
    InputError
        If a module that has an ``ID`` does not declare the rest as it should.
    """
    found = (_declared(path) for path in sorted(folder.glob("*.py")))
    return tuple(e for e in found if e is not None)


def exhibit(identity: str, folder: Path = FOLDER) -> Exhibit:
    """Return the exhibit of a name.

    Raises
    ------
    UnknownNameError
        If there is none; the message lists what there is.
    """
    known = {e.id: e for e in exhibits(folder)}
    if identity not in known:
        raise UnknownNameError("exhibit", identity, tuple(known))
    return known[identity]


def make(identity: str, inputs: Inputs) -> Figure | Table:
    """Draw a figure or compose a table in the paper's style.

    Raises
    ------
    ValueError
        If what comes back does not carry the id of its module, or if it uses telecom and its note does not
        say so.
    """
    from overbuild.exhibits import style

    entry = exhibit(identity)
    with style.applied():
        made: Figure | Table = import_module(entry.module).build(inputs)
    if made.id != entry.id:
        raise ValueError(f"The exhibit of module '{entry.id}' calls itself '{made.id}'.")
    telecom = any("telecom" in name for name in (*entry.needs, *entry.data))
    if telecom and HINDCAST not in made.note:
        raise ValueError(f"Exhibit '{entry.id}' uses telecom: its note must say '{HINDCAST}'.")
    return made


def _declared(path: Path) -> Exhibit | None:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    constants = _constants(tree)
    build = next((n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "build"), None)
    if "ID" not in constants or build is None:
        return None
    returns = build.returns.id if isinstance(build.returns, ast.Name) else ""
    problems = []
    if constants["ID"] != path.stem:
        problems.append(f"ID is {constants['ID']!r}; it must be the module's name, '{path.stem}'")
    if returns not in ("Figure", "Table"):
        problems.append("build must be annotated '-> Figure' or '-> Table'")
    for name in ("NEEDS", "DATA"):
        value = constants.get(name, ())
        if not isinstance(value, tuple) or not all(isinstance(v, str) for v in value):
            problems.append(f"{name} must be a tuple of strings written out, not computed")
    if problems:
        raise InputError(f"Exhibit {path.name}: {'; '.join(problems)}.")
    return Exhibit(
        path.stem,
        "figure" if returns == "Figure" else "table",
        constants.get("NEEDS", ()),
        constants.get("DATA", ()),
    )


def _constants(tree: ast.Module) -> dict[str, Any]:
    constants: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            constants |= {t.id: _literal(node.value) for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            constants[node.target.id] = _literal(node.value)
    return constants


def _literal(value: ast.expr | None) -> Any:
    try:
        return ast.literal_eval(value) if value is not None else None
    except (ValueError, TypeError):
        return None
