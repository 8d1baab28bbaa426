"""Debt service of a contract's loans, month by month, fixed in the base case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from overbuild.finance.contract import BULLET, LEVEL, Contract, Loan


@dataclass(frozen=True, eq=False)
class Debt:
    """Draws, interest and principal, USD billion, shape (month,)."""

    draws: NDArray[np.float64]
    interest: NDArray[np.float64]
    principal: NDArray[np.float64]

    @property
    def service(self) -> NDArray[np.float64]:
        """Interest and principal."""
        return self.interest + self.principal

    @property
    def first_repayment(self) -> int:
        """First month in which principal is due; the number of months where none is."""
        due = np.flatnonzero(self.principal > 0)
        return int(due[0]) if due.size else len(self.principal)


def month_day(start: date, month: int) -> date:
    """Return the day ``month`` months after a start; the last of the month where it is shorter."""
    from calendar import monthrange

    year, at = divmod(start.year * 12 + start.month - 1 + month, 12)
    return date(year, at + 1, min(start.day, monthrange(year, at + 1)[1]))


def accruals(loan: Loan, start: date, months: int) -> NDArray[np.float64]:
    """Return the part of a year for which interest is due at the end of each month; 0 in month 0."""
    from pyxirr import DayCount, year_fraction

    count = getattr(DayCount, loan.day_count)
    days = [month_day(start, t) for t in range(months)]
    return np.array([0.0, *(year_fraction(a, b, count) for a, b in pairwise(days))])


def schedule(loan: Loan, accrual: NDArray[np.float64], cash: NDArray[np.float64]) -> Debt:
    r"""Return the debt service of one loan.

    With accrual factors :math:`a_t` and discount factors :math:`d_t = \prod_{s \le t} (1 + r a_s)^{-1}` from
    the last month of interest alone, level debt service is :math:`P / \sum_t d_t`, and sculpted debt service
    is :math:`\lambda C_t` with :math:`\lambda = P / \sum_t d_t C_t`, so that :math:`1/\lambda` is its cover.

    Parameters
    ----------
    loan
        The loan.
    accrual
        Shape (month,), from `accruals`.
    cash
        Cash available in the base case, shape (month,); read where the loan is sculpted. Months without cash
        have no debt service; where no month has any, debt service is level.
    """
    months = len(accrual)
    draws, interest, principal = np.zeros(months), np.zeros(months), np.zeros(months)
    draws[loan.draw] = loan.amount
    first = loan.draw + loan.interest_only
    window = slice(first + 1, loan.maturity + 1)
    growth = 1 + loan.rate * accrual[window]
    discount = 1 / np.cumprod(growth)
    profile = np.ones(len(discount))
    if loan.amortisation not in (LEVEL, BULLET) and cash[window].max() > 0:
        profile = np.maximum(cash[window], 0.0)
    service = profile * loan.amount / (discount @ profile)
    balance = loan.amount
    for t in range(loan.draw + 1, loan.maturity + 1):
        interest[t] = balance * loan.rate * accrual[t]
        if loan.amortisation == BULLET:
            principal[t] = loan.amount if t == loan.maturity else 0.0
        elif t > first:
            principal[t] = service[t - first - 1] - interest[t]
        balance -= principal[t]
    return Debt(draws, interest, principal)


def debt_of(contract: Contract, cash: NDArray[np.float64]) -> Debt:
    """Return the debt service of all loans together.

    Parameters
    ----------
    contract
        The contract; its loans mature within the months of ``cash``.
    cash
        Cash available for debt service in the base case, shape (month,).
    """
    parts = [schedule(m, accruals(m, contract.start, len(cash)), cash) for m in contract.loans]
    zero = np.zeros(len(cash))
    return Debt(
        sum((p.draws for p in parts), zero),
        sum((p.interest for p in parts), zero),
        sum((p.principal for p in parts), zero),
    )
