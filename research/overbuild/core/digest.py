"""Digests: the same content has the same digest on every machine, and nothing else has it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def digest_of(*parts: Any) -> str:
    """Return the sha256 (64 hex digits) of any nesting of plain values, arrays, dates and dataclasses.

    Mappings are taken in the order of their keys, so the order of insertion does not matter; the type of a
    value does (``1``, ``1.0`` and ``"1"`` differ), but for lists and tuples, which are one.

    Raises
    ------
    TypeError
        For a value that has no canonical form.
    """
    return hashlib.sha256(_json([_plain(p) for p in parts]).encode()).hexdigest()


def digest_table(table: pd.DataFrame) -> str:
    """Return the sha256 of a table: its columns and its rows, whatever the order of either; not its index.

    Missing values and empty strings are one; numbers, text and dates that look alike are not.
    """
    columns = sorted(table.columns)
    rows = sorted(_json([_cell(v) for v in r]) for r in table[columns].itertuples(index=False, name=None))
    return hashlib.sha256("\n".join([_json(columns), *rows]).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cell(value: Any) -> Any:
    missing = not isinstance(value, str) and str(value) in ("nan", "NaT", "<NA>", "None")
    return "" if missing else _plain(value)


def _plain(value: Any) -> Any:  # noqa: PLR0911 (one return a kind of value)
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, np.ndarray):
        content = (
            _json(value.tolist()).encode()
            if value.dtype.kind in "UO"
            else np.ascontiguousarray(value).tobytes()
        )
        return {"array": [value.dtype.str, list(value.shape), hashlib.sha256(content).hexdigest()]}
    if is_dataclass(value) and not isinstance(value, type):
        content = [[f.name, _plain(getattr(value, f.name))] for f in fields(value)]
        return {"dataclass": [type(value).__name__, content]}
    if isinstance(value, Mapping):
        return {"map": sorted(([_plain(k), _plain(v)] for k, v in value.items()), key=_json)}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    raise TypeError(
        f"No canonical form for a {type(value).__name__}; pass plain values, arrays, dates or dataclasses."
    )


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
