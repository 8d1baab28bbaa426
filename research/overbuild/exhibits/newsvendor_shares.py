"""Table: how much more firms hold apart than pooled when each insures itself against being short."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, percent, typographic

ID = "newsvendor_shares"
TITLE = "Insurance against being short: capacity held apart over capacity pooled"
NOTE = (
    "{firms} firms whose shares of a market add up to one; standard deviation of the log of a share "
    "{spread}, of the log of the market {market}. The fractile is the chance of not being short that a "
    "firm pays for. Idle: mean part of capacity that stands idle, in per cent. Error: of the Monte Carlo "
    "over {draws} draws of shares, which is integrated over the market. A set example and no estimate."
)
NEEDS = ("newsvendor",)
DATA = ()
COLUMNS = {
    "fractile": "Fractile",
    "ratio": "Apart over pooled",
    "error": "Error at most",
    "apart": "Idle, apart",
    "pooled": "Idle, pooled",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("newsvendor")
    rows = [
        (r["fractile"], r["ratio"], r["error"], percent(r["idle_unpooled"], 0), percent(r["idle_pooled"], 0))
        for r in found["rows"]
    ]
    note = NOTE.format(
        firms=found["firms"],
        spread=number(found["spread"]),
        market=number(found["market"]),
        draws=f"{found['draws']:,d}",
    )
    formats = {"fractile": ".2f", "ratio": ".2f", "error": ".4f"}
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    return Table(ID, TITLE, typographic(note), frame, "rrrrr", formats, COLUMNS)
