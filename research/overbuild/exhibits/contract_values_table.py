"""Table: the shipped contracts, what they are worth to both sides, and what of it is assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.wording import number, span

ID = "contract_values_table"
TITLE = "Four contracts valued: what follows if nothing goes wrong, and if things may"
NOTE = (
    "USD billion unless stated, before taxes. A star marks a figure that is assumed; everything below the "
    "terms rests on such figures. †: a count that is no more than hearsay, and prices that use it. Returns "
    "are a year; present values at the returns that the file takes to be required. Break-even: price per "
    "accelerator hour at which the seller earns the required return before debt. Cover: cash over debt "
    "service in the worst year. Drawn: {draws} draws, median; a draw without a rate of return ranks below "
    "all others; a loss is a present value below zero. Every distribution is a prior. Market price at the "
    "start: relative to the contract’s; the mean at the ends of its range ({now}) stands below the draws. "
    "Gain by renting: cost of owning less that of renting at the buyer’s cost of capital; as both are taken "
    "to build at the same cost, it is what the seller forgoes at that rate. Below it the same with rent "
    "alone, which is owed whatever happens, at {debt}, near a rate of debt of the best borrowers, OpenAI "
    "not among them. Right to extend: worth of one at the price expected then, which is ours where the "
    "contract has none; an expectation discounted, and no price of arbitrage. Counts for Nebius and "
    "CoreWeave come from IREN’s cost of an accelerator, and so do their prices per hour. The contracts "
    "overlap with others and must not be summed. Sources: data/contracts, data/priors.toml."
)
NEEDS = ("contract_values", "contract_draws")
DATA = ()

MARKS = {"assumed": "*", "weak": "†"}
TERMS: dict[str, tuple[str, str, float]] = {
    "Value": ("contract.value", ",.1f", 1),
    "Term, years": ("contract.term", ".0f", 1 / 12),
    "Prepaid": ("prepayment.share", ".0%", 1),
    "Equipment": ("equipment.cost", ",.1f", 1),
    "Shell": ("shell.cost", ",.1f", 1),
    "Running cost, a year": ("opex.amount", ",.2f", 1),
    "Residual": ("equipment.residual", ".0%", 1),
    "Market price at the start": ("renewal.price_now", ".2f", 1),
}
"""Terms: row to key of the file, how it is written, and unit."""

type Write = Callable[[Mapping[str, Any], Mapping[str, Any]], str]


ROWS: tuple[tuple[str, Write], ...] = (
    (
        "Figures assumed",
        lambda v, _: f"{v['counts']['assumed']} of {v['counts']['assumed'] + v['counts']['source']}",
    ),
    ("Price per accelerator hour, USD", lambda v, _: _hourly(v["price_per_gpu_hour"])),
    ("Break-even price, USD", lambda v, _: _hourly(v["base"]["break_even_price"])),
    ("Return before debt", lambda v, _: _rate(v["base"]["irr"])),
    ("Return to the owners", lambda v, _: _rate(v["base"]["irr_equity"])),
    ("Present value before debt", lambda v, _: number(v["base"]["npv"])),
    ("Present value to the owners", lambda v, _: number(v["base"]["npv_equity"])),
    ("Least cover", lambda v, _: number(v["base"]["min_dscr"])),
    ("Drawn: return before debt", lambda _, d: _rate(d["quantiles"]["irr"]["q50"])),
    ("– from 5 % to 95 %", lambda _, d: _ends(d["quantiles"]["irr"], ".0%")),
    ("Drawn: value to the owners", lambda _, d: number(d["quantiles"]["npv_equity"]["q50"], ".1f")),
    ("– from 5 % to 95 %", lambda _, d: _ends(d["quantiles"]["npv_equity"], ".1f")),
    ("– mean, market low to high at the start", lambda _, d: _means(d["price_now"])),
    ("Chance of a loss before debt", lambda _, d: number(d["probability"]["loss"], ".0%")),
    ("– that outlays do not come back", lambda _, d: number(d["probability"]["below_zero_return"], ".0%")),
    ("– that lenders are not repaid", lambda _, d: number(d["probability"]["lenders_short"], ".0%")),
    ("– that the buyer fails", lambda _, d: number(d["probability"]["default"], ".0%")),
    (
        "Buyer’s cost of capital",
        lambda v, _: number(v["buyer"]["base"]["cost_of_capital"], ".0%") + MARKS["assumed"],
    ),
    ("– gain by renting", lambda v, _: number(v["buyer"]["base"]["advantage"])),
    ("– gain with rent as debt", lambda v, _: number(_as_debt(v)["advantage"])),
    ("– right to extend", lambda _, d: number(d["buyer"]["option"]["extend_exact"])),
    ("– right to end late tranches", lambda _, d: number(d["buyer"]["termination"])),
)
"""What follows: row, and how its cell is written from the values and from the draws of a contract."""


def build(inputs: Inputs) -> Table:
    """Compose the table, a column a contract."""
    drawn = inputs.result("contract_draws")
    values = inputs.result("contract_values")["contracts"]
    names = [n for n in values if n in drawn["contracts"]]
    terms = [(title, [_term(values[n], *how) for n in names]) for title, how in TERMS.items()]
    rest = [(title, [write(values[n], drawn["contracts"][n]) for n in names]) for title, write in ROWS]
    frame = pd.DataFrame(
        [{"what": title, **dict(zip(names, cells, strict=True))} for title, cells in terms + rest]
    )
    headings = {"what": ""} | {n: f"{values[n]['buyer_name']} – {values[n]['seller_name']}" for n in names}
    note = _note(drawn, [values[n] for n in names], [drawn["contracts"][n] for n in names])
    return Table(ID, TITLE, note, frame, "p" + "r" * len(names), {}, headings)


def _note(drawn: Mapping[str, Any], values: list[Any], draws: list[Any]) -> str:
    ends = [r["price_now"] for d in draws for r in (d["price_now"][0], d["price_now"][-1])]
    return NOTE.format(
        draws=f"{drawn['draws']:,d}",
        now=span(min(ends), max(ends), ".1f"),
        debt=number(_as_debt(values[0])["rate_of_rent"], ".0%"),
    )


def _as_debt(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the comparison at the middle one of the rates of debt."""
    rows = values["buyer"]["rents_as_debt"]
    return rows[len(rows) // 2]


def _means(rows: list[Mapping[str, float]]) -> str:
    return span(rows[0]["mean_npv_equity"], rows[-1]["mean_npv_equity"], ".1f")


def _term(values: Mapping[str, Any], key: str, spec: str, unit: float) -> str:
    figure = next((f for f in values["figures"] if f["key"] == key), None)
    if figure is None:
        return MISSING
    return number(unit * figure["value"], spec) + "".join(m for n, m in MARKS.items() if figure[n])


def _rate(value: float | None) -> str:
    return number(value, ".1%")


def _ends(quantiles: Mapping[str, Any], spec: str) -> str:
    low, high = quantiles["q05"], quantiles["q95"]
    return f"none to {number(high, spec)}" if low is None else span(low, high, spec)


def _hourly(price: float | None) -> str:
    return number(price) + (MARKS["weak"] if price is not None else "")
