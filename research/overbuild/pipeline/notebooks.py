"""Notebooks: kept as plain Python with marked cells, run from top to bottom, shown as one page each.

A page asks no other host for anything: pictures and styles are inside it, and formulas stay as they are
typed. The libraries come with the extra ``notebooks``; nothing here needs them before a notebook is run.
"""

from __future__ import annotations

import ast
import html
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from overbuild.core.saving import save_text
from overbuild.errors import CheckFailedError, InputError

FOLDER = "notebooks"
SECONDS_A_CELL = 600
QUICK = "quick"
"""Parameter that a notebook may have: fewer draws."""
CELL = "# %%"
OUTSIDE = re.compile(
    r"""<(?:script|img|iframe|link|source|video|audio)\b[^>]*?\b(?:src|href)\s*=\s*["']?(?:https?:)?//"""
    r"""|@import|\burl\(\s*["']?(?:https?:)?//|\bimport\(\s*["'](?:https?:)?//""",
    re.IGNORECASE,
)
"""What makes a browser ask another host when a page is opened; a link that waits to be clicked does not."""
STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 Georgia, serif; color: #111; }
pre, code { font: 13px/1.45 Menlo, Consolas, monospace; }
pre { overflow-x: auto; white-space: pre-wrap; margin: 0.4rem 0; }
.jp-InputArea .highlight { background: #f5f5f5; padding: 0.5rem 0.8rem; border-left: 3px solid #0072b2; }
.jp-InputPrompt, .jp-OutputPrompt, .anchor-link { display: none; }
img { max-width: 100%; }
table { border-collapse: collapse; font-size: 14px; }
th, td { padding: 0.15rem 0.6rem; text-align: right; border-bottom: 1px solid #ddd; }
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def sources(root: Path) -> tuple[Path, ...]:
    """Return the notebooks of a checkout, by name."""
    return tuple(sorted((root / FOLDER).glob("*.py")))


def title_of(text: str) -> str:
    """Return the first heading of a notebook.

    Raises
    ------
    InputError
        If it has none.
    """
    found = re.search(r"^# # (.+)$", text, re.MULTILINE)
    if not found:
        raise InputError("A notebook begins with a cell of text that has a heading; this one has none.")
    return found[1].strip()


def modules_of(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the modules of a package that a notebook imports, in alphabetical order.

    Parameters
    ----------
    text
        Its source.
    known
        Dotted names of the package's modules.
    """
    every, found = set(known), set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return tuple(sorted(found & every))


def execute(source: Path, target: Path, *, quick: bool, home: Path) -> None:
    """Run a notebook from top to bottom and write it with what its cells showed.

    Parameters
    ----------
    source, target
        The plain Python, and the ``.ipynb`` to write.
    quick
        Given to a notebook that has such a parameter.
    home
        Working folder.

    Raises
    ------
    InputError
        If the extra ``notebooks`` is not installed.
    CheckFailedError
        If a cell fails; the message has the cell's number and its error.
    """
    jupytext, papermill = _library("jupytext"), _library("papermill")
    notebook = jupytext.read(source)
    parameters = {QUICK: quick} if _has_parameters(notebook) else {}
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.ipynb"), Path(folder, "after.ipynb")
        jupytext.write(notebook, before, fmt="ipynb")
        try:
            papermill.execute_notebook(
                str(before),
                str(after),
                parameters=parameters,
                kernel_name="python3",
                cwd=str(home),
                progress_bar=False,
                execution_timeout=SECONDS_A_CELL,
            )
        except papermill.PapermillExecutionError as error:
            raise CheckFailedError(
                f"{source.name} fails in cell {error.exec_count or error.cell_index}: {error.ename}: "
                f"{error.evalue}"
            ) from None
        save_text(target, after.read_text(encoding="utf-8"))


def page(notebook: Path, target: Path, title: str) -> None:
    """Write an executed notebook as one page that asks no other host for anything.

    Raises
    ------
    InputError
        If the extra ``notebooks`` is not installed.
    CheckFailedError
        If the page would ask another host.
    """
    exporter = _library("nbconvert").HTMLExporter(template_name="basic")
    body, _ = exporter.from_filename(str(notebook))
    formatter = _library("pygments.formatters").HtmlFormatter(style="default")
    style = STYLE + formatter.get_style_defs(".highlight")
    made = PAGE.format(title=html.escape(title), style=style, body=body)
    asked = outside_requests(made)
    if asked:
        raise CheckFailedError(f"The page of {notebook.stem} would ask another host: {'; '.join(asked)}.")
    save_text(target, made)


def outside_requests(text: str) -> tuple[str, ...]:
    """Return the parts of a page that make a browser ask another host when it is opened."""
    return tuple(found[0][:120] for found in OUTSIDE.finditer(text))


def _has_parameters(notebook: Any) -> bool:
    return any("parameters" in cell.metadata.get("tags", ()) for cell in notebook.cells)


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise InputError(
            f"Notebooks need the library '{name.partition('.')[0]}', which is not installed. Install the "
            "extra: pip install 'overbuild[notebooks]'."
        ) from None
