"""Sums that a network file names rather than types: rows of the contract table, series of the data."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from overbuild.episodes.databook import DataBook, known_rows
from overbuild.finance.network import Amount

AGGREGATES = ("backlog", "tally", "programme", "financing, plan", "compute contract, talks")
"""Kinds of rows that hold other rows or are no obligation, and never make a liability."""
APART = ("expansion of", "separate from")
"""How ``value_overlaps`` opens where it names a row that comes on top."""
QUARTER = 96
"""Days that one quarter's end may be after the last one's, fiscal calendars included."""
MOST_QUARTERS = 40
KEYS = ("value", "series", "entity", "quarters", "share", "reason", "sum", "geometric_mean")

LARGEST = 1e15
"""What a number of a file may be, USD million: far above all there is, and far below what overflows."""

_ID = re.compile(r"\b[a-z]+(?:_[a-z]+)*_20\d\d(?:_\d\d)?\b")


@dataclass(frozen=True, eq=False)
class Known:
    """What was known on a day.

    Attributes
    ----------
    contracts
        Row id to row of the contract table, of every day: numbers as numbers, or None.
    table
        Rows of the series, of grades A to C, known on the day.
    as_of
        The day.
    """

    contracts: Mapping[str, Mapping[str, Any]]
    table: pd.DataFrame
    as_of: date

    @staticmethod
    def of(book: DataBook, as_of: date) -> Known:
        """Return what a data book knew on a day."""
        rows = {str(r["contract_id"]): _read(r) for r in book.contracts.to_dict("records")}
        return Known(rows, known_rows(book.table, as_of)[0], as_of)

    def overlaps(self, one: str, other: str) -> bool:
        """Return whether either of two rows says that it holds, or is held in, the other."""
        if one not in self.contracts or other not in self.contracts:
            return False
        return other in _named(self.contracts[one]) or one in _named(self.contracts[other])


def amount(given: Any, known: Known, faults: list[str], where: str) -> Amount:
    """Return a sum that a file describes; what is wrong with it is added to ``faults``.

    Parameters
    ----------
    given
        A table with ``value`` and ``reason``; or ``series``, ``entity``, with ``quarters`` the number of
        latest rows that are added up (default: the latest alone) and ``share`` with a ``reason``; or ``sum``
        or ``geometric_mean``, a list of such tables.
    known
        What was known on the day.
    faults
        List that is added to.
    where
        What the sum is of, for the message.
    """
    if not isinstance(given, dict):
        faults.append(f'{where} = {given!r}; expected a table such as {{ value = 100, reason = "..." }}.')
        return Amount()
    for key in given:
        if key not in KEYS:
            faults.append(f"{where} has the key '{key}'; expected some of {', '.join(KEYS)}.")
    texts = [k for k in ("series", "entity", "reason") if k in given and not isinstance(given[k], str)]
    if texts:
        faults.extend(f"{where}: {k} = {given[k]!r}; expected a text." for k in texts)
        return Amount()
    for name, put in (("sum", math.fsum), ("geometric_mean", _geometric)):
        if name in given:
            return _several(given, name, put, known, faults, where)
    if "series" in given:
        return _series(given, known, faults, where)
    if not is_number(given.get("value")):
        faults.append(f"{where} has value {given.get('value')!r}; expected a number or a series.")
        return Amount()
    if not given.get("reason"):
        faults.append(f"{where} is assumed without a reason; give one.")
    return Amount(float(given["value"]), True, str(given.get("reason", "")))


def is_number(value: Any) -> bool:
    """Return whether a value of a file is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST


def clashes(known: Known, claims: Sequence[tuple[str, str, tuple[str, ...]]]) -> Iterable[str]:
    """Tell of rows that two liabilities claim, or that overlap between liabilities of one debtor or creditor.

    A pair of parties that owe each other counts too: one sum may not stand on both sides.

    Parameters
    ----------
    known
        What was known.
    claims
        Debtor, creditor and rows of every liability that is used.

    Notes
    -----
    A loan and the contract that it serves name each other too, but run between different parties in turn:
    they are links of a chain and no sum. What must not be added up has a debtor or a creditor in common.
    """
    for k, (debtor, creditor, rows) in enumerate(claims):
        what = f"'{debtor}' to '{creditor}'"
        for i, one in enumerate(rows):
            for other in rows[i + 1 :]:
                if one == other or known.overlaps(one, other):
                    yield f"{what}: the rows '{one}' and '{other}' overlap and must not be added up."
        for other_debtor, other_creditor, other_rows in claims[k + 1 :]:
            beside = f"{what} and '{other_debtor}' to '{other_creditor}'"
            turned = (debtor, creditor) == (other_creditor, other_debtor)
            shared = debtor == other_debtor or creditor == other_creditor or turned
            for one in rows:
                for other in other_rows:
                    if one == other:
                        yield f"{beside} both claim the row '{one}'; a row makes one liability."
                    elif shared and known.overlaps(one, other):
                        yield f"{beside}: the rows '{one}' and '{other}' overlap and must not be added up."


def _read(row: Mapping[Any, Any]) -> dict[str, Any]:
    numbers = {n: float(row[n]) if row[n] else None for n in ("value", "term_years", "prepayment_share")}
    return {**row, **numbers}


def _named(row: Mapping[str, Any]) -> set[str]:
    clauses = [c.strip() for c in str(row["value_overlaps"]).split(";")]
    return {i for c in clauses if not c.startswith(APART) for i in _ID.findall(c)}


def _geometric(values: Iterable[float]) -> float:
    every = list(values)
    return math.exp(math.fsum(math.log(v) for v in every) / len(every)) if min(every) > 0 else 0.0


def _several(
    given: Mapping[str, Any], name: str, put: Any, known: Known, faults: list[str], where: str
) -> Amount:
    if not isinstance(given[name], list) or not given[name]:
        faults.append(f"{where}: {name} must be a list of tables.")
        return Amount()
    parts = [amount(g, known, faults, where) for g in given[name]]
    guess = name == "geometric_mean"
    if guess and not given.get("reason"):
        faults.append(f"{where} is assumed without a reason; give one.")
    said = "; ".join(
        [*(p.origin for p in parts if p.origin), *([given["reason"]] if "reason" in given else [])]
    )
    return Amount(put(p.value for p in parts), guess or any(p.assumed for p in parts), said)


def _series(given: Mapping[str, Any], known: Known, faults: list[str], where: str) -> Amount:
    name, entity, count = given["series"], given.get("entity"), given.get("quarters", 1)
    share = given.get("share", 1.0)
    whole = isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MOST_QUARTERS
    if not is_number(share) or not whole:
        faults.append(f"{where}: quarters must be a whole number from 1 to {MOST_QUARTERS}, share a number.")
        return Amount()
    rows = known.table.loc[(known.table["series"] == name) & (known.table["entity"] == entity)]
    if len(rows) < count:
        faults.append(
            f"{where}: {len(rows)} rows of '{name}' of '{entity}' were known on {known.as_of} with grade A "
            f"to C; expected at least {count}."
        )
        return Amount()
    if share != 1 and not given.get("reason"):
        faults.append(f"{where} takes a share without a reason; give one.")
    latest = rows.sort_values("period_end", kind="stable").tail(count)
    days = pd.to_datetime(latest["period_end"])
    if count > 1 and (days.iloc[-1] - days.iloc[0]).days > QUARTER * (count - 1):
        faults.append(f"{where}: the last {count} rows of '{name}' of '{entity}' are not quarters in a row.")
        return Amount()
    weak = bool((latest["status"].isin(["forecast", "guidance", "claim"])).any())
    origin = f"{name} of {entity}" + (f": {given['reason']}" if "reason" in given else "")
    return Amount(share * float(latest["value"].sum()), share != 1 or weak, origin)
