"""The exhibits and numbers of gap and contribution draw what was filed; made-up results, no fit."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits import numbers_contribution, numbers_gap
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.registry import HINDCAST, exhibit, make
from overbuild.exhibits.tables import save
from overbuild.locations import paper_dir

FIRMS = "revenue and cash flow"
TESTS = ("bounds_f", "bounds_t", "bounds_f_x", "engle_granger", "trace", "maximum_eigenvalue")


def row(
    perimeter: str, equation: str, on: str, unit: str, period: str, years: float, gap: float
) -> dict[str, Any]:
    return {
        "perimeter": perimeter, "equation": equation, "fundamentals": on, "unit": unit, "period": period,
        "years_since_take_off": years, "actual": 100e3 * (1 + gap), "implied": 100e3, "implied_low": 80e3,
        "implied_high": 120e3, "gap": gap, "gap_low": gap - 0.2, "gap_high": gap + 0.3,
        "gap_low_parameters": gap - 0.1, "gap_high_parameters": gap + 0.1, "share_above": 0.9,
    }  # fmt: skip


def p_values(perimeter: str, unit: str, on: str) -> list[dict[str, Any]]:
    return [
        {
            "perimeter": perimeter, "unit": unit, "fundamentals": on, "window": window, "periods": 40,
            "lags": 1, "draws": 2000, "test": test, "statistic": 3.0, "critical": 4.0,
            "p_value": 0.2 + 0.1 * (window == "through"),
            "rejects": False, "rejects_asymptotically": window == "through",
        }
        for window in ("before", "through")
        for test in TESTS
    ]  # fmt: skip


def era(name: str) -> dict[str, Any]:
    ai = name == "ai"
    periods = (
        [("2024Q4", 1.0), ("2025Q4", 2.0), ("2026Q2", 2.5)]
        if ai
        else [("1998", 2.0), ("2000", 4.0), ("2005", 9.0)]
    )
    quarters = periods if ai else [(f"{p}Q4", y) for p, y in periods]
    mine = "firms" if ai else "communications"
    unit = "sector" if ai else "United States"
    sets = (FIRMS, "revenue", "cash flow") if ai else ("gdp", "gdp and user cost")
    result = [
        row(mine, e, on, unit, p, y, 0.3 - 0.1 * i)
        for i, on in enumerate(sets)
        for e in (("error_correction", "pooled") if ai else ("error_correction",))
        for p, y in periods
    ]
    result += [row(mine, "accelerator", sets[0], unit, p, y, 0.1) for p, y in periods]
    result += [
        row("information_processing", e, "gdp", "United States", p, y, 0.05 * y)
        for e in ("error_correction", "accelerator")
        for p, y in quarters
    ]
    lead = "pooled" if ai else "error_correction"
    headline = [r for r in result if r["perimeter"] == mine and r["equation"] == lead][1 if not ai else 2]
    value = {"value": 1.0, "se": 0.1}
    columns = {FIRMS: ("revenue", "cash_flow"), "revenue": ("revenue",), "cash flow": ("cash_flow",)}
    return {
        "episode": name, "take_off": 2023 if ai else 1996, "headline": headline, "result": result,
        "estimates": [
            {"perimeter": mine, "unit": unit, "equation": "error_correction", "fundamentals": sets[0],
             "first": "2003Q1" if ai else "1947", "last": "2022Q4" if ai else "1996", "speed": -0.2,
             "long_run": {"gdp": value}}
        ],
        "tests": p_values(mine, "Microsoft" if ai else unit, sets[0]),
        "panels": [
            {"fundamentals": on, "pooled": dict.fromkeys(c, value), "mean_group": dict.fromkeys(c, value)}
            for on, c in columns.items()
        ] if ai else [],
    }  # fmt: skip


def cells() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for t in (40, 80):
        for speed, persistence in ((0.0, 0.0), (0.0, 0.5), (-0.3, 0.0)):
            cell = {"kind": "size", "periods": t, "speed": speed, "persistence": persistence, "count": 2000}
            cell |= {"draws": 299, "standard_error": 0.005, "equation": "error_correction"}
            cell |= {f"{name}_bootstrap": 0.05 for name in (*TESTS, "bounds_all")}
            made.append(cell | {f"{n}_published": 0.1 for n in TESTS if n not in ("bounds_t", "bounds_f_x")})
        for speed, equation in ((-0.3, "error_correction"), (0.0, "error_correction"), (0.0, "accelerator")):
            cell = {
                "kind": "coverage",
                "periods": t,
                "speed": speed,
                "persistence": 0.3,
                "equation": equation,
            }
            cell |= {
                f"{k}_{h}": v
                for k, v in (("full", 0.9), ("flat_prior", 0.8), ("plug_in", 0.6))
                for h in (4, 8, 12)
            }
            made.append(cell | {f"full_width_{h}": 1.0 for h in (4, 8, 12)})
    return made


def contribution(name: str) -> dict[str, Any]:
    ai = name == "ai"
    periods = ["2025Q1", "2025Q4", "2026Q1"] if ai else [str(y) for y in range(1995, 2002)]
    parts = (
        ("information_processing_equipment", "software", "datacentre_construction")
        if ai
        else ("computers", "software")
    )
    result = [
        {"component": c, "period": p, "tornqvist": 0.1 + 0.1 * i, "difference": None}
        for c in (*parts, "information_technology")
        for i, p in enumerate(periods)
    ]
    result += [
        {"component": "nonresidential_investment", "period": p, "tornqvist": 1.0, "difference": 0.01}
        for p in periods
    ] * ai
    latest = [
        {"component": c, "period": "2026Q1", "published": v, "tornqvist": v + 0.1, "difference": 0.1,
         "closing_revision": -0.011}
        for c, v in (("information_processing_equipment", 0.77), ("software", 0.52))
    ]  # fmt: skip
    bis = [
        {"statement": "bis", "perimeter": p, "before_from": "2014Q2", "before_to": "2022Q3", "since_to":
        until,
         "before": 0.35, "since": 0.4, "rise": 0.05, "said_before": 0.44, "said_since": 0.59,
         "could_be_seen": until == "2025Q3", "holds": False}
        for p in ("information_technology", "with_datacentre_construction", "with_research")
        for until in ("2025Q3", "2026Q1")
    ]  # fmt: skip
    names = (
        "furman_share",
        "furman_rest",
        "more_than_consumption",
        "half_of_dotcom_then",
        "half_of_dotcom_now",
    )
    years = ("2023", "2024", "2025") if ai else periods
    return {
        "result": result,
        "latest": latest if ai else [],
        "compared": [
            {"component": "nonresidential_investment", "periods": 64, "mean_absolute": 0.01, "largest": -0.2,
             "largest_in": "2020Q2", "mean": 0.03, "first": "2011", "last": "2017"}
        ],
        "windows": [
            {"component": "information_technology", "year": y, "tornqvist": 0.2 + 0.1 * i} for i, y in
            enumerate(years)
        ],
        "statements": [*bis, *({"statement": n, "said": 0.5, "found": 0.6, "holds": None} for n in names)],
        "revisions": [
            {"series": "datacentre_construction", "then": 40.0, "now": 50.0, "ratio": 0.25},
            {"series": "contribution_equipment", "then": 0.88, "now": 0.81, "ratio": -0.08},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    eras = {name: era(name) for name in ("ai", "telecom")}
    known = [{"as_of": f"{y}-12-31", **eras["telecom"]["headline"]} for y in range(1998, 2002)]
    return {
        "gap": {**eras, "known": known},
        "gap_experiments": {"cells": cells()},
        "contribution": {name: contribution(name) for name in ("ai", "telecom")},
    }


def given(identity: str, results: dict[str, Any]) -> Inputs:
    return Inputs({name: results[name] for name in exhibit(identity).needs})


def test_figure_sets_both_eras_on_one_clock(results: dict[str, Any]) -> None:
    made = make("fundamentals_gap", given("fundamentals_gap", results))
    assert isinstance(made, Figure) and HINDCAST in made.note
    assert set(made.data["panel"]) == {"A", "B"} and set(made.data["era"]) == {"ai", "telecom"}
    assert list(floats(where(made.data, panel="A", era="ai"), "years")) == [1.0, 2.0, 2.5]
    assert list(floats(where(made.data, panel="A", era="ai"), "gap")) == pytest.approx([0.3] * 3)


def test_figure_shows_every_equation_and_one_headline_an_era(results: dict[str, Any]) -> None:
    made = make("gap_variants", given("gap_variants", results))
    assert isinstance(made, Figure) and HINDCAST in made.note
    assert [len(where(made.data, era=e)) for e in ("ai", "telecom")] == [9, 5]
    assert [floats(where(made.data, era=e), "headline").sum() for e in ("ai", "telecom")] == [1, 1]
    assert set(where(made.data, era="telecom")["period"]) == {"2000", "2000Q4"}


def test_table_of_tests_has_both_windows(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("cointegration_tests", given("cointegration_tests", results))
    assert isinstance(made, Table) and HINDCAST in made.note
    assert list(floats(made.frame, "before_bounds_f")) == pytest.approx([0.2, 0.2])
    assert list(floats(made.frame, "through_trace")) == pytest.approx([0.3, 0.3])
    save(made, tmp_path)


def test_table_of_drawn_systems_has_size_and_coverage(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("gap_inference", given("gap_inference", results))
    assert isinstance(made, Table)
    size = made.frame.iloc[0]
    assert (size["published_40"], size["bootstrap_40"]) == (0.1, 0.05)
    assert (made.frame.iloc[-1]["published_80"], made.frame.iloc[-1]["bootstrap_80"]) == (0.6, 0.9)
    save(made, tmp_path)


def test_figure_of_contributions_marks_the_part_of_a_year(results: dict[str, Any]) -> None:
    made = make("growth_contributions", given("growth_contributions", results))
    assert isinstance(made, Figure) and HINDCAST in made.note
    last = where(made.data, panel="B ai").iloc[-1]
    assert last["period"] == "2026" and "part of the year" in last["component"]
    assert last["value"] == pytest.approx(0.3)
    assert np.allclose(floats(where(made.data, panel="C"), "value"), 0.01)


def test_table_of_statements_says_what_holds(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("contribution_statements", given("contribution_statements", results))
    assert isinstance(made, Table) and HINDCAST in made.note
    assert list(made.frame["holds"][:3]) == ["revised", "revised", "no"] and "later" in set(
        made.frame["holds"]
    )
    assert made.frame["said"].iloc[0] == "0.77" and "1.1" in made.note
    save(made, tmp_path)


@pytest.mark.parametrize("part", ["gap", "contribution"])
def test_every_number_of_the_section_is_defined(part: str, results: dict[str, Any]) -> None:
    made = {"gap": numbers_gap.numbers(results), "contribution": numbers_contribution.numbers(results)}
    text = (paper_dir() / "sections" / f"{part}.typ").read_text(encoding="utf-8")
    names = re.findall(r'#num\("([^"]+)"\)', text)
    names += [f"{n}.{end}" for n in re.findall(r'#between\("([^"]+)"\)', text) for end in ("low", "high")]
    assert len(names) > 30
    for name in names:
        found: Any = made
        for key in name.split("."):
            assert key in found, name
            found = found[key]
        assert set(found) == {"value", "text"}, name
