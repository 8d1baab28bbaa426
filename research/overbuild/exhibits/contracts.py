"""Table: the contract between Microsoft and IREN and the web of contracts around it."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.contract_rows import counted, web_of

ID = "contracts"
TITLE = "The contract between Microsoft and IREN, and the web around it"
NOTE = (
    "The rows overlap and must never be summed: a hardware purchase and a loan finance the contract that "
    "they belong to, a backlog contains contracts, a tally contains both, and a customer’s commitment is "
    "a supplier’s revenue; the last column says with what each row overlaps. Compute contracts unless "
    "another kind is named. Values in USD million as announced; a dash where none was disclosed. Prepaid: "
    "share of the value paid in advance. MW: critical IT load where so stated. Status: {status}. Grades: "
    "{grades}; rows of grade D are context. Source: data/contracts/contracts.csv, from company filings "
    "and the press."
)
NEEDS = ()
DATA = ("contracts/contracts.csv",)

COLUMNS = {
    "called": "Buyer – seller",
    "value": "USD million",
    "term_years": "Years",
    "prepayment_share": "Prepaid",
    "capacity_mw": "MW",
    "month": "Date",
    "grade": "Grade",
    "value_overlaps": "Overlap",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = web_of(inputs.book)
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    formats = {"value": ",.0f", "term_years": ".1f", "prepayment_share": ".0%", "capacity_mw": ",.0f"}
    note = NOTE.format(status=counted(rows, "status"), grades=counted(rows, "grade"))
    return Table(ID, TITLE, note, frame, "prrrrlcp", formats, COLUMNS)
