"""Table: how often investment fell within the next years, given for how long a run-up had been in force."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import span

ID = "conditional_rates"
TITLE = "Probability of a fall within h years, by state and age of the run-up"
NOTE = (
    "Fall as in O3: by {fall} % below the running peak, within {peak_years} years of it. State: first date, a run-up was dated k "
    "years before and no fall has come since; in force, the run-up has been in force for k years or more and investment "
    "does not stand low; quiet, no run-up is in force. n: years in the state whose next {most} years are all known, in so many "
    "series. Probabilities are posterior means under Jeffreys’ prior Beta(1/2, 1/2); the last column is the 90 % interval "
    "at h = {middle} by bootstrap of the series. The years overlap, so n overstates what is known. Without the condition on the peak the rates are "
    "no lower. Series of telecom are among the cases: hindcast on revised data; one event. Grade B. "
    "Source: BEA infrastructure accounts, copy of August 2021."
)
NEEDS = ("baserate",)
DATA = ()

STATES = {"first_date": "First date", "in_force": "In force", "quiet": "Quiet"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rate = inputs.result("baserate")
    every = pd.DataFrame(rate["conditional"])
    asked = every["peak_years"].notna()
    rows = every[asked] if asked.any() else every
    horizons = sorted(rows["h"].unique())
    middle = horizons[len(horizons) // 2]
    keys = ["state", "k", "cases", "series"]
    wide = rows.pivot(index=keys, columns="h", values="mean").reindex(_order(rows, keys)).reset_index()
    at_middle = rows[rows["h"] == middle].set_index(["state", "k"])
    found = at_middle.loc[list(zip(wide["state"], wide["k"], strict=True))]
    wide["interval"] = [span(a, b) for a, b in zip(found["bootstrap_5"], found["bootstrap_95"], strict=True)]
    wide["state"] = wide["state"].map(STATES)
    wide.columns = [f"h{c}" if isinstance(c, int) else str(c) for c in wide.columns]
    shown = [f"h{h}" for h in horizons]
    headings = {"state": "State", "k": "k", "cases": "n", "series": "Series"} | {
        f"h{h}": f"h = {h}" for h in horizons
    }
    headings["interval"] = f"90 %, h = {middle}"
    note = NOTE.format(
        fall=f"{100 * rate['rule']['fall']:g}",
        peak_years=f"{rows['peak_years'].iloc[0]:g}" if asked.any() else "any number of",
        most=max(horizons),
        middle=middle,
    )
    formats = dict.fromkeys(shown, ".2f")
    return Table(ID, TITLE, note, wide, "lrrr" + "r" * len(shown) + "r", formats, headings)


def _order(rows: pd.DataFrame, keys: list[str]) -> pd.MultiIndex:
    """Return states in the order in which they are told, then by age."""
    first = rows[keys].drop_duplicates()
    place = first["state"].map({name: i for i, name in enumerate(STATES)})
    return pd.MultiIndex.from_frame(first.assign(place=place).sort_values(["place", "k"])[keys])
