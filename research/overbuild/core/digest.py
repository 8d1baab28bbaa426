"""Digests: the same content has the same digest on every machine, and nothing else has it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def digest_of(*parts: Any) -> str:
    """Return the sha256 (64 hex digits) of any nesting of plain values, arrays, dates and dataclasses.

    Mappings are taken in the order of their keys, so the order of insertion does not matter; the type of a
    value does (``1`` and ``"1"`` differ).

    Raises
    ------
    TypeError
        For a value that has no canonical form.
    """
    return hashlib.sha256(json.dumps([_plain(p) for p in parts], separators=(",", ":")).encode()).hexdigest()


def digest_table(table: pd.DataFrame) -> str:
    """Return the sha256 of a table: its columns, and its rows as a set (their order does not matter).

    Floats are written with all their digits, missing values as the empty string, dates in ISO form.
    """
    columns = sorted(table.columns)
    rows = sorted("\x1f".join(_cell(v) for v in row) for row in table[columns].itertuples(index=False, name=None))
    return hashlib.sha256("\x1e".join(["\x1f".join(columns), *rows]).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)) or str(value) == "NaT":
        return ""
    if isinstance(value, float | np.floating):
        return repr(float(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | np.floating):
        return {"float": repr(float(value))}
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value)
        content = json.dumps(data.tolist()).encode() if data.dtype.kind in "UO" else data.tobytes()
        return {"array": [data.dtype.str, list(data.shape), hashlib.sha256(content).hexdigest()]}
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: _plain(asdict(value))}
    if isinstance(value, Mapping):
        return {"map": sorted([str(k), _plain(v)] for k, v in value.items())}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    raise TypeError(f"No canonical form for a {type(value).__name__}; pass plain values, arrays, dates or dataclasses.")
