"""The results on the entry game that the exhibits read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from overbuild.games.asked import Asked
from overbuild.games.entry import CLASSES, DILEMMA, EntryGame, class_of
from overbuild.games.entry_map import class_map, prior_classes, quantal_branches


@pytest.fixture(scope="module")
def asked(project_data: Path) -> Asked:
    return Asked(project_data, date(2026, 11, 22), quick=True)


def test_the_map_holds_the_class_of_each_cell(asked: Asked):
    found = class_map(asked)
    row, column = 60, 40
    game = EntryGame(
        found["firms"], surplus=found["surplus"][row], business_at_risk=found["business_at_risk"][column],
        expansion=found["expansion"], pass_through=found["pass_through"], rented=0.5,
    )  # fmt: skip
    assert found["classes"] == list(CLASSES)
    assert CLASSES[found["codes"]["0.5"][row][column]] == class_of(game)


def test_the_trap_has_a_fold_and_games_with_several_equilibria_are_rare(asked: Asked):
    found = quantal_branches(asked)
    assert found["class"] == "trap" and [b["principal"] for b in found["branches"]] == [True, False]
    assert found["several"]["main"]["at_own"] < 0.02
    assert found["several"]["neutral"]["by_precision"][-1] > found["several"]["main"]["by_precision"][-1]
    json.dumps(found, allow_nan=False)


def test_renting_makes_dilemmas_rarer_and_asking_twice_gives_the_same(asked: Asked):
    found = prior_classes(asked)
    for pair in (("strict_dilemma", "trap"), DILEMMA):
        shares = [sum(s[name] for name in pair) for s in found["rented"].values()]
        assert shares == sorted(shares, reverse=True)
    dilemma = [sum(s[name] for name in DILEMMA) for s in found["at_risk"].values()]
    assert dilemma == sorted(dilemma) and 0.33 < dilemma[-1] < 0.43
    assert found["patience"]["main"]["q05"] < found["patience"]["main"]["q95"] < 1
    assert prior_classes(asked) == found
