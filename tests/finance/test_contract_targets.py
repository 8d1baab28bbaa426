"""The arithmetic of the Microsoft-IREN contract, to the rounding in which it was first quoted."""

from dataclasses import replace

import pytest

from overbuild.finance.buyer import rent_or_own
from overbuild.finance.cash_flow import annual, base_course, components
from overbuild.finance.contract_file import BUILT_IN, contract_of
from overbuild.finance.contract_value import annual_break_even, annual_cases, bridge, cost_of_finance
from overbuild.finance.equity import flows
from overbuild.finance.returns import irr
from overbuild.locations import data_dir


@pytest.fixture(scope="module")
def iren():
    return contract_of("iren", data_dir())


@pytest.mark.parametrize(
    ("shell", "prepayment", "expected"),
    [
        (False, False, (13.0, 17.0, 18.8)),
        (True, False, (3.2, 6.5, 8.0)),
        (False, True, (21.7, 26.9, 29.1)),
        (True, True, (4.3, 8.5, 10.4)),
    ],
)
def test_annual_rates_of_return(iren, shell, prepayment, expected):
    found = [
        irr(annual(iren, shell=shell, prepayment=prepayment, residual=r), per_year=1).value
        for r in (0, 0.2, 0.3)
    ]
    assert [round(100 * (f or 0), 1) for f in found] == list(expected)


def test_annual_break_even_prices_and_the_price(iren):
    found = {(r["opex"], r["residual"]): round(r["price"], 2) for r in annual_break_even(iren)}
    assert found == {("fixed", 0.0): 3.55, ("fixed", 0.2): 3.27, ("share", 0.0): 3.67, ("share", 0.2): 3.33}
    assert round(iren.price, 2) == 2.91


def test_a_break_even_price_gives_the_required_return(iren):
    row = annual_break_even(iren)[0]
    at = replace(iren, value=iren.value * row["factor"])
    assert irr(annual(at, prepayment=False, residual=0.0), per_year=1).value == pytest.approx(0.10, abs=1e-10)


def test_the_reported_cost_of_finance_does_not_follow(iren):
    found = cost_of_finance(iren)
    assert found["blended"] == pytest.approx(0.06, abs=5e-5)
    assert round(found["covered"], 2) == 0.96
    assert round(found["with_prepayment"], 3) == 0.039
    assert all(abs(found[n] - 0.0331) > 0.004 for n in ("blended", "with_prepayment", "over_outlay"))


@pytest.mark.parametrize("name", BUILT_IN)
def test_steps_lead_from_the_annual_rate_to_the_monthly_one(name):
    contract = contract_of(name, data_dir())
    rows = bridge(contract)
    assert rows[0]["irr"] == irr(annual(contract), per_year=1).value
    assert rows[-1]["irr"] == pytest.approx(irr(flows(contract).unlevered).value, abs=1e-12)
    total = rows[0]["irr"] + sum(r["change"] for r in rows[1:])
    assert total == pytest.approx(rows[-1]["irr"], abs=1e-12)


def test_equal_tranches_that_are_only_shifted_leave_the_rate_as_it_is(iren):
    by_step = {r["step"]: r["irr"] for r in bridge(iren)}
    assert by_step["ramp"] == pytest.approx(by_step["monthly"], abs=1e-9)
    assert by_step["shell"] < by_step["ramp"] and by_step["availability"] < by_step["prepayment"]


def test_monthly_cases_are_beside_every_annual_one(iren):
    rows = annual_cases(iren)
    assert len(rows) == 12 and all(r["monthly"] is not None for r in rows)
    assert all(r["change"] == pytest.approx(r["monthly"] - r["annual"]) for r in rows)
    assert all(sum(r["steps"].values()) == pytest.approx(r["change"], abs=1e-12) for r in rows)


@pytest.mark.parametrize("name", BUILT_IN)
def test_shipped_contracts_keep_what_they_promise(name):
    contract = contract_of(name, data_dir())
    parts = flows(contract).parts
    assert parts["revenue"].sum() == pytest.approx(contract.value * contract.availability)
    assert parts["prepayment"].sum() == pytest.approx(contract.prepayment.share * contract.value)
    assert parts["credit"].sum() == pytest.approx(-parts["prepayment"].sum())
    assert parts["equipment"].sum() == pytest.approx(-contract.equipment.cost)
    assert parts["shell"].sum() == pytest.approx(-contract.shell.cost)
    assert components(contract, base_course(contract)).shape[0] == len(parts)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_seller_sells_in_the_base_case_of_every_shipped_contract(name):
    assert flows(contract_of(name, data_dir())).parts["renewal"].sum() == 0


def test_rents_at_a_rate_of_debt_cost_more():
    contract = contract_of("nebius", data_dir())
    gains = [rent_or_own(contract, rate_of_rent=r).advantage for r in (0.04, 0.06, 0.08)]
    assert gains == sorted(gains) and gains[-1] == rent_or_own(contract).advantage
