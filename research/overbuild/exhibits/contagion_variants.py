"""Table: what decides contagion, by what is taken to hold of markets, cancellations and delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.contagion_wording import VARIANTS, on_priors
from overbuild.exhibits.wording import typographic

ID = "contagion_variants"
TITLE = "What decides contagion: chance of a cascade and lenders’ loss, by variant"
NOTE = (
    "{draws} draws. First four columns: cascades, the share of draws in which any node fails that would "
    "not if all others paid what they owe, per cent, without a shortfall and with three. The rest at 40 "
    "%: how often any node but a laboratory fails, and two of them, per cent; mean loss of lenders and "
    "dues owed and not paid, USD billion. Base: of new loans and maturing debt markets give one less a "
    "share, drawn, of the shortfall; what a shortfall hits and is not firm is cancelled. Each variant "
    "changes one thing. No new funding: a shortfall shuts it off, and investment that is committed and "
    "deliveries are paid from cash. No refinancing: debt that falls due is repaid (of CoreWeave over six "
    "years). Common factor: {common} of the variance of firmness and all cash. All that is not firm "
    "cancelled: by a shortfall of any size. Full pace: every contract has begun in full, with this year’s "
    "cash. Sites delivered: vehicles’ debts and leases run. A cascade can grow rarer as things worsen, "
    "where nodes then fail by themselves. {priors} Sources: as in the table of losses."
)
NEEDS = ("contagion_losses",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "variant": "Variant",
    "before": "None",
    "c20": "20 %",
    "c40": "40 %",
    "c60": "60 %",
    "others": "Others",
    "oracle": "Oracle",
    "coreweave": "CoreWeave",
    "lenders": "Lenders",
    "unpaid": "Unpaid",
}
FORMATS: Mapping[str, str] = dict.fromkeys(tuple(COLUMNS)[1:], ".1f")
MIDDLE = "40"


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("contagion_losses")
    frame = pd.DataFrame(_rows(found["shocks"]), columns=pd.Index(list(COLUMNS)))
    common = f"{found['priors']['common_high']:.1f}"
    note = NOTE.format(draws=f"{found['draws']:,d}", common=common, priors=on_priors(found))
    titles = {k: typographic(v) for k, v in COLUMNS.items()}
    return Table(ID, TITLE, typographic(note), frame, "lrrrrrrrrr", FORMATS, titles)


def _rows(shocks: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for name, title in VARIANTS.items():
        at = {x: s["variants"][name] for x, s in shocks.items()}
        middle = at[MIDDLE]
        yield (
            title,
            100 * middle["any_cascade_before"],
            *(100 * at[x]["any_cascade"] for x in ("20", MIDDLE, "60")),
            100 * middle["others_fail"],
            *(100 * middle["defaults"].get(n, 0.0) for n in ("Oracle", "CoreWeave")),
            middle["losses"]["lenders"]["mean"] / 1e3,
            middle["unpaid"] / 1e3,
        )
