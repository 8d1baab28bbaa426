"""Rows and columns of a frame as plain types, which is what a drawing takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def where(frame: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """Return the rows in which each column named has the value given."""
    mask = np.ones(len(frame), dtype=bool)
    for column, value in values.items():
        mask &= np.asarray(frame[column] == value, dtype=bool)
    return kept(frame, mask)


def kept(frame: pd.DataFrame, mask: Any) -> pd.DataFrame:
    """Return the rows of a mask."""
    return cast("pd.DataFrame", frame.loc[np.asarray(mask, dtype=bool)])


def floats(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Return a column as numbers; what is not known is nan."""
    return np.asarray(frame[column], dtype=float)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows, column to value."""
    return cast("list[dict[str, Any]]", frame.to_dict("records"))
