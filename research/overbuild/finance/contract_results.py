"""The result ``contract_values``: the shipped contracts in the course in which nothing goes wrong.

Keys of the result
------------------
``as_of``
    The day; a contract one of whose sources, or of the rows it leans on, was not known by then is in
    ``left_out`` (name to ids of rows).
``contracts``
    Name (``iren``, ``nebius``, ``coreweave-openai``, ``oracle-openai``) to:

    ``title, buyer_name, seller_name, supplier_name, start, value, term, a_year, gpus, price_per_gpu_hour``
        Terms: USD billion, months, USD billion a year, accelerators, USD.
    ``figures``
        Every figure of the file: ``key, value, source, assumed, low, high, weak``; ``counts`` of those with a
        source, assumed and weak.
    ``annual``
        Rates of return in annual arithmetic beside the monthly ones: ``shell, prepayment, residual, annual,
        monthly, change, steps`` (12 rows).
    ``annual_break_even``
        With shell, without prepayment, at 10 %: ``residual, opex, factor, price, monthly`` (4 rows).
    ``bridge``
        From annual arithmetic to the monthly rate, step by step: ``step, says, irr, change``.
    ``base``
        Of `contract_value.summary`: ``irr, irr_reason, irr_dated`` (by calendar days), ``irr_equity,
        irr_equity_reason, npv, npv_equity`` at ``required, required_equity``; ``npv_grid`` (``rate,
        unlevered, equity``); ``break_even_factor, break_even_price``; ``dscr`` by year, ``min_dscr, covenant,
        breaches``;
        ``payback_months, payback_equity_months, arrears``.
    ``opex_as_share``
        The monthly ``irr`` and ``break_even_price`` where running cost is a share of what is earned.
    ``flows``
        Month by month, USD billion: the components of `cash_flow.COMPONENTS`, ``draws, interest, principal,
        unlevered, equity``; outlays, interest and principal are negative.
    ``totals``
        Sums of the same over all months, for a waterfall.
    ``surface``
        ``shell, residual, unlevered, equity``: rates of return, one list a shell cost.
    ``least_renewal_price``
        ``unlevered`` relative to the contract's price, ``unlevered_price`` USD an hour: below it a certain
        renewal loses the seller his required return.
    ``cost_of_finance``
        ``loans, prepayment, blended, with_prepayment, over_outlay, covered``.
    ``buyer``
        ``base`` (`buyer.RentOrOwn`), ``cases`` over his cost of capital, ``rents_as_debt`` (payments at rates
        of debt, all else at his cost of capital), ``equal_cost_of_capital`` at which
        renting and owning cost the same (None: nowhere from 0 to 40 %), ``range`` of the price per hour if
        the count of accelerators has one.
``reported_cost_of_finance``
    Reported for IREN's financing with the prepayment and not explained by the terms read: ``reported``,
    ``computed`` (name to rate), ``zero_coupon_share`` (share of 0 % money that would give it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from overbuild.episodes.databook import USED_GRADES, DataBook
from overbuild.finance.buyer import rent_or_own
from overbuild.finance.contract import Contract
from overbuild.finance.contract_file import BUILT_IN, FOLDER, contract_of
from overbuild.finance.contract_value import (
    annual_break_even,
    annual_cases,
    bridge,
    cost_of_finance,
    least_renewal_price,
    price_factor,
    summary,
    surface,
)
from overbuild.finance.equity import at_share, flows
from overbuild.finance.returns import irr
from overbuild.games.asked import Asked

TABLE = "contracts/contracts.csv"
FILES = (TABLE, *(f"{FOLDER}/{name}.toml" for name in BUILT_IN))
REPORTED_COST = 0.0331
"""Average cost of loans and prepayment of IREN's purchase, as reported: row ``iren_gpu_financing_2026``."""
COSTS_OF_CAPITAL = (0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20)
COSTS_OF_DEBT = (0.04, 0.05, 0.06)
DIGITS = 6


def result(asked: Asked) -> dict[str, Any]:
    """Return everything that exhibits read of the base case, in plain types."""
    contracts, left_out = known_contracts(asked)
    found = {name: describe(c) for name, c in contracts.items()}
    reported = contracts.get("iren")
    return {
        "as_of": asked.as_of.isoformat(),
        "left_out": left_out,
        "contracts": found,
        "reported_cost_of_finance": reported and unexplained(reported),
    }


def known_contracts(asked: Asked) -> tuple[dict[str, Contract], dict[str, list[str]]]:
    """Return the shipped contracts all of whose sources were known, and of the others those that were not."""
    table = DataBook.load(asked.data, files=(TABLE,)).contracts
    usable = table.loc[(table["available_from"] <= asked.as_of) & table["grade"].isin(USED_GRADES)]
    known = set(usable["contract_id"])
    every = {name: contract_of(name, asked.data) for name in BUILT_IN}
    missing = {name: [s for s in c.sources if s not in known] for name, c in every.items()}
    return {n: c for n, c in every.items() if not missing[n]}, {n: m for n, m in missing.items() if m}


def describe(contract: Contract) -> dict[str, Any]:
    """Return everything about one contract in which nothing is drawn; keys as above."""
    shared = at_share(contract)
    factor = price_factor(shared)
    return {
        "title": contract.title,
        **{f"{n}_name": contract.parties[getattr(contract, n)] for n in ("buyer", "seller", "supplier")},
        "start": contract.start.isoformat(),
        "value": contract.value,
        "term": contract.term,
        "a_year": contract.a_year,
        "gpus": contract.gpus,
        "price_per_gpu_hour": contract.price,
        "figures": [_figure(asdict(f)) for f in contract.figures],
        "counts": {
            "source": sum(bool(f.source) for f in contract.figures),
            "assumed": sum(not f.source for f in contract.figures),
            "weak": sum(f.weak for f in contract.figures),
        },
        "annual": annual_cases(contract),
        "annual_break_even": annual_break_even(contract),
        "bridge": bridge(contract),
        "base": summary(contract),
        "opex_as_share": {
            "irr": irr(flows(shared).unlevered).value,
            "break_even_price": None if factor is None or contract.price is None else factor * contract.price,
        },
        **_streams(contract),
        "surface": surface(contract),
        "least_renewal_price": least_renewal_price(contract),
        "cost_of_finance": cost_of_finance(contract),
        "buyer": buyers_side(contract),
    }


def buyers_side(contract: Contract) -> dict[str, Any]:
    """Return the comparison of renting and owning at the buyer's cost of capital and at others."""
    cases = [rent_or_own(contract, r) for r in COSTS_OF_CAPITAL]
    count = next((f for f in contract.figures if f.key == "contract.gpus"), None)
    ends = (count.low, count.high) if count else (None, None)
    prices = [None if g is None else replace(contract, gpus=g).price for g in ends]
    return {
        "base": rent_or_own(contract).to_dict(),
        "cases": [c.to_dict() for c in cases],
        "rents_as_debt": [rent_or_own(contract, rate_of_rent=r).to_dict() for r in COSTS_OF_DEBT],
        "equal_cost_of_capital": _indifferent(contract),
        "range": {"price_at_fewest": prices[0], "price_at_most": prices[1]},
    }


def unexplained(contract: Contract) -> dict[str, Any]:
    """Return the reported cost of finance beside what follows from the terms read."""
    cost = cost_of_finance(contract)
    return {
        "reported": REPORTED_COST,
        "computed": {n: cost[n] for n in ("blended", "with_prepayment", "over_outlay")},
        "zero_coupon_share": 1 - REPORTED_COST / cost["blended"],
        "prepayment_share": cost["prepayment"] / (cost["prepayment"] + cost["loans"]),
    }


def _indifferent(contract: Contract, most: float = 0.4) -> float | None:
    grid = np.linspace(0.0, most, 81)
    gains = [rent_or_own(contract, float(r)).advantage for r in grid]
    for i in range(len(grid) - 1):
        if gains[i] * gains[i + 1] <= 0:
            return float(grid[i] - gains[i] * (grid[i + 1] - grid[i]) / (gains[i + 1] - gains[i]))
    return None


def _streams(contract: Contract) -> dict[str, Any]:
    found = flows(contract)
    every: Mapping[str, Any] = {
        **found.parts,
        "draws": found.debt.draws,
        "interest": -found.debt.interest,
        "principal": -found.debt.principal,
        "unlevered": found.unlevered,
        "equity": found.equity,
    }
    last = 1 + max(int(np.flatnonzero(v)[-1]) if v.any() else 0 for v in every.values())
    return {
        "flows": {n: [round(float(x), DIGITS) for x in v[:last]] for n, v in every.items()},
        "totals": {n: float(v.sum()) for n, v in every.items()},
    }


def _figure(held: dict[str, Any]) -> dict[str, Any]:
    value = held["value"]
    return held | {"value": value if isinstance(value, int | float | str | list) else str(value)}
