"""Class probabilities and counterfactuals drawn from a small result, and every number of their section."""

from __future__ import annotations

import re
from typing import Any

import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.numbers_dilemma import numbers
from overbuild.exhibits.registry import make
from overbuild.games.entry import CLASSES
from overbuild.locations import paper_dir


def share(prior: float, posterior: float) -> dict[str, float]:
    return {"prior": prior, "prior_error": 0.01, "posterior": posterior, "posterior_error": 0.02}


def reading(moved: float) -> dict[str, Any]:
    return {
        "draws": 4000,
        "effective": 812.4,
        "classes": {name: share(1 / 9, 1 / 9) for name in CLASSES},
        "dilemma": share(0.25, 0.3),
        "builds_alone": share(0.6, 0.65),
        "all_build_is_worse": share(0.8, 0.9),
        "complements": share(0.3, 0.2),
        "moved": moved,
        "moved_error": 0.01,
        "identified": moved > 0.22,
        "unique": {**share(0.6, 0.7), "dilemma": share(0.2, 0.21), "moved": 0.03, "effective": 500.0},
    }


def spread(middle: float) -> dict[str, float]:
    return {"q05": middle / 2, "q50": middle, "q95": 2 * middle}


@pytest.fixture
def results() -> dict[str, Any]:
    priors = ("main", "wide_expansion", "neutral")
    cases = {
        name: {
            "over_planner": spread(0.6),
            "over_joint": spread(1.2),
            "level": spread(1.1),
            "above_planner": 0.3,
        }
        for name in ("base", "restraint", "subsidy", "merger", "life_3", "life_6")
    }
    contest = {"firms": 5, "cases": cases, "tax": spread(-0.2)}
    ranges = {"capacity_to_social": {"q10": 0.9, "q50": 1.05, "q90": 1.3}}
    scenario = {"middle": {"capacity_to_social": 1.05}, "ranges": ranges}
    scenarios = [{"id": name} | scenario for name in ("base", "restraint", "tax", "rental_30", "life_3")]
    return {
        "classes": {
            "panel": {"first": "2016Q3", "last": "2026Q2", "answers": 200, "share": 0.56},
            "posteriors": {p: {"slope": reading(0.05), "literal": reading(0.5)} for p in priors},
            "limit": {p: {"slope": 0.4, "literal": 0.8} for p in priors},
            "rented": {
                s: {p: dict.fromkeys(CLASSES, float(s or 0) / 9) for p in priors} for s in ("0", "0.3", "0.6")
            },
        },
        "counterfactuals": {"subsidy": 0.2, "usual_life": 4.0, "ai": contest, "telecom": contest},
        "race": {"episodes": {era: {"scenarios": scenarios} for era in ("ai", "telecom")}},
    }


def test_a_panel_for_each_prior(results):
    made = make("class_probabilities", Inputs({"classes": results["classes"]}))
    assert isinstance(made, Figure)
    data: Any = made.data
    assert len(data) == 3 * len(CLASSES) * 3
    assert (data[(data["prior"] == "neutral") & (data["reading"] == "prior")]["mc_error"] == 0).all()
    assert "200 answers, 2016Q3 to 2026Q2" in made.note


def test_a_row_a_case_and_empty_cells_where_a_game_has_none(results):
    made = make("counterfactuals", Inputs(results))
    assert isinstance(made, Table)
    rows: Any = made.frame.set_index("what")
    assert rows.loc["As it is", "contest_ai"] == "0.60 (0.30–1.20)"
    assert rows.loc["As it is", "dilemma"] == 0.3
    assert rows.loc["Renting avoids 60 %", "contest_ai"] == ""
    assert rows.loc["Renting avoids 60 %", "dilemma"] == pytest.approx(2 * 0.6 / 9)
    assert rows.loc["Corrective tax", "race_telecom"] == "1.05 (0.90–1.30)"
    assert "hindcast on revised data; one event" in made.note


def test_every_number_of_the_section_is_defined(results):
    made = {"dilemma": numbers(results)}
    text = (paper_dir() / "sections" / "dilemma.typ").read_text(encoding="utf-8")
    names = re.findall(r'#num\("([^"]+)"\)', text)
    names += [f"{n}.{end}" for n in re.findall(r'#between\("([^"]+)"\)', text) for end in ("low", "high")]
    assert len(names) > 40
    for name in names:
        found: Any = made
        for part in name.split("."):
            found = found[part]
        assert set(found) == {"value", "text"}, name
