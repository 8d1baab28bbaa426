"""Draws of what may go wrong: limits, marginals, dependence, and reproducibility."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from overbuild.finance.buyer import black, option, rent_or_own, termination
from overbuild.finance.cash_flow import base_course, ended
from overbuild.finance.contract import (
    FIXED,
    Buyer,
    Equipment,
    Figure,
    Loan,
    Opex,
    Prepayment,
    Renewal,
    Tranche,
)
from overbuild.finance.contract_draws import RISKS, draw
from overbuild.finance.contract_risks import _chances, price_now, run, summarise, variance, wrong_way
from overbuild.finance.contract_simulation import Simulated, simulate
from overbuild.finance.contract_value import summary
from overbuild.finance.equity import flows
from overbuild.finance.returns import irr

from .made_up import PRIORS, full, plain

MANY = 40_000


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_with_every_risk_off_draws_are_the_plan(rng):
    contract = full()
    found, planned = simulate(contract, draw(contract, PRIORS, 3, rng, ())), summary(contract)
    for name in ("irr", "irr_equity", "npv", "npv_equity", "min_dscr"):
        assert getattr(found, name) == pytest.approx(np.full(3, planned[name]), abs=1e-9)


def test_without_hazard_the_buyer_never_fails(rng):
    contract = full(terms_of_buyer=Buyer(0.08, 0.0, 0.4))
    safe = simulate(contract, draw(contract, PRIORS, 5, rng, ("default",)))
    assert safe.npv == pytest.approx(np.full(5, summary(contract)["npv"]))


def test_marginals_are_those_stated(rng):
    contract = full(tranches=(Tranche(0.5, 3), Tranche(0.5, 12)))
    priors = replace(PRIORS, hazard_sd=1e-9)
    course = draw(contract, priors, MANY, rng)
    late = course.delay[course.delay < 24]
    assert np.mean(course.delay < 3) == pytest.approx(1 - np.exp(-2.5 / 3), abs=0.01)
    assert late.min() == 0
    assert course.availability.mean() == pytest.approx(0.97, abs=1e-3)
    assert course.residual.mean() == pytest.approx(0.2, abs=5e-3)
    assert course.residual.std() == pytest.approx(np.sqrt(0.2 * 0.8 / 9), abs=5e-3)
    assert course.opex.mean() == pytest.approx(1.0, abs=5e-3)
    assert course.price_end.mean() == pytest.approx(0.5, abs=0.02)
    assert np.log(course.price_end).std() == pytest.approx(0.3 * np.sqrt(6), rel=0.02)
    assert np.log(course.price_early).std() == pytest.approx(0.3, rel=0.02)
    assert np.corrcoef(np.log(course.price_early), np.log(course.price_end))[0, 1] == pytest.approx(
        np.sqrt(1 / 6), abs=0.02
    )
    assert stats.kstest(course.default / 12, stats.expon(scale=1 / 0.05).cdf).pvalue > 0.001
    assert np.mean(course.built < 2) == pytest.approx(0.055, abs=0.005)
    assert np.mean(course.renewed) == pytest.approx(0.5, abs=0.01)


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    found: Any = stats.spearmanr(x, y)
    return found.statistic


def test_the_buyer_fails_when_compute_is_cheap(rng):
    contract = full()
    for rho, other in ((0.0, 0.5), (0.5, 0.0)):
        priors = replace(PRIORS, wrong_way=(rho,) * 2, residual_correlation=(other,) * 2, hazard_sd=1e-9)
        course = draw(contract, priors, MANY, rng)
        link = rank_correlation(course.default, course.price_end)
        assert link == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=0.03)
        both = rank_correlation(course.residual, course.price_end)
        assert both == pytest.approx(6 / np.pi * np.arcsin(other / 2), abs=0.03)


def test_wrong_way_risk_costs_the_seller():
    contract = full(terms_of_buyer=Buyer(0.08, 0.1, 0.2))
    rows = wrong_way(contract, PRIORS, 8_000, 3)
    assert rows[0]["mean_npv_equity"] > rows[-1]["mean_npv_equity"]
    assert rows[0]["tail"] > rows[-1]["tail"]


def test_draws_valued_one_by_one_are_the_flows_of_each(rng):
    contract = full()
    course = draw(contract, PRIORS, 40, rng)
    found = simulate(contract, course)
    for i in range(40):
        one = replace(
            course, **{n: v[i : i + 1] for n, v in vars(course).items() if isinstance(v, np.ndarray)}
        )
        by_hand = flows(contract, one)
        assert by_hand.arrears == pytest.approx(found.arrears[i], abs=1e-9)
        assert by_hand.unlevered.sum() == pytest.approx(found.total[i], abs=1e-9)
        rate = irr(by_hand.unlevered).value
        assert np.isnan(found.irr[i]) if rate is None else found.irr[i] == pytest.approx(rate, abs=1e-8)


def test_the_same_risks_are_drawn_alike_whatever_else_is():
    contract = full()
    one = draw(contract, PRIORS, 50, np.random.default_rng(1), ("residual",))
    all_of_them = draw(contract, PRIORS, 50, np.random.default_rng(1))
    assert (one.residual == all_of_them.residual).all()
    assert (one.delay == base_course(contract, 50).delay).all()
    again = draw(contract, PRIORS, 50, np.random.default_rng(1))
    assert (again.default == all_of_them.default).all()


def test_shares_of_the_variance_add_up_to_one():
    for rows in variance(full(), PRIORS, 200, 1).values():
        assert [r["risk"] for r in rows] == list(RISKS)
        assert sum(r["shapley"] for r in rows) == pytest.approx(1.0)


def test_a_contract_without_risk_has_no_variance():
    calm = plain(terms_of_buyer=Buyer(0.08), renewal=Renewal(0, 1.0))
    still = replace(PRIORS, delay=1e-9, opex=1e-9, price_sd=1e-9, build_failure=(0.0, 0.0))
    for rows in variance(calm, still, 20, 1).values():
        assert all(r["shapley"] == 0 for r in rows)


def test_the_fan_starts_at_the_value_and_ends_at_nothing():
    contract = full(loans=())
    course, found = run(contract, PRIORS, 500, 1)
    fan = summarise(contract, PRIORS, course, found)["fan"]
    assert fan["mean"][-1] == 0
    assert fan["year"] == list(range(len(fan["mean"])))
    assert all(fan["q05"][i] <= fan["q50"][i] <= fan["q95"][i] for i in fan["year"])
    planned = simulate(contract, base_course(contract))
    assert planned.value[0, 0] == pytest.approx(planned.npv_equity[0] - flows(contract).equity[0])


def test_renting_beats_owning_where_capital_costs_more_than_the_seller_earns():
    contract = full(renewal=Renewal(0, 0.5))
    rate = irr(flows(contract).unlevered).value
    assert rate is not None
    assert rent_or_own(contract, rate).advantage == pytest.approx(0, abs=1e-8)
    assert rent_or_own(contract, rate + 0.05).advantage > 0 > rent_or_own(contract, rate - 0.05).advantage
    found = rent_or_own(contract)
    assert found.own_per_hour is not None and found.rent_per_hour is not None
    assert found.own_per_hour / found.rent_per_hour == pytest.approx(found.own / found.rent)


def test_black_against_integration_and_parity():
    call, put = black(0.5, 0.4, 0.6)
    density = stats.lognorm(0.6, scale=0.5 * np.exp(-0.18))
    assert call == pytest.approx(density.expect(lambda p: max(p - 0.4, 0), epsabs=1e-10), abs=1e-6)
    assert call - put == pytest.approx(0.1)
    assert black(0.5, 0.4, 0.0) == pytest.approx((0.1, 0.0))


def test_options_on_draws_are_near_their_closed_form(rng):
    contract = full()
    course = draw(contract, PRIORS, 200_000, rng)
    found = option(contract, course.price_end, PRIORS.price_sd)
    assert found.extend == pytest.approx(found.extend_exact, rel=0.02)
    assert found.walk == pytest.approx(found.walk_exact, rel=0.02)
    dear = option(replace(contract, renewal=replace(contract.renewal, strike=1.0)), course.price_end, 0.3)
    assert dear.extend < found.extend and dear.walk > found.walk


def test_the_right_to_end_is_worth_what_is_saved():
    contract = full(grace=6)
    course = replace(base_course(contract), delay=np.array([[8, 0, 0]]), price_early=np.array([0.6]))
    factor = 1.08 ** (-1 / 12)
    annuity = sum(factor**t for t in range(12, 72))
    assert termination(contract, course)[0] == pytest.approx(0.4 * 0.97 * 12 * 0.5 / 60 * annuity)
    assert termination(replace(contract, grace=None), course)[0] == 0


def test_exact_options_are_those_of_black_each_month_of_the_extension():
    contract = full(renewal=Renewal(24, 0.5, 0.5, strike=0.4))
    found = option(contract, np.array([0.5, 0.3]), 0.3)
    call, put = black(0.5, 0.4, 0.3 * np.sqrt(6))
    ends = [(0.5, 63), (0.3, 67), (0.2, 72)]
    unit = sum(s * 12 / 60 * 0.97 * 1.08 ** (-t / 12) for s, e in ends for t in range(e + 1, e + 25))
    assert found.extend_exact == pytest.approx(unit * call) and found.walk_exact == pytest.approx(unit * put)
    assert found.extend == pytest.approx(unit * 0.05) and found.walk == pytest.approx(unit * 0.05)
    assert found.exercised == 0.5


def test_chances_of_made_up_draws():
    contract = full()
    base = base_course(contract, 4)
    course = replace(
        base,
        delay=np.array([[0, 0, 0], [7, 1, 0], [0, 1, 9], [9, 9, 9]]),
        price_early=np.array([0.5, 0.5, 0.5, 0.95]),
        built=np.array([3, 3, 2, 0]),
        default=np.array([71.9, 72.0, 1e9, 1e9]),
    )
    nothing = np.zeros(4)
    found = Simulated(
        irr=nothing,
        irr_equity=nothing,
        npv=np.array([-1.0, 1.0, 1.0, 1.0]),
        npv_equity=np.array([-1.0, -1.0, 1.0, 1.0]),
        min_dscr=np.array([1.05, 1.2, np.nan, 1.2]),
        arrears=np.array([0.0, 0.0, 0.0, 0.3]),
        after=np.array([-0.1, 0.0, 1.0, 1.0]),
        paid=nothing,
        total=np.array([-1.0, -1.0, -1.0, 1.0]),
        value=np.zeros((4, 1)),
    )
    assert {n: v.tolist() for n, v in _chances(contract, course, found).items()} == {
        "loss": [1, 0, 0, 0],
        "loss_equity": [1, 1, 0, 0],
        "below_zero_return": [1, 1, 1, 0],
        "wiped": [1, 1, 0, 0],
        "lenders_short": [0, 0, 0, 1],
        "covenant": [1, 0, 0, 0],
        "default": [1, 0, 0, 0],
        "ended": [0, 1, 0, 0],
        "unbuilt": [0, 0, 1, 1],
    }
    assert ended(contract, course)[1].tolist() == [True, False, False]
    failed = replace(course, default=np.full(4, 9.0))
    assert not ended(contract, failed).any()


def test_without_loans_owners_get_the_unlevered_flow_in_every_draw(rng):
    contract = full(loans=(), required=0.1, required_equity=0.1, terms_of_buyer=Buyer(0.08, 0.2, 0.1))
    priors = replace(PRIORS, opex=1.0, delay=9.0, build_failure=(0.3, 0.5))
    course = draw(contract, priors, 2_000, rng)
    found = simulate(contract, course)
    assert found.npv_equity == pytest.approx(found.npv, abs=1e-9)
    assert np.isnan(found.irr_equity).tolist() == np.isnan(found.irr).tolist()
    assert np.nanmax(np.abs(found.irr_equity - found.irr)) < 1e-9
    assert (found.arrears == 0).all()


def test_lenders_never_pay_in_and_owners_do_not_pay_them_after_the_last_tranche():
    contract = full(grace=2, opex=Opex(FIXED, 4.0))
    course = replace(base_course(contract), delay=np.array([[0, 0, 20]]), price_early=np.array([0.5]))
    found = flows(contract, course)
    later = slice(contract.last_due + 1, None)
    assert (found.lenders + found.debt.draws >= 0).all() and found.arrears > 0
    operating = (found.unlevered - found.parts["residual"] - found.parts["shell_recovered"])[later]
    assert found.equity[later][:40] == pytest.approx(np.minimum(operating, 0)[:40], abs=1e-9)


def test_arrears_bear_interest():
    contract = plain(loans=(Loan("s", 2.0, 0.12, 0, 12, 0, "bullet"),), value=6.0, equipment=Equipment(5.0))
    course = replace(base_course(contract), availability=np.array([0.1]))
    found = flows(contract, course)
    owed = 0.0
    for t in range(1, 61):
        due = owed * 1.01 + (0.02 if t < 12 else 2.02 if t == 12 else 0.0)
        owed = due - min(0.01, due)
    assert found.arrears == pytest.approx(owed)
    assert found.lenders[1:] == pytest.approx(
        np.full(len(found.lenders) - 1, 0.01) * (np.arange(1, 67) <= 60)
    )


def test_what_the_buyer_pays_leaves_out_the_rent_of_others():
    contract = plain(terms_of_buyer=Buyer(0.08, 0.1, 0.4), prepayment=Prepayment(0.2, 0, (1.0,)))
    contract = replace(contract, tranches=(Tranche(1.0, 2),), required=0.13, required_equity=0.17)
    course = replace(base_course(contract), default=np.array([20.0]), recovery=np.array([0.25]), void=6)
    course = replace(course, price_early=np.array([0.7]), price_end=np.array([0.7]))
    d = 1.08 ** (-1 / 12)
    paid = 1.2 * d**2 + sum(0.1 * d**t for t in range(3, 21)) - sum(0.1 * d**t for t in range(3, 15))
    paid += sum(0.25 * 0.1 * d**t for t in range(21, 27))
    paid += sum(0.25 * 0.03 * d**t for t in range(27, 63))
    assert simulate(contract, course).paid[0] == pytest.approx(paid)


def test_the_market_price_of_now_moves_what_is_ended():
    figures = (Figure("renewal.price_now", 1.2, assumed="x", low=0.8, high=1.6),)
    contract = full(renewal=Renewal(24, 0.5, 0.5, price_now=1.2), figures=figures)
    rows = price_now(contract, PRIORS, 4_000, 1)
    assert [r["price_now"] for r in rows] == [0.8, 1.2, 1.6]
    assert rows[0]["ended"] > rows[1]["ended"] > rows[2]["ended"]
    assert rows[0]["mean_npv"] < rows[2]["mean_npv"]
    course = draw(contract, PRIORS, MANY, np.random.default_rng(1))
    assert course.price_early.mean() == pytest.approx(1.2 ** (5 / 6) * 0.5 ** (1 / 6), rel=0.01)


def test_only_what_is_drawn_of_a_delay_is_cut(rng):
    contract = full(tranches=(Tranche(1.0, 3, 30),))
    late = draw(contract, replace(PRIORS, delay=1e3), 50, rng).delay
    assert late.min() >= 30 and late.max() == 54


def test_the_residuals_own_correlation_is_not_wrong_way_risk():
    rows = wrong_way(full(terms_of_buyer=Buyer(0.08, 0.0, 0.2)), PRIORS, 500, 3)
    assert len({r["mean_npv_equity"] for r in rows}) == 1
