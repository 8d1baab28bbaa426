"""Annuity arithmetic: published numbers, closed forms, and what must hold whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.models.user_cost import (
    capital_recovery_factor,
    first_rent,
    life_recovered,
    rental_rate,
    resale_rates,
    stack_charge,
    user_cost,
)

RATES, LIVES, FALLS = st.floats(0.0, 0.5), st.floats(0.5, 60), st.floats(-0.1, 0.7)


@pytest.mark.parametrize(("life", "trillion"), [(4, 1.58), (5, 1.32), (6, 1.15), (10, 0.81), (15.4, 0.65)])
def test_charge_on_five_trillion_at_ten_percent(life: float, trillion: float) -> None:
    assert 5 * capital_recovery_factor(0.10, life) == pytest.approx(trillion, abs=0.005)


def test_the_bars_of_jpmorgan_and_of_a_perpetuity() -> None:
    assert life_recovered(650 / 5000, 0.10) == pytest.approx(15.4, abs=0.05)
    assert 5000 * capital_recovery_factor(0.10, 1e6) == pytest.approx(500)
    assert stack_charge(5.0, 0.10, ((0.5, 5), (0.5, 15.4))) == pytest.approx(0.98, abs=0.005)
    assert stack_charge(5.0, 0.10, ((1.0, 5),)) == pytest.approx(1.32, abs=0.005)


def test_resale_values_of_a_gpu() -> None:
    first, later = resale_rates((1, 3), ((0.60 + 0.65) / 2, (0.25 + 0.35) / 2))
    assert first == pytest.approx(0.47, abs=0.005)
    assert later == pytest.approx(0.37, abs=0.005)


def test_one_year_and_no_interest_have_plain_answers() -> None:
    assert user_cost(100, 0.10, 1).user_cost == pytest.approx(110)
    assert user_cost(100, 0.0, 4).user_cost == pytest.approx(25)
    assert user_cost(100, 0.0, 4, opex=3).charge_at_constant_price == pytest.approx(28)


@settings(deadline=None)
@given(rate=RATES, life=st.integers(1, 40), fall=FALLS)
def test_rents_repay_the_price_exactly(rate: float, life: int, fall: float) -> None:
    rent = first_rent(rate, life, fall)
    worth = sum(rent * (1 - fall) ** (t - 1) / (1 + rate) ** t for t in range(1, life + 1))
    assert worth == pytest.approx(1.0, rel=1e-8)


@settings(deadline=None)
@given(rate=RATES, life=LIVES)
def test_the_factor_is_the_user_cost_at_a_constant_price(rate: float, life: float) -> None:
    found = user_cost(250.0, rate, life)
    assert found.user_cost == pytest.approx(250 * found.crf)
    assert found.crf == pytest.approx(rate + found.depreciation)
    if life >= 1:
        assert found.straight_line >= found.user_cost * (1 - 1e-9)


@settings(deadline=None)
@given(rate=RATES, life=LIVES, fall=st.floats(0, 0.7))
def test_user_cost_is_interest_wear_and_price_fall(rate: float, life: float, fall: float) -> None:
    found = user_cost(10.0, rate, life, price_decline=fall, opex=1.0)
    assert found.user_cost == pytest.approx(10 * (rate + found.depreciation + fall) + 1)
    assert found.depreciation >= -1e-9
    dearer = user_cost(10.0, rate, life, price_decline=min(0.9, fall + 0.05), opex=1.0)
    if life > 1:
        assert dearer.user_cost > found.user_cost
    assert user_cost(10.0, rate, 2 * life, price_decline=fall).user_cost <= found.user_cost


@settings(deadline=None)
@given(rate=st.floats(0.0, 0.5), life=st.floats(1, 50))
def test_life_is_recovered_from_the_charge(rate: float, life: float) -> None:
    charge = capital_recovery_factor(rate, life)
    assume(charge > rate + 1e-6)
    assert life_recovered(charge, rate) == pytest.approx(life, rel=1e-4)


def test_a_charge_below_interest_never_repays() -> None:
    with pytest.raises(InputError, match="never repays"):
        life_recovered(0.09, 0.10)


@settings(deadline=None)
@given(rate=st.floats(0.01, 0.3), fall=st.floats(-0.005, 0.6), life=st.floats(1, 40))
def test_rent_of_constant_scrapping_is_interest_scrapping_and_price_fall(
    rate: float, fall: float, life: float
) -> None:
    found = rental_rate(np.array(rate), np.array(fall), np.array(life), np.array(1.0))
    assert found == pytest.approx(np.log1p(rate) + fall + np.log(2) / life, rel=1e-6)


def test_rent_of_sudden_death_is_the_factor_in_continuous_time() -> None:
    r = np.log1p(0.10)
    found = rental_rate(np.array(0.10), np.array(0.0), np.array(5.0), np.array(400.0))
    assert found == pytest.approx(r / (1 - np.exp(-5 * r)), rel=5e-3)


def test_rents_go_draw_by_draw() -> None:
    rng = np.random.default_rng(0)
    w, d, life, shape = (
        rng.uniform(low, high, (4, 3)) for low, high in ((0.05, 0.15), (0, 0.3), (3, 20), (1, 4))
    )
    together = rental_rate(w, d, life, shape)
    assert together.shape == (4, 3)
    alone = rental_rate(w[2, 1], d[2, 1], life[2, 1], shape[2, 1])
    assert together[2, 1] == pytest.approx(float(alone))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 0.1, 5), "price 0"),
        ((100, -0.1, 5), "cost of capital -0.1"),
        ((100, 0.1, 0), "life 0"),
        ((100, float("nan"), 5), "cost of capital nan"),
    ],
)
def test_impossible_values_are_refused_by_name(arguments: tuple[float, float, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        user_cost(*arguments)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        user_cost(-1, 0.1, -2, price_decline=1.0, opex=-3)
    assert [line.split(" ")[0] for line in str(caught.value).splitlines()] == [
        "price",
        "life",
        "price",
        "opex",
    ]
