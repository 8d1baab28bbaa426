"""Table: annual arithmetic of the Microsoft-IREN contract beside our monthly flows, and what lies between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.wording import number, percent

ID = "contract_targets"
TITLE = "The Microsoft–IREN contract in annual arithmetic and month by month"
NOTE = (
    "Rates of return before debt and taxes, per cent a year. Annual: all is paid at once and payments come "
    "at the ends of {years} years; the prepayment, {prepaid} of the value, is credited in thirds in years "
    "three to five; the shell costs USD {shell} billion, of which {recovered} is recovered. Shell, "
    "residual and credits are assumed. Between: what changes, in points, if payments and credits come "
    "monthly, if the shell is paid {shell_lead} months before a tranche is due, if the prepayment comes "
    "{lead} months before, and if {lost} of the hours are not delivered and not paid. Steps add up in this "
    "order; another would divide the difference otherwise. Delivery in {tranches} equal tranches changes "
    "nothing, as every flow is shifted with its tranche. Break-even: price per accelerator hour at which "
    "the contract earns {rate} with shell and without prepayment, running cost being fixed in dollars or a "
    "share of payments; per hour with {gpus} accelerators, a count from a forum. Cost of finance: "
    "{reported} was reported as the average of loans and prepayment. The terms read give {computed} if the "
    "prepayment costs nothing, {blended} for the loans alone and {outlay} for their interest over the "
    "outlay on equipment; the reported figure is unexplained."
)
NEEDS = ("contract_values",)
DATA = ()

NAME = "iren"
RATE = 0.10
COLUMNS = {
    "case": "Case",
    "residual": "Residual",
    "annual": "Annual",
    "monthly": "monthly",
    "shell": "shell",
    "prepayment": "prepaid",
    "availability": "hours",
    "ours": "Ours",
}
STEPS = ("monthly", "shell", "prepayment", "availability")
SAME = 5e-5


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    result = inputs.result("contract_values")
    found, cost = result["contracts"][NAME], result["reported_cost_of_finance"]
    rows = [_rates(r) for r in found["annual"]] + [_price(r) for r in found["annual_break_even"]]
    price = number(found["price_per_gpu_hour"])
    rows.append({"case": "Price in USD an hour", "annual": price, "ours": price})
    rows.append(
        {
            "case": "Cost of finance: reported, computed",
            "annual": percent(cost["reported"], 2),
            "ours": percent(cost["computed"]["with_prepayment"], 2),
        }
    )
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)), dtype=object).fillna(MISSING)
    return Table(ID, TITLE, _note(found, cost), frame, "prrrrrrr", {}, COLUMNS)


def _rates(row: Mapping[str, Any]) -> dict[str, Any]:
    parts = {True: "with", False: "without"}
    made = {
        "case": f"{parts[row['shell']].capitalize()} shell, {parts[row['prepayment']]} prepayment",
        "residual": number(row["residual"], ".0%"),
        "annual": percent(row["annual"]),
        "ours": percent(row["monthly"]),
    }
    return made | {s: _points(row["steps"][s]) for s in STEPS}


def _points(change: float | None) -> str:
    if change is None:
        return MISSING
    return number(0.0, ".1f") if abs(change) < SAME else number(100 * change, "+.1f")


def _price(row: Mapping[str, Any]) -> dict[str, Any]:
    opex = {"fixed": "cost in dollars", "share": "cost a share"}[row["opex"]]
    return {
        "case": f"Break-even in USD an hour, {opex}",
        "residual": number(row["residual"], ".0%"),
        "annual": number(row["price"]),
        "ours": number(row["monthly"]),
    }


def _note(found: Mapping[str, Any], cost: Mapping[str, Any]) -> str:
    figures = {f["key"]: f["value"] for f in found["figures"]}
    return NOTE.format(
        years=number(found["term"] / 12, ".0f"),
        prepaid=number(figures["prepayment.share"], ".0%"),
        shell=number(figures["shell.cost"], ".1f"),
        recovered=number(figures["shell.recovered"], ".0%"),
        shell_lead=figures["shell.lead"],
        lead=figures["prepayment.lead"],
        lost=number(1 - figures["contract.availability"], ".0%"),
        tranches=sum(key.endswith(": share") for key in figures),
        rate=number(RATE, ".0%"),
        gpus=number(found["gpus"], ",.0f"),
        reported=percent(cost["reported"], 2),
        computed=percent(cost["computed"]["with_prepayment"], 2),
        blended=percent(cost["computed"]["blended"], 2),
        outlay=percent(cost["computed"]["over_outlay"], 2),
    )
