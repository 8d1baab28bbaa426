"""Table: the data files, how much each holds, how good it is and whether it may be passed on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from overbuild.episodes.databook import DataBook
from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import years
from overbuild.locations import data_dir

ID = "data_overview"
TITLE = "The data"
NOTE = (
    "Rows by grade: A, filings, official statistics and what two independent sources agree on; B, one "
    "official or primary source, or good secondary ones; C, one secondary source or an estimate; D, "
    "context only, used by nothing. Series: variables of the codebook, none for the three files with "
    "one row a case. Span: first and last year of the rows. Shipped: whether the file may be passed on; "
    "where a source forbids it only derived figures are in it. Licences and checksums are in "
    "data/catalogue.csv. Files on telecom: hindcast on revised data; one event."
)
NEEDS = ()
DATA = (
    "contracts/contracts.csv",
    "history/booms.csv",
    "history/booms_annual.csv",
    "history/infrastructure_annual.csv",
    "hyperscalers/ai_revenue.csv",
    "hyperscalers/backlog.csv",
    "hyperscalers/capacity.csv",
    "hyperscalers/demand.csv",
    "hyperscalers/financials_annual.csv",
    "hyperscalers/financials_quarterly.csv",
    "hyperscalers/financing.csv",
    "hyperscalers/guidance.csv",
    "hyperscalers/prices.csv",
    "hyperscalers/useful_lives.csv",
    "hyperscalers/vacancy.csv",
    "macro/annual.csv",
    "macro/datacentre_construction.csv",
    "macro/quarterly.csv",
    "markets/ai_baskets.csv",
    "markets/external_forecasts.csv",
    "markets/monthly.csv",
    "telecom/carriers_annual.csv",
    "telecom/carriers_quarterly.csv",
    "telecom/fibre.csv",
    "telecom/investment.csv",
    "telecom/outcomes.csv",
    "telecom/prices.csv",
    "telecom/suppliers_quarterly.csv",
    "telecom/traffic.csv",
)

GRADES = ("A", "B", "C", "D")
TOTAL = "Total"


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    shipped = _shipped()
    files = _files(inputs.book)
    rows = [{**_row(name, part), "shipped": shipped.get(name)} for name, part in files.items()]
    every = pd.concat(list(files.values()))
    frame = pd.DataFrame([*rows, {**_row(TOTAL, every), "shipped": None}])
    frame = frame.astype({"series": "Int64"})
    headings = {"file": "File", "rows": "Rows", "series": "Series", "span": "Span", "shipped": "Shipped"}
    formats: dict[str, str] = dict.fromkeys(("rows", "series", *GRADES), ",d")
    return Table(ID, TITLE, NOTE, frame, "lrrl" + "r" * len(GRADES) + "l", formats, headings)


def _files(book: DataBook) -> dict[str, pd.DataFrame]:
    tidy = {str(name): part for name, part in book.table.groupby("file")}
    wide = {
        "history/booms.csv": book.booms,
        "contracts/contracts.csv": book.contracts,
        "markets/external_forecasts.csv": book.external_forecasts,
    }
    return dict(sorted({**tidy, **wide}.items()))


def _row(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    ends, grades = sorted(rows["period_end"]), list(rows["grade"])
    known = {s for s in rows["series"] if isinstance(s, str)} if "series" in rows else set()
    return {
        "file": name,
        "rows": len(rows),
        "series": len(known) or None,
        "span": years(ends[0].year, ends[-1].year),
        **{g: grades.count(g) for g in GRADES},
    }


def _shipped() -> dict[str, str]:
    catalogue = pd.read_csv(data_dir() / "catalogue.csv", dtype=str, keep_default_na=False)
    return dict(zip(catalogue["file"], catalogue["may_be_redistributed"], strict=True))
