"""Dates of exuberance with their uncertainty. A dating feeds no probability by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("start", "peak", "end")
QUANTILES = ("low", "median", "high")


@dataclass(frozen=True, eq=False)
class Dating:
    """Dated episodes of explosive behaviour.

    Attributes
    ----------
    table
        One row an episode; columns ``start_low, start_median, start_high, peak_low, ...``; an ongoing episode
        has missing ends.
    test, null, alternative
        The test, and what it tests against what.
    """

    table: pd.DataFrame
    test: str
    null: str
    alternative: str

    def __post_init__(self) -> None:
        expected = [f"{c}_{q}" for c in COLUMNS for q in QUANTILES]
        missing = [c for c in expected if c not in self.table.columns]
        if missing:
            raise ValueError(f"A dating lacks the columns {', '.join(missing)}.")
        object.__setattr__(self, "table", self.table.copy())
