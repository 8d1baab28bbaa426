"""Where things are: data, results and the paper; in a checkout, or in an installed wheel."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def project_root() -> Path | None:
    """Return the root of the checkout that the package runs from, or None when it is installed elsewhere.

    The environment variable ``OVERBUILD_ROOT`` overrides it (used to build a copy of the project).
    """
    override = os.environ.get("OVERBUILD_ROOT")
    if override:
        return Path(override).resolve()
    candidate = PACKAGE.parent.parent
    return candidate if (candidate / "data" / "catalogue.csv").exists() else None


def data_dir() -> Path:
    """Return the folder of the data that the package reads by default."""
    root = project_root()
    return root / "data" if root else PACKAGE / "_data"


def require_root() -> Path:
    """Return the checkout's root; raise `InputError` where there is none, since results are written there."""
    from overbuild.errors import InputError

    root = project_root()
    if root is None:
        raise InputError(
            "This command writes results into a checkout of overbuild and none was found. "
            "Run it inside a clone, or set OVERBUILD_ROOT to one."
        )
    return root


def build_dir() -> Path:
    """Return the folder of intermediate results, which git ignores."""
    return require_root() / "build"


def paper_dir() -> Path:
    """Return the folder of the paper, its figures, tables and numbers."""
    return require_root() / "paper"
