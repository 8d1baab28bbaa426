"""A user's own episode: one CSV file of firms and periods, with units beside it, checked before use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd

from overbuild.core.periods import frequency_of, label, ordinal, period_end
from overbuild.errors import DataError, Fault, InputError
from overbuild.sources.cells import TIDY, YEARS, is_date, is_number
from overbuild.sources.reading import MISSING, ROW, listed, read_strings, read_toml, shown

REQUIRED = ("firm", "period", "capex", "revenue")
OPTIONAL = ("operating_cash_flow", "gdp", "available_from")
MONEY = {
    "capex": "capex_cash",
    "revenue": "revenue",
    "operating_cash_flow": "operating_cash_flow",
    "gdp": "gdp",
}
"""Columns that hold money, and the series that they become."""
ECONOMY = "economy"
"""Entity of GDP."""
DEFAULT_UNIT = "USD million"
SCALES = {"thousand": 1e-3, "million": 1.0, "billion": 1e3}
LAG_DAYS = {"A": 60, "Q": 45}
KINDS = {"A": "a year", "Q": "a quarter"}
ABSURD_RATIO = 20.0
"""A capex above this many times revenue in every year is taken for a wrong unit."""
ABSURD_LEAP = 50.0
"""A single ratio above `ABSURD_RATIO` is a slip where it is this many times the firm's usual one."""
ABSURD_MILLIONS = 1e15
"""More than the output of the world in any currency."""

_UNIT = re.compile(r"([A-Z]{3}) (thousand|million|billion)")
_CURRENCY = re.compile(r"[$€£¥]|[A-Z]{3}")


def read_own(path: Path) -> tuple[pd.DataFrame, str]:
    """Read and check a user's file.

    Parameters
    ----------
    path
        CSV with ``firm, period, capex, revenue`` and optionally ``operating_cash_flow, gdp, available_from``.
        Periods are all years or all quarters; every firm has a row for each from its first to its last. GDP
        of a quarter is an annual rate, as national accounts state it. Units come from a ``.toml`` file of the
        same name with a table ``[units]`` (``capex = "EUR billion"``); the default is USD million for every
        column.

    Returns
    -------
    table, currency
        Tidy rows in millions of the currency. A row without ``available_from`` gets the end of its period
        plus 60 (years) or 45 (quarters) days, and says so in ``available_rule``.

    Raises
    ------
    InputError
        If there is no such file.
    DataError
        With every fault that was found.
    """
    name = path.name
    table, faults = read_strings(path, name, REQUIRED, OPTIONAL)
    if any(f.problem == MISSING for f in faults):
        raise InputError(f"There is no file '{path}'.")
    units, found = _units(path, [c for c in MONEY if c in table])
    faults += found
    if not table.empty:
        faults += [*_cell_faults(table, name), *_period_faults(table, name)]
        faults += [*_gdp_faults(table, name), *_level_faults(table, name, units)]
    if faults:
        raise DataError(listed(faults))
    return _tidy(table, units, name), units["capex"].split()[0]


def _units(path: Path, present: list[str]) -> tuple[dict[str, str], list[Fault]]:
    units = dict.fromkeys(MONEY, DEFAULT_UNIT)
    beside = path.with_suffix(".toml")
    if not beside.is_file():
        return units, []
    content, faults = read_toml(beside, beside.name)
    given = content.get("units", {})
    if not isinstance(given, dict):
        return units, [*faults, Fault(beside.name, 0, "units", "is not a table; expected [units]")]
    for column, unit in given.items():
        if column not in MONEY:
            problem = f"is not a column with a unit; expected one of {', '.join(MONEY)}"
            faults.append(Fault(beside.name, 0, shown(column), problem))
        elif not _UNIT.fullmatch(str(unit)):
            problem = (
                f"'{shown(str(unit))}' is not a unit; expected a currency and thousand, million or billion, "
                "such as 'EUR billion'"
            )
            faults.append(Fault(beside.name, 0, column, problem))
        else:
            units[column] = str(unit)
    stated = {c: units[c] for c in present}
    if len({u.split()[0] for u in stated.values()}) > 1:
        mixed = ", ".join(f"{c} in {u}" + ("" if c in given else " (the default)") for c, u in stated.items())
        faults.append(Fault(beside.name, 0, "", f"mixes currencies: {mixed}; convert all columns to one"))
    return units, faults


def _cell_faults(table: pd.DataFrame, name: str) -> Iterator[Fault]:
    for record in table.to_dict("records"):
        report = partial(Fault, name, int(record[ROW]))
        if not record["firm"]:
            yield report("firm", "is empty")
        for column in (c for c in MONEY if c in table):
            if problem := _money_problem(record[column], column):
                yield report(column, problem)
        if "available_from" in table and (problem := _availability_problem(record)):
            yield report("available_from", problem)


def _money_problem(text: str, column: str) -> str:
    if text == "":
        return "is empty; expected a number" if column == "capex" else ""
    if not is_number(text):
        hint = "; state the currency in the .toml file, not in the cells" if _CURRENCY.search(text) else ""
        return f"'{shown(text)}' is not a number{hint}"
    if float(text) < 0 and column != "operating_cash_flow":
        return f"{shown(text)} is negative; expected spending and revenue as positive numbers"
    return f"{shown(text)} is absurd in any currency" if abs(float(text)) > ABSURD_MILLIONS else ""


def _availability_problem(record: dict[Any, Any]) -> str:
    day = record["available_from"]
    if not is_date(day):
        problem = "is not a date in ISO form (2024-06-30); give it on every row or leave the column out"
        return f"'{shown(day)}' {problem}"
    end = period_end(record["period"]) if _kind(record["period"]) else None
    return f"{day} is before the period ends ({end})" if end and date.fromisoformat(day) < end else ""


def _kind(period: str) -> str:
    """Return ``"A"`` or ``"Q"``; empty for any other label."""
    try:
        frequency = frequency_of(period)
    except ValueError:
        return ""
    return frequency if frequency in KINDS and int(period[:4]) in YEARS else ""


def _period_faults(table: pd.DataFrame, name: str) -> Iterator[Fault]:
    kinds = table["period"].map(_kind)
    counts = Counter(k for k in kinds if k)
    usual = counts.most_common(1)[0][0] if counts else ""
    for row, period, kind in zip(table[ROW], table["period"], kinds, strict=True):
        if not kind:
            problem = f"'{shown(period)}' is not a year (1999) or a quarter (1999Q2)"
            yield Fault(name, int(row), "period", problem)
        elif kind != usual:
            problem = f"'{period}' is {KINDS[kind]}; the file has {KINDS[usual]} elsewhere"
            yield Fault(name, int(row), "period", problem)
    for firm, rows in table.loc[(kinds == usual) & (kinds != "")].groupby("firm"):
        for row, period in rows.loc[rows.duplicated("period"), [ROW, "period"]].itertuples(index=False):
            yield Fault(name, int(row), "period", f"'{period}' of {shown(str(firm))} appears twice")
        yield from _gaps(rows, name, usual)
    by_firm = [set(rows["period"]) for _, rows in table.groupby("firm")]
    if not set.intersection(*by_firm):
        yield Fault(
            name, 0, "period", "has no period that all firms share; leave out the firms that do not fit"
        )


def _gaps(rows: pd.DataFrame, name: str, kind: str) -> Iterator[Fault]:
    """Yield a fault for each gap of one firm, at the row after the gap."""
    at = {ordinal(p): int(r) for p, r in zip(rows["period"], rows[ROW], strict=True)}
    numbers = sorted(at)
    for a, b in pairwise(numbers):
        if b - a > 1:
            missing = label(a + 1, kind) + (f" to {label(b - 1, kind)}" if b - a > 2 else "")
            firm = shown(rows["firm"].iloc[0])
            problem = f"{firm} has a gap before this row: {missing}; fill it, or cut the series there"
            yield Fault(name, at[b], "period", problem)


def _gdp_faults(table: pd.DataFrame, name: str) -> Iterator[Fault]:
    """Yield a fault for each row that contradicts the GDP of an earlier one."""
    first: dict[str, str] = {}
    for record in table.to_dict("records"):
        given = record.get("gdp", "")
        if given and first.setdefault(record["period"], given) != given:
            problem = f"{shown(given)} differs from {shown(first[record['period']])} of the same period"
            yield Fault(name, int(record[ROW]), "gdp", problem)


def _level_faults(table: pd.DataFrame, name: str, units: dict[str, str]) -> Iterator[Fault]:
    """Yield a fault where capex is out of all proportion to revenue."""
    capex_scale, revenue_scale = (SCALES[units[c].split()[1]] for c in ("capex", "revenue"))
    by_firm: dict[str, list[tuple[int, str, float]]] = {}
    for record in table.to_dict("records"):
        capex, revenue = record["capex"], record["revenue"]
        if is_number(capex) and is_number(revenue) and float(revenue) > 0:
            ratio = float(capex) * capex_scale / (float(revenue) * revenue_scale)
            by_firm.setdefault(record["firm"], []).append((int(record[ROW]), capex, ratio))
    for firm, found in by_firm.items():
        ratios = [ratio for *_, ratio in found]
        usual = median(ratios)
        if min(ratios) > ABSURD_RATIO:
            what = f"of {shown(firm)} is over {ABSURD_RATIO:g} times revenue throughout"
            yield Fault(name, found[0][0], "capex", f"{what}; is '{units['capex']}' right?")
            continue
        for row, capex, ratio in found:
            if ratio > max(ABSURD_RATIO, ABSURD_LEAP * usual):
                what = f"{shown(capex)} of {shown(firm)} is {ratio:.0f} times revenue"
                yield Fault(name, row, "capex", f"{what}, against {usual:.2f} usually")


def _tidy(table: pd.DataFrame, units: dict[str, str], name: str) -> pd.DataFrame:
    out = []
    for record in table.to_dict("records"):
        period = record["period"]
        frequency, end = frequency_of(period), period_end(period)
        stated, lag = record.get("available_from"), LAG_DAYS[frequency]
        available = date.fromisoformat(stated) if stated else end + timedelta(days=lag)
        rule = "stated" if stated else f"{lag} days"
        for column in (c for c in MONEY if record.get(c)):
            currency, scale = units[column].split()
            what = (MONEY[column], ECONOMY if column == "gdp" else record["firm"], frequency, period, end)
            value = (float(record[column]) * SCALES[scale], f"{currency} million", "actual", "B")
            out.append((*what, *value, available, rule, available, name, ""))
    return pd.DataFrame(out, columns=pd.Index(TIDY)).drop_duplicates(["series", "entity", "period"])
