"""Table: what the regime models would have said of telecom at the end of each year, and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.models_named import MODELS
from overbuild.exhibits.wording import number, span, typographic

ID = "model_hindcasts"
TITLE = "What the regime models would have said of telecom, and what happened"
NOTE = (
    "Probability that spending over a year falls by the threshold below its peak by the end of the year, "
    "with 5 % and 95 % points over the draws of the parameters; asked at the end of each vintage with the "
    "periods known then. Annual: investment in communications structures and equipment. Quarterly: "
    "suppliers’ new orders and shipments. Two, three and four years on; “yes”: it had happened by then. "
    "Models that abstain from every dated event are left out. All of it is hindcast on revised data; one "
    "event: every “yes” is the same collapse seen again, and says nothing of calibration. Sources: BEA "
    "infrastructure accounts, Census M3, grade B."
)
NEEDS = ("hindcasts_regimes", "hindcasts_quarterly")
DATA = ()
SPEAKING = ("regimes", "quarterly")
EVENTS = {
    "O3": "spending",
    "O3/supplier_orders": "orders",
    "O3/supplier_shipments": "shipments",
}
HEADINGS = {
    "model": "Model",
    "event": "O3 on",
    "vintage": "Vintage",
    "two": "Two years on",
    "three": "Three years on",
    "four": "Four years on",
}
HAPPENED = {True: "yes", False: "no", None: "unknown"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = [row for model in SPEAKING for row in _rows(model, inputs.result(f"hindcasts_{model}"))]
    frame = pd.DataFrame(rows, columns=pd.Index(list(HEADINGS)))
    return Table(ID, TITLE, typographic(NOTE), frame, "llrlll", {}, HEADINGS)


def _rows(model: str, hindcasts: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for event, shown in EVENTS.items():
        for hindcast in hindcasts:
            said = [f for f in hindcast["forecasts"] if f["event"] == event and f["probability"] is not None]
            if said:
                cells = [_cell(f) for f in sorted(said, key=lambda f: f["by"])]
                yield (MODELS[model], shown, hindcast["as_of"][:4], *(cells + ["–"] * 3)[:3])


def _cell(forecast: dict[str, Any]) -> str:
    spread = forecast["spread"]
    around = f" ({span(spread[0], spread[2])})" if spread else ""
    return f"{number(forecast['probability'])}{around}, {HAPPENED[forecast['happened']]}"
