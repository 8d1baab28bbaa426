"""The perpetual inventory keeps its books at every step, and meets its closed forms."""

from __future__ import annotations

from math import gamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.models.inventory import (
    Inventory,
    Kernels,
    capacity,
    discrepancy,
    inventory,
    make_kernels,
    replacement_value,
    step,
    straight_line,
    with_past,
)

ROUNDING = 1e-12


def _kernels(
    life: float, shape: float, lag: float, periods: int, per_year: int = 4, draws: int = 1
) -> Kernels:
    one = np.ones((draws, 1))
    return make_kernels(life * one, shape * one, lag * one, lag_shape=2.0, periods=periods, per_year=per_year)


def _constant(value: float, periods: int) -> NDArray[np.float64]:
    return np.full((1, periods, 1), value)


@settings(max_examples=40, deadline=None)
@given(
    spent=st.lists(st.floats(0, 1e6), min_size=2, max_size=30),
    life=st.floats(0.3, 40),
    shape=st.floats(0.5, 8),
    lag=st.floats(0, 5),
    per_year=st.sampled_from([1, 4]),
)
def test_books_balance_at_every_step(
    spent: list[float], life: float, shape: float, lag: float, per_year: int
) -> None:
    flows = np.array(spent)[None, :, None]
    made = inventory(flows, _kernels(life, shape, lag, len(spent), per_year))
    assert discrepancy(made) < ROUNDING
    for stock in (made.capital, made.in_progress, made.completed, made.scrapped):
        assert (stock >= -1e-9 * (1 + flows.max())).all()
    total = made.scrapped.sum() + made.capital[0, -1, 0] + made.in_progress[0, -1, 0]
    assert total == pytest.approx(flows.sum(), rel=1e-9, abs=1e-9)
    assert made.survivors().sum() == pytest.approx(made.capital[0, -1, 0], rel=1e-9, abs=1e-9)


def test_a_broken_book_is_noticed() -> None:
    made = inventory(_constant(1.0, 20), _kernels(5, 2, 1.5, 20))
    capital = made.capital.copy()
    capital[0, 7, 0] += 0.01
    broken = Inventory(made.spent, made.completed, made.scrapped, capital, made.in_progress, made.kernels)
    assert discrepancy(broken) > 1e-4


def test_constant_scrapping_is_geometric_depreciation() -> None:
    life, periods = 5.0, 400
    rate = np.log(2) / life
    made = inventory(_constant(1.0, periods), _kernels(life, 1.0, 0.0, periods))
    kept = np.exp(-rate / 4)
    assert made.scrapped[0, 200, 0] == pytest.approx(
        (1 - kept) * made.capital[0, 199, 0] + (1 - np.exp(-rate / 8)), rel=1e-9
    )
    assert made.capital[0, -1, 0] == pytest.approx(np.exp(-rate / 8) / (1 - kept), rel=1e-5)


def test_steady_state_holds_mean_life_and_mean_lag_times_the_flow() -> None:
    made = inventory(_constant(1.0, 800), _kernels(6.0, 2.5, 1.5, 800))
    mean_life = 6.0 / np.log(2) ** (1 / 2.5) * gamma(1 + 1 / 2.5)
    assert made.capital[0, -1, 0] / 4 == pytest.approx(mean_life, rel=1e-3)
    assert made.in_progress[0, -1, 0] / 4 == pytest.approx(1.5, rel=2e-3)


def test_going_step_by_step_is_going_at_once() -> None:
    rng = np.random.default_rng(1)
    spent = rng.lognormal(size=(3, 25, 2))
    life, shape, lag = rng.uniform(2, 9, (3, 2)), rng.uniform(1, 3, (3, 2)), rng.uniform(0.5, 2, (3, 2))
    kernels = make_kernels(life, shape, lag, lag_shape=2.0, periods=25, per_year=4)
    made = inventory(spent, kernels)
    completed, in_progress, capital = step(spent[:, :13], made.completed[:, :12], kernels)
    assert completed == pytest.approx(made.completed[:, 12])
    assert in_progress == pytest.approx(made.in_progress[:, 12])
    assert capital == pytest.approx(made.capital[:, 12])


def test_half_is_gone_at_the_median_and_later_spending_cannot_change_earlier_stocks() -> None:
    spent = _constant(0.0, 60)
    spent[0, 0] = 1.0
    made = inventory(spent, _kernels(5.125, 3.0, 0.0, 60))
    assert made.capital[0, 20, 0] == pytest.approx(0.5)
    changed = spent.copy()
    changed[0, 30:] = 9.0
    assert inventory(changed, made.kernels).capital[0, :30] == pytest.approx(made.capital[0, :30])


@pytest.mark.parametrize("omega", [0.0, 0.4, 1.0])
def test_capacity_by_embodied_and_disembodied_progress(omega: float) -> None:
    made = inventory(_constant(1.0, 9), _kernels(5, 2, 0.0, 9, per_year=1))
    one = np.ones((1, 1))
    found = capacity(made, 0.3 * one, 1.15 * one, omega * one)[0, 0]
    left = made.survivors()[0, :, 0]
    by_hand = np.exp(1.15 * 8) ** omega * sum(left[v] * np.exp(0.3 * v) ** (1 - omega) for v in range(9))
    assert found == pytest.approx(by_hand)


def test_fibre_is_multiplied_whole_and_chips_only_by_new_vintages() -> None:
    made = inventory(_constant(1.0, 9), _kernels(500.0, 1.0, 0.0, 9, per_year=1))
    one = np.ones((1, 1))
    assert capacity(made, one, one, one)[0, 0] == pytest.approx(np.exp(8) * made.capital[0, -1, 0])
    assert capacity(made, one, one, 0 * one)[0, 0] < np.exp(8) * made.capital[0, -1, 0] / 5


def test_replacement_value_is_capital_where_prices_stand_still_and_less_where_they_fall() -> None:
    made = inventory(_constant(1.0, 30), _kernels(5, 2, 1.0, 30))
    zero = np.zeros((1, 1))
    assert replacement_value(made, zero) == pytest.approx(made.capital[:, -1])
    assert (replacement_value(made, zero + 0.3) < made.capital[:, -1]).all()


def test_accounts_write_off_all_and_no_more_than_the_cost() -> None:
    completed = _constant(0.0, 40)
    completed[0, 0] = 100.0
    found = straight_line(completed, np.full((1, 1), 5.0), 4)[0, :, 0]
    assert found.sum() == pytest.approx(100.0)
    assert found[1:20] == pytest.approx(np.full(19, 5.0))
    assert found[0] == pytest.approx(2.5)
    assert found[21:] == pytest.approx(np.zeros(19), abs=1e-12)


def test_spending_before_the_record_grows_into_it() -> None:
    found = with_past(_constant(8.0, 2), np.full((1, 1), np.log(2)), 3)
    assert found[0, :, 0] == pytest.approx([1, 2, 4, 8, 8])


@pytest.mark.parametrize(("life", "shape", "lag"), [(0, 2, 1), (5, 0, 1), (5, 2, -1)])
def test_impossible_lives_are_refused(life: float, shape: float, lag: float) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        _kernels(life, shape, lag, 5)
