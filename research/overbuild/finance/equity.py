r"""Who gets the cash of a contract: lenders first, then the owners, who may walk away.

Until the last tranche is due the owners pay what prepayments and loans do not, and what is left over waits
for the next tranche. After that what debt service lacks is carried forward with interest, nothing is
distributed before it is paid, and the owners add nothing to it; what operation loses, and a prepayment that
goes back, they bear. Without loans the owners get every flow as it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from overbuild.finance.cash_flow import Course, available, base_course, built_share, components, horizon
from overbuild.finance.contract import SHARE, Contract, Opex
from overbuild.finance.contract_kernel import COMPONENTS, EQUIPMENT, PREPAYMENT, SHELL, share_out
from overbuild.finance.debt import Debt, debt_of


@dataclass(frozen=True, eq=False)
class Flows:
    """One course of a contract, USD billion, shape (month,).

    Attributes
    ----------
    parts
        Component to flow; they add up to ``unlevered``.
    debt
        Draws and service of the loans, set in the base case.
    unlevered, equity, lenders
        Flow before debt, and what owners and lenders get of it.
    cash
        Available for debt service: revenue, rents, credits, running cost and renewal, without what is sold.
    arrears
        Debt service that was not paid by the end.
    """

    parts: dict[str, NDArray[np.float64]]
    debt: Debt
    unlevered: NDArray[np.float64]
    equity: NDArray[np.float64]
    lenders: NDArray[np.float64]
    cash: NDArray[np.float64]
    arrears: float


def flows(contract: Contract, course: Course | None = None) -> Flows:
    """Return the flows of one course, by default the one in which nothing goes wrong.

    Parameters
    ----------
    contract
        The contract.
    course
        One draw. Debt service is that of the base case in any.
    """
    base = base_course(contract)
    course = course or base
    months = horizon(contract, int(max(course.delay.max(), base.delay.max())), course.void)
    debt = base_debt(contract, months)
    made = components(contract, course, months)[:, 0]
    built = float(built_share(contract, course)[0])
    equity, lenders = np.zeros(months), np.zeros(months)
    arrears = share_out(
        made[PREPAYMENT] + made[EQUIPMENT] + made[SHELL],
        available(made),
        built * debt.draws,
        built * debt.service,
        contract.last_due,
        mean_rate(contract) / 12,
        equity,
        lenders,
    )
    parts: dict[str, NDArray[np.float64]] = dict(zip(COMPONENTS, made, strict=True))
    return Flows(parts, debt, made.sum(axis=0), equity, lenders, available(made, sold=False), arrears)


def base_debt(contract: Contract, months: int) -> Debt:
    """Return the debt service of the base case."""
    made = components(contract, base_course(contract), months)[:, 0]
    return debt_of(contract, available(made, sold=False))


def mean_rate(contract: Contract) -> float:
    """Return the mean rate of the loans, a year; 0 without loans."""
    total = sum(m.amount for m in contract.loans)
    return sum(m.amount * m.rate for m in contract.loans) / total if total else 0.0


def at_share(contract: Contract) -> Contract:
    """Return the contract with running cost as a share of what is earned, equal in a full year."""
    if contract.opex.basis == SHARE:
        return contract
    return replace(contract, opex=Opex(SHARE, contract.opex.amount / contract.a_year))
