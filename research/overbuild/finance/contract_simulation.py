"""Courses of a contract valued: the flows of every draw, reduced to a few numbers as they are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.finance.cash_flow import Course, built_share, horizon, packed
from overbuild.finance.contract import Contract
from overbuild.finance.contract_kernel import COMPONENTS, NUMBERS, value_draws
from overbuild.finance.equity import base_debt, mean_rate
from overbuild.finance.returns import GRID

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
    value_draws(
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
        course.for_all,
        (debt.draws, debt.service, debt.first_repayment, contract.last_due, mean_rate(contract) / 12),
        discount,
        (1 + GRID) ** (-1 / 12),
        rates,
        len(COMPONENTS),
        numbers,
        value,
    )
    return Simulated(**dict(zip(NUMBERS, numbers.T, strict=True)), value=value)
