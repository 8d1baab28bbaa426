"""Which contracts the tables show, in which order, and how a row is called."""

from __future__ import annotations

import re

import pandas as pd

from overbuild.episodes.databook import DataBook

FILE = "contracts/contracts.csv"
CHAINS = ("iren", "nebius", "coreweave", "lambda", "nscale", "microsoft", "oracle", "stargate")
"""Firms whose contracts hang together with the one between Microsoft and IREN: the first word of a row's id."""
NUMBERS = ("value", "term_years", "prepayment_share", "capacity_mw", "hardware_capex")
COMPUTE = "compute contract"

_ID = re.compile(r"\b[a-z]+(?:_[a-z]+)*_20\d\d(?:_\d\d)?\b")


def web_of(book: DataBook) -> pd.DataFrame:
    """Return the contracts of the chains, chain by chain in order of date, with numbers as numbers.

    Adds ``called``: buyer and seller, and what it is where it is not a compute contract.
    """
    rows = book.contracts.copy()
    for column in NUMBERS:
        rows[column] = pd.to_numeric(rows[column])
    parties = _firm(rows["buyer"]) + " – " + _firm(rows["seller"])
    rows["called"] = parties + rows["kind"].map(lambda kind: "" if kind == COMPUTE else f": {kind}")
    names = dict(zip(rows["contract_id"], parties + ", " + rows["announced"].str.slice(0, 7), strict=True))
    rows["value_overlaps"] = [_ID.sub(lambda m: names.get(m[0], m[0]), text) for text in rows["value_overlaps"]]
    place = {name: i for i, name in enumerate(CHAINS)}
    rows["chain"] = rows["contract_id"].str.split("_").str[0].map(place)
    order = rows.dropna(subset=["chain"]).sort_values(
        ["chain", "period_end", "value", "contract_id"], ascending=[True, True, False, True], kind="stable"
    )
    return order.reset_index(drop=True)


def _firm(names: pd.Series) -> pd.Series:
    return names.str.replace(r" \(.*\)", "", regex=True)
