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
    "Losses beside no shortfall, means over {draws} draws, in brackets 5 % and 95 % points. Shortfall: "
    "share of every firm’s cash from outside the web for AI that does not come in; with it the sum lost. "
    "All: clearing payments with costs of bankruptcy and with sponsors behind their vehicles. No costs: "
    "nothing is lost in bankruptcy. No sponsors: vehicles’ leases are paid for the part of AI cash that "
    "is left. Full pace: every contract has begun in full, with this year’s cash, also where nothing "
    "falls short. Value: DebtRank without costs, which writes a claim down by as much as its debtor’s "
    "equity falls, and so counts a loss at each who holds a claim on another: its rows are not to be "
    "added up, those of clearing are. Suppliers: chip makers, Dell, landlords, and running costs unpaid. "
    "{priors} Sources: data/contracts/network.toml, which names rows and series; priors in "
    "data/priors.toml."
)
NEEDS = ("contagion_losses",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "shock": "Shortfall",
    "holder": "Holder",
    "all": "All",
    "free": "No costs",
    "alone": "No sponsors",
    "pace": "Full pace",
    "value": "Value",
}

FORMATS: Mapping[str, str] = dict.fromkeys(("free", "pace", "value"), ".1f")


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
                _mean(s["without_costs"]["losses"][holder]),
                _sum(s["without_sponsors"]["losses"][holder]),
                _mean(s["full_pace"]["losses"][holder]),
                s["debtrank"]["value"][holder] / 1e3,
            )
            head = ""
        yield (
            "",
            "Of it destroyed in bankruptcy",
            _sum(s["destroyed"]),
            _mean(s["without_costs"]["destroyed"]),
            _sum(s["without_sponsors"]["destroyed"]),
            _mean(s["full_pace"]["destroyed"]),
            None,
        )


def _mean(given: Mapping[str, float]) -> float:
    return round(given["mean"] / 1e3, 1) + 0.0


def _sum(given: Mapping[str, float]) -> str:
    mean, low, high = (round(given[q] / 1e3, 1) + 0.0 for q in ("mean", "q05", "q95"))
    return with_range(mean, low, high, ".1f")
