"""Counterfactuals of the contest: against its closed forms at known parameters, and on the eras."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from overbuild.errors import UnknownNameError
from overbuild.games.asked import Asked
from overbuild.games.contest import Contest, symmetric
from overbuild.games.counterfactuals import Usual, cases_of, result
from overbuild.games.dilemma import dilemma
from overbuild.locations import data_dir

USUAL = Usual(subsidy=0.2, cost_of_capital=0.1, life=4.0)
TODAY = date(2026, 11, 22)


def one(r: float, eta: float, sigma: float) -> dict[str, Any]:
    return {
        "decisiveness": np.array([r]),
        "elasticity": np.array([eta]),
        "transfer_share": np.array([sigma]),
    }


def annuity(life: float) -> float:
    return sum(1.1**-t for t in range(1, int(life) + 1)) ** -1


@pytest.mark.parametrize(("r", "eta", "sigma"), [(1.0, 0.5, 0.0), (0.6, 0.3, 0.4), (0.3, 0.7, 0.2)])
def test_cases_are_solutions_of_changed_contests(r, eta, sigma):
    cases = cases_of(one(r, eta, sigma), 5, USUAL)
    base: Any = symmetric(Contest(5, r, eta, sigma))
    planner = base.capacity["planner"]
    assert cases["base"]["over_planner"]["q50"] == pytest.approx(base.overbuild_ratio)
    assert cases["base"]["over_joint"]["q50"] == pytest.approx(base.rivalry_ratio)
    assert cases["restraint"]["over_planner"]["q50"] == pytest.approx(base.capacity["joint_profit"] / planner)
    merged = symmetric(Contest(4, r, eta, sigma))
    assert cases["merger"]["over_planner"]["q50"] == pytest.approx(merged.overbuild_ratio)
    cheaper: Any = symmetric(Contest(5, r, eta, sigma, cost=0.8))
    assert cases["subsidy"]["over_planner"]["q50"] == pytest.approx(cheaper.capacity["equilibrium"] / planner)
    for life in (3.0, 6.0):
        other: Any = symmetric(Contest(5, r, eta, sigma, cost=annuity(life) / annuity(4.0)))
        case = cases[f"life_{life:g}"]
        assert case["level"]["q50"] == pytest.approx(
            other.capacity["equilibrium"] / base.capacity["equilibrium"]
        )
        assert case["over_planner"]["q50"] == pytest.approx(other.overbuild_ratio)


def test_two_firms_cannot_merge_into_a_contest():
    assert "merger" not in cases_of(one(1.0, 0.5, 0.0), 2, USUAL)


def test_both_eras_have_every_case():
    found = result(Asked(data_dir(), TODAY))
    for era in ("ai", "telecom"):
        assert set(found[era]["cases"]) == {"base", "restraint", "subsidy", "merger", "life_3", "life_6"}
        base, restraint = (found[era]["cases"][name]["over_joint"] for name in ("base", "restraint"))
        assert restraint["q05"] == restraint["q95"] == pytest.approx(1.0)
        assert base["q05"] < 1 < base["q95"]
        assert found[era]["tax"]["q05"] < found[era]["tax"]["q95"]


def test_telecom_says_why_nothing_is_learnt():
    found = dilemma(Asked(data_dir(), TODAY), "telecom")
    assert found.classes is None and found.mechanisms is None and not any(found.identified.values())
    assert "hindcast on revised data; one event" in found.sentence()
    assert sum(found.prior_classes.values()) == pytest.approx(1.0)
    assert set(found.to_dict()) >= {"classes", "prior_classes", "mechanisms", "reaction"}


def test_another_seed_gives_other_draws_and_the_same_seed_the_same():
    first, again, other = (
        dilemma(Asked(data_dir(), TODAY, seed=s), "telecom").prior_classes for s in (1, 1, 2)
    )
    assert first == again != other


def test_an_era_without_firms_is_refused():
    with pytest.raises(UnknownNameError, match=r"No episode with firms for a game 'rail'\. Available: ai"):
        dilemma(Asked(data_dir(), TODAY), "rail")


@pytest.mark.slow
def test_the_dilemma_of_ai_stands_beside_its_prior():
    found = dilemma(Asked(data_dir(), TODAY, quick=True), "ai")
    assert found.classes is not None and set(found.classes) == set(found.prior_classes)
    assert found.mechanisms and found.reaction
    assert {m["mechanism"] for m in found.mechanisms} >= {"contest", "regret"} or len(found.mechanisms) == 7
    assert len(found.frame()) == len(found.classes)
