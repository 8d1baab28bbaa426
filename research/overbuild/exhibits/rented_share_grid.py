"""Table: the rented share of least mean cost over volatility and the cost of owning."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic, with_range

ID = "rented_share_grid"
TITLE = "Rented share of least mean cost, by volatility of demand and cost of owning over renting"
NOTE = (
    "Per cent of what is committed in the first year; all else in the middle of the priors. Over {draws} "
    "draws of all priors the share has the median {share} % (5 % and 95 % points), and the cost of owning "
    "over renting {premium}. These are priors carried through the optimum: no data identify them. "
    "Contract row of grade A, its number of GPUs a forum’s figure."
)
NEEDS = ("rented_shares",)
DATA = ()


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("rented_shares")
    premiums = sorted({r["premium"] for r in found["grid"]})
    at = {(r["volatility"], r["premium"]): 100 * r["rented_share"] for r in found["grid"]}
    columns = {"volatility": "S.d. a year"} | {f"at_{p:g}": number(p, ".1f") for p in premiums}
    rows = [
        (number(v, ".1f"), *(at[v, p] for p in premiums))
        for v in sorted({r["volatility"] for r in found["grid"]})
    ]
    share, premium = found["share"], found["premium"]
    note = NOTE.format(
        draws=f"{found['draws']:,d}",
        share=with_range(100 * share["q50"], 100 * share["q05"], 100 * share["q95"], ".0f"),
        premium=with_range(premium["q50"], premium["q05"], premium["q95"]),
    )
    frame = pd.DataFrame(rows, columns=pd.Index(list(columns)))
    formats = {n: ".0f" for n in columns if n != "volatility"}
    return Table(ID, TITLE, typographic(note), frame, "l" + "r" * len(premiums), formats, columns)
