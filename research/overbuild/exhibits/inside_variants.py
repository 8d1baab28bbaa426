"""Table: what the inside view says when one thing in it is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "inside_variants"
TITLE = "The inside view with one thing changed"
NOTE = (
    "Shares of paths, per cent, on the same random numbers; fewer paths than in the other tables. No "
    "feedback: every slope from use, cover and price to hazard and growth is zero. No pull: hazards "
    "answer, growth does not; pull 0.3, 0.6: at that speed a year in place of its prior. Without feedback "
    "or pull O1 and the composite rest on later years in which use falls without end. Games’ ratio: growth "
    "is pulled to the games’ ratio times what demand requires, though that ratio is against another "
    "benchmark. Ceiling: of demand, half and twice as high. Cash: a fifth less for a dollar of use in the "
    "long run. Lives: a fifth shorter. No contracts: all is sold at the day’s price. Price capped: at full "
    "use it stays, the rest goes unserved. Growth scaled: the pace scales growth alone, not the ceiling. "
    "Variants are choices, not chances. Sources: as in the figure of the inside view."
)
NEEDS = ("inside_view",)
DATA = ()
VARIANTS: Mapping[str, str] = {
    "base": "Base",
    "one_way": "No feedback",
    "no_pull": "No pull",
    "pull_03": "Pull 0.3",
    "pull_06": "Pull 0.6",
    "ratio_on": "Games’ ratio",
    "ceiling_half": "Ceiling halved",
    "ceiling_double": "Ceiling doubled",
    "cash_lower": "Cash lower",
    "lives_shorter": "Lives shorter",
    "no_contracts": "No contracts",
    "price_capped": "Price capped",
    "growth_scaled": "Growth scaled",
}
EVENTS = ("O1", "O2", "O3", "composite")
SHOWN = ("2028Q4", "2030Q4")
COLUMNS: Mapping[str, str] = {"variant": "Variant"} | {
    f"{e}_{by}": f"{'Comp.' if e == 'composite' else e} {by[:4]}" for by in SHOWN for e in EVENTS
}
FORMATS: Mapping[str, str] = dict.fromkeys(tuple(COLUMNS)[1:], ".1f")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = _rows(inputs.result("inside_view")["variants"])
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    titles = {k: typographic(v) for k, v in COLUMNS.items()}
    return Table(ID, TITLE, typographic(NOTE), frame, "lrrrrrrrr", FORMATS, titles)


def _rows(variants: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    found = {(r["variant"], r["by"]): r for r in variants}
    for name, title in VARIANTS.items():
        yield (title, *(100 * found[name, by][e] for by in SHOWN for e in EVENTS))
