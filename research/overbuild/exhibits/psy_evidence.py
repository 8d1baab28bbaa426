"""Table: the recursive tests of all series that are long enough for a claim, with adjusted p-values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "psy_evidence"
TITLE = "Were prices and investment explosive? Recursive tests of all series with 60 observations or more"
NOTE = (
    "GSADF: the largest right-tailed ADF statistic of all windows; null: a unit root throughout. "
    "p-values, of {replications} paths each: plain, Gaussian random walks (Phillips, Shi and Yu, 2015); "
    "wild, a bootstrap that keeps how volatility changed, which decides; drift, the same with the mean "
    "change of the sample kept, which errs towards not rejecting. BH: the wild p-value adjusted for "
    "{family} series by Benjamini and Hochberg, which bounds the share of false rejections where the "
    "statistics depend positively; plain BH: the same for the plain one. A dash: shown beside, no part "
    "of the family. Episodes: those of at least log n dates at which BSADF exceeds its 95 % critical "
    "value, and the last of them. Sums of four quarters are tested against random walks that are summed "
    "alike. Series, lags and reasons: data/psy_series.toml. AI shares were chosen in hindsight and are "
    "survivors. Telecom: hindcast on revised data; one event. Explosive is not overbuilt. Grades A to C."
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
    "drift": "Drift",
    "bh": "BH",
    "plain_bh": "Plain BH",
    "episodes": "Episodes (last)",
}
FORMATS: Mapping[str, str] = {
    "gsadf": ".2f",
    "plain": ".3f",
    "wild": ".3f",
    "drift": ".3f",
    "bh": ".3f",
    "plain_bh": ".3f",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    result = inputs.result("psy_evidence")
    rows = [_row(row) for row in result["series"] if row["claims"]]
    frame = pd.DataFrame(rows, columns=pd.Index(list(HEADINGS)))
    note = NOTE.format(replications=f"{result['replications']:,d}", family=result["family"])
    return Table(ID, TITLE, typographic(note), frame, "pcrrrrrrrp", FORMATS, HEADINGS)


def episodes_told(episodes: Sequence[Mapping[str, Any]]) -> str:
    """Return the number of episodes with the first and last date of the last one."""
    if not episodes:
        return "none"
    last = episodes[-1]
    end = ", open" if last["ongoing"] else f" to {last['last']}"
    return f"{len(episodes)} ({last['start']}{end})"


def span_of(row: Mapping[str, Any]) -> str:
    """Return the first and the last year of a series."""
    return typographic(f"{row['first'][:4]}-{row['last'][:4]}")


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    p, adjusted = row["p"], row["adjusted"]
    return {
        "series": row["title"],
        "span": span_of(row),
        "n": row["observations"],
        "gsadf": row["gsadf"],
        "plain": p["monte_carlo"]["value"],
        "wild": p["bootstrap"]["value"],
        "drift": p["drift"]["value"],
        "bh": adjusted["bootstrap"]["benjamini_hochberg"] if adjusted else None,
        "plain_bh": adjusted["monte_carlo"]["benjamini_hochberg"] if adjusted else None,
        "episodes": episodes_told(row["episodes"]),
    }
