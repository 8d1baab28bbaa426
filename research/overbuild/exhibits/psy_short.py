"""Table: the recursive tests of series too short for a claim, with the size and power of the test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.psy_evidence import episodes_told, span_of
from overbuild.exhibits.wording import typographic

ID = "psy_short"
TITLE = "Series too short for a claim, with what the test can do at their length"
NOTE = (
    "Series of {fewest} to {below} observations: shown, no claim, no adjustment. p-values as in the "
    "table of long series. Size and power: share of {paths} simulated series of the same length, lags "
    "and summing in which the wild bootstrap rejects at 5 % (in brackets: plain critical values). Size: "
    "a random walk. Power: collapsed, the bubble of Phillips, Shi and Yu (2015), over at 55 % of the "
    "sample; growing, one twice as long that has not ended. Missing: {missing}. Explosive is not "
    "overbuilt. Sources: company filings and rate cards, grades A to C."
)
NEEDS = ("psy_evidence",)
DATA = ()
HEADINGS: Mapping[str, str] = {
    "series": "Series",
    "span": "Years",
    "n": "n",
    "gsadf": "GSADF",
    "plain": "Plain",
    "wild": "Wild",
    "episodes": "Episodes (last)",
    "size": "Size",
    "collapsed": "Collapsed",
    "growing": "Growing",
}
FORMATS: Mapping[str, str] = {"gsadf": ".2f", "plain": ".3f", "wild": ".3f"}
RATES: Mapping[str, str] = {
    "size": "walk",
    "collapsed": "bubble",
    "growing": "late_bubble",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    result = inputs.result("psy_evidence")
    designs = {(d["observations"], d["lags"], d["trailing"]): d for d in result["designs"]}
    rows = [_row(r, designs) for r in result["series"] if not r["claims"]]
    frame = pd.DataFrame(rows, columns=pd.Index(list(HEADINGS)))
    note = NOTE.format(
        fewest=result["fewest_shown"],
        below=result["fewest_for_a_claim"] - 1,
        paths=f"{result['designs'][0]['paths']:,d}",
        missing="; ".join(f"{title} ({reason})" for title, reason in result["missing"].items()) or "nothing",
    )
    return Table(ID, TITLE, typographic(note.replace("`", "")), frame, "pcrrrrprrr", FORMATS, HEADINGS)


def _row(row: Mapping[str, Any], designs: Mapping[tuple[int, int, int], Any]) -> dict[str, Any]:
    rates = designs[row["observations"], row["lags"], row["trailing"]]["rates"]
    p = row["p"]
    return {
        "series": row["title"],
        "span": span_of(row),
        "n": row["observations"],
        "gsadf": row["gsadf"],
        "plain": p["monte_carlo"]["value"],
        "wild": p["bootstrap"]["value"],
        "episodes": episodes_told(row["episodes"]),
        **{
            column: f"{rates[name]['bootstrap']:.2f} ({rates[name]['monte_carlo']:.2f})"
            for column, name in RATES.items()
        },
    }
