"""Table: the lives over which capital is written off, before and after the accounts are seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import EN_DASH, typographic, with_range

ID = "accounting_lives"
TITLE = "Over how many years capital is written off"
NOTE = (
    "Years: medians with 5 % and 95 % points. One blended life of all that was completed before 2023 (AI) "
    "or 1988 (telecom) and one, before and after the data, of what came later, from reported depreciation "
    "(AI) and from the share of gross plant written off (telecom carriers that report to the regulator, "
    "whose additions are taken to run with the sector’s). Learnt is one less the variance after the data "
    "over that before, of the newer life and of the lag from spending to completion. Inside: share of the "
    "reported figures within the 90 % band of what the fitted model would report. Lives of the accounts "
    "say nothing of economic lives, of which these models hold only priors. Meta’s figure includes "
    "amortisation. Telecom is a hindcast on revised data; one event. Sources: SEC filings, grades A and "
    "B; FCC, grades B and C."
)
NEEDS = ("estimate_capital_ai", "estimate_capital_telecom")
DATA = ()
COLUMNS = {
    "firm": "Whose accounts",
    "periods": "Periods",
    "old": "Older",
    "prior": "Newer, before",
    "new": "Newer, after",
    "learnt": "Learnt",
    "lag_learnt": "of the lag",
    "inside": "Inside",
}
FORMATS: Mapping[str, str] = {"learnt": ".2f", "lag_learnt": ".2f", "inside": ".0%"}
SHORT = {"FCC-reporting telephone carriers": "Telephone carriers"}


def build(inputs: Inputs) -> Table:
    """Compose the table, AI first."""
    rows = [
        row
        for era in ("ai", "telecom")
        for row in _rows(inputs.result(f"estimate_capital_{era}")["findings"])
    ]
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    return Table(ID, TITLE, typographic(NOTE), frame, "lllllrrr", FORMATS, COLUMNS)


def _rows(findings: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for life in findings["accounting_lives"]:
        first, last, count = life["periods"]
        new, old = life["new_life"], life["old_life"]
        before = with_range(new["prior_q50"], new["prior_q05"], new["prior_q95"], ".1f")
        yield (
            SHORT.get(life["firm"], life["firm"]),
            f"{first}{EN_DASH}{last} ({count})",
            _band(old),
            before,
            _band(new),
            new["learnt"],
            life["lag"]["learnt"],
            life["checks"]["posterior_predictive"]["share_inside_90"],
        )


def _band(moments: Mapping[str, float]) -> str:
    return with_range(moments["q50"], moments["q05"], moments["q95"], ".1f")
