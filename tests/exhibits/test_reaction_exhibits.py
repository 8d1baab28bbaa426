"""The exhibits and numbers of the reaction functions draw what was found; made-up results, no estimation."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_reaction import numbers
from overbuild.exhibits.reaction_design import SHOWN, TITLES
from overbuild.exhibits.reaction_estimates import SHORT, WORLDS
from overbuild.exhibits.registry import exhibit, make
from overbuild.exhibits.tables import cells, save
from overbuild.games.mechanisms import MECHANISMS, PATTERNS
from overbuild.locations import paper_dir


def estimate(name: str, b: float, **more: Any) -> dict[str, Any]:
    return {
        "estimator": name, "title": name, "b": b, "se": 0.1, "df": 10.0, "low": b - 0.2, "high": b + 0.2,
        "p": 0.3, "p_randomisation": 0.4, "p_wild_time": 0.018, "first_stage": None,
        "left": 0.15, "identified": True, **more,
    }  # fmt: skip


def reaction() -> dict[str, Any]:
    rows = [estimate(n, 0.1 * i) for i, n in enumerate(SHORT)]
    rows[-1] |= {"first_stage": 9.7, "low": None, "high": 1.4, "p_wild_time": None}
    moved = [estimate(n, 0.1) | {"first_stage": 6.0 if n == "giv" else None} for n in SHORT]
    fewer = [r | {"b": 0.36, "low": 0.1, "high": 0.6} if r["estimator"] == "factors_1" else r for r in moved]
    return {
        "estimators": rows,
        "others": {"without Oracle": fewer, "Oracle’s rivals two quarters before": moved},
        "overlap": {"low": 0.23, "high": 0.41, "firms": 3},
        "peers_line": 0.87,
        "rope": 0.1,
        "sentence": "Not identified.",
        "panel": {
            "first": "2018Q3",
            "last": "2026Q2",
            "quarters": 32,
            "correlation": 0.07,
            "strained_firms": {"Amazon": 8, "Oracle": 4},
        },
        "predictions": [
            {"id": "i", "b": 0.9, "low": -0.1, "high": 1.9, "verdict": "undecided"},
            {"id": "ii", "b": -0.1, "low": -0.4, "high": 0.3, "verdict": "undecided"},
            {"id": "v", "b": None, "low": None, "high": None, "verdict": "not testable"},
        ],
        "telecom": {"longest": {"carrier": "SBC", "years": 6}},
    }


def design() -> dict[str, Any]:
    cells_ = [(w, t, q) for w in WORLDS for t, q in ((0.0, 34), (0.3, 34), (0.0, 400))]
    return {
        "rows": [
            {
                "world": w, "truth": t, "quarters": q, "estimator": n, "bias": 0.2, "error": 0.01, "sd": 0.1,
                "q05": 0.0, "q95": 0.4, "coverage": 0.5, "rejects": 0.6, "replications": 200,
            }
            for w, t, q in cells_ for n in TITLES
        ],
        "sizes": [
            {"world": w, "estimator": n, "inference": i, "size": 0.12, "replications": 100}
            for w in WORLDS for n, i in SHOWN
        ],
        "equal_weights": {"identified": {"two_way": False}, "distance": 1e-15},
        "replications": 200, "few": 40, "long": 400, "truth": 0.3,
        "quarters": 34, "level": 0.9, "common": 0.8,
    }  # fmt: skip


def mechanisms() -> dict[str, Any]:
    rates = {"weight": 0.3, "leads": 0.4, "ranked": 0.1, "wrong": 0.05, "wrong_one": 0.3, "count": 60}
    ends = {"b": 0.7, "low": 0.1, "high": 1.3}
    by = ("time effects", "one factor")
    return {
        "mechanisms": [
            {
                "mechanism": m.name, "title": m.title, "pattern": m.pattern, "prior": 1 / 7,
                "posterior": 0.1, "mc_error": 0.0004, "factor": 0.7, "low": 0.05, "high": 0.2,
            }
            for m in MECHANISMS
        ],
        "patterns": dict.fromkeys(PATTERNS, 0.2),
        "coefficients": [
            {
                "by": n, "strained": 12, "values": {"reaction": {"b": 0.06, "se": 0.2}},
                "predictive": dict.fromkeys(PATTERNS, 0.2),
            }
            for n in by
        ],
        "strained": dict.fromkeys(by, ends),
        "quarters": 34,
        "as_first_set": {"leader": None, "low": 1.4, "high": 3.1},
        "panel_calibration": {"stated": 0.19, "squared": 0.21, "error": 0.01, "count": 180},
        "readings": [{"reading": "a", "factor": 1.4}, {"reading": "b", "factor": 3.1}],
        "rule": {"least_factor": 3.0, "readings": 2},
        "identified": False,
        "sentence": "Not identified: nothing is ranked.",
        "found": [{"quarters": q, "truth": p, **rates} for q in (34, 400) for p in PATTERNS],
        "panels": [
            {"quarters": 400, "truth": "none", "shocks": s, **rates} for s in ("common", "product")
        ],
        "calibration": {"stated": 0.23, "squared": 0.231},
    }  # fmt: skip


def guidance() -> dict[str, Any]:
    def case(firm: str, change: float, alike: bool) -> dict[str, Any]:
        return {
            "firm": firm, "period": "2026", "day": "2026-07-29", "before": 190000.0,
            "after": 190000.0 * (1 + change), "change": change, "alike": alike,
            "why_not": "" if alike else "leases are counted otherwise", "raised_before": ["Alphabet"],
            "raised_after": [], "grade": "C", "counted": alike, "dated": firm != "Meta", "apart": "",
        }  # fmt: skip

    names = ("revisions", "alike", "rises", "cuts", "not_alike", "rises_dated", "rises_after_a_rival",
             "statement_days", "statement_days_after_a_rival", "window")  # fmt: skip
    return {
        "cases": [case("Meta", 0.05, True), case("CoreWeave", -0.4, True), case("Microsoft", -0.08, False)],
        "summary": {n: i for i, n in enumerate(names)},
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return {
        "reaction": reaction(),
        "reaction_design": design(),
        "mechanisms": mechanisms(),
        "guidance_cases": guidance(),
    }


def given(identity: str, results: dict[str, Any]) -> Inputs:
    return Inputs({name: results[name] for name in exhibit(identity).needs})


def test_figure_draws_every_estimate_and_every_world(results: dict[str, Any]) -> None:
    made = make("reaction_estimates", given("reaction_estimates", results))
    assert isinstance(made, Figure)
    left = where(made.data, panel="A")
    assert list(left["estimator"]) == list(SHORT)
    assert np.isnan(floats(left, "low")[-1])
    for world in WORLDS:
        assert set(where(made.data, panel="B", world=world)["estimator"]) == set(TITLES)
    assert "0.87" in made.note


def test_table_of_the_design_has_every_estimator_and_inference(
    results: dict[str, Any], tmp_path: Any
) -> None:
    made = make("reaction_design", given("reaction_design", results))
    assert isinstance(made, Table)
    assert len(made.frame) == len(TITLES) + len(SHOWN)
    assert floats(made.frame, "cover_none")[-1] == pytest.approx(0.88)
    save(made, tmp_path)


def test_table_of_mechanisms_keeps_rows_that_cannot_be_parted_together(
    results: dict[str, Any], tmp_path: Any
) -> None:
    made = make("mechanisms", given("mechanisms", results))
    assert isinstance(made, Table)
    assert list(made.frame["letter"]) == ["a", "a", "b", "c", "d", "e", "e"]
    assert "Not identified" in made.note
    save(made, tmp_path)


def test_cases_that_are_not_alike_have_no_change(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("guidance_cases", given("guidance_cases", results))
    assert isinstance(made, Table)
    assert [row[5] for row in cells(made)] == ["+5.0", "−40.0", "not alike"]
    assert [row[2] for row in cells(made)] == ["2026-07-29*", "2026-07-29", "2026-07-29"]
    assert "leases are counted otherwise" in made.note
    save(made, tmp_path)


def test_every_number_of_the_section_is_defined(results: dict[str, Any]) -> None:
    made = {"reaction": numbers(results)}
    text = (paper_dir() / "sections" / "reaction.typ").read_text(encoding="utf-8")
    names = re.findall(r'#num\("([^"]+)"\)', text)
    assert len(names) > 40
    assert made["reaction"]["others"]["apart"]["text"] == "one factor without Oracle 0.36 (0.10–0.60)"
    assert made["reaction"]["strained"]["text"] == "8 of Amazon and 4 of Oracle"
    assert made["reaction"]["estimates"]["giv"]["low"]["text"] == "−∞"
    for name in names:
        found: Any = made
        for part in name.split("."):
            found = found[part]
        assert set(found) == {"value", "text"}, name
