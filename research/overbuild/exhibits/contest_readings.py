"""Table: the decisiveness of AI's contest under other data and priors, and what follows for the ratios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import capital, number, percent, typographic, with_range

ID = "contest_readings"
TITLE = "Decisiveness of AI’s contest under other data and priors"
NOTE = (
    "Median and 90 % interval of the decisiveness, before and after, and the share of its prior variance "
    "that is gone. Joint profit, planner: posterior probability that more is built than either would. Log "
    "evidence: log density of the data, where the data are the same. Capital of the whole firm at the "
    "start of the quarter; grades A to C. Reliability: how far the cloud's capital moves when the firm's "
    "moves by one against other firms'; as set, 1 in the middle and above or below it alike; below 1 is how "
    "it was set first. Both were set after the data had been seen."
)
NEEDS = ("estimate_contest_ai",)
DATA = ()
COLUMNS = {
    "what": "",
    "prior": "Prior",
    "posterior": "Posterior",
    "learnt": "Learnt",
    "joint": "Joint profit, %",
    "planner": "Planner, %",
    "evidence": "Log evidence",
}
SAME_DATA = ("as set", "reliability 1", "reliability below 1", "no trends of firms", "prior twice as wide")
ALSO_SAME = ("prior centred on one half", "capital of a year earlier", "half the depreciation")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    findings = inputs.result("estimate_contest_ai")["findings"]
    frame = pd.DataFrame(_rows(findings["readings"]), columns=pd.Index(list(COLUMNS)))
    formats = {"learnt": ".2f", "evidence": ".1f"}
    return Table(ID, TITLE, typographic(NOTE), frame, "lrrrrrr", formats, COLUMNS)


def _rows(readings: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for r in readings:
        same = r["what"] in (*SAME_DATA, *ALSO_SAME)
        yield (
            capital(r["what"]),
            with_range(r["prior_q50"], r["prior_q05"], r["prior_q95"]),
            with_range(r["q50"], r["q05"], r["q95"]),
            r["learnt"],
            percent(r["more_than_joint_profit"], 0),
            percent(r["more_than_planner"], 0),
            number(r["log_evidence"], ".1f") if same else "",
        )
