"""What a contract is worth as planned, and how that differs from annual arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from overbuild.finance.cash_flow import Course, annual, base_course, ended
from overbuild.finance.contract import FIXED, SHARE, Contract, Tranche
from overbuild.finance.equity import Flows, at_share, flows
from overbuild.finance.returns import break_even, cover, irr, irr_dated, payback, present_values

RATES = (0.0, 0.04, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25)
"""Discount rates a year of the grid of present values."""
RESIDUALS = (0.0, 0.2, 0.3)
SHELLS = np.linspace(0.0, 1.5, 13)
"""Shell costs of the surface, as multiples of the contract's."""
SURFACE_RESIDUALS = np.linspace(0.0, 0.5, 11)
ANNUAL_RATE = 0.10
"""Return a year of the break-even price in annual arithmetic."""


def summary(contract: Contract) -> dict[str, Any]:
    """Return rates of return, present values, break-even price, cover and payback; see `contract_results`."""
    found = flows(contract)
    unlevered, equity = irr(found.unlevered), irr(found.equity)
    factor = price_factor(contract)
    years = dscr(contract, found)
    return {
        "irr": unlevered.value,
        "irr_reason": unlevered.reason,
        "irr_dated": irr_dated(found.unlevered, contract.start) if unlevered.value is not None else None,
        "irr_equity": equity.value,
        "irr_equity_reason": equity.reason,
        "npv": _at(found.unlevered, contract.required),
        "npv_equity": _at(found.equity, contract.required_equity),
        "required": contract.required,
        "required_equity": contract.required_equity,
        "npv_grid": npv_grid(found),
        "price_per_gpu_hour": contract.price,
        "break_even_factor": factor,
        "break_even_price": None if factor is None or contract.price is None else factor * contract.price,
        "dscr": years,
        "min_dscr": min(years, default=None),
        "covenant": contract.min_dscr,
        "breaches": [i for i, v in enumerate(years, 1) if v < contract.min_dscr],
        "payback_months": payback(found.unlevered),
        "payback_equity_months": payback(found.equity),
        "arrears": found.arrears,
    }


def dscr(contract: Contract, found: Flows) -> list[float]:
    """Return cash over debt service by year from the first repayment; empty without loans."""
    if not contract.loans:
        return []
    return cover(found.cash, found.debt.service, found.debt.first_repayment).tolist()


def npv_grid(found: Flows) -> list[dict[str, float]]:
    """Return present values before and after debt at each rate of `RATES`."""
    pairs = zip(
        RATES, present_values(found.unlevered, RATES), present_values(found.equity, RATES), strict=True
    )
    return [{"rate": r, "unlevered": float(u), "equity": float(e)} for r, u, e in pairs]


def price_factor(contract: Contract, rate: float | None = None) -> float | None:
    """Return the factor on the price at which the unlevered flow is worth 0 at the required return.

    What others pay, and what follows the term, stays at the market's. The present value is affine in the
    price up to that above which the buyer would end tranches that the file delivers too late, and affine
    beyond. None where neither part has a root.
    """
    wanted = contract.required if rate is None else rate
    base = base_course(contract)
    limit = float(base.price_early[0]) / (1 - base.switching)
    may_end = bool(ended(contract, replace(base, price=2 * limit)).any())
    for low, high in ((0.0, limit / 2), (2 * limit, 3 * limit)):
        values = [_at(flows(contract, replace(base, price=p)).unlevered, wanted) for p in (low, high)]
        share = break_even(*values)
        factor = None if share is None else low + share * (high - low)
        if not may_end or (factor is not None and (factor <= limit) == (low < limit)):
            return factor
    return None


def annual_cases(contract: Contract) -> list[dict[str, Any]]:
    """Return rates of return in annual arithmetic and month by month, with and without shell and prepayment.

    A row has ``shell, prepayment, residual, annual, monthly, change``; ``monthly`` is of the contract as it
    is but for these three and without what follows the term. ``steps`` holds the changes of `bridge` on the
    way.
    """
    rows = []
    for shell in (False, True):
        for prepayment in (False, True):
            for residual in RESIDUALS:
                year = irr(
                    annual(contract, shell=shell, prepayment=prepayment, residual=residual), per_year=1
                )
                parts = [n for n, w in (("shell", shell), ("prepayment", prepayment)) if not w]
                other = contract.without(*parts, "renewal", "loans")
                other = replace(other, equipment=replace(other.equipment, residual=residual))
                month = irr(flows(other).unlevered)
                rows.append(
                    {
                        "shell": shell,
                        "prepayment": prepayment,
                        "residual": residual,
                        "annual": year.value,
                        "monthly": month.value,
                        "change": _gap(month.value, year.value),
                        "steps": {r["step"]: r["change"] for r in bridge(other)[1:]},
                    }
                )
    return rows


def annual_break_even(contract: Contract, rate: float = ANNUAL_RATE) -> list[dict[str, Any]]:
    """Return break-even prices with shell and without prepayment: ``residual, opex, factor, price, monthly``.

    ``factor`` is relative to the contract's price, ``price`` USD an accelerator hour (None without a count);
    ``monthly`` is the price of the same terms month by month.
    """
    rows = []
    for opex in (FIXED, SHARE):
        as_is = contract.opex if opex == contract.opex.basis else None
        basis = contract if as_is else (at_share(contract) if opex == SHARE else _at_fixed(contract))
        for residual in RESIDUALS[:2]:
            values = [
                _at(annual(_priced(basis, p), prepayment=False, residual=residual), rate, per_year=1)
                for p in (1.0, 2.0)
            ]
            factor = break_even(2 * values[0] - values[1], values[0])
            other = basis.without("prepayment", "renewal", "loans")
            other = replace(other, equipment=replace(other.equipment, residual=residual))
            month = price_factor(other, rate)
            rows.append(
                {
                    "residual": residual,
                    "opex": opex,
                    "factor": factor,
                    "price": _times(factor, contract.price),
                    "monthly": _times(month, contract.price),
                }
            )
    return rows


def bridge(contract: Contract) -> list[dict[str, Any]]:
    """Return how the unlevered rate of return goes from annual arithmetic to the monthly one, step by step.

    Each row has ``step, says, irr, change``; steps add up in this order, and another order would share the
    difference out otherwise.
    """
    rows: list[dict[str, Any]] = []
    before = None
    for step, says, value in _steps(contract):
        rows.append({"step": step, "says": says, "irr": value, "change": _gap(value, before)})
        before = value
    return rows


def _steps(contract: Contract) -> Iterator[tuple[str, str, float | None]]:
    yield "annual", "All paid at once, payments at the ends of years", irr(annual(contract), per_year=1).value
    bare = replace(contract.without("renewal", "loans"), availability=1.0, runs_from="delivery")
    one = replace(
        bare,
        tranches=(Tranche(1.0, 0),),
        equipment=replace(bare.equipment, lead=0),
        shell=replace(bare.shell, lead=0),
        prepayment=replace(bare.prepayment, lead=0),
    )
    yield "monthly", "Payments and credits month by month", _irr(one)
    ramped = replace(
        one,
        tranches=tuple(replace(t, delay=0) for t in contract.tranches),
        runs_from=contract.runs_from,
    )
    yield "ramp", "Tranche by tranche, outlays and prepayment with each", _irr(ramped)
    shell = replace(ramped, shell=contract.shell)
    yield "shell", "Shell paid before the tranche is due", _irr(shell)
    paid = replace(shell, prepayment=contract.prepayment, equipment=contract.equipment)
    yield "prepayment", "Prepayment before and equipment when or before it is due", _irr(paid)
    hours = replace(paid, availability=contract.availability)
    yield "availability", "Hours that are not delivered are not paid", _irr(hours)
    late = replace(hours, tranches=contract.tranches)
    yield "delay", "Delays that the file states", _irr(late)
    yield "renewal", "What may follow the term", _irr(contract.without("loans"))


def surface(contract: Contract) -> dict[str, Any]:
    """Return rates of return over shell cost and residual.

    ``shell`` (USD billion) and ``residual`` are the axes; ``unlevered`` and ``equity`` hold a list a shell
    cost, with None where there is no rate. Loans stay as they are.
    """
    cost = contract.shell.cost or contract.equipment.cost / 2
    shells = [float(cost * s) for s in SHELLS]
    made: dict[str, list[list[float | None]]] = {"unlevered": [], "equity": []}
    for x in shells:
        found = [flows(_at_point(contract, x, float(r))) for r in SURFACE_RESIDUALS]
        made["unlevered"].append([irr(f.unlevered).value for f in found])
        made["equity"].append([irr(f.equity).value for f in found])
    return {"shell": shells, "residual": SURFACE_RESIDUALS.tolist(), **made}


def least_renewal_price(contract: Contract) -> dict[str, float | None]:
    """Return the price of a certain renewal, relative to the contract's, below which the seller loses.

    ``unlevered`` at the required return before debt (the value is affine in that price). Below 0: he earns it
    without any renewal; above 1: only if it is dearer than the contract. None: nothing follows the term.
    """
    if contract.renewal.months == 0:
        return {"unlevered": None, "unlevered_price": None}
    sure = base_course(contract)
    values = []
    for p in (0.0, 1.0):
        course: Course = replace(sure, renewed=np.ones(1), price_end=np.full(1, p), forced=True)
        values.append(_at(flows(contract, course).unlevered, contract.required))
    least = break_even(*values)
    return {"unlevered": least, "unlevered_price": _times(least, contract.price)}


def cost_of_finance(contract: Contract) -> dict[str, Any]:
    """Return what loans and prepayment cost together as a rate a year, a prepayment bearing no interest.

    ``blended`` is the loans' mean rate, ``with_prepayment`` that over loans and prepayment, ``over_outlay``
    interest over the equipment's cost, ``covered`` the share of the equipment's cost that both pay.
    """
    loans = sum(m.amount for m in contract.loans)
    interest = sum(m.amount * m.rate for m in contract.loans)
    advance = contract.prepayment.share * contract.value
    return {
        "loans": loans,
        "prepayment": advance,
        "blended": interest / loans if loans else None,
        "with_prepayment": interest / (loans + advance) if loans + advance else None,
        "over_outlay": interest / contract.equipment.cost,
        "covered": (loans + advance) / contract.equipment.cost,
    }


def _at(flow: Any, rate: float, *, per_year: int = 12) -> float:
    return float(present_values(flow, [rate], per_year=per_year)[0])


def _irr(contract: Contract) -> float | None:
    return irr(flows(contract).unlevered).value


def _gap(value: float | None, before: float | None) -> float | None:
    return None if value is None or before is None else value - before


def _times(factor: float | None, price: float | None) -> float | None:
    return None if factor is None or price is None else factor * price


def _priced(contract: Contract, factor: float) -> Contract:
    return replace(contract, value=contract.value * factor)


def _at_fixed(contract: Contract) -> Contract:
    """Return the contract with running cost in dollars, equal in a full year."""
    return replace(
        contract, opex=replace(contract.opex, basis=FIXED, amount=contract.opex.amount * contract.a_year)
    )


def _at_point(contract: Contract, shell: float, residual: float) -> Contract:
    return replace(
        contract,
        shell=replace(contract.shell, cost=shell),
        equipment=replace(contract.equipment, residual=residual),
    )
