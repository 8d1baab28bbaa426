"""The entry game: slope of interaction, classes against enumeration, what follows for owners and users."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.games.binary import (
    BinaryGame,
    best_profile,
    class_of_profiles,
    from_symmetric,
    pure_profiles,
    to_symmetric,
)
from overbuild.games.entry import (
    CLASSES,
    TITLES,
    EntryGame,
    PayoffTable,
    advantage,
    best_number,
    class_of,
    class_shares,
    classify,
    users_surplus,
    welfare,
)
from overbuild.games.nash import mixed_equilibria, pure_equilibria, welfare_loss

SHARE = st.floats(0, 1)
SIZE = st.floats(0, 4)


@st.composite
def entry_games(draw: Any, most: int = 20, widest: float = 1.5) -> EntryGame:
    return EntryGame(
        draw(st.integers(2, most)),
        base=draw(st.floats(-3, 3)),
        surplus=draw(SIZE),
        expansion=draw(st.floats(0, widest)),
        pass_through=draw(SHARE),
        rented=draw(SHARE),
        business_at_risk=draw(SIZE),
        late_penalty=draw(st.one_of(st.just(0.0), st.floats(0, 1))),
        cost=draw(st.floats(0.1, 3)),
        regret=draw(st.one_of(st.just(0.0), st.floats(0, 1))),
    )


@st.composite
def tables(draw: Any, most: int = 5) -> PayoffTable:
    firms = draw(st.integers(2, most))
    rows = st.lists(st.floats(-3, 3), min_size=firms, max_size=firms)
    return PayoffTable(np.array(draw(rows)), np.array(draw(rows)))


def clear(game: EntryGame | PayoffTable) -> bool:
    """Return whether no decision of the class hangs on a difference that rounding could turn."""
    w = np.sort(welfare(game))
    worse = game.builder_payoff([game.firms])[0] - game.holder_payoff([0])[0]
    return bool(np.abs(advantage(game)).min() > 1e-9 and abs(worse) > 1e-9 and w[-1] - w[-2] > 1e-9)


@given(entry_games())
def test_the_slope_of_interaction_is_the_one_claimed(game: EntryGame):
    n, m = game.firms, np.arange(game.firms - 1)
    stolen = (1 - game.rented) * (1 - game.pass_through) * game.business_at_risk / n  # type: ignore[operator]
    thins = game.surplus * ((m + 1) ** (game.expansion - 1) - (m + 2) ** (game.expansion - 1))  # type: ignore[operator]
    slope = stolen + game.regret / n - thins + game.late_penalty * (m == 0)  # type: ignore[operator]
    assert np.diff(advantage(game)) == pytest.approx(slope, abs=1e-12)
    if game.surplus == 0 or game.expansion >= 1:  # type: ignore[operator]
        assert (np.diff(advantage(game)) >= -1e-12).all()


@given(entry_games())
def test_a_builder_gains_no_more_than_the_others_lose(game: EntryGame):
    lost = game.holder_payoff([0])[0] - game.holder_payoff([1])[0] - game.late_penalty
    thief = EntryGame(game.firms, surplus=0, pass_through=game.pass_through, rented=game.rented,
                      business_at_risk=game.business_at_risk, cost=0)  # fmt: skip
    gained = thief.builder_payoff([1])[0]
    assert gained <= (game.firms - 1) * lost + 1e-12
    assert welfare(thief)[1] <= 1e-12


@given(st.one_of(entry_games(most=5), tables()))
@settings(max_examples=150, deadline=None)
def test_the_class_is_that_of_the_enumerated_pure_equilibria(game: EntryGame | PayoffTable):
    if not clear(game):
        return
    written = from_symmetric(game)
    found = pure_profiles(written)
    assert class_of_profiles(written) == class_of(game)
    counted = {n: sum(sum(p) == n for p in found) for n in {sum(p) for p in found}}
    assert {e.builders: e.profiles for e in pure_equilibria(game)} == counted
    assert all(e.strict for e in pure_equilibria(game)) and counted and all(found.values())
    again = to_symmetric(written)
    assert again is not None and advantage(again) == pytest.approx(advantage(game), abs=1e-12)


@given(entry_games(), st.floats(0.1, 10), st.floats(-5, 5))
def test_the_class_does_not_hang_on_units_or_on_what_is_earned_anyway(
    game: EntryGame, scale: float, b: float
):
    if not clear(game):
        return
    n = np.arange(game.firms + 1)
    other = PayoffTable(
        scale * game.builder_payoff(n[1:]) + b, scale * game.holder_payoff(n[:-1]) + b,
        scale * np.asarray(game.regret),
    )  # fmt: skip
    assert class_of(other) == class_of(game)


def test_every_game_has_one_class_and_every_class_occurs():
    rng, draws = np.random.default_rng(1), 20_000
    game = EntryGame(
        5,
        surplus=rng.gamma(2, 0.7, draws),
        expansion=rng.uniform(0, 1.5, draws),
        pass_through=rng.random(draws),
        rented=rng.random(draws),
        business_at_risk=rng.gamma(2, 0.7, draws),
        late_penalty=rng.exponential(0.2, draws),
    )
    codes = classify(game)
    assert codes.shape == (draws,) and set(codes.tolist()) == set(range(len(CLASSES)))
    assert set(TITLES) == set(CLASSES)
    assert sum(class_shares(game).values()) == pytest.approx(1)
    assert class_shares(game, (codes == 2).astype(float))["congestion"] == 1
    one = EntryGame(5, **{f: np.asarray(getattr(game, f))[7] for f in ("surplus", "expansion", "pass_through",
                    "rented", "business_at_risk", "late_penalty")})  # fmt: skip
    assert class_of(one) == CLASSES[codes[7]]
    assert advantage(one) == pytest.approx(advantage(game)[7], abs=1e-14)


@given(entry_games(widest=1.0))
def test_no_stag_hunt_without_gains_from_each_other_and_holding_that_dominates_is_best(game: EntryGame):
    if clear(game):
        assert class_of(game) != "stag_hunt"


@given(entry_games())
def test_where_holding_dominates_nobody_building_is_best_for_owners(game: EntryGame):
    if clear(game) and class_of(game) == "hold":
        assert best_number(game) == 0 and welfare_loss(game)[0] == 0


@given(entry_games())
def test_regret_moves_choices_and_not_welfare(game: EntryGame):
    calm = EntryGame(**{**vars(game), "regret": 0.0})
    assert (welfare(game) == welfare(calm)).all()
    assert (advantage(game) >= advantage(calm)).all()


def test_welfare_counts_each_firm_once():
    game = EntryGame(3, base=0.4, surplus=1.2, expansion=0.6, pass_through=0.3, rented=0.2,
                     business_at_risk=0.8, late_penalty=0.1, regret=5.0)  # fmt: skip
    payoffs = from_symmetric(game).payoffs
    assert welfare(game) == pytest.approx(
        [
            payoffs[:, 0, 0, 0].sum(),
            payoffs[:, 1, 0, 0].sum(),
            payoffs[:, 0, 1, 1].sum(),
            payoffs[:, 1, 1, 1].sum(),
        ]
    )


def test_users_gain_the_area_above_the_price():
    from scipy.integrate import quad

    game = EntryGame(4, surplus=1.3, expansion=0.4, pass_through=0.25, rented=0.5, business_at_risk=2.0)
    for n in range(1, 5):
        area = quad(lambda k: 1.3 * k ** (0.4 - 1), 1, n)[0] + 1.3 - 1.3 * n**0.4
        assert users_surplus(game)[n] == pytest.approx(area)
    more = users_surplus(game, first=0.5, passed_on=1.0) - users_surplus(game)
    lost = [0.75 * 0.5 * 2.0 * n * (4 - n) / 4 for n in range(5)]
    assert more == pytest.approx(np.array([0, 0.65, 0.65, 0.65, 0.65]) + lost)
    near = [users_surplus(EntryGame(4, surplus=1.3, expansion=e))[-1] for e in (0.0, 1e-9)]
    assert near[0] == pytest.approx(near[1], abs=1e-6) == pytest.approx(1.3 * np.log(4))
    assert (users_surplus(EntryGame(4, surplus=1.3, expansion=1.2)) == 0).all()


def test_an_indifferent_firm_holds_and_ties_of_the_best_go_to_more_builders():
    nothing = PayoffTable(np.zeros(3), np.zeros(3))
    assert class_of(nothing) == "hold" and best_number(nothing) == 3
    assert [e.builders for e in pure_equilibria(nothing)] == [0, 1, 2, 3]
    assert not any(e.strict for e in pure_equilibria(nothing))


@given(st.integers(2, 4).flatmap(lambda n: st.lists(st.integers(-1, 1), min_size=2 * n, max_size=2 * n)))
@settings(deadline=None)
def test_games_with_ties_are_the_same_game_written_out(payoffs: list[int]):
    builder, holder = np.array(payoffs, float).reshape(2, -1)
    game = PayoffTable(builder, holder)
    written = from_symmetric(game)
    found = {(sum(p), strict) for p, strict in pure_profiles(written).items()}
    assert {(e.builders, e.strict) for e in pure_equilibria(game)} == found
    assert class_of_profiles(written) == class_of(game)
    assert sum(best_profile(written)) == best_number(game)


def test_an_equilibrium_with_an_indifferent_firm_is_one_but_not_strict():
    row, column = np.array([[4.0, 0.0], [3.0, 2.0]]), np.array([[0.0, 1.0], [2.0, 2.0]])
    game = BinaryGame(("row", "column"), np.stack([row, column]))
    assert pure_profiles(game) == {(1, 1): False}
    assert class_of_profiles(game) == "mixed"


def test_the_dilemma_of_two_and_the_mixed_equilibrium_of_chicken():
    dilemma = PayoffTable(np.array([10.0, 3.0]), np.array([9.0, 1.0]))
    assert class_of(dilemma) == "strict_dilemma"
    assert [(e.builders, e.welfare_loss) for e in pure_equilibria(dilemma)] == [(2, 12.0)]
    chicken = PayoffTable(np.array([2.0, -1.0]), np.array([0.0, 0.0]))
    assert class_of(chicken) == "chicken"
    assert [(e.builders, e.profiles) for e in pure_equilibria(chicken)] == [(1, 2)]
    (mixed,) = mixed_equilibria(chicken)
    assert mixed.share == pytest.approx(2 / 3)
    assert mixed.welfare_loss == pytest.approx(2 - (2 * 2 / 3 * 1 / 3 * 2 - 4 / 9 * 2))


def test_unlike_firms_without_a_pure_equilibrium_are_mixed():
    row = np.array([[1.0, 0.0], [0.0, 9.0]])
    game = BinaryGame(("row", "column"), np.stack([row, np.where(row > 0, 0.0, 1.0)]))
    assert pure_profiles(game) == {} and class_of_profiles(game) == "mixed" and to_symmetric(game) is None


def test_the_cost_from_its_parts():
    game = EntryGame.from_costs(2, 1.0, outlay=3.0, funds=2.0, outside_premium=0.5, salvage=0.25)
    assert game.cost == 3.0 + 0.5 - 0.25
    assert EntryGame.from_costs(2, 1.0, outlay=3.0).cost == 3.0


def test_every_parameter_out_of_range_is_told():
    with pytest.raises(InputError) as told:
        EntryGame(1, surplus=-1.0, pass_through=1.5, cost=-2.0, base=np.nan)
    assert [line.split(" = ")[0] for line in str(told.value).splitlines()] == [
        "firms", "base", "surplus", "pass_through", "cost",
    ]  # fmt: skip
    with pytest.raises(InputError, match="one number, or one for each draw"):
        EntryGame(2, surplus=np.ones(3), cost=np.ones(4))
    with pytest.raises(InputError, match="N of each"):
        PayoffTable(np.zeros(3), np.zeros(2))
