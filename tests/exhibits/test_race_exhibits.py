"""The exhibits and numbers of the race draw what the game filed; a made-up result, nothing is solved."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_race import numbers
from overbuild.exhibits.registry import HINDCAST, make
from overbuild.exhibits.tables import save
from overbuild.games.race_scenarios import OF_TELECOM, SCENARIOS, Outcome

from .prose import check_defined

YEARS = 12


def outcome(ratio: float) -> dict[str, float]:
    return asdict(Outcome(ratio, 2 * ratio, 8.0, 0.02, 0.98, 0.4, 0.1, 0.4, 0.7, 0.2, 0.03, 0.1, 0.05))


def scenario(identity: str, title: str, ratio: float) -> dict[str, Any]:
    ranges = {f.name: {"q10": -0.1, "q50": 0.0, "q90": 0.2} for f in fields(Outcome)}
    ranges["capacity_to_social"] = {"q10": ratio - 0.1, "q50": ratio, "q90": ratio + 0.2}
    return {"id": identity, "title": title, "middle": outcome(ratio), "draws": 4, "ranges": ranges}


def path(level: float) -> dict[str, list[float | None]]:
    return {
        "capacity": [level * y for y in range(YEARS)],
        "idle": [0.01 * level] * YEARS,
        "price": [None, *[0.5] * (YEARS - 1)],
        "below_cost": [0.4] * YEARS,
        "excess": [0.1] * YEARS,
    }


def episode(wanted: tuple[str, ...], ratio: float) -> dict[str, Any]:
    return {
        "spec": {
            "firms": 5,
            "levels": 6,
            "market": [1.0, 2.0, 4.0],
            "depreciation": 0.25,
            "persistence": 0.8,
        },
        "full_cost": 0.4,
        "states": 23328,
        "exact": {"outcome": outcome(ratio), "equilibria": [{"starts": 4}], "residual": 1e-9},
        "planner_below": 0.3,
        "paths": {"race": path(1.2), "joint": path(0.5), "social": path(1.0)},
        "after_fall": path(20.0) | {"idle": [0.5 * 0.8**y for y in range(YEARS)]},
        "scenarios": [scenario(s.id, s.title, ratio) for s in SCENARIOS if s.id in wanted],
        "sweep": [outcome(ratio), outcome(ratio) | {"at_top": 0.2}],
        "drivers": {"prize": 0.8, "elasticity": -0.3, "cost_of_capital": 0.1},
        "failed": 0,
        "market_clears": {"social": 1.05, "joint": 2.0, "society": 0.02},
        "lattice": {
            "firms": 3,
            "unit": {"social": 1.0, "joint": 1.9, "society": 0.03},
            "half": {"social": 1.0, "joint": 1.8, "society": 0.02},
        },
        "smoothing": [{"factor": f, "social": 1.0 * f, "joint": 2.0} for f in (0.5, 1.0, 2.0)],
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    signs = [
        {
            "competition": c, "parameter": p, "value": v, "gap": g * (1 + v), "overshoot": g, "peak": 1.0,
            "ratio": 1 + v, "equilibria": n, "starts": ["even"],
        }
        for c, p, g in (
            ("prices", "depreciation", 0.3), ("prices", "depreciation", 0.2), ("prices", "scrap", 0.3),
            ("quantities", "depreciation", 0.1),
            ("quantities", "substitution", 0.1),
        )
        for v, n in ((0.1, 1), (0.2, 1), (0.3, 2), (0.3, 2))
    ]  # fmt: skip
    return {
        "race": {
            "as_of": "2026-11-22",
            "episodes": {
                "ai": episode(tuple(s.id for s in SCENARIOS), 1.1),
                "telecom": episode(OF_TELECOM, 1.2),
            },
            "accuracy": [
                {
                    "episode": e,
                    "firms": n,
                    "states": 648,
                    "reduced": 378,
                    "gaps": {"capacity": g, "owners": 0.0},
                }
                for e, g in (("ai", 0.01), ("telecom", -0.02))
                for n in (3, 5)
            ],
            "signs": signs,
        }
    }


def test_figure_draws_race_and_planners_of_both_eras(results: dict[str, Any]) -> None:
    made = make("race_paths", Inputs(results))
    assert isinstance(made, Figure) and HINDCAST in made.note and "no data are fitted" in made.note
    planner = where(made.data, era="ai", what="capacity", rule="social")
    assert floats(planner, "value")[-1] == 1.0
    assert floats(where(made.data, era="ai", what="capacity", rule="race"), "value")[-1] == pytest.approx(1.2)
    price = floats(where(made.data, era="telecom", what="price", rule="joint"), "value")
    assert np.isnan(price[0]) and price[1] == pytest.approx(1.25)
    assert set(where(made.data, what="fallen")["rule"]) == {"race"}
    assert "1.10 (1.00–1.30) for AI" in made.note


def test_table_has_every_counterfactual_of_both_eras(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("race_counterfactuals", Inputs(results))
    assert isinstance(made, Table) and HINDCAST in made.note
    assert len(made.frame) == len(SCENARIOS) + len(OF_TELECOM)
    assert [e for e in made.frame["era"].tolist() if e] == ["AI", "Telecom"]
    assert made.frame["social"].tolist()[0] == "1.10 (1.00–1.30)"
    assert (
        "positive analysis" in made.note
        and "4 quasi-random draws from them, the same in every row" in made.note
    )
    save(made, tmp_path)


def test_every_number_of_the_section_is_defined(results: dict[str, Any]) -> None:
    made = {"race": numbers(results)}
    check_defined("race", made, more_than=50)


def test_numbers_say_what_moves_the_ratio_and_where_the_lattice_ends(results: dict[str, Any]) -> None:
    made = numbers(results)
    assert made["ai"]["driver"]["name"]["text"] == "prize"
    assert made["ai"]["driver"]["next_name"]["text"] == "elasticity"
    assert made["ai"]["cut"]["value"] == 1
    assert made["smoothing"]["most"]["text"] == "100.0"
    assert made["accuracy"]["n3"]["worst"]["text"] == "2.0"
    assert made["signs"]["scrap"]["last_at"]["text"] == "30"
    assert made["signs"]["depreciation"]["last_at"]["text"] == "20"
    assert made["signs"]["led"]["high"]["text"] == "39" and made["signs"]["others"]["low"]["text"] == "26"
    assert made["demand_states"]["fall"]["text"] == "75" and made["demand_states"]["chance"]["text"] == "1.0"
