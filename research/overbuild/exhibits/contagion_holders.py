"""Table: who bears a shortfall of AI cash, with and without bankruptcy costs and sponsors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.contagion_wording import HOLDERS, on_priors
from overbuild.exhibits.wording import typographic, with_range

ID = "contagion_holders"
TITLE = "Losses by holder when AI cash falls short, USD billion in a year"
NOTE = (
    "Beside no shortfall, in which the whole schedule is owed; means over {draws} draws, in brackets 5 % "
    "and 95 % points, which hold the points of the file fixed (rates, terms of debt, shares). Shortfall: "
    "share of every firm’s cash from outside the web for AI that does not come in; with it the sum lost. "
    "Loss: clearing payments with costs of bankruptcy, after orders are cancelled and markets lend less. "
    "Landed: AI cash of the holder’s own nodes. Passed on: the rest, which others’ cancellations and "
    "failures bring, or which is passed to them. No costs: nothing is lost in bankruptcy. Value: DebtRank "
    "without costs, which writes a claim down by as much as its debtor’s equity falls, and so counts a "
    "loss at each who holds a claim on another: its rows are not to be added up. Cancelled: orders of "
    "services and of chips, gross; margin: of them, after the seller’s costs saved; the seller keeps what "
    "it did not deliver. Unpaid: dues that are owed and not paid, without costs saved, since they were "
    "delivered. Not lent: new loans and refinancing that do not come, against which stands an asset or "
    "less debt. Suppliers: chip makers, Dell, landlords, and running costs unpaid. Lenders owe nothing "
    "here, so that no second round through banks can be. {priors} Sources: data/contracts/network.toml, "
    "which names rows and series; priors in data/priors.toml."
)
NEEDS = ("contagion_losses",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "shock": "Shortfall",
    "holder": "Holder",
    "loss": "Loss",
    "landed": "Landed",
    "passed": "Passed on",
    "free": "No costs",
    "value": "Value",
}
BESIDE: Mapping[str, str] = {
    "destroyed": "Destroyed in bankruptcy",
    "cancelled": "Orders cancelled",
    "margin": "their margin",
    "unpaid": "Dues unpaid",
    "called": "Not lent",
}
FORMATS: Mapping[str, str] = dict.fromkeys(("landed", "passed", "free", "value"), ".1f")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("contagion_losses")
    frame = pd.DataFrame(_rows(found["shocks"]), columns=pd.Index(list(COLUMNS)))
    note = NOTE.format(draws=f"{found['draws']:,d}", priors=on_priors(found))
    return Table(ID, TITLE, typographic(note), frame, "llrrrrr", FORMATS, COLUMNS)


def _rows(shocks: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for size, s in shocks.items():
        head = typographic(f"{size} %: {s['lost']['mean'] / 1e3:.0f}")
        for holder, title in HOLDERS.items():
            yield (
                head,
                title,
                _sum(s["losses"][holder]),
                _mean(s["landed"][holder]),
                _mean(s["transmitted"][holder]),
                _mean(s["without_costs"]["losses"][holder]),
                s["debtrank"]["value"][holder] / 1e3,
            )
            head = ""
        for key, title in BESIDE.items():
            yield ("", title, _sum(s[key]), None, None, None, None)


def _mean(given: Mapping[str, float]) -> float:
    return round(given["mean"] / 1e3, 1) + 0.0


def _sum(given: Mapping[str, float]) -> str:
    mean, low, high = (round(given[q] / 1e3, 1) + 0.0 for q in ("mean", "q05", "q95"))
    return with_range(mean, low, high, ".1f")
