"""Table: which source and which prior carry what is said of AI demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic

ID = "demand_sensitivity"
TITLE = "AI demand: what a source and what the prior of the ceiling carry"
NOTE = (
    "Growth: factor a year of the curve of {title} at the last figure of the index, median with 5 and 95 % "
    "points. Turned: chance that growth in levels has turned by then. Demand: median by {horizon} over the "
    "last level. Short: chance that demand by {horizon} is less than half of capacity, if capacity is by "
    "then eight or sixteen times what is served now: an axis, not a forecast. Each row is a fit of its own. "
    "Without one laboratory the index is the other alone. With every source left out in turn growth moves "
    "most without {carrier}; with the prior of the ceiling everything to the right moves, and the data do "
    "not push back: of the variance of the ceiling over the level {learnt} % is learnt, and the model files "
    "itself as {evidence}. Sources: firms’ statements, Census survey, grades A and B."
)
NEEDS = ("estimate_demand_ai",)
DATA = ()
SHORT = ("8", "16")
HEADINGS = {
    "what": "",
    "figures": "Figures",
    "growth": "Growth",
    "interval": "5–95 %",
    "turned": "Turned",
    "multiple": "Demand",
    **{f"short_{m}": f"Short, ×{m}" for m in SHORT},
}
FORMATS: Mapping[str, str] = {
    "figures": ",.0f",
    "growth": ".1f",
    "turned": ".2f",
    "multiple": ".0f",
    **{f"short_{m}": ".2f" for m in SHORT},
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result(NEEDS[0])["findings"]
    frame = pd.DataFrame(list(_rows(found)), columns=pd.Index(list(HEADINGS)))
    note = NOTE.format(
        title=found["index"]["title"].replace("Revenue", "the revenue"),
        horizon=f"the end of {found['index']['horizon']}",
        carrier=_titles(found).get(found["carrier"], found["carrier"]),
        learnt=number(100 * found["ceiling"]["learnt"], ".0f"),
        evidence=found["evidence"],
    )
    return Table(ID, TITLE, typographic(note), frame, "prrrrrrr", FORMATS, HEADINGS)


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    titles = _titles(found)
    special = {"all": "All figures, ceiling as set", "with_grade_c": "With figures of grade C"}
    for row in found["without"]:
        name = row["source"]
        yield _row(special.get(name) or f"Without {titles[name]}", row["figures"], row)
    own = found["ceiling_prior"][1]
    for row in found["ceiling_prior"]:
        if row is own:
            continue
        same_width = row["width"] == own["width"]
        change = row["median"] / own["median"] if same_width else row["width"] / own["width"]
        what = "median" if same_width else "width"
        yield _row(f"Ceiling’s {what} × {number(change, '.2g')}", None, row)


def _row(what: str, figures: int | None, row: Mapping[str, Any]) -> tuple[Any, ...]:
    factor = row["factor_now"]
    interval = f"{number(factor['q05'], '.1f')}–{number(factor['q95'], '.1f')}"
    short = [row["half_used"][m] for m in SHORT]
    return what, figures, factor["q50"], interval, row["turned"], row["multiple_by_horizon"]["q50"], *short


def _titles(found: Mapping[str, Any]) -> dict[str, str]:
    return {s["source"]: s["title"] for s in found["sources"]}
