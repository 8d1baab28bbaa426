"""Debt service: what is lent is repaid, and each way of repaying has its closed form."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.finance.contract import Loan
from overbuild.finance.debt import accruals, month_day, schedule
from overbuild.finance.equity import flows

from .made_up import full, plain

EVEN = np.array([0.0, *np.full(120, 1 / 12)])


@settings(max_examples=60, deadline=None)
@given(
    amount=st.floats(0.1, 50),
    rate=st.floats(0, 0.3),
    draw=st.integers(0, 20),
    wait=st.integers(0, 20),
    length=st.integers(1, 60),
    way=st.sampled_from(["level", "sculpted", "bullet"]),
    count=st.sampled_from(["THIRTY_E_360", "ACT_360", "ACT_365F", "ACT_ACT_ISDA"]),
)
def test_principal_adds_up_to_what_was_lent_and_debt_service_to_its_worth(
    amount, rate, draw, wait, length, way, count
):
    loan = Loan("x", amount, rate, draw, draw + wait + length, wait, way, count)
    accrual = accruals(loan, date(2026, 1, 31), 121)
    cash = 1 + np.sin(np.arange(121)) ** 2
    found = schedule(loan, accrual, cash)
    assert found.draws.sum() == pytest.approx(amount)
    assert found.principal.sum() == pytest.approx(amount)
    growth = np.cumprod(1 + rate * accrual)
    assert (found.service / growth).sum() * growth[draw] == pytest.approx(amount)
    assert (found.interest >= -1e-9).all() and found.service[loan.maturity + 1 :].sum() == 0


def test_level_debt_service_is_the_annuity():
    found = schedule(Loan("x", 10.0, 0.06, 0, 60), EVEN, EVEN)
    assert found.service[1:61] == pytest.approx(np.full(60, 10 * 0.005 / (1 - 1.005**-60)))


def test_sculpted_debt_service_has_the_same_cover_in_every_month():
    cash = np.linspace(1, 2, 121)
    found = schedule(Loan("x", 10.0, 0.06, 0, 60, 6, "sculpted"), EVEN, cash)
    ratio = cash[7:61] / found.service[7:61]
    assert ratio == pytest.approx(np.full(54, ratio[0]))
    assert found.service[1:7] == pytest.approx(np.full(6, 10 * 0.005))


def test_interest_follows_the_day_count():
    found = schedule(
        Loan("x", 10.0, 0.06, 0, 12, 0, "bullet", "ACT_360"),
        accruals(Loan("x", 1, 0.06, 0, 12, day_count="ACT_360"), date(2026, 1, 1), 121),
        EVEN,
    )
    assert found.interest[1] == pytest.approx(10 * 0.06 * 31 / 360)
    assert found.interest[2] == pytest.approx(10 * 0.06 * 28 / 360)


def test_days_of_months():
    assert month_day(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert month_day(date(2026, 11, 15), 14) == date(2028, 1, 15)


def test_owners_get_what_lenders_do_not():
    found = flows(full(loans=full().loans[:2]))
    assert found.arrears == 0
    assert found.lenders == pytest.approx(found.debt.service - found.debt.draws)
    assert found.equity.sum() == pytest.approx(found.unlevered.sum() - found.debt.interest.sum())


def test_without_loans_owners_get_everything():
    found = flows(plain())
    assert found.equity == pytest.approx(found.unlevered)
    assert found.debt.service.sum() == 0


def test_what_is_not_paid_is_carried_forward_and_owners_walk_away():
    heavy = plain(loans=(Loan("s", 5.0, 0.05, 0, 30),))
    found = flows(heavy)
    assert found.arrears == 0 and found.equity[1:50].sum() == 0 < found.equity.sum()
    lost = plain(loans=(Loan("s", 5.0, 0.5, 0, 60),))
    assert flows(lost).arrears > 0 and flows(lost).equity[1:].sum() == 0
