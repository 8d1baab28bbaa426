"""Table: what a rental market does to capacity, channel by channel."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic, with_range

ID = "rental_market_channels"
TITLE = "A rental market’s channels to capacity"
NOTE = (
    "Factors on capacity, or capacity over the planner’s: median (5 % and 95 % points) over {draws} draws, "
    "{firms} firms; last column, chance of more than 1. Commitment multiplies firms’ and planner’s capacity "
    "alike. Pooling counts for the rented share only, linear in it: an assumption, as is that the contest’s "
    "ratio and insurance multiply. Own or rent, correlation and two of the contest’s three parameters are "
    "priors; only its decisiveness has met data, of which the level is a prior’s too. Contract row "
    "of grade A, its number of GPUs a forum’s figure."
)
NEEDS = ("rented_shares",)
DATA = ()
ROWS = (
    ("level", "Commitment: all capacity", "≥ 1"),
    ("fully_pooled", "All firms pooled over apart", "< 1 with buffers"),
    ("pool", "Pooling: over the planner’s", "< 1 with buffers"),
    ("entry", "Entry of a neocloud: over the planner’s", "> 1 iff r > η"),
    ("without", "Capacity over the planner’s, no rental market", ""),
    ("with", "Capacity over the planner’s, rental market", ""),
    ("change", "Change of that ratio", "none"),
    ("in_all", "Change of capacity in all", "none"),
)
COLUMNS = {"what": "What", "sign": "Sign derived", "value": "Factor", "above": "Above 1"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("rented_shares")
    market = found["market"]
    rows = []
    for name, title, sign in ROWS:
        m = market[name]
        above = number(m["above"], ".0%") if "above" in m else ""
        rows.append((title, sign, with_range(m["q50"], m["q05"], m["q95"]), above))
    note = NOTE.format(draws=f"{found['draws']:,d}", firms=market["firms"])
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    return Table(ID, TITLE, typographic(note), frame, "llrr", {}, COLUMNS)
