"""Table: every liability of the web, the rows that make it, and whether an assumption enters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.contagion_wording import CLASSES, on_priors
from overbuild.exhibits.wording import typographic

ID = "contagion_liabilities"
TITLE = "Who owes whom within a year: the rows behind each liability, and what falls due"
NOTE = (
    "USD billion. Headline: as announced, or the share taken of the series named. Due: scheduled for the "
    "year: a fifth of a contract of five years, times the share of that yearly mean that this year "
    "brings; an annuity or interest of a loan. Basis: rows, where the table gives value and term or rate; "
    "assumed, where the file adds a term, a share, a rate or a value, each with its reason. All of it is "
    "owed without a shortfall; with one, what it hits and is not firm is cancelled: firm are, in the "
    "mean, {take_or_pay} of take-or-pay, {framework} of frameworks and orders, {memorandum} of memoranda. "
    "Debts and leases of the vehicles fall due once their sites are delivered; repayments of CoreWeave "
    "and Oracle are refinanced as far as markets do. No row makes two liabilities, and rows that overlap "
    "are refused. Left out: {left_out}. {priors} Source: data/contracts/network.toml with "
    "data/contracts/contracts.csv."
)
NEEDS = ("contagion_losses",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "tie": "Owes – is owed",
    "firmness": "Class",
    "rows": "Rows or series",
    "headline": "Headline",
    "due": "Due",
    "grade": "Grade",
    "basis": "Basis",
}
FORMATS: Mapping[str, str] = {"headline": ",.1f", "due": ".1f"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("contagion_losses")
    frame = pd.DataFrame(_rows(found["liabilities"]), columns=pd.Index(list(COLUMNS)))
    means = {c: f"{_mean(found['priors'][f'firmness_{c}']):.1f}" for c in CLASSES if c != "debt"}
    left = "; ".join(t.replace("'", "") for t in found["left_out"]) or "nothing"
    note = NOTE.format(left_out=left, priors=on_priors(found), **means)
    return Table(ID, TITLE, typographic(note), frame, "llprrcl", FORMATS, COLUMNS)


def _rows(liabilities: list[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for v in sorted(liabilities, key=lambda v: (list(CLASSES).index(v["firmness"]), -v["due"])):
        lease = "lease: debt of the vehicle times a cover"
        yield (
            f"{v['debtor']} – {v['creditor']}",
            CLASSES[v["firmness"]],
            ", ".join(v["rows"]) or (lease if v["backed"] else "none"),
            v["headline"] / 1e3,
            v["due"] / 1e3,
            v["grade"] or None,
            "assumed" if v["assumed"] else "rows",
        )


def _mean(beta: list[float]) -> float:
    return beta[0] / sum(beta)
