"""Table: what traffic known at the end of each year said, and whether later traffic came as expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic
from overbuild.models.demand_paths import coverage

ID = "demand_hindcasts"
TITLE = "Telecom traffic: growth as known at the end of each year, and what came"
NOTE = (
    "Figures: backbone and ESnet traffic in print by then (at the end of 1997 ESnet alone). Growth: factor a "
    "year of the curve at the last figure of the index. Ceiling learnt: share of the variance of the ceiling "
    "over the level that the path took away. Turned: chance that growth in levels had turned. Backbone 2002: "
    "90 % interval in thousand TB a month; it was {came}. Inside: figures to the middle of 2003 that fell in "
    "their 90 % interval, of those that came; figures of one source move together, so they say less than "
    "their number. Claim: weight left on doubling every 100 days for a reader who gave it {weight} and takes "
    "the measurements for what the model takes them for. Its holders did not: at weights {weights} of the "
    "claim, never updated, the chance that potential capacity outran demand by half in the four years from "
    "1998 is {overbuilt} ({retrospect}). All of it is a hindcast on revised data; one event. Sources: "
    "Coffman and Odlyzko, ESnet, grade B; traffic of 2002, grade C."
)
NEEDS = ("hindcasts_demand", "estimate_demand_telecom_full")
DATA = ()
LAST_YEAR = 2003.6
LEAST_SHOWN = 1e-6
HEADINGS = {
    "as_of": "Known at end of",
    "figures": "Figures",
    "growth": "Growth",
    "interval": "5–95 %",
    "learnt": "Ceiling learnt",
    "turned": "Turned",
    "backbone": "Backbone 2002",
    "inside": "Inside",
    "claim": "Claim",
}
FORMATS: Mapping[str, str] = {"figures": ",d", "growth": ".1f", "learnt": ".2f", "turned": ".2f"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    hindcasts, full = (inputs.result(name) for name in NEEDS)
    frame = pd.DataFrame(list(_rows(hindcasts, full)), columns=pd.Index(list(HEADINGS)))
    dial = next(h for h in hindcasts if h["as_of"].startswith("1998"))["findings"]["dial"]
    note = NOTE.format(
        came=_came(full),
        weight=number(dial["weights"][1]["weight"], "g"),
        weights=_listed([w["weight"] for w in dial["weights"]], "g"),
        overbuilt=_listed([w["overbuilt"] for w in dial["weights"]], ".2f"),
        retrospect=dial["retrospect"],
    )
    return Table(ID, TITLE, typographic(note), frame, "lrrrrrrrr", FORMATS, HEADINGS)


def compared(hindcast: Mapping[str, Any], full: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of later years beside what a hindcast expected of them."""
    later = [p for p in full["findings"]["points"] if p["year"] < LAST_YEAR]
    return coverage(hindcast["findings"]["predicted"], later)


def _came(full: Mapping[str, Any]) -> str:
    """Return the range of backbone traffic of 2002, in thousand TB a month."""
    last = [p for p in full["findings"]["points"] if p["source"] == "backbone" and not p["used"]]
    return (
        f"{number(last[0]['low'] / 1e3, '.0f')} to {number(last[0]['high'] / 1e3, '.0f')}"
        if last
        else "unknown"
    )


def _rows(hindcasts: Sequence[Mapping[str, Any]], full: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for hindcast in hindcasts:
        found = hindcast["findings"]
        came = compared(hindcast, full)
        factor = found["growth"]["factor_now"]
        last = [r for r in came if r["source"] == "backbone" and r["year"] > 2002.5]
        claim = found["growth"]["claim"]
        yield (
            hindcast["as_of"][:4],
            sum(s["figures"] for s in found["sources"]),
            factor["q50"],
            f"{number(factor['q05'], '.1f')}–{number(factor['q95'], '.1f')}",
            found["ceiling"]["learnt"],
            found["turn"]["at_reference"],
            f"{number(last[0]['q05'] / 1e3, '.0f')}–{number(last[0]['q95'] / 1e3, '.0f')}" if last else "",
            f"{sum(r['inside'] for r in came)} of {len(came)}",
            "< 0.000001" if claim < LEAST_SHOWN else number(claim, ".2g"),
        )


def _listed(values: Sequence[float], form: str) -> str:
    texts = [number(v, form) for v in values]
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
