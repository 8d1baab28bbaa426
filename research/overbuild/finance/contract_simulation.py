"""Courses of a contract valued: both sides' flows of every draw, reduced to a few numbers as they are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.finance.cash_flow import (
    COMPONENTS,
    CREDIT,
    EQUIPMENT,
    OPEX,
    PREPAYMENT,
    RENEWAL,
    RESIDUAL,
    REVENUE,
    SHELL,
    SHELL_RECOVERED,
    Course,
    built_share,
    fill,
    horizon,
    packed,
)
from overbuild.finance.contract import Contract
from overbuild.finance.equity import base_debt, mean_rate, share_out
from overbuild.finance.returns import GRID, root

NUMBERS = ("irr", "irr_equity", "npv", "npv_equity", "min_dscr", "arrears", "after", "paid", "total")
IRR, IRR_EQUITY, NPV, NPV_EQUITY, MIN_DSCR, ARREARS, AFTER, PAID, TOTAL = range(9)
NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Simulated:
    """What a contract is worth, draw by draw; arrays of shape (draw,) in USD billion unless stated.

    Attributes
    ----------
    irr, irr_equity
        Rates of return a year; NaN where there is none, or more than one.
    npv, npv_equity
        At the required returns before and after debt.
    min_dscr
        Least cash over debt service of a year of repayment; NaN without loans.
    arrears
        Debt service that was never paid.
    after
        What owners get after the last tranche is due.
    paid
        What the buyer pays over the term, net of what is returned to him, discounted at his cost of capital.
    total
        Sum of the unlevered flow: below 0 the outlays are not earned back.
    value
        What the owners' remaining flows are worth to them at the end of each year, shape (draw, year).
    """

    irr: NDArray[np.float64]
    irr_equity: NDArray[np.float64]
    npv: NDArray[np.float64]
    npv_equity: NDArray[np.float64]
    min_dscr: NDArray[np.float64]
    arrears: NDArray[np.float64]
    after: NDArray[np.float64]
    paid: NDArray[np.float64]
    total: NDArray[np.float64]
    value: NDArray[np.float64]

    @property
    def wiped(self) -> NDArray[np.bool_]:
        """Where the owners get nothing after the last tranche is due."""
        return self.after <= NOTHING


def simulate(contract: Contract, course: Course, *, rates: bool = True) -> Simulated:
    """Value every draw of a course.

    Parameters
    ----------
    contract
        The contract; debt service is that of its base case in every draw.
    course
        What happens.
    rates
        Whether rates of return are wanted, which take most of the time; NaN if not.
    """
    months = horizon(contract, int(course.delay.max()), course.void)
    debt = base_debt(contract, months)
    numbers = np.full((course.draws, len(NUMBERS)), np.nan)
    value = np.zeros((course.draws, -(-(months - 1) // 12) + 1))
    rates_a_year = (contract.required, contract.required_equity, contract.terms_of_buyer.cost_of_capital)
    discount = np.array([(1 + r) ** (-1 / 12) for r in rates_a_year])
    _run(
        packed(contract),
        course.delay.astype(np.int64),
        np.stack(
            [
                course.availability,
                course.residual,
                course.opex,
                course.price_early,
                course.price_end,
                course.default,
                course.recovery,
                course.renewed,
            ],
            axis=1,
        ),
        course.built.astype(np.int64),
        built_share(contract, course),
        (course.void, course.resale, course.switching, course.price, course.forced),
        (debt.draws, debt.service, debt.first_repayment, contract.last_due, mean_rate(contract) / 12),
        discount,
        (1 + GRID) ** (-1 / 12),
        rates,
        len(COMPONENTS),
        numbers,
        value,
    )
    return Simulated(*numbers.T, value)


@njit(cache=True)
def _run(pack, delay, scores, built, share, fixed, loans, discount, factors, rates, parts, numbers, value):
    void, resale, switching, price, forced = fixed
    draws, service, first, release, rate = loans
    months = len(draws)
    out = np.zeros((parts, months))
    equity, lenders = np.zeros(months), np.zeros(months)
    for i in range(len(scores)):
        out[:] = 0.0
        a, r, o, early, end, default, recovery, renewed = scores[i]
        fill(
            out, pack[0], pack[1], pack[2], pack[3], pack[4], pack[5],
            delay[i], a, r, o, early, end, default, recovery, built[i], renewed, void, resale, switching, price,
            forced,
        )  # fmt: skip
        invested = out[PREPAYMENT] + out[EQUIPMENT] + out[SHELL]
        operating = out[REVENUE] + out[CREDIT] + out[OPEX] + out[RENEWAL]
        cash = operating + out[RESIDUAL] + out[SHELL_RECOVERED]
        due = share[i] * service
        numbers[i, ARREARS] = share_out(invested, cash, share[i] * draws, due, release, rate, equity, lenders)
        unlevered = invested + cash
        if rates:
            numbers[i, IRR] = root(unlevered, factors, 12)
            numbers[i, IRR_EQUITY] = root(equity, factors, 12)
        numbers[i, NPV] = _worth(unlevered, discount[0])
        numbers[i, NPV_EQUITY] = _worth(equity, discount[1])
        numbers[i, MIN_DSCR] = _least_cover(operating, due, first)
        numbers[i, AFTER] = equity[release + 1 :].sum()
        numbers[i, TOTAL] = unlevered.sum()
        numbers[i, PAID] = _worth(out[PREPAYMENT] + out[REVENUE] + out[CREDIT], discount[2])
        left = 0.0
        for t in range(months - 1, -1, -1):
            if t % 12 == 0:
                value[i, t // 12] = left
            left = (left + equity[t]) * discount[1]


@njit(cache=True)
def _worth(flow, factor):
    total = 0.0
    for t in range(len(flow) - 1, -1, -1):
        total = total * factor + flow[t]
    return total


@njit(cache=True)
def _least_cover(cash, service, first):
    last = len(service) - 1
    while last >= first and service[last] <= 0.0:
        last -= 1
    least = np.nan
    start = first
    while start <= last:
        stop = min(start + 12, last + 1)
        owed = service[start:stop].sum()
        if owed > 0:
            ratio = cash[start:stop].sum() / owed
            if not least <= ratio:
                least = ratio
        start = stop
    return least
