"""Which contracts the tables show, in which order, and how a row is called."""

from __future__ import annotations

import re
from typing import Any

from overbuild.episodes.databook import DataBook

CHAINS = ("iren", "nebius", "coreweave", "lambda", "nscale", "microsoft", "oracle", "stargate")
"""Firms whose contracts hang together with the one of Microsoft and IREN: first word of a row's id."""
NUMBERS = ("value", "term_years", "prepayment_share", "capacity_mw", "hardware_capex")
COMPUTE = "compute contract"
LEFT_OUT = ("financing, bonds", "financing, plan", "compute contract, talks")
"""Kinds that neither buy nor finance the capacity of one contract."""
DASH = " – "
CONTEXT = "D"
"""The grade that nothing is computed from."""

_ID = re.compile(r"\b[a-z]+(?:_[a-z]+)*_20\d\d(?:_\d\d)?\b")
_ASIDE = re.compile(r" \(.*\)")


def web_of(book: DataBook) -> list[dict[str, Any]]:
    """Return the contracts of the chains, chain by chain in order of date, one mapping a contract.

    Numbers are numbers, or None where nothing was disclosed. Adds ``parties``, ``called`` (the parties, and
    what it is where it is not a compute contract) and ``month``; other contracts that ``value_overlaps``
    names by id are named by their parties.
    """
    rows = [_read(r) for r in book.contracts.to_dict("records")]
    names = {r["contract_id"]: f"{r['parties']}, {r['month']}" for r in rows}
    chosen = [r for r in rows if r["kind"] not in LEFT_OUT and _chain(r) in CHAINS]
    for r in chosen:
        r["value_overlaps"] = _ID.sub(lambda m: names.get(m[0], m[0]), r["value_overlaps"])
    return sorted(chosen, key=_place)


def counted(rows: list[dict[str, Any]], column: str) -> str:
    """Return how often each value of a column occurs, in words: ``2 A, 17 B``."""
    values = [r[column] for r in rows]
    return ", ".join(f"{values.count(v)} {v}" for v in sorted(set(values)))


def _read(row: dict[Any, Any]) -> dict[str, Any]:
    numbers = {name: float(row[name]) if row[name] else None for name in NUMBERS}
    parties = _ASIDE.sub("", row["buyer"]) + DASH + _ASIDE.sub("", row["seller"])
    called = parties if row["kind"] == COMPUTE else f"{parties}: {row['kind']}"
    return {**row, **numbers, "parties": parties, "called": called, "month": row["announced"][:7]}


def _chain(row: dict[str, Any]) -> str:
    return row["contract_id"].partition("_")[0]


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return CHAINS.index(_chain(row)), row["period_end"], -(row["value"] or 0.0), row["contract_id"]
