"""The shares of rejections in the filed table of size and power, by what was tested how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIZES = ("null", "t3", "volatile", "break_up", "break_down")
"""Processes in which the null of a unit root without a trend holds: rejections are size."""
POWERS = ("bubble", "bubble_volatile")
PROCESSES = (*SIZES, "drift", "hump", *POWERS)

type Key = tuple[int, str, str, str]


def shares(result: Mapping[str, Any], supremum: str = "gsadf") -> dict[Key, float]:
    """Return n, process, test and critical values to the share of paths rejected.

    Parameters
    ----------
    result
        Content of ``psy_size``.
    supremum
        ``gsadf`` or ``sadf``; published lines date windows from the first observation only, and are in both.
    """
    at = {name: i for i, name in enumerate(result["columns"])}
    found = {}
    for row in result["rows"]:
        count = row[at["sadf"]] if row[at[supremum]] is None else row[at[supremum]]
        key = (row[at["n"]], row[at["process"]], row[at["test"]], row[at["critical_values"]])
        found[key] = count / row[at["paths"]]
    return found
