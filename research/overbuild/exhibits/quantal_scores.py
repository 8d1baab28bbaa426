"""Table: notions of equilibrium, scored on the next quarter's answers."""

from __future__ import annotations

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, typographic

ID = "quantal_scores"
TITLE = "Notions of equilibrium, scored on quarters held out"
NOTE = (
    "Mean log probability of an answer (whether a firm raised the growth of its capex), fitted to the "
    "quarters before and tried on the next, {number} quarters from {first} to {last}, {answers} answers; "
    "a coin has {coin}. Gain: over one constant rate, with its standard error over quarters. All but the "
    "first two have the common index, the firm’s cash-flow surprise and its own answer a year ago. That "
    "own answer is among the covariates since autocorrelation in the whole sample asked for it, which "
    "flatters every model that has it alike. Index and surprise, of the quarter before, are filed in the "
    "course of the quarter scored, before its answers. Errors take quarters as independent. The naive "
    "logit is scored through the one joint distribution that has its conditional probabilities. Sources: "
    "filings with the SEC, grades A to C."
)
NEEDS = ("quantal_scores",)
DATA = ()
NAMES = {
    "constant": "Constant rate",
    "own_lag": "Own answer a year ago (logit)",
    "independent": "No interaction, common shock",
    "quantal_response": "Quantal response equilibrium, common shock",
    "level_1": "Level 1: best response to last quarter’s share",
    "naive": "Naive logit in the realised share",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("quantal_scores")
    rows = [
        (
            NAMES[m["model"]],
            number(m["score"], ".3f"),
            number(m["gain"], "+.3f") if m["model"] != "constant" else "",
            number(m["gain_error"], ".3f") if m["model"] != "constant" else "",
        )
        for m in found["models"]
    ]
    frame = pd.DataFrame(rows, columns=pd.Index(["model", "score", "gain", "error"]))
    note = NOTE.format(
        number=found["number"],
        first=found["quarters"][0],
        last=found["quarters"][1],
        answers=found["answers"],
        coin=number(found["coin"], ".3f"),
    )
    headings = {"model": "", "score": "Score", "gain": "Gain", "error": "S.e."}
    return Table(ID, TITLE, typographic(note), frame, "lrrr", {}, headings)
