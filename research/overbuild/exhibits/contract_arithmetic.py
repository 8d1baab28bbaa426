"""Table: what follows from the terms of the compute contracts by arithmetic alone."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.contract_rows import COMPUTE, web_of
from overbuild.exhibits.wording import number

ID = "contract_arithmetic"
TITLE = "Arithmetic of the compute contracts"
NOTE = (
    "Every figure is a product or ratio of the terms in one row, in USD million: prepayment, the share paid in advance "
    "times the value; a year, value over term; a MW, value over critical IT load, and the same a year; hardware, over "
    "the value. Nothing is assumed about power, staff, buildings or the number of chips, so none is a price of compute, "
    "and no row says whether the seller earns its cost. {campus}Rows overlap and must never be summed. Contracts with a "
    "value and a term; grades {grades}. Source: data/contracts/contracts.csv, from company filings and the press."
)
NEEDS = ()
DATA = ("contracts/contracts.csv",)

CAMPUS = r"at the (?P<campus>[\d,]+) MW campus"


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = web_of(inputs.book)
    rows = rows[(rows["kind"] == COMPUTE) & rows["value"].notna() & rows["term_years"].notna() & (rows["grade"] != "D")]
    value, load = rows["value"], rows["capacity_mw"]
    frame = pd.DataFrame(
        {
            "called": rows["called"] + ", " + rows["announced"].str.slice(0, 4),
            "value": value,
            "prepayment": value * rows["prepayment_share"],
            "a_year": value / rows["term_years"],
            "a_mw": value / load,
            "a_mw_and_year": value / load / rows["term_years"],
            "hardware": rows["hardware_capex"] / value,
            "grade": rows["grade"],
        }
    )
    headings = {
        "called": "Buyer – seller",
        "value": "Value",
        "prepayment": "Prepayment",
        "a_year": "A year",
        "a_mw": "A MW",
        "a_mw_and_year": "A MW and year",
        "hardware": "Hardware",
        "grade": "Grade",
    }
    formats = {
        "value": ",.0f",
        "prepayment": ",.0f",
        "a_year": ",.0f",
        "a_mw": ".1f",
        "a_mw_and_year": ".1f",
        "hardware": ".1%",
    }
    grades = ", ".join(f"{n} {g}" for g, n in rows["grade"].value_counts().sort_index().items())
    note = NOTE.format(campus=_campus(rows), grades=grades)
    return Table(ID, TITLE, note, frame.reset_index(drop=True), "prrrrrrc", formats, headings)


def _campus(rows: pd.DataFrame) -> str:
    """Return which part of its campus a contract takes, where the row says how large the campus is."""
    known = rows["note"].str.extract(CAMPUS)["campus"].dropna().str.replace(",", "").astype(float)
    parts = [
        f"{rows['called'][i]} takes {number(rows['capacity_mw'][i], ',.0f')} of the {number(size, ',.0f')} MW of its "
        f"campus ({number(rows['capacity_mw'][i] / size, '.1%')}). "
        for i, size in known.items()
    ]
    return "".join(parts)
