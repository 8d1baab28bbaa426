"""Draws of what may go wrong: limits, marginals, dependence, and reproducibility."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from overbuild.finance.buyer import black, option, rent_or_own, termination
from overbuild.finance.cash_flow import base_course
from overbuild.finance.contract import Buyer, Renewal, Tranche
from overbuild.finance.contract_draws import RISKS, draw
from overbuild.finance.contract_risks import run, summarise, variance, wrong_way
from overbuild.finance.contract_simulation import simulate
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


def test_the_buyer_fails_when_compute_is_cheap(rng):
    contract = full()
    for rho in (0.0, 0.5):
        course = draw(contract, replace(PRIORS, wrong_way=(rho, rho), hazard_sd=1e-9), MANY, rng)
        link = stats.spearmanr(course.default, course.price_end).statistic
        assert link == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=0.03)
        both = stats.spearmanr(course.residual, course.price_end).statistic
        assert both == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=0.03)


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
        one = type(course)(
            **{n: v[i : i + 1] if isinstance(v, np.ndarray) else v for n, v in vars(course).items()}
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
    assert rent_or_own(contract, rate).advantage == pytest.approx(0, abs=1e-8)
    assert rent_or_own(contract, rate + 0.05).advantage > 0 > rent_or_own(contract, rate - 0.05).advantage
    found = rent_or_own(contract)
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
