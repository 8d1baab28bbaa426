"""Rates of return, cover and payback against pyxirr and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.finance.cash_flow import base_course
from overbuild.finance.contract import Renewal, Tranche
from overbuild.finance.contract_value import price_factor, summary
from overbuild.finance.equity import flows
from overbuild.finance.returns import cover, irr, irr_dated, irr_many, payback, present_values

from .made_up import full, plain


@settings(max_examples=100, deadline=None)
@given(
    outlay=st.floats(0.5, 20),
    inflow=st.lists(st.floats(0.0, 1.0), min_size=24, max_size=90),
)
def test_many_rates_are_those_of_the_library(outlay, inflow):
    flow = np.array([-outlay, *inflow])
    ours = irr_many(flow[None])[0]
    theirs = pyxirr.irr(flow.tolist(), silent=True)
    one = irr(flow)
    if np.isnan(ours):
        assert one.value is None
    else:
        assert ours == pytest.approx(one.value, rel=1e-8, abs=1e-9)
        assert present_values(flow, [ours])[0] == pytest.approx(0, abs=1e-6)
        if theirs is not None and (1 + theirs) ** 12 - 1 > -0.99:
            assert ours == pytest.approx((1 + theirs) ** 12 - 1, abs=1e-7)


def test_present_values_are_those_of_the_library():
    flow = np.array([-5.0, 1, 2, 3])
    assert present_values(flow, [0.07], per_year=1)[0] == pytest.approx(pyxirr.npv(0.07, flow.tolist()))


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ([1.0, 1.0], "one way"),
        ([-1.0, -2.0], "one way"),
        ([0.0, 0.0], "nothing is paid"),
        ([1.0, -3.0, 2.5], "no change of sign"),
    ],
)
def test_a_stream_without_a_rate_says_so(flow, said):
    found = irr(flow, per_year=1)
    assert found.value is None and said in found.reason
    assert np.isnan(irr_many(np.array([flow]), per_year=1)[0])


def test_two_rates_are_none():
    found = irr([-1.0, 2.3, -1.32], per_year=1)
    assert found.value is None and found.roots == pytest.approx((0.1, 0.2))
    assert "10.0%, 20.0%" in found.reason
    assert np.isnan(irr_many(np.array([[-1.0, 2.3, -1.32]]), per_year=1)[0])


def test_several_changes_of_sign_with_one_rate_are_told():
    found = irr([-1.0, 3.0, -1.0, 1.0], per_year=1)
    assert found.value is not None and "3 times" in found.reason


def test_rates_by_the_calendar_are_near_those_by_month():
    contract = full()
    flow = flows(contract).unlevered
    assert irr_dated(flow, contract.start) == pytest.approx(irr(flow).value, abs=5e-4)


def test_cover_by_year():
    cash, service = np.full(40, 2.0), np.zeros(40)
    service[3:27] = 1.0
    assert cover(cash, service, 3) == pytest.approx([2.0, 2.0])
    service[27:30] = 2.0
    assert cover(cash, service, 3) == pytest.approx([2.0, 2.0, 1.0])
    assert cover(cash, np.zeros(40), 40).size == 0


def test_payback():
    assert payback([-2.0, 1.0, 1.0, 1.0]) == 2
    assert payback([-2.0, 1.0]) is None
    assert payback([-2.0, 3.0, -2.0, 2.0]) == 3


@pytest.mark.parametrize("make", [plain, full])
def test_at_the_break_even_price_the_seller_earns_what_he_requires(make):
    contract = make()
    at = replace(base_course(contract), price=price_factor(contract))
    assert irr(flows(contract, at).unlevered).value == pytest.approx(contract.required, abs=1e-9)


def test_a_summary_without_loans_has_no_cover():
    found = summary(plain())
    assert found["dscr"] == [] and found["min_dscr"] is None and found["breaches"] == []
    assert found["price_per_gpu_hour"] is None and found["break_even_price"] is None
    assert found["payback_months"] == 50


@pytest.mark.parametrize(
    ("flow", "rates"),
    [
        ([-1.0, 2.0], (1.0,)),
        ([1.0, -2.0], (1.0,)),
        ([-1.0, 2.205, -1.2155], (0.1, 0.105)),
        ([1.0, -2.205, 1.2155], (0.1, 0.105)),
    ],
)
def test_roots_on_and_between_the_rates_looked_at(flow, rates):
    found = irr(flow, per_year=1)
    assert found.roots == pytest.approx(rates)
    many = irr_many(np.array([flow]), per_year=1)[0]
    if len(rates) == 1:
        assert found.value == pytest.approx(rates[0]) == pytest.approx(many)
    else:
        assert found.value is None and np.isnan(many)


@pytest.mark.parametrize("now", [1.0, 0.5, 1.2])
@pytest.mark.parametrize("share", [0.0, 0.4])
def test_the_break_even_price_earns_the_required_return_where_a_file_delivers_too_late(now, share):
    contract = full(
        tranches=(Tranche(1 - share, 3, 9), Tranche(share, 12)) if share else (Tranche(1.0, 3, 9),),
        renewal=Renewal(0, 0.5, 0.0, price_now=now),
        value=9.0,
    )
    factor = price_factor(contract)
    assert factor is not None
    at = replace(base_course(contract), price=factor)
    worth = present_values(flows(contract, at).unlevered, [contract.required])[0]
    assert worth == pytest.approx(0.0, abs=1e-9)
