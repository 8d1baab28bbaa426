"""A network from a TOML file, whose amounts are named by row of the contract table or by series."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from math import inf
from pathlib import Path
from typing import Any

from overbuild.episodes.databook import DataBook
from overbuild.errors import InputError
from overbuild.finance.amounts import AGGREGATES, Known, amount, clashes, is_number
from overbuild.finance.network import LENT, PARTS, Amount, Financing, Liability, Network, Node, faults
from overbuild.models.user_cost import capital_recovery_factor

FILE = "contracts/network.toml"
TABLES = ("contracts/contracts.csv", *(
    f"hyperscalers/{n}.csv"
    for n in ("ai_revenue", "backlog", "financials_quarterly", "financing", "guidance")
))  # fmt: skip
"""Data files that a network file may name series of."""
SECTIONS = ("nodes", "liabilities", "financing", "matrix", "firmness", "known_from")
TEXT, ROWS, SWITCH, NUMBER, TABLE, RATE, YEARS = (
    "a text", "a list of row ids", "true or false", "a number", "a table",
    "a number or a table", "years, 0.1 or more (inf: interest alone)",
)  # fmt: skip
FORMS: Mapping[str, Callable[[Any], bool]] = {
    TEXT: lambda v: isinstance(v, str),
    ROWS: lambda v: isinstance(v, list) and all(isinstance(r, str) for r in v),
    SWITCH: lambda v: isinstance(v, bool),
    NUMBER: is_number,
    TABLE: lambda v: isinstance(v, dict),
    RATE: lambda v: is_number(v) or isinstance(v, dict),
    YEARS: lambda v: (is_number(v) and v >= LEAST_YEARS) or (isinstance(v, float) and v == inf),
}
LEAST_YEARS = 0.1
LIABILITY_KEYS: Mapping[str, str] = {
    **dict.fromkeys(("from", "to", "firmness", "reason", "serves", "lent"), TEXT), "rows": ROWS,
    **dict.fromkeys(("used", "rolled", "capitalised", "investment"), SWITCH), "amount": TABLE,
    "rate": RATE, "years": YEARS,
    **dict.fromkeys(("value", "begun", "cover"), NUMBER),
}  # fmt: skip
FINANCING_KEYS: Mapping[str, str] = {
    **dict.fromkeys(("from", "to", "firmness", "reason"), TEXT), "rows": ROWS, "used": SWITCH,
    "amount": TABLE, "years": YEARS,
}  # fmt: skip


def read_network(file: Path, data: Path, as_of: date) -> Network:
    """Return the network of a file as it was known on a day.

    A liability whose rows were not known yet, or that is marked ``used = false``, is left out and named in
    ``Network.left_out``.

    Raises
    ------
    InputError
        If the file is missing or no TOML, or with everything that is wrong in it: an unknown key, row,
        series, node or class; rows that are of grade D, that hold other rows, that two liabilities claim or
        that overlap; a liability to oneself; a negative amount; a matrix that does not match its nodes; an
        assumption without a reason.
    """
    return network_of(_content(file), Known.of(DataBook.load(data, TABLES), as_of), file.name)


def network_of(content: Mapping[str, Any], known: Known, name: str) -> Network:
    """Return the network of a file's content; see `read_network`."""
    begins = content.get("known_from", date.min)
    if type(begins) is not date or known.as_of < begins:
        raise InputError(
            f"{name}: known_from = {begins}, and {known.as_of} was asked for; expected a date from which on "
            "the file describes the year, and no earlier day. What it assumes was not known before."
        )
    wrong: list[str] = [
        f"has the section '{s}'; expected some of {', '.join(SECTIONS)}."
        for s in content
        if s not in SECTIONS
    ]
    nodes = tuple(_nodes(content.get("nodes"), known, wrong))
    if "matrix" in content:
        used, left_out = _matrix(content, nodes, wrong), []
    else:
        used, left_out = _liabilities(content.get("liabilities", []), known, wrong)
    wrong += clashes(known, [(v.debtor, v.creditor, v.rows) for v in used])
    financing, dropped = _financings(content.get("financing", []), known, wrong)
    left_out += dropped
    wrong += faults(nodes, tuple(used), tuple(financing))
    if wrong:
        raise InputError("\n".join(f"{name}: {w}" for w in dict.fromkeys(wrong)))
    return Network(nodes, tuple(used), tuple(financing), tuple(left_out))


def _content(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror}); expected a TOML file in the form of data/{FILE}."
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file} is not readable as TOML ({error}).") from None


def _nodes(given: Any, known: Known, wrong: list[str]) -> Iterable[Node]:
    if not isinstance(given, dict) or not given:
        wrong.append('names no nodes; expected tables such as [nodes.Oracle] with kind = "cloud".')
        return
    for name, entry in given.items():
        if not isinstance(entry, dict):
            wrong.append(f"node '{name}' is {entry!r}; expected a table with kind and some of {PARTS}.")
            continue
        for key in (k for k in entry if k not in ("kind", *PARTS)):
            wrong.append(f"node '{name}' has the key '{key}'; expected kind, {', '.join(PARTS)}.")
        parts = {p: amount(entry[p], known, wrong, f"node '{name}': {p}") for p in PARTS if p in entry}
        kind = entry.get("kind", "")
        if not isinstance(kind, str):
            wrong.append(f"node '{name}': kind = {kind!r}; expected a text.")
            continue
        yield Node(name, kind, **parts)


def _checked(given: Any, name: str, keys: Mapping[str, str], wrong: list[str]) -> Iterable[dict[str, Any]]:
    """Yield the tables of an array whose keys are known and of the form that they should be."""
    if not isinstance(given, list) or not all(isinstance(e, dict) for e in given):
        wrong.append(f"{name} must be written as [[{name}]] tables.")
        return
    for entry in given:
        what, before = f"{_what(entry)}", len(wrong)
        for key, value in entry.items():
            if key not in keys:
                wrong.append(f"{what} has the key '{key}'; expected some of {', '.join(keys)}.")
            elif not FORMS[keys[key]](value):
                wrong.append(f"{what}: {key} = {value!r}; expected {keys[key]}.")
        if len(wrong) == before:
            yield entry


def _what(entry: Mapping[str, Any]) -> str:
    return f"'{entry.get('from')}' to '{entry.get('to')}'"


def _matrix(content: Mapping[str, Any], nodes: tuple[Node, ...], wrong: list[str]) -> list[Liability]:
    """Return the liabilities of a matrix, row owes column, all of one class."""
    rows, n = content["matrix"], len(nodes)
    if "liabilities" in content:
        wrong.append("gives a matrix and liabilities; give one of the two.")
    square = isinstance(rows, list) and all(isinstance(r, list) and len(r) == n for r in rows)
    if not square or len(rows) != n:
        shape = [len(r) if isinstance(r, list) else 0 for r in rows] if isinstance(rows, list) else rows
        wrong.append(f"the matrix has rows of length {shape}; expected {n} rows of {n}, one for each node.")
        return []
    if not all(is_number(v) for r in rows for v in r):
        wrong.append("the matrix holds something that is not a number; expected USD million.")
        return []
    firmness = content.get("firmness", "debt")
    if not isinstance(firmness, str):
        wrong.append(f"firmness = {firmness!r}; expected a text.")
        return []
    return [
        Liability(a.name, b.name, firmness, float(v), float(v), reason="as given in the matrix")
        for a, row in zip(nodes, rows, strict=True)
        for b, v in zip(nodes, row, strict=True)
        if v != 0
    ]


def _liabilities(given: Any, known: Known, wrong: list[str]) -> tuple[list[Liability], list[str]]:
    used, left_out, serving, unknown = [], [], [], set()
    for entry in _checked(given, "liabilities", LIABILITY_KEYS, wrong):
        what, rows = _what(entry), entry.get("rows", [])
        if not entry.get("used", True):
            left_out.append(f"{what}: {entry.get('reason', 'not used')} ({', '.join(rows)})")
            unknown.add(entry.get("from"))
        elif _usable(rows, known, wrong, what):
            later = _later(rows, known)
            if later:
                left_out.append(f"{what}: {', '.join(later)} not known on {known.as_of}")
                unknown.add(entry.get("from"))
            elif "serves" in entry:
                serving.append(entry)
            else:
                used.append(_liability(entry, rows, known, wrong, what))
    for entry in serving:
        if entry["serves"] in unknown and all(v.debtor != entry["serves"] for v in used):
            left_out.append(f"{_what(entry)}: no debt of it is known on {known.as_of} and used")
        else:
            used += _lease(entry, used, wrong)
    return used, left_out


def _later(rows: list[str], known: Known) -> list[str]:
    return [r for r in rows if known.contracts[r]["available_from"] > known.as_of]


def _usable(rows: list[str], known: Known, wrong: list[str], what: str) -> bool:
    """Tell what keeps rows from making a liability or a stake."""
    before = len(wrong)
    for row in rows:
        if row not in known.contracts:
            listed = ", ".join(sorted(known.contracts))
            wrong.append(f"{what}: the contract table has no row '{row}'. Rows: {listed}.")
        elif known.contracts[row]["kind"] in AGGREGATES:
            kind = known.contracts[row]["kind"]
            wrong.append(f"{what}: the row '{row}' is a {kind}: it holds other rows or binds nobody.")
        elif known.contracts[row]["grade"] == "D":
            wrong.append(
                f"{what}: the row '{row}' is of grade D and carries no result; mark it used = false or take "
                "another."
            )
    return len(wrong) == before


def _liability(
    entry: Mapping[str, Any], rows: list[str], known: Known, wrong: list[str], what: str
) -> Liability:
    cells = [known.contracts[r] for r in rows]
    head = _headline(entry, cells, known, wrong, what)
    due, principal, assumed = _due(entry, cells, head, known, wrong, what)
    reason, lent = str(entry.get("reason", "")), str(entry.get("lent", ""))
    if lent not in LENT:
        wrong.append(f"{what}: lent = {lent!r}; expected {' or '.join(repr(v) for v in LENT[1:])}.")
    if assumed and not (reason or head.origin):
        wrong.append(f"{what}: what is due is assumed without a reason; give one.")
    grades = [c["grade"] for c in cells] + ["C" if c["status"] != "actual" else "A" for c in cells]
    named = _series_of(entry.get("amount"))
    return Liability(
        str(entry.get("from")),
        str(entry.get("to")),
        str(entry.get("firmness", "")),
        head.value,
        due,
        (*rows, *named),
        assumed,
        max(grades) if grades else "",
        "; ".join(t for t in (head.origin, reason) if t),
        begun=entry.get("begun", 1.0) if due > 0 else 1.0,
        principal=principal if entry.get("rolled", False) else 0.0,
        lent=lent,
        capitalised=entry.get("capitalised", False),
        investment=entry.get("investment", False),
    )


def _series_of(given: Any) -> list[str]:
    """Return the series that an amount names, those within sums too."""
    if not isinstance(given, dict):
        return []
    parts = [p for n in ("sum", "geometric_mean") if isinstance(given.get(n), list) for p in given[n]]
    own = [f"{given['series']} of {given.get('entity')}"] if "series" in given else []
    return own + [n for p in parts for n in _series_of(p)]


def _headline(
    entry: Mapping[str, Any], cells: list[Mapping[str, Any]], known: Known, wrong: list[str], what: str
) -> Amount:
    if "amount" in entry:
        return amount(entry["amount"], known, wrong, what)
    if "value" in entry:
        return Amount(float(entry["value"]), True)
    if not cells:
        wrong.append(f"{what} names neither rows, nor an amount, nor what it serves.")
        return Amount()
    empty = [str(c["contract_id"]) for c in cells if c["value"] is None]
    if empty:
        wrong.append(f"{what}: no value was disclosed for {', '.join(empty)}; give 'value' with a reason.")
        return Amount()
    return Amount(sum(c["value"] for c in cells))


def _due(
    entry: Mapping[str, Any], cells: list[Mapping[str, Any]], head: Amount, known: Known, wrong: list[str],
    what: str,
) -> tuple[float, float, bool]:  # fmt: skip
    """Return what falls due within the year, repayment in it, and whether an assumption enters.

    It is value times begun over years. With a ``rate`` it is the instalment of an annuity over the term,
    which is interest alone at ``years = inf``; what is not interest of the first year repays.
    """
    begun = entry.get("begun", 1.0)
    if not 0 <= begun <= 1:
        wrong.append(f"{what}: begun = {begun!r}; expected the share of a full year, between 0 and 1.")
        return 0.0, 0.0, True
    assumed = head.assumed or begun != 1 or "years" in entry
    if "amount" in entry:
        return head.value * begun, head.value * begun, assumed
    terms = {c["term_years"] for c in cells}
    years = entry.get("years", terms.pop() if len(terms) == 1 else None)
    if years is None:
        wrong.append(f"{what}: the rows give no one term; give 'years', above 0, with a reason.")
        return 0.0, 0.0, True
    if "rate" not in entry:
        if entry.get("firmness") == "debt":
            wrong.append(f"{what} is debt without a rate; give 'rate', a fraction a year or a series.")
        return head.value * begun / years, head.value * begun / years, assumed
    given = entry["rate"]
    rate = Amount(given, True) if is_number(given) else amount(given, known, wrong, f"{what}: rate")
    fraction = rate.value if is_number(given) else rate.value / 100
    if not 0 <= fraction < 1:
        wrong.append(f"{what}: a rate of {fraction:g} a year; expected a fraction from 0 to below 1.")
        return 0.0, 0.0, True
    owed = head.value * begun
    due = owed * capital_recovery_factor(fraction, years)
    return due, max(due - owed * fraction, 0.0), assumed or rate.assumed


def _lease(entry: Mapping[str, Any], used: list[Liability], wrong: list[str]) -> Iterable[Liability]:
    """Yield the lease by which a sponsor pays what its vehicle owes, times a cover."""
    vehicle, cover = entry["serves"], entry.get("cover", 1.0)
    what = f"'{entry.get('from')}' to '{entry.get('to')}'"
    debts = [v for v in used if v.debtor == vehicle]
    if not debts or vehicle != entry.get("to"):
        wrong.append(f"{what} serves '{vehicle}'; expected the creditor, with debt of its own.")
        return
    if not cover > 0 or not entry.get("reason"):
        wrong.append(f"{what}: cover = {cover!r}; expected a number above 0, with a reason.")
        return
    due = cover * sum(v.due for v in debts)
    yield Liability(
        str(entry.get("from")), str(vehicle), str(entry.get("firmness", "")), due, due, (), True,
        max(v.grade for v in debts), str(entry["reason"]), backed=True,
        capitalised=all(v.capitalised for v in debts),
    )  # fmt: skip


def _financings(given: Any, known: Known, wrong: list[str]) -> tuple[list[Financing], list[str]]:
    used, left_out, claimed = [], [], set()
    for entry in _checked(given, "financing", FINANCING_KEYS, wrong):
        what = f"financing {_what(entry)}"
        rows, years = entry.get("rows", []), entry.get("years", 1)
        if not entry.get("used", True):
            left_out.append(f"{what}: {entry.get('reason', 'not used')} ({', '.join(rows)})")
            continue
        if not _usable(rows, known, wrong, what):
            continue
        if _later(rows, known):
            left_out.append(f"{what}: {', '.join(_later(rows, known))} not known on {known.as_of}")
            continue
        keys = {(entry.get("from"), entry.get("to"), r) for r in rows}
        if keys & claimed or len(keys) < len(rows):
            wrong.append(f"{what} claims a row twice; a row makes one stake between two nodes.")
        claimed |= keys
        total = _headline(entry, [known.contracts[r] for r in rows], known, wrong, what)
        reason = "; ".join(t for t in (total.origin, str(entry.get("reason", ""))) if t)
        if not reason:
            wrong.append(f"{what}: how much falls in the year is assumed without a reason; give one.")
        used.append(
            Financing(
                str(entry.get("from")), str(entry.get("to")), str(entry.get("firmness", "")),
                total.value / years, tuple(rows), True, reason,
            )
        )  # fmt: skip
    return used, left_out
