"""Table: O1, O2, O3 and the composite together: with feedback, one-way, and as if independent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "joint_events"
TITLE = "Cash, use and spending together: with feedback, one-way, and as if independent"
NOTE = (
    "Shares of simulated paths, per cent; in the last three columns of chances the composite, O1 and (O2 "
    "or O3), its standard error, and what it would be with the same three chances and independence. Phi: "
    "correlation of two events’ indicators over all paths, with its standard error over draws of the "
    "inputs. Within: what is left of it when the draw of the parameters is known. One-way: the same draws "
    "with every slope from use, cover and price to hazard and growth at zero. No column is evidence of "
    "how strong the feedback is: its slopes are priors. Sources: as in the figure of the inside view."
)
NEEDS = ("inside_view",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "by": "By",
    "run": "Run",
    "O1": "O1",
    "O2": "O2",
    "O3": "O3",
    "composite": "Composite",
    "error": "s.e.",
    "independent": "Independent",
    "phi12": "Phi O1 O2",
    "phi13": "Phi O1 O3",
    "phi23": "Phi O2 O3",
    "phi23_error": "s.e.",
    "within23": "Within",
}
FORMATS: Mapping[str, str] = dict.fromkeys(tuple(COLUMNS)[2:8], ".1f") | dict.fromkeys(
    tuple(COLUMNS)[8:], ".2f"
)
RUNS = {"feedback": "Feedback", "one_way": "One-way"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rows = _rows(inputs.result("inside_view")["dependence"])
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    titles = {k: typographic(v) for k, v in COLUMNS.items()}
    return Table(ID, TITLE, typographic(NOTE), frame, "llrrrrrrrrrrr", FORMATS, titles)


def _rows(dependence: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for row in dependence:
        for run, title in RUNS.items():
            found = row[run]
            phi = {tuple(p["pair"]): p for p in found["pairs"]}
            spending = phi["O2", "O3"]
            yield (
                row["by"],
                title,
                *(100 * p for p in found["probability"]),
                100 * found["composite"],
                100 * found["composite_error"],
                100 * found["independent"],
                phi["O1", "O2"]["phi"],
                phi["O1", "O3"]["phi"],
                spending["phi"],
                spending["phi_error"],
                spending["within"],
            )
