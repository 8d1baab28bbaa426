"""Table: what the inside view says of each event, and how much of it the data have taught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "inside_learnt"
TITLE = "The inside view’s forecasts, and how much of them was learnt"
NOTE = (
    "Chance, per cent; 5 % and 95 % points over draws of the parameters; Monte Carlo standard error. "
    "Prior: the same recursion on draws from the priors of all inputs. Learnt: share of the variance, "
    "over draws, of what decides the event (log value over cost, log use in the emptiest year, log odds "
    "of the fall, gap, least excess) that posterior draws have lost against prior ones, with 90 % of "
    "resampled draws; below 0 the posterior is wider; or against draws as learnt but for where demand "
    "stops, for O3 how booms end, whichever is less. The composite takes the least of O1’s and the "
    "better of O2’s and O3’s. An event that learnt less than 0.2 is prior-driven and has no weight. What "
    "was learnt is growth; feedback, pace, ceiling, use now and cash for use are priors in both runs. "
    "Sources: as in the figure of the inside view."
)
NEEDS = ("inside_view",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "event": "Event",
    "by": "By",
    "probability": "Chance",
    "low": "5 %",
    "high": "95 %",
    "error": "s.e.",
    "prior": "Prior",
    "one_way": "One-way",
    "learnt": "Learnt",
    "learnt_low": "5 %",
    "learnt_high": "95 %",
    "evidence": "Evidence",
}
FORMATS: Mapping[str, str] = dict.fromkeys(tuple(COLUMNS)[2:8], ".1f") | dict.fromkeys(
    ("learnt", "learnt_low", "learnt_high"), ".2f"
)


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    frame = pd.DataFrame(_rows(inputs.result("inside_view")), columns=pd.Index(list(COLUMNS)))
    titles = {k: typographic(v) for k, v in COLUMNS.items()}
    return Table(ID, TITLE, typographic(NOTE), frame, "llrrrrrrrrrl", FORMATS, titles)


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    other = {
        run: {(r["event"], r["by"]): r["probability"] for r in found[run]} for run in ("prior", "one_way")
    }
    learnt = {(r["event"], r["by"]): r for r in found["learnt"]}
    for f in found["forecasts"]:
        asked = f["event"], f["by"]
        if f["probability"] is None:
            continue
        spread, share = f["spread"] or (None,) * 3, learnt.get(asked, {})
        yield (
            *asked,
            100 * f["probability"],
            _percent(spread[0]),
            _percent(spread[2]),
            100 * f["mc_error"],
            _percent(other["prior"].get(asked)),
            _percent(other["one_way"].get(asked)),
            share.get("learnt"),
            share.get("low"),
            share.get("high"),
            f["evidence"],
        )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
