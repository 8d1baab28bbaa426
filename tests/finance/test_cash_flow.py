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
from overbuild.finance.contract import (
    FIXED,
    SHARE,
    START,
    Equipment,
    Opex,
    Prepayment,
    Renewal,
    Shell,
    Tranche,
)
from overbuild.finance.contract_kernel import (
    CREDIT,
    MARKET_RENT,
    OPEX,
    PREPAYMENT,
    RENEWAL,
    RESIDUAL,
    REVENUE,
    SHELL_RECOVERED,
    market,
)
from overbuild.finance.equity import flows
from overbuild.finance.returns import irr, present_values

from .made_up import full, plain


def worth(contract, rate=0.1, course=None):
    return float(present_values(flows(contract, course).unlevered, [rate])[0])


def test_an_annuity_has_its_rate_of_return():
    rate = irr(flows(plain()).unlevered).value
    assert rate is not None
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
        rate = irr(flow).value
        assert rate is not None
        assert present_values(flow, [rate])[0] == pytest.approx(0.0, abs=1e-8)


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
    later = slice(contract.last_due + 1, None)
    assert (found.equity[later] >= np.minimum(found.unlevered[later], 0) - 1e-12).all()
    assert (found.lenders + found.debt.draws >= -1e-12).all()


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
    high_rate, low_rate = (irr(flows(contract, c).unlevered).value or 0.0 for c in (high_one, low_one))
    assert high_rate > low_rate


def test_a_failed_buyer_leaves_the_market_and_a_part_of_the_claim():
    contract = plain(renewal=Renewal(0, 0.5))
    base = base_course(contract)
    course = replace(base, default=np.array([12.0]), recovery=np.array([0.4]), void=6)
    made = components(contract, course)[:, 0]
    got, others = made[REVENUE], made[MARKET_RENT]
    assert got[12] == pytest.approx(0.1) and others[:19].sum() == 0
    assert got[13:19] == pytest.approx(np.full(6, 0.4 * 0.1))
    rent = 0.1 * market(30, 1.0, 0.5, 0.0, 60.0)
    assert rent == pytest.approx(0.1 * 0.5**0.5)
    assert others[30] == pytest.approx(rent) and got[30] == pytest.approx(0.4 * (0.1 - rent))


def test_a_late_tranche_is_ended_only_where_the_market_is_cheaper():
    contract = full(grace=3)
    late = replace(base_course(contract), delay=np.array([[5, 0, 0]]))
    dear, cheap = (replace(late, price_early=np.array([p])) for p in (0.95, 0.6))
    assert components(contract, dear)[PREPAYMENT, 0].min() == 0
    ended = components(contract, cheap)
    assert ended[PREPAYMENT, 0, 8] == pytest.approx(-0.2 * 12 * 0.5)
    assert ended[REVENUE, 0].sum() == pytest.approx(12 * 0.97 * 0.5)
    assert ended[MARKET_RENT, 0].sum() == pytest.approx(12 * 0.97 * 0.5 * 0.6)
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
    assert components(full(), course).shape[:2] == (10, 4)


def test_a_renewal_by_hand():
    contract = plain(
        equipment=Equipment(5.0, 0, 84, 0.1),
        shell=Shell(1.0, 0, 0.5),
        opex=Opex(FIXED, 0.12),
        renewal=Renewal(12, 0.9, 0.5),
    )
    made = components(contract, base_course(contract))[:, 0]
    assert np.flatnonzero(made[RENEWAL]).tolist() == list(range(61, 73))
    assert made[RENEWAL, 61:73] == pytest.approx(np.full(12, 0.5 * 0.09))
    assert made[OPEX, 60:73] == pytest.approx([-0.01] + [-0.005] * 12)
    assert made[RESIDUAL, [60, 72]] == pytest.approx([0.25, 0.5 * 0.5 * 0.5])
    assert made[SHELL_RECOVERED, [60, 72]] == pytest.approx([0.25, 0.25])


def test_a_buyer_who_may_extend_does_so_where_the_market_is_dearer():
    contract = plain(equipment=Equipment(5.0, 0, 84, 0.2), renewal=Renewal(24, 0.45, 0.0))
    free = components(contract, base_course(contract))[:, 0]
    assert free[RENEWAL].sum() == 0
    given = replace(contract, renewal=replace(contract.renewal, strike=0.1))
    taken = components(given, base_course(given))[:, 0]
    assert taken[RENEWAL, 61:85] == pytest.approx(np.full(24, 0.01)) and taken[RESIDUAL].sum() == 0
    assert worth(given, 0.1) < worth(contract, 0.1)
    dear = replace(contract, renewal=replace(contract.renewal, strike=0.5))
    assert worth(dear, 0.1) == worth(contract, 0.1)
    failed = replace(base_course(given), default=np.array([59.0]))
    assert components(given, failed)[RENEWAL, 0].sum() == 0


def test_a_buyer_who_fails_prepays_nothing_more_and_credits_count_against_his_claim():
    contract = plain(
        tranches=(Tranche(0.5, 3), Tranche(0.5, 9)),
        prepayment=Prepayment(0.2, 2, (0.0, 1.0)),
        renewal=Renewal(0, 0.5),
    )
    course = replace(base_course(contract), default=np.array([5.0]), recovery=np.array([0.4]), void=200)
    made = components(contract, course)[:, 0]
    assert made[PREPAYMENT].sum() == pytest.approx(0.6) and made[PREPAYMENT, 1] == pytest.approx(0.6)
    assert made[CREDIT].sum() == 0
    assert made[REVENUE, 4:6] == pytest.approx([0.05, 0.05])
    first, second = 0.4 * 0.05, 0.4 * 0.05
    assert made[REVENUE, 7] == pytest.approx(first)
    assert made[REVENUE, 12] == pytest.approx(first + second)
    assert made[REVENUE, 20] == pytest.approx(0.4 * (0.05 - 0.05) + second)
    assert made[REVENUE, 60] == pytest.approx(first + second)
    at_once = replace(course, default=np.array([0.5]))
    assert components(contract, at_once)[PREPAYMENT].sum() == 0


def test_idle_equipment_has_no_running_cost():
    contract = plain(opex=Opex(FIXED, 0.12), grace=3, renewal=Renewal(0, 0.5))
    failed = replace(base_course(contract), default=np.array([12.0]), void=6)
    cost = components(contract, failed)[OPEX, 0]
    assert cost[12:20] == pytest.approx([-0.01, *[0.0] * 6, -0.01])
    late = replace(base_course(contract), delay=np.array([[5]]), price_early=np.array([0.5]), void=6)
    assert np.flatnonzero(components(contract, late)[OPEX, 0])[0] == 12
    shared = replace(contract, opex=Opex(SHARE, 0.2))
    made = components(shared, failed)[:, 0]
    assert made[OPEX, 13:] == pytest.approx(-0.2 * made[MARKET_RENT, 13:])
