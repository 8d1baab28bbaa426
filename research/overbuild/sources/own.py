"""A user's own episode: one CSV file of firms and periods, with units beside it, checked before it is used."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from overbuild.core.periods import frequency_of, label, ordinal, period_end
from overbuild.errors import DataError, Fault
from overbuild.sources.reading import ROW, read_strings
from overbuild.sources.schema import TIDY, is_date, is_number

REQUIRED = ("firm", "period", "capex", "revenue")
OPTIONAL = ("operating_cash_flow", "gdp", "available_from")
MONEY = ("capex", "revenue", "operating_cash_flow", "gdp")
DEFAULT_UNIT = "USD million"
SCALES = {"thousand": 1e-3, "million": 1.0, "billion": 1e3}
LAG_DAYS = {"A": 60, "Q": 45, "M": 30}
ABSURD_RATIO = 20.0
"""A capex above this many times revenue in every year is taken for a wrong unit."""

_UNIT = re.compile(r"^([A-Z]{3}) (thousand|million|billion)$")


def read_own(path: Path) -> tuple[pd.DataFrame, str]:
    """Read and check a user's file.

    Parameters
    ----------
    path
        CSV with ``firm, period, capex, revenue`` and optionally ``operating_cash_flow, gdp, available_from``. Periods
        are all years or all quarters. Units come from a ``.toml`` file of the same name with a table ``[units]``
        (``capex = "EUR billion"``); the default is USD million for every column.

    Returns
    -------
    table, currency
        Tidy rows in millions of the currency. A row without ``available_from`` gets the end of its period plus 60
        (years), 45 (quarters) or 30 (months) days, and says so in ``available_rule``.

    Raises
    ------
    DataError
        With every fault that was found.
    """
    name = path.name
    table, faults = read_strings(path, name, REQUIRED, OPTIONAL)
    units, found = _units(path)
    faults += found
    if not table.empty:
        faults += _cell_faults(table, name) + _period_faults(table, name) + _level_faults(table, name, units)
    if faults:
        raise DataError(faults)
    return _tidy(table, units, name), units["capex"].split()[0]


def _units(path: Path) -> tuple[dict[str, str], list[Fault]]:
    units = dict.fromkeys(MONEY, DEFAULT_UNIT)
    beside = path.with_suffix(".toml")
    faults = []
    if beside.is_file():
        try:
            given = tomllib.loads(beside.read_text(encoding="utf-8")).get("units", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            return units, [Fault(beside.name, 0, "", f"is not readable as TOML ({error})")]
        for column, unit in given.items():
            if column not in MONEY:
                faults.append(Fault(beside.name, 0, str(column), f"is not a column with a unit; expected one of {', '.join(MONEY)}"))
            elif not _UNIT.match(str(unit)):
                faults.append(
                    Fault(beside.name, 0, column, f"'{unit}' is not a unit; expected a currency and a scale, such as 'USD million' or 'EUR billion'")
                )
            else:
                units[column] = str(unit)
    currencies = sorted({u.split()[0] for u in units.values()})
    if len(currencies) > 1:
        faults.append(Fault(beside.name, 0, "", f"mixes the currencies {', '.join(currencies)}; convert all columns to one"))
    return units, faults


def _cell_faults(table: pd.DataFrame, name: str) -> list[Fault]:
    faults = []
    for column in (c for c in MONEY if c in table):
        optional = column not in ("capex",)
        for row, text in zip(table[ROW], table[column], strict=True):
            if text == "" and optional:
                continue
            if not is_number(text):
                currency = re.search(r"[$€£¥]|[A-Z]{3}", text)
                hint = "; state the currency in the .toml file, not in the cells" if currency else ""
                faults.append(Fault(name, row, column, f"'{text}' is not a number{hint}"))
            elif float(text) < 0 and column != "operating_cash_flow":
                faults.append(Fault(name, row, column, f"{text} is negative; expected spending and revenue as positive numbers"))
    faults += [Fault(name, r, "firm", "is empty") for r, f in zip(table[ROW], table["firm"], strict=True) if not f]
    if "available_from" in table:
        faults += [
            Fault(name, r, "available_from", f"'{d}' is not a date in ISO form (2024-06-30); give it on every row or leave the column out")
            for r, d in zip(table[ROW], table["available_from"], strict=True)
            if not is_date(d)
        ]
    return faults


def _period_faults(table: pd.DataFrame, name: str) -> list[Fault]:
    faults, kinds = [], {}
    for row, period in zip(table[ROW], table["period"], strict=True):
        try:
            kinds[row] = frequency_of(period)
        except ValueError:
            faults.append(Fault(name, row, "period", f"'{period}' is not a year (1999), a quarter (1999Q2) or a month (1999-06)"))
    counts = pd.Series(kinds).value_counts()
    if len(counts) > 1:
        usual = counts.index[0]
        example = {"A": "a year", "Q": "a quarter", "M": "a month"}
        for row, kind in kinds.items():
            if kind != usual:
                period = table.loc[table[ROW] == row, "period"].iloc[0]
                faults.append(Fault(name, int(str(row)), "period", f"'{period}' is {example[kind]} where the file has {example[usual]} elsewhere"))
    good = table[[kinds.get(r) == (counts.index[0] if len(counts) else "") for r in table[ROW]]]
    for firm, rows in good.groupby("firm"):
        twice = rows[rows["period"].duplicated()]
        faults += [Fault(name, r, "period", f"'{p}' of {firm} appears twice") for r, p in zip(twice[ROW], twice["period"], strict=True)]
        numbers = sorted({ordinal(p) for p in rows["period"]})
        for a, b in zip(numbers[:-1], numbers[1:], strict=True):
            if b - a > 1:
                kind = counts.index[0]
                missing = label(a + 1, kind) if b - a == 2 else f"{label(a + 1, kind)} to {label(b - 1, kind)}"
                faults.append(Fault(name, 0, "period", f"{firm} has a gap: {missing} is missing; fill it or cut the series there"))
    return faults


def _level_faults(table: pd.DataFrame, name: str, units: dict[str, str]) -> list[Fault]:
    faults = []
    numeric = {c: pd.to_numeric(table[c], errors="coerce") * SCALES.get(units[c].split()[-1], 1.0) for c in ("capex", "revenue")}
    for firm, rows in table.groupby("firm"):
        ratio = (numeric["capex"] / numeric["revenue"])[rows.index].replace(float("inf"), float("nan")).dropna()
        if len(ratio) and ratio.min() > ABSURD_RATIO:
            faults.append(Fault(name, int(rows[ROW].iloc[0]), "capex", f"of {firm} is over {ABSURD_RATIO:g} times revenue throughout; is the unit right ('{units['capex']}')?"))
        else:
            typical = ratio.median() if len(ratio) else 0.0
            for i in ratio.index[(ratio > ABSURD_RATIO) & (ratio > 50 * typical)]:
                faults.append(Fault(name, int(table[ROW][i]), "capex", f"{table['capex'][i]} of {firm} is {ratio[i]:.0f} times revenue, against {typical:.2f} usually"))
    return faults


def _tidy(table: pd.DataFrame, units: dict[str, str], name: str) -> pd.DataFrame:
    out = []
    series = {"capex": "capex_cash", "revenue": "revenue", "operating_cash_flow": "operating_cash_flow", "gdp": "gdp"}
    for record in table.to_dict("records"):
        end = period_end(record["period"])
        frequency = frequency_of(record["period"])
        stated = record.get("available_from")
        available = date.fromisoformat(stated) if stated else end + timedelta(days=LAG_DAYS[frequency])
        for column in (c for c in MONEY if record.get(c, "") != ""):
            scale = SCALES[units[column].split()[1]]
            entity = "economy" if column == "gdp" else record["firm"]
            values = (series[column], entity, frequency, record["period"], end, float(record[column]) * scale, f"{units[column].split()[0]} million")
            out.append((*values, "actual", "B", available, "stated" if stated else f"{LAG_DAYS[frequency]} days", available, name, ""))
    return pd.DataFrame(out, columns=pd.Index(TIDY)).drop_duplicates(["series", "entity", "period"])
