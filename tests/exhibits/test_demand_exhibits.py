"""The exhibits of demand and its quoted numbers, from a small result in the form in which fits are filed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_demand import numbers
from overbuild.exhibits.registry import HINDCAST, make
from overbuild.exhibits.tables import save


def band(middle: float) -> dict[str, float]:
    return {"q05": middle / 2, "q50": middle, "q95": 2 * middle, "mean": middle}


def answer(name: str, growth: float) -> dict[str, Any]:
    return {
        "source": name,
        "figures": 20,
        "change": growth - 1.6,
        "midpoint_passed": 0.1,
        "growth_now": band(growth),
        "factor_now": band(float(np.exp(growth))),
        "turned": 0.05,
        "multiple_by_horizon": band(10.0),
        "half_used": {"4": 0.0, "8": 0.1, "16": 0.3, "32": 0.6},
    }


def found(name: str, sources: dict[str, str], years: list[float]) -> dict[str, Any]:
    fan = {q: [100.0 * 2**k for k in range(len(years))] for q in ("q05", "q25", "q50", "q75", "q95")}
    point = {"low": 90.0, "high": 130.0, "used": True}
    stock = {"q05": 1.0, "q50": 2.0, "q95": None, "never": 0.2, "omega": 0.9}
    ways = dict.fromkeys(("as_is", "all_embodied", "all_disembodied"), stock)
    return {
        "index": {
            "name": name,
            "title": "Revenue of two",
            "unit": "u",
            "reference": "1997-12-31",
            "horizon": 2030,
        },
        "sources": [{"source": s, "title": t, "figures": 9} for s, t in sources.items()],
        "points": [{"source": s, "year": y, "value": 100.0, **point} for s in sources for y in years],
        "fan": {"year": years, **fan},
        "predicted": [
            {"source": s, "date": "x", "year": y + 1, "q05": 50.0, "q50": 90.0, "q95": 95.0 + 10 * k}
            for k, s in enumerate(sources)
            for y in years
        ],
        "growth": {"factor_now": band(2.0), "elasticity": {}, "claim": 1e-9},
        "turn": {"at_reference": 0.04, "prior": 0.05, "midpoint_passed": 0.06, "by_end_of": {"2028": 0.9}},
        "ceiling": {
            "multiple": band(9.0),
            "multiple_prior": band(9.0),
            "level": band(5e4),
            "ceiling": band(1e6),
            "learnt": 0.03,
            "bins": [0.0, 1.0, 2.0],
            "density_prior": [0.4, 0.6],
            "density": [0.5, 0.5],
        },
        "evidence": "prior-driven",
        "without": [answer("all", 1.6), *(answer(s, 1.7) for s in sources), answer("with_grade_c", 1.5)],
        "carrier": next(iter(sources)),
        "ceiling_prior": [
            {**answer("", 1.6), "median": m, "width": w, "posterior_median": m}
            for m, w in ((3e5, 1.0), (1e6, 1.0), (3e6, 1.0), (1e6, 0.5), (1e6, 1.5))
        ],
        "asymmetry": {"chip": ways, "fibre": ways},
        "dial": {
            "retrospect": "arithmetic in retrospect",
            "capacity_multiple": 500.0,
            "years": [1.0, 2.0, 3.0, 4.0],
            "readings": {
                r: {q: [2.0, 4.0, 8.0, 16.0] for q in ("q05", "q50", "q95")}
                for r in ("measured", "claimed", "claimed_without_ceiling")
            },
            "weights": [
                {"weight": w, "overbuilt": 1 - w, "overbuilt_with_ceiling": 1 - 0.3 * w}
                | {"after_measurements": w * 1e-9}
                for w in (0.0, 0.5, 1.0)
            ],
        },
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    laboratories = {"openai": "OpenAI", "anthropic": "Anthropic", "users": "Users"}
    ai = found("laboratories", laboratories, [2024.0, 2025.0, 2026.0])
    ai["cloud"] = {**found("cloud", {"aws": "AWS"}, [2025.0]), "figures": 77}
    ai["compute"] = {
        "quarter": "2025Q4",
        "growth": band(1.1),
        "demand_growth": band(1.5),
        "nvidia": {"quarter": "2026Q2", "growth": 0.9},
        "capex_growth": 0.5,
    }
    carriers = {"backbone": "US backbones", "esnet": "ESnet"}
    then = found("backbone", carriers, [1997.0, 1998.0])
    full = found("backbone", carriers, [1997.0, 1998.0, 1999.0, 2000.0])
    full["points"].append(
        {"source": "backbone", "year": 2003.0, "value": 1e5, "low": 7.9e4, "high": 1.31e5, "used": False}
    )
    years = range(1997, 2002)
    return {
        "estimate_demand_ai": {"as_of": "2026-11-22", "findings": ai},
        "estimate_demand_telecom": {"as_of": "1999-12-31", "findings": then},
        "estimate_demand_telecom_full": {"as_of": "2026-11-22", "findings": full},
        "hindcasts_demand": [{"as_of": f"{y}-12-31", "findings": then} for y in years],
    }


def given(results: dict[str, Any], *names: str) -> Inputs:
    return Inputs({n: results[n] for n in names})


def test_figure_draws_fans_figures_and_what_came_later(results: dict[str, Any]) -> None:
    needs = ("estimate_demand_ai", "estimate_demand_telecom", "estimate_demand_telecom_full")
    made = make("demand_curves", given(results, *needs))
    assert isinstance(made, Figure) and HINDCAST in made.note
    fan = where(where(made.data, panel="A"), kind="fan")
    assert floats(fan, "q50")[-1] == pytest.approx(0.4)
    backbone = where(where(made.data, panel="B"), kind="backbone")
    assert list(backbone["used"]) == [True, True, False, False, False]
    claim = floats(where(where(made.data, panel="B"), kind="claim"), "q50")
    assert claim[1] / claim[0] == pytest.approx(12.57, abs=0.02)
    capacity = floats(where(where(made.data, panel="D"), kind="capacity"), "q50")
    assert capacity[-1] == pytest.approx(500)


def test_table_of_sensitivity_has_a_row_a_fit(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("demand_sensitivity", given(results, "estimate_demand_ai"))
    assert isinstance(made, Table)
    assert list(made.frame["what"])[1] == "Without OpenAI" and len(made.frame) == 5 + 4
    assert "OpenAI" in made.note and "prior-driven" in made.note
    save(made, tmp_path)
    assert (tmp_path / "demand_sensitivity.typ").read_text()


def test_table_of_hindcasts_counts_what_came_inside(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("demand_hindcasts", given(results, "hindcasts_demand", "estimate_demand_telecom_full"))
    assert isinstance(made, Table) and HINDCAST in made.note and "79 to 131" in made.note
    assert list(made.frame["as_of"]) == [str(y) for y in range(1997, 2002)]
    assert made.frame["inside"].iloc[0] == "2 of 4"
    save(made, tmp_path)


def test_quoted_numbers_are_values_with_texts(results: dict[str, Any]) -> None:
    quoted = numbers(results)
    leaves = list(_leaves(quoted))
    assert len(leaves) > 60 and all(isinstance(x["text"], str) for x in leaves)
    assert quoted["coverage"]["figures"]["value"] == 20 and quoted["coverage"]["inside"]["value"] == 10
    assert quoted["telecom"]["dial"]["overbuilt"]["50"]["value"] == 0.5


def _leaves(tree: Any) -> Any:
    if "text" in tree and "value" in tree:
        yield tree
        return
    for branch in tree.values():
        yield from _leaves(branch)
