"""One call for both eras: books balance, nothing from later is seen, bars are those published."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from overbuild.core.events import Event
from overbuild.episodes import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError
from overbuild.models import draws_of
from overbuild.models.bayesian import BayesianModel, BayesianPosterior
from overbuild.models.capital import CapitalModel
from overbuild.models.capital_posterior import CapitalPosterior
from overbuild.models.capital_stock import CapitalStock
from overbuild.models.capital_summary import estimate_capital
from overbuild.models.inventory import discrepancy, inventory, make_kernels
from overbuild.models.must_be_true import Scenario, must_be_true, revenue_growth, solve, utilisation
from overbuild.models.prior_file import read_priors
from overbuild.models.required_revenue import (
    Terms,
    capex_to_revenue,
    chips_to_revenue,
    required_revenue,
)
from overbuild.models.sampler import Sampling, load
from overbuild.models.user_cost import capital_recovery_factor
from overbuild.randomness import stream

DAY = date(2026, 11, 22)
DRAWS = 200
SAMPLING = Sampling(chains=4, draws=DRAWS // 4)


def _model(day: date) -> CapitalModel:
    return CapitalModel.of(read_priors().at(day), {}, SAMPLING)


def _learn(episode: str, day: date = DAY, book: DataBook | None = None) -> CapitalPosterior:
    snapshot = (book or DataBook.load()).at(day, episode, also=model_series("capital", episode))
    return _model(day).fit(snapshot, stream(f"test/{episode}"))


def _fit(episode: str, day: date = DAY, book: DataBook | None = None) -> CapitalStock:
    return _learn(episode, day, book).stock


@pytest.fixture(scope="module")
def ai() -> CapitalStock:
    return _fit("ai")


@pytest.fixture(scope="module")
def telecom() -> CapitalStock:
    return _fit("telecom", date(2001, 12, 31))


def test_bars_as_published() -> None:
    assert chips_to_revenue(150) == pytest.approx(600)
    assert capex_to_revenue(500) == pytest.approx(2000)


def test_books_balance_in_both_eras(ai: CapitalStock, telecom: CapitalStock) -> None:
    assert discrepancy(ai.inventory) < 1e-9
    assert discrepancy(telecom.inventory) < 1e-9
    spent = telecom.inventory.spent[:, -telecom.spent.shape[1] :].sum(axis=2)
    assert spent == pytest.approx(np.broadcast_to(telecom.spent.sum(axis=0), spent.shape))
    ai_spent = ai.inventory.spent[:, -ai.spent.shape[1] :].sum(axis=2)
    assert (ai_spent <= ai.spent.sum(axis=0) * (1 + 1e-12)).all()


def test_telecom_had_a_small_charge_and_went_bust_all_the_same(
    ai: CapitalStock, telecom: CapitalStock
) -> None:
    """Obsolescence is not what broke telecom: its capital had to earn half of what AI's must."""
    rates = {}
    for name, era in (("ai", ai), ("telecom", telecom)):
        rates[name] = np.median(era.required().charge.sum(axis=1) / era.inventory.capital[:, -1].sum(axis=1))
    assert 0.10 < rates["telecom"] < 0.18 < rates["ai"] < 0.40
    fibre = telecom.assets.index("fibre")
    assert np.median(telecom.required().charge[:, fibre] / telecom.inventory.capital[:, -1, fibre]) < 0.13
    assert telecom.revenue is None
    assert telecom.data.label == "hindcast on revised data"


@pytest.mark.parametrize(("episode", "day"), [("telecom", date(1999, 12, 31)), ("ai", DAY)])
def test_rows_from_later_change_nothing(episode: str, day: date) -> None:
    book = DataBook.load()
    later = book.table["available_from"] > day
    if episode == "ai":
        extra = book.table.loc[book.table["series"].isin(["ai_run_rate", "capex_cash"])].copy()
        extra = extra.assign(available_from=date(2027, 1, 1), vintage=date(2027, 1, 1))
        table = pd.concat([book.table, extra], ignore_index=True)
        later = table["available_from"] > day
    else:
        table = book.table.copy()
    assert bool(np.any(later))
    table.loc[later, "value"] *= 1e6
    learnt, again = _learn(episode, day), _learn(episode, day, replace(book, table=table))
    clean, poisoned = learnt.stock, again.stock
    for name in ("accounting_new_life", "accounting_error"):
        assert (learnt.sampled.draws(name) == again.sampled.draws(name)).all()
    assert clean.data.digest == poisoned.data.digest
    assert clean.required().total == pytest.approx(poisoned.required().total, rel=0, abs=0)
    if clean.revenue is not None:
        assert poisoned.revenue is not None
        assert clean.revenue.high == poisoned.revenue.high


def test_asking_twice_gives_the_same_and_other_draws_differ(ai: CapitalStock) -> None:
    assert (_fit("ai").required().total == ai.required().total).all()


def test_required_revenue_of_one_new_machine_is_its_constant_price_bar() -> None:
    one = np.ones((1, 1))
    kernels = make_kernels(5 * one, 200 * one, 0 * one, lag_shape=2.0, periods=1, per_year=4)
    made = inventory(np.full((1, 1, 1), 100.0), kernels)
    terms = Terms(0.1 * one[0], 0 * one, 5 * one, 200 * one, 0.04 * one[0])
    found = required_revenue(made, terms)
    assert found.at_constant_price[0] == pytest.approx(100 * capital_recovery_factor(0.1, 5) + 4)
    assert found.total[0] == pytest.approx(found.at_constant_price[0], rel=0.06)
    dearer = required_revenue(made, replace(terms, price_fall=0.3 * one))
    assert dearer.total[0] > found.total[0]
    assert found.cover(found.total) == pytest.approx(1.0)


def test_bounds_contain_each_other_and_completion_raises_the_bar(ai: CapitalStock) -> None:
    assert ai.revenue is not None
    assert ai.revenue.low == max(ai.revenue.layers.values())
    assert ai.revenue.high == sum(ai.revenue.layers.values())
    cover = ai.cover()
    assert cover is not None and (cover[0] < cover[1]).all()
    completed = ai.required_when_completed()
    assert (completed.total > ai.required().total).all()


def test_projected_spending_continues_the_record(ai: CapitalStock) -> None:
    later = ai.project("2028Q4", 0.3)
    assert later.spent[:, : ai.spent.shape[1]] == pytest.approx(ai.spent)
    grown = later.spent[0, -1] / later.spent[0, -5]
    assert grown == pytest.approx(1.3)
    assert later.inventory.capital[:, len(ai.periods) - 1] == pytest.approx(ai.inventory.capital[:, -1])


def test_every_lever_closes_the_gap_where_it_says_it_does(ai: CapitalStock) -> None:
    scenario = Scenario("2028Q4", 0.0, 0.4)
    use = np.full(DRAWS, 0.6)
    levers = {lever.name: lever for lever in must_be_true(ai, scenario, use)}
    later = ai.project("2028Q4", 0.0)
    assert ai.revenue is not None
    growth = levers["revenue_growth_from_low"].values
    assert ai.revenue.low * (1 + growth) ** 2.5 == pytest.approx(later.required().total)
    assert (levers["revenue_growth_from_high"].values < growth).all()
    then = np.sqrt(ai.revenue.low * ai.revenue.high) * 1.4**2.5
    for name in ("accelerator_life", "accelerator_price_fall"):
        values = levers[name].values
        solved = np.isfinite(values)
        assert solved.any()
        terms = later.parameters.terms
        field = "median_life" if name.endswith("life") else "price_fall"
        moved = getattr(terms, field).copy()
        moved[solved, 0] = values[solved]
        changed = replace(terms, **{field: moved})
        kernels = make_kernels(
            changed.median_life,
            changed.shape,
            later.parameters.lag,
            lag_shape=later.parameters.lag_shape,
            periods=len(later.periods),
            per_year=4,
        )
        again = required_revenue(inventory(later.inventory.spent, kernels), changed)
        assert again.total[solved] == pytest.approx(np.full(solved.sum(), then), rel=1e-3)


def test_levers_say_when_they_cannot_and_when_they_need_not() -> None:
    low, high = np.zeros(3), np.ones(3)
    found = solve(lambda x: x - np.array([0.5, -1.0, 2.0]), low, high)
    assert found[0] == pytest.approx(0.5, abs=1e-6)
    assert np.isnan(found[1])
    assert np.isneginf(found[2])
    assert np.isnan(utilisation(np.array([0.6]), np.array([1.0]), np.array([2.0]))).all()
    assert revenue_growth(np.array([1.0]), np.array([4.0]), 2.0) == pytest.approx([1.0])


def test_draws_stay_within_their_ends_and_split_adds_up(ai: CapitalStock) -> None:
    rng = np.random.default_rng(0)
    lives = draws_of.lognormal((4.0, 0.25, 2.0, 6.0), 5000, rng)
    assert lives.min() >= 2 and lives.max() <= 6
    assert np.median(lives) == pytest.approx(4.0, rel=0.03)
    assert ai.parameters.split.sum(axis=2) == pytest.approx(np.ones((DRAWS, 1)))


def test_summary_is_plain_json_and_passes() -> None:
    snapshot = DataBook.load().at(DAY, "ai")
    found = estimate_capital(_model(DAY), snapshot, stream("test/summary"))
    text = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert set(text) == {"record", "diagnostics", "summary"}
    assert found.passed
    assert text["record"]["evidence"] == "prior-driven"
    assert len(text["summary"]["accounting_lives"]) == 3


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(InputError, match="needs 5 years"):
        _fit("ai", date(1999, 12, 31))
    with pytest.raises(InputError, match="could not be held"):
        _fit("ai", date(2024, 12, 31))
    telecom = _fit("telecom", date(1999, 12, 31))
    with pytest.raises(InputError, match="No revenue"):
        must_be_true(telecom, Scenario("2003", 0.0, 0.0), np.ones(DRAWS))
    with pytest.raises(InputError, match="is not after"):
        must_be_true(_fit("ai"), Scenario("2025Q4", 0.0, 0.0), np.ones(DRAWS))


def test_model_and_posterior_have_the_form_that_all_have(tmp_path: Path) -> None:
    model: BayesianModel = _model(DAY)
    learnt = _learn("ai")
    posterior: BayesianPosterior = learnt
    assert model.name == "capital"
    assert posterior.compile_seconds == 0
    drawn = model.prior_draw(posterior.data, np.random.default_rng(0))
    tree = posterior.sampled.tree["posterior"].to_dataset()
    assert set(drawn) == {str(name) for name in tree.data_vars}
    for name, value in drawn.items():
        assert np.shape(value) == posterior.sampled.draws(name).shape[1:], name
    assert set(model.ranked) <= set(drawn)
    assert list(tree.coords["firm"].values) == ["Microsoft", "Alphabet", "Meta"]
    again = load(posterior.sampled.save(tmp_path / "capital.nc"))
    assert (again.draws("life") == posterior.sampled.draws("life")).all()
    assert posterior.sampled.diagnostics.r_hat < 1.05


@pytest.mark.parametrize(("episode", "day"), [("ai", DAY), ("telecom", date(1999, 12, 31))])
def test_simulated_data_have_the_statistics_of_their_kind(episode: str, day: date) -> None:
    learnt, model = _learn(episode, day), _model(day)
    actual = model.statistics(learnt.data)
    rng = np.random.default_rng(3)
    last = {name: learnt.sampled.draws(name)[-1] for name in model.ranked}
    for truth in (last, model.prior_draw(learnt.data, rng)):
        made = model.simulated(truth, learnt.data, rng)
        found = model.statistics(made)
        assert set(found) == set(actual)
        assert np.isfinite(list(found.values())).all()
        assert (made.spent == learnt.data.spent).all()
    assert model.fit_data(made, rng).draws("accounting_lag").shape == (DRAWS, len(learnt.data.reported))


@pytest.mark.parametrize("year", range(1997, 2002))
def test_telecom_runs_at_every_date_of_the_hindcast(year: int) -> None:
    learnt = _learn("telecom", date(year, 12, 31))
    found = json.loads(json.dumps(learnt.findings(np.random.default_rng(1)), allow_nan=False))
    assert found["period"] == str(year - 1)
    assert len(found["accounting_lives"]) == 1
    assert found["installed_compute"] is None
    assert "hindcast on revised data" in learnt.sentence()
    assert 0.10 < found["charge_over_capital"]["q50"] < 0.18


def test_every_event_is_abstained_from_with_its_reason() -> None:
    snapshot = DataBook.load().at(DAY, "ai")
    o1 = Event("O1", "primary", "value_over_cost", "below_level", "2028Q4", {"level": 1.0})
    o3 = Event("O3", "severe", "capex", "drawdown", "2028Q4", {"fall": 0.4, "window_years": 3.0})
    made = _learn("ai").forecasts(snapshot, (o1, o3), np.random.default_rng(0))
    assert [f.event for f in made] == ["O1", "O3/severe"]
    assert all(f.probability is None for f in made)
    assert "simulation" in made[0].abstains


def test_findings_say_what_is_believed_and_not_learnt() -> None:
    found = _learn("ai").findings(np.random.default_rng(0))
    named = {row["parameter"]: row for row in found["prior_driven"]}
    assert "median life of accelerator" in named
    assert "share of spending for AI after the ramp" in named
    assert {row["learnt"] for row in named.values()} == {0.0}
    proxy = found["o1_proxy"]
    assert proxy["in_use"]["high"] <= proxy["in_use"]["low"]
    assert proxy["in_use"]["low"] <= proxy["when_completed"]["low"]
    assert "not O1" in proxy["meaning"]
    assert len(json.dumps(found, allow_nan=False)) < 200_000


def test_what_is_believed_is_not_moved_by_the_data() -> None:
    """Lives of assets have the moments of their prior: no likelihood touches them."""
    learnt = _model(DAY).fit_data(_learn("ai").data, np.random.default_rng(1), Sampling(draws=1000))
    assert np.median(learnt.draws("life")[:, 0]) == pytest.approx(4.0, rel=0.02)
    assert np.corrcoef(learnt.draws("life")[:, 0], learnt.draws("accounting_new_life")[:, 0])[0, 1] == (
        pytest.approx(0.0, abs=0.06)
    )
