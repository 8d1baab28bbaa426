"""A contract from a TOML file: one that is shipped, or the user's own; every fault is told together.

A figure is ``{ is = 9.7, source = "iren_microsoft_2025" }`` or ``{ is = 3.0, assumed = "why" }``, with
``low``, ``high`` and ``weak = true`` where there is a range or a poor source. ``leans_on`` lists rows from
which assumptions are taken over; they must have been known too. A row of ``[[tranches]]`` or
``[[loans]]`` has plain figures and says once what they rest on: ``source``, ``assumed`` or both.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from overbuild.errors import InputError, UnknownNameError
from overbuild.finance.contract import (
    BULLET,
    DELIVERY,
    FIXED,
    LEVEL,
    SCULPTED,
    SHARE,
    START,
    Buyer,
    Contract,
    Equipment,
    Figure,
    Loan,
    Opex,
    Prepayment,
    Renewal,
    Shell,
    Tranche,
)
from overbuild.finance.contract_sense import sense_faults

FOLDER = "contracts"
BUILT_IN = ("iren", "nebius", "coreweave-openai", "oracle-openai")
DAY_COUNTS = ("ACT_360", "ACT_365F", "ACT_ACT_ISDA", "THIRTY_360_ISDA", "THIRTY_E_360", "THIRTY_U_360")
MOST_MONTHS = 600
LARGEST = 1e12
YEARS = (1990, 2100)
MARKS = ("is", "source", "assumed", "low", "high", "weak")

type Kind = tuple[str, Callable[[Any], bool]]


def _number(v: Any) -> bool:
    return isinstance(v, int | float) and not isinstance(v, bool) and abs(v) <= LARGEST


def _month(v: Any) -> bool:
    return isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= MOST_MONTHS


def _one_of(*names: str) -> Kind:
    return " or ".join(f"'{n}'" for n in names), lambda v: v in names


POSITIVE: Kind = (f"a number above 0, at most {LARGEST:g}", lambda v: _number(v) and v > 0)
NOT_NEGATIVE: Kind = (f"a number from 0 to {LARGEST:g}", lambda v: _number(v) and v >= 0)
PROPORTION: Kind = ("a share between 0 and 1", lambda v: _number(v) and 0 <= v <= 1)
SOME: Kind = ("a share above 0 and not above 1", lambda v: _number(v) and 0 < v <= 1)
MONTHS: Kind = (f"whole months from 0 to {MOST_MONTHS}", _month)
SOME_MONTHS: Kind = (f"whole months from 1 to {MOST_MONTHS}", lambda v: _month(v) and v > 0)
RATE: Kind = ("a rate a year from 0 to 1, such as 0.06; not negative", lambda v: _number(v) and 0 <= v <= 1)
DAY: Kind = (
    f"a date of the years {YEARS[0]} to {YEARS[1]}, such as 2026-01-01",
    lambda v: isinstance(v, date) and not isinstance(v, datetime) and YEARS[0] <= v.year <= YEARS[1],
)
PARTY: Kind = ("the id of a party", lambda v: isinstance(v, str))
WEIGHTS: Kind = (
    "weights of the years, none negative and not all 0, such as [0, 0, 1, 1, 1]",
    lambda v: isinstance(v, list) and all(_number(w) and w >= 0 for w in v) and sum(v) > 0,
)


@dataclass(frozen=True)
class Key:
    """What may stand under a key: of which kind, and whether it must be there."""

    kind: Kind
    needed: bool = True


SECTIONS: Mapping[str, Mapping[str, Key]] = {
    "contract": {
        "buyer": Key(PARTY),
        "seller": Key(PARTY),
        "supplier": Key(PARTY),
        "value": Key(POSITIVE),
        "start": Key(DAY),
        "term": Key(SOME_MONTHS),
        "runs_from": Key(_one_of(DELIVERY, START)),
        "availability": Key(SOME),
        "gpus": Key(POSITIVE, needed=False),
    },
    "prepayment": {"share": Key(PROPORTION), "lead": Key(MONTHS), "credit": Key(WEIGHTS)},
    "equipment": {
        "cost": Key(POSITIVE),
        "lead": Key(MONTHS),
        "life": Key(SOME_MONTHS),
        "residual": Key(PROPORTION),
    },
    "shell": {"cost": Key(NOT_NEGATIVE), "lead": Key(MONTHS), "recovered": Key(PROPORTION)},
    "opex": {"basis": Key(_one_of(FIXED, SHARE)), "amount": Key(NOT_NEGATIVE)},
    "covenants": {"min_dscr": Key(NOT_NEGATIVE)},
    "termination": {"grace": Key(MONTHS)},
    "renewal": {
        "months": Key(MONTHS),
        "price": Key(POSITIVE),
        "price_now": Key(POSITIVE),
        "probability": Key(PROPORTION),
        "strike": Key(NOT_NEGATIVE, needed=False),
    },
    "buyer": {"cost_of_capital": Key(RATE), "hazard": Key(RATE), "recovery": Key(PROPORTION)},
    "required": {"unlevered": Key(RATE), "equity": Key(RATE)},
}
NEEDED = ("contract", "equipment", "opex", "renewal", "buyer", "required")
PLAIN = ("contract.buyer", "contract.seller", "contract.supplier", "contract.runs_from", "opex.basis")
"""Words, which stand without marks."""
ROWS: Mapping[str, Mapping[str, Key]] = {
    "tranches": {"share": Key(PROPORTION), "month": Key(MONTHS), "delay": Key(MONTHS, needed=False)},
    "loans": {
        "lender": Key(PARTY),
        "amount": Key(POSITIVE),
        "rate": Key(RATE),
        "draw": Key(MONTHS),
        "maturity": Key(SOME_MONTHS),
        "interest_only": Key(MONTHS, needed=False),
        "amortisation": Key(_one_of(LEVEL, SCULPTED, BULLET)),
        "day_count": Key(_one_of(*DAY_COUNTS), needed=False),
    },
}


def contract_of(name: str, data: Path) -> Contract:
    """Return a shipped contract by name, or that of a file of the user's.

    Parameters
    ----------
    name
        One of `BUILT_IN`, or a path that ends in ``.toml``.
    data
        Folder of the data.

    Raises
    ------
    InputError
        If the file cannot be read or does not describe a contract; every fault is told.
    UnknownNameError
        If the name is neither.
    """
    if name in BUILT_IN:
        return read_contract(data / FOLDER / f"{name}.toml", _rows(data))
    if name.endswith(".toml") or Path(name).is_file():
        return read_contract(Path(name), _rows(data))
    raise UnknownNameError("contract", name, (*BUILT_IN, "FILE.toml"))


def _rows(data: Path) -> set[str] | None:
    table = data / FOLDER / "contracts.csv"
    if not table.is_file():
        return None
    with table.open(encoding="utf-8", newline="") as held:
        return {row["contract_id"] for row in csv.DictReader(held)}


def read_contract(file: Path, rows: Container[str] | None = None) -> Contract:
    """Return the contract of a TOML file.

    Parameters
    ----------
    file
        The file.
    rows
        Ids of ``contracts.csv`` that a source may name; None: any.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, or does not describe a contract; every fault is told.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror}); expected a TOML file in the form of "
            "data/contracts/iren.toml."
        ) from None
    except ValueError as error:
        raise InputError(f"{file} is not readable as TOML ({error}).") from None
    faults = list(_form_faults(content)) or list(sense_faults(content, rows))
    if faults:
        raise InputError("\n".join(f"{file.name}: {fault}" for fault in faults))
    return _made(file.stem, content)


def _form_faults(content: Mapping[str, Any]) -> Iterator[str]:
    """Tell what is missing, unknown or of the wrong kind."""
    known = ("title", "parties", "leans_on", *SECTIONS, *ROWS)
    for name in content:
        if name not in known:
            yield f"'{name}' is no part of a contract; known are {', '.join(known)}."
    if not isinstance(content.get("title"), str):
        yield "'title' is missing or no text."
    leans_on = content.get("leans_on", [])
    if not isinstance(leans_on, list) or not all(isinstance(i, str) for i in leans_on):
        yield f"'leans_on' = {leans_on!r}; expected a list of rows of contracts.csv."
    parties = content.get("parties")
    if not isinstance(parties, dict) or not all(isinstance(p, str) for p in parties.values()):
        yield '[parties] is missing; give an id and a name of each, such as microsoft = "Microsoft".'
        parties = {}
    for name in NEEDED:
        if name not in content:
            yield f"[{name}] is missing; it has the keys {', '.join(SECTIONS[name])}."
    for name, keys in SECTIONS.items():
        if name in content:
            yield from _section_faults(name, content[name], keys, parties)
    for name, keys in ROWS.items():
        rows = content.get(name, [])
        if not isinstance(rows, list) or (name == "tranches" and not rows):
            yield f"[[{name}]] is missing or no list; a row has the keys {', '.join(keys)}."
            continue
        for i, row in enumerate(rows, 1):
            yield from _row_faults(f"{name} {i}", row, keys, parties)


def _section_faults(
    name: str, section: Any, keys: Mapping[str, Key], parties: Mapping[str, str]
) -> Iterator[str]:
    if not isinstance(section, dict):
        yield f"[{name}] is no table; it has the keys {', '.join(keys)}."
        return
    yield from _names(f"[{name}]", section, keys)
    for key, entry in section.items():
        if key not in keys:
            continue
        where = f"{name}.{key}"
        if where in PLAIN:
            yield from _value_faults(where, entry, keys[key].kind, parties)
        elif not isinstance(entry, dict) or "is" not in entry:
            yield f"{where} = {entry!r}; expected {{ is = ..., source = ... }} or 'assumed' for 'source'."
        else:
            yield from _value_faults(where, entry["is"], keys[key].kind, parties)
            yield from (
                f"{where}: unknown mark '{m}'; known are {', '.join(MARKS)}." for m in entry if m not in MARKS
            )
            yield from _basis_faults(where, entry, alone=True)
            yield from _range_faults(where, entry)
            if not isinstance(entry.get("weak", False), bool):
                yield f"{where}.weak = {entry['weak']!r}; expected true or false."


def _row_faults(where: str, row: Any, keys: Mapping[str, Key], parties: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(row, dict):
        yield f"{where} is no table; it has the keys {', '.join(keys)}."
        return
    yield from _names(where, {k: v for k, v in row.items() if k not in ("source", "assumed")}, keys)
    for key, value in row.items():
        if key in keys:
            yield from _value_faults(f"{where}: {key}", value, keys[key].kind, parties)
    yield from _basis_faults(where, row, alone=False)


def _names(where: str, given: Mapping[str, Any], keys: Mapping[str, Key]) -> Iterator[str]:
    for key in given:
        if key not in keys:
            yield f"{where}: unknown key '{key}'; known are {', '.join(keys)}."
    for key, expected in keys.items():
        if expected.needed and key not in given:
            yield f"{where}: lacks '{key}'; expected {expected.kind[0]}."


def _value_faults(where: str, value: Any, kind: Kind, parties: Mapping[str, str]) -> Iterator[str]:
    if not kind[1](value):
        yield f"{where} = {value!r}; expected {kind[0]}."
    elif kind is PARTY and value not in parties:
        yield f"{where} = '{value}' is an unknown party; [parties] has {', '.join(parties) or 'none'}."


def _range_faults(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    ends = {m: entry[m] for m in ("low", "high") if m in entry}
    wrong = {m: v for m, v in ends.items() if not _number(v)}
    yield from (f"{where}.{m} = {v!r}; expected a number." for m, v in wrong.items())
    if ends and not wrong and _number(entry["is"]):
        low, high = ends.get("low", entry["is"]), ends.get("high", entry["is"])
        if not low <= entry["is"] <= high:
            yield f"{where}: {entry['is']:g} is not within its range from {low:g} to {high:g}."


def _basis_faults(where: str, entry: Mapping[str, Any], *, alone: bool) -> Iterator[str]:
    given = [m for m in ("source", "assumed") if m in entry]
    for m in given:
        if not isinstance(entry[m], str) or not entry[m].strip():
            yield f"{where}.{m} = {entry[m]!r}; expected text."
    if not given or (alone and len(given) == 2):
        yield f"{where}: say what it rests on, 'source' (a row of contracts.csv) or 'assumed' (why)."


def _made(name: str, content: Mapping[str, Any]) -> Contract:
    got = {
        section: {k: e["is"] if isinstance(e, dict) else e for k, e in content.get(section, {}).items()}
        for section in SECTIONS
    }
    rows = {
        table: [{k: v for k, v in row.items() if k in keys} for row in content.get(table, [])]
        for table, keys in ROWS.items()
    }
    prepayment = got["prepayment"]
    if prepayment:
        prepayment["credit"] = tuple(float(w) for w in prepayment["credit"])
    return Contract(
        name=name,
        title=content["title"],
        parties=content["parties"],
        **got["contract"],
        tranches=tuple(Tranche(**t) for t in rows["tranches"]),
        prepayment=Prepayment(**prepayment),
        equipment=Equipment(**got["equipment"]),
        shell=Shell(**got["shell"]),
        opex=Opex(**got["opex"]),
        loans=tuple(Loan(**t) for t in rows["loans"]),
        renewal=Renewal(**got["renewal"]),
        terms_of_buyer=Buyer(**got["buyer"]),
        min_dscr=got["covenants"].get("min_dscr", 0.0),
        grace=got["termination"].get("grace"),
        required=got["required"]["unlevered"],
        required_equity=got["required"]["equity"],
        leans_on=tuple(content.get("leans_on", [])),
        figures=tuple(_figures(content)),
    )


def _figures(content: Mapping[str, Any]) -> Iterator[Figure]:
    for section in SECTIONS:
        for key, entry in content.get(section, {}).items():
            if isinstance(entry, dict):
                marks = {m: entry[m] for m in MARKS[1:] if m in entry}
                yield Figure(f"{section}.{key}", entry["is"], **marks)
    for table, keys in ROWS.items():
        for i, row in enumerate(content.get(table, []), 1):
            marks = {m: row[m] for m in ("source", "assumed") if m in row}
            yield from (Figure(f"{table} {i}: {k}", row[k], **marks) for k in keys if k in row)
