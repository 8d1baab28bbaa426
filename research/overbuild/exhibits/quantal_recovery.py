"""Table: known slopes in rivals' choices, and what the model and two simpler estimates make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, percent, typographic

ID = "quantal_recovery"
TITLE = "Known slopes in rivals’ choices, found again"
NOTE = (
    "Each row: panels of {firms} firms drawn from the game, with standard normal index and surprises. "
    "Shock: standard deviation of the common shock. Own: effect of a firm’s own surprise, which is what "
    "tells rivals from shock. Found: mean of posterior means. S.d.: mean posterior standard deviation "
    "(the prior’s is 1). Above: mean posterior probability of a slope above 0, one half in the prior. "
    "Holds: share of 90 % intervals that hold the truth; intervals of a posterior hold at that rate on "
    "average over the prior, not at every truth: too often at 0, where the prior is centred, and too "
    "seldom at {truth}. Power: share that exclude 0. Naive: mean of the logit in the realised share of "
    "rivals. No shock: mean of the fixed point fitted without one. Posteriors by importance sampling, "
    "which fails its own check in {failed} % of panels (largest share in a row)."
)
NEEDS = ("quantal_recovery",)
DATA = ()
COLUMNS = {
    "periods": "Quarters",
    "zeta": "True",
    "shock": "Shock",
    "surprise": "Own",
    "panels": "Panels",
    "mean": "Found",
    "sd": "S.d.",
    "above": "Above",
    "coverage": "Holds",
    "power": "Power",
    "naive": "Naive",
    "nested": "No shock",
}
FIRMS = "five"


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    cells = inputs.result("quantal_recovery")["cells"]
    frame = pd.DataFrame(_rows(cells), columns=pd.Index(list(COLUMNS)))
    note = NOTE.format(
        firms=FIRMS,
        failed=percent(max(c["k_above"] for c in cells), 0),
        truth=number(max(c["zeta"] for c in cells), ".1f"),
    )
    formats = {"zeta": ".1f", "shock": ".1f", "surprise": ".1f", "sd": ".2f", "above": ".2f"}
    return Table(ID, TITLE, typographic(note), frame, "rrrrrrrrrrrr", formats, COLUMNS)


def _rows(cells: list[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for c in cells:
        yield (
            c["periods"],
            c["zeta"],
            c["shock"],
            c["surprise"],
            c["replications"],
            number(c["mean"], "+.2f"),
            c["posterior_sd"],
            c["above"],
            number(c["coverage"], ".0%"),
            number(c["power"], ".0%"),
            number(c["naive"]["mean"], "+.2f"),
            number(c["nested_fixed_point"]["mean"], "+.2f"),
        )
