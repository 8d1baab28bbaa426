"""Table: what follows from the terms of the compute contracts by arithmetic alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.contract_rows import COMPUTE, CONTEXT, counted, web_of
from overbuild.exhibits.wording import number

ID = "contract_arithmetic"
TITLE = "Arithmetic of the compute contracts"
NOTE = (
    "Every figure is a product or ratio of the terms in one row, in USD million: prepayment, the share "
    "paid in advance times the value; per year, value over term; per MW, value over critical IT load, and "
    "the same per year; hardware, over the value. Nothing is assumed about power, staff, buildings or the "
    "number of chips, so none is a price of compute, and no row says whether the seller earns its cost. "
    "{campus}Rows overlap and must never be summed. Contracts with a value and a term; grades {grades}. "
    "Source: data/contracts/contracts.csv, from company filings and the press."
)
NEEDS = ()
DATA = ("contracts/contracts.csv",)

COLUMNS = {
    "called": "Buyer – seller",
    "value": "Value",
    "prepayment": "Prepayment",
    "a_year": "Per year",
    "a_mw": "Per MW",
    "a_mw_and_year": "Per MW, year",
    "hardware": "Hardware",
    "grade": "Grade",
}
FORMATS = {
    "value": ",.0f",
    "prepayment": ",.0f",
    "a_year": ",.0f",
    "a_mw": ".1f",
    "a_mw_and_year": ".1f",
    "hardware": ".1%",
}
CAMPUS = re.compile(r"at the ([\d,]+) MW campus")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = [r for r in web_of(inputs.book) if r["kind"] == COMPUTE and r["grade"] != CONTEXT]
    rows = [r for r in rows if r["value"] is not None and r["term_years"] is not None]
    frame = pd.DataFrame([_row(r) for r in rows], columns=pd.Index(list(COLUMNS)), dtype=object)
    note = NOTE.format(campus="".join(_campus(r) for r in rows), grades=counted(rows, "grade"))
    return Table(ID, TITLE, note, frame, "prrrrrrc", FORMATS, COLUMNS)


def _row(r: Mapping[str, Any]) -> dict[str, Any]:
    value, years, load = r["value"], r["term_years"], r["capacity_mw"]
    prepaid, hardware = r["prepayment_share"], r["hardware_capex"]
    return {
        "called": f"{r['called']}, {r['month'][:4]}",
        "value": value,
        "prepayment": None if prepaid is None else value * prepaid,
        "a_year": value / years,
        "a_mw": None if load is None else value / load,
        "a_mw_and_year": None if load is None else value / load / years,
        "hardware": None if hardware is None else hardware / value,
        "grade": r["grade"],
    }


def _campus(r: Mapping[str, Any]) -> str:
    """Return which part of its campus a contract takes, where the row says how large the campus is."""
    found = CAMPUS.search(r["note"])
    if found is None or r["capacity_mw"] is None:
        return ""
    size, load = float(found[1].replace(",", "")), r["capacity_mw"]
    of = f"{number(load, ',.0f')} of the {number(size, ',.0f')} MW of its campus"
    return f"{r['parties']} takes {of} ({number(load / size, '.1%')}). "
