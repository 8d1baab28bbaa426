"""The user's own contest among unequal firms, from a TOML file, read whole with every fault told.

decisiveness = 1.0
elasticity = 0.5
value = 1000          # the prize at a capacity of one; optional, 1

[[firm]]
name = "First"
cost = 1.0            # money a unit of capacity
weight = 1.0          # claim on the prize at a capacity of one; optional, 1
funds = 200           # cash flow and new debt, money; optional, without limit
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from math import inf, isfinite
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.games.contest_solver import Firms

TOP = ("decisiveness", "elasticity", "value", "firm")
OF_FIRM = ("name", "cost", "weight", "funds")


def read_firms(path: Path) -> Firms:
    """Return the contest that a file describes.

    Raises
    ------
    InputError
        If the file cannot be read, or with every fault of its content.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); expected a TOML file of firms."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not readable as TOML ({error}).") from None
    faults = [f"{path.name}: {fault}" for fault in _faults(content)]
    if faults:
        raise InputError("\n".join(faults))
    rows = content["firm"]
    cost = np.array([float(row["cost"]) for row in rows])
    return Firms(
        cost=cost,
        weight=np.array([float(row.get("weight", 1.0)) for row in rows]),
        limit=np.array([float(row.get("funds", inf)) for row in rows]) / cost,
        decisiveness=float(content["decisiveness"]),
        elasticity=float(content["elasticity"]),
        value=float(content.get("value", 1.0)),
        names=tuple(str(row["name"]) for row in rows),
    )


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    for other in (key for key in content if key not in TOP):
        yield f"has '{other}'; expected {', '.join(TOP)}."
    yield from _number(content, "decisiveness", "", needed=True)
    yield from _number(content, "elasticity", "", needed=True, zero=True, below=1.0)
    yield from _number(content, "value", "")
    rows = content.get("firm", [])
    if not isinstance(rows, list) or len(rows) < 2 or not all(isinstance(row, dict) for row in rows):
        yield "expected two or more [[firm]] tables."
        return
    names = [row.get("name") for row in rows]
    for i, row in enumerate(rows):
        where = f"firm {i + 1}: "
        if not isinstance(row.get("name"), str) or not row["name"].strip():
            yield f"{where}lacks a name in quotes."
        elif names.index(row["name"]) != i:
            yield f"{where}is called '{row['name']}' as another is; names must differ."
        for other in (key for key in row if key not in OF_FIRM):
            yield f"{where}has '{other}'; expected {', '.join(OF_FIRM)}."
        yield from _number(row, "cost", where, needed=True)
        yield from _number(row, "weight", where)
        if row.get("funds") == inf:
            yield f"{where}funds = inf; leave it out where there is no limit."
        else:
            yield from _number(row, "funds", where)


def _number(
    row: Mapping[str, Any],
    key: str,
    where: str,
    *,
    needed: bool = False,
    zero: bool = False,
    below: float = inf,
) -> Iterator[str]:
    if key not in row:
        if needed:
            yield f"{where}lacks '{key}'."
        return
    value = row[key]
    numeric = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not numeric or not (value > 0 or (zero and value == 0)) or value >= below:
        least = "0 or more" if zero else "above 0"
        most = f" and below {below:g}" if below < inf else ""
        yield f"{where}{key} = {value!r}; expected a number {least}{most}."
