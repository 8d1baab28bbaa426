"""The exhibits and numbers of the clock draw what the model filed; made-up results, no fit."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_clock import numbers
from overbuild.exhibits.registry import HINDCAST, exhibit, make
from overbuild.exhibits.tables import save
from overbuild.locations import paper_dir

NAMES = {"telecom": 0.1, "railroads": 0.5, "cloud": 0.3, "shale": 0.06, "housing": 0.04}


def phase(mid: float) -> dict[str, float]:
    return {
        "q05": mid - 2, "q50": mid, "q95": mid + 1, "sd": 1.0, "prior_sd": 4.0,
        "past_peak": 0.2, "prior_past_peak": 0.4,
    }  # fmt: skip


def findings(today: str) -> dict[str, Any]:
    return {
        "today": today,
        "first": "2023Q1",
        "share": 2.2,
        "path": [{"period": today, "years": -0.25 * i, "share": 2.0 - 0.2 * i} for i in range(5)],
        "templates": [
            {
                "template": n, "title": f"The {n}", "rise": 0.7, "fall": 0.5, "weight": w,
                "prior_weight": 0.2,
                "phase": phase(-1.0), "height": {"mean": 2.0, "sd": 0.4},
            }
            for n, w in NAMES.items()
        ],
        "mixture": phase(-1.5),
        "telecom_year": {
            "q05": 1997.0, "q50": 1999.5, "q95": 2001.0, "prior_q05": 1992.0, "prior_q50": 1999.5,
            "prior_q95": 2007.0, "sd": 1.0, "prior_sd": 4.9, "past_peak": 0.2, "prior_past_peak": 0.5,
            "weight": 0.1, "prior_weight": 0.2, "years": [1999, 2000], "probability": [0.6, 0.4],
            "density": {"year": [1998.0, 2000.0, 2002.0], "density": [0.1, 0.3, 0.1], "prior": [0.06] * 3},
        },
        "scores": [{"origin": "2025Q4", "horizon": 2, "model": "telecom", "score": 1.0}],
        "mean_scores": [
            {"horizon": 2, "model": m, "score": s, "origins": 3}
            for m, s in [
                *((n, 0.1) for n in NAMES),
                ("mixture", 0.3), ("trend", 0.2), ("random_walk", 0.1), ("random_walk_with_drift", 0.9),
            ]
        ],
        "curves": [
            {"template": n, "years": [-1.0, 0.0, 1.0], "q05": [1.0] * 3, "q50": [2.0] * 3, "q95": [3.0] * 3}
            for n in NAMES
        ],
        "sensitivity": [
            {"what": w, "weights": dict(NAMES), "past_peak": p, "telecom_year": {"q50": 1999.0 + p}}
            for w, p in (("as set", 0.2), ("other", 0.4))
        ],
        "past_booms": [{"template": "shale", "truth": t, **phase(t)} for t in (-2.0, 0.0, 3.0)],
        "past_booms_summary": {
            "booms": 1, "brier": 0.1, "prior_brier": 0.25,
            "all": {"dates": 3, "held": 2, "coverage": 0.67, "error": 1.0, "constant_error": 2.0},
            "rising": {"dates": 2, "held": 1, "coverage": 0.5, "error": 1.0, "constant_error": 2.0},
        },
    }  # fmt: skip


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return {
        "estimate_clock_ai": {"findings": findings("2026Q2")},
        "estimate_clock_telecom": {"findings": findings("1998") | {"telecom_year": None}},
        "estimate_clock_telecom_full": {"findings": findings("2003") | {"telecom_year": None}},
        "hindcasts_clock": [
            {"as_of": f"{y}-12-31", "findings": findings(str(y - 1)) | {"telecom_year": None}}
            for y in range(1997, 2002)
        ],
    }


def given(identity: str, results: dict[str, Any]) -> Inputs:
    return Inputs({name: results[name] for name in exhibit(identity).needs})


def test_figure_draws_telecom_and_the_heaviest_templates(results: dict[str, Any]) -> None:
    made = make("one_clock", given("one_clock", results))
    assert isinstance(made, Figure)
    assert HINDCAST in made.note
    assert "2 of 3 intervals" in made.note
    drawn = set(where(made.data, panel="A")["what"])
    assert drawn == {"path", "telecom", "railroads", "cloud", "shale"}
    read = where(made.data, panel="C", what="truth")
    np.testing.assert_allclose(floats(read, "y"), floats(read, "x") - 2000)


def test_table_has_every_template_by_weight_and_every_rival(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("clock_weights", given("clock_weights", results))
    assert isinstance(made, Table)
    assert list(made.frame["what"][:5]) == [f"The {n}" for n in sorted(NAMES, key=lambda n: -NAMES[n])]
    assert len(made.frame) == len(NAMES) + 4
    assert "best is random walk with drift" in made.note
    assert floats(made.frame, "rise")[0] == pytest.approx(np.exp(0.7))
    save(made, tmp_path)


def test_every_number_of_the_section_is_defined(results: dict[str, Any]) -> None:
    made = {"clock": numbers(results)}
    text = (paper_dir() / "sections" / "clock.typ").read_text(encoding="utf-8")
    names = re.findall(r'#num\("([^"]+)"\)', text)
    between = re.findall(r'#between\("([^"]+)"(?:, low: "(\w+)", high: "(\w+)")?\)', text)
    names += [f"{n}.{end}" for n, low, high in between for end in (low or "low", high or "high")]
    assert len(names) > 40
    for name in names:
        found: Any = made
        for part in name.split("."):
            assert part in found, name
            found = found[part]
        assert set(found) == {"value", "text"}, name


def test_ranges_over_other_priors_are_their_ends(results: dict[str, Any]) -> None:
    made = numbers(results)
    assert made["other"]["past"]["low"]["value"] == 0.2
    assert made["other"]["year"]["high"]["text"] == "1999.4"
    assert made["scores"]["best"]["text"] == "random walk with drift"
