"""Past booms, each forecast from other clusters of booms: was it physically overbuilt or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.probability.analogues import counted, settled_booms
from overbuild.probability.choices import AnalogueChoices
from overbuild.probability.hindcast_rows import Target, row
from overbuild.probability.physical import PHYSICAL_OVERBUILD

PANEL = "booms"
YEARS = 5
LOOK_AHEAD = (
    "each cluster is forecast from the others, also from later ones, and with covariates that were read "
    "after the fact"
)
MODELS = {"regression": "analogue_regression", "constant": "constant", "coin": "coin"}
"""Names in the findings of the regression to those of the rows."""


def booms(
    table: pd.DataFrame, findings: Mapping[str, Any], choices: AnalogueChoices, day: str
) -> dict[str, Any]:
    """Return rows of every boom whose label is a yes or a no.

    Parameters
    ----------
    table
        The list of booms.
    findings
        Scores of the regression, as it files them: every boom's forecast from the other clusters.
    choices
        How the count of booms reads the list.
    day
        Whose knowledge decides, ISO.
    """
    settled = settled_booms(table).set_index("boom")
    rows = []
    for f in findings["forecasts"]:
        boom = settled.loc[f["boom"]]
        others = settled.loc[settled["cluster"] != boom["cluster"]].reset_index()
        peak = str(boom["peak_year"]).strip()
        where = Target(
            PANEL,
            str(f["boom"]),
            str(boom["cluster"]),
            day,
            f"{int(float(peak)) + YEARS}Q4" if peak not in ("", "nan") else "",
            PHYSICAL_OVERBUILD,
            bool(f["label"]),
        )
        said = {name: f[of] for of, name in MODELS.items()}
        said["analogues"] = counted(others, choices.reading, choices).mean
        rows += [row(where, m, p, evidence="rule" if m == "coin" else "direct") for m, p in said.items()]
    return {"rows": rows, "look_ahead": LOOK_AHEAD}
