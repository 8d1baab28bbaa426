"""Closed forms, conservation and directions of the monthly cash flows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.finance.cash_flow import (
    NEVER,
    Course,
    base_course,
    components,
)
from overbuild.finance.contract import FIXED, SHARE, START, Opex, Prepayment, Renewal, Tranche
from overbuild.finance.contract_kernel import PREPAYMENT, RESIDUAL, REVENUE, market
from overbuild.finance.equity import flows
from overbuild.finance.returns import irr, present_values

from .made_up import full, plain


def worth(contract, rate=0.1, course=None):
    return float(present_values(flows(contract, course).unlevered, [rate])[0])


def test_an_annuity_has_its_rate_of_return():
    rate = irr(flows(plain()).unlevered).value
    monthly = (1 + rate) ** (1 / 12) - 1
    assert 0.1 * (1 - (1 + monthly) ** -60) / monthly == pytest.approx(5.0, abs=1e-10)


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.2])
def test_present_value_of_an_annuity(rate):
    i = (1 + rate) ** (1 / 12) - 1
    annuity = 60 if i == 0 else (1 - (1 + i) ** -60) / i
    assert worth(plain(), rate) == pytest.approx(0.1 * annuity - 5.0, abs=1e-12)


def test_a_rate_of_return_makes_the_present_value_nothing():
    found = flows(full())
    for flow in (found.unlevered, found.equity):
        assert present_values(flow, [irr(flow).value])[0] == pytest.approx(0.0, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(
    shares=st.lists(st.floats(0.05, 1.0), min_size=1, max_size=4),
    months=st.lists(st.integers(3, 24), min_size=4, max_size=4),
    delays=st.lists(st.integers(0, 18), min_size=4, max_size=4),
    prepaid=st.floats(0, 0.5),
    default=st.floats(0, 120),
    built=st.integers(0, 4),
    from_start=st.booleans(),
)
def test_flows_are_conserved(shares, months, delays, prepaid, default, built, from_start):
    total = sum(shares)
    tranches = tuple(Tranche(s / total, m) for s, m in zip(shares, months, strict=False))
    contract = full(
        tranches=tranches,
        prepayment=Prepayment(prepaid, 1, (0.0, 1.0, 1.0)),
        runs_from=START if from_start else "delivery",
        grace=None,
    )
    late = np.array([delays[: len(tranches)]])
    course = replace(
        base_course(contract),
        delay=late,
        default=np.array([default]),
        built=np.array([min(built, len(tranches))]),
    )
    found = flows(contract, course)
    assert sum(p.sum() for p in found.parts.values()) == pytest.approx(found.unlevered.sum(), abs=1e-9)
    assert (found.equity + found.lenders).sum() == pytest.approx(found.unlevered.sum(), abs=1e-9)
    assert found.parts["equipment"].sum() == pytest.approx(-6.0)
    assert -found.parts["credit"].sum() <= found.parts["prepayment"].sum() + 1e-9
    planned = flows(contract, replace(course, default=np.array([NEVER])))
    assert -planned.parts["credit"].sum() == pytest.approx(planned.parts["prepayment"].sum(), abs=1e-9)
    assert (found.equity[contract.last_due + 1 :] >= -1e-12).all()


@settings(max_examples=40, deadline=None)
@given(low=st.floats(0.3, 1.5), step=st.floats(0.01, 0.5), rate=st.floats(0.0, 0.3))
def test_value_rises_with_the_price(low, step, rate):
    contract = full()
    base = base_course(contract)
    assert worth(contract, rate, replace(base, price=low + step)) > worth(
        contract, rate, replace(base, price=low)
    )


@settings(max_examples=40, deadline=None)
@given(
    delays=st.lists(st.integers(0, 5), min_size=3, max_size=3),
    which=st.integers(0, 2),
    from_start=st.booleans(),
)
def test_later_is_worth_less(delays, which, from_start):
    contract = full(runs_from=START if from_start else "delivery")
    early = replace(base_course(contract), delay=np.array([delays]))
    later = early.delay.copy()
    later[0, which] += 1
    assert worth(contract, 0.1, replace(early, delay=later)) < worth(contract, 0.1, early)


@settings(max_examples=40, deadline=None)
@given(low=st.floats(0, 0.9), step=st.floats(0.01, 0.1))
def test_value_does_not_fall_with_the_residual(low, step):
    contract = full()
    base = base_course(contract)
    low_one, high_one = (replace(base, residual=np.array([r])) for r in (low, low + step))
    assert worth(contract, 0.1, high_one) > worth(contract, 0.1, low_one)
    assert irr(flows(contract, high_one).unlevered).value > irr(flows(contract, low_one).unlevered).value


def test_a_failed_buyer_leaves_the_market_and_a_part_of_the_claim():
    contract = plain(renewal=Renewal(0, 0.5))
    base = base_course(contract)
    course = replace(base, default=np.array([12.0]), recovery=np.array([0.4]), void=6)
    got = components(contract, course)[REVENUE, 0]
    assert got[12] == pytest.approx(0.1)
    assert got[13:19] == pytest.approx(np.full(6, 0.4 * 0.1))
    rent = 0.1 * market(30, 1.0, 0.5, 0.0, 60.0)
    assert rent == pytest.approx(0.1 * 0.5**0.5)
    assert got[30] == pytest.approx(rent + 0.4 * (0.1 - rent))


def test_a_late_tranche_is_ended_only_where_the_market_is_cheaper():
    contract = full(grace=3)
    late = replace(base_course(contract), delay=np.array([[5, 0, 0]]))
    dear, cheap = (replace(late, price_early=np.array([p])) for p in (0.95, 0.6))
    assert components(contract, dear)[PREPAYMENT, 0].min() == 0
    ended = components(contract, cheap)
    assert ended[PREPAYMENT, 0, 8] == pytest.approx(-0.2 * 12 * 0.5)
    assert ended[REVENUE, 0].sum() == pytest.approx(12 * 0.97 * (0.5 * 0.6 + 0.5))
    never = replace(contract, grace=None)
    assert components(never, cheap)[REVENUE, 0].sum() == pytest.approx(12 * 0.97)


def test_what_is_not_built_is_sold_and_brings_no_prepayment():
    contract = full()
    course = replace(base_course(contract), built=np.array([1]))
    made = components(contract, course)[:, 0]
    assert made[PREPAYMENT].sum() == pytest.approx(0.2 * 12 * 0.5)
    assert made[RESIDUAL, 6] == pytest.approx(0.65 * 6.0 * 0.3)


def test_the_seller_lets_only_what_brings_more_than_a_sale():
    cheap = full(renewal=Renewal(24, 0.1, 1.0))
    assert flows(cheap).parts["renewal"].sum() == 0
    dear = full(renewal=Renewal(24, 1.0, 1.0))
    assert flows(dear).parts["renewal"].sum() == pytest.approx(2 * 2.4 * 0.97)
    bound = replace(base_course(cheap), forced=True)
    assert worth(cheap, 0.1, bound) < worth(cheap, 0.1)


def test_running_cost_as_a_share_is_that_share():
    found = flows(plain(opex=Opex(SHARE, 0.15))).parts
    assert found["opex"] == pytest.approx(-0.15 * found["revenue"])
    fixed = flows(plain(opex=Opex(FIXED, 0.18), availability=0.5)).parts
    assert fixed["opex"].sum() == pytest.approx(-0.9)


def test_courses_have_the_shapes_they_say():
    course = base_course(full(), 4)
    assert isinstance(course, Course) and course.draws == 4 and course.delay.shape == (4, 3)
    assert components(full(), course).shape[:2] == (9, 4)
