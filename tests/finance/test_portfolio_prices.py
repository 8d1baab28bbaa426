"""Prices owned and rented: closed forms on a contract made up, and what was known when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.finance.contract import Prepayment, Shell
from overbuild.finance.contract_file import contract_of
from overbuild.finance.portfolio_prices import (
    ASSUMED,
    as_filed,
    assumed,
    context_known,
    contract_known,
    in_the_mean,
    prices,
    terms,
)
from overbuild.locations import data_dir

from .made_up import plain

TODAY = date(2026, 11, 22)
RATE = 0.08
AT = {"shell": 0.0, "shell_recovered": 0.0, "opex": 0.0, "own_years": 6.0, "cost_of_capital": RATE}


def months(first: int, last: int) -> float:
    """Return the present value of one a month."""
    return float(((1 + RATE) ** (-np.arange(first, last + 1) / 12)).sum())


def test_owning_is_the_monthly_annuity_of_outlays_over_the_hours_of_the_life() -> None:
    contract = plain(gpus=50_000.0)
    assert contract.hours is not None
    hours = months(1, 72) * contract.hours / 12
    end = (1 + RATE) ** (-72 / 12)
    assert prices(contract, AT).own == pytest.approx(5.0 / hours, rel=1e-3)
    more = prices(contract, AT | {"shell": 2.0, "shell_recovered": 0.4, "opex": 0.3})
    exact = 5.0 + 2.0 * (1 - 0.4 * end) + 0.3 / 12 * months(1, 72)
    assert more.own == pytest.approx(exact / hours, rel=2e-3)
    down = prices(replace(contract, availability=0.9), AT)
    assert down.own == pytest.approx(5.0 / hours / 0.9, rel=1e-3)


def test_running_cost_that_is_a_share_is_one_of_the_price_an_hour() -> None:
    contract = plain(gpus=50_000.0)
    shared = replace(contract, opex=replace(contract.opex, basis="share"))
    assert contract.price is not None
    more = prices(shared, AT | {"opex": 0.2}).own - prices(shared, AT).own
    assert more == pytest.approx(0.2 * contract.price)


def test_renting_costs_the_price_and_what_an_advance_credited_late_forgoes() -> None:
    contract = plain(gpus=50_000.0)
    assert prices(contract, AT).rent == pytest.approx(contract.price)
    assert prices(replace(contract, availability=0.9), AT).rent == pytest.approx(contract.price)
    advance = replace(contract, prepayment=Prepayment(0.2, 0, (0.0, 0.0, 1.0, 1.0, 1.0)))
    forgone = 0.2 * 6.0 * (1 - months(25, 60) / 36)
    assert contract.price is not None
    exact = contract.price * (1 + forgone / (0.1 * months(1, 60)))
    assert prices(advance, AT).rent == pytest.approx(exact, rel=1e-3)
    assert prices(advance, AT | {"own_years": 4.0}).rent == prices(advance, AT).rent


def test_what_is_assumed_stands_in_the_contract_and_is_drawn_over_its_range() -> None:
    contract = contract_of("iren", data_dir())
    told = {f.key: f for f in contract.figures}
    drawn = assumed(contract, 4000, np.random.default_rng(1))
    mean, filed = in_the_mean(contract), as_filed(contract)
    for name, key in ASSUMED.items():
        unit = 12 if name == "own_years" else 1
        ends = told[key].low, told[key].high
        assert ends[0] is not None
        assert ends[1] is not None
        assert ends[0] / unit <= drawn[name].min() <= drawn[name].max() <= ends[1] / unit
        assert drawn[name].mean() == pytest.approx(mean[name], rel=0.02)
    assert filed["shell"] == contract.shell.cost
    assert filed["own_years"] == contract.equipment.life / 12
    moved = replace(contract, shell=Shell(9.0), figures=())
    assert set(assumed(moved, 3, np.random.default_rng(1))["shell"]) == {9.0}


def test_the_count_of_gpus_moves_both_prices_alike() -> None:
    contract = contract_of("iren", data_dir())
    at = as_filed(contract)
    one, other = prices(contract, at), prices(replace(contract, gpus=60_000), at)
    assert one.own / one.rent == pytest.approx(other.own / other.rent)
    with pytest.raises(InputError, match="gpus"):
        prices(replace(contract, gpus=None), at)


def test_the_shipped_contract() -> None:
    contract = contract_known(data_dir(), TODAY)
    assert terms(contract)["price"] == pytest.approx(2.91, abs=0.005)
    assert prices(contract, as_filed(contract)).rent > contract.price


def test_what_was_not_known_is_refused() -> None:
    with pytest.raises(InputError, match=r"iren_microsoft_2025.*2025-11-03"):
        contract_known(data_dir(), date(2025, 11, 2))
    assert contract_known(data_dir(), date(2025, 11, 3)).name == "iren"
    assert context_known(data_dir(), date(2020, 1, 1)) == {"commitments": {}, "prices": []}


def test_rows_of_grade_d_are_not_shown() -> None:
    found = context_known(data_dir(), TODAY)
    assert {r["grade"] for r in (*found["prices"], *found["commitments"].values())} <= {"A", "B", "C"}
    newest = {(r["series"], r["machine"]): r["period"] for r in found["prices"]}
    assert newest["gpu_rental_index_silicon_data", "H100"] == "2026-06"
