"""Writing files so that an interruption leaves the old file or the new one, never half of one."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def save_bytes(path: Path, content: bytes) -> None:
    """Write bytes beside the file and move them into its place in one step.

    Parameters
    ----------
    path
        File to write; its folder is made if it is not there.
    content
        All of its bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(partial).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def save_text(path: Path, text: str) -> None:
    """Write text as UTF-8 with plain line ends, in one step."""
    save_bytes(path, text.encode())


def save_json(path: Path, value: Any) -> None:
    r"""Write plain values as JSON (indented, keys as given, ends with a line end), in one step.

    Raises
    ------
    ValueError
        For a number that JSON does not have (nan, infinity): a missing value is ``None``.
    """
    save_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def load_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
