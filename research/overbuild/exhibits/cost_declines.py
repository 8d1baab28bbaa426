"""Table: the verdict on prices (O5) of telecom as a function of the fall of unit cost, which is not known."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import VERDICTS, number

ID = "cost_declines"
TITLE = "Prices of telecom capacity (O5) under assumed declines of unit cost"
NOTE = (
    "Telecom: hindcast on revised data; one event. The price of a transatlantic circuit is known at two "
    "dates, its unit cost at none, so the verdict is shown for each assumed fall of cost. O5 asks that "
    "the price fall {excess} points a year faster than cost for {years} years. The last row is the fall "
    "of cost per bit if technology explains the whole rise of a fibre’s capacity. Grade C: one lecture "
    "slide. Source: prices of bandwidth; codebook, series stm1_price."
)
NEEDS = ("score_telecom",)
DATA = ()


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    score = inputs.result("score_telecom")
    thresholds = score["definitions"]["O5"]["primary"]["thresholds"]
    columns = ["assumed_cost_fall", "price_fall", "excess", "holds"]
    frame = pd.DataFrame(score["price_dial"], columns=pd.Index(columns))
    frame["holds"] = [VERDICTS[bool(h)] for h in frame["holds"]]
    note = NOTE.format(
        excess=number(100 * thresholds["excess"], ".0f"), years=number(thresholds["years"], "g")
    )
    headings = {
        "assumed_cost_fall": "Assumed fall of cost a year",
        "price_fall": "Fall of price a year",
        "excess": "Excess",
        "holds": "O5",
    }
    formats = {"assumed_cost_fall": ".0%", "price_fall": ".1%", "excess": ".1%"}
    return Table(ID, TITLE, note, frame, "rrrl", formats, headings)
